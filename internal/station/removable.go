// SPDX-License-Identifier: Apache-2.0

package station

import (
	"slices"

	"openline/internal/store"
	"openline/line"
	"openline/record"
)

// Removable is what an act of removal would do with one thing.
type Removable struct {
	RemovedThing
	Records []ToRemove       // whose content would go now
	Gone    int              // records whose content is gone already
	Stay    int              // records that are never removed
	Waits   []record.PartyNo // they have not receipted all of it, or not the RT01: nothing of it goes yet
}

// Removing finds what can be removed of things. It only reads what is
// stored, so that the line goes on meanwhile; the station holds what it gives
// against its own state.
type Removing struct {
	read Reader
	held *holders
	base map[store.LogID]uint64
}

// NewRemoving begins. logs are the stored logs of every party, base what the
// first record of each is numbered.
func NewRemoving(r Reader, me record.PartyNo, logs map[record.PartyNo][]store.LogID, base map[store.LogID]uint64) *Removing {
	return &Removing{r, newHolders(r, me, logs), base}
}

// Of finds what can be removed of one thing.
func (r *Removing) Of(t RemovedThing) (out Removable, err error) {
	out.RemovedThing = t
	places, err := r.read.About(t.Thing)
	if err != nil {
		return out, err
	}
	for _, at := range places {
		list, err := r.read.Entries(at.Log, at.Index, 1, 1)
		if err != nil || len(list) == 0 {
			return out, err
		}
		e, err := EntryOf(r.read, at.Log, r.base[at.Log], at.Index, list[0])
		switch {
		case err != nil:
			return out, err
		case !e.Removed.IsZero():
			out.Gone++
		case e.Header == nil && len(list[0].Header) == 0, e.Header != nil && line.Stays(e.Header.Code):
			out.Stay++
		default:
			at.Number = e.Number
			out.Records = append(out.Records, ToRemove{at, t.Thing, t.By})
		}
	}
	if len(out.Records) == 0 {
		return out, nil
	}
	need := make([]store.Located, 0, len(out.Records)+1)
	for _, x := range out.Records {
		need = append(need, x.At)
	}
	if by, ok := r.place(t.By); ok {
		need = append(need, by)
	}
	for _, at := range need {
		who, err := r.held.missing(at)
		if err != nil {
			return out, err
		}
		out.Waits = append(out.Waits, who...)
	}
	slices.Sort(out.Waits)
	out.Waits = slices.Compact(out.Waits)
	return out, nil
}

// place finds a record by its number: "a number belongs to the generation
// with the largest base not above it".
func (r *Removing) place(ref record.Ref) (at store.Located, ok bool) {
	var best uint64
	for log, base := range r.base {
		if log.Party == ref.Party && base <= ref.Number && base > best {
			at, ok, best = store.Located{Log: log, Index: ref.Number - base, Number: ref.Number}, true, base
		}
	}
	return at, ok
}
