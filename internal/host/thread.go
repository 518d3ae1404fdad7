// SPDX-License-Identifier: Apache-2.0

package host

import (
	"context"

	"openline/identity"
	"openline/internal/station"
	"openline/record"
)

// Thread gives one thing on a line with every act about it.
func (h *Host) Thread(ctx context.Context, id identity.LineID, name record.Ref) (out station.Thread, err error) {
	l, err := h.line(id)
	if err != nil {
		return out, err
	}
	if e := l.ask(ctx, func() { out, err = l.st.Thread(name, l.clock.Now()) }); e != nil {
		return out, e
	}
	return out, err
}

// Declared names the newest declaration of hours and clocks of each party.
func (h *Host) Declared(ctx context.Context, id identity.LineID) (out map[record.PartyNo]record.Ref, err error) {
	l, err := h.line(id)
	if err != nil {
		return nil, err
	}
	return out, l.ask(ctx, func() { out = l.st.Declared() })
}

// Deed says what a record does in its matter, or why it does nothing.
func (h *Host) Deed(ctx context.Context, id identity.LineID, ref record.Ref) (station.Deed, error) {
	return ofLine(ctx, h, id, func(s *station.Station) (station.Deed, error) { return s.Deed(ref) })
}
