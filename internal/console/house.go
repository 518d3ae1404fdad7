// SPDX-License-Identifier: Apache-2.0

package console

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"openline/internal/desk/mandate"
	"openline/internal/desk/roster"
	"openline/internal/host/shelf"
	"openline/record"
)

// houseView is the watch of this house: who keeps it, how each is reached,
// what rang, and what it may send alone.
type houseView struct {
	Line     string
	Roster   shelf.Roster
	Persons  []string // who can take the watch over
	Me       string   // who looks, where they can
	Alarms   []roster.Alarm
	Older    int
	Handover *roster.Handover // the newest
	M        mandatesView
	Push     bool
	Why      string
	Form     url.Values
}

// mandatesView is what the watch may send alone, in words.
type mandatesView struct {
	State, Table string
	Serial       uint64
	Since        time.Time // zero: since the line began
	By           string
	Text         string
	Rules        []string
	Alone, Where []coded
	States       []option
	Shipped      []option
}

type coded struct{ Code, Gloss string }

// maxAlarmsShown is how many alarms the page lists.
const maxAlarmsShown = 20

func (s *Server) house(w http.ResponseWriter, r *http.Request, who *seat) error {
	return s.showHouse(w, r, who, nil)
}

func (s *Server) showHouse(w http.ResponseWriter, r *http.Request, who *seat, why error) error {
	p, n, err := s.onLine(r, who, "house", "title.house")
	if err != nil {
		return err
	}
	desk, err := s.shelf()
	if err != nil {
		return err
	}
	v := houseView{Line: string(n.ID), Form: r.PostForm, Push: s.cfg.Alarms != nil && s.cfg.Alarms.PushKey() != ""}
	if v.Roster, err = desk.Roster(n.ID, n.view.At.UTC()); err != nil {
		return err
	}
	for _, x := range v.Roster.Persons {
		v.Persons = append(v.Persons, x.Name)
	}
	if s.cfg.People != nil {
		people, err := s.cfg.People()
		if err != nil {
			return err
		}
		v.Persons = append(v.Persons, people...)
	}
	v.Persons = append(v.Persons, who.Person)
	slices.Sort(v.Persons)
	v.Persons, v.Me = slices.Compact(v.Persons), who.Person
	all, left, err := desk.Alarms(n.ID)
	if err != nil {
		return err
	}
	v.Older = left
	if over := len(all) - maxAlarmsShown; over > 0 {
		all, v.Older = all[over:], left+over
	}
	for _, a := range slices.Backward(all) {
		v.Alarms = append(v.Alarms, a)
	}
	given, err := desk.Handovers(n.ID)
	if err != nil {
		return err
	}
	if len(given) > 0 {
		v.Handover = &given[len(given)-1]
	}
	if v.M, err = s.mandates(r.Context(), n); err != nil {
		return err
	}
	if why != nil {
		v.Why, p.Status = why.Error(), http.StatusUnprocessableEntity
	}
	p.X = v
	s.write(w, p, "house")
	return nil
}

// mandates is what holds, and since when by whom.
func (s *Server) mandates(ctx context.Context, n *snap) (mandatesView, error) {
	st, err := s.cfg.Host.Mandates(ctx, n.ID)
	if err != nil {
		return mandatesView{}, err
	}
	v := mandatesView{State: st.State, Table: st.Table.Name, Serial: st.Serial, Text: st.Table.Text()}
	held, err := s.cfg.Desk.Mandates(n.ID)
	if err != nil {
		return v, err
	}
	if len(held.Changes) > 0 {
		last := held.Changes[len(held.Changes)-1]
		var by []string
		for _, x := range last.Persons {
			by = append(by, x.Name)
		}
		v.Since, v.By = last.At, strings.Join(by, ", ")
	}
	for _, rule := range st.Table.Alone {
		v.Rules = append(v.Rules, n.ruleWords(rule))
	}
	for _, code := range n.cat.Codes() {
		p, ok := n.cat.Phrase(code)
		q := mandate.Question{Phrase: p, Precedence: p.Precedence}
		x := coded{code, n.cat.Gloss(n.lang, code)}
		switch {
		case !ok:
		case st.Alone(q):
			v.Alone = append(v.Alone, x)
		default:
			if q.Holds = func(string) bool { return true }; st.Alone(q) {
				v.Where = append(v.Where, x)
			}
		}
	}
	for _, x := range st.Table.States {
		v.States = append(v.States, option{x, x, x == st.State})
	}
	for name := range mandate.Shipped() {
		v.Shipped = append(v.Shipped, option{name, name, name == st.Table.Name})
	}
	slices.SortFunc(v.Shipped, func(a, b option) int { return compareText(a.Value, b.Value) })
	return v, nil
}

// ruleWords says one rule of a table.
func (n *snap) ruleWords(r mandate.Rule) string {
	var out []string
	add := func(id string, list ...string) {
		if len(list) > 0 && list[0] != "" {
			out = append(out, n.T(id, "What", strings.Join(list, ", ")))
		}
	}
	switch r.Who {
	case mandate.WhoWatch:
		out = append(out, n.T("rule.watch"))
	case mandate.WhoOne:
		out = append(out, n.T("rule.one"))
	}
	add("rule.codes", r.Codes...)
	add("rule.classes", r.Classes...)
	add("rule.except", r.Except...)
	if prec, err := record.ParsePrecedence(r.UpTo); err == nil {
		add("rule.upto", n.precedence(prec))
	}
	switch r.Where {
	case mandate.WherePair:
		out = append(out, n.T("rule.pair"))
	case mandate.WhereAsked:
		out = append(out, n.T("rule.asked"))
	}
	add("rule.states", r.States...)
	return strings.Join(out, " · ")
}

// handOver writes that the watch was given from one to another.
func (s *Server) handOver(w http.ResponseWriter, r *http.Request, who *seat) error {
	return s.onRoster(w, r, who, func(get func(string) string) (roster.Note, error) {
		return roster.Note{Do: roster.DoHandover, Giver: get("giver"), Taker: get("taker"), Words: lines(get("words"))}, nil
	})
}

// enterRoster writes a shift, drops one, or enters how a person is reached.
func (s *Server) enterRoster(w http.ResponseWriter, r *http.Request, who *seat) error {
	return s.onRoster(w, r, who, func(get func(string) string) (n roster.Note, err error) {
		n = roster.Note{Do: get("do"), Name: get("name"), Words: lines(get("words")), Email: get("email"), Phone: get("phone"), Webhook: get("webhook"), Console: get("console") != "", Of: numbered(get("of"))}
		if n.Do != roster.DoPerson && n.Do != roster.DoGone && n.Do != roster.DoShift && n.Do != roster.DoDrop {
			return n, fault(http.StatusBadRequest, "fault.form")
		}
		if n.Do == roster.DoShift {
			n.Deputies = strings.FieldsFunc(get("deputies"), func(r rune) bool { return r == ' ' || r == ',' })
			if n.From, err = day(get("from")); err != nil {
				return n, err
			}
			n.To, err = day(get("to"))
		}
		return n, err
	})
}

func (s *Server) onRoster(w http.ResponseWriter, r *http.Request, who *seat, read func(func(string) string) (roster.Note, error)) error {
	l, _, err := s.act(r, who)
	if err != nil {
		return err
	}
	desk, err := s.shelf()
	if err != nil {
		return err
	}
	note, err := read(func(name string) string { return strings.TrimSpace(r.PostForm.Get(name)) })
	if err == nil {
		note.By, note.Token = who.Person, tokenOf(r.PostForm.Get("token"))
		_, err = desk.Enter(r.Context(), l.ID, note)
	}
	var p *problem
	if errors.As(err, &p) {
		return err
	}
	if err != nil {
		return s.showHouse(w, r, who, err)
	}
	http.Redirect(w, r, "/line/"+string(l.ID)+"/house", http.StatusSeeOther)
	return nil
}
