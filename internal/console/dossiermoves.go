// SPDX-License-Identifier: Apache-2.0

package console

import (
	"net/http"
	"slices"
	"strconv"

	"openline/internal/host"
	"openline/line"
	"openline/line/dossier"
	"openline/record"
)

// named reads the record a path names and makes sure that it is held here.
func (n *snap) named(r *http.Request) (record.Ref, error) {
	no, ok := n.env.PartyNo(r.PathValue("party"))
	number, err := strconv.ParseUint(r.PathValue("number"), 10, 62)
	if !ok || err != nil {
		return record.Ref{}, host.ErrNoRecord
	}
	ref := record.ByNumber(no, number)
	_, err = n.find(ref)
	return ref, err
}

// dossierMoves are what may be said to an invitation now: by who asked, by
// who was asked, and to each item of its agenda.
func (n *snap) dossierMoves(v *dossierView, d dossier.Dossier, who *seat, path string) {
	if d.Ended.Number != 0 {
		return
	}
	re := n.env.RefName(record.ByNumber(d.Opening.Party, d.Opening.Number))
	if v.Asked {
		n.askerMoves(v, d, who, re, path)
	}
	for _, s := range d.Sides {
		if s.Party == n.view.Me {
			n.askedMoves(v, d, s, who, re)
		}
	}
	// This once, without prejudice: while the pair stands in the way.
	if slices.ContainsFunc(d.Sides, func(s dossier.Side) bool { return s.Awaits != 0 || len(s.Route) > 0 }) {
		v.Moves.add(n.move(who, "CP04", re, nil))
	}
	if d.Kind != "meeting" {
		if accepted(d) {
			v.Moves.add(n.move(who, "CR04", re, nil, "words", "check"))
			v.Moves.add(n.move(who, "CR05", re, nil, "ended", "points", "asked", "release"))
			v.Moves.add(n.move(who, "MT03", re, nil, "by", "fallback", "cause"))
		}
		return
	}
	n.agendaMoves(v, d, who, re, path)
	if accepted(d) {
		v.Moves.add(n.move(who, "MT03", re, nil, "by", "fallback", "cause"))
	}
}

func accepted(d dossier.Dossier) bool {
	return slices.ContainsFunc(d.Sides, func(s dossier.Side) bool {
		return s.State == dossier.Accepted || s.State == dossier.AgendaOpen || s.State == dossier.Confirmed
	})
}

func (n *snap) askerMoves(v *dossierView, d dossier.Dossier, who *seat, re, path string) {
	waits := false
	for _, s := range d.Sides {
		by := n.env.RefName(record.ByNumber(s.By.Party, s.By.Number))
		switch {
		case s.Awaits == s.Party:
			waits = true
		case s.Awaits == n.view.Me && s.By.Code == "AN01":
			v.Moves.add(direct(path)(n.move(who, "AN02", by, nil)))
			v.Moves.add(direct(path)(n.move(who, "AN03", by, nil)))
		case s.Awaits == n.view.Me && s.By.Number != 0 && n.permits(s.By.Code, "AF01"):
			v.Moves.add(n.move(who, "AF01", by, nil))
			v.Moves.add(n.move(who, "AF02", by, nil, "cause"))
			v.Moves.add(n.move(who, "HD01", by, nil, "until"))
		}
	}
	if waits {
		m, ok := direct(path)(n.move(who, "RM01", re, nil))
		v.Moves.add(m.keyed("M"), ok)
		v.Moves.add(direct(path)(n.move(who, "RQ01", re, nil)))
	}
	v.Moves.add(n.move(who, "WD01", re, nil))
}

// direct makes a move that one press says, and that leads back to a page.
func direct(path string) func(move, bool) (move, bool) {
	return func(m move, ok bool) (move, bool) { return m.said(path), ok }
}

func (n *snap) permits(asked, code string) bool {
	p, ok := n.cat.Phrase(asked)
	return ok && p.Permitted(code)
}

// askedMoves are the replies of who was asked: what the phrase permits, no
// more.
func (n *snap) askedMoves(v *dossierView, d dossier.Dossier, s dossier.Side, who *seat, re string) {
	for _, x := range []struct {
		code string
		ask  []string
	}{
		{"CR02", []string{"window"}}, {"AF01", nil}, {"CR03", []string{"window", "office", "proposal"}}, {"HD04", []string{"office"}}, {"HD01", []string{"until"}},
		{"PR01", nil}, {"PR02", []string{"condition"}}, {"TR01", []string{"until"}}, {"HD05", []string{"reason", "condition"}},
		{"AN01", []string{"channel", "when", "office"}}, {"HD03", nil}, {"AF02", []string{"cause"}},
	} {
		if !n.permits(d.Opening.Code, x.code) {
			continue
		}
		m, ok := n.move(who, x.code, re, nil, x.ask...)
		for i := range m.Fields {
			n.narrow(&m.Fields[i], x.code, d)
		}
		v.Moves.add(m, ok)
	}
}

// narrow offers what the invitation itself offers: its windows to accept, our
// own offices to redirect it to.
func (n *snap) narrow(f *field, code string, d dossier.Dossier) {
	switch {
	case code == "CR02" && f.Name == "window" && len(d.Windows) > 0:
		f.Options = nil
		for i, w := range d.Windows {
			f.Options = append(f.Options, option{typedWindow(w), n.span(w), i == 0})
		}
	case f.Kind == "post":
		f.Options = n.offices(n.view.Me, f.Value)
	}
}

// span writes a window on one line.
func (n *snap) span(w line.Window) string {
	from, to := instant(w.From), instant(w.To)
	layout := "15:04Z"
	if from.YearDay() != to.YearDay() || from.Year() != to.Year() {
		layout = "2006-01-02 15:04Z"
	}
	return from.Format("2006-01-02 15:04Z") + " – " + to.Format(layout)
}

// agendaMoves are what may be said to each item, and a new item.
func (n *snap) agendaMoves(v *dossierView, d dossier.Dossier, who *seat, re, path string) {
	for i, item := range d.Agenda {
		ours := false
		for _, w := range item.Words {
			ours = ours || w.Party == n.view.Me
			if w.Party != n.view.Me && w.Code == "MT02" && item.Open() {
				v.Agenda[i].Moves.add(direct(path)(n.move(who, "AF01", n.env.RefName(record.ByNumber(w.Party, w.Number)), nil)))
			}
		}
		given := func(stand string) map[string]string { return map[string]string{"item": item.Text, "stand": stand} }
		for _, stand := range []string{"listed", "not_agreed", "withdrawn"} {
			if item.State == stand || stand == "withdrawn" && !ours {
				continue
			}
			m, ok := direct(path)(n.move(who, "MT02", re, given(stand)))
			m.ID += "-" + strconv.Itoa(i) + "-" + stand
			m.Name = n.T("move.item." + stand)
			v.Agenda[i].Moves.add(m, ok)
		}
	}
	m, ok := n.move(who, "MT02", re, map[string]string{"stand": "proposed"}, "item")
	m.Name = n.T("move.item.new")
	v.Moves.add(m, ok)
}
