// SPDX-License-Identifier: Apache-2.0

package station

import (
	"fmt"

	"openline/internal/store"
	"openline/line"
	"openline/record"
)

// signed gives the fold the signed times this station holds.
type signed struct{ s *Station }

// FirstShown looks through the generations of the answering side for the
// earliest cosignature over a head that includes the entry.
func (v signed) FirstShown(by, party record.PartyNo, generation uint32, index uint64) (line.Signature, bool) {
	var best store.Statement
	found := false
	for _, gen := range v.s.generations(by) {
		st, ok, err := v.s.cfg.Reader.FirstStatement(store.LogID{Party: party, Generation: generation}, store.LogID{Party: by, Generation: gen}, index+1, false)
		if err == nil && ok && (!found || st.At < best.At) {
			best, found = st, true
		}
	}
	return line.Signature{At: best.At, Ground: fmt.Sprintf("head(%d,%d)@%d", party, best.Size, best.At)}, found
}

// Newest is the newest of a party's timed head and the time in the last leaf
// of its log, over what is held whole.
func (v signed) Newest(by record.PartyNo) (line.Signature, bool) {
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
