// SPDX-License-Identifier: Apache-2.0

package console

import (
	"encoding/hex"
	"net/http"

	"openline/internal/desk/draft"
	"openline/internal/station"
	"openline/record"
)

// signWritten takes a person's signature over the version they read, and with
// the second one sends it.
func (s *Server) signWritten(w http.ResponseWriter, r *http.Request, who *seat) error {
	l, d, version, err := s.opened(r)
	if err != nil {
		return err
	}
	now := d.Newest()
	switch {
	case d.Ended():
		return s.tell(w, r, who, draft.ErrEnded, version)
	case version != now.No, r.PostForm.Get("digest") != hex.EncodeToString(now.Digest[:]):
		return s.tell(w, r, who, draft.ErrMoved, version)
	case d.Sending > 0:
		return s.tell(w, r, who, draft.ErrSending, version)
	case now.Back != nil:
		return s.tell(w, r, who, draft.ErrBack, version)
	case s.cfg.Demo == nil && signedBy(&d, who.Person):
		return s.tell(w, r, who, draft.ErrSame, version)
	}
	n, err := s.snap(r.Context(), l, s.page(r, who, "", "title.draft").Words)
	if err != nil {
		return err
	}
	v, err := n.writtenView(r.Context(), d, who)
	if err != nil {
		return err
	}
	if v.Moved {
		return s.tell(w, r, who, station.ErrChanged, version)
	}
	act, err := s.cfg.Desk.Act(l.ID, now)
	if err != nil {
		return err
	}
	person, sig, err := s.signature(r, who, act)
	if err != nil {
		return err
	}
	d, err = s.cfg.Desk.Write(r.Context(), l.ID, draft.Note{Do: draft.DoSign, By: who.Person, On: d.No, Version: version, Digest: act.Header[:], Person: person, Signature: sig})
	if err != nil {
		return s.tell(w, r, who, err, version)
	}
	l.hub.nudge()
	if len(d.Newest().Signed) < 2 {
		http.Redirect(w, r, "/drafts/"+r.PathValue("id"), http.StatusSeeOther)
		return nil
	}
	return s.send(w, r, who, l, d, version)
}

// sendWritten sends what one person may say, or once more what is on its way.
func (s *Server) sendWritten(w http.ResponseWriter, r *http.Request, who *seat) error {
	l, d, version, err := s.opened(r)
	if err != nil {
		return err
	}
	if d.Ended() {
		return s.tell(w, r, who, draft.ErrEnded, version)
	}
	if version != d.Newest().No || r.PostForm.Get("digest") != hex.EncodeToString(d.Newest().Digest[:]) {
		return s.tell(w, r, who, draft.ErrMoved, version)
	}
	n, err := s.snap(r.Context(), l, s.page(r, who, "", "title.draft").Words)
	if err != nil {
		return err
	}
	v, err := n.writtenView(r.Context(), d, who)
	switch {
	case err != nil:
		return err
	case !v.May:
		return fault(http.StatusForbidden, "fault.mandate")
	case v.Two && len(v.Names) < 2:
		return fault(http.StatusForbidden, "fault.two")
	}
	return s.send(w, r, who, l, d, version)
}

func (s *Server) send(w http.ResponseWriter, r *http.Request, who *seat, l *lineDesk, d draft.Draft, version int) error {
	d, err := s.cfg.Desk.Send(r.Context(), l.ID, d.No, version, who.Person)
	l.hub.nudge()
	switch {
	case err != nil && d.No > 0 && !d.Ended() && d.Newest().Back != nil:
		key := writtenFault(err)
		if key == "" {
			key = "written.told.back"
		}
		return s.showWritten(w, r, who, http.StatusConflict, key, 0)
	case err != nil:
		return s.tell(w, r, who, err, version)
	case d.Released == nil: // it waits to be numbered
		http.Redirect(w, r, "/drafts/"+r.PathValue("id"), http.StatusSeeOther)
		return nil
	}
	http.Redirect(w, r, "/line/"+string(l.ID)+"#end", http.StatusSeeOther)
	return nil
}

func (s *Server) dropWritten(w http.ResponseWriter, r *http.Request, who *seat) error {
	l, d, version, err := s.opened(r)
	if err != nil {
		return err
	}
	if !mayChange(who, &d) {
		return s.notForTheRole(r, who)
	}
	if _, err := s.cfg.Desk.Write(r.Context(), l.ID, draft.Note{Do: draft.DoDrop, By: who.Person, On: d.No, Version: version}); err != nil {
		return s.tell(w, r, who, err, version)
	}
	l.hub.nudge()
	http.Redirect(w, r, "/drafts", http.StatusSeeOther)
	return nil
}

// anew prepares the same words over what has come since.
func (s *Server) anew(w http.ResponseWriter, r *http.Request, who *seat) error {
	l, d, version, err := s.opened(r)
	if err != nil {
		return err
	}
	if !mayChange(who, &d) {
		return s.notForTheRole(r, who)
	}
	say, err := s.cfg.Desk.Said(l.ID, d.Newest())
	if err != nil {
		return err
	}
	say.Written, say.Salt, say.Clocks, say.Cut, say.People = 0, [16]byte{}, record.Ref{}, [32]byte{}, nil
	note, err := s.cfg.Desk.Wording(r.Context(), l.ID, say, draft.Note{Do: draft.DoChange, By: who.Person, On: d.No, Version: version, Typed: d.Newest().Typed})
	if err != nil {
		return err
	}
	if _, err := s.cfg.Desk.Write(r.Context(), l.ID, note); err != nil {
		return s.tell(w, r, who, err, version)
	}
	l.hub.nudge()
	http.Redirect(w, r, "/drafts/"+r.PathValue("id"), http.StatusSeeOther)
	return nil
}

// editWritten opens a draft in the form it was written in.
func (s *Server) editWritten(w http.ResponseWriter, r *http.Request, who *seat) error {
	l, d, _, err := s.opened(r)
	if err != nil {
		return err
	}
	if !mayChange(who, &d) {
		return s.notForTheRole(r, who)
	}
	if d.Ended() || d.Sending > 0 {
		return s.showWritten(w, r, who, http.StatusConflict, "written.told.ended", 0)
	}
	p := s.page(r, who, "compose", "title.draft")
	n, err := s.snap(r.Context(), l, p.Words)
	if err != nil {
		return err
	}
	f, err := n.formOfVersion(d.Newest())
	if err != nil {
		return err
	}
	f.Draft, f.Version = r.PathValue("id"), d.Newest().No
	if p.X, err = n.composing(f, "", who); err != nil {
		return err
	}
	s.write(w, p, "compose")
	return nil
}

// formOfVersion is a version as it was typed.
func (n *snap) formOfVersion(v *draft.Version) (draftForm, error) {
	d, err := n.s.cfg.Desk.Said(n.ID, v)
	if err != nil {
		return draftForm{}, err
	}
	f := draftForm{Code: d.Code, From: d.From, Text: d.Text, Language: d.Language, Params: v.Typed}
	if phrase, ok := n.cat.Phrase(d.Code); ok && d.Precedence != phrase.Precedence {
		f.Precedence = d.Precedence.String()
	}
	if len(d.Re) > 0 {
		f.Re = n.env.RefName(d.Re[0])
	}
	if len(d.To) == 1 && d.To[0].Post != "watch" {
		f.To = n.env.PostName(d.To[0])
	}
	for _, a := range d.Attachments {
		n.s.chosen.put(a) // a form names it by its digest
		f.Files = append(f.Files, hex.EncodeToString(a.Digest[:]))
	}
	for lang, text := range d.Translations {
		f.Courtesy, f.CourtesyLang = text, lang
	}
	if f.Params == nil {
		f.Params = map[string]string{}
	}
	return f, nil
}

// crossed shows what somebody wrote on a draft that another changed meanwhile:
// their words are kept, and the version they would stand in place of is named.
func (s *Server) crossed(w http.ResponseWriter, n *snap, p *page, v *composeView) error {
	_, no, ok := s.written(v.Form.Draft)
	if !ok {
		return fault(http.StatusNotFound, "fault.none")
	}
	d, err := s.cfg.Desk.Draft(n.ID, no)
	if err != nil {
		return err
	}
	v.Crossed, v.Form.Version = true, d.Newest().No
	p.Status = http.StatusConflict
	s.write(w, p, "compose")
	return nil
}

// nudge tells every open page of this line that something changed in this
// house.
func (h *hub) nudge() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for ch := range h.open {
		select {
		case ch <- struct{}{}:
		default: // it has news to look at already
		}
	}
}
