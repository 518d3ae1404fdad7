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

// counterparts says, for each post of ours that anything is known of, with
// which posts of theirs it is paired, by whose statement and what practice.
func (m *maker) counterparts() []Counterpart {
	speakers := m.speakers()
	by := map[string]*Counterpart{}
	var order []string
	for _, c := range m.known {
		if c.Kind != contact.KindStatement || c.Subject != "counterpart" {
			continue
		}
		cp := by[c.Ours]
		if cp == nil {
			cp = &Counterpart{Ours: c.Ours, Subject: c.Subject}
			by[c.Ours] = cp
			order = append(order, c.Ours)
		}
		g := Ground{Kind: "statement", By: c.ReportedBy, Side: speakers.side(c.ReportedBy), Theirs: c.Theirs, Attribution: c.Attribution, Quote: c.Quote, Source: c.Source}
		if c.Date.Known() {
			g.Date = day(c.Date.At)
		}
		cp.Grounds = append(cp.Grounds, g)
	}
	out := []Counterpart{}
	for _, post := range order {
		cp := by[post]
		cp.judge()
		cp.Grounds = append(cp.Grounds, m.practice(post)...)
		out = append(out, *cp)
	}
	return out
}

// judge finds the state of a pair from who named which post. What a side
// debates within itself is its own; two sides see a pair differently when one
// names a post that the other does not. What others say decides nothing
// while a side has spoken.
func (cp *Counterpart) judge() {
	ours, theirs := map[string]bool{}, map[string]bool{}
	for _, g := range cp.Grounds {
		if !slices.Contains(cp.Theirs, g.Theirs) {
			cp.Theirs = append(cp.Theirs, g.Theirs)
		}
		switch g.Side {
		case "ours":
			ours[g.Theirs] = true
		case "theirs":
			theirs[g.Theirs] = true
		}
	}
	switch {
	case len(ours)+len(theirs) == 0:
		cp.State = PairOthers
	case len(theirs) == 0:
		cp.State = PairOurs
	case len(ours) == 0:
		cp.State = PairTheirs
	case maps.Equal(ours, theirs):
		cp.State = PairAgreed
	default:
		cp.State = PairDiffers
	}
}

// practice counts with whom a post really spoke.
func (m *maker) practice(post string) []Ground {
	by := map[string][]event{}
	for _, e := range m.spoken() {
		if e.key.ours == post {
			by[e.key.theirs] = append(by[e.key.theirs], e)
		}
	}
	var out []Ground
	for theirs, events := range by {
		last := events[0].first()
		for _, e := range events[1:] {
			if newer(e.first(), last) {
				last = e.first()
			}
		}
		g := Ground{Kind: "practice", Theirs: theirs, Times: times(events), Source: last.Source}
		if last.Date.Known() {
			g.Date = day(last.Date.At)
		}
		out = append(out, g)
	}
	slices.SortFunc(out, func(a, b Ground) int { return cmp.Or(b.Times-a.Times, cmp.Compare(a.Theirs, b.Theirs)) })
	return out
}

// speakers tells on whose side somebody speaks, by the words that only one
// side's titles and posts use.
type speakers struct{ ours, theirs map[string]bool }

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
	for w := range ours {
		if theirs[w] {
			delete(ours, w)
			delete(theirs, w)
		}
	}
	return speakers{ours, theirs}
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

func stem(w string) string {
	if r := []rune(w); len(r) > 4 {
		return string(r[:4])
	}
	return w
}

func (s speakers) side(by string) string {
	n := 0
	for w := range words(by) {
		if s.ours[w] {
			n++
		}
		if s.theirs[w] {
			n--
		}
	}
	switch {
	case n > 0:
		return "ours"
	case n < 0:
		return "theirs"
	}
	return "other"
}
