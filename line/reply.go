// SPDX-License-Identifier: Apache-2.0

package line

import (
	"cmp"
	"slices"

	"openline/record"
)

// reading is what one act does in its thing.
type reading struct {
	self     []*Act // the act
	answers  []*Act // the acts of the thing it names
	means    []*Act // the ask it is, else those of what it names
	to       []*Act // the asks it is a reply to
	left     []*Act // those of them that no later reply of its author outdates
	standing Standing
	why      string // why it has no effect
	read     bool
}

// settle computes how a thing stands from its acts: those that nothing
// replaced, and whether any crossed. It is a function of the acts alone.
func (f *Fold) settle(t *Thing) {
	sortActs(t.Acts)
	*t = Thing{Name: t.Name, Acts: t.Acts, Removed: t.Removed, shown: t.shown, of: make(map[*Act]*reading, len(t.Acts))}
	t.missing = !t.Removed && slices.ContainsFunc(t.Acts, func(a *Act) bool { return !a.gone.IsZero() })
	if t.Removed || t.missing {
		t.bare()
		return
	}
	for _, a := range t.Acts {
		if a.Ref == t.Name {
			t.Opening = a
		}
	}
	if t.Opening == nil {
		return
	}
	all := make([]reading, len(t.Acts))
	for i, a := range t.Acts {
		all[i] = reading{self: t.Acts[i : i+1 : i+1], answers: f.answered(t, a)}
		t.of[a] = &all[i]
	}
	for _, a := range t.Acts {
		t.read(a)
	}
	t.replace()
	t.findEnd()
	t.ask(f)
	t.Outcome = Noted
	switch {
	case len(t.Asked) > 0 && t.Asked[0].Act == t.Opening:
		t.Sides = t.Asked[0].Sides
		s := t.Sides[0]
		t.Outcome, t.By, t.Until, t.Replies, t.Ladder, t.Answerer = s.Outcome, s.By, s.Until, s.Replies, s.Ladder, s.Party
		for _, s := range t.Sides {
			t.Crossed = t.Crossed || s.Crossed
		}
	case t.Ended != nil:
		t.Outcome, t.By = t.ending(), t.Ended
	case t.isAsk(t.Opening):
		t.Outcome = Open // of nobody: it is addressed to no other party
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
			if n, found := slices.BinarySearchFunc(t.Acts, at, func(b *Act, at target) int {
				return cmp.Or(b.log().Compare(at.log), cmp.Compare(b.Index, at.index))
			}); found {
				i = n
			}
		}
		if i >= 0 && !slices.Contains(out, t.Acts[i]) {
			out = append(out, t.Acts[i])
		}
	}
	return out
}

// read finds what an act does, after all it names. What an act names, its
// author had seen: the chain ends.
func (t *Thing) read(a *Act) *reading {
	r := t.of[a]
	if r.read {
		return r
	}
	r.read = true
	for _, b := range r.answers {
		t.read(b)
	}
	if r.why = t.idle(a); r.why != "" {
		return r
	}
	r.standing = Stands
	if a.Phrase.Replies {
		for _, b := range r.answers {
			if t.permits(b, a.Code) {
				r.to = union(r.to, t.of[b].means)
			}
		}
	}
	if t.isAsk(a) {
		r.means = r.self
		return r
	}
	for _, b := range r.answers {
		r.means = union(r.means, t.of[b].means)
	}
	return r
}

// maxMeans is how many asks one act can be about, the first it names.
const maxMeans = 16

func union(list, more []*Act) []*Act {
	if len(list) == 0 {
		return more
	}
	for _, a := range more {
		if len(list) < maxMeans && !slices.Contains(list, a) {
			list = append(slices.Clip(list), a)
		}
	}
	return list
}

// idle says why an act does nothing: what must answer has nothing to answer
// here, or a reply is none of those permitted. Free text may be said about
// anything, and is a reply only where it is permitted.
func (t *Thing) idle(a *Act) string {
	switch {
	case a.Void != "":
		return a.Void
	case !a.stands():
		return "its phrase is not in the catalogue of its agreement version"
	case a == t.Opening:
		return ""
	}
	answers := t.of[a].answers
	if re := a.Phrase.Re; (re == "one" || re == "many") && len(answers) == 0 {
		return "it answers nothing of this matter that its author had seen"
	}
	if a.Phrase.Replies && !a.Phrase.NeedsText && !slices.ContainsFunc(answers, func(b *Act) bool { return t.permits(b, a.Code) }) {
		return "what it answers does not ask for " + a.Code
	}
	return ""
}

// permits reports whether an act may be answered by a code. A reminder
// permits what it reminds of permits, no more.
func (t *Thing) permits(b *Act, code string) bool {
	r := t.of[b]
	switch {
	case r.standing == NoEffect:
		return false
	case b.Code != reminder:
		return b.Phrase.Permitted(code)
	}
	return slices.ContainsFunc(r.answers, func(c *Act) bool { return t.permits(c, code) }) ||
		slices.ContainsFunc(r.means, func(c *Act) bool { return c.Phrase.Permitted(code) })
}

// replace finds what a later act of the same author replaced: what it
// corrects or withdraws by name, as if it had not been said; its own kind by
// name; and a reply every earlier reply to the same ask, save that "no word
// yet" replaces only its like.
func (t *Thing) replace() {
	unsaid := map[*Act]bool{}
	for _, b := range slices.Backward(t.Acts) {
		if t.of[b].standing == NoEffect || unsaid[b] {
			continue
		}
		for _, a := range t.of[b].answers {
			if own := a.Ref.Party == b.Ref.Party && a != t.Opening && t.of[a].standing != NoEffect && !a.saw(b); !own {
				continue
			}
			if b.Phrase.Corrects || b.Phrase.Withdraws {
				unsaid[a] = true
				t.of[a].standing = Replaced
			} else if a.Code == b.Code {
				t.of[a].standing = Replaced
			}
		}
	}
	by := map[record.PartyNo][]*Act{}
	for _, a := range t.Acts {
		if r := t.of[a]; r.standing != NoEffect && len(r.to) > 0 {
			r.left = r.to
			by[a.Ref.Party] = append(by[a.Ref.Party], a)
		}
	}
	for _, replies := range by {
		for _, b := range replies {
			if unsaid[b] {
				continue
			}
			for _, a := range replies {
				if ra := t.of[a]; outdates(b, a) && len(ra.left) > 0 {
					ra.left = without(ra.left, t.of[b].to)
				}
			}
		}
		for _, a := range replies {
			if r := t.of[a]; len(r.left) == 0 {
				r.standing = Replaced
			}
		}
	}
}

// outdates reports whether a reply takes the place of an earlier one to the
// same ask.
func outdates(b, a *Act) bool {
	return a != b && b.saw(a) && (outcomeOf[b.Code] != NoWord || outcomeOf[a.Code] == NoWord)
}

func without(list, less []*Act) []*Act {
	if !slices.ContainsFunc(list, func(a *Act) bool { return slices.Contains(less, a) }) {
		return list
	}
	return slices.DeleteFunc(slices.Clone(list), func(a *Act) bool { return slices.Contains(less, a) })
}

// stand gives the acts that nothing replaced.
func (t *Thing) stand(yield func(*Act) bool) {
	for _, a := range t.Acts {
		if t.of[a].standing == Stands && !yield(a) {
			return
		}
	}
}
