// SPDX-License-Identifier: Apache-2.0

package story

import (
	"cmp"
	"fmt"
	"strings"

	"openline/internal/desk/contact"
)

// neutralise keeps the shape of the affair and takes its names: offices by
// the neutral words of the story, no area, no quote, no note, sources by
// number.
func (s *Story) neutralise() {
	offices := map[string]string{}
	for i := range s.Parties {
		p := &s.Parties[i]
		p.Title = p.Neutral
		for j := range p.Posts {
			q := &p.Posts[j]
			offices[q.Office] = q.Neutral
			q.Office, q.Rank = q.Neutral, q.RankNeutral
		}
	}
	for _, h := range s.Hosts {
		offices[h.Office] = h.Neutral
	}
	other := 0
	name := func(post string) string {
		n, ok := offices[post]
		if !ok {
			other++
			n = fmt.Sprintf("Another office %d", other)
			offices[post] = n
		}
		return n
	}
	sources := map[string]string{}
	for i, c := range s.contacts {
		if sources[c.Source] == "" {
			sources[c.Source] = fmt.Sprintf("public source %d", len(sources)+1)
		}
		c.Ours, c.Theirs, c.Source = name(c.Ours), name(c.Theirs), sources[c.Source]
		c.Note, c.Quote, c.Area = "", "", ""
		c.ReportedBy = s.reporter(c)
		c.Subject = neutralSubject[c.Subject]
		if neutralChannel[c.Channel] != "" {
			c.Channel = neutralChannel[c.Channel]
		}
		s.contacts[i] = c
	}
	for i := range s.Facts {
		s.Facts[i].Text, s.Facts[i].Source = s.Facts[i].Neutral, "the public record"
	}
	for _, d := range s.Deliberations {
		for i := range d.Positions {
			d.Positions[i].Who, d.Positions[i].Source = cmp.Or(d.Positions[i].Neutral, d.Positions[i].Who), "the public record"
		}
	}
	for i := range s.Events {
		e := &s.Events[i]
		for j, p := range e.Params {
			if strings.HasPrefix(p, "area=") {
				e.Params[j] = fmt.Sprintf("area=%d,%d; %d,%d; %d,%d", i, i, i, i+2, i+2, i+2)
			}
		}
	}
	for i := range s.Clocks {
		s.Clocks[i].Zone = "UTC"
	}
}

// reporter keeps what the brief needs of an account: whose it is.
func (s *Story) reporter(c contact.Contact) string {
	for _, w := range []struct{ word, who string }{
		{"Chin", "a person on the side of Red"}, {"PLA", "a person on the side of Red"}, {"Ministry of National Defense", "a person on the side of Red"},
		{"US", "a person on the side of Blue"}, {"Department", "a person on the side of Blue"}, {"Chairman", "a person on the side of Blue"},
	} {
		if strings.Contains(c.ReportedBy, w.word) {
			return w.who
		}
	}
	return "somebody else"
}

var neutralSubject = map[string]string{
	"air activity": "air activity", "defence relations": "relations", "transit": "passage", "counterpart": "counterpart", "carrier group": "group at sea",
	"passage near islands": "passage near islands", "dialogue": "dialogue", "crisis communication": "crisis communication", "maritime safety": "maritime safety",
	"call between principals": "call between principals", "reassurance": "reassurance", "exercise": "exercise", "forum": "forum", "first meeting": "first meeting",
	"dialogue not resumed": "dialogue not resumed", "dialogue resumed": "dialogue resumed", "prisoners of war and missing": "persons missing",
	"crisis and risk": "crisis and risk", "epidemic; defence relations": "relations", "crisis communication; defence relations": "relations", "defence relations; Taiwan": "relations",
	"": "",
}

var neutralChannel = map[string]string{"video over the Defense Telephone Link": "video", "telephone, secure link of 2008": "telephone"}
