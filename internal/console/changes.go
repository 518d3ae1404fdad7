// SPDX-License-Identifier: Apache-2.0

package console

import (
	"encoding/hex"
	"strings"

	"openline/internal/desk/draft"
	"openline/record"
)

// since is what changed since somebody signed, or read.
type since struct {
	Key     string // of the words that say who
	Person  string
	Version int
	At      any
	Fields  []compared
}

// compared is one field before and after.
type compared struct {
	Label, Lang, Dir string
	Runs             []run
}

type run struct {
	How, Text string // how: same, gone or came
}

var hows = map[draft.How]string{draft.Same: "same", draft.Gone: "gone", draft.Came: "came"}

// sinceVersion adds what changed since a version.
func (n *snap) sinceVersion(v *writtenView, x since) error {
	before := v.Draft.Version(x.Version)
	if before == nil {
		return nil
	}
	a, err := n.comparable(before)
	if err != nil {
		return err
	}
	b, err := n.comparable(v.Newest())
	if err != nil {
		return err
	}
	for i := range max(len(a), len(b)) {
		var x0, x1 compared
		if i < len(a) {
			x0 = a[i]
		}
		if i < len(b) {
			x1 = b[i]
		}
		if x1.Label == "" {
			x1.Label, x1.Lang, x1.Dir = x0.Label, x0.Lang, x0.Dir
		}
		was, is := allOf(x0), allOf(x1)
		if was == is {
			continue
		}
		x1.Runs = nil
		for _, r := range draft.Diff(was, is) {
			x1.Runs = append(x1.Runs, run{hows[r.How], r.Text})
		}
		x.Fields = append(x.Fields, x1)
	}
	v.Since = append(v.Since, x)
	return nil
}

func allOf(c compared) (s string) {
	for _, r := range c.Runs {
		s += r.Text
	}
	return s
}

// comparable are the fields of a version as a person reads them, always in the
// same order: its renderings, its own words, and to whom it goes.
func (n *snap) comparable(v *draft.Version) ([]compared, error) {
	d, err := n.s.cfg.Desk.Said(n.ID, v)
	if err != nil {
		return nil, err
	}
	pre := n.preview(d)
	var out []compared
	add := func(label, lang, dir, text string) {
		out = append(out, compared{label, lang, dir, []run{{"same", text}}})
	}
	for _, t := range pre.Theirs {
		add(t.Name, t.Lang, t.Dir, t.Text)
	}
	add(n.T("text"), d.Language, "auto", d.Text)
	for _, tag := range n.cat.Languages() {
		if lang, ok := n.cat.Language(tag); ok {
			add(n.T("text.courtesy")+" ("+lang.Name+")", tag, "auto", d.Translations[tag])
		}
	}
	var files []string
	for _, a := range d.Attachments {
		files = append(files, a.Name+" "+hex.EncodeToString(a.Digest[:]))
	}
	add(n.T("files.head"), "en", "auto", strings.Join(files, "\n"))
	var re []string
	for _, x := range d.Re {
		re = append(re, n.env.RefName(x))
	}
	lang := n.lang
	add(n.T("from"), lang, "auto", n.env.OfficeName(record.Address{Party: n.view.Me, Post: d.From}))
	add(n.T("to"), lang, "auto", pre.To)
	add(n.T("re"), lang, "auto", strings.Join(re, ", "))
	add(n.T("written.precedence"), lang, "auto", pre.Precedence)
	return out, nil
}
