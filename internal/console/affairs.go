// SPDX-License-Identifier: Apache-2.0

package console

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"openline/catalogue"
	"openline/identity"
	"openline/internal/station"
	"openline/line"
	"openline/line/counterpart"
	"openline/line/dialogue"
	"openline/line/dossier"
	"openline/line/incident"
	"openline/line/suspension"
	"openline/record"
)

// affairs is what the pages of the affairs ask of a running station.
type affairs interface {
	Counterparts(context.Context, identity.LineID) (counterpart.Table, error)
	Dossiers(context.Context, identity.LineID) (dossier.Table, error)
	Dialogues(context.Context, identity.LineID) (dialogue.Table, error)
	Incidents(context.Context, identity.LineID) ([]incident.Incident, error)
	Matters(context.Context, identity.LineID, ...string) ([]station.Matter, error)
	Suspensions(context.Context, identity.LineID) ([]suspension.Suspension, error)
	Thread(context.Context, identity.LineID, record.Ref) (station.Thread, error)
	Declared(context.Context, identity.LineID) (map[record.PartyNo]record.Ref, error)
	Deed(context.Context, identity.LineID, record.Ref) (station.Deed, error)
}

func (s *Server) affairsHandlers() map[string]handler {
	return map[string]handler{
		"dossiers": s.dossiers, "dossier": s.dossier, "counterparts": s.counterparts,
		"incidents": s.incidents, "incident": s.incident, "map": s.mapRoute, "dialogues": s.dialogues,
		"contacts": s.contacts, "log-contact": s.logContact, "import-contacts": s.importContacts,
	}
}

// onLine begins a page about a line: the page and the line at this moment.
func (s *Server) onLine(r *http.Request, who *seat, at, title string) (*page, *snap, error) {
	l, err := s.line(r)
	if err != nil {
		return nil, nil, err
	}
	p := s.page(r, who, at, title)
	n, err := s.snap(r.Context(), l, p.Words)
	return p, n, err
}

// saidView is one act as a page of the affairs names it.
type saidView struct {
	entry
	Link    string
	Office  string // that spoke
	Crossed bool
	Void    bool     // it takes no effect
	Why     string   // of that, as the station says it
	Off     []string // records that had suspended its class, as its author knew
	Gone    bool     // replaced since
	Answers []string
}

// sayings reads the acts of a list; what cannot be read is named all the same.
func (n *snap) sayings(list ...line.Said) []saidView {
	var out []saidView
	for _, a := range list {
		if a.Number != 0 {
			out = append(out, n.saying(a))
		}
	}
	return out
}

func (n *snap) saying(a line.Said) saidView {
	ref := record.ByNumber(a.Party, a.Number)
	v := saidView{Link: recordPath(string(n.ID), n.env.PartyName(a.Party), a.Number), Office: n.office(line.Post{Party: a.Party, Post: a.From})}
	r, err := n.find(ref)
	if err != nil {
		v.entry = entry{Ref: n.env.RefName(ref), Party: n.env.PartyName(a.Party), Colour: colour(a.Party), No: a.Number, PartyNo: a.Party, Ours: a.Party == n.view.Me,
			At: a.Time, Code: a.Code, Gloss: n.cat.Gloss(n.lang, a.Code), Fault: err.Error()}
		return v
	}
	v.entry = n.entry(r)
	return v
}

// office is a post by the name its party declared for it.
func (n *snap) office(p line.Post) string {
	switch {
	case p.Post == "" && p.Party == 0:
		return n.T("unknown")
	case p.Post == "watch" || p.Post == "":
		for _, q := range n.posts {
			if q.Party == p.Party && q.ID == p.Post {
				return q.Office
			}
		}
		return n.T("watch.of", "Party", n.party(p.Party).Short)
	}
	for _, q := range n.posts {
		if q.Party == p.Party && q.ID == p.Post {
			return q.Office
		}
	}
	return n.env.PostName(record.Address{Party: p.Party, Post: p.Post})
}

// thread are all acts about a thing, as they were said.
func (n *snap) thread(t station.Thread) []saidView {
	list, rests := slices.Clone(t.Acts), depths(t)
	slices.SortStableFunc(list, func(a, b station.ThreadAct) int {
		return cmp.Or(cmp.Compare(a.Time, b.Time), cmp.Compare(rests[a.Said], rests[b.Said]), cmp.Compare(a.Party, b.Party))
	})
	var out []saidView
	for _, a := range list {
		v := n.saying(a.Said)
		v.Void, v.Gone, v.Why = a.Standing == line.NoEffect, a.Standing == line.Replaced, a.Why
		for _, b := range a.Suspended {
			v.Off = append(v.Off, n.env.RefName(record.ByNumber(b.Party, b.Number)))
		}
		for _, b := range a.Answers {
			v.Answers = append(v.Answers, n.env.RefName(record.ByNumber(b.Party, b.Number)))
		}
		out = append(out, v)
	}
	return out
}

// depths are how many acts each one rests on: of two of one second, what was
// answered stands first.
func depths(t station.Thread) map[line.Said]int {
	answers, out := map[line.Said][]line.Said{}, map[line.Said]int{}
	for _, a := range t.Acts {
		answers[a.Said] = a.Answers
	}
	var of func(line.Said) int
	of = func(a line.Said) int {
		if _, ok := out[a]; !ok {
			out[a] = 0
			most := 0
			for _, b := range answers[a] {
				most = max(most, 1+of(b))
			}
			out[a] = most
		}
		return out[a]
	}
	for a := range answers {
		of(a)
	}
	return out
}

// windowView is a stretch of time as a page writes it.
type windowView struct{ From, To record.Stamp }

func windows(list []line.Window) (out []windowView) {
	for _, w := range list {
		if w != (line.Window{}) {
			out = append(out, windowView{w.From, w.To})
		}
	}
	return out
}

// typedWindow writes a window as it is typed.
func typedWindow(w line.Window) string {
	return instant(w.From).Format(edited+"Z") + ".." + instant(w.To).Format(edited+"Z")
}

// move is something who looks can say from a page.
type move struct {
	ID, Line   string
	Code, Name string
	Re, To     string
	Key        string // of the keyboard, by its place
	Letter     string
	May, Two   bool
	Who        string  // who may send it at the least
	Direct     bool    // one press says it
	Fields     []field // to be filled in on the page; it is then read as they will, and said
	Given      map[string]string
	Back       string
	Says       string // what it does, and what it does not say
	Href       string // of the form, where there is more to write
	Token      string
	Form       bool // there is more to write than this page asks for
}

// move makes one for a phrase. Fields are the parameters asked for on the
// page; none given and not direct: it leads to the form.
func (n *snap) move(who *seat, code, re string, given map[string]string, ask ...string) (move, bool) {
	p, ok := n.cat.Phrase(code)
	if !ok || p.Who == catalogue.Machine {
		return move{}, false
	}
	m := move{ID: "m-" + code + "-" + strings.ReplaceAll(re, "/", "-"), Line: string(n.ID), Code: code, Name: n.cat.Gloss(n.lang, code), Re: re, Given: given,
		Who: p.Who.String()}
	m.May, m.Two = n.takes(who.role, p, re)
	if id := "move." + code; n.s.words["en"].Has(id) {
		m.Name = n.T(id)
	}
	if id := "move." + code + ".says"; n.s.words["en"].Has(id) {
		m.Says = n.T(id)
	}
	for _, name := range ask {
		if q, ok := p.Param(name); ok {
			m.Fields = append(m.Fields, n.field(q, given[name]))
		}
	}
	q := url.Values{"code": {code}}
	if re != "" {
		q.Set("re", re)
	}
	for k, v := range given {
		q.Set("p."+k, v)
	}
	m.Href = "/line/" + string(n.ID) + "/compose?" + q.Encode()
	m.Token = n.once(m)
	return m, true
}

// said makes a move that one press says.
func (m move) said(back string) move {
	m.Direct, m.Back = true, back
	return m
}

// once makes what a page says twice by mistake one record: until our log
// grows, the same press is the same record.
func (n *snap) once(m move) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s %d %d %s %s %q", n.ID, n.view.Own.Generation, n.view.Own.Size, m.Code, m.Re, m.Given)
	return "press-" + hex.EncodeToString(h.Sum(nil)[:16])
}

// keyed gives a move a key by its place.
func (m move) keyed(letter string) move {
	m.Key, m.Letter = "Key"+letter, letter
	return m
}

// moves keeps those there are.
type moves []move

func (l *moves) add(m move, ok bool) {
	if ok {
		*l = append(*l, m)
	}
}
