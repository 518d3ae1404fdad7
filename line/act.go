// SPDX-License-Identifier: Apache-2.0

package line

import (
	"cmp"
	"slices"

	"openline/catalogue"
	"openline/record"
)

// Entry is one record with its place.
type Entry struct {
	Party      record.PartyNo
	Generation uint32
	Number     uint64
	Index      uint64
	Hash       [32]byte
	record.Decoded
}

// Ref names the entry by its number.
func (e Entry) Ref() record.Ref { return record.ByNumber(e.Party, e.Number) }

// ThingOf is the thing an entry is about: what its leaf names, or itself.
func ThingOf(e Entry) record.Ref {
	if e.Leaf == nil || e.Leaf.About.IsZero() {
		return e.Ref()
	}
	return e.Leaf.About
}

// Position is how far one generation of a log reaches.
type Position struct {
	Generation uint32
	Size       uint64
}

func (p Position) covers(generation uint32, index uint64) bool {
	return p.Generation > generation || p.Generation == generation && p.Size > index
}

func (p Position) max(o Position) Position {
	if cmp.Or(cmp.Compare(p.Generation, o.Generation), cmp.Compare(p.Size, o.Size)) < 0 {
		return o
	}
	return p
}

// Cut is a position in every log: of what part of the record a state is.
type Cut map[record.PartyNo]Position

// Act is an entry judged: what it says about which thing, knowing what.
type Act struct {
	Ref        record.Ref
	Generation uint32
	Index      uint64
	Hash       [32]byte
	Code       string
	Time       record.Stamp // never below any earlier time of its author
	Header     *record.Header
	Params     map[string]record.Value
	Phrase     catalogue.Phrase
	Known      bool   // the phrase is in the catalogue of the thing's agreement version
	Void       string // why it answers and orders nothing, for good
	stray      string // the same, as long as its thing is known as it is
	Seen       Cut    // what its author had seen, its own log included
}

// saw reports whether the author of a had b before it when it wrote a.
func (a *Act) saw(b *Act) bool {
	if a.Ref.Party == b.Ref.Party {
		return a.Generation > b.Generation || a.Generation == b.Generation && a.Index > b.Index
	}
	return a.Seen[b.Ref.Party].covers(b.Generation, b.Index)
}

// crossed reports whether neither author knew of the other's act.
func crossed(a, b *Act) bool {
	return a.Ref.Party != b.Ref.Party && !a.saw(b) && !b.saw(a)
}

func (a *Act) names(r record.Ref) bool { return slices.Contains(a.Header.Re, r) }

func (a *Act) stands() bool { return a.Void == "" && a.stray == "" && a.Header != nil }

// Fault says why an act takes no effect; empty if it does.
func (a *Act) Fault() string { return cmp.Or(a.Void, a.stray) }

func sortActs(acts []*Act) {
	slices.SortFunc(acts, func(a, b *Act) int {
		return cmp.Or(cmp.Compare(a.Ref.Party, b.Ref.Party), cmp.Compare(a.Ref.Number, b.Ref.Number), cmp.Compare(a.Generation, b.Generation))
	})
}
