// SPDX-License-Identifier: Apache-2.0

package brief

import (
	"fmt"
	"html"
	"slices"
	"strings"
	"unicode/utf8"
)

// partOf puts the sentences of the page under their headings.
var partOf = map[string]string{"owed": "owed", "awaited": "owed", "wire": "state", "watch": "state", "offices": "state", "test": "state"}

// What one sheet holds: sentences of each part, sources, and letters of one
// source. The JSON has them all.
var mostOf = map[string]int{"state": 4, "owed": 2, "contact": 7, "asked": 5, "counterpart": 5, "ahead": 3, "dialogue": 3, "incident": 1}

const (
	mostNotes   = 14 // but the first source of a sentence
	maxListed   = 24 // in any case
	maxNotes    = 3  // of one sentence
	mostLetters = 96
)

// sheet is the page as it is written, whatever the form.
type sheet struct {
	title, exercise, asOf string
	parts                 []sheetPart
	sources               string // heading
	notes                 []string
	left                  string // how many sources are not listed; empty: none
}

type sheetPart struct {
	id, heading string
	lines       []sheetLine
	left        string // how many sentences are left out; empty: none
}

type sheetLine struct {
	text, lang string
	notes      []int // numbers of sources
	left       int   // sources that are not named
}

func (b *Brief) sheet(w *Words, ours, theirs Side) sheet {
	out := sheet{
		title:   w.say("title", args{"Ours": ours.Title, "Theirs": theirs.Title}),
		asOf:    w.say("as_of", args{"Line": b.Line, "Time": hm(b.AsOf.Time), "Positions": positions(b.AsOf.Positions)}),
		sources: w.say("part_sources", nil),
	}
	if b.Exercise {
		out.exercise = w.say("exercise", nil)
	}
	notes := numbering{}
	for _, id := range parts {
		lines := b.in(id)
		if len(lines) == 0 {
			continue
		}
		p := sheetPart{id: id, heading: w.say("part_"+id, nil)}
		for i, s := range lines {
			if i == mostOf[id] {
				p.left = w.say("more", args{"N": len(lines) - i})
				break
			}
			l := sheetLine{text: s.Text, lang: s.Lang}
			l.notes, l.left = notes.refs(s.Sources)
			p.lines = append(p.lines, l)
		}
		out.parts = append(out.parts, p)
	}
	for _, s := range notes.list {
		out.notes = append(out.notes, w.isolate(short(clean(s))))
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

// refs are the numbers of the sources in brackets.
func (l sheetLine) refs() string {
	var out []string
	for _, n := range l.notes {
		out = append(out, fmt.Sprint(n))
	}
	if l.left > 0 {
		out = append(out, fmt.Sprintf("+%d", l.left))
	}
	return "[" + strings.Join(out, " ") + "]"
}

// Markdown writes the page with its sources numbered below it.
func (b *Brief) Markdown(w *Words, ours, theirs Side) string {
	s := b.sheet(w, ours, theirs)
	var out strings.Builder
	p := func(format string, a ...any) { fmt.Fprintf(&out, format, a...) }
	p("# %s\n\n", escapeMarkdown(s.title))
	if s.exercise != "" {
		p("**%s**\n\n", escapeMarkdown(s.exercise))
	}
	p("%s\n", escapeMarkdown(s.asOf))
	for _, part := range s.parts {
		p("\n## %s\n\n", escapeMarkdown(part.heading))
		for _, l := range part.lines {
			p("- %s %s\n", escapeMarkdown(l.text), escapeMarkdown(l.refs()))
		}
		if part.left != "" {
			p("- %s\n", escapeMarkdown(part.left))
		}
	}
	p("\n## %s\n\n", escapeMarkdown(s.sources))
	for i, n := range s.notes {
		p("%d. %s\n", i+1, escapeMarkdown(n))
	}
	if s.left != "" {
		p("\n%s\n", escapeMarkdown(s.left))
	}
	return out.String()
}

// Text writes the page for a terminal.
func (b *Brief) Text(w *Words, ours, theirs Side) string {
	s := b.sheet(w, ours, theirs)
	var out strings.Builder
	p := func(format string, a ...any) { fmt.Fprintf(&out, format, a...) }
	p("%s\n%s\n", s.title, strings.Repeat("=", utf8.RuneCountInString(s.title)))
	if s.exercise != "" {
		p("%s\n", s.exercise)
	}
	p("%s\n", s.asOf)
	for _, part := range s.parts {
		p("\n%s\n", part.heading)
		for _, l := range part.lines {
			p("- %s %s\n", l.text, l.refs())
		}
		if part.left != "" {
			p("- %s\n", part.left)
		}
	}
	p("\n%s\n", s.sources)
	for i, n := range s.notes {
		p("[%d] %s\n", i+1, n)
	}
	if s.left != "" {
		p("%s\n", s.left)
	}
	return out.String()
}

// HTML writes the page as an article to be put into a page: no style, no
// script, and nothing of others that is not escaped.
func (b *Brief) HTML(w *Words, ours, theirs Side) string {
	s := b.sheet(w, ours, theirs)
	dir := "ltr"
	if w.rtl() {
		dir = "rtl"
	}
	var out strings.Builder
	p := func(format string, a ...any) {
		for i, v := range a {
			if text, ok := v.(string); ok {
				a[i] = html.EscapeString(text)
			}
		}
		fmt.Fprintf(&out, format, a...)
	}
	p("<article class=\"brief\" lang=\"%s\" dir=\"%s\">\n<header>\n<h1>%s</h1>\n", w.tag, dir, s.title)
	if s.exercise != "" {
		p("<p class=\"brief-exercise\">%s</p>\n", s.exercise)
	}
	p("<p class=\"brief-as-of\">%s</p>\n</header>\n", s.asOf)
	for _, part := range s.parts {
		p("<section class=\"brief-part brief-%s\" aria-labelledby=\"brief-%s\">\n<h2 id=\"brief-%s\">%s</h2>\n<ul>\n", part.id, part.id, part.id, part.heading)
		for _, l := range part.lines {
			p("<li")
			if l.lang != w.tag {
				p(" lang=\"%s\" dir=\"ltr\"", l.lang)
			}
			p(">%s <sup class=\"brief-refs\">", l.text)
			for i, n := range l.notes {
				if i > 0 {
					p(" ")
				}
				p("<a href=\"#brief-source-%d\">%d</a>", n, n)
			}
			if l.left > 0 {
				p(" +%d", l.left)
			}
			p("</sup></li>\n")
		}
		if part.left != "" {
			p("<li class=\"brief-more\">%s</li>\n", part.left)
		}
		p("</ul>\n</section>\n")
	}
	p("<footer class=\"brief-sources\">\n<h2>%s</h2>\n<ol>\n", s.sources)
	for i, n := range s.notes {
		p("<li id=\"brief-source-%d\">%s</li>\n", i+1, n)
	}
	p("</ol>\n")
	if s.left != "" {
		p("<p class=\"brief-more\">%s</p>\n", s.left)
	}
	p("</footer>\n</article>\n")
	return out.String()
}

func (b *Brief) in(part string) []Sentence {
	var out []Sentence
	for _, s := range b.Sentences {
		at := partOf[s.Part]
		if at == "" {
			at = s.Part
		}
		if at == part {
			out = append(out, s)
		}
	}
	return out
}

func positions(p map[string]uint64) string {
	var out []string
	for name, n := range p {
		out = append(out, fmt.Sprintf("%s/%d", name, n))
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

// numbering gives each source one number, as far as the sheet has room.
type numbering struct {
	list []string
	left int
	past map[string]bool
}

func (n *numbering) refs(sources []string) (numbers []int, left int) {
	for i, s := range sources {
		at := slices.Index(n.list, s)
		switch {
		case i >= maxNotes && at < 0:
			left++
			continue
		case at < 0 && (len(n.list) >= mostNotes && i > 0 || len(n.list) >= maxListed):
			left++
			if n.past == nil {
				n.past = map[string]bool{}
			}
			if !n.past[s] {
				n.past[s] = true
				n.left++
			}
			continue
		case at < 0:
			n.list, at = append(n.list, s), len(n.list)
		}
		if i < maxNotes {
			numbers = append(numbers, at+1)
		} else {
			left++
		}
	}
	return numbers, left
}

func escapeMarkdown(s string) string {
	return strings.NewReplacer("\\", "\\\\", "*", "\\*", "_", "\\_", "`", "\\`", "<", "&lt;", "#", "\\#", "[", "\\[", "]", "\\]", "|", "\\|").Replace(s)
}
