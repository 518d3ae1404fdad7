// SPDX-License-Identifier: Apache-2.0

package extract

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"openline/extract/layout"
	"openline/record"
)

// Thing is what an extract about a thing shows of it: what opened it, when
// the others say that they held that, and what was said about it since. It
// says nothing of what was not opened.
type Thing struct {
	Name    record.Ref
	Asks    bool // it asks for a reply that counts as one
	Step    int  // the step that lets nothing be said; 0: it stands
	Reason  string
	Opening *Told
	Said    []Told       // about it, by time
	More    uint64       // of these, not listed
	Begins  record.Stamp // of a window that the opening record announces; 0: none
	Closed  uint64       // records of the logs shown that are not opened

	place layout.Place
	hash  [32]byte
}

// Told is a record with what it was said by and to.
type Told struct {
	RecordReport
	Gloss string // what the phrase means, as the catalogue has it; empty: unknown
	From  string // the post that spoke
}

const maxTold = 1000

// thing finds the leaf that opens it.
func (v *verifier) thing() error {
	at := v.t.Request
	l := v.logs[at.Log]
	if l == nil || !l.shown || at.Index >= l.size {
		return layout.Faultf(layout.TitleName, 3, "the thing is in no log that is shown")
	}
	t := &Thing{place: at, Name: record.ByNumber(at.Log.Party, l.card.Base+at.Index)}
	v.report.Thing = t
	err := v.walk(l, func(s *shown) (bool, error) {
		if s.index == at.Index {
			t.hash = s.hash
		}
		return s.index < at.Index, nil
	})
	l.walked = false // it is gone through again, and whole
	return err
}

// tell takes a record that opens the thing or is about it.
func (v *verifier) tell(s *shown, one RecordReport) {
	t := v.report.Thing
	opens := s.log.id == t.place.Log && s.index == t.place.Index
	about := s.leaf.About
	if !opens && (about.Party != t.Name.Party || about != t.Name && (about.Number != 0 || about.Hash != t.hash)) {
		return
	}
	told := Told{RecordReport: one, From: s.header.From}
	var asks bool
	if c := v.of(s.leaf.Agreement); c != nil {
		if p, ok := c.Phrase(one.Code); ok {
			told.Gloss, asks = p.Gloss, p.Asks()
		}
	}
	switch {
	case opens:
		t.Opening, t.Asks = &told, asks
		if !about.IsZero() {
			t.Step, t.Reason = 6, "the record named opens nothing: show the opening record"
		} else if s.depth == Whole {
			t.Begins = windowOf(s)
		}
	case len(t.Said) == maxTold:
		t.More++
	default:
		t.Said = append(t.Said, told)
	}
}

// windowOf is when a window that a record announces begins.
func windowOf(s *shown) record.Stamp {
	b, err := record.DecodeBody(s.entry.Body)
	if err != nil {
		return 0
	}
	w, _ := b.Params["window"].AsArray()
	if len(w) != 2 {
		return 0
	}
	from, _ := w[0].AsUint()
	return record.Stamp(from)
}

// judge puts what was found in order once every log has been gone through.
func (t *Thing) judge(v *verifier) {
	slices.SortStableFunc(t.Said, func(a, b Told) int {
		return cmp.Or(cmp.Compare(a.Time, b.Time), cmp.Compare(a.Ref.Party, b.Ref.Party), cmp.Compare(a.Ref.Number, b.Ref.Number))
	})
	for _, l := range v.report.Logs {
		t.Closed += l.Withheld + l.Leaves
	}
	if t.Step == 0 && (t.Opening == nil || t.Opening.Depth != Whole) {
		t.Step, t.Reason = 6, "the opening record is not shown whole"
	}
}

// Statement says in plain language what the extract shows of the thing.
func (t *Thing) Statement(short func(record.PartyNo) string) []string {
	if t.Step > 0 {
		return nil
	}
	o := t.Opening
	verb := "said"
	if t.Asks {
		verb = "asked"
	}
	out := []string{fmt.Sprintf("At %s %s (%s) %s, as %s: %s", stamp(o.Time), short(o.Ref.Party), printed(o.From), verb, record.FormatRef(o.Ref, short), o.words())}
	out = append(out, o.held(short, t.Begins)...)
	if len(t.Said) == 0 {
		out = append(out, "Nothing that was said about it since is shown.")
	}
	for _, s := range t.Said {
		out = append(out, fmt.Sprintf("At %s %s (%s), as %s: %s", stamp(s.Time), short(s.Ref.Party), printed(s.From), record.FormatRef(s.Ref, short), s.words()))
		out = append(out, s.held(short, 0)...)
	}
	if t.More > 0 {
		out = append(out, fmt.Sprintf("%d more records about it are shown.", t.More))
	}
	return append(out, fmt.Sprintf("%d records of these logs are not opened: this does not say that nothing else was said about it. It lists what was said and judges nothing.", t.Closed))
}

// words are a record's as rendered, or else what its phrase means.
func (t Told) words() string {
	switch {
	case t.Text != "":
		return strings.ReplaceAll(t.Text, "\n", "\n    ") // a line of theirs never stands as one of ours
	case t.Gloss != "":
		return fmt.Sprintf("%s (%s), its words not shown", t.Gloss, printed(t.Code))
	}
	return printed(t.Code) + ", a phrase that is not in the catalogue shown"
}

// held says on whose word others held it, and how long before an hour that
// was announced.
func (t Told) held(short func(record.PartyNo) string, begins record.Stamp) (out []string) {
	for _, r := range t.Receipts {
		if r.PQ {
			continue
		}
		text := fmt.Sprintf("  By %s's signed word it held this at %s", short(r.By), stamp(r.At))
		switch {
		case begins > r.At:
			text += fmt.Sprintf(", %s before the time announced begins", length(begins-r.At))
		case begins > 0:
			text += ", after the time announced had begun"
		}
		out = append(out, text+".")
	}
	if out == nil {
		out = []string{"  No signed word that another party held this is shown."}
	}
	return out
}

// length writes a time in the two units a person would.
func length(s record.Stamp) string {
	switch {
	case s >= 48*3600:
		return fmt.Sprintf("%d days and %d hours", s/86400, s%86400/3600)
	case s >= 3600:
		return fmt.Sprintf("%d hours and %d minutes", s/3600, s%3600/60)
	}
	return fmt.Sprintf("%d minutes", s/60)
}

// printed keeps what others named within one line.
func printed(s string) string {
	if !printable(s) || strings.Contains(s, "\n") || len(s) > 80 {
		return fmt.Sprintf("%.80q", s)
	}
	return s
}
