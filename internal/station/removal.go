// SPDX-License-Identifier: Apache-2.0

package station

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"openline/internal/store"
	"openline/line"
	"openline/record"
)

// journalRemoved is the journal's entry of an act of removal.
const journalRemoved = "removed"

// MaxRemovals is how many records lose their content by one act.
const MaxRemovals = 16_384

// ErrRemoval is the answer to a removal that no record in force lets happen.
var ErrRemoval = errors.New("the content of this record is not to be removed")

// Remove takes the content of records away from this station's disk, for
// good. It is this party's own act, and goes no further than records (RT01)
// in force at our cut let it. Answered by [Removed].
type Remove struct {
	Token   string
	Records []ToRemove
}

// Removed answers a [Remove] once the content is gone here. How many records
// lost it is 0 where Err says why none did.
type Removed struct {
	Token   string
	Records int
	Err     error
}

func (Remove) event()   {}
func (Removed) effect() {}

// ToRemove is one record that may lose its content.
type ToRemove struct {
	At    store.Located
	Thing record.Ref
	By    record.Ref // the RT01 that removed the thing
}

// RemovedThing is a thing whose content is removed at our cut, and by which
// RT01, the first of them.
type RemovedThing struct{ Thing, By record.Ref }

// RemovedThings lists what is removed at our cut, by party and number.
func (s *Station) RemovedThings() []RemovedThing {
	var out []RemovedThing
	for _, name := range s.fold.Removed() {
		out = append(out, RemovedThing{name, s.fold.RemovedBy(name)[0]})
	}
	return out
}

// remove takes up an act of removal. Which thing a record concerns, and that
// the RT01 names it, the store holds as well.
func (s *Station) remove(ev Remove) {
	err := s.mayRemove(ev.Records)
	if err == nil && (s.removing != nil || s.saving != nil && len(s.saving.batch.Removals) > 0) {
		err = ErrTooMany
	}
	if err != nil || len(ev.Records) == 0 {
		s.do(Removed{Token: ev.Token, Err: err})
		return
	}
	s.removing = &ev
}

func (s *Station) mayRemove(list []ToRemove) error {
	if len(list) > MaxRemovals {
		return fmt.Errorf("%w: %d records at once, at most %d", ErrRemoval, len(list), MaxRemovals)
	}
	held := newHolders(s.cfg.Reader, s.me, s.generationsOf())
	for i, r := range list {
		name := s.refName(record.ByNumber(r.At.Log.Party, r.At.Number))
		if i > 0 && r.At.Compare(list[i-1].At) <= 0 {
			return fmt.Errorf("%w: %s: the list is not in order", ErrRemoval, name)
		}
		if !slices.Contains(s.fold.RemovedBy(r.Thing), r.By) {
			return fmt.Errorf("%w: %s: %s does not remove %s", ErrRemoval, name, s.refName(r.By), s.refName(r.Thing))
		}
		by, ok := s.locate(r.By)
		if !ok {
			return fmt.Errorf("%w: %s: %s is not held", ErrRemoval, name, s.refName(r.By))
		}
		for _, at := range []store.Located{r.At, by} {
			if who, err := held.missing(at); err != nil {
				return err
			} else if len(who) > 0 {
				return fmt.Errorf("%w: %s: not every party has receipted %s", ErrRemoval, name, s.refName(record.ByNumber(at.Log.Party, at.Number)))
			}
		}
		e, ok, err := s.entryAt(r.At)
		switch {
		case err != nil:
			return err
		case !ok || !e.Removed.IsZero():
			return fmt.Errorf("%w: %s: its content is not held", ErrRemoval, name)
		case e.Header != nil && line.Stays(e.Header.Code):
			return fmt.Errorf("%w: %s: the line stands on it", ErrRemoval, name)
		}
	}
	return nil
}

// generationsOf lists the logs of every party of the line.
func (s *Station) generationsOf() map[record.PartyNo][]store.LogID {
	out := map[record.PartyNo][]store.LogID{}
	for _, p := range s.cfg.Agreements.Newest().Parties {
		out[p.Number] = nil
	}
	for l := range s.fold.Cut() {
		out[l.Party] = append(out[l.Party], store.LogID(l))
	}
	return out
}

// gatherRemovals puts an act of removal into the batch, with the state of the
// line as it is without that content, and a line in the journal.
func (s *Station) gatherRemovals(g *saving) {
	ev := s.removing
	if ev == nil {
		return
	}
	s.removing = nil
	by := map[record.Ref]bool{}
	var names strings.Builder
	for _, r := range ev.Records {
		g.batch.Removals = append(g.batch.Removals, store.Removal{Log: r.At.Log, Index: r.At.Index, Thing: r.Thing, By: r.By})
		by[r.By] = true
		fmt.Fprintf(&names, "%d/%d ", r.At.Log.Party, r.At.Number)
	}
	var acts []string
	for ref := range by {
		acts = append(acts, s.refName(ref))
	}
	slices.Sort(acts)
	e := JournalEntry{At: s.now.stamp(), Kind: journalRemoved, Act: fmt.Sprintf("%d records", len(ev.Records)), About: strings.Join(acts[:min(len(acts), 64)], " ")}
	for b := []byte(names.String()); len(b) > 0; {
		k := min(len(b), notePart)
		e.Proof, b = append(e.Proof, b[:k]), b[k:]
	}
	s.write(g, e)
	g.batch.Snapshot, s.folded = s.cached(), 0
	g.removed = ev
}

// settleRemoved follows once content is gone from the disk.
func (s *Station) settleRemoved(g *saving) {
	if g.removed == nil {
		return
	}
	s.recent = recent{}
	s.do(Removed{Token: g.removed.Token, Records: len(g.removed.Records)})
	s.do(Happened{Kind: "removed", Party: s.me})
	s.log("info", "the content of %d records was removed from this station's disk under the retention clause", len(g.removed.Records))
}

// tellUnremoved answers acts of removal that a station that stops leaves.
func (s *Station) tellUnremoved(g *saving, err error) {
	for _, ev := range []*Remove{g.removed, s.removing} {
		if ev != nil {
			s.do(Removed{Token: ev.Token, Err: fmt.Errorf("not known whether it was removed: %w", err)})
		}
	}
	s.removing = nil
}

// EntryOf is a stored entry with its place, and the RT01 under which its
// content was removed.
func EntryOf(r Reader, log store.LogID, base, index uint64, e record.Entry) (line.Entry, error) {
	out := line.Entry{Party: log.Party, Generation: log.Generation, Number: base + index, Index: index,
		Hash: record.LeafHash(e.Leaf), Decoded: e.Decode()}
	if !store.Hollow(e) {
		return out, nil
	}
	by, ok, err := r.RemovedBy(log, index)
	if err == nil && !ok {
		err = fmt.Errorf("%w: entry %d of log %d.%d has no content, and no record says that it was removed", store.ErrCorrupt, index, log.Party, log.Generation)
	}
	out.Removed = by
	return out, err
}

// holders knows how much of each log each party has said it holds.
type holders struct {
	read Reader
	me   record.PartyNo
	logs map[record.PartyNo][]store.LogID // by party, of all parties
	size map[store.LogID]map[record.PartyNo]uint64
}

func newHolders(r Reader, me record.PartyNo, logs map[record.PartyNo][]store.LogID) *holders {
	return &holders{r, me, logs, map[store.LogID]map[record.PartyNo]uint64{}}
}

// missing lists the other parties, its author aside, that have not receipted
// a record: each keeps a copy of its own until it decides by itself.
func (h *holders) missing(at store.Located) (out []record.PartyNo, err error) {
	by := h.size[at.Log]
	if by == nil {
		by = map[record.PartyNo]uint64{}
		for party, logs := range h.logs {
			for _, l := range logs {
				st, ok, err := h.read.NewestStatement(at.Log, l, false)
				if err != nil {
					return nil, err
				}
				if ok {
					by[party] = max(by[party], st.Size)
				}
			}
		}
		h.size[at.Log] = by
	}
	for party := range h.logs {
		if party != h.me && party != at.Log.Party && by[party] <= at.Index {
			out = append(out, party)
		}
	}
	slices.SortFunc(out, cmp.Compare)
	return out, nil
}
