// SPDX-License-Identifier: Apache-2.0

package stationtest

import (
	"fmt"
	"slices"

	"openline/internal/store"
	"openline/record"
)

// checkRemovals holds removals against what is stored before the batch.
func (d *Disk) checkRemovals(b *store.Batch) error {
	gone := map[store.Located]bool{}
	for i := range b.Removals {
		r := &b.Removals[i]
		l := d.logs[r.Log]
		at := store.Located{Log: r.Log, Index: r.Index}
		if l == nil || r.Index >= l.Size || gone[at] {
			return fmt.Errorf("%w: entry %d of log %v is not held", store.ErrBatch, r.Index, r.Log)
		}
		gone[at] = true
		var names map[record.Ref]bool
		if by, ok := d.opening(r.By); ok && r.By.Number > 0 {
			names = store.Names(d.logs[by.Log].entries[by.Index])
		}
		thing := record.ByNumber(r.Log.Party, l.Base+r.Index)
		if about := l.about[r.Index]; !about.IsZero() {
			thing = record.Ref{}
			if opening, ok := d.opening(about); ok {
				thing = record.ByNumber(opening.Log.Party, opening.Number)
			}
		}
		if err := r.Check(l.entries[r.Index], thing, names); err != nil {
			return err
		}
	}
	return nil
}

// remove takes content away. Readers hold what they were given before.
func (d *Disk) remove(b *store.Batch) {
	for _, r := range b.Removals {
		l := d.logs[r.Log]
		l.entries = slices.Clone(l.entries)
		l.entries[r.Index] = store.Bare(l.entries[r.Index])
		if l.removed == nil {
			l.removed = map[uint64]record.Ref{}
		}
		l.removed[r.Index] = r.By
	}
}

// RemovedBy implements station.Reader.
func (d *Disk) RemovedBy(id store.LogID, index uint64) (record.Ref, bool, error) {
	l := d.logs[id]
	if l == nil {
		return record.Ref{}, false, nil
	}
	by, ok := l.removed[index]
	return by, ok, nil
}

// Unwiped implements host.Reader: the model forgets at once.
func (d *Disk) Unwiped() (int, error) { return 0, nil }
