// SPDX-License-Identifier: Apache-2.0

package host

import (
	"context"

	"openline/identity"
	"openline/internal/desk/mandate"
	"openline/internal/station"
)

// Mandates is what the watch may send alone on a line, as it stands.
func (h *Host) Mandates(ctx context.Context, id identity.LineID) (mandate.Standing, error) {
	return ofLine(ctx, h, id, func(s *station.Station) (mandate.Standing, error) { return s.Mandates(), nil })
}

// FirstMandates is the table of a line whose journal holds none.
func (h *Host) FirstMandates(id identity.LineID) (*mandate.Table, error) {
	l, err := h.line(id)
	if err != nil {
		return nil, err
	}
	if l.cfg.Mandates != nil {
		return l.cfg.Mandates, nil
	}
	return mandate.Default(true), nil
}

// MandateAct is what two persons sign before [Host.SetMandates].
func (h *Host) MandateAct(ctx context.Context, id identity.LineID, table []byte, state string) (identity.Act, error) {
	return ofLine(ctx, h, id, func(s *station.Station) (identity.Act, error) { return s.MandateAct(table, state) })
}

// SetMandates sets a table of mandates or an alert state, by two persons, and
// returns once it holds.
func (h *Host) SetMandates(ctx context.Context, id identity.LineID, ev station.SetMandates) error {
	l, err := h.line(id)
	if err != nil {
		return err
	}
	ev.Token = NewToken(l.clock.Now().Wall)
	return l.noted(ctx, ev.Token, ev)
}

// Rule tells what sending a draft takes: the watch alone, or a second person.
func (h *Host) Rule(ctx context.Context, id identity.LineID, d station.Draft) (station.Ruling, error) {
	return ofLine(ctx, h, id, func(s *station.Station) (station.Ruling, error) { return s.Rule(d) })
}
