// SPDX-License-Identifier: Apache-2.0

package console

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"openline/internal/host"
	"openline/internal/station"
	"openline/line"
	"openline/line/counterpart"
	"openline/line/dossier"
	"openline/record"
)

// counterpartsView is the page of who speaks with whom.
type counterpartsView struct {
	Line         string
	Ours, Theirs party
	Others       []party // on a line of many: with whom else
	Held         string
	Ladder       ladder
	Pairs        []pairView
	Counts       []cameView
	Positions    []positionView
	Void         []voidView
	Directory    []directory
	Left         int
	Past         []dossierRow // requests that await while their pair is not agreed
	PastMoves    []moves
	Moves        moves
}

// pairView is a pair of posts in words. Two pairs that give one post two
// counterparts are one entry with both views side by side.
type pairView struct {
	ID         string
	N          int // on the ties
	Subject    string
	Post       string // that both speak of; the first of the pair otherwise
	Other      string
	State      string // its kind, for the mark
	Word       string
	Crossed    bool
	Views      []viewView
	Precedents []precedentView
	Redirects  []redirectView
	Moves      moves
}

type viewView struct {
	party
	Head    string
	Grounds string
	By      saidView
}

type precedentView struct {
	Request, By saidView
	Word        string
}

type redirectView struct {
	Request, By saidView
	From, To    string
	Foreign     bool
	Stands      bool
}

type positionView struct {
	party
	Subject, Text string
	From          record.Stamp
	By            saidView
}

type voidView struct {
	By  saidView
	Why string
}

// directory is the offices of one party.
type directory struct {
	party
	Posts []postCard
	Left  int
}

// postCard is one office as its party declared it; empty: not said.
type postCard struct {
	ID, Office, Holder, Deputies, Hours, Address, Rank string
	Since                                              record.Stamp
	Changed                                            []saidView // holders, the newest last
	Ref                                                saidView
	order                                              uint64
}

// maxPosts is how many offices of a party the page draws and lists.
const maxPosts = 40

func (s *Server) counterparts(w http.ResponseWriter, r *http.Request, who *seat) error {
	p, n, err := s.onLine(r, who, "counterparts", "title.counterparts")
	if err != nil {
		return err
	}
	t, err := s.cfg.Station.Counterparts(r.Context(), n.ID)
	if err != nil {
		return err
	}
	d, err := s.cfg.Station.Dossiers(r.Context(), n.ID)
	if err != nil {
		return err
	}
	peer, err := n.peerOf(r.URL.Query().Get("with"))
	if err != nil {
		return err
	}
	v := counterpartsView{Line: string(n.ID), Ours: n.party(n.view.Me), Theirs: n.party(peer)}
	for _, q := range n.view.Peers {
		if q.No != peer {
			v.Others = append(v.Others, n.party(q.No))
		}
	}
	for _, left := range t.Left {
		v.Left += left
	}
	for _, no := range []record.PartyNo{n.view.Me, peer} {
		dir, err := n.directory(r, no)
		if err != nil {
			return err
		}
		v.Directory = append(v.Directory, dir)
	}
	pairs := slices.DeleteFunc(t.Pairs, func(q counterpart.Pair) bool { return !between(q, n.view.Me, peer) })
	n.pairs(&v, pairs, who)
	v.Ladder = n.ladder(v.Directory[0], v.Directory[1], pairs, v.Pairs, p.Dir == "rtl")
	for _, x := range t.Positions {
		v.Positions = append(v.Positions, positionView{n.party(x.Party), x.Subject, x.Text, x.From, n.saying(x.By)})
	}
	for _, x := range t.Void {
		v.Void = append(v.Void, voidView{n.saying(x.By), x.Why})
	}
	n.past(&v, pairs, d, who)
	v.Moves.add(n.move(who, "CP01", "", nil, "ours", "theirs", "subject", "grounds"))
	v.Moves.add(n.move(who, "SP01", "", nil, "subject", "position", "from"))
	v.Moves.add(n.move(who, "PO01", "", nil))
	v.Moves.add(n.move(who, "CK01", "", nil))
	for i := range v.Moves {
		n.sided(&v.Moves[i], peer)
	}
	p.X = v
	s.write(w, p, "counterparts")
	return nil
}

// sided offers our offices for ours and theirs for theirs.
func (n *snap) sided(m *move, peer record.PartyNo) {
	for i := range m.Fields {
		switch f := &m.Fields[i]; f.Name {
		case "ours":
			f.Options = n.offices(n.view.Me, f.Value)
		case "theirs":
			f.Options = n.offices(peer, f.Value)
		}
	}
}

// peerOf finds the other party a page is about: the one named, or the first.
func (n *snap) peerOf(short string) (record.PartyNo, error) {
	for _, q := range n.view.Peers {
		if short == "" || q.Short == short {
			return q.No, nil
		}
	}
	return 0, host.ErrNoLine
}

func between(q counterpart.Pair, a, b record.PartyNo) bool {
	x, y := q.Posts[0].Party, q.Posts[1].Party
	return x == a && y == b || x == b && y == a
}

// directory reads what a party declared of its offices, in the order in which
// it declared them first.
func (n *snap) directory(r *http.Request, no record.PartyNo) (directory, error) {
	out := directory{party: n.party(no)}
	for _, q := range n.posts {
		if q.Party != no {
			continue
		}
		if len(out.Posts) == maxPosts {
			out.Left++
			continue
		}
		c, err := n.postCard(r, q)
		if err != nil {
			return out, err
		}
		out.Posts = append(out.Posts, c)
	}
	slices.SortStableFunc(out.Posts, func(a, b postCard) int { return cmp.Compare(a.order, b.order) })
	return out, nil
}

func (n *snap) postCard(r *http.Request, q station.Post) (postCard, error) {
	c := postCard{ID: q.ID, Office: q.Office, Ref: n.saying(line.Said{Party: q.Record.Party, Number: q.Record.Number}), order: q.Record.Number}
	rec, err := n.find(q.Record)
	if err != nil {
		return c, err
	}
	if rec.Leaf == nil || rec.Body == nil {
		return c, nil
	}
	text := func(name string) string {
		s, _ := rec.Body.Params[name].AsText()
		return s
	}
	c.Holder, c.Hours, c.Address, c.Rank = text("holder"), text("hours"), text("address"), text("rank")
	list, _ := rec.Body.Params["deputies"].AsArray()
	for i, x := range list {
		if s, _ := x.AsText(); i < 8 {
			c.Deputies = strings.TrimPrefix(c.Deputies+", "+s, ", ")
		}
	}
	since, _ := rec.Body.Params["since"].AsUint()
	c.Since = record.Stamp(since)
	opening := q.Record
	if !rec.Leaf.About.IsZero() {
		opening = rec.Leaf.About
	}
	if opening.Number > 0 {
		c.order = opening.Number
	}
	th, err := n.s.cfg.Station.Thread(r.Context(), n.ID, opening)
	if err != nil {
		return c, err
	}
	for _, a := range th.Acts {
		if a.Code == "PO02" && a.Standing != line.NoEffect {
			c.Changed = append(c.Changed, n.saying(a.Said))
		}
	}
	c.Changed = c.Changed[max(0, len(c.Changed)-3):]
	return c, nil
}

// past are the requests that await while how their pair is seen is open: for
// them there is this once.
func (n *snap) past(v *counterpartsView, pairs []counterpart.Pair, t dossier.Table, who *seat) {
	open := func(a, b line.Post) bool {
		return slices.ContainsFunc(pairs, func(q counterpart.Pair) bool {
			return q.State != counterpart.Agreed && (q.Posts == [2]line.Post{a, b} || q.Posts == [2]line.Post{b, a})
		})
	}
	for _, d := range t.Dossiers {
		for _, s := range d.Sides {
			if d.Ended.Number != 0 || s.Awaits == 0 || len(v.Past) == 20 || !open(d.From, s.Office) {
				continue
			}
			row := n.dossierRow(d)
			v.Past = append(v.Past, row)
			var list moves
			list.add(n.move(who, "CP04", row.Opening.Ref, nil))
			v.PastMoves = append(v.PastMoves, list)
			break
		}
	}
}
