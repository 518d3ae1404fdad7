// SPDX-License-Identifier: Apache-2.0

package console

import (
	"context"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"

	"openline/catalogue"
	"openline/internal/desk/mandate"
	"openline/internal/station"
	"openline/record"
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

// takes tells whether whoever sits as a role may write a phrase, and whether
// others then release it, as the mandates stand. What hangs on the words of
// the draft is taken to hold: the station judges the draft itself.
func (n *snap) takes(role Role, p catalogue.Phrase, re string) (may, two bool) {
	if !role.MayWrite(p.Who) {
		return false, false
	}
	alone := n.mandates.Alone(mandate.Question{Phrase: p, Precedence: p.Precedence, Holds: func(where string) bool {
		return where != mandate.WhereAsked || n.askedOfWatch(re)
	}})
	return true, !alone || !role.MaySay(p.Who)
}

// askedOfWatch reports whether a record was addressed to our watch.
func (n *snap) askedOfWatch(re string) bool {
	ref, err := n.env.ParseRef(re)
	if err != nil {
		return false
	}
	r, err := n.find(ref)
	return err == nil && r.Header != nil && slices.Contains(r.Header.To, record.Address{Party: n.view.Me, Post: "watch"})
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
