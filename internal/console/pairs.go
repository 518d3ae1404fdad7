// SPDX-License-Identifier: Apache-2.0

package console

import (
	"fmt"
	"slices"
	"strconv"

	"openline/line"
	"openline/line/counterpart"
	"openline/record"
)

// maxPairs is how many pairs one page says in words and draws.
const maxPairs = 200

// pairs says the pairs in words: what differs first, then what one side
// states, then what is agreed.
func (n *snap) pairs(v *counterpartsView, list []counterpart.Pair, who *seat) {
	order := []counterpart.State{counterpart.Differs, counterpart.Stated, counterpart.Agreed, counterpart.None}
	counts := map[counterpart.State]int{}
	done := map[int]bool{}
	for _, state := range order {
		for i, q := range list {
			if q.State != state || done[i] || len(v.Pairs) == maxPairs {
				continue
			}
			done[i] = true
			counts[state]++
			x := n.pair(q, who)
			x.N = len(v.Pairs) + 1
			x.ID = "pair-" + strconv.Itoa(x.N)
			if j := rival(list, i); j >= 0 && !done[j] {
				done[j] = true
				n.merge(&x, q, list[j], who)
			}
			v.Pairs = append(v.Pairs, x)
		}
		if counts[state] > 0 {
			v.Counts = append(v.Counts, cameView{n.T("pair." + pairKinds[state]), counts[state]})
		}
	}
}

var pairKinds = map[counterpart.State]string{counterpart.Agreed: "agreed", counterpart.Stated: "stated", counterpart.Differs: "differs", counterpart.None: "none"}

// rival finds the pair that the other view of a pair seen differently is for.
func rival(list []counterpart.Pair, i int) int {
	q := list[i]
	if q.State != counterpart.Differs {
		return -1
	}
	return slices.IndexFunc(list, func(o counterpart.Pair) bool {
		shares := o.Posts[0] == q.Posts[0] || o.Posts[1] == q.Posts[1]
		return o.State == counterpart.Differs && o.Subject == q.Subject && o.Posts != q.Posts && shares && favours(o) != favours(q)
	})
}

// favours is the party whose word is for the pair; 0: none or both.
func favours(q counterpart.Pair) (by record.PartyNo) {
	for _, w := range q.Views {
		if w.For && by != 0 {
			return 0
		}
		if w.For {
			by = w.Party
		}
	}
	return by
}

// oriented gives our post of a pair, then theirs.
func (n *snap) oriented(q counterpart.Pair) (ours, theirs line.Post) {
	if q.Posts[0].Party == n.view.Me {
		return q.Posts[0], q.Posts[1]
	}
	return q.Posts[1], q.Posts[0]
}

func (n *snap) pair(q counterpart.Pair, who *seat) pairView {
	ours, theirs := n.oriented(q)
	x := pairView{Subject: q.Subject, Post: n.office(ours), Other: n.office(theirs), State: pairKinds[q.State], Word: n.T("pair." + pairKinds[q.State]), Crossed: q.Crossed}
	for _, w := range q.Views {
		x.Views = append(x.Views, n.viewOf(q, w))
		n.pairMoves(&x, q, w, who)
		if q.State == counterpart.Stated {
			x.Word = n.T("pair.stated." + side(w.Party == n.view.Me))
		}
	}
	for _, c := range q.Precedents[max(0, len(q.Precedents)-8):] {
		x.Precedents = append(x.Precedents, precedentView{n.saying(c.Request), n.saying(c.By), n.T("precedent." + noKey.ReplaceAllString(string(c.Standing), "-"))})
	}
	for _, c := range q.Redirects[max(0, len(q.Redirects)-8):] {
		x.Redirects = append(x.Redirects, redirectView{n.saying(c.Request), n.saying(c.By), n.office(c.From), n.office(c.To), c.Foreign, c.Stands})
	}
	return x
}

func side(ours bool) string {
	if ours {
		return "ours"
	}
	return "theirs"
}

// viewOf writes one party's word on a pair. A party that is for it names the
// post of the other.
func (n *snap) viewOf(q counterpart.Pair, w counterpart.View) viewView {
	out := viewView{party: n.party(w.Party), Grounds: w.Grounds, By: n.saying(w.By)}
	who := side(w.Party == n.view.Me)
	ours, theirs := n.oriented(q)
	switch {
	case w.For:
		out.Head = n.T("view.for."+who, "Ours", n.office(ours), "Theirs", n.office(theirs))
	case w.Names.Post != "":
		out.Head = n.T("view.names."+who, "Office", n.office(w.Names))
	default:
		out.Head = n.T("view.differs." + who)
	}
	return out
}

// merge makes one entry of two pairs that give one post two counterparts: the
// post both speak of, and each side's own word for its pair.
func (n *snap) merge(x *pairView, q, o counterpart.Pair, who *seat) {
	y := n.pair(o, who)
	shared := q.Posts[0]
	if q.Posts[1] == o.Posts[1] {
		shared = q.Posts[1]
	}
	x.Post, x.Other = n.office(shared), ""
	var views []viewView
	for _, p := range []counterpart.Pair{q, o} {
		for _, w := range p.Views {
			if w.For {
				views = append(views, n.viewOf(p, w))
			}
		}
	}
	slices.SortFunc(views, func(a, b viewView) int { return int(a.No) - int(b.No) })
	x.Views = views
	x.Precedents, x.Redirects = append(x.Precedents, y.Precedents...), append(x.Redirects, y.Redirects...)
	for _, m := range y.Moves {
		if !slices.ContainsFunc(x.Moves, func(have move) bool { return have.ID == m.ID }) {
			x.Moves = append(x.Moves, m)
		}
	}
}

// pairMoves are what may be said to a statement of theirs; what we have said
// already is not offered.
func (n *snap) pairMoves(x *pairView, q counterpart.Pair, w counterpart.View, who *seat) {
	if w.Party == n.view.Me || w.By.Code != "CP01" {
		return
	}
	i := slices.IndexFunc(q.Views, func(o counterpart.View) bool { return o.Party == n.view.Me })
	re := n.env.RefName(record.ByNumber(w.By.Party, w.By.Number))
	if i < 0 || !q.Views[i].For {
		x.Moves.add(n.move(who, "CP02", re, nil))
	}
	m, ok := n.move(who, "CP03", re, nil, "office", "grounds")
	for i := range m.Fields {
		if m.Fields[i].Kind == "post" {
			m.Fields[i].Options = n.offices(n.view.Me, "")
		}
	}
	x.Moves.add(m, ok)
	if i < 0 {
		x.Moves.add(n.move(who, "HD01", re, nil, "until"))
	}
}

// ladder are two orders of posts side by side with the ties between them. A
// rung is one height; theirs stand half a rung lower, so that none meets
// another.
type ladder struct {
	Ours, Theirs []postCard
	Height       string // in rem
	Box          string
	Ties         []tie
	Stubs        []stub
}

// tie is one pair drawn: two halves, each solid where its side states it.
type tie struct {
	N            int
	Href         string
	Word         string
	Class        string // who states it
	D1, D2       string
	Open1, Open2 bool // the half of a side that does not state it
	X, Y         string
	px, py       float64
	left, right  float64
}

// stub is a post without a pair.
type stub struct {
	D, X, Y, Anchor string
}

// rungHeight is the height of a rung in rem, as the style sheet has it.
const rungHeight = 4.5

func (n *snap) ladder(ours, theirs directory, list []counterpart.Pair, said []pairView, rtl bool) ladder {
	l := ladder{Ours: ours.Posts, Theirs: theirs.Posts}
	height := max(float64(len(ours.Posts)), float64(len(theirs.Posts))+.5, 1) * rungHeight
	l.Height, l.Box = fmt.Sprintf("%grem", height), fmt.Sprintf("0 0 100 %g", height)
	tied := map[line.Post]bool{}
	numbers := map[string]int{}
	for _, x := range said {
		numbers[x.Subject+"\x00"+x.Post] = x.N
	}
	for _, q := range list {
		a, b := n.oriented(q)
		i := slices.IndexFunc(ours.Posts, func(c postCard) bool { return c.ID == a.Post })
		j := slices.IndexFunc(theirs.Posts, func(c postCard) bool { return c.ID == b.Post })
		if i < 0 || j < 0 || len(l.Ties) == maxPosts {
			continue
		}
		tied[a], tied[b] = true, true
		t := tie{left: (float64(i) + .5) * rungHeight, right: (float64(j) + 1) * rungHeight}
		if t.N = numbers[q.Subject+"\x00"+n.office(a)]; t.N == 0 {
			t.N = numbers[q.Subject+"\x00"+n.office(b)]
		}
		t.Href = "#pair-" + strconv.Itoa(t.N)
		n.drawn(&t, q)
		l.place(&t, rtl)
		l.Ties = append(l.Ties, t)
	}
	for i, c := range ours.Posts {
		if !tied[line.Post{Party: ours.No, Post: c.ID}] {
			l.Stubs = append(l.Stubs, stubAt((float64(i)+.5)*rungHeight, rtl))
		}
	}
	for j, c := range theirs.Posts {
		if !tied[line.Post{Party: theirs.No, Post: c.ID}] {
			l.Stubs = append(l.Stubs, stubAt((float64(j)+1)*rungHeight, !rtl))
		}
	}
	return l
}

// drawn says who states a pair: a half is drawn open on the side that does not.
func (n *snap) drawn(t *tie, q counterpart.Pair) {
	us, them := false, false
	for _, w := range q.Views {
		us = us || w.For && w.Party == n.view.Me
		them = them || w.For && w.Party != n.view.Me
	}
	t.Open1, t.Open2 = !us, !them
	switch {
	case us && them:
		t.Word = n.T("pair.agreed")
	case us:
		t.Word, t.Class = n.T("tie.ours"), "by-"+n.party(n.view.Me).Colour
	case them:
		t.Word = n.T("tie.theirs")
		for _, w := range q.Views {
			if w.For {
				t.Class = "by-" + n.party(w.Party).Colour
			}
		}
	default:
		t.Word = n.T("pair.none")
	}
}

// place finds where the name of a tie stands free, and draws the halves. In a
// page read from the right our side is at the right.
func (l *ladder) place(t *tie, rtl bool) {
	mid := (t.left + t.right) / 2
	x0, x1, x2, x3, x4 := 0, 25, 50, 75, 100
	if rtl {
		x0, x1, x2, x3, x4 = 100, 75, 50, 25, 0
	}
	t.D1 = fmt.Sprintf("M%d %gC%d %g %d %g %d %g", x0, t.left, x1, t.left, x1, mid, x2, mid)
	t.D2 = fmt.Sprintf("M%d %gC%d %g %d %g %d %g", x2, mid, x3, mid, x3, t.right, x4, t.right)
	for _, at := range [][2]float64{{50, mid}, {float64(x1), (t.left + mid) / 2}, {float64(x3), (mid + t.right) / 2}, {50, mid}} {
		t.px, t.py = at[0], at[1]
		clear := !slices.ContainsFunc(l.Ties, func(o tie) bool { return abs(o.px-t.px) < 24 && abs(o.py-t.py) < 1.6 })
		if clear {
			break
		}
	}
	t.X, t.Y = fmt.Sprintf("%g%%", t.px), fmt.Sprintf("%grem", t.py)
}

func abs(x float64) float64 { return max(x, -x) }

func stubAt(y float64, right bool) stub {
	if right {
		return stub{D: fmt.Sprintf("M100 %gH93", y), X: "91%", Y: fmt.Sprintf("%grem", y), Anchor: "end"}
	}
	return stub{D: fmt.Sprintf("M0 %gH7", y), X: "9%", Y: fmt.Sprintf("%grem", y), Anchor: "start"}
}
