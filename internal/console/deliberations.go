// SPDX-License-Identifier: Apache-2.0

package console

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"openline/internal/desk/deliberation"
	"openline/internal/host/shelf"
)

func (s *Server) ownHandlers() map[string]handler {
	return map[string]handler{
		"deliberations": s.deliberations, "deliberation": s.deliberation, "deliberate": s.deliberate,
		"house": s.house, "hand-over": s.handOver, "roster": s.enterRoster, "mandates": s.changeMandates, "night": s.night,
		"paper": s.paper, "card": s.card, "call-sheet": s.callSheet, "letter": s.letter,
		"translations": s.translations, "translate": s.translate, "availability": s.availability,
	}
}

// shelf is what the journals of the lines hold.
func (s *Server) shelf() (*shelf.Shelf, error) {
	if s.cfg.Desk == nil {
		return nil, errNoHost
	}
	return s.cfg.Desk, nil
}

// deliberationsView are the questions of a line.
type deliberationsView struct {
	Line     string
	List     []deliberationRow
	Subjects []string
	Why      string
	Form     url.Values
}

type deliberationRow struct {
	deliberation.Deliberation
	Decided string // empty: not yet
	Link    string
}

func (s *Server) deliberations(w http.ResponseWriter, r *http.Request, who *seat) error {
	return s.showDeliberations(w, r, who, nil, nil)
}

func (s *Server) showDeliberations(w http.ResponseWriter, r *http.Request, who *seat, form url.Values, why error) error {
	p, n, err := s.onLine(r, who, "deliberations", "title.deliberations")
	if err != nil {
		return err
	}
	desk, err := s.shelf()
	if err != nil {
		return err
	}
	list, err := desk.Deliberations(n.ID)
	if err != nil {
		return err
	}
	v := deliberationsView{Line: string(n.ID), Form: form}
	for _, d := range slices.Backward(list) {
		v.List = append(v.List, deliberationRow{d, n.decided(&d), "/line/" + v.Line + "/deliberation/" + strconv.Itoa(d.No)})
	}
	table, err := s.cfg.Station.Counterparts(r.Context(), n.ID)
	if err != nil {
		return err
	}
	for _, x := range table.Pairs {
		if x.Subject != "" && !slices.Contains(v.Subjects, x.Subject) {
			v.Subjects = append(v.Subjects, x.Subject)
		}
	}
	if why != nil {
		v.Why, p.Status = why.Error(), http.StatusUnprocessableEntity
	}
	p.X = v
	s.write(w, p, "deliberations")
	return nil
}

// decided says in words what holds; empty: nothing yet.
func (n *snap) decided(d *deliberation.Deliberation) string {
	x := d.Decided()
	switch {
	case x == nil:
		return ""
	case x.Option == 0:
		return n.T("deliberation.none.of")
	}
	return d.Options[x.Option-1].Text
}

// deliberationView is one question with all that was noted on it.
type deliberationView struct {
	Line      string
	D         deliberation.Deliberation
	Options   []optionView
	Decided   string
	Records   []deliberated
	Stances   []option
	Words     []option // attributions
	Links     []option
	State     moves
	Why       string
	Form      url.Values
	Positions int
}

// optionView is one option and how everybody stands to it, from the one end
// to the other.
type optionView struct {
	deliberation.Option
	Chosen    bool
	Positions []stanceView
}

type stanceView struct {
	deliberation.Position
	Word     string // of the stance
	Strength int    // 2 favours strongly … -2 opposes strongly
	Whose    string // on whose word
	Replaced bool   // the same person or body has taken another since
}

type deliberated struct {
	deliberation.Link
	Word, Href string
	E          *entry // nil: it is not held here
}

func (s *Server) deliberation(w http.ResponseWriter, r *http.Request, who *seat) error {
	return s.showDeliberation(w, r, who, nil, nil)
}

func (s *Server) showDeliberation(w http.ResponseWriter, r *http.Request, who *seat, form url.Values, why error) error {
	p, n, err := s.onLine(r, who, "deliberations", "title.deliberation")
	if err != nil {
		return err
	}
	desk, err := s.shelf()
	if err != nil {
		return err
	}
	no, err := strconv.Atoi(r.PathValue("no"))
	if err != nil {
		return fault(http.StatusNotFound, "fault.none")
	}
	d, err := desk.Deliberation(n.ID, no)
	if err != nil {
		return fault(http.StatusNotFound, "fault.none")
	}
	v := deliberationView{Line: string(n.ID), D: d, Decided: n.decided(&d), Positions: len(d.Positions), Form: form}
	v.Stances, v.Words, v.Links = n.deliberationWords()
	for _, o := range d.Options {
		x := d.Decided()
		v.Options = append(v.Options, optionView{o, x != nil && x.Option == o.No, n.positions(&d, o.No)})
	}
	for _, l := range d.Records {
		v.Records = append(v.Records, n.deliberated(l))
	}
	// What becomes known is what somebody says: our position, or our word on
	// the pair.
	for _, code := range []string{"SP01", "CP01"} {
		given := map[string]string{}
		if d.Subject != "" {
			given["subject"] = d.Subject
		}
		if code == "SP01" && v.Decided != "" {
			given["position"] = v.Decided
		}
		m, ok := n.move(who, code, "", given)
		m.Form = true
		v.State.add(m, ok)
	}
	if why != nil {
		v.Why, p.Status = why.Error(), http.StatusUnprocessableEntity
	}
	p.X = v
	s.write(w, p, "deliberation")
	return nil
}

func (n *snap) deliberationWords() (stances, words, links []option) {
	for _, x := range deliberation.Stances {
		stances = append(stances, option{string(x), n.stance(x), x == deliberation.Undecided})
	}
	words = append(words, option{"", n.T("attribution.none"), true})
	for _, x := range deliberation.Attributions {
		words = append(words, option{x, n.T("attribution." + x), false})
	}
	for _, x := range deliberation.Links {
		links = append(links, option{x, n.T("released." + strings.ReplaceAll(x, " ", "")), false})
	}
	return stances, words, links
}

func (n *snap) stance(x deliberation.Stance) string {
	return n.T("stance." + strings.ReplaceAll(string(x), " ", ""))
}

// positions are those on an option, from who favours it most to who opposes
// it most; an earlier word of the same stays, marked.
func (n *snap) positions(d *deliberation.Deliberation, no int) (out []stanceView) {
	last := map[string]int{}
	for i, x := range d.Positions {
		if x.Option == no {
			last[x.Who] = i
		}
	}
	for i, x := range d.Positions {
		if x.Option != no {
			continue
		}
		v := stanceView{Position: x, Word: n.stance(x.Stance), Strength: 2 - slices.Index(deliberation.Stances, x.Stance), Whose: n.T("attribution.none"), Replaced: last[x.Who] != i}
		if x.Attribution != "" {
			v.Whose = n.T("attribution." + x.Attribution)
		}
		out = append(out, v)
	}
	slices.SortStableFunc(out, func(a, b stanceView) int { return b.Strength - a.Strength })
	return out
}

func (n *snap) deliberated(l deliberation.Link) deliberated {
	out := deliberated{Link: l, Word: n.T("released." + strings.ReplaceAll(l.What, " ", ""))}
	ref, err := n.env.ParseRef(l.Record)
	if err != nil {
		return out
	}
	if r, err := n.find(ref); err == nil {
		e := n.entry(r)
		out.E, out.Href = &e, recordPath(string(n.ID), e.Party, e.No)
	}
	return out
}

// deliberate writes one note on a question, or opens one.
func (s *Server) deliberate(w http.ResponseWriter, r *http.Request, who *seat) error {
	l, n, err := s.act(r, who)
	if err != nil {
		return err
	}
	desk, err := s.shelf()
	if err != nil {
		return err
	}
	get := func(name string) string { return strings.TrimSpace(r.PostForm.Get(name)) }
	note := deliberation.Note{Token: tokenOf(get("token")), Do: get("do"), By: who.Person, Question: get("question"), Subject: get("subject"), Who: get("who"), Stance: deliberation.Stance(get("stance")),
		Arguments: lines(get("arguments")), Attribution: get("attribution"), Source: get("source"), Said: get("said"), Words: lines(get("words")), Record: get("record"), What: get("what")}
	note.Option, note.On = numbered(get("option")), numbered(get("on"))
	for o := range strings.Lines(get("options")) {
		if o = strings.TrimSpace(o); o != "" {
			note.Options = append(note.Options, o)
		}
	}
	if note.Do == deliberation.DoDecide && who.role == Protocol {
		return s.notForTheRole(r, who)
	}
	if note.Do == deliberation.DoRecord {
		ref, err := n.env.ParseRef(note.Record)
		if err != nil {
			return s.notTaken(w, r, who, note, err)
		}
		if _, err := n.find(ref); err != nil {
			return err
		}
		note.Record = n.env.RefName(ref)
	}
	d, err := desk.Deliberate(r.Context(), l.ID, note)
	if err != nil {
		return s.notTaken(w, r, who, note, err)
	}
	http.Redirect(w, r, "/line/"+string(l.ID)+"/deliberation/"+strconv.Itoa(d.No), http.StatusSeeOther)
	return nil
}

// notTaken shows the page again with what was written and why it was not
// taken.
func (s *Server) notTaken(w http.ResponseWriter, r *http.Request, who *seat, note deliberation.Note, why error) error {
	if status, _ := statusOf(why); status != http.StatusUnprocessableEntity {
		return why
	}
	if note.Do == deliberation.DoOpen || note.On == 0 {
		return s.showDeliberations(w, r, who, r.PostForm, why)
	}
	r.SetPathValue("no", strconv.Itoa(note.On))
	return s.showDeliberation(w, r, who, r.PostForm, why)
}

// tokenOf is a form's token for a note; none: the note is given one.
func tokenOf(form string) string {
	if len(form) >= 10 && len(form) <= 64 {
		return form
	}
	return ""
}

// lines are words as a browser sends them, their ends of line as we keep them.
func lines(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }

// numbered reads a number of a form; what is none is 0.
func numbered(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return 0
	}
	return n
}
