// SPDX-License-Identifier: Apache-2.0

package station

import (
	"fmt"

	"openline/internal/store"
	"openline/line"
	"openline/record"
)

// signed gives the fold the signed times this station holds, as they are at
// one event.
type signed struct {
	s      *Station
	newest map[record.PartyNo]newestSigned
}

type newestSigned struct {
	sig line.Signature
	ok  bool
}

func (s *Station) signedNow() signed { return signed{s, map[record.PartyNo]newestSigned{}} }

// FirstShown looks through the generations of the answering side for the
// earliest cosignature over a head that includes the entry.
func (v signed) FirstShown(by, party record.PartyNo, generation uint32, index uint64) (line.Signature, bool) {
	gens := v.s.generations(by)
	k := shownKey{by, store.LogID{Party: party, Generation: generation}, index, len(gens)}
	if sig, ok := v.s.shown.first[k]; ok {
		return sig, true
	}
	var best store.Statement
	found := false
	for _, gen := range gens {
		st, ok, err := v.s.cfg.Reader.FirstStatement(k.log, store.LogID{Party: by, Generation: gen}, index+1, false)
		if err == nil && ok && (!found || st.At < best.At) {
			best, found = st, true
		}
	}
	sig := line.Signature{At: best.At, Ground: fmt.Sprintf("head(%d,%d)@%d", party, best.Size, best.At)}
	if found {
		v.s.shown.keep(k, sig)
	}
	return sig, found
}

// shown remembers which statement was the first to show that a party had an
// entry: one that was found stays the first, unless one over a smaller head
// comes late.
type shown struct {
	first map[shownKey]line.Signature
	size  map[[2]store.LogID]uint64 // of the largest head stated since the start, by log and key
}

type shownKey struct {
	by    record.PartyNo
	log   store.LogID
	index uint64
	gens  int // generations of by that were looked through
}

const maxShown = 16_384

func (h *shown) keep(k shownKey, sig line.Signature) {
	if h.first == nil || len(h.first) >= maxShown {
		h.first = map[shownKey]line.Signature{}
	}
	h.first[k] = sig
}

// stated takes note of a statement that is stored.
func (h *shown) stated(st store.Statement) {
	if h.size == nil {
		h.size = map[[2]store.LogID]uint64{}
	}
	of := [2]store.LogID{st.Log, st.By}
	if h.size[of] == 0 || st.Size < h.size[of] {
		h.first = nil
	}
	h.size[of] = max(h.size[of], st.Size)
}

// Newest is the newest of a party's timed head and the time in the last leaf
// of its log, over what is held whole.
func (v signed) Newest(by record.PartyNo) (line.Signature, bool) {
	n, ok := v.newest[by]
	if !ok {
		n.sig, n.ok = v.newestOf(by)
		v.newest[by] = n
	}
	return n.sig, n.ok
}

func (v signed) newestOf(by record.PartyNo) (line.Signature, bool) {
	var sig line.Signature
	found := false
	for _, gen := range v.s.generations(by) {
		id := store.LogID{Party: by, Generation: gen}
		if st, ok, err := v.s.cfg.Reader.NewestStatement(id, id, false); err == nil && ok && (!found || st.At > sig.At) {
			sig, found = line.Signature{At: st.At, Ground: fmt.Sprintf("head(%d,%d)@%d", by, st.Size, st.At)}, true
		}
	}
	if at, ref := v.s.fold.NewestLeaf(by); at > sig.At {
		sig, found = line.Signature{At: at, Ground: v.s.refName(ref)}, true
	}
	return sig, found
}

// Missing counts records under a head the party signed that have not come.
func (v signed) Missing(by record.PartyNo) uint64 {
	p := v.s.peer(by)
	if p == nil {
		return 0
	}
	missing := uint64(0)
	for _, gen := range p.mirror.Generations() {
		if c, _, ok := p.mirror.Pending(gen); ok {
			missing += c.Size - p.durable[gen]
		}
	}
	return missing
}

func (s *Station) generations(party record.PartyNo) []uint32 {
	if party == s.me {
		return []uint32{s.card.Generation}
	}
	if p := s.peer(party); p != nil {
		return p.mirror.Generations()
	}
	return nil
}
