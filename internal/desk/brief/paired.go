// SPDX-License-Identifier: Apache-2.0

package brief

import (
	"slices"

	"openline/line"
	"openline/line/counterpart"
	"openline/record"
)

// paired is how the pairs of posts are seen by what was said on this line.
func (m *maker) paired() (out []Counterpart) {
	r := m.in.Rooms
	if r == nil {
		return nil
	}
	for _, p := range r.Counterparts.Pairs {
		mine, yours, ok := r.posts(p.Posts)
		if !ok {
			continue
		}
		cp := Counterpart{Ours: mine, OursPosts: []string{mine}, Theirs: []string{yours}, Subject: p.Subject, OnLine: true, Crossed: p.Crossed, Grounds: []Ground{}}
		for _, v := range p.Views {
			g := Ground{Kind: "record", By: m.titleOf(r.side(v.Party)), Side: r.side(v.Party), For: v.For, Ours: mine, Theirs: yours, Date: day(stamp(v.By.Time)), Quote: v.Grounds, Source: r.of(v.By)}
			switch names := r.Post(v.Names); {
			case v.Names == (line.Post{}):
			case v.Names.Party == r.Me:
				g.Ours = names
			case v.Names.Party == r.Peer:
				g.Theirs = names
			}
			cp.Grounds = append(cp.Grounds, g)
		}
		cp.State = stateOf(p, cp.Grounds)
		for _, q := range p.Precedents {
			cp.Grounds = append(cp.Grounds, Ground{Kind: "precedent", By: m.titleOf(r.side(q.By.Party)), Side: r.side(q.By.Party), For: true, Ours: mine, Theirs: yours, Date: day(stamp(q.By.Time)), Times: 1,
				Standing: string(q.Standing), Source: r.of(q.By)})
		}
		if len(cp.Grounds) > 0 {
			out = append(out, cp)
		}
	}
	return out
}

// posts are the two posts of a pair by side; not ok: it is not between us.
func (r *Rooms) posts(p [2]line.Post) (mine, yours string, ok bool) {
	parties := [2]record.PartyNo{p[0].Party, p[1].Party}
	switch parties {
	case [2]record.PartyNo{r.Me, r.Peer}:
		return r.Post(p[0]), r.Post(p[1]), true
	case [2]record.PartyNo{r.Peer, r.Me}:
		return r.Post(p[1]), r.Post(p[0]), true
	}
	return "", "", false
}

func stateOf(p counterpart.Pair, grounds []Ground) string {
	switch p.State {
	case counterpart.Agreed:
		return PairAgreed
	case counterpart.Differs:
		return PairDiffers
	case counterpart.Stated:
		if slices.ContainsFunc(grounds, func(g Ground) bool { return g.For && g.Side == ours }) {
			return PairOurs
		}
		return PairTheirs
	}
	return PairPractice
}

// stances are the positions the two sides stated, the newest first of each
// subject.
func (m *maker) stances() []Stance {
	out := []Stance{}
	r := m.in.Rooms
	if r == nil {
		return out
	}
	for _, p := range r.Counterparts.Positions {
		if side := r.side(p.Party); side != other {
			out = append(out, Stance{Side: side, Subject: p.Subject, Text: p.Text, Date: *day(stamp(p.By.Time)), Source: r.of(p.By)})
		}
	}
	slices.SortStableFunc(out, func(a, b Stance) int { return -compareStrings(a.Date, b.Date) })
	return out
}
