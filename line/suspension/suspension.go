// SPDX-License-Identifier: Apache-2.0

package suspension

import (
	"iter"
	"slices"

	"openline/line"
	"openline/record"
)

// Suspension is one class that one party suspended by one record.
type Suspension struct {
	Class   string       `json:"class"`
	From    record.Stamp `json:"from"`
	Review  record.Stamp `json:"review"`
	Cause   string       `json:"cause,omitempty"`
	By      line.Said    `json:"by"`
	Resumed line.Said    `json:"resumed,omitzero"`
	Until   record.Stamp `json:"until,omitzero"`  // from when it is resumed
	Void    string       `json:"void,omitempty"`  // why it has no effect
	Marks   []line.Mark  `json:"marks,omitempty"` // of what was said about it, resumptions by others included

	act, back *line.Act
}

// Codes are the phrases that open what the list is made of.
func Codes() []string { return []string{"ST01"} }

const most = 256

var classes = []string{"receipt", "talks", "notice", "incident", "text"}

// Of lists what was ever suspended by the things on a line, without what its
// author took back; newest last, by party. Never gives the classes that an
// agreement version lets nobody suspend.
func Of(things iter.Seq2[*line.Thing, error], never func(version uint32) []string) (out []Suspension, err error) {
	rows, _, err := line.Gather(things, most, func(t *line.Thing) ([]Suspension, bool) {
		if t.Opening.Code != "ST01" || t.Ended != nil {
			return nil, false
		}
		return read(t, never(t.Opening.Agreement)), true
	})
	return slices.Concat(rows...), err
}

func read(t *line.Thing, never []string) (out []Suspension) {
	named := choices(t.Opening)
	for i, class := range named {
		if i >= len(classes)*2 || slices.Contains(named[:i], class) {
			continue
		}
		a := t.Opening
		s := Suspension{Class: class, From: record.Stamp(a.Uint("from")), Review: record.Stamp(a.Uint("review")), Cause: a.Text("cause"), By: a.Said(), act: a}
		switch {
		case !slices.Contains(classes, class) || slices.Contains(never, class):
			s.Void = "this class is suspended by nobody"
		case a.Void != "":
			s.Void = a.Void
		}
		for _, b := range t.StandingActs("ST02") {
			if b.Ref.Party == t.Asker() && slices.Contains(choices(b), class) && (s.back == nil || b.After(s.back)) {
				s.back, s.Resumed, s.Until = b, b.Said(), record.Stamp(b.Uint("from"))
			}
		}
		s.Marks = marks(t, named, class)
		out = append(out, s)
	}
	return out
}

// marks are what has no effect about a suspension; what is not of one class
// stands with the first.
func marks(t *line.Thing, named []string, class string) (out []line.Mark) {
	if class == named[0] {
		out = t.Marks()
	}
	for _, b := range t.StandingActs("ST02") {
		switch given := choices(b); {
		case len(out) >= most:
		case b.Ref.Party != t.Asker() && slices.Contains(given, class):
			out = append(out, line.Mark{By: b.Said(), Why: "only who suspended resumes"})
		case b.Ref.Party == t.Asker() && class == named[0] && !slices.ContainsFunc(given, func(c string) bool { return slices.Contains(named, c) }):
			out = append(out, line.Mark{By: b.Said(), Why: "it names no class that this record suspended"})
		}
	}
	return out
}

func choices(a *line.Act) (out []string) {
	list, _ := a.Params["classes"].AsArray()
	for _, v := range list {
		s, _ := v.AsText()
		out = append(out, s)
	}
	return out
}

// Holds reports whether a class is suspended at an hour.
func (s Suspension) Holds(at record.Stamp) bool {
	return s.Void == "" && s.From <= at && (s.back == nil || at < s.Until)
}

// Marks names the records that had suspended what an act is of, as its author
// knew them when it was made.
func Marks(list []Suspension, a *line.Act) (out []line.Said) {
	for _, s := range In(list, a) {
		out = append(out, s.By)
	}
	return out
}

// In gives what was suspended when an act was made, as its author knew it.
func In(list []Suspension, a *line.Act) (out []Suspension) {
	for _, s := range list {
		if s.back != nil && !a.Saw(s.back) {
			s.back = nil
		}
		if a.Phrase.Class == s.Class && a.Saw(s.act) && s.Holds(a.Time) {
			out = append(out, s)
		}
	}
	return out
}
