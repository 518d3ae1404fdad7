// SPDX-License-Identifier: Apache-2.0

package host

import (
	"context"
	"fmt"
	"slices"

	"openline/identity"
	"openline/internal/station"
	"openline/internal/store"
	"openline/record"
)

// Retention is what is removed at our cut, and what of it is still held here.
type Retention struct {
	Things  []station.Removable // those whose content is held in part, at most as many as were asked for
	Removed int                 // things whose content is removed at our cut
	Records int                 // whose content an act of removal would take now
	Waiting int                 // whose content waits until every party has receipted them and the RT01
	Gone    int                 // whose content is gone from here
	Unwiped int                 // of these, whose bytes may still be in the file
}

// Retention finds what an act of removal would do; most bounds the things it
// lists, not those it counts. The line goes on meanwhile.
func (h *Host) Retention(ctx context.Context, id identity.LineID, most int) (Retention, error) {
	var out Retention
	l, err := h.line(id)
	if err != nil {
		return out, err
	}
	err = l.removable(ctx, func(r station.Removable) bool {
		out.Removed++
		out.Gone += r.Gone
		if len(r.Waits) > 0 {
			out.Waiting += len(r.Records)
		} else {
			out.Records += len(r.Records)
		}
		if len(r.Records) > 0 && len(out.Things) < most {
			out.Things = append(out.Things, r)
		}
		return true
	})
	if err == nil {
		out.Unwiped, err = l.read.Unwiped()
	}
	return out, err
}

// RemoveContent takes away the content of all that may go, and gives how many
// records lost it. It is this party's own act and cannot be undone.
func (h *Host) RemoveContent(ctx context.Context, id identity.LineID) (total int, err error) {
	l, err := h.line(id)
	if err != nil {
		return 0, err
	}
	for {
		var list []station.ToRemove
		if err := l.removable(ctx, func(r station.Removable) bool {
			if len(r.Waits) == 0 {
				list = append(list, r.Records...)
			}
			return len(list) < station.MaxRemovals
		}); err != nil || len(list) == 0 {
			return total, err
		}
		slices.SortFunc(list, func(a, b station.ToRemove) int { return a.At.Compare(b.At) })
		list = slices.CompactFunc(list, func(a, b station.ToRemove) bool { return a.At == b.At })
		n, err := l.remove(ctx, list[:min(len(list), station.MaxRemovals)])
		total += n
		if err != nil {
			return total, fmt.Errorf("the content of %d records was removed: %w", total, err)
		}
	}
}

// removable gives each thing that is removed at our cut, until f gives false.
func (l *line) removable(ctx context.Context, f func(station.Removable) bool) error {
	var things []station.RemovedThing
	if err := l.ask(ctx, func() { things = l.st.RemovedThings() }); err != nil {
		return err
	}
	logs, base := map[record.PartyNo][]store.LogID{l.me: nil}, map[store.LogID]uint64{}
	for no := range l.peers {
		logs[no] = nil
	}
	for _, log := range l.index.all() {
		logs[log.Party] = append(logs[log.Party], log.LogID)
		base[log.LogID] = log.Base
	}
	r := station.NewRemoving(l.read, l.me, logs, base)
	for _, t := range things {
		if err := ctx.Err(); err != nil {
			return err
		}
		x, err := r.Of(t)
		if err != nil {
			return err
		}
		if !f(x) {
			return nil
		}
	}
	return nil
}

func (l *line) remove(ctx context.Context, list []station.ToRemove) (int, error) {
	token := NewToken(l.clock.Now().Wall)
	done := make(chan station.Removed, 1) // the line never waits for us
	if err := l.ask(ctx, func() {
		l.removals[token] = done
		l.step(station.Remove{Token: token, Records: list})
	}); err != nil {
		return 0, err
	}
	select {
	case r := <-done:
		return r.Records, r.Err
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// removedHere says in a language that the content of a record is removed, in
// the words of the phrase that removes it, and under which record.
func (e Env) removedHere(lang string, r Record) string {
	ours := fmt.Sprintf("(%s: content removed under %s)", e.RefName(r.Ref()), e.RefName(r.RemovedBy))
	a := e.l.cfg.Agreements.Newest()
	cat := e.l.cfg.Catalogue(a.Version)
	if cat == nil {
		return ours
	}
	h := &record.Header{Code: "RT01", Status: a.Standing}
	b := &record.Body{Params: map[string]record.Value{"records": record.Array(record.Array(record.Uint(uint64(r.Log.Party)), record.Uint(r.Number)))}}
	text, err := cat.Render(lang, h, b, rendering{e})
	if err != nil {
		return ours
	}
	return text + " (" + e.RefName(r.RemovedBy) + ")"
}
