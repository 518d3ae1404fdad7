// SPDX-License-Identifier: Apache-2.0

package line

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"slices"

	"openline/record"
)

// maxActs is how many acts of each party about one thing are folded, the
// first ones of its log. Later ones are shown, not folded.
const maxActs = 512

// Thing is a matter: an opening record and the acts about it. It is the
// fold's own, and good until the next Add; it must not be changed.
type Thing struct {
	Name    record.Ref
	Opening *Act   // never nil
	Acts    []*Act // those folded, the opening one included, by party and place
	Sides   []Side // of the opening record, one for each party that is asked, in the order addressed
	Asked   []Ask  // what asks for a reply in it: the opening record first if it does, then by party and place
	Ended   *Act   // the asker's own word that ended it; nil if none
	Removed bool   // its content was removed under the retention clause (RT01): only what its leaves say is left
	Crossed bool   // some reply and that word, or two replies, did not know of each other

	// The first side's, which on a line of two is the only one.
	Outcome  Outcome
	By       *Act // the act the outcome stands on; nil if none
	Until    record.Stamp
	Replies  []*Act // standing replies
	Ladder   Ladder
	Answerer record.PartyNo // who is asked; 0 if nobody

	missing bool // its content is not held, and nothing folded removed it
	of      map[*Act]*reading
	shown   map[shownTo]shown
	digest  [32]byte
	weight  int
}

// Standing is how one act of a thing stands.
type Standing uint8

// How an act stands.
const (
	NoEffect Standing = iota // void, unknown, or it answers nothing here
	Replaced                 // by a later act of its author
	Stands
)

// Standing says how one of the thing's acts stands.
func (t *Thing) Standing(a *Act) Standing { return t.reading(a).standing }

// Why says why an act has no effect; empty if it has.
func (t *Thing) Why(a *Act) string {
	if t.Removed || t.missing {
		return whyRemoved
	}
	return t.reading(a).why
}

// Answers are the acts of this thing that one of them answers or replaces.
func (t *Thing) Answers(a *Act) []*Act { return t.reading(a).answers }

// RepliesTo are the asks that an act is a reply to: what it answers permits
// it, and asks, or reminds of an ask, or asks how one stands.
func (t *Thing) RepliesTo(a *Act) []*Act { return t.reading(a).to }

func (t *Thing) reading(a *Act) reading {
	if r := t.of[a]; r != nil {
		return *r
	}
	return reading{} // it is not of this thing
}

// Asker is the party that opened the thing.
func (t *Thing) Asker() record.PartyNo { return t.Name.Party }

// Asks reports whether its opening record asks for a reply.
func (t *Thing) Asks() bool { return len(t.Sides) > 0 }

// Open reports whether some side has yet to end the request or what was asked
// inside.
func (t *Thing) Open() bool {
	return slices.ContainsFunc(t.Asked, func(a Ask) bool {
		return slices.ContainsFunc(a.Sides, func(s Side) bool { return !s.Outcome.Ended() })
	})
}

// Digest is that of the thing's shared state.
func (t *Thing) Digest() [32]byte { return t.digest }

// Side finds what one asked party made of the thing.
func (t *Thing) Side(p record.PartyNo) (Side, bool) {
	for _, s := range t.Sides {
		if s.Party == p {
			return s, true
		}
	}
	return Side{}, false
}

// give gives an act to its thing, if that is there.
func (f *Fold) give(act *Act) error {
	place, ok, err := f.aboutPlace(act)
	if err != nil || !ok {
		return err
	}
	c := f.chains[place.log]
	name := record.ByNumber(place.log.Party, c.base+place.index)
	t := f.cache.get(name)
	if opens := act.about == act.at(); t == nil && opens {
		if act.Index < f.chains[act.log()].wanted || f.hashes.pending(act.Hash) {
			after, err := f.loadWith(name, f.reach, act)
			if err == nil && after != nil {
				f.change(nil, after)
			}
			return err
		}
		// Nobody can have named what was not held: it is new.
		t = &Thing{Name: name}
		t.add(act)
		f.settle(t)
		f.change(nil, t)
		return nil
	}
	if t == nil {
		if t, err = f.load(name); err != nil {
			return err
		}
	}
	if t == nil {
		// The opening record is held and waits, or was lost.
		c.wanted = max(c.wanted, place.index+1)
		return nil
	}
	if before := *t; t.add(act) {
		f.settle(t)
		f.change(&before, t)
	}
	return nil
}

// nameOf finds the thing an act is about. Not ok: none, or none yet.
func (f *Fold) nameOf(act *Act) (record.Ref, bool, error) {
	t, ok, err := f.aboutPlace(act)
	if err != nil || !ok {
		return record.Ref{}, false, err
	}
	return record.ByNumber(t.log.Party, f.chains[t.log].base+t.index), true, nil
}

func (f *Fold) aboutPlace(act *Act) (target, bool, error) {
	t := act.about
	if t.hash != nil {
		found, err := f.findHash(t.log.Party, *t.hash)
		if err != nil {
			return target{}, false, err
		}
		if found == nil {
			f.hashes.pend(*t.hash)
			return target{}, false, nil
		}
		t = *found
	}
	return t, f.chains[t.log] != nil, nil
}

// add appends an act unless its author has said too much about the thing.
func (t *Thing) add(act *Act) bool {
	n := 0
	for _, a := range t.Acts {
		if a.Ref.Party == act.Ref.Party {
			n++
		}
	}
	if n >= maxActs {
		return false
	}
	t.Acts = append(slices.Clip(t.Acts), act)
	return true
}

// change takes a thing's new state into sum, open set and cache; nil is
// no thing.
func (f *Fold) change(before, after *Thing) {
	f.sum.change(before, after)
	f.setOpen(before, after)
	f.tell(before, after)
	if after == nil {
		f.cache.drop(before.Name)
		return
	}
	f.cache.put(after)
	for _, a := range after.Acts {
		if after.repliesAsOffice(a) {
			p := f.parties[a.Ref.Party]
			p.reply = max(p.reply, a.Time)
		}
	}
}

// repliesAsOffice reports whether an office answers another party by the act:
// the opening record, or a question put since.
func (t *Thing) repliesAsOffice(a *Act) bool {
	return t.Standing(a) != NoEffect && a.stands() && a.Phrase.Replies && a.office() &&
		slices.ContainsFunc(t.Answers(a), func(b *Act) bool { return b.Ref.Party != a.Ref.Party })
}

// loadAt reads a thing back as it is where so much of each log is folded;
// nil if its opening record is not.
func (f *Fold) loadAt(name record.Ref, reach Cut) (*Thing, error) {
	return f.loadWith(name, reach, nil)
}

func (f *Fold) loadWith(name record.Ref, reach Cut, extra *Act) (*Thing, error) {
	within := func(c *chain, index uint64) bool {
		return index < reach[c.log] || extra != nil && extra.log() == c.log && extra.Index == index
	}
	var opening target
	for _, c := range f.generations(name.Party) {
		if name.Number >= c.base && within(c, name.Number-c.base) {
			opening = target{log: c.log, index: name.Number - c.base}
		}
	}
	if opening == (target{}) {
		return nil, nil
	}
	entries, err := f.src.About(name)
	if err != nil {
		return nil, fmt.Errorf("records about %d/%d: %w", name.Party, name.Number, err)
	}
	slices.SortFunc(entries, func(a, b Entry) int { return cmp.Or(a.Log().Compare(b.Log()), cmp.Compare(a.Index, b.Index)) })
	t := &Thing{Name: name}
	var hash [32]byte
	for _, e := range entries {
		if e.Log() == opening.log && e.Index == opening.index {
			hash = e.Hash
		}
	}
	for _, e := range entries {
		c := f.chains[e.Log()]
		if c == nil || !within(c, e.Index) {
			continue
		}
		act := extra
		if extra == nil || extra.at() != (target{log: e.Log(), index: e.Index}) {
			s, err := f.stateAt(c, e.Index+1)
			if err != nil {
				return nil, err
			}
			act = f.actOf(e, s)
		}
		if act.about == opening || act.about.hash != nil && act.about.log.Party == name.Party && *act.about.hash == hash {
			t.add(act)
		}
	}
	t.Removed = f.isRemoved(name, within)
	f.settle(t)
	if t.Opening == nil {
		return nil, nil
	}
	return t, nil
}

// load finds a thing in memory, or reads it back.
func (f *Fold) load(name record.Ref) (*Thing, error) {
	if t := f.inMemory(name); t != nil {
		return t, nil
	}
	t, err := f.loadAt(name, f.reach)
	if err == nil && t != nil {
		f.cache.put(t)
		if f.watcher != nil {
			f.watcher.Loaded(t)
		}
	}
	return t, err
}

// ErrNoThing is the answer to a name that is no thing's.
var ErrNoThing = errors.New("is not held here, or opens nothing")

// Thing gives a thing's shared state.
func (f *Fold) Thing(name record.Ref) (*Thing, error) {
	t, err := f.load(name)
	if err != nil {
		return nil, err
	}
	if t == nil {
		return nil, fmt.Errorf("record %d/%d %w", name.Party, name.Number, ErrNoThing)
	}
	return t, nil
}

// Awaiting lists the things in which something awaits a reply, oldest first:
// of those each party opened its oldest few thousand.
func (f *Fold) Awaiting() []*Thing {
	var out []*Thing
	for _, p := range f.parties {
		for name := range p.open.things {
			t, err := f.load(name)
			if err != nil {
				f.err = err
			} else if t != nil {
				out = append(out, t)
			}
		}
	}
	slices.SortFunc(out, func(a, b *Thing) int {
		return cmp.Or(cmp.Compare(a.Opening.Time, b.Opening.Time), cmp.Compare(a.Name.Party, b.Name.Party), cmp.Compare(a.Name.Number, b.Name.Number))
	})
	return out
}

// Await counts how many asks of one party await another.
func (f *Fold) Await(asker, answerer record.PartyNo) int {
	if p := f.parties[asker]; p != nil {
		return p.open.await[answerer]
	}
	return 0
}

// Err is the newest error of the source met where none could be given back.
func (f *Fold) Err() error { return f.err }

// Things gives every thing, open and closed, whose opening record has one of
// the codes (none given: of any), by party and number. It reads the logs
// through; the fold must not be added to meanwhile.
func (f *Fold) Things(codes ...string) iter.Seq2[*Thing, error] {
	return func(yield func(*Thing, error) bool) { f.things(f.reach, codes, yield) }
}

func (f *Fold) things(reach Cut, codes []string, yield func(*Thing, error) bool) {
	stop := fmt.Errorf("enough")
	for _, c := range f.order {
		err := f.read(c, 0, reach[c.log], func(e Entry) error {
			if e.Leaf != nil && !e.Leaf.About.IsZero() || len(codes) > 0 && (e.Header == nil || !slices.Contains(codes, e.Header.Code)) {
				return nil
			}
			t, err := f.loadAt(e.Ref(), reach)
			if err != nil || t == nil || len(codes) > 0 && !slices.Contains(codes, t.Opening.Code) {
				return err
			}
			if !yield(t, nil) {
				return stop
			}
			return nil
		})
		if err == stop {
			return
		}
		if err != nil {
			yield(nil, err)
			return
		}
	}
}
