// SPDX-License-Identifier: Apache-2.0

package host

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"

	"openline/identity"
	"openline/internal/station"
	"openline/internal/store"
	"openline/record"
)

// Record is one stored record with its place.
type Record struct {
	store.Located
	record.Decoded
	Raw       record.Entry
	Hash      [32]byte   // of the leaf
	RemovedBy record.Ref // the RT01 under which its content was removed here; zero: it is held
}

// Ref names the record by its number.
func (r Record) Ref() record.Ref { return record.ByNumber(r.Log.Party, r.Number) }

// Time is the time in the leaf; 0 where it does not parse.
func (r Record) Time() record.Stamp {
	if r.Leaf == nil {
		return 0
	}
	return r.Leaf.Time
}

// ErrNoRecord is the answer to a name under which nothing is held.
var ErrNoRecord = errors.New("no such record is held here")

// Place is a position in every log: an index to go on from, or to stop
// before. A log that is not named counts from its beginning.
type Place map[store.LogID]uint64

// Logs lists the stored logs of a line.
func (h *Host) Logs(id identity.LineID) ([]Log, error) {
	l, err := h.line(id)
	if err != nil {
		return nil, err
	}
	return l.index.all(), nil
}

// Record reads one record by its number or the hash of its leaf.
func (h *Host) Record(id identity.LineID, ref record.Ref) (Record, error) {
	l, err := h.line(id)
	if err != nil {
		return Record{}, err
	}
	at, ok := l.index.locate(ref.Party, ref.Number)
	if ref.Number == 0 && !ref.IsZero() {
		if at, ok, err = l.read.Find(ref.Party, ref.Hash); err != nil {
			return Record{}, err
		}
	}
	if !ok {
		return Record{}, ErrNoRecord
	}
	found, err := l.entries(at.Log, at.Number-at.Index, at.Index, 1)
	if err == nil && len(found) == 0 {
		err = ErrNoRecord
	}
	if err != nil {
		return Record{}, err
	}
	return found[0], nil
}

// entries reads records of one log from an index on.
func (l *line) entries(log store.LogID, base, from uint64, max int) ([]Record, error) {
	entries, err := l.read.Entries(log, from, max, maxPage)
	if err != nil {
		return nil, err
	}
	out := make([]Record, len(entries))
	for i, e := range entries {
		at := from + uint64(i)
		x, err := station.EntryOf(l.read, log, base, at, e)
		if err != nil {
			return nil, err
		}
		if !x.Removed.IsZero() {
			x.Fault = nil // nothing is wrong with it
		}
		out[i] = Record{store.Located{Log: log, Index: at, Number: base + at}, x.Decoded, e, x.Hash, x.Removed}
	}
	return out, nil
}

// maxPage bounds the bytes read of one log for one page.
const maxPage = 4 << 20

// After gives at most max records of all logs that follow a place, as one
// transcript, and the place behind them.
func (h *Host) After(id identity.LineID, from Place, max int) ([]Record, Place, error) {
	l, err := h.line(id)
	if err != nil {
		return nil, nil, err
	}
	var lists [][]Record
	next := Place{}
	for _, log := range l.index.all() {
		next[log.LogID] = min(from[log.LogID], log.Size)
		list, err := l.entries(log.LogID, log.Base, next[log.LogID], max)
		if err != nil {
			return nil, nil, err
		}
		lists = append(lists, list)
	}
	page := merge(lists)
	page = page[:min(max, len(page))]
	for _, r := range page {
		next[r.Log] = r.Index + 1
	}
	return page, next, nil
}

// Before gives at most max records of all logs that precede a place, the
// newest of them, as one transcript, and the place of its first. A nil place
// is the end of every log.
func (h *Host) Before(id identity.LineID, to Place, max int) ([]Record, Place, error) {
	l, err := h.line(id)
	if err != nil {
		return nil, nil, err
	}
	var lists [][]Record
	first := Place{}
	for _, log := range l.index.all() {
		end := log.Size
		if to != nil {
			end = min(to[log.LogID], log.Size)
		}
		first[log.LogID] = end
		from := end - min(end, uint64(max))
		list, err := l.entries(log.LogID, log.Base, from, int(end-from))
		if err != nil {
			return nil, nil, err
		}
		lists = append(lists, list)
	}
	page := merge(lists)
	page = page[len(page)-min(max, len(page)):]
	for _, r := range slices.Backward(page) {
		first[r.Log] = r.Index
	}
	return page, first, nil
}

// Since is the place before the first record of each log that was made at a
// time or later. Times never fall along a log.
func (h *Host) Since(id identity.LineID, at record.Stamp) (Place, error) {
	l, err := h.line(id)
	if err != nil {
		return nil, err
	}
	place := Place{}
	for _, log := range l.index.all() {
		lo, hi := uint64(0), log.Size
		for lo < hi {
			mid := lo + (hi-lo)/2
			r, err := l.entries(log.LogID, log.Base, mid, 1)
			if err != nil {
				return nil, err
			}
			if len(r) > 0 && r[0].Time() < at {
				lo = mid + 1
			} else {
				hi = mid
			}
		}
		place[log.LogID] = lo
	}
	return place, nil
}

// merge makes one transcript of the logs: each in its own order, what a
// record's author had seen before it, and otherwise by time, then party. The
// order is for the reader; nothing follows from it.
func merge(lists [][]Record) []Record {
	lists = slices.DeleteFunc(lists, func(l []Record) bool { return len(l) == 0 })
	total := 0
	for _, l := range lists {
		total += len(l)
	}
	out := make([]Record, 0, total)
	for len(lists) > 0 {
		i := nextOf(lists)
		out = append(out, lists[i][0])
		if lists[i] = lists[i][1:]; len(lists[i]) == 0 {
			lists = slices.Delete(lists, i, i+1)
		}
	}
	return out
}

func nextOf(lists [][]Record) int {
	best, bestWaits := 0, true
	for i, l := range lists {
		waits := seesLater(l[0], lists)
		less := cmp.Or(cmp.Compare(l[0].Time(), lists[best][0].Time()), cmp.Compare(l[0].Log.Party, lists[best][0].Log.Party),
			cmp.Compare(l[0].Log.Generation, lists[best][0].Log.Generation)) < 0
		if bestWaits && !waits || waits == bestWaits && less {
			best, bestWaits = i, waits
		}
	}
	return best
}

// seesLater reports whether a record's author had seen one that is still to
// be listed.
func seesLater(r Record, lists [][]Record) bool {
	if r.Leaf == nil {
		return false
	}
	for _, s := range r.Leaf.Seen {
		for _, l := range lists {
			if next := l[0]; next.Log.Party == s.Party && next.Log.Generation == s.Generation && next.Index < s.Size && s.Party != r.Log.Party {
				return true
			}
		}
	}
	return false
}

// Receipt is another party's word that it holds a record durably.
type Receipt struct {
	By   record.PartyNo
	Size uint64 // of the log it was made over: the smallest known that covers the record
	At   record.Stamp
	PQ   record.Stamp // time of the first ML-DSA cosignature that covers it; 0: classical only
}

// Receipts lists who has receipted a record, by party.
func (h *Host) Receipts(id identity.LineID, at store.Located) ([]Receipt, error) {
	l, err := h.line(id)
	if err != nil {
		return nil, err
	}
	by := map[record.PartyNo]Receipt{}
	for _, log := range l.index.all() {
		if log.Party == at.Log.Party {
			continue
		}
		st, ok, err := l.read.FirstStatement(at.Log, log.LogID, at.Index+1, false)
		if err != nil {
			return nil, err
		}
		if r, have := by[log.Party]; !ok || have && r.At <= st.At {
			continue
		}
		r := Receipt{By: log.Party, Size: st.Size, At: st.At}
		if pq, ok, err := l.read.FirstStatement(at.Log, log.LogID, at.Index+1, true); err != nil {
			return nil, err
		} else if ok {
			r.PQ = pq.At
		}
		by[log.Party] = r
	}
	return slices.SortedFunc(maps.Values(by), func(a, b Receipt) int { return cmp.Compare(a.By, b.By) }), nil
}

// WaitReceipts returns who has receipted a record once every other party
// has, or when ctx ends.
func (h *Host) WaitReceipts(ctx context.Context, id identity.LineID, at store.Located) ([]Receipt, error) {
	l, err := h.line(id)
	if err != nil {
		return nil, err
	}
	for {
		news, leave, err := l.news.subscribe(256)
		if err != nil {
			return nil, err
		}
		for lagged := false; !lagged; {
			receipts, err := h.Receipts(id, at)
			if err != nil || len(receipts) >= len(l.peers) {
				leave()
				return receipts, err
			}
			if lagged, err = awaitReceipt(ctx, l.done, news); err != nil {
				leave()
				return receipts, nil
			}
		}
		leave()
	}
}

// awaitReceipt waits for news of any receipt; lagged: the channel has ended.
func awaitReceipt(ctx context.Context, done <-chan struct{}, news <-chan News) (lagged bool, err error) {
	for {
		select {
		case n, ok := <-news:
			if !ok {
				select {
				case <-done:
					return true, ErrStopped
				default:
					return true, nil
				}
			}
			if n.Kind == "receipt" {
				return false, nil
			}
		case <-ctx.Done():
			return false, ctx.Err()
		}
	}
}
