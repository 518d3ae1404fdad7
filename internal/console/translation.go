// SPDX-License-Identifier: Apache-2.0

package console

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"openline/internal/desk/translation"
	"openline/internal/host"
	"openline/record"
)

// Drafter drafts a translation by machine; a draft is marked as one, and never
// sent by itself.
type Drafter interface {
	Name() string
	Draft(ctx context.Context, text, source, target string) (string, error)
}

// textsView is what this house makes of a record's words.
type textsView struct {
	Original, Lang string
	Working        []workingView // newest first
	Tongues        []option
	Drafts         bool // a machine can draft
	Asked          []understood
	Reading        string // what RC04 would ask about
	May            bool   // RC04 can be written
	Two            bool
	Write          bool
}

type workingView struct {
	translation.Working
	Holds, Mine bool // Mine: who looks wrote it
}

// understood is a reading of ours that the other side was asked about.
type understood struct {
	E       entry
	Answers []entry
}

// original is what the author said in their own words: the text, or the texts
// that were filled in.
func (n *snap) original(r host.Record) string {
	if r.Body == nil || r.Header == nil || r.Body.Text != "" {
		if r.Body == nil {
			return ""
		}
		return r.Body.Text
	}
	phrase, ok := n.cat.Phrase(r.Header.Code)
	if !ok {
		return ""
	}
	var out []string
	for _, q := range phrase.Params {
		if text, ok := r.Body.Params[q.Name].AsText(); ok && q.Kind == "text" {
			out = append(out, text)
		}
	}
	return strings.Join(out, "\n")
}

// texts are the working texts of a record of the other side; nil where there
// are no words of theirs.
func (n *snap) texts(rec host.Record, who *seat) (*textsView, error) {
	if n.s.cfg.Desk == nil || rec.Log.Party == n.view.Me {
		return nil, nil
	}
	v := &textsView{Original: n.original(rec), Drafts: n.s.cfg.Drafter != nil, Write: slices.Contains(translators, who.role)}
	if v.Original == "" {
		return nil, nil
	}
	v.Lang = rec.Header.Language
	list, err := n.s.cfg.Desk.Translations(n.ID, n.env.RefName(rec.Ref()))
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, w := range slices.Backward(list) {
		v.Working = append(v.Working, workingView{w, !seen[w.Lang], w.By == who.Person && w.Machine == ""})
		seen[w.Lang] = true
	}
	for _, tag := range n.cat.Languages() {
		if l, ok := n.cat.Language(tag); ok && tag != v.Lang {
			v.Tongues = append(v.Tongues, option{tag, l.Name, tag == n.lang})
		}
	}
	if i := slices.IndexFunc(v.Working, func(w workingView) bool { return w.Holds }); i >= 0 {
		v.Reading = v.Working[i].Text
	}
	if p, ok := n.cat.Phrase("RC04"); ok {
		v.May, v.Two = n.takes(who.role, p, n.env.RefName(rec.Ref()))
	}
	v.Asked = n.understood(rec.Ref())
	return v, nil
}

// understood finds our readings of a record, and what they said to each.
func (n *snap) understood(ref record.Ref) (out []understood) {
	for _, r := range n.recent {
		if r.Header == nil || r.Log.Party != n.view.Me || r.Header.Code != "RC04" || !slices.Contains(r.Header.Re, ref) {
			continue
		}
		u := understood{E: n.entry(r)}
		for _, a := range n.recent {
			if a.Header != nil && a.Log.Party != n.view.Me && a.Header.Code != "RC01" && slices.Contains(a.Header.Re, r.Ref()) {
				u.Answers = append(u.Answers, n.entry(a))
			}
		}
		out = append(out, u)
	}
	return out
}

// translators are those who write working texts and read them again.
var translators = []Role{Watch, Officer, Principal, Protocol, Translator}

// translationsView are the words of the other side that wait for a text.
type translationsView struct {
	Line string
	In   string // name of the reader's language
	Wait []waiting
	Done int
}

type waiting struct {
	E        entry
	Link     string
	Original string
	Working  *translation.Working // nil: none yet
}

func (s *Server) translations(w http.ResponseWriter, r *http.Request, who *seat) error {
	p, n, err := s.onLine(r, who, "translations", "title.translations")
	if err != nil {
		return err
	}
	desk, err := s.shelf()
	if err != nil {
		return err
	}
	v := translationsView{Line: string(n.ID), In: p.Name}
	var names []string
	for _, rec := range n.recent {
		names = append(names, n.env.RefName(rec.Ref()))
	}
	held, err := desk.Working(n.ID, n.lang, names)
	if err != nil {
		return err
	}
	for i, rec := range slices.Backward(n.recent) {
		if rec.Log.Party == n.view.Me || rec.Header == nil || rec.Header.Language == n.lang {
			continue
		}
		x := waiting{Original: n.original(rec)}
		if x.Original == "" {
			continue
		}
		if have, ok := held[names[i]]; ok {
			if x.Working = &have; have.Second != "" {
				v.Done++
				continue
			}
		}
		x.E = n.entry(rec)
		x.Link = recordPath(v.Line, x.E.Party, x.E.No) + "#texts"
		v.Wait = append(v.Wait, x)
	}
	p.X = v
	s.write(w, p, "translations")
	return nil
}

// translate writes a working text, has a machine draft one, or notes that one
// was read a second time.
func (s *Server) translate(w http.ResponseWriter, r *http.Request, who *seat) error {
	l, n, err := s.act(r, who)
	if err != nil {
		return err
	}
	desk, err := s.shelf()
	if err != nil {
		return err
	}
	ref, err := n.named(r)
	if err != nil {
		return err
	}
	rec, err := n.find(ref)
	if err != nil {
		return err
	}
	get := func(name string) string { return strings.TrimSpace(r.PostForm.Get(name)) }
	note := translation.Note{Do: get("do"), Token: tokenOf(get("token")), By: who.Person, Record: n.env.RefName(ref), Lang: get("lang"), Text: lines(get("text"))}
	switch note.Do {
	case translation.DoSecond:
		note = translation.Note{Do: note.Do, Token: note.Token, By: who.Person, Of: numbered(get("of")), Words: get("words")}
	case "draft":
		if s.cfg.Drafter == nil {
			return fault(http.StatusNotFound, "fault.none")
		}
		if !s.pace.tryOften("draft " + who.Person) {
			return fault(http.StatusTooManyRequests, "fault.pace")
		}
		note.Do, note.By, note.Machine = translation.DoText, "", s.cfg.Drafter.Name()
		if note.Text, err = s.cfg.Drafter.Draft(r.Context(), n.original(rec), rec.Header.Language, note.Lang); err != nil {
			return err
		}
	}
	if _, err := desk.Translate(r.Context(), l.ID, note); err != nil {
		return err
	}
	http.Redirect(w, r, recordPath(string(l.ID), n.env.PartyName(ref.Party), ref.Number)+"#texts", http.StatusSeeOther)
	return nil
}
