// SPDX-License-Identifier: Apache-2.0

package asof

import (
	"fmt"
	"sort"
	"time"

	"openline/identity"
	"openline/internal/station"
	"openline/internal/store"
	"openline/line"
	"openline/record"
)

func timeOf(s record.Stamp) time.Time { return time.Unix(int64(s), 0).UTC() }

// findCut finds how much of each log was held at the hour.
func (v *viewer) findCut() error {
	var ours []store.LogState
	for _, l := range v.Logs {
		v.base[l.Log] = l.Base
		if l.Log.Party != v.me {
			continue
		}
		ours = append(ours, l)
		n, err := v.madeBy(l)
		if err != nil {
			return err
		}
		v.cut[l.Log] = n
	}
	for _, l := range v.Logs {
		if l.Log.Party == v.me {
			continue
		}
		for _, own := range ours {
			n, err := v.receiptedBy(l, own.Log)
			if err != nil {
				return err
			}
			v.cut[l.Log] = max(v.cut[l.Log], n)
		}
	}
	return v.addSeen(ours)
}

// madeBy is how many records of a log of ours were made by the hour. Times
// never fall along a log.
func (v *viewer) madeBy(l store.LogState) (uint64, error) {
	return v.search(l.Size, func(n uint64) (bool, error) {
		leaf, err := v.leaf(l.Log, n-1)
		return err == nil && leaf.Time <= v.at, err
	})
}

// receiptedBy is how much of another's log a generation of ours had signed
// that it holds.
func (v *viewer) receiptedBy(l store.LogState, by store.LogID) (uint64, error) {
	return v.search(l.Size, func(n uint64) (bool, error) {
		st, ok, err := v.Reader.FirstStatement(l.Log, by, n, false)
		return ok && st.At <= v.at, err
	})
}

// search is the largest n up to size for which holds is true; it is true for
// every smaller one.
func (v *viewer) search(size uint64, holds func(n uint64) (bool, error)) (uint64, error) {
	var failed error
	n := sort.Search(int(size), func(i int) bool {
		ok, err := holds(uint64(i) + 1)
		if err != nil && failed == nil {
			failed = err
		}
		return !ok
	})
	return uint64(n), failed
}

// addSeen adds what our own leaves say they had seen. A leaf lists each log
// that changed, and all of them when it asks for a reply, so that few need
// to be read back.
func (v *viewer) addSeen(ours []store.LogState) error {
	const step = 256
	for _, l := range ours {
		want := map[store.LogID]bool{}
		for _, o := range v.Logs {
			if o.Log.Party != v.me && v.cut[o.Log] < o.Size {
				want[o.Log] = true
			}
		}
		for end := v.cut[l.Log]; end > 0 && len(want) > 0; {
			from := end - min(end, step)
			entries, err := v.Reader.Entries(l.Log, from, int(end-from), 8<<20)
			if err != nil {
				return err
			}
			for i := len(entries) - 1; i >= 0; i-- {
				leaf, err := record.DecodeLeaf(entries[i].Leaf)
				if err != nil {
					return err
				}
				for _, s := range leaf.Seen {
					id := store.LogID{Party: s.Party, Generation: s.Generation}
					if want[id] {
						v.cut[id] = max(v.cut[id], s.Size)
						delete(want, id)
					}
				}
			}
			end = from
		}
	}
	return nil
}

func (v *viewer) leaf(id store.LogID, index uint64) (*record.Leaf, error) {
	entries, err := v.Reader.Entries(id, index, 1, 1)
	if err != nil {
		return nil, err
	}
	if len(entries) == 0 {
		return nil, fmt.Errorf("%w: record %d of log %d.%d is missing", store.ErrCorrupt, index, id.Party, id.Generation)
	}
	return record.DecodeLeaf(entries[0].Leaf)
}

// foldCut folds what was held.
func (v *viewer) foldCut() error {
	v.fold = line.New(v.Agreements, v.Catalogue, source{v})
	var logs []*feed
	for _, l := range v.Logs {
		if v.cut[l.Log] == 0 {
			continue
		}
		party, ok := v.Agreements.Newest().Party(l.Log.Party)
		if !ok {
			return fmt.Errorf("stored log of party %d, which is not on the line", l.Log.Party)
		}
		card, err := identity.OpenStationCard(l.Card, party.Key)
		if err != nil {
			return fmt.Errorf("stored card of %s: %w", party.Name, err)
		}
		v.base[l.Log] = card.Base
		v.fold.Generation(l.Log.Party, l.Log.Generation, card.Base, card.Previous)
		logs = append(logs, &feed{v: v, id: l.Log, base: card.Base, end: v.cut[l.Log]})
	}
	for {
		f, err := earliest(logs)
		if err != nil || f == nil {
			return err
		}
		// A record that breaks a rule is an entry of the fold that says so; an
		// error is of what is stored, and then nothing is known.
		if err := v.fold.Add(f.take()); err != nil {
			return err
		}
	}
}

// keptPages is how far back a log is read from memory while it waits for
// another.
const keptPages = 8

// feed gives the entries of one log in order.
type feed struct {
	v    *viewer
	id   store.LogID
	base uint64
	at   uint64
	end  uint64
	page []line.Entry
}

// earliest is the log whose next record is the oldest, so that what an
// author had seen mostly goes before.
func earliest(logs []*feed) (best *feed, err error) {
	for _, f := range logs {
		if err := f.fill(); err != nil {
			return nil, err
		}
		if len(f.page) > 0 && (best == nil || f.time() < best.time()) {
			best = f
		}
	}
	return best, nil
}

func (f *feed) time() record.Stamp {
	if l := f.page[0].Leaf; l != nil {
		return l.Time
	}
	return 0
}

func (f *feed) fill() (err error) {
	if len(f.page) > 0 || f.at >= f.end {
		return nil
	}
	const pageEntries = 1000
	f.page, err = f.v.entries(f.id, f.base, f.at, int(min(pageEntries, f.end-f.at)))
	kept := f.v.pages[f.id]
	f.v.pages[f.id] = append(kept[max(0, len(kept)-keptPages+1):], f.page)
	if err == nil && len(f.page) == 0 {
		err = fmt.Errorf("%w: record %d of log %d.%d is missing", store.ErrCorrupt, f.at, f.id.Party, f.id.Generation)
	}
	return err
}

func (f *feed) take() line.Entry {
	e := f.page[0]
	f.page = f.page[1:]
	f.at++
	return e
}

// fed gives entries of a log out of the newest pages that were folded: the
// fold reads back what it was given a moment ago.
func (v *viewer) fed(id store.LogID, from uint64, max int) []line.Entry {
	for _, page := range v.pages[id] {
		if len(page) > 0 && page[0].Index <= from && from < page[0].Index+uint64(len(page)) {
			page = page[from-page[0].Index:]
			return page[:min(max, len(page))]
		}
	}
	return nil
}

func (v *viewer) entries(id store.LogID, base, from uint64, max int) ([]line.Entry, error) {
	entries, err := v.Reader.Entries(id, from, max, 4<<20)
	if err != nil {
		return nil, err
	}
	out := make([]line.Entry, len(entries))
	for i, e := range entries {
		if out[i], err = station.EntryOf(v.Reader, id, base, from+uint64(i), e); err != nil {
			return nil, err
		}
	}
	return out, nil
}
