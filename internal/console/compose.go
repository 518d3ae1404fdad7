// SPDX-License-Identifier: Apache-2.0

package console

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"openline/catalogue"
	"openline/internal/desk/draft"
	"openline/internal/host"
	"openline/internal/station"
	"openline/record"
)

// composeView is the page on which something is written.
type composeView struct {
	Line, Slug string
	Query      string
	Found      []offered
	Answers    *entry // what is being answered
	Chosen     *catalogue.Phrase
	Two        bool
	Fields     []field
	Form       draftForm
	Posts      []option // of the other parties
	Ours       []option
	Why        string // what is wrong with the draft
	Preview    *preview
	Token      string
	Crossed    bool // another has changed the draft meanwhile
	Tongues    []option
	Files      []fileView
	Most       string // of attachments; empty: the line carries none
}

type offered struct {
	Code, Gloss, Marker, Who string
	May, Two                 bool
	Reply                    bool
}

type option struct {
	Value, Name string
	Chosen      bool
}

// preview is the draft as each side will read it.
type preview struct {
	Theirs     []rendering
	Precedence string
	To         string
	Text       string
	TextLang   string
	Courtesy   []courtesy
	Files      []fileView
}

func (s *Server) compose(w http.ResponseWriter, r *http.Request, who *seat) error {
	l, err := s.line(r)
	if err != nil {
		return err
	}
	p := s.page(r, who, "compose", "title.compose")
	n, err := s.snap(r.Context(), l, p.Words)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	f := formOf(q)
	v, err := n.composing(f, strings.TrimSpace(q.Get("q")), who)
	if err != nil {
		return err
	}
	p.X = v
	s.write(w, p, "compose")
	return nil
}

// composing makes the page of a draft: the catalogue first, the fields of what
// was chosen then.
func (n *snap) composing(f draftForm, query string, who *seat) (*composeView, error) {
	v := &composeView{Line: string(n.ID), Slug: n.ID.Slug(), Query: query, Form: f, Token: host.NewToken(time.Now())}
	var permits []string
	if f.Re != "" {
		ref, err := n.env.ParseRef(f.Re)
		if err != nil {
			return nil, err
		}
		rec, err := n.s.cfg.Station.Record(n.ID, ref)
		if err != nil {
			return nil, err
		}
		e := n.entry(rec)
		v.Answers = &e
		if ph, ok := n.cat.Phrase(e.Code); ok {
			permits = n.maySay(ph, e.Ours)
		}
	}
	for _, code := range n.cat.Codes() {
		ph, ok := n.cat.Phrase(code)
		if !ok || ph.Who == catalogue.Machine || code == "AD01" {
			continue
		}
		if v.Answers != nil && !slices.Contains(permits, code) || v.Answers == nil && !ph.Opens {
			continue
		}
		if query != "" && !n.matches(ph, query) {
			continue
		}
		o := offered{Code: code, Gloss: n.cat.Gloss(n.lang, code), Marker: n.T("marker." + ph.Marker), Who: ph.Who.String(), Reply: ph.Replies}
		o.May, o.Two = n.takes(who.role, ph, f.Re)
		v.Found = append(v.Found, o)
	}
	ph, ok := n.cat.Phrase(f.Code)
	if !ok {
		return v, nil
	}
	ph.Gloss, ph.Marker = n.cat.Gloss(n.lang, ph.Code), n.T("marker."+ph.Marker) // of this copy: as the reader reads them
	v.Chosen = &ph
	_, v.Two = n.takes(who.role, ph, f.Re)
	n.fields(v, ph)
	if most := n.ceiling(); most > 0 {
		v.Most = sized(uint64(most))
		files, err := n.s.chosen.list(f.Files)
		if err != nil {
			return nil, err
		}
		v.Files = filesOf(files)
	}
	return v, nil
}

// maySay are the phrases that may be about a record of one phrase: of the
// replies those it permits, and what is no reply to anything. One's own is
// not replied to.
func (n *snap) maySay(asked catalogue.Phrase, ours bool) (out []string) {
	for _, code := range n.cat.Codes() {
		p, ok := n.cat.Phrase(code)
		switch {
		case !ok || p.Who == catalogue.Machine || !p.About || p.Re == "none":
		case asked.Permitted(code) && !ours, !p.Replies && (ours || !slices.Contains(own, code)) && (!ours || !strings.HasPrefix(code, "RC")), p.NeedsText:
			out = append(out, code)
		}
	}
	return out
}

// own are what a party says of its own records alone.
var own = []string{"ER01", "WD01", "RM01", "RQ01", "PO02"}

// matches looks for every word of a query in the code, the meaning and the
// wording of a phrase, in the reader's language and in English.
func (n *snap) matches(p catalogue.Phrase, query string) bool {
	text := strings.ToLower(strings.Join([]string{p.Code, p.Gloss, n.cat.Gloss(n.lang, p.Code), p.Marker, n.T("marker." + p.Marker), n.T("digit." + p.Code), n.T("move." + p.Code)}, " "))
	for word := range strings.FieldsSeq(strings.ToLower(query)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

func (n *snap) fields(v *composeView, ph catalogue.Phrase) {
	v.Ours = append(v.Ours, option{"watch", n.T("from.watch"), n.from(v.Form.From) == "watch"})
	for _, p := range n.posts {
		if p.ID == "watch" {
			continue
		}
		o := option{n.env.PostName(record.Address{Party: p.Party, Post: p.ID}), p.Office, false}
		if p.Party == n.view.Me {
			v.Ours = append(v.Ours, option{p.ID, p.Office, p.ID == n.from(v.Form.From)})
		} else {
			o.Chosen = o.Value == v.Form.To
			v.Posts = append(v.Posts, o)
		}
	}
	for _, tag := range n.cat.Languages() {
		if l, ok := n.cat.Language(tag); ok {
			v.Tongues = append(v.Tongues, option{tag, l.Name, tag == n.lang})
		}
	}
	for _, p := range ph.Params {
		v.Fields = append(v.Fields, n.field(p, v.Form.Params[p.Name]))
	}
}

// hint says how a kind of parameter is typed.
func (n *snap) hint(kind string) string {
	if id := "hint." + kind; n.s.words["en"].Has(id) {
		return n.T(id)
	}
	return ""
}

// readForm reads a draft from a form.
func readForm(r *http.Request) draftForm { return formOf(r.PostForm) }

// preview shows a draft as the other side will read it. What takes two
// persons, or is to be kept, goes into the journal as a draft.
func (s *Server) preview(w http.ResponseWriter, r *http.Request, who *seat) error {
	l, n, err := s.act(r, who)
	if err != nil {
		return err
	}
	f := readForm(r)
	v, err := n.composing(f, "", who)
	if err != nil {
		return err
	}
	p := s.page(r, who, "compose", "title.preview")
	p.X = v
	d, err := n.draft(f, who)
	var act station.Draft
	if err == nil {
		act, _, err = s.cfg.Station.Prepare(r.Context(), l.ID, d)
	}
	var takes station.Ruling
	if err == nil {
		takes, err = s.cfg.Station.Rule(r.Context(), l.ID, d)
	}
	if err != nil {
		if status, _ := statusOf(err); status != http.StatusUnprocessableEntity {
			return err
		}
		v.Why, p.Status = err.Error(), http.StatusUnprocessableEntity
		s.write(w, p, "compose")
		return nil
	}
	if takes.Two || !who.role.MaySay(v.Chosen.Who) || f.Draft != "" || f.Keep {
		id, err := s.keep(r.Context(), n, f, d, who)
		if errors.Is(err, draft.ErrMoved) {
			return s.crossed(w, n, p, v)
		}
		if err != nil {
			r.SetPathValue("id", f.Draft)
			return s.tell(w, r, who, err, 0)
		}
		http.Redirect(w, r, "/drafts/"+id, http.StatusSeeOther)
		return nil
	}
	v.Preview = n.preview(act)
	s.write(w, p, "compose")
	return nil
}

// preview renders a draft in every language the line has, as a record of ours.
func (n *snap) preview(d station.Draft) *preview {
	h := &record.Header{Code: d.Code, Status: d.Status, Precedence: d.Precedence, From: d.From, To: d.To, Re: d.Re, Language: d.Language}
	if h.Status == 0 {
		h.Status = n.view.Standing
	}
	b := &record.Body{Params: d.Params, Text: d.Text, Translations: d.Translations}
	rec := host.Record{Located: ourPlace(n), Decoded: record.Decoded{Leaf: &record.Leaf{Agreement: n.Agreements.Newest().Version}, Header: h, Body: b}}
	out := &preview{Text: d.Text, TextLang: d.Language, Files: filesOf(d.Attachments)}
	if phrase, ok := n.cat.Phrase(d.Code); ok && h.Precedence == 0 {
		h.Precedence = phrase.Precedence
	}
	out.Precedence = n.precedence(h.Precedence)
	for i, to := range d.To {
		if i > 0 {
			out.To += ", "
		}
		out.To += n.env.OfficeName(to)
	}
	for _, tag := range n.Agreements.Newest().Languages {
		if lang, ok := n.cat.Language(tag); ok {
			dir := "ltr"
			if lang.RightToLeft {
				dir = "rtl"
			}
			out.Theirs = append(out.Theirs, rendering{tag, lang.Name, dir, n.env.Render(tag, rec), lang.Draft})
		}
	}
	for lang, text := range d.Translations {
		out.Courtesy = append(out.Courtesy, courtesy{lang, text})
	}
	return out
}

func (s *Server) say(w http.ResponseWriter, r *http.Request, who *seat) error {
	l, n, err := s.act(r, who)
	if err != nil {
		return err
	}
	f := readForm(r)
	d, err := n.draft(f, who)
	if err != nil {
		return err
	}
	id, err := s.sayOne(r.Context(), n, r.PostForm.Get("token"), f, d, who)
	if err != nil {
		return err
	}
	if id != "" {
		http.Redirect(w, r, "/drafts/"+id, http.StatusSeeOther)
		return nil
	}
	for _, re := range d.Re {
		l.quiet(re)
	}
	http.Redirect(w, r, back(r, "/line/"+string(l.ID)+"#end"), http.StatusSeeOther)
	return nil
}
