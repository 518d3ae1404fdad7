// SPDX-License-Identifier: Apache-2.0

package console

import (
	"cmp"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"openline/line"
	"openline/line/dossier"
	"openline/record"
)

// dossiersView is the page of all invitations: asked and came.
type dossiersView struct {
	Line   string
	Counts []countView
	Groups []dossierGroup
	Left   int
	New    moves
}

type countView struct {
	Asker, Answerer party
	Asked           int
	Reminders       int
	Came            []cameView
}

type cameView struct {
	Word string
	N    int
}

type dossierGroup struct {
	Name string
	Rows []dossierRow
}

type dossierRow struct {
	Opening  saidView
	Link     string
	Kind     string
	Subject  string
	From     string
	Windows  []windowView
	Sides    []sideRow
	Reminded int
	Lapsed   bool
	newest   record.Stamp
	awaits   record.PartyNo
}

type sideRow struct {
	Office string
	Word   string
	By     *saidView
	Until  record.Stamp
	Due    record.Stamp
	Clock  string
	Ours   bool
	Routed bool
}

// maxDossiers is how many invitations one page lists of each group.
const maxDossiers = 200

func (s *Server) dossiers(w http.ResponseWriter, r *http.Request, who *seat) error {
	p, n, err := s.onLine(r, who, "dossiers", "title.dossiers")
	if err != nil {
		return err
	}
	t, err := s.cfg.Station.Dossiers(r.Context(), n.ID)
	if err != nil {
		return err
	}
	v := dossiersView{Line: string(n.ID)}
	for _, c := range t.Counts {
		v.Counts = append(v.Counts, n.count(c))
	}
	for _, left := range t.Left {
		v.Left += left
	}
	us, them, over := dossierGroup{Name: "dossiers.us"}, dossierGroup{Name: "dossiers.them"}, dossierGroup{Name: "dossiers.over"}
	for _, d := range t.Dossiers {
		row := n.dossierRow(d)
		switch {
		case row.awaits == n.view.Me:
			us.Rows = append(us.Rows, row)
		case row.awaits != 0:
			them.Rows = append(them.Rows, row)
		default:
			over.Rows = append(over.Rows, row)
		}
	}
	for _, g := range []dossierGroup{us, them, over} {
		slices.SortStableFunc(g.Rows, func(a, b dossierRow) int { return cmp.Compare(b.newest, a.newest) })
		v.Left += max(0, len(g.Rows)-maxDossiers)
		g.Rows = g.Rows[:min(len(g.Rows), maxDossiers)]
		v.Groups = append(v.Groups, g)
	}
	for _, code := range []string{"CR01", "MT01", "SD01"} {
		v.New.add(n.move(who, code, "", nil))
	}
	p.X = v
	s.write(w, p, "dossiers")
	return nil
}

// words of a state are found by its name without what no key has.
var noKey = regexp.MustCompile(`[^a-z]+`)

func (n *snap) dossierState(s dossier.State) string {
	id := "dossier.is." + noKey.ReplaceAllString(string(s), "-")
	if n.s.words["en"].Has(id) {
		return n.T(id)
	}
	return string(s)
}

func (n *snap) count(c dossier.Count) countView {
	v := countView{Asker: n.party(c.Asker), Answerer: n.party(c.Answerer), Asked: c.Asked, Reminders: c.Reminders}
	for state, k := range c.Came {
		v.Came = append(v.Came, cameView{n.dossierState(state), k})
	}
	slices.SortFunc(v.Came, func(a, b cameView) int { return cmp.Or(b.N-a.N, strings.Compare(a.Word, b.Word)) })
	return v
}

func dossierPath(id, party string, number uint64) string {
	return strings.Replace(recordPath(id, party, number), "/record/", "/dossier/", 1)
}

func (n *snap) dossierRow(d dossier.Dossier) dossierRow {
	row := dossierRow{Opening: n.saying(d.Opening), Kind: n.T("dossier.kind." + noKey.ReplaceAllString(d.Kind, "-")), Subject: d.Subject, From: n.office(d.From),
		Windows: windows(d.Windows), Reminded: len(d.Reminders), Lapsed: d.Lapsed(record.Stamp(max(0, n.view.At.Unix()))), newest: d.Opening.Time}
	row.Link = dossierPath(string(n.ID), row.Opening.Party, d.Opening.Number)
	for _, s := range d.Sides {
		x := sideRow{Office: n.office(s.Office), Word: n.dossierState(s.State), Until: s.Until, Ours: s.Party == n.view.Me, Routed: len(s.Route) > 0}
		if s.By.Number != 0 {
			by := n.saying(s.By)
			x.By, row.newest = &by, max(row.newest, s.By.Time)
		}
		for _, a := range n.view.Awaiting {
			if a.Thing.Party == d.Opening.Party && a.Thing.Number == d.Opening.Number && a.Answerer == s.Party && s.Awaits == s.Party {
				x.Clock = n.words.SayClock(a.Clock, a.Ours)
				if a.Clock.Started.At > 0 || a.Clock.Held {
					x.Due = a.Clock.Due
				}
			}
		}
		if s.Awaits != 0 && (row.awaits == 0 || s.Awaits == n.view.Me) {
			row.awaits = s.Awaits
		}
		row.Sides = append(row.Sides, x)
	}
	return row
}

// dossierView is one invitation as a thread.
type dossierView struct {
	Line      string
	Row       dossierRow
	Foreign   bool
	Wished    record.Stamp
	Sides     []sideView
	Agenda    []itemView
	Off       []offView
	Holders   []saidView
	Joined    []joinedView
	Closings  []closingView
	ReadOuts  []readOutView
	Reminders []saidView
	Renewed   []saidView
	Ended     *saidView
	Thread    []saidView
	Moves     moves
	Asked     bool // we asked
}

// sideView is what one asked party made of it.
type sideView struct {
	Party    party
	Word     string
	By       *saidView
	Until    record.Stamp
	Reason   string
	Words    string
	Window   *windowView
	Office   string
	Route    []string
	Holds    int
	Receipts []saidView
	Crossed  []saidView
	Awaits   *party
	Clock    string
	Declared string // the record that declared the clock
	Due      record.Stamp
}

type itemView struct {
	Text, State string
	Words       []saidView
	Moves       moves
}

type offView struct {
	By       saidView
	Whose    string
	Fallback *windowView
	Taken    bool
}

type joinedView struct {
	Ref, Link string
	One       bool
	By        []saidView
}

type closingView struct {
	By             saidView
	Ended, Release record.Stamp
	Asked          string
	Agreed         bool
}

type readOutView struct {
	Sealed saidView
	Opens  record.Stamp
	Opened *saidView
	Text   string
}

func (s *Server) dossier(w http.ResponseWriter, r *http.Request, who *seat) error {
	p, n, err := s.onLine(r, who, "dossiers", "title.dossier")
	if err != nil {
		return err
	}
	ref, err := n.named(r)
	if err != nil {
		return err
	}
	t, err := s.cfg.Station.Dossiers(r.Context(), n.ID)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(t.Dossiers, func(d dossier.Dossier) bool { return record.ByNumber(d.Opening.Party, d.Opening.Number) == ref })
	if i < 0 {
		return fault(http.StatusNotFound, "fault.none")
	}
	th, err := s.cfg.Station.Thread(r.Context(), n.ID, ref)
	if err != nil {
		return err
	}
	v := n.dossierView(t.Dossiers[i])
	v.Thread = n.thread(th)
	for i, side := range t.Dossiers[i].Sides {
		c := th.Clocks[side.Party]
		v.Sides[i].Clock = n.words.SayClock(c, side.Party == n.view.Me)
		if !c.Declaration.IsZero() {
			v.Sides[i].Declared = n.env.RefName(c.Declaration)
		}
		if side.Awaits == side.Party && (c.Started.At > 0 || c.Held) {
			v.Sides[i].Due = c.Due
		}
	}
	n.dossierMoves(&v, t.Dossiers[i], who, r.URL.Path)
	p.Title = v.Row.Opening.Ref
	p.X = v
	s.write(w, p, "dossier")
	return nil
}

func (n *snap) dossierView(d dossier.Dossier) dossierView {
	v := dossierView{Line: string(n.ID), Row: n.dossierRow(d), Foreign: d.Foreign, Wished: d.Wished, Holders: n.sayings(d.Holders...),
		Reminders: n.sayings(d.Reminders...), Renewed: n.sayings(d.Renewed...), Ended: first(n.sayings(d.Ended)), Asked: d.Opening.Party == n.view.Me}
	for _, s := range d.Sides {
		v.Sides = append(v.Sides, n.sideView(s))
	}
	for _, i := range d.Agenda {
		v.Agenda = append(v.Agenda, itemView{Text: i.Text, State: n.T("item." + noKey.ReplaceAllString(i.State, "-")), Words: n.sayings(i.Words...)})
	}
	for _, o := range d.Off {
		v.Off = append(v.Off, offView{By: n.saying(o.By), Whose: n.T("off." + cmp.Or(o.Whose, "unsaid")), Fallback: first(windows([]line.Window{o.Fallback})), Taken: o.Taken})
	}
	for _, j := range d.Joined {
		short := n.env.PartyName(j.Party)
		v.Joined = append(v.Joined, joinedView{n.env.RefName(record.ByNumber(j.Party, j.Number)), dossierPath(string(n.ID), short, j.Number), j.One, n.sayings(j.By...)})
	}
	for _, c := range d.Closings {
		v.Closings = append(v.Closings, closingView{n.saying(c.By), c.Ended, c.Release, n.T("closing.asked." + cmp.Or(c.Asked, "unsaid")), c.Agreed})
	}
	for _, x := range d.ReadOuts {
		v.ReadOuts = append(v.ReadOuts, readOutView{n.saying(x.Sealed), x.Opens, first(n.sayings(x.Opened)), x.Text})
	}
	return v
}

func (n *snap) sideView(s dossier.Side) sideView {
	v := sideView{Party: n.party(s.Party), Word: n.dossierState(s.State), By: first(n.sayings(s.By)), Until: s.Until, Words: s.Words,
		Window: first(windows([]line.Window{s.Window})), Office: n.office(s.Office), Holds: s.Holds, Receipts: n.sayings(s.Receipts...), Crossed: n.sayings(s.Crossed...)}
	for _, o := range s.Route {
		v.Route = append(v.Route, n.office(o))
	}
	if s.Reason > 0 {
		v.Reason = n.cat.Reason(n.lang, int(min(s.Reason, 99)))
	}
	if s.Awaits != 0 {
		a := n.party(s.Awaits)
		v.Awaits = &a
	}
	return v
}

func first[T any](list []T) *T {
	if len(list) == 0 {
		return nil
	}
	return &list[0]
}
