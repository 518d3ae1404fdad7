// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"slices"

	"openline/line"
	"openline/line/counterpart"
	"openline/record"
)

// sideOf finds how one asked party stands: by its newest word on the request
// itself, not on its agenda or on what else was asked about it.
func sideOf(t *line.Thing, s line.Side) Side {
	out := Side{Party: s.Party, State: State(line.Open.String()), Office: counterpart.Asked(t, s.Party), Route: []line.Post{}, Holds: len(s.Holds),
		Receipts: []line.Said{}, Crossed: []line.Said{}, Awaits: s.Party}
	var by *line.Act
	var words []*line.Act
	seen := []line.Post{out.Office}
	circle := false
	for _, a := range t.SaidActs() {
		if a.Ref.Party != s.Party {
			continue
		}
		if slices.Contains([]string{"RC01", "RC02", "RC03"}, a.Code) && t.Standing(a) == line.Stands {
			out.Receipts = last(append(out.Receipts, a.Said()))
		}
		if a.Phrase.Replies && onRequest(t, a) {
			words = append(words, a)
			if by == nil || a.Code != "HD03" || by.Code == "HD03" {
				by = a
			}
		}
		if office := a.Post("office"); onRequest(t, a) && (a.Code == "HD04" || a.Code == "CR03" && office.Post != "") {
			circle = slices.Contains(seen, office)
			seen, out.Route, out.Office = append(seen, office), last(append(out.Route, office)), office
		}
	}
	if by == nil && t.Ended == nil {
		return out
	}
	o := line.Open
	if by != nil {
		o = t.Meaning(by)
		out.say(t, by, o, circle)
	}
	if t.Ended != nil {
		met := slices.ContainsFunc(words, func(a *line.Act) bool { return line.Crossed(a, t.Ended) })
		if !met || !o.Ended() {
			out.State, by = State(line.Corrected.String()), t.Ended
			if t.Ended.Phrase.Withdraws {
				out.State = State(line.Withdrawn.String())
			}
		}
		words, out.Awaits = append(words, t.Ended), 0
	}
	out.By = by.Said()
	for _, a := range words {
		if line.Crossed(a, by) {
			out.Crossed = last(append(out.Crossed, a.Said()))
		}
	}
	return out
}

// onRequest reports whether an act is a reply to the request itself, not to
// what else was asked in the matter.
func onRequest(t *line.Thing, a *line.Act) bool { return slices.Contains(t.RepliesTo(a), t.Opening) }

// Inside is one side of what was asked in a matter after the request.
type Inside struct {
	By      line.Said      `json:"by"`
	Party   record.PartyNo `json:"party"` // who is asked
	State   string         `json:"state"` // an outcome of the line
	Came    line.Said      `json:"came,omitzero"`
	Awaited bool           `json:"awaited"` // the word of who is asked is awaited
}

func inside(t *line.Thing) []Inside {
	out := []Inside{}
	for _, a := range t.Asked {
		for _, s := range a.Sides {
			if a.Act != t.Opening {
				out = last(append(out, Inside{a.Act.Said(), s.Party, s.Outcome.String(), s.By.Said(), s.Awaited()}))
			}
		}
	}
	return out
}

// say takes the word the side stands on.
func (s *Side) say(t *line.Thing, by *line.Act, o line.Outcome, circle bool) {
	s.State = State(o.String())
	s.Reason = by.Uint("reason")
	s.Words = by.Text("condition") + by.Text("proposal") + by.Text("cause")
	if w := by.Windows("window"); len(w) > 0 {
		s.Window = w[0]
	}
	switch {
	case o == line.Held:
		s.Until = record.Stamp(by.Uint("until"))
	case o == line.Redirected && circle:
		s.State = Circle
	case o == line.Redirected && s.Office.Party != s.Party, o == line.Elsewhere:
		s.Awaits = t.Asker()
	case o == line.Conditional:
		if !t.Told(by, "AF02") {
			s.Awaits = t.Asker()
		}
		if by.Code == "CR03" {
			s.State = Countered
		}
	case o == line.Answered && by.Code == "AF02":
		s.State, s.Awaits = SaidNo, 0
	case o == line.Answered && by.Code != "TX01":
		s.State, s.Awaits = Accepted, 0
	case o.Ended() && o != line.Redirected:
		s.Awaits = 0
	}
}
