// SPDX-License-Identifier: Apache-2.0

package counterpart

import (
	"slices"

	"openline/line"
	"openline/record"
)

// read makes of a thing what it adds to the table.
func read(t *line.Thing) (found, bool) {
	f := found{precedents: map[key][]Precedent{}, redirects: map[key][]Redirect{}}
	switch t.Opening.Code {
	case "CR01", "MT01":
		f.request(t)
		return f, len(f.precedents)+len(f.redirects) > 0
	}
	f.void = append(f.void, t.Marks()...)
	f.position(t)
	f.statements(t)
	return f, len(f.words)+len(f.positions)+len(f.void) > 0
}

// newest keeps of each author its last act; an opening record that was ended
// is not said any more.
func newest(t *line.Thing, code string) (out []*line.Act) {
	last := map[record.PartyNo]*line.Act{}
	for _, a := range t.StandingActs(code) {
		if a == t.Opening && t.Ended != nil {
			continue
		}
		if had := last[a.Ref.Party]; had == nil || a.After(had) {
			last[a.Ref.Party] = a
		}
	}
	for _, a := range t.Acts {
		if last[a.Ref.Party] == a {
			out = append(out, a)
		}
	}
	return out
}

func (f *found) position(t *line.Thing) {
	for _, a := range newest(t, "SP01") {
		f.positions = append(f.positions, Position{Party: a.Ref.Party, Subject: a.Text("subject"), Text: a.Text("position"), From: record.Stamp(a.Uint("from")), By: a.Said()})
	}
}

// statements reads CP01 and what was answered to it.
func (f *found) statements(t *line.Thing) {
	for _, a := range newest(t, "CP01") {
		if why := foreign(a); why != "" {
			f.void = append(f.void, Void{By: a.Said(), Why: why})
			continue
		}
		f.words = append(f.words, word{key: pairOf(a), favours: true, grounds: a.Text("grounds"), act: a})
	}
	for _, a := range t.StandingActs("CP02", "CP03") {
		for _, b := range t.Answers(a) {
			if b.Code != "CP01" || foreign(b) != "" {
				continue
			}
			if b.Post("theirs").Party != a.Ref.Party {
				f.void = append(f.void, Void{By: a.Said(), Why: "it speaks for a post that is not its author's"})
				continue
			}
			f.answer(a, b)
		}
	}
}

func (f *found) answer(a, b *line.Act) {
	k := pairOf(b)
	if a.Code == "CP02" {
		f.words = append(f.words, word{key: k, favours: true, act: a})
		return
	}
	office := a.Post("office")
	f.words = append(f.words, word{key: k, names: office, grounds: a.Text("grounds"), act: a})
	named := k
	switch office.Party {
	case a.Ref.Party: // another post of its own
		named = keyOf(b.Text("subject"), b.Post("ours"), office)
	case b.Ref.Party: // another post of theirs
		named = keyOf(b.Text("subject"), office, b.Post("theirs"))
	}
	if named != k {
		f.words = append(f.words, word{key: named, favours: true, grounds: a.Text("grounds"), act: a})
	}
}

func pairOf(a *line.Act) key { return keyOf(a.Text("subject"), a.Post("ours"), a.Post("theirs")) }

func foreign(a *line.Act) string {
	switch me := a.Ref.Party; {
	case a.Post("ours").Party != me:
		return "it names a post of another party as its author's own"
	case a.Post("theirs").Party == me:
		return "it names a post of its author as another's"
	}
	return ""
}

// request reads how one request was moved and accepted.
func (f *found) request(t *line.Thing) {
	caller, subject := t.Opening.Post("caller"), t.Opening.Text("subject")
	if t.Opening.Code == "MT01" {
		caller, subject = line.Post{Party: t.Asker(), Post: t.Opening.Header.From}, t.Opening.Text("series")
	}
	if caller.Party != t.Asker() {
		return // it declares itself another's post
	}
	for _, s := range t.Sides {
		at := Asked(t, s.Party)
		been := []line.Post{at}
		for _, hop := range t.SaidActs("HD04") {
			if hop.Ref.Party != s.Party {
				continue
			}
			k := keyOf(subject, caller, at)
			f.redirects[k] = append(f.redirects[k], Redirect{Request: t.Opening.Said(), From: at, To: hop.Post("office"), By: hop.Said(),
				Stands: t.Standing(hop) == line.Stands, Foreign: hop.Post("office").Party != s.Party, Circle: slices.Contains(been, hop.Post("office"))})
			at = hop.Post("office")
			been = append(been, at)
		}
		if yes := s.By; yes != nil && s.Outcome == line.Answered && slices.Contains([]string{"CR02", "CR03", "PR02", "AF01"}, yes.Code) && at.Party != caller.Party {
			k := keyOf(subject, caller, at)
			f.precedents[k] = append(f.precedents[k], Precedent{t.Opening.Said(), yes.Said(), weigh(t, yes)})
		}
	}
}

// Asked is the office of a party that a request was put to.
func Asked(t *line.Thing, p record.PartyNo) line.Post {
	if to := t.Opening.Post("called"); to.Party == p {
		return to
	}
	for _, to := range t.Opening.Header.To {
		if to.Party == p {
			return line.Post{Party: p, Post: to.Post}
		}
	}
	return line.Post{Party: p}
}

// weigh finds what an acceptance says of the pair: without prejudice if that
// was agreed, or known to who accepted.
func weigh(t *line.Thing, yes *line.Act) Weight {
	weight := Counts
	for _, c := range t.StandingActs("CP04") {
		if t.Told(c, "AF01") || yes.Saw(c) && !t.Told(c, "AF02") {
			return Once
		}
		weight = Reserved
	}
	return weight
}
