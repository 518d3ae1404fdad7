// SPDX-License-Identifier: Apache-2.0

package briefing

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"openline/agreement"
	"openline/internal/desk/brief"
	"openline/internal/desk/contact"
	"openline/internal/station"
	"openline/line"
	"openline/line/linetest"
	"openline/record"
)

var histories = flag.Uint64("histories", 300, "random histories of a line and of contacts")

// unsigned holds no signature of anybody: what is reckoned is left out.
type unsigned struct{}

func (unsigned) FirstShown(record.PartyNo, record.PartyNo, uint32, uint64) (line.Signature, bool) {
	return line.Signature{}, false
}
func (unsigned) Newest(record.PartyNo) (line.Signature, bool) { return line.Signature{}, false }
func (unsigned) Missing(record.PartyNo) uint64                { return 0 }

// On random histories of the affairs' phrases with mirrored contact books,
// both sides' briefs are each other's mirror image: every number, every state
// and every sentence.
func TestBothSidesAgree(t *testing.T) {
	words, err := brief.Language("en")
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]bool{}
	for seed := range *histories {
		w := linetest.Random(t, seed, 2+int(seed%2), 0, false)
		f := w.Fold(t, w.Cut(), linetest.First)
		rng := rand.New(rand.NewPCG(seed, 11))
		us, them := book(rng, w)
		at := time.Unix(int64(w.Now), 0).UTC().Add(time.Duration(rng.IntN(5)) * 24 * time.Hour)
		a, b := sideOf(t, f, w, 0, at, us, words), sideOf(t, f, w, 1, at, them, words)
		x, y := plain(t, a), flip(plain(t, b)).(map[string]any)
		delete(x, "sentences")
		delete(y, "sentences")
		if p, q := settled(x), settled(y); p != q {
			t.Fatalf("seed %d: no mirror image:\n%s", seed, differ(p, q))
		}
		p, q := texts(a, false), texts(b, true)
		if !slices.Equal(p, q) {
			t.Fatalf("seed %d: the sentences are no mirror image:\n%s", seed, differ(strings.Join(p, "\n"), strings.Join(q, "\n")))
		}
		for _, s := range a.Sentences {
			said[s.Part] = true
			if len(s.Sources) == 0 || strings.Contains(s.Text, "<no value>") || strings.Contains(s.Text, "[") {
				t.Fatalf("seed %d: %+v", seed, s)
			}
		}
	}
	for _, part := range []string{"owed", "awaited", "suspended", "contact", "asked", "counterpart", "ahead", "dialogue", "incident", "new"} {
		if !said[part] {
			t.Errorf("no history says anything of %s", part)
		}
	}
}

// book draws a book of contacts and the other side's of the same events.
func book(rng *rand.Rand, w *linetest.World) (us, them []contact.Contact) {
	pick := func(list ...string) string { return list[rng.IntN(len(list))] }
	for range rng.IntN(30) {
		c := contact.Contact{Kind: pick("contact", "invitation", "meeting", "statement", "incident", "test", "visit"), Level: pick(contact.Levels...), Channel: pick("phone", "video", ""),
			Outcome: pick("held", "delivered", "unanswered", "declined", "cancelled", "answered", "redirected", "unknown"), Asked: pick("ours", "theirs", "unknown"),
			Ours: "blue " + pick("minister", "chairman"), Theirs: "red " + pick("minister", "chairman"), Subject: pick("defence", "counterpart", "dialogue on rules", "", "counterpart"),
			Source: pick("Gazette", "Courier", "Herald"), Attribution: pick("press", "official"), ReportedBy: pick("a blue person", "a red person", "somebody"), Quote: pick("", "words"),
			Record: pick("", "", fmt.Sprintf("blue/%d", 1+rng.IntN(9)))}
		if rng.IntN(4) > 0 {
			at := time.Unix(int64(w.Now), 0).UTC().Add(time.Duration(rng.IntN(200)-150) * 12 * time.Hour)
			c.Date = contact.Time{At: at.Truncate(24 * time.Hour), Day: true}
		}
		if rng.IntN(3) == 0 {
			c.Learned = contact.Time{At: time.Unix(int64(w.Now), 0).UTC().Add(-time.Duration(rng.IntN(100)) * time.Hour)}
		}
		us = append(us, c)
		c.Ours, c.Theirs = c.Theirs, c.Ours
		c.Asked = map[string]string{"ours": "theirs", "theirs": "ours", "unknown": "unknown"}[c.Asked]
		them = append(them, c)
	}
	return us, them
}

// sideOf makes the brief of the party at a place.
func sideOf(t *testing.T, f *line.Fold, w *linetest.World, place int, at time.Time, contacts []contact.Contact, words *brief.Words) *brief.Brief {
	t.Helper()
	me, peer := w.Numbers[place], w.Numbers[1-place]
	label := func(p record.PartyNo) string { return linetest.Labels[slices.Index(w.Numbers, p)] }
	hour := record.Stamp(at.Unix())
	affairs, err := station.AffairsOf(f, unsigned{}, me, hour, func(uint32) []string { return agreement.Floor })
	if err != nil {
		t.Fatal(err)
	}
	r := reading{us: me, them: peer, hour: hour, affairs: affairs, short: label}
	for _, p := range w.Numbers {
		for _, post := range []string{"minister", "chairman", "watch"} {
			r.posts = append(r.posts, station.Post{Party: p, ID: post, Office: label(p) + " " + post})
		}
	}
	in := brief.Input{Line: "l", Ours: brief.Side{Title: "The state of " + label(me)}, Theirs: brief.Side{Title: "The state of " + label(peer)}, At: at, Since: at.AddDate(0, 0, -20), Contacts: contacts, Rooms: r.rooms()}
	in.Requests, _ = r.asked()
	b := brief.Of(in, words, words.Line())
	if n := f.Await(peer, me); b.Offices.AwaitUs > n {
		t.Fatalf("%d await us on the page, %d by the fold", b.Offices.AwaitUs, n)
	}
	return b
}

func plain(t *testing.T, b *brief.Brief) map[string]any {
	t.Helper()
	raw, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// The words that are each other's mirror image, as keys and as values.
var (
	keys = map[string]string{"ours": "theirs", "theirs": "ours", "await_us": "await_them", "await_them": "await_us", "owed": "awaited", "awaited": "owed", "asked_us": "asked_them", "asked_them": "asked_us"}
	vals = map[string]string{"ours": "theirs", "theirs": "ours", "stated by ours": "stated by theirs", "stated by theirs": "stated by ours"}
)

// flip gives the mirror image of a brief as data.
func flip(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		if posts, ok := v["ours_posts"]; ok { // a matter of counterparts: lists on both sides
			out["ours_posts"], out["theirs"] = v["theirs"], posts
			names := make([]string, 0)
			for _, n := range v["theirs"].([]any) {
				names = append(names, n.(string))
			}
			out["ours"] = strings.Join(names, "; ")
		}
		if them, ok := v["from_them"].(map[string]any); ok {
			mine := map[string]any{}
			for _, k := range []string{"sent", "delivered", "answered", "declined", "redirected"} {
				out[k], mine[k] = them[k], v[k]
			}
			out["from_them"], out["received"] = mine, v["sent"]
		}
		if _, ok := v["received"]; ok && v["from_them"] == nil { // soundings
			return map[string]any{"sent": v["received"], "received": v["sent"]}
		}
		for k, e := range v {
			to := k
			if keys[k] != "" {
				to = keys[k]
			}
			if _, done := out[to]; done {
				continue
			}
			if us, ok := e.(bool); ok && k == "ours" { // of an attempt: who asked
				if v["asker"] == "unknown" {
					out["ours"] = us
				} else {
					out["ours"] = !us
				}
				continue
			}
			out[to] = flip(e)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = flip(e)
		}
		return out
	case string:
		if vals[v] != "" {
			return vals[v]
		}
	}
	return v
}

// settled writes data with its lists in one order. What rests on signatures
// that one side holds is left out, and of an invitation whose asker is not
// known, which post is written first.
func settled(v any) string {
	switch v := v.(type) {
	case map[string]any:
		var parts []string
		for _, k := range slices.Sorted(maps.Keys(v)) {
			if k == "delivered" || k == "receipt" || (k == "from" || k == "to") && v["asker"] == "unknown" {
				continue
			}
			parts = append(parts, k+":"+settled(v[k]))
		}
		return "{" + strings.Join(parts, " ") + "}"
	case []any:
		var parts []string
		for _, e := range v {
			parts = append(parts, settled(e))
		}
		slices.Sort(parts)
		return "[" + strings.Join(parts, "\n ") + "]"
	case string:
		names := strings.Split(v, "; ")
		slices.Sort(names)
		return strings.Join(names, "; ")
	}
	var b bytes.Buffer
	if err := json.NewEncoder(&b).Encode(v); err != nil {
		return err.Error()
	}
	return strings.TrimSpace(b.String())
}

var mirrored = map[string]string{"we": "they", "they": "we", "We": "They", "They": "We", "us": "them", "them": "us", "our": "their", "their": "our", "Our": "Their", "Their": "Our", "ours": "theirs", "theirs": "ours"}

// texts are the sentences that are not of one station's own sight, each as
// its words in one order, which side is named first being no matter.
func texts(b *brief.Brief, flipped bool) (out []string) {
	for _, s := range b.Sentences {
		if s.Part == "wire" || s.Part == "watch" || s.Part == "offices" {
			continue
		}
		words := strings.FieldsFunc(s.Text, func(r rune) bool { return strings.ContainsRune(" .,;:()“”", r) })
		for i, w := range words {
			if flipped && mirrored[w] != "" {
				words[i] = mirrored[w]
			}
		}
		slices.Sort(words)
		out = append(out, strings.Join(words, " "))
	}
	slices.Sort(out)
	return out
}

// differ shows the lines that only one of two has.
func differ(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	var out []string
	for _, l := range x {
		if !slices.Contains(y, l) {
			out = append(out, "- "+l)
		}
	}
	for _, l := range y {
		if !slices.Contains(x, l) {
			out = append(out, "+ "+l)
		}
	}
	return strings.Join(out, "\n")
}
