// SPDX-License-Identifier: Apache-2.0

package station

import (
	"openline/line"
	"openline/line/suspension"
	"openline/record"
)

// Thread is one thing with every act about it, and how the clock of each side
// asked stands.
type Thread struct {
	Acts   []ThreadAct // by party and place
	Clocks map[record.PartyNo]line.Reckoned
}

// ThreadAct is one act as the fold has it.
type ThreadAct struct {
	line.Said
	Standing  line.Standing
	Why       string      // it has no effect
	Answers   []line.Said // acts of the same thing
	Suspended []line.Said // what had suspended its class, as its author knew
}

// Thread gives the thing of a name.
func (s *Station) Thread(name record.Ref, now Now) (out Thread, err error) {
	t, err := s.fold.Thing(name)
	if err != nil {
		return out, err
	}
	suspended, err := s.Suspensions()
	if err != nil {
		return out, err
	}
	for _, a := range t.Acts {
		x := ThreadAct{Said: a.Said(), Standing: t.Standing(a), Why: t.Why(a), Suspended: suspension.Marks(suspended, a)}
		for _, b := range t.Answers(a) {
			x.Answers = append(x.Answers, b.Said())
		}
		out.Acts = append(out.Acts, x)
	}
	out.Clocks = map[record.PartyNo]line.Reckoned{}
	for _, side := range t.Sides {
		out.Clocks[side.Party] = s.fold.ReckonSide(t, side, s.signedNow(), now.stamp())
	}
	return out, nil
}

// Deed is what one record does in its matter.
type Deed = line.Deed

// Deed says what a record does in its matter, or why it does nothing.
func (s *Station) Deed(ref record.Ref) (Deed, error) {
	e, ok, err := s.entryOf(ref)
	if err != nil || !ok {
		return Deed{Why: "it is not held here"}, err
	}
	return s.fold.Deed(e)
}

// Declared names the newest declaration of hours and clocks of each party
// that made one.
func (s *Station) Declared() map[record.PartyNo]record.Ref {
	out := map[record.PartyNo]record.Ref{}
	for _, p := range s.text.Parties {
		if ref, ok := s.fold.Declaration(p.Number); ok {
			out[p.Number] = ref
		}
	}
	return out
}
