// SPDX-License-Identifier: Apache-2.0

package brief

import (
	_ "embed"
	"fmt"
	"html"
	"regexp"
	"strings"
)

//go:embed data/sheet.css
var sheetCSS string

// Document writes the page as a file of its own that prints on one sheet.
func (b *Brief) Document(w *Words, us, them Side, form Form) string {
	return fmt.Sprintf("<!doctype html>\n<html lang=\"%s\" dir=\"%s\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n<title>%s</title>\n<style>\n%s</style>\n%s</html>\n",
		w.tag, w.dir(), html.EscapeString(w.say("title", args{"Ours": us.Title, "Theirs": them.Title})), sheetCSS, b.HTML(w, us, them, form))
}

func (w *Words) dir() string {
	if w.rtl() {
		return "rtl"
	}
	return "ltr"
}

// htmlWriter writes what it is given, with all that is put in escaped.
type htmlWriter struct {
	strings.Builder
	tag string
}

func (h *htmlWriter) p(format string, a ...any) {
	for i, v := range a {
		if text, ok := v.(string); ok {
			a[i] = html.EscapeString(text)
		}
	}
	fmt.Fprintf(h, format, a...)
}

// HTML writes the page as an article to be put into a page: no style, no
// script, and nothing of others that is not escaped.
func (b *Brief) HTML(w *Words, us, them Side, form Form) string {
	s := b.fitted(w, us, them, form, onPaper)
	h := &htmlWriter{tag: w.tag}
	h.p("<article class=\"brief\" lang=\"%s\" dir=\"%s\">\n<header>\n<h1>%s</h1>\n", w.tag, w.dir(), s.title)
	if s.exercise != "" {
		h.p("<p class=\"brief-exercise\">%s</p>\n", s.exercise)
	}
	h.p("<p class=\"brief-as-of\">%s</p>\n</header>\n", s.asOf)
	for _, part := range s.parts {
		h.part(part)
	}
	h.p("<footer class=\"brief-sources\">\n<h2>%s</h2>\n<ol>\n", s.sources)
	for i, n := range s.notes {
		h.p("<li id=\"brief-source-%d\">%s</li>\n", i+1, n)
	}
	h.p("</ol>\n")
	if s.left != "" {
		h.p("<p class=\"brief-more\">%s</p>\n", s.left)
	}
	h.p("<p class=\"brief-more\">%s</p>\n", s.unmarked)
	h.p("</footer>\n</article>\n")
	return h.String()
}

func (h *htmlWriter) part(part sheetPart) {
	h.p("<section class=\"brief-part brief-%s\" aria-labelledby=\"brief-%s\">\n<h2 id=\"brief-%s\">%s</h2>\n", part.id, part.id, part.id, part.heading)
	if len(part.lines) > 0 {
		h.p("<ul>\n")
		for _, l := range part.lines {
			h.p("<li")
			if l.lang != h.tag {
				h.p(" lang=\"%s\" dir=\"ltr\"", l.lang)
			}
			h.p(">%s ", l.text)
			h.refs(l.refs)
			h.p("</li>\n")
		}
		if part.left != "" {
			h.p("<li class=\"brief-more\">%s</li>\n", part.left)
		}
		h.p("</ul>\n")
	}
	if t := part.table; t != nil {
		h.table(t, part.id)
	}
	h.p("</section>\n")
}

func (h *htmlWriter) table(t *sheetTable, part string) {
	h.p("<table aria-labelledby=\"brief-%s\">\n<thead><tr>", part)
	for _, c := range t.cols {
		h.p("<th scope=\"col\">%s</th>", c)
	}
	h.p("<td></td></tr></thead>\n<tbody>\n")
	for _, r := range t.rows {
		h.p("<tr>")
		for _, c := range r.cells {
			if dated.MatchString(c) {
				h.p("<td class=\"brief-day\">%s</td>", c)
			} else {
				h.p("<td>%s</td>", c)
			}
		}
		h.p("<td>")
		h.refs(r.refs)
		h.p("</td></tr>\n")
	}
	h.p("</tbody>\n</table>\n")
	if t.left != "" {
		h.p("<p class=\"brief-more\">%s</p>\n", t.left)
	}
}

func (h *htmlWriter) refs(r refs) {
	if len(r.marks)+r.left == 0 {
		return
	}
	h.p("<small class=\"brief-refs\" dir=\"ltr\">")
	for i, m := range r.marks {
		if i > 0 {
			h.p(" ")
		}
		if m.note > 0 {
			h.p("<a href=\"#brief-source-%d\">%d</a>", m.note, m.note)
		} else {
			h.p("%s", m.record)
		}
	}
	if r.left > 0 {
		h.p(" +%d", r.left)
	}
	h.p("</small>")
}

// dated is a cell that begins with a day or an hour: it is not broken.
var dated = regexp.MustCompile(`^\d{4}-\d\d-\d\d( \d\d:\d\dZ)?$`)
