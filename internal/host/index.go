// SPDX-License-Identifier: Apache-2.0

package host

import (
	"cmp"
	"maps"
	"slices"
	"sync"

	"openline/internal/store"
	"openline/record"
)

// Log is one generation of a log as far as it is stored.
type Log struct {
	store.LogID
	Base uint64 // number of its first record
	Size uint64
}

// Last is the number of its newest record; Base-1 while it has none.
func (l Log) Last() uint64 { return l.Base + l.Size - 1 }

// logIndex knows how long each stored log is, so that readers need not ask
// the station.
type logIndex struct {
	mu   sync.RWMutex
	logs map[store.LogID]Log
}

func (x *logIndex) load(s store.Saved) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.logs = map[store.LogID]Log{}
	for _, l := range s.Logs {
		x.logs[l.Log] = Log{l.Log, l.Base, l.Size}
	}
}

// saved takes note of a batch that is durable.
func (x *logIndex) saved(b *store.Batch) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for i := range b.Logs {
		u := &b.Logs[i]
		l, ok := x.logs[u.Log]
		if !ok {
			l = Log{u.Log, u.Base, 0}
		}
		l.Size = u.Size
		x.logs[u.Log] = l
	}
}

// all gives the logs by party, then generation.
func (x *logIndex) all() []Log {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return slices.SortedFunc(maps.Values(x.logs), func(a, b Log) int {
		return cmp.Or(cmp.Compare(a.Party, b.Party), cmp.Compare(a.Generation, b.Generation))
	})
}

// locate finds a record by its number: "a number belongs to the generation
// with the largest base not above it".
func (x *logIndex) locate(party record.PartyNo, number uint64) (store.Located, bool) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	var best Log
	for _, l := range x.logs {
		if l.Party == party && l.Base <= number && l.Base > best.Base {
			best = l
		}
	}
	if best.Base == 0 || number-best.Base >= best.Size {
		return store.Located{}, false
	}
	return store.Located{Log: best.LogID, Index: number - best.Base, Number: number}, true
}
