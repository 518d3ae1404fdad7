// SPDX-License-Identifier: Apache-2.0

package line

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"openline/record"
)

const snapshotVersion = 1

// Snapshot writes the fold as a cache: positions, sums, and the names of
// what is open. It is private to a station and may be thrown away.
func (f *Fold) Snapshot() []byte {
	w := record.NewWriter()
	w.Array(5)
	w.Uint(snapshotVersion)
	w.Uint(FoldVersion)
	w.Bytes(f.sum.bytes())
	names := slices.Collect(maps.Keys(f.things))
	w.Array(len(names))
	for _, n := range names {
		w.Array(2)
		w.Uint(uint64(n.Party))
		w.Uint(n.Number)
	}
	parties := slices.Sorted(maps.Keys(f.logs))
	w.Array(len(parties))
	for _, no := range parties {
		f.logs[no].snapshot(w, no)
	}
	return w.Finish()
}

func (l *partyLog) snapshot(w *record.Writer, no record.PartyNo) {
	w.Array(8)
	w.Uint(uint64(no))
	w.Uint(uint64(l.time))
	w.Uint(uint64(l.person))
	w.Uint(uint64(l.reply))
	w.Array(len(l.gens))
	for _, g := range l.gens {
		w.Array(3)
		w.Uint(uint64(g.no))
		w.Uint(g.base)
		w.Uint(g.size)
	}
	w.Array(len(l.seen))
	for _, p := range slices.Sorted(maps.Keys(l.seen)) {
		w.Array(3)
		w.Uint(uint64(p))
		w.Uint(uint64(l.seen[p].Generation))
		w.Uint(l.seen[p].Size)
	}
	w.Array(len(l.decl))
	for _, d := range l.decl {
		w.Uint(d.Ref.Number)
	}
	w.Array(len(l.posts))
	for r := range l.posts {
		w.Uint(r.Number)
	}
}

var errSnapshot = errors.New("the cached state is of another version")

const maxSnapshot = 1 << 24

// Restore takes up a snapshot. Generations must have been told before; on an
// error the fold is to be thrown away.
func (f *Fold) Restore(b []byte) error {
	if len(f.waits) > 0 {
		return errSnapshot
	}
	r := record.NewReader(b)
	if n, err := r.ArrayLen(5); err != nil || n != 5 {
		return errSnapshot
	}
	for _, want := range []uint64{snapshotVersion, FoldVersion} {
		if v, err := r.Uint(); err != nil || v != want {
			return errSnapshot
		}
	}
	s, err := r.Bytes(32)
	if err != nil || len(s) != 32 {
		return errSnapshot
	}
	f.sum = sum(words([32]byte(s)))
	names, err := readNames(r)
	if err != nil {
		return err
	}
	n, err := r.ArrayLen(maxSnapshot)
	if err != nil {
		return err
	}
	for range n {
		if err := f.restoreLog(r); err != nil {
			return err
		}
	}
	for _, name := range names {
		if t, err := f.load(name); err != nil || t == nil {
			return fmt.Errorf("cached thing %d/%d is not held: %v", name.Party, name.Number, err)
		}
	}
	return r.Done()
}

func readNames(r *record.Reader) ([]record.Ref, error) {
	n, err := r.ArrayLen(maxSnapshot)
	if err != nil {
		return nil, err
	}
	names := make([]record.Ref, n)
	for i := range names {
		v, err := readUints(r, 2)
		if err != nil {
			return nil, err
		}
		names[i] = record.ByNumber(record.PartyNo(v[0]), v[1])
	}
	return names, nil
}

func readUints(r *record.Reader, n int) ([]uint64, error) {
	k, err := r.ArrayLen(n)
	if err != nil || k != n {
		return nil, errSnapshot
	}
	out := make([]uint64, n)
	for i := range out {
		if out[i], err = r.Uint(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (f *Fold) restoreLog(r *record.Reader) error {
	if n, err := r.ArrayLen(8); err != nil || n != 8 {
		return errSnapshot
	}
	var v [4]uint64
	for i := range v {
		var err error
		if v[i], err = r.Uint(); err != nil {
			return err
		}
	}
	no := record.PartyNo(v[0])
	l := f.logs[no]
	if l == nil {
		return errSnapshot
	}
	l.time, l.person, l.reply = record.Stamp(v[1]), record.Stamp(v[2]), record.Stamp(v[3])
	err := readEach(r, 3, func(g []uint64) error {
		have := f.gen(no, uint32(g[0]))
		if have == nil {
			f.Generation(no, uint32(g[0]), g[1], nil)
			have = f.gen(no, uint32(g[0]))
		}
		have.size = g[2]
		return nil
	})
	if err != nil {
		return err
	}
	if err := readEach(r, 3, func(s []uint64) error {
		l.seen[record.PartyNo(s[0])] = Position{uint32(s[1]), s[2]}
		return nil
	}); err != nil {
		return err
	}
	if err := f.readActs(r, no, func(a *Act) { l.decl = append(l.decl, a) }); err != nil {
		return err
	}
	return f.readActs(r, no, func(a *Act) { l.posts[a.Ref] = a })
}

func readEach(r *record.Reader, width int, f func([]uint64) error) error {
	n, err := r.ArrayLen(maxSnapshot)
	if err != nil {
		return err
	}
	for range n {
		v, err := readUints(r, width)
		if err != nil {
			return err
		}
		if err := f(v); err != nil {
			return err
		}
	}
	return nil
}

// readActs reads record numbers and judges those records again.
func (f *Fold) readActs(r *record.Reader, no record.PartyNo, keep func(*Act)) error {
	n, err := r.ArrayLen(maxSnapshot)
	if err != nil {
		return err
	}
	for range n {
		number, err := r.Uint()
		if err != nil {
			return err
		}
		e, ok, err := f.src.Entry(record.ByNumber(no, number))
		if err != nil || !ok {
			return fmt.Errorf("cached record %d/%d is not held: %v", no, number, err)
		}
		if a := f.reread(e); a != nil {
			keep(a)
		}
	}
	return nil
}
