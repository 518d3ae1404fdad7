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
	Removed    record.Ref // the RT01 by which its content was removed from where it was stored
	record.Decoded
}

// Ref names the entry by its number.
func (e Entry) Ref() record.Ref { return record.ByNumber(e.Party, e.Number) }

// Log is the log the entry stands in.
func (e Entry) Log() Log { return Log{e.Party, e.Generation} }

// ThingOf is the thing an entry is about: what its leaf names, or itself.
func ThingOf(e Entry) record.Ref {
	if e.Leaf == nil || e.Leaf.About.IsZero() {
		return e.Ref()
	}
	return e.Leaf.About
}

// Log names one generation of one party's log.
type Log struct {
	Party      record.PartyNo
	Generation uint32
}

// Compare orders logs by party, then generation.
func (l Log) Compare(o Log) int {
	return cmp.Or(cmp.Compare(l.Party, o.Party), cmp.Compare(l.Generation, o.Generation))
}

// Position is how far one generation of a log reaches.
type Position struct {
	Generation uint32
	Size       uint64
}

// Cut is a size for each log: of what part of the record a state is. A log
// of size 0 is not in it.
type Cut map[Log]uint64

// knows reports whether all that was seen, and every lie about it, lies
// within the cut.
func (c Cut) knows(s state) bool {
	beyond := func(h head) bool { return h.size > c[h.log] }
	return !slices.ContainsFunc(s.seen, beyond) && !slices.ContainsFunc(s.lies, beyond)
}

// head is a log at a size.
type head struct {
	log  Log
	size uint64
}

// heads is an effective seen, ordered by log. It is never changed in place,
// so that acts share it.
type heads []head

func (h heads) find(l Log) (int, bool) {
	return slices.BinarySearchFunc(h, l, func(x head, l Log) int { return x.log.Compare(l) })
}

func (h heads) size(l Log) uint64 {
	if i, ok := h.find(l); ok {
		return h[i].size
	}
	return 0
}

// with is h joined with one more head. What is seen never falls.
func (h heads) with(l Log, size uint64) heads {
	i, ok := h.find(l)
	if ok && h[i].size >= size {
		return h
	}
	h = slices.Clone(h)
	if ok {
		h[i].size = size
		return h
	}
	return slices.Insert(h, i, head{l, size})
}

// of are the heads of one party's generations, oldest first.
func (h heads) of(p record.PartyNo) heads {
	from, _ := h.find(Log{p, 0})
	to := from
	for to < len(h) && h[to].log.Party == p {
		to++
	}
	return h[from:to]
}

// Act is an entry judged: what it says about which thing, knowing what. It
// is shared and must not be changed.
type Act struct {
	Ref        record.Ref
	Generation uint32
	Index      uint64
	Hash       [32]byte
	Agreement  uint32
	Code       string
	Time       record.Stamp // never below any earlier time of its author's leaves
	Dated      record.Stamp // as its own leaf says
	Header     *record.Header
	Params     map[string]record.Value // those of up to 4 kB; longer ones are in the entry
	Phrase     catalogue.Phrase
	Known      bool   // the phrase is in the catalogue of its agreement version
	Void       string // why it answers and orders nothing, for good

	about  target
	seen   heads      // what its author had seen of the other logs and its own earlier generations
	weight int        // bytes of memory, about
	gone   record.Ref // see Entry.Removed
}

// target is what a reference leads to: a place, or a hash whose place is not
// known yet.
type target struct {
	log   Log
	index uint64
	hash  *[32]byte
}

func (a *Act) log() Log { return Log{a.Ref.Party, a.Generation} }

// saw reports whether the author of a had b when it numbered a. A record
// named by its hash was held, wherever it stood.
func (a *Act) saw(b *Act) bool {
	if a.log() == b.log() {
		return a.Index > b.Index
	}
	return a.seen.size(b.log()) > b.Index || a.about.hash != nil && *a.about.hash == b.Hash
}

// crossed reports whether neither author knew of the other's act.
func crossed(a, b *Act) bool { return a != b && !a.saw(b) && !b.saw(a) }

// stands reports whether the act can take effect at all.
func (a *Act) stands() bool { return a.Void == "" && a.Header != nil && a.Known }

func (a *Act) at() target { return target{log: a.log(), index: a.Index} }

// sortActs orders acts by party, generation and place: the order of the
// printed page, and of nothing else.
func sortActs(acts []*Act) {
	slices.SortFunc(acts, comparePlaces)
}

func comparePlaces(a, b *Act) int {
	return cmp.Or(a.log().Compare(b.log()), cmp.Compare(a.Index, b.Index))
}

// person reports whether a person made the act: by what the phrase is, and
// not from the machine's own post.
func (a *Act) person() bool {
	return a.stands() && a.Phrase.Who != catalogue.Machine && a.Header.From != machinePost
}

// office reports whether an office speaks, not the watch and not the machine.
func (a *Act) office() bool { return a.Header.From != watchPost && a.Header.From != machinePost }

// The posts a station itself knows.
const (
	machinePost = "station"
	watchPost   = "watch"
)

const maxParam = 4096

// keep gives the parameters that are small enough to stay in memory.
func keep(params map[string]record.Value) (map[string]record.Value, int) {
	out := map[string]record.Value{}
	total := 0
	for name, v := range params {
		if n := sizeOf(v); n <= maxParam {
			out[name], total = v, total+n+64
		}
	}
	return out, total
}

func sizeOf(v record.Value) int {
	if s, ok := v.AsText(); ok {
		return len(s)
	}
	if b, ok := v.AsBytes(); ok {
		return len(b)
	}
	n := 8
	list, _ := v.AsArray()
	for _, e := range list {
		n += 32 + sizeOf(e)
	}
	return n
}
