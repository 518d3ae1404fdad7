// SPDX-License-Identifier: Apache-2.0

package console

import (
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"time"

	"openline/internal/host"
	"openline/line"
	"openline/line/dossier"
	"openline/record"
)

// paperView is the kit: what is printed before the power is out.
type paperView struct {
	Line    string
	Calls   []dossierRow // accepted
	Letters []dossierRow // that nothing has ended
	More    int          // not listed
}

// maxPaper is how many call sheets and letters the kit lists of each.
const maxPaper = 20

func (s *Server) paper(w http.ResponseWriter, r *http.Request, who *seat) error {
	p, n, err := s.onLine(r, who, "paper", "title.paper")
	if err != nil {
		return err
	}
	t, err := s.cfg.Station.Dossiers(r.Context(), n.ID)
	if err != nil {
		return err
	}
	v := paperView{Line: string(n.ID)}
	add := func(list *[]dossierRow, d dossier.Dossier) {
		if len(*list) == maxPaper {
			v.More++
			return
		}
		*list = append(*list, n.dossierRow(d))
	}
	for _, d := range slices.Backward(t.Dossiers) {
		if d.Ended.Number != 0 {
			continue
		}
		if d.Kind != "meeting" && accepted(d) {
			add(&v.Calls, d)
		}
		add(&v.Letters, d)
	}
	p.X = v
	s.write(w, p, "paper")
	return nil
}

// cardView is how the other desk is reached by every means, on one sheet.
type cardView struct {
	Line, Slug string
	Exercise   bool
	Version    uint32
	Every      string
	At         time.Time
	Sides      []cardSide
	Hours      []hourView
	Zones      []zone
	Phrases    []spokenPhrase
	Tongues    []option
}

type cardSide struct {
	party
	Posts    []postView
	Declared *saidView // its hours and clocks, as it said them
	Bearers  []bearerView
}

// hourView is one hour in UTC and in the zones that were declared.
type hourView struct {
	UTC   string
	Local []string
}

// spokenPhrase is one to read aloud, in the languages of the line.
type spokenPhrase struct {
	Code string
	In   []rendering
}

// aloud are the phrases a card has for reading aloud: who is there, what
// stands, that it was not understood, that somebody is to be called.
var aloud = []string{"RC01", "RQ01", "HD02", "RC05", "CR01", "ER01"}

func (s *Server) card(w http.ResponseWriter, r *http.Request, who *seat) error {
	p, n, err := s.onLine(r, who, "paper", "title.card")
	if err != nil {
		return err
	}
	a := n.Agreements.Newest()
	v := cardView{Line: string(n.ID), Slug: n.ID.Slug(), Exercise: n.view.Standing == record.Exercise, Version: a.Version, Every: length(a.Tests.Every), At: n.view.At, Zones: n.zones()}
	v.Sides = append(v.Sides, n.cardSide(n.view.Me))
	for _, q := range n.view.Peers {
		side := n.cardSide(q.No)
		for _, b := range q.Bearers {
			side.Bearers = append(side.Bearers, bearerView{To: q.Short, BearerView: b})
		}
		v.Sides = append(v.Sides, side)
	}
	for h := 0; h < 24; h += 4 {
		at := time.Date(n.view.At.UTC().Year(), n.view.At.UTC().Month(), n.view.At.UTC().Day(), h, 0, 0, 0, time.UTC)
		v.Hours = append(v.Hours, hourView{at.Format("15:04Z"), localHours(at, v.Zones, "15:04")})
	}
	for _, tag := range a.Languages {
		if lang, ok := n.cat.Language(tag); ok {
			v.Tongues = append(v.Tongues, option{Value: tag, Name: lang.Name})
		}
	}
	for _, code := range aloud {
		if _, ok := n.cat.Phrase(code); !ok {
			continue
		}
		x := spokenPhrase{Code: code}
		for _, o := range v.Tongues {
			x.In = append(x.In, n.tongue(o.Value, n.cat.Gloss(o.Value, code)))
		}
		v.Phrases = append(v.Phrases, x)
	}
	p.X = v
	s.write(w, p, "card")
	return nil
}

// localHours are one hour in each zone.
func localHours(at time.Time, zones []zone, layout string) (out []string) {
	for _, z := range zones {
		if loc, err := time.LoadLocation(z.Zone); err == nil {
			out = append(out, at.In(loc).Format(layout))
		}
	}
	return out
}

func (n *snap) cardSide(no record.PartyNo) cardSide {
	side := cardSide{party: n.party(no)}
	for _, q := range n.posts {
		if q.Party == no {
			side.Posts = append(side.Posts, postView{Party: side.party, ID: q.ID, Office: q.Office, Ref: n.env.RefName(q.Record)})
		}
	}
	if ref, ok := n.declared[no]; ok {
		x := n.saying(line.Said{Party: ref.Party, Number: ref.Number})
		side.Declared = &x
	}
	return side
}

func (n *snap) tongue(tag, text string) rendering {
	out := rendering{Lang: tag, Name: tag, Dir: "ltr", Text: text}
	if lang, ok := n.cat.Language(tag); ok {
		if out.Name, out.Draft = lang.Name, lang.Draft; lang.RightToLeft {
			out.Dir = "rtl"
		}
	}
	return out
}

// invited finds the invitation a path names.
func (n *snap) invited(r *http.Request) (dossier.Dossier, host.Record, error) {
	ref, err := n.named(r)
	if err != nil {
		return dossier.Dossier{}, host.Record{}, err
	}
	t, err := n.s.cfg.Station.Dossiers(r.Context(), n.ID)
	if err != nil {
		return dossier.Dossier{}, host.Record{}, err
	}
	for _, d := range t.Dossiers {
		if record.ByNumber(d.Opening.Party, d.Opening.Number) == ref {
			rec, err := n.find(ref)
			return d, rec, err
		}
	}
	return dossier.Dossier{}, host.Record{}, fault(http.StatusNotFound, "fault.none")
}

// sheetView is the sheet for whoever holds a call.
type sheetView struct {
	dossierView
	Slug, To     string
	Exercise     bool
	When         []callHour
	Medium       []param // of the invitation: medium, languages, interpreters
	Words, Check string  // of the call-back; empty: not said
	WordsBy      *saidView
	Blank        [5]struct{}
}

// callHour is the window in one zone.
type callHour struct{ Zone, From, To string }

func (s *Server) callSheet(w http.ResponseWriter, r *http.Request, who *seat) error {
	p, n, err := s.onLine(r, who, "paper", "title.callsheet")
	if err != nil {
		return err
	}
	d, rec, err := n.invited(r)
	if err != nil {
		return err
	}
	if d.Kind == "meeting" || !accepted(d) {
		return fault(http.StatusNotFound, "fault.notaccepted")
	}
	v := sheetView{dossierView: n.dossierView(d), Slug: n.ID.Slug(), Exercise: n.view.Standing == record.Exercise}
	var to []string
	for _, side := range d.Sides {
		to = append(to, n.office(side.Office))
		if side.Window != (line.Window{}) && len(v.When) == 0 {
			v.When = n.when(side.Window)
		}
	}
	v.To = strings.Join(to, ", ")
	v.Medium = n.paramsOf(rec, "medium", "urgency", "languages", "interpreter")
	th, err := s.cfg.Station.Thread(r.Context(), n.ID, record.ByNumber(d.Opening.Party, d.Opening.Number))
	if err != nil {
		return err
	}
	for _, a := range th.Acts {
		if a.Code != "CR04" || a.Standing != line.Stands {
			continue
		}
		if words, err := n.find(record.ByNumber(a.Party, a.Number)); err == nil && words.Body != nil {
			v.Words, _ = words.Body.Params["words"].AsText()
			v.Check, _ = words.Body.Params["check"].AsText()
			by := n.saying(a.Said)
			v.WordsBy = &by
		}
	}
	p.X = v
	s.write(w, p, "callsheet")
	return nil
}

// when is a window in UTC and in each zone that was declared.
func (n *snap) when(w line.Window) []callHour {
	const layout = "Mon 2006-01-02 15:04"
	out := []callHour{{"UTC", instant(w.From).Format(layout), instant(w.To).Format(layout)}}
	for _, z := range n.zones() {
		if loc, err := time.LoadLocation(z.Zone); err == nil {
			out = append(out, callHour{z.Zone + " · " + z.Short, instant(w.From).In(loc).Format(layout), instant(w.To).In(loc).Format(layout)})
		}
	}
	return out
}

// paramsOf are some parameters of a record as the reader reads them.
func (n *snap) paramsOf(r host.Record, names ...string) (out []param) {
	if r.Header == nil || r.Body == nil {
		return nil
	}
	phrase, ok := n.cat.Phrase(r.Header.Code)
	if !ok {
		return nil
	}
	for _, name := range names {
		if q, ok := phrase.Param(name); ok {
			if val, ok := r.Body.Params[name]; ok {
				out = append(out, param{n.label(name), string(q.Kind), n.cat.FormatParam(n.lang, q, val, n.env)})
			}
		}
	}
	return out
}

// letterView is an invitation as a letter. Each party prints the copy that
// names itself first.
type letterView struct {
	Line, Slug   string
	E            entry
	First, Other party
	From, To     string
	Exercise     bool
	In           []rendering
	Leaf         string
	Windows      []windowView
	Again        []saidView
}

func (s *Server) letter(w http.ResponseWriter, r *http.Request, who *seat) error {
	p, n, err := s.onLine(r, who, "paper", "title.letter")
	if err != nil {
		return err
	}
	d, rec, err := n.invited(r)
	if err != nil {
		return err
	}
	v := letterView{Line: string(n.ID), Slug: n.ID.Slug(), E: n.entry(rec), First: n.party(n.view.Me), From: n.office(d.From), Exercise: n.view.Standing == record.Exercise,
		Leaf: hex.EncodeToString(rec.Hash[:]), Windows: windows(d.Windows), Again: n.sayings(d.Reminders...)}
	var to []string
	for _, side := range d.Sides {
		to = append(to, n.office(side.Office))
		if v.Other = n.party(side.Party); side.Party == n.view.Me {
			v.Other = n.party(d.Opening.Party)
		}
	}
	v.To = strings.Join(to, ", ")
	tags := slices.Clone(n.Agreements.Newest().Languages)
	slices.SortStableFunc(tags, func(a, b string) int { return mine(b, p.Tag) - mine(a, p.Tag) })
	for _, tag := range tags {
		if _, ok := n.cat.Language(tag); ok {
			v.In = append(v.In, n.tongue(tag, n.env.Render(tag, rec)))
		}
	}
	p.X = v
	s.write(w, p, "letter")
	return nil
}

func mine(tag, reader string) int {
	if tag == reader {
		return 1
	}
	return 0
}
