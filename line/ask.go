// SPDX-License-Identifier: Apache-2.0

package line

import (
	"cmp"
	"slices"

	"openline/record"
)

// maxAsks is how many standing acts of each party in one thing are asks, the
// first ones of its log. Later ones are shown, not awaited.
const maxAsks = 64

// Ask is one act of a thing that asks for a reply: the request that opens it,
// or one made inside it.
type Ask struct {
	Act   *Act
	Sides []Side // one for each party that is asked
}

// Side finds what one asked party made of the ask.
func (a Ask) Side(p record.PartyNo) (Side, bool) {
	for _, s := range a.Sides {
		if s.Party == p {
			return s, true
		}
	}
	return Side{}, false
}

// ask finds the asks of a thing, the opening one first, and how each of their
// sides stands.
func (t *Thing) ask(f *Fold) {
	if t.isAsk(t.Opening) {
		t.askOf(f, t.Opening)
	}
	n := map[record.PartyNo]int{}
	for a := range t.stand {
		if a != t.Opening && t.isAsk(a) && n[a.Ref.Party] < maxAsks && !t.inKind(a) && t.askOf(f, a) {
			n[a.Ref.Party]++
		}
	}
}

// askOf adds an ask if it asks another party.
func (t *Thing) askOf(f *Fold, a *Act) bool {
	ask := Ask{Act: a}
	for _, p := range t.asked(a) {
		if p == a.Ref.Party || !f.party(p) || slices.ContainsFunc(ask.Sides, func(s Side) bool { return s.Party == p }) {
			continue
		}
		s := Side{Party: p, Outcome: Open, Awaits: p, of: a}
		if c, index, ok := f.declared(p, a.seen); ok {
			s.Clocks = record.ByNumber(p, c.base+index)
		}
		t.climb(&s)
		t.decide(&s)
		t.end(&s)
		ask.Sides = append(ask.Sides, s)
	}
	if len(ask.Sides) > 0 {
		t.Asked = append(t.Asked, ask)
	}
	return len(ask.Sides) > 0
}

// isAsk reports whether an act asks for something that counts as a reply. A
// reminder, and the question how a thing stands, ask for what they name.
func (t *Thing) isAsk(a *Act) bool {
	return a.stands() && a.Phrase.Asks() && a.Code != reminder && a.Code != standing
}

const (
	reminder = "RM01"
	standing = "RQ01" // how does it stand?
)

// asked are the parties an act asks: of a reply those whose asks it answers,
// of any other those it is addressed to.
func (t *Thing) asked(a *Act) (out []record.PartyNo) {
	for _, x := range t.of[a].to {
		out = append(out, x.Ref.Party)
	}
	if len(t.of[a].to) == 0 {
		for _, to := range a.Header.To {
			out = append(out, to.Party)
		}
	}
	return out
}

// statements are the phrases by which each side says the same of one matter:
// the asked party's own answers the other's. The value names the parameter
// that says of which.
var statements = map[string]string{"MT02": "item", "MT03": "", "CR05": ""}

// likewise reports whether two acts are statements of one matter.
func likewise(a, b *Act) bool {
	key, ok := statements[a.Code]
	return ok && a != b && a.Code == b.Code && (key == "" || a.Text(key) == b.Text(key))
}

// inKind reports whether a statement asks for nothing: it answers another
// party's, a newer one of its author stands, or the item is off the table.
func (t *Thing) inKind(a *Act) bool {
	if _, ok := statements[a.Code]; !ok {
		return false
	}
	if stand := a.Text("stand"); a.Code == "MT02" && (stand == "listed" || stand == "withdrawn") {
		return true
	}
	for b := range t.stand {
		if likewise(a, b) && (b.Ref.Party == a.Ref.Party && b.saw(a) || b.Ref.Party != a.Ref.Party && a.saw(b)) {
			return true
		}
	}
	return false
}

func (t *Thing) climb(s *Side) {
	for a := range t.stand {
		if a.Ref.Party != s.Party || !slices.Contains(t.of[a].means, s.of) {
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

// decide finds how one side stands: of its replies to the ask that stand, the
// one that says most; of equals, its later one.
func (t *Thing) decide(s *Side) {
	for _, a := range t.Acts {
		r := t.of[a]
		if a.Ref.Party != s.Party || r.standing == NoEffect {
			continue
		}
		if a.Phrase.Holds && slices.Contains(r.to, s.of) {
			s.Holds = append(s.Holds, a)
		}
		if r.standing != Stands || !slices.Contains(r.left, s.of) && !(likewise(a, s.of) && a.saw(s.of)) {
			continue
		}
		for _, o := range s.Replies {
			s.Crossed = s.Crossed || crossed(o, a)
		}
		s.Replies = append(s.Replies, a)
		if o := t.meaning(a); s.By == nil || o.rank() >= s.Outcome.rank() {
			s.Outcome, s.By, s.Until, s.Awaits = o, a, 0, t.next(a, o, s.of.Ref.Party)
			if o == Held {
				until, _ := a.Params["until"].AsUint()
				s.Until = record.Stamp(until)
			}
		}
	}
}

// meaning is the outcome one reply makes, with the word on it of who asked.
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
		if !t.byAsker(a, r) {
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

// byAsker reports whether an act answers a reply and is by who asked for it.
func (t *Thing) byAsker(a, r *Act) bool {
	return slices.Contains(t.of[a].answers, r) && slices.ContainsFunc(t.of[r].to, func(x *Act) bool { return x.Ref.Party == a.Ref.Party })
}

// next is whose word an outcome awaits.
func (t *Thing) next(r *Act, o Outcome, asker record.PartyNo) record.PartyNo {
	said := func(code string) bool {
		for a := range t.stand {
			if a.Code == code && t.byAsker(a, r) {
				return true
			}
		}
		return false
	}
	switch {
	case o.Ended():
		return 0
	case o == Elsewhere, o == Conditional && !said("AF02"):
		return asker
	}
	return r.Ref.Party
}

// findEnd finds the asker's own word that the thing is withdrawn or corrected.
func (t *Thing) findEnd() {
	for a := range t.stand {
		if a.Ref.Party == t.Asker() && a != t.Opening && (a.Phrase.Withdraws || a.Phrase.Corrects) && slices.Contains(t.of[a].answers, t.Opening) {
			if t.Ended == nil || a.Phrase.Withdraws || !t.Ended.Phrase.Withdraws {
				t.Ended = a
			}
		}
	}
}

// end takes that word into a side. It and a reply that crossed it both stand:
// an ended side keeps its outcome, and says crossed. What another party asked
// inside ends with it, save a question that could be asked by itself.
func (t *Thing) end(s *Side) {
	if t.Ended == nil || s.of.Ref.Party != t.Asker() && s.of.Phrase.Opens {
		return
	}
	met := slices.ContainsFunc(s.Replies, func(r *Act) bool { return crossed(r, t.Ended) })
	s.Crossed = s.Crossed || met
	if !met || !s.Outcome.Ended() {
		s.Outcome, s.By, s.Until, s.Awaits = t.ending(), t.Ended, 0, 0
	}
}

func (t *Thing) ending() Outcome {
	if t.Ended.Phrase.Withdraws {
		return Withdrawn
	}
	return Corrected
}

// Wait is one side of an ask whose word is awaited.
type Wait struct {
	Thing *Thing
	Ask   Ask
	Side  Side
}

// Awaited reports whether the word of the side itself is awaited.
func (s Side) Awaited() bool { return !s.Outcome.Ended() && s.Awaits == s.Party }

// maxWaits is how many asks of each asking party are listed.
const maxWaits = 4096

// Waits lists what awaits a reply, in things and inside them, oldest first:
// of each asking party its oldest few thousand; Await counts all.
func (f *Fold) Waits() (out []Wait) {
	n := map[record.PartyNo]int{}
	oldest := func(a, b Wait) int {
		return cmp.Or(cmp.Compare(a.Ask.Act.Time, b.Ask.Act.Time), comparePlaces(a.Ask.Act, b.Ask.Act), cmp.Compare(a.Side.Party, b.Side.Party))
	}
	trim := func(most int) {
		clear(n)
		slices.SortFunc(out, oldest)
		out = slices.DeleteFunc(out, func(w Wait) bool {
			n[w.Ask.Act.Ref.Party]++
			return n[w.Ask.Act.Ref.Party] > most
		})
	}
	for _, t := range f.Awaiting() {
		for _, a := range t.Asked {
			for _, s := range a.Sides {
				if s.Awaited() {
					out = append(out, Wait{t, a, s})
				}
			}
		}
		if len(out) > 16*maxWaits {
			trim(maxWaits)
		}
	}
	trim(maxWaits)
	return out
}
