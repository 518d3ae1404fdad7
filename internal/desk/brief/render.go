// SPDX-License-Identifier: Apache-2.0

package brief

import (
	"fmt"
	"strings"
	"unicode"
)

// Markdown writes the page with its sources numbered below it.
func (b *Brief) Markdown(w *Words, us, them Side, form Form) string {
	s := b.fitted(w, us, them, form, onPaper)
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
			p("- %s %s\n", escapeMarkdown(l.text), escapeMarkdown(l.refs.String()))
		}
		if part.left != "" {
			p("- %s\n", escapeMarkdown(part.left))
		}
		if t := part.table; t != nil {
			p("\n| %s | |\n|%s\n", strings.Join(each(t.cols, escapeMarkdown), " | "), strings.Repeat(" --- |", len(t.cols)+1))
			for _, r := range t.rows {
				p("| %s | %s |\n", strings.Join(each(r.cells, escapeMarkdown), " | "), escapeMarkdown(r.refs.String()))
			}
			if t.left != "" {
				p("\n%s\n", escapeMarkdown(t.left))
			}
		}
	}
	p("\n## %s\n\n", escapeMarkdown(s.sources))
	for i, n := range s.notes {
		p("%d. %s\n", i+1, escapeMarkdown(n))
	}
	if s.left != "" {
		p("\n%s\n", escapeMarkdown(s.left))
	}
	p("\n%s\n", escapeMarkdown(s.unmarked))
	return out.String()
}

func each(list []string, f func(string) string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = f(s)
	}
	return out
}

var markdownReplacer = strings.NewReplacer("\\", "\\\\", "*", "\\*", "_", "\\_", "`", "\\`", "<", "&lt;", "#", "\\#", "[", "\\[", "]", "\\]", "|", "\\|")

func escapeMarkdown(s string) string { return markdownReplacer.Replace(s) }

// textWidth is how many columns the page has on a terminal and on paper.
const textWidth = 116

// Text writes the page for a terminal.
func (b *Brief) Text(w *Words, us, them Side, form Form) string {
	return b.fitted(w, us, them, form, onScreen).text()
}

func (s sheet) text() string {
	var out strings.Builder
	lines := func(first, rest, text string) {
		for i, l := range wrap(text, textWidth-len(first)) {
			if i == 0 {
				out.WriteString(first + l + "\n")
			} else {
				out.WriteString(rest + l + "\n")
			}
		}
	}
	lines("", "", s.title)
	out.WriteString(strings.Repeat("=", min(textWidth, columns(s.title))) + "\n")
	if s.exercise != "" {
		lines("", "", s.exercise)
	}
	lines("", "", s.asOf)
	for _, part := range s.parts {
		out.WriteString("\n" + part.heading + "\n")
		for _, l := range part.lines {
			lines("- ", "  ", strings.TrimRight(l.text+" "+l.refs.String(), " "))
		}
		if part.left != "" {
			lines("- ", "  ", part.left)
		}
		if part.table != nil {
			part.table.text(&out)
		}
	}
	out.WriteString("\n" + s.sources + "\n")
	for i, n := range s.notes {
		mark := fmt.Sprintf("[%d] ", i+1)
		lines(mark, strings.Repeat(" ", len(mark)), n)
	}
	if s.left != "" {
		out.WriteString(s.left + "\n")
	}
	lines("", "", s.unmarked)
	return out.String()
}

// text writes a table in columns that share the width of the page; what does
// not fit into a cell goes on below.
func (t *sheetTable) text(out *strings.Builder) {
	rows := [][]string{append(each(t.cols, same), "")}
	for _, r := range t.rows {
		rows = append(rows, append(each(r.cells, same), r.refs.String()))
	}
	widths := share(rows, textWidth-2)
	for _, r := range rows {
		var cells [][]string
		height := 1
		for i, c := range r {
			cells = append(cells, wrap(c, widths[i]))
			height = max(height, len(cells[i]))
		}
		for line := range height {
			var b strings.Builder
			b.WriteString("  ")
			for i := range cells {
				text := ""
				if line < len(cells[i]) {
					text = cells[i][line]
				}
				b.WriteString(text + strings.Repeat(" ", max(0, widths[i]-columns(text))+2))
			}
			out.WriteString(strings.TrimRight(b.String(), " ") + "\n")
		}
	}
	if t.left != "" {
		out.WriteString("  " + t.left + "\n")
	}
}

func same(s string) string { return s }

// share gives every column what it needs, and takes from the widest until
// all fit.
func share(rows [][]string, width int) []int {
	widths := make([]int, len(rows[0]))
	total := 0
	for i := range widths {
		for j, r := range rows {
			n := columns(r[i])
			if j == 0 { // a heading breaks between its words
				n = 0
				for word := range strings.FieldsSeq(r[i]) {
					n = max(n, columns(word))
				}
			}
			widths[i] = max(widths[i], n)
		}
		total += widths[i] + 2
	}
	for ; total > width; total-- {
		widest := 0
		for i := range widths {
			if widths[i] > widths[widest] {
				widest = i
			}
		}
		if widths[widest] <= 6 {
			break
		}
		widths[widest]--
	}
	return widths
}

// wrap breaks a text into lines of a width: between words, or anywhere where
// a script writes none. What is isolated stays isolated on each line.
func wrap(s string, width int) []string {
	var out []string
	var line strings.Builder
	at, open := 0, 0
	flush := func() {
		out = append(out, line.String()+strings.Repeat("\u2069", open))
		line.Reset()
		line.WriteString(strings.Repeat("\u2068", open))
		at = 0
	}
	for _, word := range pieces(s) {
		n := columns(word)
		if trimmed := columns(strings.TrimRight(word, " ")); at > 0 && at+trimmed > width {
			flush()
		}
		line.WriteString(word)
		at += n
		open += strings.Count(word, "\u2068") - strings.Count(word, "\u2069")
		open = max(0, open)
	}
	flush()
	for i, l := range out {
		out[i] = strings.TrimRight(l, " ")
	}
	return out
}

// pieces are what a line may be broken between: words with the space behind
// them, and single signs of scripts without spaces.
func pieces(s string) (out []string) {
	var b strings.Builder
	wide := false
	for _, r := range s {
		if isWide(r) && !unicode.IsPunct(r) && b.Len() > 0 && (wide || strings.HasSuffix(b.String(), " ")) {
			out = append(out, b.String())
			b.Reset()
		}
		b.WriteRune(r)
		wide = isWide(r)
		if r == ' ' {
			out = append(out, b.String())
			b.Reset()
		}
	}
	return append(out, b.String())
}

// columns is how wide a text stands on a terminal.
func columns(s string) (n int) {
	for _, r := range s {
		switch {
		case r == '\u2068' || r == '\u2069' || unicode.Is(unicode.Mn, r):
		case isWide(r):
			n += 2
		default:
			n++
		}
	}
	return n
}

func isWide(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana) || r >= 0x3000 && r <= 0x303f || r >= 0xff01 && r <= 0xff60
}
