// SPDX-License-Identifier: Apache-2.0

package line

import (
	"slices"

	"openline/record"
)

// settle computes how a thing stands from its acts: those that nothing
// replaced, and whether any crossed. It is a function of the acts alone.
func (f *Fold) settle(t *Thing) {
	sortActs(t.Acts)
	*t = Thing{Name: t.Name, Acts: t.Acts, shown: t.shown, standing: map[*Act]Standing{}, answers: map[*Act][]*Act{}}
	for _, a := range t.Acts {
		if a.Ref == t.Name {
			t.Opening = a
		}
	}
	if t.Opening == nil {
		return
	}
	for _, a := range t.Acts {
		t.answers[a] = f.answered(t, a)
	}
	for _, a := range t.Acts {
		if t.takesEffect(a) {
			t.standing[a] = Stands
		}
	}
	t.replace()
	t.Outcome = Noted
	if t.Opening.stands() && t.Opening.Phrase.Asks() {
		t.Outcome = Open
		t.ask(f)
	}
	t.end()
	if len(t.Sides) > 0 {
		s := t.Sides[0]
		t.Outcome, t.By, t.Until, t.Replies, t.Ladder, t.Answerer = s.Outcome, s.By, s.Until, s.Replies, s.Ladder, s.Party
	}
	t.seal()
}

// answered finds the acts of this thing that one of them names in re: "every
// act in re must be the opening record of the leaf's own about, or an act
// about it; any other item is void and answers nothing". What is named by
// number must have been seen; what is named by its hash was.
func (f *Fold) answered(t *Thing, a *Act) (out []*Act) {
	if !a.stands() {
		return nil
	}
	for _, r := range a.Header.Re {
		i := -1
		if r.Number == 0 {
			i = slices.IndexFunc(t.Acts, func(b *Act) bool { return b != a && b.Ref.Party == r.Party && b.Hash == r.Hash })
		} else if at, ok := f.place(a, r); ok {
			i = slices.IndexFunc(t.Acts, func(b *Act) bool { return b.log() == at.log && b.Index == at.index })
		}
		if i >= 0 && !slices.Contains(out, t.Acts[i]) {
			out = append(out, t.Acts[i])
		}
	}
	return out
}

// takesEffect reports whether an act does anything: what must answer has
// something to answer here, and a reply is one of those permitted.
func (t *Thing) takesEffect(a *Act) bool {
	if !a.stands() {
		return false
	}
	if a == t.Opening {
		return true
	}
	if re := a.Phrase.Re; (re == "one" || re == "many") && len(t.answers[a]) == 0 {
		return false
	}
	return !a.Phrase.Replies || a.Phrase.NeedsText || t.replies(a)
}

// replies reports whether an act counts as a reply: its phrase does, and
// what it answers permits it. Free text may be said about anything, and is a
// reply only where it is permitted.
func (t *Thing) replies(a *Act) bool {
	return a.Phrase.Replies && slices.ContainsFunc(t.answers[a], func(b *Act) bool { return t.permits(b, a.Code) })
}

// permits reports whether an act may be answered by a code. A reminder
// permits what it reminds of permits, no more. What an act names, its author
// had seen: the chain ends.
func (t *Thing) permits(b *Act, code string) bool {
	if b.stands() && b.Code == reminder {
		return slices.ContainsFunc(t.answers[b], func(c *Act) bool { return t.permits(c, code) })
	}
	return b.stands() && b.Phrase.Permitted(code)
}

const reminder = "RM01"

// replace finds what a later act of the same author replaced: what it
// corrects or withdraws by name, as if it had not been said; its own kind by
// name; and a reply every earlier reply, of the asker to the same act only,
// save that "no word yet" replaces only its like.
func (t *Thing) replace() {
	unsaid := map[*Act]bool{}
	for _, b := range slices.Backward(t.Acts) {
		if t.standing[b] == NoEffect || unsaid[b] {
			continue
		}
		for _, a := range t.answers[b] {
			if own := a.Ref.Party == b.Ref.Party && a != t.Opening && t.standing[a] != NoEffect && !a.saw(b); !own {
				continue
			}
			if b.Phrase.Corrects || b.Phrase.Withdraws {
				unsaid[a] = true
				t.standing[a] = Replaced
			} else if a.Code == b.Code {
				t.standing[a] = Replaced
			}
		}
	}
	for _, b := range t.Acts {
		if t.standing[b] == NoEffect || unsaid[b] || !t.replies(b) {
			continue
		}
		for _, a := range t.Acts {
			if t.standing[a] != NoEffect && t.outdates(b, a) {
				t.standing[a] = Replaced
			}
		}
	}
}

// outdates reports whether one reply takes the place of an earlier one.
func (t *Thing) outdates(b, a *Act) bool {
	if a == b || a.Ref.Party != b.Ref.Party || !t.replies(a) || !b.saw(a) {
		return false
	}
	if b.Ref.Party == t.Asker() && !slices.ContainsFunc(t.answers[b], func(x *Act) bool { return slices.Contains(t.answers[a], x) }) {
		return false
	}
	return outcomeOf[b.Code] != NoWord || outcomeOf[a.Code] == NoWord
}

// stand gives the acts that nothing replaced.
func (t *Thing) stand(yield func(*Act) bool) {
	for _, a := range t.Acts {
		if t.standing[a] == Stands && !yield(a) {
			return
		}
	}
}

// ask makes the sides of a thing that asks: every addressed party but the
// asker, and how each stands.
func (t *Thing) ask(f *Fold) {
	for _, to := range t.Opening.Header.To {
		asked := to.Party != t.Asker() && f.party(to.Party)
		if !asked || slices.ContainsFunc(t.Sides, func(s Side) bool { return s.Party == to.Party }) {
			continue
		}
		s := Side{Party: to.Party, Outcome: Open, Awaits: to.Party}
		if c, index, ok := f.declared(to.Party, t.Opening.seen); ok {
			s.Clocks = record.ByNumber(to.Party, c.base+index)
		}
		t.climb(&s)
		t.decide(&s)
		t.Sides = append(t.Sides, s)
	}
}

func (t *Thing) climb(s *Side) {
	for a := range t.stand {
		if a.Ref.Party != s.Party {
			continue
		}
		switch a.Code {
		case "RC01":
			s.Ladder.Watch = a.Ref
		case "RC02":
			s.Ladder.Office = a.Ref
		case "RC03":
			s.Ladder.Units = a.Ref
			s.Ladder.K, _ = a.Params["k"].AsUint()
			s.Ladder.N, _ = a.Params["n"].AsUint()
		}
	}
}

// decide finds how one side stands: of its replies that stand, the one that
// says most; of equals, its later one.
func (t *Thing) decide(s *Side) {
	for _, a := range t.Acts {
		if a.Ref.Party == s.Party && a.Phrase.Holds && t.standing[a] != NoEffect {
			s.Holds = append(s.Holds, a)
		}
	}
	for r := range t.stand {
		if r.Ref.Party != s.Party || !t.replies(r) {
			continue
		}
		for _, o := range s.Replies {
			s.Crossed = s.Crossed || crossed(o, r)
		}
		s.Replies = append(s.Replies, r)
		if o := t.meaning(r); s.By == nil || o.rank() >= s.Outcome.rank() {
			s.Outcome, s.By, s.Until, s.Awaits = o, r, 0, t.next(r, o)
			if o == Held {
				until, _ := r.Params["until"].AsUint()
				s.Until = record.Stamp(until)
			}
		}
	}
}

// meaning is the outcome one reply makes, with the asker's word on it.
func (t *Thing) meaning(r *Act) Outcome {
	o, ok := outcomeOf[r.Code]
	switch {
	case r.Phrase.Holds:
		return Held
	case !ok:
		return Answered
	case o != Elsewhere && o != Conditional:
		return o
	}
	for a := range t.stand {
		if a.Ref.Party != t.Asker() || !slices.Contains(t.answers[a], r) {
			continue
		}
		switch {
		case o == Elsewhere && a.Code == "AN02":
			return ElsewhereTraced
		case o == Elsewhere && a.Code == "AN03":
			return ElsewhereUntraced
		case o == Conditional && a.Code == "AF01":
			return Answered
		}
	}
	return o
}

// next is whose word an outcome awaits.
func (t *Thing) next(r *Act, o Outcome) record.PartyNo {
	said := func(code string) bool {
		for a := range t.stand {
			if a.Ref.Party == t.Asker() && a.Code == code && slices.Contains(t.answers[a], r) {
				return true
			}
		}
		return false
	}
	switch {
	case o.Ended():
		return 0
	case o == Elsewhere, o == Conditional && !said("AF02"):
		return t.Asker()
	}
	return r.Ref.Party
}

// end takes the asker's own word that the thing is withdrawn or corrected. It
// and a reply that crossed it both stand: an ended side keeps its outcome,
// and the thing says crossed.
func (t *Thing) end() {
	for a := range t.stand {
		if a.Ref.Party == t.Asker() && a != t.Opening && (a.Phrase.Withdraws || a.Phrase.Corrects) && slices.Contains(t.answers[a], t.Opening) {
			if t.Ended == nil || a.Phrase.Withdraws || !t.Ended.Phrase.Withdraws {
				t.Ended = a
			}
		}
	}
	for i := range t.Sides {
		s := &t.Sides[i]
		if t.Ended != nil {
			met := slices.ContainsFunc(s.Replies, func(r *Act) bool { return crossed(r, t.Ended) })
			s.Crossed = s.Crossed || met
			if !met || !s.Outcome.Ended() {
				s.Outcome, s.By, s.Until, s.Awaits = t.ending(), t.Ended, 0, 0
			}
		}
		t.Crossed = t.Crossed || s.Crossed
	}
	if t.Ended != nil && len(t.Sides) == 0 {
		t.Outcome, t.By = t.ending(), t.Ended
	}
}

func (t *Thing) ending() Outcome {
	if t.Ended.Phrase.Withdraws {
		return Withdrawn
	}
	return Corrected
}
