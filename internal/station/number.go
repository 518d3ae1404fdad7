// SPDX-License-Identifier: Apache-2.0

package station

import (
	"openline/internal/store"
	"openline/mirror"
	"openline/record"
	"openline/tlog"
)

// number gives a prepared draft its place: leaf, leaf hash, tree. An
// adoption is in force from its own leaf on.
func (s *Station) number(u *store.LogUpdate, p *prepared, at record.Stamp) Result {
	if p.adopts > 0 {
		s.text = s.cfg.Agreements.Version(p.adopts)
	}
	leaf := record.Leaf{
		Format: record.FormatVersion, Agreement: s.text.Version, Author: s.me, Generation: s.card.Generation,
		Time: at, About: p.about, Seen: s.seenNow(p.asks), Header: p.digest,
	}
	e := record.Entry{Leaf: leaf.Encode(), Header: p.header, Body: p.body}
	hash := record.LeafHash(e.Leaf)
	index := s.tree.Size()
	u.Hashes = append(u.Hashes, s.tree.Append(hash)...)
	u.Entries = append(u.Entries, e)
	u.About = append(u.About, p.about)
	if p.flash && len(s.flash) < maxFlash {
		s.flash = append(s.flash, index)
	}
	return Result{Party: s.me, Generation: s.card.Generation, Number: s.card.Base + index, Leaf: hash, Time: at}
}

// maxSeenListed keeps a leaf within its bound.
const maxSeenListed = 128

// seenNow lists each other log as held whole, every generation of it: those
// that changed since our last leaf, or all of them when the record asks for
// a reply. The first leaf after a start lists them all.
func (s *Station) seenNow(all bool) []record.Seen {
	var out []record.Seen
	for _, p := range s.peers {
		for _, gen := range p.mirror.Generations() {
			id := mirror.LogID{Party: p.no, Generation: gen}
			size, root := s.heldOf(p, gen)
			now := record.Seen{Party: p.no, Generation: gen, Size: size, Root: root}
			if (size > 0 && all || s.seen[id] != now) && len(out) < maxSeenListed {
				out = append(out, now)
				s.seen[id] = now
			}
		}
	}
	return out
}

// heldOf is how much of a peer's log is held once this batch is durable:
// what was received but is left for the next batch does not count.
func (s *Station) heldOf(p *peer, gen uint32) (uint64, [32]byte) {
	id := mirror.LogID{Party: p.no, Generation: gen}
	for _, t := range s.intake.taken {
		if t.Log != id {
			continue
		}
		size := p.durable[gen]
		root, err := tlog.RootAt(size, s.cfg.Reader.Hashes(store.LogID(t.Log)))
		if err != nil {
			s.log("error", "log of %s: %v", p.party.Name, err)
			return s.seen[id].Size, s.seen[id].Root
		}
		return size, root
	}
	return p.mirror.Position(gen)
}
