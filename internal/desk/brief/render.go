// SPDX-License-Identifier: Apache-2.0

package brief

import (
	"fmt"
	"slices"
	"strings"
)

// partOf puts the sentences of the page under their headings.
var partOf = map[string]string{"owed": "owed", "awaited": "owed", "wire": "state", "watch": "state", "offices": "state", "test": "state"}

// Markdown writes the page with its sources numbered below it.
func (b *Brief) Markdown(w *Words, ours, theirs Side) string { return b.page(w, ours, theirs, true) }

// Text writes the page for a terminal.
func (b *Brief) Text(w *Words, ours, theirs Side) string { return b.page(w, ours, theirs, false) }

func (b *Brief) page(w *Words, ours, theirs Side, markdown bool) string {
	var out strings.Builder
	p := func(format string, a ...any) { fmt.Fprintf(&out, format, a...) }
	mark := func(level int, s string) string {
		if markdown {
			return strings.Repeat("#", level) + " " + escapeMarkdown(s)
		}
		if level == 1 {
			return s + "\n" + strings.Repeat("=", len([]rune(s)))
		}
		return s
	}
	p("%s\n", mark(1, w.say("title", args{"Ours": ours.Title, "Theirs": theirs.Title})))
	if b.Exercise {
		p("%s\n", w.say("exercise", nil))
	}
	p("%s\n", w.say("as_of", args{"Line": b.Line, "Time": hm(b.AsOf.Time), "Positions": positions(b.AsOf.Positions)}))
	notes := numbering{}
	for _, part := range parts {
		lines := b.in(part)
		if len(lines) == 0 {
			continue
		}
		p("\n%s\n", mark(2, w.say("part_"+part, nil)))
		if markdown {
			p("\n")
		}
		for _, s := range lines {
			text := clean(s.Text)
			if markdown {
				text = escapeMarkdown(text)
			}
			p("- %s %s\n", text, notes.refs(s.Sources))
		}
	}
	p("\n%s\n", mark(2, w.say("part_sources", nil)))
	if markdown {
		p("\n")
	}
	for i, s := range notes.list {
		p("%s\n", clean(fmt.Sprintf("[%d] %s", i+1, s)))
	}
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

// numbering gives each source one number.
type numbering struct{ list []string }

// maxNotes is how many sources one sentence shows; the JSON has them all.
const maxNotes = 4

func (n *numbering) refs(sources []string) string {
	var out []string
	for i, s := range sources {
		if i == maxNotes {
			out = append(out, fmt.Sprintf("+%d", len(sources)-maxNotes))
			break
		}
		at := slices.Index(n.list, s)
		if at < 0 {
			n.list, at = append(n.list, s), len(n.list)
		}
		out = append(out, fmt.Sprint(at+1))
	}
	return "[" + strings.Join(out, " ") + "]"
}

// clean keeps what was imported from breaking the page: no control
// characters, no override of the direction of text.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case r < 0x20 || r == 0x7f, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
			return -1
		}
		return r
	}, s)
}

func escapeMarkdown(s string) string {
	return strings.NewReplacer("\\", "\\\\", "*", "\\*", "_", "\\_", "`", "\\`", "<", "&lt;", "#", "\\#", "[", "\\[", "]", "\\]", "|", "\\|").Replace(s)
}
