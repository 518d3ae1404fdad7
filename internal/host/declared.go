// SPDX-License-Identifier: Apache-2.0

package host

import (
	"context"

	"openline/identity"
	"openline/internal/station"
	"openline/record"
)

// Hours are the hours each party of a line declared.
func (h *Host) Hours(ctx context.Context, id identity.LineID) (out []station.DeskHours, err error) {
	l, err := h.line(id)
	if err != nil {
		return nil, err
	}
	if e := l.ask(ctx, func() { out, err = l.st.Hours(l.clock.Now()) }); e != nil {
		return nil, e
	}
	return out, err
}

// HoursEnd is when what this party declared of its hours ends; 0: never.
func (h *Host) HoursEnd(ctx context.Context, id identity.LineID) (out record.Stamp, err error) {
	l, err := h.line(id)
	if err != nil {
		return 0, err
	}
	return out, l.ask(ctx, func() { out = l.st.HoursEnd() })
}

// Offices is the directory of a line.
func (h *Host) Offices(ctx context.Context, id identity.LineID) ([]station.Office, error) {
	return ofLine(ctx, h, id, (*station.Station).Offices)
}
