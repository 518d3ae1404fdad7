// SPDX-License-Identifier: Apache-2.0

package console

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"openline/identity"
	"openline/internal/host"
	"openline/internal/station"
	"openline/internal/store"
)

// maxDrafts is how many drafts wait for a second person at a time.
const maxDrafts = 200

// kept is a draft that waits for two persons. It does not change: another
// wording is another draft, with signatures of its own.
type kept struct {
	ID      string
	line    *lineDesk
	draft   station.Draft
	act     identity.Act
	By      string
	At      time.Time
	Signed  []string
	people  []station.Signature
	saying  bool
	Request string // of an export
	About   bool   // of all about a thing, rather than that a request has no reply
	Change  *mandateChange
}

type drafts struct {
	mu sync.Mutex
	by map[string]*kept
}

func newDrafts() *drafts { return &drafts{by: map[string]*kept{}} }

var errFull = errors.New("too many drafts wait for a second person; finish or drop some first")

func (d *drafts) keep(k kept) (string, error) {
	var raw [15]byte
	rand.Read(raw[:]) // never fails
	k.ID = base64.RawURLEncoding.EncodeToString(raw[:])
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.by) >= maxDrafts {
		return "", errFull
	}
	d.by[k.ID] = &k
	return k.ID, nil
}

// get gives a copy.
func (d *drafts) get(id string) (kept, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	k, ok := d.by[id]
	if !ok {
		return kept{}, false
	}
	c := *k
	c.Signed, c.people = slices.Clone(k.Signed), slices.Clone(k.people)
	return c, true
}

func (d *drafts) list() []kept {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []kept
	for _, k := range d.by {
		out = append(out, *k)
	}
	slices.SortFunc(out, func(a, b kept) int { return a.At.Compare(b.At) })
	return out
}

func (d *drafts) drop(id string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.by, id)
}

// sign adds a person's signature. It gives the draft once, when the second
// has signed, to whoever shall carry it out.
func (d *drafts) sign(id, person string, sig []byte) (k kept, ready bool, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	p, ok := d.by[id]
	if !ok {
		return kept{}, false, fault(http.StatusNotFound, "fault.none")
	}
	if slices.Contains(p.Signed, person) {
		return kept{}, false, fault(http.StatusConflict, "fault.same")
	}
	p.Signed = append(p.Signed, person)
	p.people = append(p.people, station.Signature{Person: person, Bytes: sig})
	ready = len(p.people) >= 2 && !p.saying
	p.saying = p.saying || ready
	return *p, ready, nil
}

// draftsView is the page of all that waits.
type draftsView struct {
	Waiting        []draftView
	Written, Ended []writtenRow
}

// draftView is the page of one draft.
type draftView struct {
	kept
	Line, Slug string
	Code       string
	Gloss      string
	Preview    *preview
	Digest     string
	People     []string
	Passphrase bool
	Before     string // of a change of the mandates: what holds
}

func (s *Server) showDrafts(w http.ResponseWriter, r *http.Request, who *seat) error {
	p := s.page(r, who, "drafts", "title.drafts")
	var out []draftView
	var err error
	for _, k := range s.drafts.list() {
		v, err := s.draftView(r.Context(), p, k)
		if err != nil {
			return err
		}
		out = append(out, v)
	}
	x := draftsView{Waiting: out}
	if x.Written, x.Ended, err = s.writtenRows(r, p); err != nil {
		return err
	}
	p.X = x
	s.write(w, p, "drafts")
	return nil
}

func (s *Server) draftView(ctx context.Context, p *page, k kept) (draftView, error) {
	if k.Change != nil {
		return s.changeView(ctx, p, k)
	}
	n, err := s.snap(ctx, k.line, p.Words)
	if err != nil {
		return draftView{}, err
	}
	v := draftView{kept: k, Line: string(k.line.ID), Slug: k.line.ID.Slug(), Code: k.draft.Code, Gloss: n.cat.Gloss(n.lang, k.draft.Code),
		Preview: n.preview(k.draft), Digest: hex.EncodeToString(k.act.Header[:]), Passphrase: s.cfg.Demo == nil}
	v.People, err = s.unsigned(k)
	return v, err
}

// unsigned are the persons who have not signed yet.
func (s *Server) unsigned(k kept) ([]string, error) {
	if s.cfg.People == nil {
		return nil, nil
	}
	people, err := s.cfg.People()
	return slices.DeleteFunc(slices.Clone(people), func(p string) bool { return slices.Contains(k.Signed, p) }), err
}

func (s *Server) showDraft(w http.ResponseWriter, r *http.Request, who *seat) error {
	if _, _, ok := s.written(r.PathValue("id")); ok {
		return s.showWritten(w, r, who, http.StatusOK, "", 0)
	}
	k, ok := s.drafts.get(r.PathValue("id"))
	if !ok {
		return fault(http.StatusNotFound, "fault.none")
	}
	p := s.page(r, who, "drafts", "title.draft")
	v, err := s.draftView(r.Context(), p, k)
	if err != nil {
		return err
	}
	p.X = v
	s.write(w, p, "draft")
	return nil
}

// signature signs an act with the key of whoever asks: their own, opened by
// their passphrase. In a demonstration one visitor plays both persons.
func (s *Server) signature(r *http.Request, who *seat, act identity.Act) (string, []byte, error) {
	if s.cfg.Sign == nil {
		return "", nil, fault(http.StatusNotFound, "fault.nokeys")
	}
	person := who.Person
	if s.cfg.Demo != nil && r.PostForm.Get("person") != "" {
		person = r.PostForm.Get("person")
	}
	if err := s.mustBeFresh(who); err != nil {
		return "", nil, err
	}
	if !s.pace.try("sign " + person) {
		return "", nil, s.notSigned(r, person, act, errPace, fault(http.StatusTooManyRequests, "fault.pace"))
	}
	sig, err := s.cfg.Sign(person, r.PostForm.Get("passphrase"), act)
	if err != nil {
		return "", nil, s.notSigned(r, person, act, err, &problem{http.StatusForbidden, "fault.passphrase", err})
	}
	if err := s.noteOn(r, act.Line, release, signing("signed", person, act)); err != nil {
		return "", nil, err
	}
	s.pace.succeeded("sign " + person)
	s.prove(r)
	return person, sig, nil
}

func (s *Server) signDraft(w http.ResponseWriter, r *http.Request, who *seat) error {
	if _, _, ok := s.written(r.PathValue("id")); ok {
		return s.signWritten(w, r, who)
	}
	if err := r.ParseForm(); err != nil {
		return err
	}
	k, ok := s.drafts.get(r.PathValue("id"))
	if !ok {
		return fault(http.StatusNotFound, "fault.none")
	}
	// The page says which draft was read; another one is not signed by it.
	if r.PostForm.Get("digest") != hex.EncodeToString(k.act.Header[:]) {
		return fault(http.StatusConflict, "fault.changed")
	}
	person, sig, err := s.signature(r, who, k.act)
	if err != nil {
		return err
	}
	k, ready, err := s.drafts.sign(k.ID, person, sig)
	if err != nil {
		return err
	}
	if !ready {
		http.Redirect(w, r, "/drafts/"+k.ID, http.StatusSeeOther)
		return nil
	}
	if k.Change != nil {
		return s.setMandates(w, r, k)
	}
	d := k.draft
	d.People = k.people
	if _, err := s.cfg.Station.Say(r.Context(), k.line.ID, station.Say{Token: host.NewToken(k.At), Drafts: []station.Draft{d}}); err != nil {
		s.drafts.drop(k.ID) // its signatures were over a state that is no more
		return err
	}
	s.drafts.drop(k.ID)
	http.Redirect(w, r, "/line/"+string(k.line.ID)+"#end", http.StatusSeeOther)
	return nil
}

func (s *Server) dropDraft(w http.ResponseWriter, r *http.Request, who *seat) error {
	if _, _, ok := s.written(r.PathValue("id")); ok {
		return s.dropWritten(w, r, who)
	}
	// The watch takes back what it wrote itself.
	if k, ok := s.drafts.get(r.PathValue("id")); ok && who.role == Watch && k.By != who.Person {
		return s.notForTheRole(r, who)
	}
	s.drafts.drop(r.PathValue("id"))
	http.Redirect(w, r, "/drafts", http.StatusSeeOther)
	return nil
}

// ourPlace places a record that is not written yet: it is ours.
func ourPlace(n *snap) store.Located {
	return store.Located{Log: store.LogID{Party: n.view.Me, Generation: n.view.Own.Generation}}
}
