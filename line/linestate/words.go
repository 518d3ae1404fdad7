// SPDX-License-Identifier: Apache-2.0

package linestate

import (
	"bytes"
	"embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"openline/record"
)

//go:embed data/*.toml
var data embed.FS

// placeholders is every sentence a language has to say, and what stands in
// it: all of these and no other.
var placeholders = withClocks(map[string][]string{
	"wire.carried": {"n", "m"}, "wire.unsigned": {"since"}, "wire.unreceipted": {}, "wire.cut": {"since"}, "wire.never": {}, "wire.histories": {},
	"watch.person": {"since"}, "watch.machine": {"since"}, "watch.machine.only": {}, "watch.closed": {"since"}, "watch.closed.open-ended": {}, "watch.unknown": {},
	"offices.quiet": {}, "offices.await": {"await_them", "await_us", "oldest"}, "offices.await.them": {"await_them", "oldest"}, "offices.await.us": {"await_us"},
	"offices.noreply": {"date", "await_them", "await_us", "oldest"}, "offices.never": {"await_them", "await_us", "oldest"},

	"plain.wire": {}, "plain.watch": {}, "plain.noreply": {"date"},

	"reason.bearer.up": {"name"}, "reason.bearer.down": {"name"}, "reason.receipt": {"at"}, "reason.person": {"at"}, "reason.machine": {"at"},
	"reason.hours.open": {"at"}, "reason.hours.closed": {"at"}, "reason.await.them": {"await_them", "at"}, "reason.await.us": {"await_us"}, "reason.reply": {"at"},
})

// counts are what has plural forms.
var counts = []string{"await_them", "await_us", "records"}

// withClocks adds what is said of a clock, theirs and ours.
func withClocks(all map[string][]string) map[string][]string {
	for _, who := range []string{"clock.theirs", "clock.ours"} {
		for k, in := range map[string][]string{
			clockNotReceipted: {}, clockRunning: {"due"}, clockHeld: {"due"}, clockPast: {"due", "shown"}, clockUnsigned: {"due"},
			clockMissing: {"records", "due"}, clockReplied: {"replied"},
		} {
			all[who+k] = in
		}
	}
	return all
}

type document struct {
	Plurals  string                       `toml:"plurals"`
	Months   []string                     `toml:"months"`
	RTL      bool                         `toml:"rtl"`   // written from right to left
	First    string                       `toml:"first"` // how the first day of a month is written
	Date     string                       `toml:"date"`
	DateYear string                       `toml:"date_year"`
	Mirror   [][]string                   `toml:"mirror"` // words of ours for words of theirs, for the test of the mirror image
	Sentence map[string]string            `toml:"sentence"`
	Count    map[string]map[string]string `toml:"count"`
}

// Words are the sentences of one language.
type Words struct{ doc document }

// Language loads the words of a language; one that lacks a sentence, a
// plural form or a placeholder is an error.
func Language(tag string) (*Words, error) {
	b, err := data.ReadFile("data/" + tag + ".toml")
	if err != nil {
		return nil, fmt.Errorf("the state of a line has no words in %q", tag)
	}
	w, err := parse(b)
	if err != nil {
		return nil, fmt.Errorf("words of the state of a line in %s: %w", tag, err)
	}
	return w, nil
}

func parse(b []byte) (*Words, error) {
	var w Words
	if err := toml.NewDecoder(bytes.NewReader(b)).DisallowUnknownFields().Decode(&w.doc); err != nil {
		return nil, err
	}
	if len(w.doc.Months) != 12 {
		return nil, fmt.Errorf("there are %d months", len(w.doc.Months))
	}
	for key, names := range placeholders {
		s, ok := w.doc.Sentence[key]
		if !ok {
			return nil, fmt.Errorf("%s is missing", key)
		}
		if err := checkPlaceholders(s, names); err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
	}
	if len(w.doc.Sentence) != len(placeholders) {
		return nil, fmt.Errorf("there are %d sentences, %d are known", len(w.doc.Sentence), len(placeholders))
	}
	forms, ok := pluralForms[w.doc.Plurals]
	if !ok {
		return nil, fmt.Errorf("plural rule %q is not known", w.doc.Plurals)
	}
	for _, name := range counts {
		table := w.doc.Count[name]
		for _, form := range forms {
			if err := checkPlaceholders(table[form], []string{"n"}); table[form] == "" || err != nil && form == "other" {
				return nil, fmt.Errorf("count %s needs a form %q with {n}", name, form)
			}
		}
		if table["none"] == "" {
			return nil, fmt.Errorf("count %s needs a form for none", name)
		}
	}
	return &w, nil
}

// checkPlaceholders requires each of the names and no other.
func checkPlaceholders(s string, names []string) error {
	for _, n := range names {
		if !strings.Contains(s, "{"+n+"}") {
			return fmt.Errorf("{%s} is not used", n)
		}
	}
	for rest := s; ; {
		_, after, found := strings.Cut(rest, "{")
		if !found {
			return nil
		}
		name, tail, closed := strings.Cut(after, "}")
		if !closed || !slices.Contains(names, name) {
			return fmt.Errorf("{%s} is not known", name)
		}
		rest = tail
	}
}

// Languages lists the languages there are words in.
func Languages() []string {
	entries, err := data.ReadDir("data")
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range entries {
		out = append(out, strings.TrimSuffix(e.Name(), ".toml"))
	}
	return out
}

// Say writes a sentence. Hours are UTC; what is not known is a dash.
func (w *Words) Say(s Sentence) string {
	return w.fill(string(s.Kind), map[string]string{
		"since": stamp(s.Since), "date": w.date(s.Since, 0), "oldest": stamp(s.Oldest), "n": strconv.Itoa(s.N), "m": strconv.Itoa(s.M),
		"await_them": w.count("await_them", s.N), "await_us": w.count("await_us", s.M),
	})
}

// SayReason writes one ground of a sentence.
func (w *Words) SayReason(r Reason) string {
	return w.fill(string(r.Kind), map[string]string{
		"at": stamp(r.At), "name": r.Name, "await_them": w.count("await_them", r.N), "await_us": w.count("await_us", r.N),
	})
}

// Plain says the state in as few words as a duty officer would, one sentence
// each; now tells whether a date needs its year.
func (w *Words) Plain(s State, now record.Stamp) [3]string {
	out := [3]string{w.Say(s.Wire), w.Say(s.Watch), w.Say(s.Offices)}
	if s.Wire.Kind == WireCarried {
		out[0] = w.doc.Sentence["plain.wire"]
	}
	if s.Watch.Kind == WatchPerson {
		out[1] = w.doc.Sentence["plain.watch"]
	}
	if s.Offices.Kind == OfficesNoReply {
		out[2] = w.fill("plain.noreply", map[string]string{"date": w.date(s.Offices.Since, now)})
	}
	return out
}

// pieces are what is put in as it is, an hour or a number or a name. From
// right to left each is isolated: its digits and dashes would change places
// with the words around them.
var pieces = []string{"since", "oldest", "at", "due", "shown", "replied", "n", "m", "name"}

// fill puts values into a sentence; the values are not looked at again.
func (w *Words) fill(key string, values map[string]string) string {
	var pairs []string
	for k, v := range values {
		if w.doc.RTL && slices.Contains(pieces, k) {
			v = "\u2068" + v + "\u2069"
		}
		pairs = append(pairs, "{"+k+"}", v)
	}
	return strings.NewReplacer(pairs...).Replace(w.doc.Sentence[key])
}

func (w *Words) count(name string, n int) string {
	table := w.doc.Count[name]
	if n == 0 {
		return table["none"]
	}
	return strings.ReplaceAll(table[plural(w.doc.Plurals, n)], "{n}", strconv.Itoa(n))
}

const unknown = "–"

func stamp(t record.Stamp) string {
	if t == 0 {
		return unknown
	}
	return time.Unix(int64(t), 0).UTC().Format("2006-01-02 15:04Z")
}

// date writes a day, with its year if that is not the one of the other time.
func (w *Words) date(t, other record.Stamp) string {
	if t == 0 {
		return unknown
	}
	d := time.Unix(int64(t), 0).UTC()
	day, pattern := strconv.Itoa(d.Day()), w.doc.DateYear
	if d.Year() == time.Unix(int64(other), 0).UTC().Year() {
		pattern = w.doc.Date
	}
	if d.Day() == 1 && w.doc.First != "" {
		day = w.doc.First
	}
	return strings.NewReplacer("{day}", day, "{month}", w.doc.Months[d.Month()-1], "{year}", strconv.Itoa(d.Year())).Replace(pattern)
}
