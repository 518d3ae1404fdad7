// SPDX-License-Identifier: Apache-2.0

package host

import (
	"context"
	"fmt"

	"openline/identity"
	"openline/internal/station"
)

// Note writes something of the party's own to the journal of a line and
// returns when it is durable. Nothing of it is ever sent. After [ErrStopped]
// or when ctx ends the outcome is unknown.
func (h *Host) Note(ctx context.Context, id identity.LineID, kind string, b []byte) error {
	l, err := h.line(id)
	if err != nil {
		return err
	}
	token := NewToken(l.clock.Now().Wall)
	return l.noted(ctx, token, station.Note{Token: token, Kind: kind, Bytes: b})
}

// noted steps the line with what is answered by [station.Noted], and waits
// for that.
func (l *line) noted(ctx context.Context, token string, ev station.Event) error {
	noted := make(chan station.Noted, 1) // the line never waits for us
	if err := l.ask(ctx, func() {
		l.notes[token] = noted
		l.step(ev)
	}); err != nil {
		return err
	}
	select {
	case n := <-noted:
		return n.Err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Journal reads entries of the party's journal of a line from an index on,
// at most max, as they were saved.
func (h *Host) Journal(id identity.LineID, from uint64, max int) ([]station.JournalEntry, error) {
	l, err := h.line(id)
	if err != nil {
		return nil, err
	}
	raw, err := l.read.Journal(from, max)
	if err != nil {
		return nil, fmt.Errorf("read the journal of %s: %w", id, err)
	}
	out := make([]station.JournalEntry, len(raw))
	for i, b := range raw {
		if out[i], err = station.DecodeJournalEntry(b); err != nil {
			return nil, fmt.Errorf("entry %d of the journal of %s: %w", from+uint64(i), id, err)
		}
	}
	return out, nil
}
