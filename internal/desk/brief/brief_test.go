// SPDX-License-Identifier: Apache-2.0

package brief

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"openline/internal/desk/contact"
	"openline/line/linestate"
)

func story(t *testing.T) []contact.Contact {
	t.Helper()
	b, err := os.ReadFile("../../story/affair/contacts.csv")
	if err != nil {
		t.Fatal(err)
	}
	list, err := contact.Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

var (
	us = Side{Title: "Department of Defense, United States of America", Short: "us", Posts: []string{
		"Secretary of Defense", "Office of the Secretary of Defense", "Chairman of the Joint Chiefs of Staff", "US Indo-Pacific Command", "US 7th Fleet",
		"Department of Defense", "Press Secretary, Department of Defense", "Deputy Assistant Secretary of Defense (China)"}}
	cn = Side{Title: "Ministry of National Defense, People's Republic of China", Short: "cn", Posts: []string{
		"Minister of National Defense", "Vice Chairman, Central Military Commission", "Chief, CMC Joint Staff Department", "CMC Office for International Military Cooperation",
		"Ministry of National Defense", "Spokesperson, Ministry of National Defense", "PLA Navy", "PLA Air Force", "PLA Eastern Theater Command", "PLA Southern Theater Command",
		"International Institute for Strategic Studies (organiser)"}}
)

func english(t testing.TB) (*Words, *linestate.Words) {
	t.Helper()
	w, err := Language("en")
	if err != nil {
		t.Fatal(err)
	}
	three, err := linestate.Language("en")
	if err != nil {
		t.Fatal(err)
	}
	return w, three
}

func briefAt(t *testing.T, day string, list []contact.Contact) *Brief {
	t.Helper()
	d, err := time.Parse(time.DateOnly, day)
	if err != nil {
		t.Fatal(err)
	}
	w, three := english(t)
	since, _ := time.Parse(time.DateOnly, "2021-01-20")
	return Of(Input{Line: "dtl", Ours: us, Theirs: cn, At: d.Add(24*time.Hour - time.Second), Since: since, Contacts: list}, w, three)
}

// What the press had to dig out on 21 May 2021, computed from the rows.
func TestTheStoryOnTheDayOfTheReport(t *testing.T) {
	b := briefAt(t, "2021-05-21", story(t))
	p := b.LastContact[contact.LevelPrincipal]
	if p == nil || *p.Date != "2020-08-06" || *p.Days != 288 || p.Theirs != "Minister of National Defense" {
		t.Errorf("principals: %+v", p)
	}
	vice := slices.IndexFunc(b.Pairs, func(p Pair) bool { return strings.HasPrefix(p.Theirs, "Vice Chairman") })
	if vice < 0 || *b.Pairs[vice].Last.Days != 1058 {
		t.Errorf("secretary and vice chairman: %+v", b.Pairs)
	}
	if s := b.LastContact[contact.LevelSenior]; s == nil || s.Date != nil || s.Days != nil || s.Ours != "Chairman of the Joint Chiefs of Staff" {
		t.Errorf("senior: %+v", s)
	}
	if w := b.LastContact[contact.LevelWorking]; w == nil || *w.Date != "2021-01-27" || *w.Days != 114 {
		t.Errorf("working: %+v", w)
	}
	if b.LastContact[contact.LevelWatch] != nil {
		t.Errorf("watch: %+v, but none is known from the public record", b.LastContact[contact.LevelWatch])
	}
	v := b.Invitations
	if v.Sent == nil || *v.Sent != 3 || *v.Answered != 0 || *v.Declined != 0 || *v.Redirected != 0 || v.Delivered != nil || len(v.Open) != 3 || v.Open[0].Asked != nil || v.Open[0].Came != nil {
		t.Errorf("invitations: %+v", v)
	}
	if len(b.Counterparts) != 1 || b.Counterparts[0].State != PairOurs {
		t.Errorf("counterparts: %+v", b.Counterparts)
	}
	if b.Incidents.Count == nil || *b.Incidents.Count != 18 {
		t.Errorf("incidents: %+v", b.Incidents)
	}
	if got := fmt.Sprint(b.Incidents.ByMonth); got != "[{2021-01 2} {2021-02 5} {2021-03 2} {2021-04 7} {2021-05 2}]" {
		t.Errorf("by month: %s", got)
	}
	if b.Incidents.Open != nil {
		t.Error("whether an incident nobody exchanged a word about is open is not known")
	}
	if len(b.Opportunities) != 2 || b.Opportunities[0].State != "cancelled" || b.Opportunities[1].State != "cancelled" {
		t.Errorf("ahead: %+v", b.Opportunities)
	}
	if i := slices.IndexFunc(b.Dialogues, func(d Dialogue) bool { return d.Subject == "maritime safety" }); i < 0 || b.Dialogues[i].State != "not held, told differently" || len(b.Dialogues[i].Accounts) != 2 {
		t.Errorf("dialogues: %+v", b.Dialogues)
	}
	if i := slices.IndexFunc(b.Dialogues, func(d Dialogue) bool { return strings.HasPrefix(d.Ours, "Secretary of State") }); i < 0 || !b.Dialogues[i].Context {
		t.Errorf("Alaska is context, shown and never counted: %+v", b.Dialogues)
	}
}

// The same page as it stands later: nothing is known before it was learned.
func TestTheStoryAsItBecameKnown(t *testing.T) {
	if b := briefAt(t, "2021-05-26", story(t)); b.Counterparts[0].State != PairDiffers {
		t.Errorf("26 May: %+v", b.Counterparts[0])
	}
	if b := briefAt(t, "2021-05-22", story(t)); b.Counterparts[0].State != PairOurs {
		t.Errorf("22 May: the other view was not public: %+v", b.Counterparts[0])
	}
	if s := briefAt(t, "2021-09-30", story(t)).LastContact[contact.LevelSenior]; s == nil || *s.Date != "2021-01-08" {
		t.Errorf("30 September: %+v", s)
	}
	if p := briefAt(t, "2022-06-30", story(t)).LastContact[contact.LevelPrincipal]; *p.Date != "2022-06-10" || p.Theirs != "Minister of National Defense" {
		t.Errorf("June 2022: %+v", p)
	}
}

func TestUnknownIsNeverZero(t *testing.T) {
	b := briefAt(t, "2021-05-21", nil)
	j, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"sent":null`, `"principal":null`, `"count":null`, `"due":null`, `"open":[]`, `"trend":null`} {
		if !strings.Contains(string(j), want) {
			t.Errorf("%s is missing in %s", want, j)
		}
	}
	text := b.Text(mustWords(t), us, cn, Form{})
	if strings.Count(strings.ToLower(text), "none known to this station") < 5 || regexp.MustCompile(`\b0\b`).MatchString(strings.ReplaceAll(text, "[0", "")) {
		t.Errorf("a page of which nothing is known:\n%s", text)
	}
}

func mustWords(t testing.TB) *Words {
	w, _ := english(t)
	return w
}

// Every sentence has its source, and none lacks its words.
func TestEverySentenceHasASource(t *testing.T) {
	b := briefAt(t, "2021-05-26", story(t))
	for _, s := range b.Sentences {
		if len(s.Sources) == 0 || strings.Contains(s.Text, "<no value>") || strings.HasPrefix(s.Text, "[") {
			t.Errorf("%+v", s)
		}
	}
}

var evaluative = regexp.MustCompile(`(?i)\b(refus|ignor|fail|violat|aggressi|provok|hostile|unfriendly)`)

// Words that evaluate occur only inside quotes.
func TestNoSentenceOfOursEvaluates(t *testing.T) {
	for _, s := range briefAt(t, "2021-05-26", story(t)).Sentences {
		if own := regexp.MustCompile(`“[^”]*”`).ReplaceAllString(s.Text, ""); evaluative.MatchString(own) {
			t.Errorf("%q", s.Text)
		}
	}
}

// Swap the parties and the page is its mirror image.
func TestMirrorImage(t *testing.T) {
	w, three := english(t)
	rapid.Check(t, func(t *rapid.T) {
		posts := rapid.SampledFrom([]string{"Alpha Minister", "Alpha Chief", "Alpha Office"})
		others := rapid.SampledFrom([]string{"Beta Minister", "Beta Chief", "Beta Office"})
		one := rapid.Custom(func(t *rapid.T) contact.Contact {
			d := contact.Time{At: time.Date(2021, 1, rapid.IntRange(1, 200).Draw(t, "day"), 0, 0, 0, 0, time.UTC), Day: true}
			if rapid.Bool().Draw(t, "undated") {
				d = contact.Time{}
			}
			return contact.Contact{Date: d, Kind: rapid.SampledFrom([]string{"contact", "invitation", "meeting", "statement", "incident", "test"}).Draw(t, "kind"),
				Level: rapid.SampledFrom(contact.Levels).Draw(t, "level"), Ours: posts.Draw(t, "ours"), Theirs: others.Draw(t, "theirs"), Channel: "phone",
				Outcome: rapid.SampledFrom([]string{"held", "delivered", "unanswered", "declined", "cancelled", "answered", "unknown"}).Draw(t, "outcome"),
				Asked:   rapid.SampledFrom([]string{"ours", "theirs", "unknown"}).Draw(t, "asked"), Subject: "s", Source: "src", Attribution: "press",
				ReportedBy: rapid.SampledFrom([]string{"Alpha person", "Beta person"}).Draw(t, "by")}
		})
		list := rapid.SliceOfN(one, 0, 12).Draw(t, "contacts")
		swapped := make([]contact.Contact, len(list))
		for i, c := range list {
			c.Ours, c.Theirs = c.Theirs, c.Ours
			c.Asked = map[string]string{"ours": "theirs", "theirs": "ours", "unknown": "unknown"}[c.Asked]
			swapped[i] = c
		}
		at := time.Date(2021, 5, 21, 23, 59, 59, 0, time.UTC)
		a := Of(Input{Ours: Side{Title: "Alpha"}, Theirs: Side{Title: "Beta"}, At: at, Contacts: list}, w, three)
		b := Of(Input{Ours: Side{Title: "Beta"}, Theirs: Side{Title: "Alpha"}, At: at, Contacts: swapped}, w, three)
		if x, y := fmt.Sprint(deref2(a.Incidents.Count), deref2(a.Tests.Due)), fmt.Sprint(deref2(b.Incidents.Count), deref2(b.Tests.Due)); x != y {
			t.Fatalf("%s is not %s", x, y)
		}
		if deref2(a.Invitations.Sent) != deref2(b.Invitations.Received) || deref2(a.Invitations.Received) != deref2(b.Invitations.Sent) {
			t.Fatalf("sent %v received %v, mirrored %v %v", a.Invitations.Sent, a.Invitations.Received, b.Invitations.Sent, b.Invitations.Received)
		}
		for _, l := range contact.Levels {
			p, q := a.LastContact[l], b.LastContact[l]
			if (p == nil) != (q == nil) || p != nil && (p.Ours != q.Theirs || p.Theirs != q.Ours || deref(p.Date) != deref(q.Date)) {
				t.Fatalf("%s: %+v is not the mirror of %+v", l, p, q)
			}
		}
	})
}

func deref2(n *int) int {
	if n == nil {
		return -1
	}
	return *n
}

// What was imported cannot break the page.
func TestHostileTextIsHarmless(t *testing.T) {
	c := contact.Contact{Kind: "contact", Level: "principal", Ours: "<script>\u202eevil", Theirs: "*b*\n# head", Outcome: "held", Source: "s", Attribution: "press", Asked: "unknown"}
	b := briefAt(t, "2021-05-21", nil)
	w, three := english(t)
	b = Of(Input{Ours: Side{Title: "A"}, Theirs: Side{Title: "B"}, At: b.AsOf.Time, Contacts: []contact.Contact{c}}, w, three)
	for _, page := range []string{b.Markdown(w, Side{Title: "A"}, Side{Title: "B"}, Form{}), b.Text(w, Side{Title: "A"}, Side{Title: "B"}, Form{})} {
		if strings.ContainsRune(page, '\u202e') || strings.Contains(page, "\n# head") {
			t.Errorf("page:\n%s", page)
		}
	}
	if md := b.Markdown(w, Side{Title: "A"}, Side{Title: "B"}, Form{}); strings.Contains(md, "<script>") {
		t.Errorf("markdown:\n%s", md)
	}
}
