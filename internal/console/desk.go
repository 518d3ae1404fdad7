// SPDX-License-Identifier: Apache-2.0

package console

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"openline/catalogue"
	"openline/internal/desk/mandate"
	"openline/internal/host"
	"openline/internal/station"
	"openline/line/linestate"
	"openline/record"
)

// newest is how many of the newest records of a line the desk looks through
// for what awaits a person.
const newest = 400

// lineDesk is one line with what the desk remembers of it.
type lineDesk struct {
	Line
	mu    sync.Mutex
	heard map[record.Ref]bool // alarms a person here has acknowledged
	hub   hub
}

// line finds the line a request names.
func (s *Server) line(r *http.Request) (*lineDesk, error) {
	name := r.PathValue("line")
	for _, l := range s.lines {
		if string(l.ID) == name || l.ID.Slug() == name {
			return l, nil
		}
	}
	return nil, host.ErrNoLine
}

func (l *lineDesk) quiet(ref record.Ref) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.heard) > 10_000 {
		clear(l.heard)
	}
	l.heard[ref] = true
}

func (l *lineDesk) isQuiet(ref record.Ref) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.heard[ref]
}

// snap is one line at one moment: everything a page says of it comes from
// here, so that no page mixes two moments.
type snap struct {
	*lineDesk
	s        *Server
	env      host.Env
	cat      *catalogue.Catalogue
	view     station.View
	posts    []station.Post
	mandates mandate.Standing
	recent   []host.Record                 // oldest first
	taken    map[record.Ref]bool           // alarms of records, whether somebody has taken them up
	declared map[record.PartyNo]record.Ref // of hours and clocks, the newest
	lang     string                        // of renderings
	words    *linestate.Words
	T        func(string, ...any) string
}

func (s *Server) snap(ctx context.Context, l *lineDesk, w *Words) (*snap, error) {
	n := &snap{lineDesk: l, s: s, lang: w.Tag, T: w.T}
	var err error
	if n.env, err = s.cfg.Station.Env(l.ID); err != nil {
		return nil, err
	}
	n.cat = n.env.Catalogue()
	if _, ok := n.cat.Language(n.lang); !ok {
		n.lang = "en"
	}
	if n.words, err = linestate.Language(w.Tag); err != nil {
		if n.words, err = linestate.Language("en"); err != nil {
			return nil, err
		}
	}
	if n.view, err = s.cfg.Station.View(ctx, l.ID); err != nil {
		return nil, err
	}
	if n.posts, err = s.cfg.Station.Posts(ctx, l.ID); err != nil {
		return nil, err
	}
	if n.mandates, err = s.cfg.Station.Mandates(ctx, l.ID); err != nil {
		return nil, err
	}
	if n.declared, err = s.cfg.Station.Declared(ctx, l.ID); err != nil {
		return nil, err
	}
	if s.cfg.Alarms != nil {
		if n.taken, err = s.cfg.Alarms.Taken(l.ID); err != nil {
			return nil, err
		}
	}
	n.recent, _, err = s.cfg.Station.Before(l.ID, nil, newest)
	return n, err
}

// party is how a party stands on the page. Which colour it has follows its
// place in the agreement, so that both consoles agree on it.
type party struct {
	No            record.PartyNo
	Short, Title  string
	Name          string
	Colour        string
	Ours          bool
	Fingerprint   string
	GenerationNow uint32
}

func (n *snap) party(no record.PartyNo) party {
	p, ok := n.Agreements.Newest().Party(no)
	out := party{No: no, Short: n.env.PartyName(no), Ours: no == n.view.Me, Colour: colour(no)}
	if ok {
		out.Title, out.Name, out.Fingerprint = p.Title, string(p.Name), p.Key.Fingerprint(p.Name).String()
	}
	return out
}

func colour(no record.PartyNo) string {
	switch no {
	case 1:
		return "blue"
	case 2:
		return "red"
	}
	return "other"
}

// entry is one record as a list shows it.
type entry struct {
	Ref, Spoken, Party, Colour string
	No                         uint64
	PartyNo                    record.PartyNo
	Ours                       bool
	At                         record.Stamp
	Code, Gloss, Marker        string
	Precedence                 string
	Loud                       bool // flash or immediate
	urgency                    record.Precedence
	Status                     string
	From, To                   string
	Said                       string // in the reader's language
	Text, TextLang             string // the author's own words, which alone are authoritative
	Courtesy                   []courtesy
	Re                         []string
	About                      string
	Fault                      string
	Hash                       string
}

type courtesy struct{ Lang, Text string }

func (n *snap) entry(r host.Record) entry {
	ref := r.Ref()
	e := entry{
		Ref: n.env.RefName(ref), Spoken: record.SpokenRef(ref, n.env.PartyName), Party: n.env.PartyName(r.Log.Party), Colour: colour(r.Log.Party),
		No: r.Number, PartyNo: r.Log.Party, Ours: r.Log.Party == n.view.Me, At: r.Time(), Said: n.env.Render(n.lang, r), Hash: short(r.Hash[:]),
	}
	if r.Fault != nil {
		e.Fault = r.Fault.Error()
	}
	if r.Leaf != nil && !r.Leaf.About.IsZero() {
		e.About = n.env.RefName(r.Leaf.About)
	}
	if r.Header == nil {
		return e
	}
	h := r.Header
	e.Code, e.Gloss = h.Code, n.cat.Gloss(n.lang, h.Code)
	e.urgency = h.Precedence
	e.Precedence, e.Loud = n.precedence(h.Precedence), h.Precedence == record.Flash || h.Precedence == record.Immediate
	e.Status = h.Status.String()
	e.From = n.env.OfficeName(record.Address{Party: r.Log.Party, Post: h.From})
	for i, to := range h.To {
		if i > 0 {
			e.To += ", "
		}
		e.To += n.env.OfficeName(to)
	}
	for _, re := range h.Re {
		e.Re = append(e.Re, n.env.RefName(re))
	}
	if p, ok := n.cat.Phrase(h.Code); ok {
		e.Marker = n.T("marker." + p.Marker)
	}
	if r.Body != nil {
		e.Text, e.TextLang = r.Body.Text, h.Language
		for lang, text := range r.Body.Translations {
			e.Courtesy = append(e.Courtesy, courtesy{lang, text})
		}
		slices.SortFunc(e.Courtesy, func(a, b courtesy) int { return compareText(a.Lang, b.Lang) })
	}
	return e
}

func (n *snap) precedence(p record.Precedence) string {
	if word := n.cat.Precedence(n.lang, p); word != "" {
		return word
	}
	return p.String()
}

func compareText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// find gives one of the newest records, or reads it.
func (n *snap) find(ref record.Ref) (host.Record, error) {
	for _, r := range n.recent {
		if r.Ref() == ref {
			return r, nil
		}
	}
	return n.s.cfg.Station.Record(n.ID, ref)
}

// alarm is a record of the other side that awaits a person here, or several
// that say the same and came together.
type alarm struct {
	entry // the newest
	Line  string
	Refs  []entry
}

// alarmAge is how far back the desk looks for what nobody has taken up.
const alarmAge = 24 * time.Hour

// maxTogether is how many records one alarm tells of.
const maxTogether = 12

// alarms are the records of the others that await a person and were neither
// acknowledged here nor answered on the line.
func (n *snap) alarms() []alarm {
	answered := map[record.Ref]bool{}
	var out []alarm
	for _, r := range slices.Backward(n.recent) {
		if r.Header == nil || r.Leaf == nil {
			continue
		}
		ref := r.Ref()
		if r.Log.Party == n.view.Me {
			for _, re := range r.Header.Re {
				answered[re] = true
			}
			answered[r.Leaf.About] = true
			continue
		}
		p, ok := n.cat.Phrase(r.Header.Code)
		if !ok || p.Who == catalogue.Machine || p.Class == "test" || p.Class == "receipt" && !p.Asks() || answered[ref] || n.takenUp(ref) {
			continue
		}
		if !p.Asks() && len(p.Permits) == 0 && r.Header.Precedence > record.Immediate {
			continue
		}
		if n.view.At.Sub(instant(r.Time())) > alarmAge {
			continue
		}
		e := n.entry(r)
		if i := slices.IndexFunc(out, func(a alarm) bool { return a.Code == e.Code && a.Party == e.Party }); i >= 0 && len(out[i].Refs) < maxTogether {
			out[i].Refs = append(out[i].Refs, e)
			continue
		}
		out = append(out, alarm{e, string(n.ID), []entry{e}})
	}
	slices.SortStableFunc(out, func(a, b alarm) int { return int(a.urgency) - int(b.urgency) })
	return out
}

func short(b []byte) string {
	const digits = "0123456789abcdef"
	var out []byte
	for i, c := range b {
		if i == 8 {
			break
		}
		out = append(out, digits[c>>4], digits[c&15])
	}
	return string(out)
}
