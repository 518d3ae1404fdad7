// SPDX-License-Identifier: Apache-2.0

package line

import (
	"crypto/sha256"
	"fmt"
	"slices"

	"openline/record"
)

// Outcome is how a thing stands, from the records alone.
type Outcome uint8

// The outcomes; the zero value is unknown.
const (
	Open              Outcome = iota + 1 // nothing came
	Noted                                // asks for nothing
	Held                                 // until the hour they gave
	NoWord                               // received, no word yet
	Redirected                           // another office is competent
	Declined                             // with a reason
	Elsewhere                            // answered elsewhere, they say
	ElsewhereTraced                      // and the asker confirms
	ElsewhereUntraced                    // the asker cannot trace it
	Conditional                          // agreed on a condition, or counter-proposed
	InPrinciple                          // agreed in principle
	Answered
	Withdrawn
	Corrected
)

var outcomeNames = [...]string{"unknown", "open", "noted", "held", "no word yet", "redirected", "declined", "answered elsewhere",
	"answered elsewhere, confirmed", "answered elsewhere, not traced", "on condition", "in principle", "answered", "withdrawn", "corrected"}

func (o Outcome) String() string {
	if int(o) < len(outcomeNames) {
		return outcomeNames[o]
	}
	return outcomeNames[0]
}

// Ended reports whether the thing awaits nothing more.
func (o Outcome) Ended() bool {
	switch o {
	case Noted, Redirected, Declined, ElsewhereTraced, Answered, Withdrawn, Corrected:
		return true
	}
	return false
}

// Ladder is the receipt ladder above the station: each rung its own record,
// none of them agreement.
type Ladder struct {
	Watch, Office, Units record.Ref
	K, N                 uint64
}

// Thing is a matter: an opening record and the acts about it.
type Thing struct {
	Name     record.Ref
	Opening  *Act   // nil while it has not come
	Acts     []*Act // all of them, the opening one included, by party and number
	Outcome  Outcome
	By       *Act // the act the outcome stands on; nil if none
	Until    record.Stamp
	Crossed  bool
	Replies  []*Act // standing replies
	Ladder   Ladder
	Answerer record.PartyNo // who is asked; 0 if nobody

	digest [32]byte
	inSum  bool
}

// Asker is the party that opened the thing.
func (t *Thing) Asker() record.PartyNo { return t.Name.Party }

// Asks reports whether the thing asks for a reply.
func (t *Thing) Asks() bool { return t.Opening != nil && t.Opening.stands() && t.Opening.Phrase.Asks() }

// Digest is that of the thing's shared state.
func (t *Thing) Digest() [32]byte { return t.digest }

// take gives an act to its thing.
func (f *Fold) take(act *Act, name record.Ref) {
	f.rooms(act)
	t, err := f.load(name)
	if err != nil || t == nil {
		t = &Thing{Name: name}
		f.things[name] = t
	}
	if slices.ContainsFunc(t.Acts, func(a *Act) bool { return a.Ref == act.Ref && a.Generation == act.Generation }) {
		f.retire(t)
		return
	}
	t.Acts = append(t.Acts, act)
	f.refresh(t)
	f.retire(t)
}

// rooms gives an act to the rooms before reply: posts and clocks.
func (f *Fold) rooms(act *Act) {
	if !act.stands() || !act.Known {
		return
	}
	l := f.logs[act.Ref.Party]
	switch act.Code {
	case "CK01":
		l.decl = append(l.decl, act)
		slices.SortFunc(l.decl, func(a, b *Act) int { return int(int64(a.Ref.Number) - int64(b.Ref.Number)) })
	case "PO01":
		l.posts[act.Ref] = act
		for _, r := range act.Header.Re {
			delete(l.posts, r)
		}
	}
	if act.Phrase.Replies && act.Header.From != watchPost && act.Header.From != machinePost {
		l.reply = max(l.reply, act.Time)
	}
}

const watchPost = "watch"

// load finds a thing in memory, or reads a closed one back.
func (f *Fold) load(name record.Ref) (*Thing, error) {
	if t, ok := f.things[name]; ok {
		return t, nil
	}
	no, base, ok := f.GenerationOf(name.Party, name.Number)
	if !ok || name.Number-base >= f.Position(name.Party, no) {
		return nil, nil
	}
	entries, err := f.src.About(name)
	if err != nil {
		return nil, err
	}
	t := &Thing{Name: name}
	for _, e := range entries {
		if e.Index < f.Position(e.Party, e.Generation) {
			if act := f.reread(e); act != nil {
				t.Acts = append(t.Acts, act)
			}
		}
	}
	if len(t.Acts) == 0 {
		return nil, nil
	}
	f.settle(t)
	t.inSum = true
	f.things[name] = t
	return t, nil
}

// reread judges a stored entry again in its own past. Its effective seen is
// bounded below by its own leaf; what its author had seen before is read
// back from the newest leaf of its log that says so.
func (f *Fold) reread(e Entry) *Act {
	tmp := &partyLog{seen: f.seenBefore(e)}
	act, waits := f.actOf(e, tmp)
	if len(waits) > 0 {
		return nil
	}
	return act
}

// seenBefore walks back an author's log to the leaves that last spoke of
// each other log.
func (f *Fold) seenBefore(e Entry) Cut {
	c := Cut{}
	for n := e.Number; n > 1 && len(c) < len(f.logs)-1; {
		n--
		prev, ok, err := f.src.Entry(record.ByNumber(e.Party, n))
		if err != nil || !ok {
			break
		}
		if prev.Leaf == nil {
			continue
		}
		for _, s := range prev.Leaf.Seen {
			if root, held, err := f.src.Root(s.Party, s.Generation, s.Size); err == nil && held && root == s.Root {
				c[s.Party] = c[s.Party].max(Position{s.Generation, s.Size})
			}
		}
	}
	return c
}

// refresh computes a thing's state anew and keeps the sum.
func (f *Fold) refresh(t *Thing) {
	if t.inSum {
		f.sum.sub(t.digest)
	}
	f.settle(t)
	f.sum.add(t.digest)
	t.inSum = true
}

// retire drops from memory a thing that awaits nothing.
func (f *Fold) retire(t *Thing) {
	if t.Opening != nil && (t.Outcome.Ended() || !t.Asks()) {
		delete(f.things, t.Name)
	}
}

// Thing gives a thing's shared state.
func (f *Fold) Thing(name record.Ref) (*Thing, error) {
	t, err := f.load(name)
	if err != nil {
		return nil, err
	}
	if t == nil {
		return nil, fmt.Errorf("record %d/%d is not held here", name.Party, name.Number)
	}
	f.retire(t)
	return t, nil
}

// Awaiting lists the open things that ask, oldest first by party and number.
func (f *Fold) Awaiting() []*Thing {
	var out []*Thing
	for _, t := range f.things {
		if t.Asks() && !t.Outcome.Ended() {
			out = append(out, t)
		}
	}
	slices.SortFunc(out, func(a, b *Thing) int {
		if a.Opening.Time != b.Opening.Time {
			return int(int64(a.Opening.Time) - int64(b.Opening.Time))
		}
		if a.Name.Party != b.Name.Party {
			return int(a.Name.Party) - int(b.Name.Party)
		}
		return int(int64(a.Name.Number) - int64(b.Name.Number))
	})
	return out
}

// encode writes the shared state of a thing: the bytes both sides must have
// alike.
func (t *Thing) encode() []byte {
	w := record.NewWriter()
	w.Array(7)
	w.Uint(uint64(t.Name.Party))
	w.Uint(t.Name.Number)
	w.Uint(uint64(t.Outcome))
	if t.By != nil {
		w.Uint(t.By.Ref.Number)
	} else {
		w.Uint(0)
	}
	w.Uint(uint64(t.Until))
	w.Bool(t.Crossed)
	w.Array(len(t.Acts))
	for _, a := range t.Acts {
		w.Array(4)
		w.Uint(uint64(a.Ref.Party))
		w.Uint(a.Ref.Number)
		w.Text(a.Code)
		w.Bool(a.stands())
	}
	return w.Finish()
}

func (t *Thing) seal() {
	t.digest = sha256.Sum256(append([]byte("openline/thing/v1\n"), t.encode()...))
}
