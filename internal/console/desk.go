// SPDX-License-Identifier: Apache-2.0

package console

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"openline/catalogue"
	"openline/internal/host"
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

	recents recents
	moments moments
	pulse   pulse
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
	moment
	s     *Server
	env   host.Env
	cat   *catalogue.Catalogue
	lang  string // of renderings
	words *linestate.Words
	T     func(string, ...any) string
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
	if n.words = s.three[w.Tag]; n.words == nil {
		n.words = s.three["en"]
	}
	n.moment, err = l.moment(ctx, s)
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

// brief is a record by its name, phrase and urgency.
func (n *snap) brief(r host.Record) entry {
	e := entry{Ref: n.env.RefName(r.Ref()), Party: n.env.PartyName(r.Log.Party), Colour: colour(r.Log.Party), No: r.Number, PartyNo: r.Log.Party, Ours: r.Log.Party == n.view.Me, At: r.Time()}
	if h := r.Header; h != nil {
		e.Code, e.Gloss, e.urgency = h.Code, n.cat.Gloss(n.lang, h.Code), h.Precedence
		e.Precedence, e.Loud = n.precedence(h.Precedence), h.Precedence == record.Flash || h.Precedence == record.Immediate
	}
	return e
}

func (n *snap) entry(r host.Record) entry {
	e := n.brief(r)
	e.Spoken, e.Said, e.Hash = record.SpokenRef(r.Ref(), n.env.PartyName), n.env.Render(n.lang, r), short(r.Hash[:])
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
		if i := slices.IndexFunc(out, func(a alarm) bool { return a.Code == r.Header.Code && a.PartyNo == r.Log.Party }); i >= 0 && len(out[i].Refs) < maxTogether {
			out[i].Refs = append(out[i].Refs, n.brief(r))
			continue
		}
		e := n.brief(r)
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
