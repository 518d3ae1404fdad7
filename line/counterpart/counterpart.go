// SPDX-License-Identifier: Apache-2.0

package counterpart

import (
	"cmp"
	"iter"
	"slices"
	"strings"

	"openline/line"
	"openline/record"
)

// State is how a pair is seen.
type State string

// The states.
const (
	Agreed  State = "agreed"
	Stated  State = "stated by one side"
	Differs State = "seen differently"
	None    State = "none" // practice only, or nobody's word stands
)

// Table is how all pairs are seen.
type Table struct {
	Pairs     []Pair                 `json:"pairs"`
	Positions []Position             `json:"positions"`
	Void      []Void                 `json:"void"`
	Left      map[record.PartyNo]int `json:"left,omitempty"` // older statements and requests, by who opened them
}

// Pair is two posts and a subject.
type Pair struct {
	Subject    string       `json:"subject"`
	Posts      [2]line.Post `json:"posts"` // by party
	State      State        `json:"state"`
	Crossed    bool         `json:"crossed"` // the two words did not know of each other
	Views      []View       `json:"views"`   // one of each party that has said something, by party
	Precedents []Precedent  `json:"precedents"`
	Redirects  []Redirect   `json:"redirects"`
}

// View is a party's newest word on a pair.
type View struct {
	Party   record.PartyNo `json:"party"`
	For     bool           `json:"for"`   // else it sees it differently
	Names   line.Post      `json:"names"` // the post it names instead; zero: none
	Grounds string         `json:"grounds,omitempty"`
	By      line.Said      `json:"by"`
}

// Precedent is a call that was accepted between the two posts.
type Precedent struct {
	Request  line.Said `json:"request"`
	By       line.Said `json:"by"`
	Standing Weight    `json:"standing"`
}

// Weight is what an accepted call says of the pair.
type Weight string

// The weights.
const (
	Counts   Weight = "precedent"
	Once     Weight = "this once, no precedent" // agreed: CP04 answered by yes, or seen by who accepted
	Reserved Weight = "reserved by one side"    // CP04 was said and not agreed, or crossed with the acceptance
)

// Redirect is a request moved to another office. It keeps its number, its
// clock and its courtesy.
type Redirect struct {
	Request line.Said `json:"request"`
	From    line.Post `json:"from"`
	To      line.Post `json:"to"`
	By      line.Said `json:"by"`
	Stands  bool      `json:"stands"`
	Foreign bool      `json:"foreign"` // the office named is not one of the party that names it
	Circle  bool      `json:"circle"`  // it had been with that office before
}

// Position is what a party says its position on a subject is (SP01).
type Position struct {
	Party   record.PartyNo `json:"party"`
	Subject string         `json:"subject"`
	Text    string         `json:"text"` // empty where longer than 4 kB: it is in the record
	From    record.Stamp   `json:"from,omitzero"`
	By      line.Said      `json:"by"`
}

// Void is a statement that counts for nothing.
type Void = line.Mark

// Codes are the phrases that open what the table is made of.
func Codes() []string { return []string{"CP01", "SP01", "CR01", "MT01"} }

const most = 1024 // things of each party

type key struct {
	subject string
	posts   [2]line.Post
}

func keyOf(subject string, a, b line.Post) key {
	if cmp.Or(cmp.Compare(a.Party, b.Party), cmp.Compare(a.Post, b.Post)) > 0 {
		a, b = b, a
	}
	return key{strings.TrimSpace(subject), [2]line.Post{a, b}}
}

// rivals reports whether two pairs give one post two counterparts.
func (k key) rivals(o key) bool {
	return k != o && k.subject == o.subject && k.posts[0].Party == o.posts[0].Party && k.posts[1].Party == o.posts[1].Party &&
		(k.posts[0] == o.posts[0] || k.posts[1] == o.posts[1])
}

// word is one party's word on one pair.
type word struct {
	key     key
	favours bool
	names   line.Post
	grounds string
	act     *line.Act
}

// found is what one thing adds to the table.
type found struct {
	words      []word
	positions  []Position
	void       []Void
	precedents map[key][]Precedent
	redirects  map[key][]Redirect
}

// Of makes the table of the things on a line; they may be more than those
// opened by [Codes].
func Of(things iter.Seq2[*line.Thing, error]) (Table, error) {
	rows, left, err := line.Gather(things, most, read)
	if err != nil {
		return Table{}, err
	}
	out := Table{Pairs: []Pair{}, Positions: []Position{}, Void: []Void{}, Left: left}
	pairs, words := map[key]*Pair{}, map[key]map[record.PartyNo]word{}
	at := func(k key) *Pair {
		if pairs[k] == nil {
			pairs[k] = &Pair{Subject: k.subject, Posts: k.posts, State: None, Views: []View{}, Precedents: []Precedent{}, Redirects: []Redirect{}}
			words[k] = map[record.PartyNo]word{}
		}
		return pairs[k]
	}
	for _, r := range rows {
		out.Positions, out.Void = append(out.Positions, r.positions...), append(out.Void, r.void...)
		for _, w := range r.words {
			at(w.key)
			if had, ok := words[w.key][w.act.Ref.Party]; !ok || w.act.After(had.act) {
				words[w.key][w.act.Ref.Party] = w
			}
		}
		for k, list := range r.precedents {
			at(k).Precedents = append(at(k).Precedents, list...)
		}
		for k, list := range r.redirects {
			at(k).Redirects = append(at(k).Redirects, list...)
		}
	}
	for k, p := range pairs {
		p.see(k, words)
		out.Pairs = append(out.Pairs, *p)
	}
	slices.SortFunc(out.Pairs, func(a, b Pair) int {
		return cmp.Or(cmp.Compare(a.Subject, b.Subject), cmp.Compare(a.Posts[0].Party, b.Posts[0].Party), cmp.Compare(a.Posts[1].Party, b.Posts[1].Party),
			cmp.Compare(a.Posts[0].Post, b.Posts[0].Post), cmp.Compare(a.Posts[1].Post, b.Posts[1].Post))
	})
	return out, nil
}

// see finds how a pair is seen from each party's newest word on it, and on
// the pairs that give one of the posts another counterpart.
func (p *Pair) see(k key, words map[key]map[record.PartyNo]word) {
	var said []word
	favours := 0
	for i, post := range k.posts {
		w, ok := words[k][post.Party]
		if !ok {
			w, ok = elsewhere(k, post.Party, k.posts[1-i].Party, words)
		}
		if !ok {
			continue
		}
		said = append(said, w)
		p.Views = append(p.Views, View{Party: post.Party, For: w.favours, Names: w.names, Grounds: w.grounds, By: w.act.Said()})
		if w.favours {
			favours++
		}
	}
	p.Crossed = len(said) == 2 && line.Crossed(said[0].act, said[1].act)
	switch {
	case favours == 2:
		p.State = Agreed
	case favours == 1 && len(said) == 2:
		p.State = Differs
	case favours == 1:
		p.State = Stated
	}
}

// elsewhere finds a party's newest word for a rival pair, which the other
// party is not for: that it sees this one differently.
func elsewhere(k key, party, other record.PartyNo, words map[key]map[record.PartyNo]word) (best word, ok bool) {
	for r, by := range words {
		w, said := by[party]
		if !said || !w.favours || !k.rivals(r) || by[other].favours || ok && !w.act.After(best.act) {
			continue
		}
		// What it names instead is the post that is not of this pair.
		names := r.posts[0]
		if names == k.posts[0] {
			names = r.posts[1]
		}
		best, ok = word{key: r, names: names, grounds: w.grounds, act: w.act}, true
	}
	return best, ok
}
