// SPDX-License-Identifier: Apache-2.0

package console

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"openline/catalogue"
	"openline/catalogue/typed"
	"openline/internal/host"
	"openline/internal/station"
	"openline/record"
)

// digit is one of the answers one key gives.
type digit struct {
	N     int
	Code  string
	Label string
	Gives string // what it says beside its meaning, as an hour
	Re    string
	Ready bool // complete: pressing it sends it
	May   bool // who looks may send it, or write it
	Two   bool // and others release it
	What  map[string]string
}

// order is how the digits are dealt: first those that state no view.
var order = []string{"HD01", "HD02", "HD03", "RC02", "HD04", "TR01", "AN01", "PR01", "HD05"}

// digits are the one-key answers to a record: at most nine of what is
// permitted. What needs more than an hour leads to the form.
func (n *snap) digits(phrase catalogue.Phrase, re record.Ref, thing host.Record, role Role) []digit {
	permits := slices.Clone(phrase.Permits)
	slices.SortStableFunc(permits, func(a, b string) int { return rank(a) - rank(b) })
	var out []digit
	for _, code := range permits {
		p, ok := n.cat.Phrase(code)
		if !ok || p.Who == catalogue.Machine || len(out) == 9 {
			continue
		}
		d := digit{N: len(out) + 1, Code: code, Label: n.cat.Gloss(n.lang, code), Re: n.env.RefName(re)}
		d.May, d.Two = n.takes(role, p, d.Re)
		if n.s.words["en"].Has("digit." + code) {
			d.Label = n.T("digit." + code)
		}
		d.What, d.Ready = n.fill(p, thing)
		d.Gives = d.What["until"]
		out = append(out, d)
	}
	return out
}

func rank(code string) int {
	if i := slices.Index(order, code); i >= 0 {
		return i
	}
	return len(order)
}

// holdFor is how far ahead the hour lies that a one-key hold names: a week for
// a hold, a day for a translation or a word that it is looked into.
var holdFor = map[string]time.Duration{"HD01": 7 * 24 * time.Hour, "HD02": 24 * time.Hour, "TR01": 24 * time.Hour}

// fill gives the parameters that one key needs, and whether these are all.
func (n *snap) fill(p catalogue.Phrase, thing host.Record) (map[string]string, bool) {
	what := map[string]string{}
	if p.NeedsText || len(p.OneOf) > 0 {
		return what, false
	}
	for _, q := range p.Params {
		if q.Optional {
			continue
		}
		switch {
		case q.Name == "until" && q.Kind == "time":
			at := n.view.At.Add(holdFor[p.Code]).UTC().Truncate(time.Hour)
			if holdFor[p.Code] >= 24*time.Hour {
				at = time.Date(at.Year(), at.Month(), at.Day(), 10, 0, 0, 0, time.UTC)
			}
			what[q.Name] = at.Format("2006-01-02T15:04Z")
		case q.Name == "hour" && q.Kind == "time":
			what[q.Name] = n.view.At.UTC().Format("2006-01-02T15:04Z")
		case q.Name == "office" && q.Kind == "post" && p.Code == "RC02" && thing.Header != nil:
			for _, to := range thing.Header.To {
				if to.Party == n.view.Me {
					what[q.Name] = n.env.PostName(to)
				}
			}
			if what[q.Name] == "" {
				return what, false
			}
		default:
			return what, false
		}
	}
	return what, true
}

// answer sends a one-key answer.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, who *seat) error {
	l, n, err := s.act(r, who)
	if err != nil {
		return err
	}
	code := r.PostForm.Get("code")
	re, err := n.env.ParseRef(r.PostForm.Get("re"))
	if err != nil {
		return err
	}
	to, err := s.cfg.Station.Record(l.ID, re)
	if err != nil {
		return err
	}
	phrase, ok := n.cat.Phrase(code)
	if !ok {
		return fault(http.StatusBadRequest, "fault.form")
	}
	what, ready := n.fill(phrase, to)
	if !ready {
		http.Redirect(w, r, "/line/"+string(l.ID)+"/compose?code="+code+"&re="+n.env.RefName(re), http.StatusSeeOther)
		return nil
	}
	if hour := r.PostForm.Get("until"); hour != "" && what["until"] != "" {
		what["until"] = hour
	}
	f := draftForm{Code: code, Re: n.env.RefName(re), Params: what}
	d, err := n.draft(f, who)
	if err != nil {
		return err
	}
	id, err := s.sayOne(r.Context(), n, r.PostForm.Get("token"), f, d, who)
	if err != nil {
		return err
	}
	if id != "" {
		http.Redirect(w, r, "/drafts/"+id, http.StatusSeeOther)
		return nil
	}
	l.quiet(re)
	http.Redirect(w, r, back(r, "/watch"), http.StatusSeeOther)
	return nil
}

// ask asks how our requests stand: RQ01 for each that awaits them.
func (s *Server) ask(w http.ResponseWriter, r *http.Request, who *seat) error {
	l, n, err := s.act(r, who)
	if err != nil {
		return err
	}
	one := r.PostForm.Get("re")
	var drafts []station.Draft
	for _, a := range n.view.Awaiting {
		name := n.env.RefName(a.Ref)
		if a.Ours || a.Code == "LT01" || a.Outcome.Ended() || one != "" && name != one {
			continue
		}
		if _, asked := n.asking(a); asked {
			continue
		}
		d, err := n.draft(draftForm{Code: "RQ01", Re: name}, who)
		if err != nil {
			return err
		}
		drafts = append(drafts, d)
	}
	if len(drafts) > 0 {
		if _, err := s.cfg.Station.Say(r.Context(), l.ID, station.Say{Token: token(r.PostForm.Get("token")), Drafts: drafts}); err != nil {
			return err
		}
	}
	http.Redirect(w, r, back(r, "/watch"), http.StatusSeeOther)
	return nil
}

// acknowledge stops the ringing in this house, and with say also tells the
// other side that the watch has it.
func (s *Server) acknowledge(w http.ResponseWriter, r *http.Request, who *seat) error {
	l, n, err := s.act(r, who)
	if err != nil {
		return err
	}
	refs := r.PostForm["re"]
	if len(refs) == 0 || len(refs) > maxTogether {
		return fault(http.StatusBadRequest, "fault.form")
	}
	var drafts []station.Draft
	var taken []record.Ref
	for _, name := range refs {
		ref, err := n.env.ParseRef(name)
		if err != nil {
			return err
		}
		if _, err := s.cfg.Station.Record(l.ID, ref); err != nil {
			return err
		}
		if r.PostForm.Get("say") == "RC01" {
			d, err := n.draft(draftForm{Code: "RC01", Re: n.env.RefName(ref)}, who)
			if err != nil {
				return err
			}
			drafts = append(drafts, d)
		}
		taken = append(taken, ref)
	}
	if len(drafts) > 0 {
		if _, err := s.cfg.Station.Say(r.Context(), l.ID, station.Say{Token: token(r.PostForm.Get("token")), Drafts: drafts}); err != nil {
			return err
		}
	}
	for _, ref := range taken {
		if err := s.takeUp(r.Context(), l, ref, who); err != nil {
			return err
		}
	}
	to := back(r, "/watch")
	if to == "/watch" {
		to = "/watch#chosen"
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// act reads a form about a line.
func (s *Server) act(r *http.Request, who *seat) (*lineDesk, *snap, error) {
	if err := r.ParseForm(); err != nil {
		return nil, nil, err
	}
	l, err := s.line(r)
	if err != nil {
		return nil, nil, err
	}
	n, err := s.snap(r.Context(), l, s.page(r, who, "", "title.watch").Words)
	return l, n, err
}

// token makes what a form sent twice safe to say: the same token is the same
// record.
func token(form string) string {
	if len(form) >= 10 && len(form) <= 64 {
		return form
	}
	return host.NewToken(time.Now())
}

// sayOne says a draft, where the mandates let whoever sits here send it alone;
// else it keeps it for those who release it, and gives its name.
func (s *Server) sayOne(ctx context.Context, n *snap, tok string, f draftForm, d station.Draft, who *seat) (kept string, err error) {
	phrase, ok := n.cat.Phrase(d.Code)
	if !ok || !who.role.MayWrite(phrase.Who) {
		return "", fault(http.StatusForbidden, "fault.mandate")
	}
	takes, err := s.cfg.Station.Rule(ctx, n.ID, d)
	if err != nil {
		return "", err
	}
	if takes.Two || !who.role.MaySay(phrase.Who) {
		return s.keep(ctx, n, f, d, who)
	}
	_, err = s.cfg.Station.Say(ctx, n.ID, station.Say{Token: token(tok), Drafts: []station.Draft{d}})
	return "", err
}

func number(n uint64) string { return strconv.FormatUint(n, 10) }

// draftForm is a draft as a person writes it.
type draftForm struct {
	Code, Re, From, To, Text, Language, Courtesy, CourtesyLang, Precedence string
	Params                                                                 map[string]string
	Files                                                                  []string // digests

	Draft   string // it was opened from
	Version int    // of that
	Keep    bool   // it is to be kept, not said
}

// draft reads a draft as it is typed.
func (n *snap) draft(f draftForm, who *seat) (station.Draft, error) {
	d := station.Draft{Code: f.Code, From: n.from(f.From), Params: map[string]record.Value{}}
	if who.Person != "" {
		d.People = []station.Signature{{Person: who.Person}} // the journal names whoever sat here
	}
	phrase, ok := n.cat.Phrase(f.Code)
	if !ok {
		return d, fmt.Errorf("phrase %.16q is not in this line's catalogue", f.Code)
	}
	if !who.role.MayWrite(phrase.Who) {
		return d, fault(http.StatusForbidden, "fault.mandate")
	}
	var err error
	for _, p := range phrase.Params {
		v := f.Params[p.Name]
		if v == "" {
			continue
		}
		if d.Params[p.Name], err = typed.Parse(p, v, n.env); err != nil {
			return d, err
		}
	}
	if f.Re != "" {
		ref, err := n.env.ParseRef(f.Re)
		if err != nil {
			return d, err
		}
		d.Re = []record.Ref{ref}
	}
	if f.To != "" {
		a, err := n.address(f.To)
		if err != nil {
			return d, err
		}
		d.To = []record.Address{a}
	}
	if f.Precedence != "" {
		if d.Precedence, err = record.ParsePrecedence(f.Precedence); err != nil {
			return d, err
		}
	}
	if f.Text != "" {
		d.Text, d.Language = f.Text, f.Language
		if f.Courtesy != "" {
			d.Translations = map[string]string{f.CourtesyLang: f.Courtesy}
		}
	}
	d.Attachments, err = n.s.chosen.list(f.Files)
	return d, err
}

// from is the post that speaks: one this party declared, else its watch.
func (n *snap) from(name string) string {
	for _, p := range n.posts {
		if p.Party == n.view.Me && p.ID == name {
			return name
		}
	}
	return "watch"
}

func (n *snap) address(s string) (record.Address, error) {
	for _, p := range n.posts {
		a := record.Address{Party: p.Party, Post: p.ID}
		if n.env.PostName(a) == s {
			return a, nil
		}
	}
	for _, p := range n.view.Peers {
		if s == p.Short+":watch" {
			return record.Address{Party: p.No, Post: "watch"}, nil
		}
	}
	return record.Address{}, fmt.Errorf("%.80q is no office of this line", s)
}
