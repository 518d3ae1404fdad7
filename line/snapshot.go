// SPDX-License-Identifier: Apache-2.0

package line

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"openline/record"
)

const snapshotVersion = 4

// Bounds of a snapshot. What is kept to be quick is thinned to these.
const (
	maxSavedMarks = 8192
	maxSavedPast  = 64
)

var errSnapshot = errors.New("the cached state is of another version or is damaged")

// Snapshot writes the fold as a cache: where each log stands, the sum, and
// the names of what is open. It is private to a station and may be thrown
// away; a fold restored from it and one folded anew are equal.
func (f *Fold) Snapshot() []byte {
	w := record.NewWriter()
	w.Array(9)
	if len(f.toRemove) > 0 {
		w.Uint(0) // an error kept something from being judged: read anew
	} else {
		w.Uint(snapshotVersion)
	}
	w.Uint(FoldVersion)
	w.Bytes(f.sum.bytes())
	w.Uint(f.sum.missing)
	w.Array(len(f.order))
	for _, c := range f.order {
		c.write(w, f.reach[c.log])
	}
	w.Array(len(f.parties))
	for _, no := range slices.Sorted(maps.Keys(f.parties)) {
		f.parties[no].write(w, no)
	}
	f.writePast(w)
	f.writeLeft(w)
	f.writeRemovals(w)
	return w.Finish()
}

func writeUints(w *record.Writer, n ...uint64) {
	w.Array(len(n))
	for _, v := range n {
		w.Uint(v)
	}
}

func (c *chain) write(w *record.Writer, reach uint64) {
	w.Array(7)
	writeUints(w, uint64(c.log.Party), uint64(c.log.Generation), c.base, c.size, c.done, reach, bit(c.started)+2*bit(c.manyLie), c.spacing, c.wanted)
	c.at.write(w, c.done)
	every := 1 + len(c.marks)/maxSavedMarks
	w.Array((len(c.marks) + every - 1) / every)
	for i := 0; i < len(c.marks); i += every {
		c.marks[i].state.write(w, c.marks[i].index)
	}
	writeUints(w, c.voids...)
	writeUints(w, c.decl...)
	writeUints(w, c.post...)
	w.Array(len(c.backs))
	for _, b := range c.backs {
		writeUints(w, b.index, uint64(b.generation), b.size)
	}
}

func bit(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

func (s state) write(w *record.Writer, index uint64) {
	w.Array(3)
	writeUints(w, index, uint64(s.time), uint64(s.version), uint64(s.byHash), uint64(s.backs), uint64(s.named))
	for _, list := range []heads{s.seen, s.lies} {
		w.Array(len(list))
		for _, h := range list {
			writeUints(w, uint64(h.log.Party), uint64(h.log.Generation), h.size)
		}
	}
}

func (p *partyState) write(w *record.Writer, no record.PartyNo) {
	w.Array(3)
	writeUints(w, uint64(no), uint64(p.time), uint64(p.newest.Party), p.newest.Number, uint64(p.person), uint64(p.reply), p.open.limit)
	var names []uint64
	for n := range p.open.things {
		names = append(names, n.Number)
	}
	slices.Sort(names)
	writeUints(w, names...)
	w.Array(len(p.open.await))
	for _, by := range slices.Sorted(maps.Keys(p.open.await)) {
		writeUints(w, uint64(by), uint64(p.open.await[by]))
	}
}

func (f *Fold) writePast(w *record.Writer) {
	past := f.past
	every := 1 + len(past)/maxSavedPast
	var kept []pastSum
	for i := len(past) - 1; i >= 0; i -= every {
		kept = append(kept, past[i])
	}
	slices.Reverse(kept)
	w.Array(len(kept))
	for _, p := range kept {
		w.Array(3)
		w.Bytes(p.sum.bytes())
		w.Uint(p.sum.missing)
		w.Array(len(p.reach))
		for _, c := range f.order {
			if n, ok := p.reach[c.log]; ok {
				writeUints(w, uint64(c.log.Party), uint64(c.log.Generation), n)
			}
		}
	}
}

// writeLeft writes the hashes wanted and the claims.
func (f *Fold) writeLeft(w *record.Writer) {
	w.Array(4)
	w.Uint(f.added)
	w.Bool(f.hashes.many)
	wanted := slices.SortedFunc(maps.Keys(f.hashes.wanted), func(a, b [32]byte) int { return slices.Compare(a[:], b[:]) })
	w.Array(len(wanted))
	for _, h := range wanted {
		w.Bytes(h[:])
	}
	w.Array(len(f.claims))
	for _, c := range f.claims {
		w.Array(2)
		writeUints(w, uint64(c.By.Party), c.By.Number, uint64(c.Seen.Party), uint64(c.Seen.Generation), c.Seen.Size)
		w.Bytes(c.Seen.Root[:])
	}
}

// Restore takes up a snapshot in a new fold. Every generation stored must
// have been told before. On an error the fold is to be thrown away.
func (f *Fold) Restore(b []byte) error {
	if f.added > 0 {
		return fmt.Errorf("%w: the fold is not new", errSnapshot)
	}
	r := &reader{r: record.NewReader(b)}
	r.array(9)
	if r.uint() != snapshotVersion || r.uint() != FoldVersion {
		return errSnapshot
	}
	f.sum = sum{words(r.hash()), r.uint()}
	r.each(1<<16, func() { f.readChain(r) })
	r.each(1<<16, func() { f.readParty(r) })
	r.each(maxSavedPast+1, func() {
		r.array(3)
		p := pastSum{sum: sum{words(r.hash()), r.uint()}, reach: Cut{}}
		r.each(1<<16, func() {
			v := r.uints(3, 3)
			p.reach[Log{record.PartyNo(v[0]), uint32(v[1])}] = v[2]
		})
		f.past = append(f.past, p)
	})
	r.array(4)
	f.added = r.uint()
	f.hashes.many = r.bool()
	r.each(maxPending, func() { f.hashes.wanted[r.hash()] = true })
	r.each(maxClaims, func() {
		r.array(2)
		v := r.uints(5, 5)
		f.claims = append(f.claims, Claim{record.ByNumber(record.PartyNo(v[0]), v[1]),
			record.Seen{Party: record.PartyNo(v[2]), Generation: uint32(v[3]), Size: v[4], Root: r.hash()}})
	})
	f.readRemovals(r)
	if r.err != nil {
		return r.err
	}
	return r.r.Done()
}

func (f *Fold) readChain(r *reader) {
	r.array(7)
	v := r.uints(9, 9)
	c := f.chains[Log{record.PartyNo(v[0]), uint32(v[1])}]
	if c == nil || c.base != v[2] || v[4] > v[3] || v[5] > v[4] || v[6] > 3 || v[7] == 0 {
		r.fail()
		c = newChain(Log{}, 0, nil)
	}
	c.size, c.done, c.started, c.manyLie, c.spacing = v[3], v[4], v[6]&1 == 1, v[6]&2 == 2, max(v[7], 1)
	c.wanted = v[8]
	if v[5] > 0 {
		f.reach[c.log] = v[5]
	}
	c.at = readState(r).state
	r.each(maxSavedMarks, func() {
		m := readState(r)
		if m.index > c.done || len(c.marks) > 0 && m.index <= c.marks[len(c.marks)-1].index {
			r.fail()
		}
		c.marks = append(c.marks, m)
	})
	c.voids = r.uints(0, maxVoids)
	c.decl = r.uints(0, maxDeclarations)
	c.post = r.uints(0, maxPosts)
	r.each(maxBacks, func() {
		b := r.uints(3, 3)
		c.backs = append(c.backs, back{b[0], uint32(b[1]), b[2]})
	})
}

func readState(r *reader) mark {
	r.array(3)
	v := r.uints(6, 6)
	m := mark{v[0], state{time: record.Stamp(v[1]), version: uint32(v[2]), byHash: uint32(v[3]), backs: uint32(v[4]), named: uint32(v[5])}}
	for _, list := range []*heads{&m.state.seen, &m.state.lies} {
		r.each(1<<12, func() {
			h := r.uints(3, 3)
			*list = append(*list, head{Log{record.PartyNo(h[0]), uint32(h[1])}, h[2]})
		})
	}
	return m
}

func (f *Fold) readParty(r *reader) {
	r.array(3)
	v := r.uints(7, 7)
	p := f.parties[record.PartyNo(v[0])]
	if p == nil {
		r.fail()
		return
	}
	p.time, p.newest = record.Stamp(v[1]), record.Ref{Party: record.PartyNo(v[2]), Number: v[3]}
	p.person, p.reply, p.open.limit = record.Stamp(v[4]), record.Stamp(v[5]), v[6]
	for _, n := range r.uints(0, maxOpen+maxOpen/4) {
		p.open.things[record.ByNumber(record.PartyNo(v[0]), n)] = true
	}
	r.each(1<<16, func() {
		a := r.uints(2, 2)
		p.open.await[record.PartyNo(a[0])] = int(a[1])
	})
}

// reader reads a snapshot and keeps the first error; after it everything is
// zero and nothing is allocated.
type reader struct {
	r   *record.Reader
	err error
}

func (r *reader) fail() {
	if r.err == nil {
		r.err = errSnapshot
	}
}

func (r *reader) take(err error) bool {
	if r.err == nil && err != nil {
		r.err = fmt.Errorf("%w: %w", errSnapshot, err)
	}
	return r.err == nil
}

func (r *reader) array(n int) {
	if r.err != nil {
		return
	}
	if k, err := r.r.ArrayLen(n); r.take(err) && k != n {
		r.fail()
	}
}

func (r *reader) uint() uint64 {
	if r.err != nil {
		return 0
	}
	n, err := r.r.Uint()
	r.take(err)
	return n
}

func (r *reader) bool() bool {
	if r.err != nil {
		return false
	}
	v, err := r.r.Bool()
	r.take(err)
	return v
}

func (r *reader) hash() (h [32]byte) {
	if r.err != nil {
		return h
	}
	if b, err := r.r.Bytes(32); r.take(err) {
		if len(b) != 32 {
			r.fail()
		}
		copy(h[:], b)
	}
	return h
}

func (r *reader) each(max int, do func()) {
	if r.err != nil {
		return
	}
	n, err := r.r.ArrayLen(max)
	r.take(err)
	for i := 0; i < n && r.err == nil; i++ {
		do()
	}
}

// uints reads a list of between least and most numbers; on an error, least
// zeros.
func (r *reader) uints(least, most int) []uint64 {
	var out []uint64
	r.each(most, func() { out = append(out, r.uint()) })
	if len(out) < least {
		r.fail()
		out = append(out, make([]uint64, least-len(out))...)
	}
	return out
}
