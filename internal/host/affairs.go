// SPDX-License-Identifier: Apache-2.0

package host

import (
	"context"

	"openline/identity"
	"openline/internal/station"
	"openline/line/counterpart"
	"openline/line/dialogue"
	"openline/line/dossier"
	"openline/line/incident"
	"openline/line/suspension"
)

// Counterparts are the pairs of posts on a line as both sides see them.
func (h *Host) Counterparts(ctx context.Context, id identity.LineID) (counterpart.Table, error) {
	return ofLine(ctx, h, id, (*station.Station).Counterparts)
}

// Dossiers are the invitations on a line, with what came of them.
func (h *Host) Dossiers(ctx context.Context, id identity.LineID) (dossier.Table, error) {
	return ofLine(ctx, h, id, (*station.Station).Dossiers)
}

// Dialogues are the series of meetings on a line, and the forums.
func (h *Host) Dialogues(ctx context.Context, id identity.LineID) (dialogue.Table, error) {
	return ofLine(ctx, h, id, (*station.Station).Dialogues)
}

// Incidents are the incidents on a line.
func (h *Host) Incidents(ctx context.Context, id identity.LineID) ([]incident.Incident, error) {
	return ofLine(ctx, h, id, (*station.Station).Incidents)
}

// Suspensions are the classes that were ever suspended on a line.
func (h *Host) Suspensions(ctx context.Context, id identity.LineID) ([]suspension.Suspension, error) {
	return ofLine(ctx, h, id, (*station.Station).Suspensions)
}

// Affairs is all of it in one reading; codes are the phrases whose matters
// are wanted.
func (h *Host) Affairs(ctx context.Context, id identity.LineID, codes ...string) (out station.Affairs, err error) {
	l, err := h.line(id)
	if err != nil {
		return out, err
	}
	if e := l.ask(ctx, func() { out, err = l.st.Affairs(l.clock.Now(), codes...) }); e != nil {
		return out, e
	}
	return out, err
}

func ofLine[T any](ctx context.Context, h *Host, id identity.LineID, read func(*station.Station) (T, error)) (out T, err error) {
	l, err := h.line(id)
	if err != nil {
		return out, err
	}
	if e := l.ask(ctx, func() { out, err = read(l.st) }); e != nil {
		return out, e
	}
	return out, err
}
