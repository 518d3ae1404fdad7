// SPDX-License-Identifier: Apache-2.0

package brief

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// partOf puts the sentences of the page under their headings.
var partOf = map[string]string{"owed": "owed", "awaited": "owed", "wire": "state", "watch": "state", "offices": "state", "test": "state", "suspended": "state"}

// What one sheet holds at most: sentences and rows of each part, sources, and
// letters of one source. The JSON has them all, and so has the whole page.
var (
	mostOf   = map[string]int{"state": 6, "owed": 5, "new": 3, "contact": 3, "asked": 3, "counterpart": 4, "ahead": 3, "dialogue": 4, "incident": 3}
	mostRows = map[string]int{"contact": 6, "asked": 4}
	// leastOf and leastRows are what stays whatever else there is.
	leastOf   = map[string]int{"state": 5, "owed": 3, "new": 1, "contact": 2, "asked": 2, "counterpart": 2, "ahead": 2, "dialogue": 2, "incident": 2}
	leastRows = map[string]int{"contact": 5, "asked": 3}
)

const (
	mostNotes   = 11 // but the first source of a sentence
	maxListed   = 14 // in any case
	maxNotes    = 3  // of one sentence
	mostLetters = 96

	leastNotes = 7
	onScreen   = 66 // lines of text on one sheet
	onPaper    = 80 // of small print
	mostTries  = 6
)

// Form is how much of the page is written.
type Form struct {
	Full bool
	less int // by how much each part is cut, so that all fits
}

// most is what a part has room for.
func (f Form) most(room, least int) int {
	if f.Full {
		return 1 << 30
	}
	return max(least, room-f.less)
}

// fitted is the page cut to one sheet: as much of each part as there is room
// for.
func (b *Brief) fitted(w *Words, us, them Side, form Form, lines int) sheet {
	l := b.layout(w, us, them)
	s := l.sheet(form)
	for form.less = 1; !form.Full && form.less < mostTries && strings.Count(s.text(), "\n") > lines; form.less++ {
		s = l.sheet(form)
	}
	return s
}

// layout is what every try to fit the page is made from.
type layout struct {
	speaker
	us, them Side
	lines    map[string][]Sentence // by part
	asked    *askedRows
}

func (b *Brief) layout(w *Words, us, them Side) *layout {
	l := &layout{speaker: speaker{b: b, w: w}, us: us, them: them, lines: map[string][]Sentence{}}
	for _, s := range b.Sentences {
		at := partOf[s.Part]
		if at == "" {
			at = s.Part
		}
		l.lines[at] = append(l.lines[at], s)
	}
	l.asked = l.speaker.askedRows()
	return l
}

// sheet is the page as it is written, whatever the form.
type sheet struct {
	title, exercise, asOf string
	parts                 []sheetPart
	sources               string // heading
	notes                 []string
	left                  string // how many sources are not listed; empty: none
	unmarked              string // what a sentence without a mark rests on
}

type sheetPart struct {
	id, heading string
	lines       []sheetLine
	table       *sheetTable
	left        string // how many sentences are left out; empty: none
}

type sheetLine struct {
	text, lang string
	refs       refs
}

// refs are what a sentence or a row rests on: numbers of sources, and records
// by their own name.
type refs struct {
	marks []mark
	left  int // sources that are not named
}

type mark struct {
	note   int    // number of a source; 0: a record
	record string // name of a record
}

func (m mark) String() string {
	if m.note > 0 {
		return fmt.Sprint(m.note)
	}
	return m.record
}

func (r refs) words() []string {
	var out []string
	for _, m := range r.marks {
		out = append(out, m.String())
	}
	if r.left > 0 {
		out = append(out, fmt.Sprintf("+%d", r.left))
	}
	return out
}

// String writes them in brackets, if there are any.
func (r refs) String() string {
	if len(r.marks)+r.left == 0 {
		return ""
	}
	return "[" + strings.Join(r.words(), " ") + "]"
}

func (l *layout) sheet(form Form) sheet {
	b, w := l.b, l.w
	out := sheet{
		title:   w.say("title", args{"Ours": l.us.Title, "Theirs": l.them.Title}),
		asOf:    w.say("as_of", args{"Line": b.Line, "Time": hm(b.AsOf.Time), "Positions": positions(b.AsOf.Positions)}),
		sources: w.say("part_sources", nil),
	}
	if b.Exercise {
		out.exercise = w.say("exercise", nil)
	}
	out.unmarked = w.say("unmarked", nil)
	notes := numbering{full: form.Full, most: max(leastNotes, mostNotes-form.less), own: w.say("own_record", nil)}
	for _, id := range parts {
		lines := l.lines[id]
		if len(lines) == 0 {
			continue
		}
		p := sheetPart{id: id, heading: w.say("part_"+id, nil)}
		shown := 0
		for _, s := range lines {
			if s.table || s.detail && !form.Full {
				continue
			}
			if shown++; shown > form.most(mostOf[id], leastOf[id]) {
				continue
			}
			p.lines = append(p.lines, sheetLine{text: s.Text, lang: s.Lang, refs: notes.refs(s.Sources)})
		}
		if left := shown - len(p.lines); left > 0 {
			p.left = w.say("more", args{"N": left})
		}
		p.table = l.table(id, &notes, form)
		out.parts = append(out.parts, p)
	}
	for _, s := range notes.list {
		text := clean(s)
		if !form.Full {
			text = short(text)
		}
		out.notes = append(out.notes, w.isolate(text))
	}
	if notes.left > 0 {
		out.left = w.say("more", args{"N": notes.left})
	}
	return out
}

// short cuts a text to what one line holds.
func short(s string) string {
	if utf8.RuneCountInString(s) <= mostLetters {
		return s
	}
	return strings.TrimSpace(string([]rune(s)[:mostLetters-1])) + "…"
}

func positions(p map[string]uint64) string {
	var out []string
	for name, n := range p {
		out = append(out, fmt.Sprintf("%s/%d", name, n))
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

// numbering gives each source one number, as far as the sheet has room. A
// record goes by its own name.
type numbering struct {
	full bool
	most int    // but the first source of a sentence
	own  string // both logs: it bears no mark
	list []string
	left int
	past map[string]bool
}

// isRecord reports whether a source is a record by its name: blue/208.
func isRecord(source string) bool {
	party, number, ok := strings.Cut(source, "/")
	if !ok || len(party) < 1 || len(party) > 24 || len(number) < 1 || len(number) > 12 {
		return false
	}
	digit := func(r rune) bool { return r >= '0' && r <= '9' }
	return !strings.ContainsFunc(party, func(r rune) bool { return !digit(r) && r != '-' && (r < 'a' || r > 'z') }) &&
		!strings.ContainsFunc(number, func(r rune) bool { return !digit(r) })
}

func (n *numbering) refs(sources []string) (out refs) {
	for i, s := range sources {
		if s == n.own {
			continue
		}
		if isRecord(s) {
			if n.full || i < 2*maxNotes {
				out.marks = append(out.marks, mark{record: s})
			} else {
				out.left++
			}
			continue
		}
		at := slices.Index(n.list, s)
		switch {
		case n.full && at < 0:
			n.list, at = append(n.list, s), len(n.list)
		case n.full:
		case i >= maxNotes:
			out.left++
			continue
		case at < 0 && (len(n.list) >= n.most && i > 0 || len(n.list) >= n.most+maxListed-mostNotes):
			out.left++
			n.pass(s)
			continue
		case at < 0:
			n.list, at = append(n.list, s), len(n.list)
		}
		if m := (mark{note: at + 1}); !slices.Contains(out.marks, m) {
			out.marks = append(out.marks, m)
		}
	}
	return out
}

// pass counts a source that has no room, once.
func (n *numbering) pass(s string) {
	if n.past == nil {
		n.past = map[string]bool{}
	}
	if !n.past[s] {
		n.past[s] = true
		n.left++
	}
}
