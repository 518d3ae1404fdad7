// SPDX-License-Identifier: Apache-2.0

package line

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"openline/agreement"
	"openline/catalogue"
	"openline/identity"
	"openline/record"
)

// FoldVersion is the reading of records this package makes. Stations with
// different versions do not compare their digests.
const FoldVersion = 1

// Source reads back what is stored.
type Source interface {
	Entry(ref record.Ref) (Entry, bool, error)
	// About lists the stored entries about a thing, its opening record
	// included, in any order.
	About(thing record.Ref) ([]Entry, error)
	// Root is the root of a log at a size that is held.
	Root(party record.PartyNo, generation uint32, size uint64) (root [32]byte, ok bool, err error)
}

// Errors of Add. The entry is counted all the same, so that nothing behind
// it is blocked.
var (
	ErrOrder   = errors.New("the entry is not the next of its log")
	ErrUnknown = errors.New("the entry is of a log without a card")
)

const maxRecent = 8192

// Fold is the state of a line. It is owned by one station.
type Fold struct {
	agreements *agreement.History
	catalogues func(version uint32) *catalogue.Catalogue
	src        Source

	logs   map[record.PartyNo]*partyLog
	things map[record.Ref]*Thing // open ones
	sum    sum                   // of the digests of all things, open and closed
	recent []touched             // newest entries, to look back a little
	waits  []*waiting
	claims []Claim
}

// partyLog is what the fold knows of one party's log.
type partyLog struct {
	gens   []generation
	seen   Cut          // effective seen of its newest leaf
	time   record.Stamp // greatest time so far
	newest record.Ref   // the leaf that has it
	person record.Stamp // newest act a person made
	reply  record.Stamp // newest act that is a reply by an office
	decl   []*Act       // CK01 in order
	posts  map[record.Ref]*Act
}

type generation struct {
	no       uint32
	base     uint64
	size     uint64 // entries added
	previous *identity.Held
	takenTo  uint64 // largest size of the generation before that KY02 or the card names
}

// Claim is a seen that names a root the log never had at that size: kept as
// a claim of two histories. It orders nothing and blocks nothing.
type Claim struct {
	By   record.Ref
	Seen record.Seen
}

type touched struct {
	party record.PartyNo
	gen   uint32
	index uint64
	thing record.Ref
}

// waiting is an act whose author says it has seen more than is held here.
type waiting struct {
	act   *Act
	thing record.Ref
	seen  []record.Seen
}

// New makes an empty fold.
func New(h *agreement.History, catalogues func(version uint32) *catalogue.Catalogue, src Source) *Fold {
	f := &Fold{agreements: h, catalogues: catalogues, src: src, logs: map[record.PartyNo]*partyLog{}, things: map[record.Ref]*Thing{}}
	for _, p := range h.Newest().Parties {
		f.logs[p.Number] = &partyLog{seen: Cut{}, posts: map[record.Ref]*Act{}}
	}
	return f
}

// Generation tells of a station card: a new stretch of a party's log whose
// numbers begin at base. Telling it again changes nothing.
func (f *Fold) Generation(party record.PartyNo, no uint32, base uint64, previous *identity.Held) {
	l := f.logs[party]
	if l == nil || f.gen(party, no) != nil {
		return
	}
	l.gens = append(l.gens, generation{no: no, base: base, previous: previous})
	slices.SortFunc(l.gens, func(a, b generation) int { return int(a.no) - int(b.no) })
}

func (f *Fold) gen(party record.PartyNo, no uint32) *generation {
	l := f.logs[party]
	if l == nil {
		return nil
	}
	for i := range l.gens {
		if l.gens[i].no == no {
			return &l.gens[i]
		}
	}
	return nil
}

// GenerationOf finds the generation a record number belongs to: the one with
// the largest base not above it.
func (f *Fold) GenerationOf(party record.PartyNo, number uint64) (no uint32, base uint64, ok bool) {
	l := f.logs[party]
	if l == nil || number == 0 {
		return 0, 0, false
	}
	for i := len(l.gens) - 1; i >= 0; i-- {
		if l.gens[i].base <= number {
			return l.gens[i].no, l.gens[i].base, true
		}
	}
	return 0, 0, false
}

// Base is the number of the first record of a generation.
func (f *Fold) Base(party record.PartyNo, no uint32) (uint64, bool) {
	if g := f.gen(party, no); g != nil {
		return g.base, true
	}
	return 0, false
}

// Position is how many entries of a generation were added.
func (f *Fold) Position(party record.PartyNo, no uint32) uint64 {
	if g := f.gen(party, no); g != nil {
		return g.size
	}
	return 0
}

// Cut is the position of every log.
func (f *Fold) Cut() Cut {
	c := Cut{}
	for no, l := range f.logs {
		for _, g := range l.gens {
			if g.size > 0 {
				c[no] = Position{g.no, g.size}
			}
		}
	}
	return c
}

// EffectiveSeen is what a party's newest leaf says, with all before it, of
// the other logs. The roots are left out.
func (f *Fold) EffectiveSeen(party record.PartyNo) Cut {
	if l := f.logs[party]; l != nil {
		return maps.Clone(l.seen)
	}
	return Cut{}
}

// Claims are the false roots found so far.
func (f *Fold) Claims() []Claim { return f.claims }

// Add folds the next entry of a log.
func (f *Fold) Add(e Entry) error {
	g := f.gen(e.Party, e.Generation)
	if g == nil {
		return fmt.Errorf("%w: party %d generation %d", ErrUnknown, e.Party, e.Generation)
	}
	if e.Index != g.size {
		return fmt.Errorf("%w: index %d after %d", ErrOrder, e.Index, g.size)
	}
	g.size++
	f.judge(e)
	f.settleWaiting(e.Party)
	return nil
}

// judge makes an act of an entry and gives it to the thing it is about.
func (f *Fold) judge(e Entry) {
	l := f.logs[e.Party]
	act, waits := f.actOf(e, l)
	thing := ThingOf(e)
	f.note(touched{e.Party, e.Generation, e.Index, thing})
	if len(waits) > 0 {
		f.waits = append(f.waits, &waiting{act, thing, waits})
		return
	}
	f.take(act, thing)
}

func (f *Fold) note(t touched) {
	f.recent = append(f.recent, t)
	if len(f.recent) > 2*maxRecent {
		f.recent = slices.Clone(f.recent[maxRecent:])
	}
}

// actOf judges an entry in its author's past. What its seen claims beyond
// what is held is given back as waiting.
func (f *Fold) actOf(e Entry, l *partyLog) (*Act, []record.Seen) {
	act := &Act{Ref: e.Ref(), Generation: e.Generation, Index: e.Index, Hash: e.Hash, Header: e.Header}
	if e.Leaf == nil {
		act.Void = "the leaf does not parse"
		act.Seen = maps.Clone(l.seen)
		return act, nil
	}
	if e.Leaf.Time >= l.time {
		l.time, l.newest = e.Leaf.Time, e.Ref()
	}
	act.Time = l.time
	var waits []record.Seen
	for _, s := range e.Leaf.Seen {
		switch ok, wait := f.believe(e, s); {
		case wait:
			waits = append(waits, s)
		case ok:
			l.seen[s.Party] = l.seen[s.Party].max(Position{s.Generation, s.Size})
		}
	}
	act.Seen = maps.Clone(l.seen)
	act.Seen[e.Party] = Position{e.Generation, e.Index}
	f.readHeader(act, e)
	return act, waits
}

// believe checks one seen: beyond what is held it waits; with a wrong root
// it is void and kept as a claim.
func (f *Fold) believe(e Entry, s record.Seen) (ok, wait bool) {
	if s.Party == e.Party || f.logs[s.Party] == nil {
		return false, false
	}
	g := f.gen(s.Party, s.Generation)
	if g == nil || s.Size > g.size {
		return false, true
	}
	root, held, err := f.src.Root(s.Party, s.Generation, s.Size)
	if err != nil || !held {
		return false, true
	}
	if root != s.Root {
		f.claims = append(f.claims, Claim{e.Ref(), s})
		return false, false
	}
	return true, false
}

func (f *Fold) readHeader(act *Act, e Entry) {
	switch {
	case e.Header == nil:
		act.Void = "the header does not parse"
		return
	case e.Leaf.Author != e.Party || e.Leaf.Generation != e.Generation:
		act.Void = "the leaf names another author or generation"
	case f.agreements.Version(e.Leaf.Agreement) == nil:
		act.Void = "the leaf names an agreement version that is not in force"
	}
	act.Code = e.Header.Code
	if e.Body != nil {
		act.Params = e.Body.Params
	} else if act.Void == "" {
		act.Void = "the body does not parse"
	}
	if act.Void != "" {
		return
	}
	cat := f.catalogues(e.Leaf.Agreement)
	if act.Phrase, act.Known = cat.Phrase(act.Code); !act.Known {
		return
	}
	if err := cat.Check(e.Header, e.Body); err != nil {
		act.Void = err.Error()
		return
	}
	if a := f.agreements.Version(e.Leaf.Agreement); a.Standing == record.Exercise && e.Header.Status != record.Exercise {
		act.Void = "on an exercise line every record is an exercise"
	}
	if e.Leaf.About.IsZero() && !act.Phrase.Opens {
		act.Void = act.Code + " opens nothing and names nothing it is about"
	}
	if act.Phrase.Who != catalogue.Machine && e.Header.From != machinePost {
		l := f.logs[e.Party]
		l.person = max(l.person, act.Time)
	}
}

const machinePost = "station"

// settleWaiting judges again what waited for more of a log.
func (f *Fold) settleWaiting(party record.PartyNo) {
	kept := f.waits[:0]
	var ready []*waiting
	for _, w := range f.waits {
		w.seen = slices.DeleteFunc(w.seen, func(s record.Seen) bool {
			if s.Party != party {
				return false
			}
			ok, wait := f.believe(Entry{Party: w.act.Ref.Party, Number: w.act.Ref.Number}, s)
			if ok {
				f.learn(w.act, s)
			}
			return !wait
		})
		if len(w.seen) > 0 {
			kept = append(kept, w)
		} else {
			ready = append(ready, w)
		}
	}
	f.waits = kept
	for _, w := range ready {
		f.take(w.act, w.thing)
	}
}

// learn completes the past of an act and of what its author wrote after it.
func (f *Fold) learn(from *Act, s record.Seen) {
	p := Position{s.Generation, s.Size}
	l := f.logs[from.Ref.Party]
	l.seen[s.Party] = l.seen[s.Party].max(p)
	later := func(a *Act) {
		if a.Ref.Party == from.Ref.Party && a.Ref.Number >= from.Ref.Number {
			a.Seen[s.Party] = a.Seen[s.Party].max(p)
		}
	}
	later(from)
	for _, t := range f.things {
		for _, a := range t.Acts {
			later(a)
		}
		f.refresh(t)
	}
}
