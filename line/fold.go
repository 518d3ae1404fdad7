// SPDX-License-Identifier: Apache-2.0

package line

import (
	"cmp"
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
const FoldVersion = 2

// Source reads back what is stored. It may hold more than was added.
type Source interface {
	Entry(ref record.Ref) (Entry, bool, error)
	// About lists the stored entries about a thing, its opening record
	// included, in any order; those that name it by hash and those that
	// name it by number alike.
	About(thing record.Ref) ([]Entry, error)
	// Root is the root of a log at a size that is held.
	Root(party record.PartyNo, generation uint32, size uint64) (root [32]byte, ok bool, err error)
}

// Ranger is a Source that reads a stretch of a log at once: entries from an
// index on, at most max of them, fewer if it likes but at least one.
type Ranger interface {
	Range(log Log, from uint64, max int) ([]Entry, error)
}

// Errors of Add. The entry is counted all the same, so that nothing behind
// it is blocked.
var (
	ErrOrder   = errors.New("the entry is not the next of its log")
	ErrUnknown = errors.New("the entry is of a log without a card")
)

// Fold is the state of a line. It is owned by one station.
type Fold struct {
	agreements *agreement.History
	catalogues func(version uint32) *catalogue.Catalogue
	src        Source

	chains  map[Log]*chain
	order   []*chain // by party, then generation
	parties map[record.PartyNo]*partyState
	reach   Cut // how much of each log is folded
	sum     sum // of the digests of all things, open and closed
	past    []pastSum
	added   uint64
	cache   cache
	hashes  hashes
	claims  []Claim
	err     error // see Err

	declarations map[target]declaration
	removals     map[record.Ref][]target // things whose content is removed, and the RT01 that say so
	removedBy    map[target][]record.Ref // the same, by RT01
	toRemove     []removing              // not judged yet
	watcher      Watcher                 // or nil
}

// partyState is what the fold knows of a party across its generations.
type partyState struct {
	time   record.Stamp // greatest time in its leaves
	newest record.Ref   // the leaf that has it
	person record.Stamp // newest act a person made
	reply  record.Stamp // newest act that is a reply by an office
	open   openSet
}

// New makes an empty fold.
func New(h *agreement.History, catalogues func(version uint32) *catalogue.Catalogue, src Source) *Fold {
	f := &Fold{agreements: h, catalogues: catalogues, src: src, chains: map[Log]*chain{}, parties: map[record.PartyNo]*partyState{}, reach: Cut{},
		declarations: map[target]declaration{}, removals: map[record.Ref][]target{}, removedBy: map[target][]record.Ref{}}
	for _, p := range h.Newest().Parties {
		f.parties[p.Number] = &partyState{open: openSet{things: map[record.Ref]bool{}, await: map[record.PartyNo]int{}}}
	}
	f.cache.init()
	f.hashes.init()
	return f
}

func (f *Fold) party(no record.PartyNo) bool { return f.parties[no] != nil }

// Generation tells of a station card: a new stretch of a party's log whose
// numbers begin at base. Telling it again changes nothing. All cards stored
// must be told before Restore.
func (f *Fold) Generation(party record.PartyNo, no uint32, base uint64, previous *identity.Held) {
	l := Log{party, no}
	if !f.party(party) || f.chains[l] != nil {
		return
	}
	c := newChain(l, base, previous)
	f.chains[l] = c
	f.order = append(f.order, c)
	slices.SortFunc(f.order, func(a, b *chain) int { return a.log.Compare(b.log) })
}

// generations are the logs of a party, oldest first.
func (f *Fold) generations(p record.PartyNo) []*chain {
	from, _ := slices.BinarySearchFunc(f.order, Log{p, 0}, func(c *chain, l Log) int { return c.log.Compare(l) })
	to := from
	for to < len(f.order) && f.order[to].log.Party == p {
		to++
	}
	return f.order[from:to]
}

// GenerationOf finds the generation a record number belongs to: the one with
// the largest base not above it.
func (f *Fold) GenerationOf(party record.PartyNo, number uint64) (no uint32, base uint64, ok bool) {
	for _, c := range f.generations(party) {
		if number > 0 && c.base <= number && c.base >= base {
			no, base, ok = c.log.Generation, c.base, true
		}
	}
	return no, base, ok
}

// Base is the number of the first record of a generation.
func (f *Fold) Base(party record.PartyNo, no uint32) (uint64, bool) {
	if c := f.chains[Log{party, no}]; c != nil {
		return c.base, true
	}
	return 0, false
}

// Position is how many entries of a generation were added.
func (f *Fold) Position(party record.PartyNo, no uint32) uint64 {
	if c := f.chains[Log{party, no}]; c != nil {
		return c.size
	}
	return 0
}

// Waiting is how many added entries of a party wait because their author had
// seen more than is held here.
func (f *Fold) Waiting(party record.PartyNo) (n uint64) {
	for _, c := range f.generations(party) {
		n += c.size - c.done
	}
	return n
}

// Lost is how many added entries of a party were lost by their author: they
// lie above the end of their generation, are shown and not folded.
func (f *Fold) Lost(party record.PartyNo) (n uint64) {
	for _, c := range f.generations(party) {
		n += c.done - f.reach[c.log]
	}
	return n
}

// Cut is the position of every log.
func (f *Fold) Cut() Cut {
	cut := Cut{}
	for _, c := range f.order {
		if c.size > 0 {
			cut[c.log] = c.size
		}
	}
	return cut
}

// EffectiveSeen is what a party's newest leaf says, with all before it, of
// the newest generation of each other log. The roots are left out.
func (f *Fold) EffectiveSeen(party record.PartyNo) map[record.PartyNo]Position {
	out := map[record.PartyNo]Position{}
	gens := f.generations(party)
	for i := len(gens) - 1; i >= 0; i-- {
		if !gens[i].started {
			continue
		}
		for _, h := range gens[i].at.seen {
			if h.log.Party != party && h.size > 0 {
				out[h.log.Party] = Position{h.log.Generation, h.size}
			}
		}
		break
	}
	return out
}

// Claims are the false roots found so far, at most a few hundred.
func (f *Fold) Claims() []Claim { return slices.Clone(f.claims) }

// Add folds the next entry of a log. An error of the source is given back;
// the entry is counted and is judged with a later one.
func (f *Fold) Add(e Entry) error {
	c := f.chains[e.Log()]
	if c == nil {
		return fmt.Errorf("%w: party %d generation %d", ErrUnknown, e.Party, e.Generation)
	}
	if e.Index != c.size {
		return fmt.Errorf("%w: index %d after %d", ErrOrder, e.Index, c.size)
	}
	c.size++
	f.added++
	f.hashes.put(e)
	f.declare(c, e)
	if p := f.parties[e.Party]; e.Leaf != nil && e.Leaf.Time >= p.time {
		p.time, p.newest = e.Leaf.Time, e.Ref()
	}
	err := f.settleAll(c, e)
	f.rememberSum()
	return err
}

// settleAll judges what the newest entry lets be judged, here and in logs
// that waited for it, until nothing moves.
func (f *Fold) settleAll(of *chain, newest Entry) error {
	f.cache.newest, f.cache.newestLog = newest, of
	defer func() { f.cache.newestLog = nil }()
	moved, err := f.advance(of, f.take)
	for again := moved || of.size == 1 || f.blockedOn(of); again && err == nil; {
		again = false
		for _, c := range f.order {
			if c.done == c.size {
				continue
			}
			var m bool
			if m, err = f.advance(c, f.take); err != nil {
				break
			}
			again = again || m
		}
	}
	return cmp.Or(err, f.settleRemovals(), f.settleReach(of.size == 1), f.refill())
}

// blockedOn reports whether some log may wait for one that has grown.
func (f *Fold) blockedOn(of *chain) bool {
	for _, c := range f.order {
		if c.done < c.size && (c.blocked == head{} || c.blocked.log == of.log) {
			return true
		}
	}
	return false
}

// take gives an act to its thing if its place is folded.
func (f *Fold) take(e Entry, act *Act) error {
	if act.person() {
		p := f.parties[e.Party]
		p.person = max(p.person, act.Time)
	}
	f.queueRemovals(e, act)
	l := e.Log()
	if f.reach[l] != e.Index || f.ended(l) {
		return nil // settleReach will find it
	}
	if err := f.give(act); err != nil {
		return err
	}
	f.reach[l] = e.Index + 1
	return nil
}

// ended reports whether a later generation of the log's party has begun.
func (f *Fold) ended(l Log) bool {
	for _, c := range f.generations(l.Party) {
		if c.log.Generation > l.Generation && c.size > 0 {
			return true
		}
	}
	return false
}

// reachAt is how much of each log is folded at a cut: all of it up to the
// first record that waits; of an earlier generation no more than its
// successors' cards and KY02s say its author holds.
func (f *Fold) reachAt(cut Cut) (Cut, error) {
	out := Cut{}
	for _, c := range slices.Backward(f.order) {
		n := min(cut[c.log], f.endAt(c, cut, out), c.done)
		n, err := f.judgedAt(c, n, cut)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			out[c.log] = n
		}
	}
	return out, nil
}

func (f *Fold) endAt(c *chain, cut, reach Cut) uint64 {
	end, newest := uint64(0), true
	for _, later := range f.generations(c.log.Party) {
		if later.log.Generation <= c.log.Generation || cut[later.log] == 0 {
			continue
		}
		newest = false
		if p := later.previous; p != nil && p.Generation == c.log.Generation {
			end = max(end, p.Size)
		}
		for _, b := range later.backs {
			if b.generation == c.log.Generation && b.index < reach[later.log] {
				end = max(end, b.size)
			}
		}
	}
	if newest {
		return cut[c.log]
	}
	return end
}

// judgedAt is how many of the first n records of a log had seen nothing
// beyond the cut.
func (f *Fold) judgedAt(c *chain, n uint64, cut Cut) (uint64, error) {
	if n == 0 || cut.knows(c.at) {
		return n, nil
	}
	// What was seen never falls: find the first record that saw too much.
	low, high := uint64(0), n
	for low < high {
		mid := (low + high + 1) / 2
		s, err := f.stateAt(c, mid)
		if err != nil {
			return 0, err
		}
		if cut.knows(s) {
			low = mid
		} else {
			high = mid - 1
		}
	}
	return low, nil
}

// settleReach brings things up to date where a generation has ended or
// records were taken back.
func (f *Fold) settleReach(began bool) error {
	now, stale := f.reach, began
	for _, c := range f.order {
		stale = stale || c.done != now[c.log]
	}
	if !stale {
		return nil
	}
	want, err := f.reachAt(f.Cut())
	if err != nil || maps.Equal(want, now) {
		return err
	}
	return f.shiftTo(want)
}

// NewestLeaf is the greatest time in a party's leaves and the record that
// has it: its own signed word that time had come so far.
func (f *Fold) NewestLeaf(party record.PartyNo) (record.Stamp, record.Ref) {
	if p := f.parties[party]; p != nil {
		return p.time, p.newest
	}
	return 0, record.Ref{}
}

// PersonAt is the time of the newest record of a party that a person made, 0
// if none is known.
func (f *Fold) PersonAt(party record.PartyNo) record.Stamp {
	if p := f.parties[party]; p != nil {
		return p.person
	}
	return 0
}

// ReplyAt is the time of a party's newest reply by an office, not the watch;
// 0 if none is known.
func (f *Fold) ReplyAt(party record.PartyNo) record.Stamp {
	if p := f.parties[party]; p != nil {
		return p.reply
	}
	return 0
}
