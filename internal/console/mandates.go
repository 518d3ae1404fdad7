// SPDX-License-Identifier: Apache-2.0

package console

import (
	"context"
	"encoding/hex"
	"net/http"
	"strings"

	"openline/internal/desk/mandate"
	"openline/internal/station"
)

// mandateChange is a new table, or another alert state: one of the two.
type mandateChange struct {
	Table []byte
	State string
}

// Text is what two persons read.
func (c *mandateChange) Text() string {
	if c.State != "" {
		return c.State
	}
	return string(c.Table)
}

// changeMandates begins a change that two persons sign, the way a release is.
func (s *Server) changeMandates(w http.ResponseWriter, r *http.Request, who *seat) error {
	l, n, err := s.act(r, who)
	if err != nil {
		return err
	}
	if _, err := s.shelf(); err != nil {
		return err
	}
	c := &mandateChange{State: strings.TrimSpace(r.PostForm.Get("state"))}
	if c.State == "" {
		c.Table = []byte(lines(r.PostForm.Get("table")))
		if text, ok := mandate.Shipped()[strings.TrimSpace(string(c.Table))]; ok {
			c.Table = []byte(text)
		}
	}
	act, err := s.cfg.Host.MandateAct(r.Context(), l.ID, c.Table, c.State)
	if err != nil {
		return s.showHouse(w, r, who, err)
	}
	id, err := s.drafts.keep(kept{line: l, act: act, By: who.Person, At: n.view.At, Change: c})
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/drafts/"+id, http.StatusSeeOther)
	return nil
}

// changeView shows a change beside what holds.
func (s *Server) changeView(ctx context.Context, p *page, k kept) (draftView, error) {
	if _, err := s.shelf(); err != nil {
		return draftView{}, err
	}
	st, err := s.cfg.Host.Mandates(ctx, k.line.ID)
	if err != nil {
		return draftView{}, err
	}
	v := draftView{kept: k, Line: string(k.line.ID), Slug: k.line.ID.Slug(), Gloss: p.T("mandates.newtable"), Before: st.Table.Text(),
		Digest: hex.EncodeToString(k.act.Header[:]), Passphrase: s.cfg.Demo == nil}
	if k.Change.State != "" {
		v.Gloss, v.Before = p.T("mandates.newstate", "State", k.Change.State), st.State
	}
	v.People, err = s.unsigned(k)
	return v, err
}

// setMandates carries a change out that two persons have signed.
func (s *Server) setMandates(w http.ResponseWriter, r *http.Request, k kept) error {
	s.drafts.drop(k.ID)
	ev := station.SetMandates{Table: k.Change.Table, State: k.Change.State, Cut: k.act.Cut, People: k.people}
	if err := s.cfg.Host.SetMandates(r.Context(), k.line.ID, ev); err != nil {
		return err
	}
	http.Redirect(w, r, "/line/"+string(k.line.ID)+"/house#mandates", http.StatusSeeOther)
	return nil
}
