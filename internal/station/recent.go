// SPDX-License-Identifier: Apache-2.0

package station

import "openline/record"

// recent keeps the newest own entries in memory, so that sending what was
// just saved reads nothing back.
type recent struct {
	from    uint64
	entries []record.Entry
	bytes   int
}

const recentBytes = 1 << 20

func (r *recent) add(from uint64, entries []record.Entry) {
	if len(entries) == 0 {
		return
	}
	if r.from+uint64(len(r.entries)) != from {
		*r = recent{from: from}
	}
	r.entries = append(r.entries, entries...)
	for _, e := range entries {
		r.bytes += e.Size()
	}
	drop := 0
	for r.bytes > recentBytes && drop < len(r.entries)-1 {
		r.bytes -= r.entries[drop].Size()
		drop++
	}
	// What is dropped is let go of here; the list moves to memory of its own
	// only when append finds it full, and not with every record.
	clear(r.entries[:drop])
	r.entries = r.entries[drop:]
	r.from += uint64(drop)
}

// get gives entries from an index on, or nil when they are no longer kept.
func (r *recent) get(from uint64, max, maxBytes int) []record.Entry {
	if from < r.from || from >= r.from+uint64(len(r.entries)) {
		return nil
	}
	rest := r.entries[from-r.from:]
	n, bytes := 0, 0
	for n < len(rest) && n < max && (n == 0 || bytes+rest[n].Size() <= maxBytes) {
		bytes += rest[n].Size()
		n++
	}
	return rest[:n]
}
