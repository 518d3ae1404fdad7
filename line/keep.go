// SPDX-License-Identifier: Apache-2.0

package line

import (
	"container/list"
	"maps"
	"slices"

	"openline/record"
)

// Bounds of what is kept in memory; they decide nothing, only what has to be
// read back.
const (
	cacheWeight = 4 << 20 // bytes of things
	maxOpen     = 4096    // names of open things that each party opened
	maxHashes   = 8192    // newest leaf hashes, all logs together
	maxPending  = 1024    // leaf hashes named and not held
)

// cached is a thing with the weight it was put in with.
type cached struct {
	thing  *Thing
	weight int
}

// cache holds the things used last.
type cache struct {
	byName    map[record.Ref]*list.Element
	used      *list.List // of cached, newest first
	weight    int
	newest    Entry // the entry just added, which need not be read back
	newestLog *chain
}

func (c *cache) init() { c.byName, c.used = map[record.Ref]*list.Element{}, list.New() }

func (c *cache) get(name record.Ref) *Thing {
	e := c.byName[name]
	if e == nil {
		return nil
	}
	c.used.MoveToFront(e)
	return e.Value.(cached).thing
}

func (c *cache) put(t *Thing) {
	c.drop(t.Name)
	c.byName[t.Name] = c.used.PushFront(cached{t, t.weight})
	c.weight += t.weight
	for c.weight > cacheWeight && c.used.Len() > 1 {
		c.drop(c.used.Back().Value.(cached).thing.Name)
	}
}

func (c *cache) drop(name record.Ref) {
	if e := c.byName[name]; e != nil {
		c.weight -= e.Value.(cached).weight
		c.used.Remove(e)
		delete(c.byName, name)
	}
}

// openSet names the open things of one asking party: all of them below limit,
// none from it on. A limit of 0 is none.
type openSet struct {
	things map[record.Ref]bool
	limit  uint64
	await  map[record.PartyNo]int // asks of this party that await another, in whatever thing
}

func (f *Fold) setOpen(before, after *Thing) {
	was, is := before != nil && before.Open(), after != nil && after.Open()
	t := after
	if t == nil {
		t = before
	}
	if t == nil {
		return
	}
	f.countAwaited(before, -1)
	f.countAwaited(after, 1)
	set := &f.parties[t.Name.Party].open
	switch {
	case was && !is:
		delete(set.things, t.Name)
	case is && (set.limit == 0 || t.Name.Number < set.limit):
		set.things[t.Name] = true
		set.trim()
	}
}

func (f *Fold) countAwaited(t *Thing, by int) {
	if t == nil {
		return
	}
	for _, a := range t.Asked {
		for _, s := range a.Sides {
			if s.Awaited() {
				f.parties[a.Act.Ref.Party].open.await[s.Party] += by
			}
		}
	}
}

// trim keeps the oldest ones.
func (s *openSet) trim() {
	if len(s.things) <= maxOpen+maxOpen/4 {
		return
	}
	names := slices.SortedFunc(maps.Keys(s.things), func(a, b record.Ref) int { return int(int64(a.Number) - int64(b.Number)) })
	for _, n := range names[maxOpen:] {
		delete(s.things, n)
	}
	s.limit = names[maxOpen].Number
}

// refill reads on where the names of open things were cut off, once there is
// room again.
func (f *Fold) refill() error {
	for no, p := range f.parties {
		if p.open.limit == 0 || len(p.open.things) > maxOpen/2 {
			continue
		}
		if err := f.refillParty(no, &p.open); err != nil {
			return err
		}
	}
	return nil
}

func (f *Fold) refillParty(no record.PartyNo, set *openSet) error {
	for _, c := range f.generations(no) {
		for c.base+f.reach[c.log] > set.limit && len(set.things) < maxOpen {
			at := max(set.limit, c.base)
			to := min(at+512, c.base+f.reach[c.log])
			err := f.read(c, at-c.base, to-c.base, func(e Entry) error {
				if e.Leaf == nil || !e.Leaf.About.IsZero() {
					return nil
				}
				t, err := f.loadAt(e.Ref(), f.reach)
				if err == nil && t != nil && t.Open() {
					set.things[t.Name] = true
				}
				return err
			})
			if err != nil {
				return err
			}
			set.limit = to
		}
		if len(set.things) >= maxOpen {
			return nil
		}
	}
	set.limit = 0
	return nil
}

// hashes are the newest leaf hashes and their places, and those that a record
// named and nobody has sent yet.
type hashes struct {
	places map[[32]byte]target
	ring   [][32]byte
	next   int
	wanted map[[32]byte]bool
	many   bool // more are wanted than can be kept: every hash may be one of them
}

func (h *hashes) init() { h.places, h.wanted = map[[32]byte]target{}, map[[32]byte]bool{} }

func (h *hashes) put(e Entry) {
	if len(h.ring) < maxHashes {
		h.ring = append(h.ring, e.Hash)
	} else {
		delete(h.places, h.ring[h.next])
		h.ring[h.next] = e.Hash
		h.next = (h.next + 1) % maxHashes
	}
	h.places[e.Hash] = target{log: e.Log(), index: e.Index}
}

func (h *hashes) pend(hash [32]byte) {
	if len(h.wanted) < maxPending {
		h.wanted[hash] = true
	} else if !h.wanted[hash] {
		h.many = true
	}
}

func (h *hashes) pending(hash [32]byte) bool { return h.many || h.wanted[hash] }

// findHash finds the place of a record held, by its leaf hash.
func (f *Fold) findHash(party record.PartyNo, hash [32]byte) (*target, error) {
	if t, ok := f.hashes.places[hash]; ok {
		if t.log.Party != party {
			return nil, nil
		}
		return &t, nil
	}
	entries, err := f.src.About(record.ByHash(party, hash))
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if c := f.chains[e.Log()]; e.Hash == hash && e.Party == party && c != nil && e.Index < c.size {
			return &target{log: e.Log(), index: e.Index}, nil
		}
	}
	return nil, nil
}
