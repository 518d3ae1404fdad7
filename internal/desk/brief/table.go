// SPDX-License-Identifier: Apache-2.0

package brief

import (
	"fmt"
	"slices"
	"strings"

	"openline/internal/desk/contact"
)

// sheetTable is a table of the page.
type sheetTable struct {
	cols []string
	rows []sheetRow
	left string // how many rows are left out; empty: none
}

type sheetRow struct {
	cells []string
	refs  refs
	same  int // how many rows read alike
}

// table is the table of a part; nil: it has none.
func (l *layout) table(part string, n *numbering, form Form) *sheetTable {
	var t *sheetTable
	switch part {
	case "contact":
		t = l.pairTable(n, form)
	case "asked":
		t = l.askedTable(n, form)
	}
	if t == nil || len(t.rows) == 0 {
		return nil
	}
	return t
}

func (s *speaker) cols(ids ...string) (out []string) {
	for _, id := range ids {
		out = append(out, s.w.say("col_"+id, nil))
	}
	return out
}

// text is a text of others as a cell holds it.
func (s *speaker) text(v string) string { return s.w.isolate(clean(v)) }

// pairTable has a row for each pair of posts: when they last spoke, by what,
// and what awaits either of them.
func (s *speaker) pairTable(n *numbering, form Form) *sheetTable {
	pairs := s.b.Pairs
	awaits := slices.ContainsFunc(pairs, func(p Pair) bool { return p.AwaitUs+p.AwaitThem > 0 })
	t := &sheetTable{cols: s.cols("ours", "theirs", "level", "last", "days", "channel", "held")}
	if awaits {
		t.cols = append(t.cols, s.cols("us", "them")...)
	}
	if w := s.b.LastContact[contact.LevelWatch]; w != nil && w.Source == lineTests {
		watch := s.w.say("level_watch", nil)
		pairs = append(slices.Clone(pairs), Pair{Level: contact.LevelWatch, Ours: watch, Theirs: watch, Last: w})
	}
	if most := form.most(mostRows["contact"], leastRows["contact"]); len(pairs) > most {
		t.left = s.w.say("more", args{"N": len(pairs) - most})
		pairs = chosen(pairs, most)
	}
	for _, p := range pairs {
		r := sheetRow{cells: []string{s.text(p.Ours), s.text(p.Theirs), s.level(p.Level), s.lastCell(p.Last), daysCell(p.Last), s.channels(p), count(p.Held)}, same: 1}
		if awaits {
			r.cells = append(r.cells, count(p.AwaitUs), count(p.AwaitThem))
		}
		if p.Last != nil {
			source := p.Last.Source
			if source == lineTests {
				source = s.w.say("tests_source", nil)
			}
			r.refs = n.refs([]string{source})
		}
		t.rows = append(t.rows, r)
	}
	return t
}

// chosen are the rows one sheet has room for: the newest of the highest level,
// what awaits somebody, the newest of each level, then the others in their
// order.
func chosen(pairs []Pair, most int) (out []Pair) {
	take := make([]bool, len(pairs))
	left := most
	pick := func(want func(i int, p Pair) bool) {
		for i, p := range pairs {
			if left > 0 && !take[i] && want(i, p) {
				take[i] = true
				left--
			}
		}
	}
	pick(func(i int, p Pair) bool { return i == 0 })
	pick(func(_ int, p Pair) bool { return p.AwaitUs+p.AwaitThem > 0 })
	pick(func(i int, p Pair) bool { return i > 0 && p.Level != pairs[i-1].Level })
	pick(func(int, Pair) bool { return true })
	for i, p := range pairs {
		if take[i] {
			out = append(out, p)
		}
	}
	return out
}

func count(n int) string {
	if n == 0 {
		return "–"
	}
	return fmt.Sprint(n)
}

func (s *speaker) level(level string) string {
	if level == "" {
		return s.w.say("unknown", nil)
	}
	return s.w.say("level_"+level, nil)
}

func (s *speaker) lastCell(l *Last) string {
	text := s.w.say("unknown", nil)
	switch {
	case l == nil:
		return s.w.say("nobody_came", nil)
	case l.Date != nil:
		text = short10(*l.Date)
	}
	if l.Differs {
		text += "; " + s.w.say("told_differently", nil)
	}
	return text
}

func (s *speaker) channelCell(l *Last) string {
	if l == nil {
		return "–"
	}
	if c, ok := s.channel(l.Channel).(said); ok {
		return string(c)
	}
	return s.text(l.Channel)
}

func daysCell(l *Last) string {
	if l == nil || l.Days == nil {
		return "–"
	}
	return fmt.Sprint(*l.Days)
}

// channels are that of the last contact of a pair, and the newest contacts by
// its other channels.
func (s *speaker) channels(p Pair) string {
	out := []string{s.channelCell(p.Last)}
	for i, c := range p.Channels {
		if i == 0 || i > 2 {
			continue
		}
		date := s.w.say("unknown", nil)
		if c.Date != nil {
			date = short10(*c.Date)
		}
		out = append(out, date+" "+s.channelCell(&Last{Channel: c.Channel}))
	}
	return strings.Join(out, "; ")
}

func (s *speaker) matterCell(a Attempt) string {
	kind := s.w.say("new_invitation", nil)
	if id := "kind_" + idOf(a.Kind); s.w.has(id) {
		kind = s.w.say(id, nil)
	}
	if a.Subject == "" {
		return kind
	}
	if strings.HasPrefix(folded(a.Subject), folded(kind)) {
		return s.text(a.Subject)
	}
	return kind + s.w.say("list_comma", nil) + s.text(a.Subject)
}

// cameCell is what came, as short as a table has it.
func (s *speaker) cameCell(a Attempt) string {
	if text := s.came(a); text != s.w.say("came_none", nil) {
		return text
	}
	return s.w.say("nobody_came", nil)
}
