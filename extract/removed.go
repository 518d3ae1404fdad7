// SPDX-License-Identifier: Apache-2.0

package extract

import (
	"slices"

	"openline/record"
)

// Removed is a record shown to its leaf alone, and the record (RT01) shown
// whole that names what it concerns as removed under the retention clause.
// Whether the RT01 had effect is the fold's to say, not an extract's.
type Removed struct{ Ref, By record.Ref }

// removals gathers, along the walk, what is shown to its leaf and what the
// RT01s that are shown whole name.
type removals struct {
	leaves []leafOnly
	named  map[record.Ref]record.Ref // thing, and the first RT01 that names it
}

type leafOnly struct{ ref, thing record.Ref }

// Bounds of what is matched; more is not listed.
const (
	maxLeafOnly     = 65536
	maxRemovedNames = 65536
)

// meet takes a record of the walk.
func (r *removals) meet(s *shown) {
	ref := record.ByNumber(s.log.id.Party, s.number())
	switch {
	case s.leaf == nil:
	case s.depth == LeafOnly && len(r.leaves) < maxLeafOnly:
		thing := s.leaf.About
		if thing.IsZero() {
			thing = ref
		}
		r.leaves = append(r.leaves, leafOnly{ref, thing})
	case s.depth == Whole && s.header != nil && s.header.Code == "RT01":
		b, err := record.DecodeBody(s.entry.Body)
		if err != nil {
			return
		}
		list, _ := b.Params["records"].AsArray()
		for _, v := range list {
			pair, _ := v.AsArray()
			if len(pair) != 2 || len(r.named) >= maxRemovedNames {
				continue
			}
			party, _ := pair[0].AsUint()
			number, _ := pair[1].AsUint()
			if r.named == nil {
				r.named = map[record.Ref]record.Ref{}
			}
			if name := record.ByNumber(record.PartyNo(party), number); r.named[name].IsZero() {
				r.named[name] = ref
			}
		}
	}
}

// list gives the records whose content an RT01 shown says was removed.
func (r *removals) list() (out []Removed) {
	for _, l := range r.leaves {
		if by, ok := r.named[l.thing]; ok {
			out = append(out, Removed{l.ref, by})
		}
	}
	return slices.Clip(out)
}
