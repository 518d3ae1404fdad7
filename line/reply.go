// SPDX-License-Identifier: Apache-2.0

package line

import (
	"slices"

	"openline/record"
)

// settle computes how a thing stands from its acts: those that nothing
// replaced, and whether any crossed.
func (f *Fold) settle(t *Thing) {
	sortActs(t.Acts)
	t.Opening, t.By, t.Replies, t.Crossed, t.Until = nil, nil, nil, false, 0
	t.Ladder, t.Answerer, t.Outcome = Ladder{}, 0, Open
	for _, a := range t.Acts {
		if a.Ref == t.Name {
			t.Opening = a
		}
	}
	if t.Opening == nil {
		t.seal()
		return
	}
	f.voidStrays(t)
	if t.Asks() {
		t.Answerer = answerer(t.Opening)
	} else {
		t.Outcome = Noted
	}
	standing := standingActs(t)
	t.climb(standing)
	t.decide(standing)
	t.seal()
}

// answerer is the party whose reply is awaited: the first addressee that is
// not the author.
func answerer(a *Act) record.PartyNo {
	for _, to := range a.Header.To {
		if to.Party != a.Ref.Party {
			return to.Party
		}
	}
	return 0
}

// voidStrays marks acts that name in re what is not of this thing, or what
// their author could not know: they answer nothing.
func (f *Fold) voidStrays(t *Thing) {
	for _, a := range t.Acts {
		a.stray = ""
		if !a.stands() || a == t.Opening {
			continue
		}
		for _, r := range a.Header.Re {
			target := t.find(r)
			switch {
			case target == nil:
				a.stray = "it names a record that is not about this"
			case r.Number > 0 && !a.saw(target):
				a.stray = "it names a record its author had not seen"
			}
		}
	}
}

func (t *Thing) find(r record.Ref) *Act {
	for _, a := range t.Acts {
		if r.Number > 0 && a.Ref == r || r.Number == 0 && a.Ref.Party == r.Party && a.Hash == r.Hash {
			return a
		}
	}
	return nil
}

// standingActs are the acts nothing replaced. An author's later act replaces
// an earlier one it names, and a later reply an earlier reply to the same act.
func standingActs(t *Thing) []*Act {
	var out []*Act
	for _, a := range t.Acts {
		if a.stands() && a.Known && !slices.ContainsFunc(t.Acts, func(b *Act) bool { return replaces(b, a) }) {
			out = append(out, a)
		}
	}
	return out
}

func replaces(b, a *Act) bool {
	if a == b || !b.stands() || !b.Known || a.Ref.Party != b.Ref.Party || !b.saw(a) {
		return false
	}
	if b.names(a.Ref) && (b.Phrase.Corrects || b.Phrase.Replies == a.Phrase.Replies && b.Code == a.Code) {
		return true
	}
	return a.Phrase.Replies && b.Phrase.Replies
}

func (t *Thing) climb(standing []*Act) {
	for _, a := range standing {
		if a.Ref.Party == t.Asker() {
			continue
		}
		switch a.Code {
		case "RC01":
			t.Ladder.Watch = a.Ref
		case "RC02":
			t.Ladder.Office = a.Ref
		case "RC03":
			t.Ladder.Units = a.Ref
			t.Ladder.K, _ = a.Params["k"].AsUint()
			t.Ladder.N, _ = a.Params["n"].AsUint()
		}
	}
}

// decide finds the outcome. A withdrawal and a reply that crossed both
// stand: the outcome is the reply's, and the thing says crossed.
func (t *Thing) decide(standing []*Act) {
	var withdrawn, corrected *Act
	for _, a := range standing {
		own := a.Ref.Party == t.Asker()
		switch {
		case own && a.Phrase.Withdraws:
			withdrawn = a
		case own && a.Phrase.Corrects && a != t.Opening && a.names(t.Name):
			corrected = a
		case !own && a.Phrase.Replies:
			t.Replies = append(t.Replies, a)
		}
	}
	if t.Asks() {
		t.decideReplies(standing)
	}
	for _, end := range []*Act{corrected, withdrawn} {
		if end == nil {
			continue
		}
		met := slices.ContainsFunc(t.Replies, func(r *Act) bool { return crossed(r, end) })
		t.Crossed = t.Crossed || met
		if !met || !t.Outcome.Ended() {
			t.Outcome, t.By, t.Until = Corrected, end, 0
			if end.Phrase.Withdraws {
				t.Outcome = Withdrawn
			}
		}
	}
}

// outcomeOf is what one reply makes of the thing.
var outcomeOf = map[string]Outcome{
	"HD01": Held, "HD02": Held, "TR01": Held, "HD03": NoWord, "HD04": Redirected, "HD05": Declined, "AN01": Elsewhere,
	"PR01": InPrinciple, "PR02": Conditional, "CR03": Conditional,
}

// decideReplies takes, of several standing replies (of several parties, or
// to several acts), the one that says most: an end before a hold.
func (t *Thing) decideReplies(standing []*Act) {
	for _, r := range t.Replies {
		o, ok := outcomeOf[r.Code]
		if !ok {
			o = Answered
		}
		if o == Elsewhere {
			o = elsewhere(r, standing)
		}
		if t.By == nil || rank(o) > rank(t.Outcome) {
			t.Outcome, t.By = o, r
			t.Until = 0
			if o == Held {
				until, _ := r.Params["until"].AsUint()
				t.Until = record.Stamp(until)
			}
		}
	}
}

func rank(o Outcome) int {
	switch {
	case o.Ended():
		return 3
	case o == NoWord, o == ElsewhereUntraced:
		return 1
	}
	return 2
}

// elsewhere looks for the asker's word on "answered elsewhere".
func elsewhere(an *Act, standing []*Act) Outcome {
	o := Elsewhere
	for _, a := range standing {
		if a.Ref.Party == an.Ref.Party || !a.names(an.Ref) {
			continue
		}
		switch a.Code {
		case "AN02":
			return ElsewhereTraced
		case "AN03":
			o = ElsewhereUntraced
		}
	}
	return o
}
