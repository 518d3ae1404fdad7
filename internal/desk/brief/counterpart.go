// SPDX-License-Identifier: Apache-2.0

package brief

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"unicode"

	"openline/internal/desk/contact"
)

// pairing is two posts named together.
type pairing struct{ ours, theirs string }

// counterparts says how each pair of posts is seen: first what was said on
// this line, then what is told elsewhere, beside it.
func (m *maker) counterparts() []Counterpart {
	out := append(m.paired(), m.told()...)
	slices.SortStableFunc(out, func(a, b Counterpart) int { return cmp.Compare(rankOf(a), rankOf(b)) })
	return out
}

// rankOf puts what was said on the line before what is told elsewhere, and
// first what is open between the two sides.
func rankOf(c Counterpart) int {
	states := []string{PairDiffers, PairOurs, PairAgreed, PairOthers, PairPractice}
	n := slices.Index(states, c.State)
	if c.State == PairTheirs {
		n = slices.Index(states, PairOurs) // neither side's word goes before the other's
	}
	if !c.OnLine {
		n += len(states)
	}
	return n
}

// told reads the statements on counterparts that were imported. Posts that
// are named together, by whomever, are one matter.
func (m *maker) told() (out []Counterpart) {
	speakers := m.speakers()
	var rows []contact.Contact
	for _, c := range m.known {
		if c.Kind == contact.KindStatement && strings.HasPrefix(folded(c.Subject), "counterpart") && m.happened(c) {
			rows = append(rows, c)
		}
	}
	for len(rows) > 0 {
		in := map[string]bool{"o" + folded(rows[0].Ours): true}
		var one, rest []contact.Contact
		for grown := true; grown; {
			grown = false
			one, rest = nil, nil
			for _, c := range rows {
				o, t := "o"+folded(c.Ours), "t"+folded(c.Theirs)
				if !in[o] && !in[t] {
					rest = append(rest, c)
					continue
				}
				grown = grown || !in[o] || !in[t]
				in[o], in[t] = true, true
				one = append(one, c)
			}
		}
		out, rows = append(out, m.toldOf(one, speakers)), rest
	}
	return out
}

func (m *maker) toldOf(rows []contact.Contact, speakers speakers) Counterpart {
	cp := Counterpart{Subject: rows[0].Subject}
	for _, c := range rows {
		g := Ground{Kind: "statement", By: c.ReportedBy, Side: speakers.side(c.ReportedBy), For: true, Ours: c.Ours, Theirs: c.Theirs, Attribution: c.Attribution, Quote: c.Quote, Source: c.Source}
		if c.Date.Known() {
			g.Date = day(c.Date.At)
		}
		cp.Grounds = append(cp.Grounds, g)
	}
	cp.judge()
	cp.Grounds = append(cp.Grounds, m.practice(cp)...)
	return cp
}

// judge finds the state of a matter from who named which pairs. What a side
// debates within itself is its own; two sides see it differently when one
// names a pair that the other does not. What others say decides nothing
// while a side has spoken.
func (cp *Counterpart) judge() {
	by := map[string]map[pairing]bool{ours: {}, theirs: {}, other: {}}
	for _, g := range cp.Grounds {
		cp.OursPosts, cp.Theirs = named(cp.OursPosts, g.Ours), named(cp.Theirs, g.Theirs)
		by[g.Side][pairing{folded(g.Ours), folded(g.Theirs)}] = true
	}
	cp.Ours = oneOf(cp.OursPosts)
	switch {
	case len(by[ours])+len(by[theirs]) == 0:
		cp.State = PairOthers
	case len(by[theirs]) == 0:
		cp.State = PairOurs
	case len(by[ours]) == 0:
		cp.State = PairTheirs
	case maps.Equal(by[ours], by[theirs]):
		cp.State = PairAgreed
	default:
		cp.State = PairDiffers
	}
}

// named adds a name that is not there yet.
func named(list []string, name string) []string {
	if slices.ContainsFunc(list, func(n string) bool { return sameText(n, name) }) {
		return list
	}
	return append(list, name)
}

// practice counts with whom the posts of a matter really spoke.
func (m *maker) practice(cp Counterpart) []Ground {
	by := map[pairing][]event{}
	for _, e := range m.spoken() {
		has := func(list []string, post string) bool {
			return slices.ContainsFunc(list, func(p string) bool { return sameText(p, post) })
		}
		if has(cp.OursPosts, e.key.ours) || has(cp.Theirs, e.key.theirs) {
			k := pairing{e.key.ours, e.key.theirs}
			by[k] = append(by[k], e)
		}
	}
	var out []Ground
	for _, events := range by {
		last := events[0].first()
		for _, e := range events[1:] {
			if newer(e.first(), last) {
				last = e.first()
			}
		}
		g := Ground{Kind: "practice", Ours: last.Ours, Theirs: last.Theirs, Times: times(events), Source: last.Source}
		if last.Date.Known() {
			g.Date = day(last.Date.At)
		}
		out = append(out, g)
	}
	slices.SortFunc(out, func(a, b Ground) int {
		return cmp.Or(b.Times-a.Times, cmp.Compare(deref(b.Date), deref(a.Date)), cmp.Compare(a.Theirs, b.Theirs), cmp.Compare(a.Ours, b.Ours))
	})
	return out
}

// speakers tells on whose side somebody speaks, by the words that only one
// side's titles and posts use.
type speakers struct {
	titles       [2]map[string]bool // words of the parties' own titles: they count before the others
	ours, theirs map[string]bool
}

func (m *maker) speakers() speakers {
	ours, theirs := words(m.in.Ours.Title), words(m.in.Theirs.Title)
	add := func(into map[string]bool, texts ...string) {
		for _, t := range texts {
			for w := range words(t) {
				into[w] = true
			}
		}
	}
	add(ours, m.in.Ours.Posts...)
	add(theirs, m.in.Theirs.Posts...)
	for _, c := range m.known {
		add(ours, c.Ours)
		add(theirs, c.Theirs)
	}
	titles := [2]map[string]bool{words(m.in.Ours.Title), words(m.in.Theirs.Title)}
	apart(titles[0], titles[1])
	apart(ours, theirs)
	return speakers{titles, ours, theirs}
}

// apart takes out what both have.
func apart(a, b map[string]bool) {
	for w := range a {
		if b[w] {
			delete(a, w)
			delete(b, w)
		}
	}
}

// words gives the telling words of a title: their first five letters, so
// that a country and its people are one.
func words(s string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) }) {
		w = strings.ToLower(w)
		if len([]rune(w)) < 2 || slices.Contains([]string{"of", "the", "and", "for", "in", "on", "official", "officials", "spokesperson", "press"}, w) {
			continue
		}
		out[stem(w)] = true
	}
	return out
}

func has(set map[string]bool, w string) int {
	if set[w] {
		return 1
	}
	return 0
}

func stem(w string) string {
	if r := []rune(w); len(r) > 4 {
		return string(r[:4])
	}
	return w
}

func (s speakers) side(by string) string {
	n := 0
	for w := range words(by) {
		n += 100*(has(s.titles[0], w)-has(s.titles[1], w)) + has(s.ours, w) - has(s.theirs, w)
	}
	switch {
	case n > 0:
		return "ours"
	case n < 0:
		return "theirs"
	}
	return "other"
}
