// SPDX-License-Identifier: Apache-2.0

package console

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"openline/catalogue"
	"openline/identity"
	"openline/internal/desk/draft"
	"openline/internal/station"
	"openline/record"
)

// A draft of words is kept in the journal of its line, where every console of
// this station sees it; what else two persons sign waits in memory (draft.go).

// writtenID names a draft of a line in an address.
func writtenID(line identity.LineID, no int) string { return string(line) + "." + strconv.Itoa(no) }

// written finds a draft by its name; false: it is not one of the journal's.
func (s *Server) written(id string) (*lineDesk, int, bool) {
	i := strings.LastIndexByte(id, '.')
	if i < 0 || s.cfg.Desk == nil {
		return nil, 0, false
	}
	no, err := strconv.Atoi(id[i+1:])
	for _, l := range s.lines {
		if string(l.ID) == id[:i] && err == nil {
			return l, no, true
		}
	}
	return nil, 0, false
}

// keep writes a draft into the journal, as a new one or as the next version of
// the one the form was opened from.
func (s *Server) keep(ctx context.Context, n *snap, f draftForm, d station.Draft, who *seat) (string, error) {
	if s.cfg.Desk == nil {
		return "", errNoHost
	}
	d.People = nil // nobody has signed it
	note := draft.Note{Do: draft.DoWrite, By: who.Person, Typed: f.Params}
	if f.Draft != "" {
		l, no, ok := s.written(f.Draft)
		if !ok || l != n.lineDesk {
			return "", fault(http.StatusNotFound, "fault.none")
		}
		if before, err := s.cfg.Desk.Draft(l.ID, no); err != nil || !mayChange(who, &before) {
			return "", cmp.Or(err, fault(http.StatusForbidden, "fault.role"))
		}
		note.Do, note.On, note.Version = draft.DoChange, no, f.Version
	}
	note, err := s.cfg.Desk.Wording(ctx, n.ID, d, note)
	if err != nil {
		return "", err
	}
	k, err := s.cfg.Desk.Write(ctx, n.ID, note)
	if err != nil {
		return "", err
	}
	n.hub.nudge()
	return writtenID(n.ID, k.No), nil
}

// writtenView is the page of a draft.
type writtenView struct {
	draft.Draft
	ID, Line   string
	Code       string
	Gloss      string
	Version    int
	Written    record.Stamp
	Preview    *preview
	Digest     string
	Two        bool   // two persons release it
	Rule       string // what asks for that
	Names      []string
	People     []string // who may sign yet
	Passphrase bool
	May        bool // who looks may say this phrase
	Change     bool // and change or drop this draft
	Told       string
	Why        string
	Since      []since
	Moved      bool // what it is about has changed since it was written
	Came       []saidView
	Record     string // what it became
	Link       string
}

// showWritten shows a draft. told is what the person who sent a form is told,
// and read the version they had before them; 0: none.
func (s *Server) showWritten(w http.ResponseWriter, r *http.Request, who *seat, status int, told string, read int) error {
	l, no, ok := s.written(r.PathValue("id"))
	if !ok {
		return fault(http.StatusNotFound, "fault.none")
	}
	d, err := s.cfg.Desk.Draft(l.ID, no)
	if err != nil {
		return err
	}
	p := s.page(r, who, "drafts", "title.draft")
	p.Path = "/drafts/" + r.PathValue("id")
	n, err := s.snap(r.Context(), l, p.Words)
	if err != nil {
		return err
	}
	v, err := n.writtenView(r.Context(), d, who)
	if err != nil {
		return err
	}
	if told != "" {
		v.Told = p.T(told)
	}
	if read > 0 && read != v.Version {
		if err := n.sinceVersion(&v, since{Key: "written.since.read", Version: read}); err != nil {
			return err
		}
	}
	p.Status, p.X = status, &v
	s.write(w, p, "written")
	return nil
}

func (n *snap) writtenView(ctx context.Context, d draft.Draft, who *seat) (v writtenView, err error) {
	now := d.Newest()
	say, err := n.s.cfg.Desk.Said(n.ID, now)
	if err != nil {
		return v, err
	}
	v = writtenView{Draft: d, ID: writtenID(n.ID, d.No), Line: string(n.ID), Code: say.Code, Gloss: n.cat.Gloss(n.lang, say.Code), Version: now.No,
		Written: say.Written, Preview: n.preview(say), Digest: hex.EncodeToString(now.Digest[:]), Passphrase: n.s.cfg.Demo == nil}
	phrase, ok := n.cat.Phrase(say.Code)
	v.Change = mayChange(who, &d)
	v.May = ok && who.role.MaySay(phrase.Who)
	for _, x := range now.Signed {
		v.Names = append(v.Names, x.Person)
	}
	if d.Released != nil {
		v.Record = d.Released.Record
		if ref, err := n.env.ParseRef(v.Record); err == nil {
			v.Link = recordPath(string(n.ID), n.env.PartyName(ref.Party), ref.Number)
		}
	}
	if d.Ended() {
		return v, nil
	}
	if v.People, err = n.s.unsigned(kept{Signed: v.Names}); err != nil {
		return v, err
	}
	if now.Back != nil {
		v.Why = now.Back.Words
	}
	ruling, err := n.s.cfg.Station.Rule(ctx, n.ID, say)
	if err != nil && v.Why == "" {
		v.Why = err.Error() // it can no longer be said as it stands
	}
	v.Two, v.Rule = ruling.Two, ruling.Why
	if err := n.moved(ctx, &v, say, phrase); err != nil {
		return v, err
	}
	for _, x := range d.Void() {
		if err := n.sinceVersion(&v, since{Key: "written.since.signed", Person: x.Person, Version: x.Version, At: x.At}); err != nil {
			return v, err
		}
	}
	if len(v.Since) == 0 && len(d.Versions) > 1 {
		err = n.sinceVersion(&v, since{Key: "written.since.before", Version: now.No - 1})
	}
	return v, err
}

// moved finds what came about the matter of a draft since it was written.
func (n *snap) moved(ctx context.Context, v *writtenView, say station.Draft, phrase catalogue.Phrase) error {
	now := v.Newest()
	if now.About == "" || v.Sending > 0 {
		return nil
	}
	_, act, err := n.s.cfg.Station.Prepare(ctx, n.ID, say)
	if err != nil || act.Cut == now.Cut {
		return nil // what cannot be prepared any more is told by the ruling
	}
	// What must go at once goes, and the journal marks it.
	v.Moved = say.Precedence != record.Flash && !phrase.AlwaysRuns
	t, err := n.s.cfg.Station.Thread(ctx, n.ID, say.About)
	if err != nil {
		return err
	}
	for _, x := range n.thread(t) {
		if ref, err := n.env.ParseRef(x.Ref); err == nil && ref.Number > now.Knew[n.env.PartyName(ref.Party)] {
			v.Came = append(v.Came, x)
		}
	}
	return nil
}

// writtenFault is what a person is told whose form came too late; empty: it is
// another fault.
func writtenFault(err error) string {
	for _, x := range []struct {
		err error
		key string
	}{
		{draft.ErrMoved, "written.told.moved"}, {draft.ErrEnded, "written.told.ended"}, {draft.ErrSending, "written.told.sending"},
		{draft.ErrBack, "written.told.back"}, {draft.ErrSame, "fault.same"}, {station.ErrChanged, "written.told.changed"},
	} {
		if errors.Is(err, x.err) {
			return x.key
		}
	}
	return ""
}

// tell shows a draft to somebody whose form came too late, or gives the error
// on.
func (s *Server) tell(w http.ResponseWriter, r *http.Request, who *seat, err error, read int) error {
	key := writtenFault(err)
	if key == "" {
		return err
	}
	return s.showWritten(w, r, who, http.StatusConflict, key, read)
}

// opened is the draft a form was sent from, and the version on it.
func (s *Server) opened(r *http.Request) (l *lineDesk, d draft.Draft, version int, err error) {
	if err := r.ParseForm(); err != nil {
		return nil, d, 0, err
	}
	l, no, ok := s.written(r.PathValue("id"))
	if !ok {
		return nil, d, 0, fault(http.StatusNotFound, "fault.none")
	}
	if version, err = strconv.Atoi(r.PostForm.Get("version")); err != nil {
		version = 0
	}
	d, err = s.cfg.Desk.Draft(l.ID, no)
	if errors.Is(err, draft.ErrNone) {
		err = fault(http.StatusNotFound, "fault.none")
	}
	return l, d, version, err
}

// mayChange reports whether somebody may change or drop a draft: the watch
// what it wrote itself.
func mayChange(who *seat, d *draft.Draft) bool { return who.role != Watch || d.By == who.Person }

func signedBy(d *draft.Draft, person string) bool {
	return slices.ContainsFunc(d.Newest().Signed, func(s draft.Signature) bool { return s.Person == person })
}
