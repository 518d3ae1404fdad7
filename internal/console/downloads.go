// SPDX-License-Identifier: Apache-2.0

package console

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"openline/internal/desk/calendar"
	"openline/internal/host"
	"openline/line"
	"openline/line/dossier"
	"openline/record"
)

// deed says on the page of a record what it does in its matter, where that is
// not simply that it stands.
func (n *snap) deed(ctx context.Context, v *recordView, r host.Record) error {
	d, err := n.s.cfg.Station.Deed(ctx, n.ID, r.Ref())
	if err != nil {
		return err
	}
	v.Void, v.Gone, v.Why = d.Standing == line.NoEffect && d.Why != "", d.Standing == line.Replaced, d.Why
	if i := slices.IndexFunc(v.Thread, func(x saidView) bool { return x.Ref == v.E.Ref }); i >= 0 {
		v.Off = v.Thread[i].Off
	}
	return nil
}

// attach names a file that is taken away; name holds letters, digits, - and .
// only.
func attach(w http.ResponseWriter, kind, name string, b []byte) error {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	h.Set("Cache-Control", "no-store")
	_, err := w.Write(b)
	return err
}

// invitationFile gives a dossier as an iTIP request, or as its cancelling.
func (s *Server) invitationFile(w http.ResponseWriter, r *http.Request, who *seat) error {
	_, n, err := s.onLine(r, who, "dossiers", "title.dossier")
	if err != nil {
		return err
	}
	ref, err := n.named(r)
	if err != nil {
		return err
	}
	t, err := s.cfg.Station.Dossiers(r.Context(), n.ID)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(t.Dossiers, func(d dossier.Dossier) bool { return record.ByNumber(d.Opening.Party, d.Opening.Number) == ref })
	if i < 0 {
		return fault(http.StatusNotFound, "fault.none")
	}
	names := calendar.Names{Line: string(n.ID), Me: n.view.Me, Parties: map[record.PartyNo]string{}, Places: map[string]string{}}
	for _, p := range n.Agreements.Newest().Parties {
		names.Parties[p.Number] = p.Short
	}
	rec, err := n.find(ref)
	if err != nil && !errors.Is(err, host.ErrNoRecord) {
		return err
	}
	if err == nil && rec.Leaf != nil && rec.Header != nil && rec.Body != nil {
		_, params := n.env.Params("en", rec)
		names.Places[n.env.RefName(ref)] = params["place"]
	}
	b, err := calendar.Invitation(names, t.Dossiers[i])
	if err != nil {
		return err
	}
	return attach(w, "text/calendar; charset=utf-8", fmt.Sprintf("%s-%d.ics", n.env.PartyName(ref.Party), ref.Number), b)
}
