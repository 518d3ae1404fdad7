// SPDX-License-Identifier: Apache-2.0

package console

import (
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"time"

	"openline/internal/console/passkey"
)

// ownView is what a person sees of their own seat.
type ownView struct {
	Passkeys bool // there can be some here
	List     []ownKey
	Held     []Role
	Seats    int
	By       string
	Entered  time.Time
	Until    time.Time
	Fresh    bool
}

type ownKey struct {
	*passkey.Passkey
	This bool // the one they came in by
}

func (s *Server) own(w http.ResponseWriter, r *http.Request, who *seat) error {
	v := ownView{Passkeys: s.keys != nil, Seats: s.seats.of(who.Person), By: who.by.By, Entered: who.entered, Until: who.entered.Add(seatLasts), Fresh: s.fresh(who)}
	var err error
	if v.Held, err = s.held(who.Person); err != nil {
		return err
	}
	if s.keys != nil {
		list, err := s.keys.List(who.Person)
		if err != nil {
			return err
		}
		for _, p := range list {
			if !p.Revoked {
				v.List = append(v.List, ownKey{p, p.ID == who.by.Key})
			}
		}
	}
	s.show(w, r, who, "seat", http.StatusOK, "title.seat", v)
	return nil
}

func (s *Server) leave(w http.ResponseWriter, r *http.Request, who *seat) error {
	if c, err := r.Cookie(s.cookie()); err == nil {
		s.seats.end(c.Value)
	}
	return s.left(w, r, who, "left")
}

// leaveEverywhere ends every seat of whoever asks, in whatever browser.
func (s *Server) leaveEverywhere(w http.ResponseWriter, r *http.Request, who *seat) error {
	s.seats.endAll(who.Person)
	return s.left(w, r, who, "left everywhere")
}

// left tells a browser to forget, whether or not it can be written down.
func (s *Server) left(w http.ResponseWriter, r *http.Request, who *seat, what string) error {
	http.SetCookie(w, &http.Cookie{Name: s.cookie(), Path: "/", HttpOnly: true, Secure: s.cfg.Secure, SameSite: http.SameSiteStrictMode, MaxAge: -1})
	if err := s.note(r, entering, attempt{What: what, Person: who.Person, Role: who.role}); err != nil {
		return err
	}
	http.Redirect(w, r, "/enter", http.StatusSeeOther)
	return nil
}

// changeRole lets a person sit as another they hold, on a seat with another
// cookie; in a demonstration, as any.
func (s *Server) changeRole(w http.ResponseWriter, r *http.Request, who *seat) error {
	role := Role(r.FormValue("role"))
	if !slices.Contains(Roles(), role) {
		return fault(http.StatusBadRequest, "fault.form")
	}
	if s.cfg.Demo != nil {
		return s.change(w, r, func(st *seat) { st.role = role })
	}
	if _, err := s.as(who.Person, string(role)); err != nil {
		return s.turnedAway(r, attempt{Person: who.Person, Role: role, By: "role"}, err, err)
	}
	if err := s.note(r, entering, attempt{What: "sits as another", Person: who.Person, Role: role}); err != nil {
		return err
	}
	c, err := r.Cookie(s.cookie())
	if err != nil {
		return fault(http.StatusUnauthorized, "fault.seat")
	}
	token, ok := s.seats.move(c.Value, func(st *seat) { st.role = role })
	if !ok {
		return fault(http.StatusUnauthorized, "fault.seat")
	}
	s.setCookie(w, token)
	http.Redirect(w, r, back(r, "/watch"), http.StatusSeeOther)
	return nil
}

func (s *Server) askNewPasskey(w http.ResponseWriter, _ *http.Request, who *seat) error {
	if s.keys == nil {
		return fault(http.StatusNotFound, "fault.none")
	}
	o, err := s.keys.AskNew(who.Person)
	if errors.Is(err, passkey.ErrMany) {
		return passkeyFault(err)
	}
	if err != nil {
		return err
	}
	return answerJSON(w, http.StatusOK, o)
}

func (s *Server) makePasskey(w http.ResponseWriter, r *http.Request, who *seat) error {
	if s.keys == nil {
		return fault(http.StatusNotFound, "fault.none")
	}
	var in struct {
		Answer json.RawMessage `json:"answer"`
		Label  string          `json:"label"`
	}
	if err := readJSON(r, &in); err != nil {
		return err
	}
	label := strings.TrimSpace(in.Label)
	if len(label) > 60 {
		return fault(http.StatusBadRequest, "fault.form")
	}
	p, err := s.keys.Make(who.Person, label, in.Answer)
	if err != nil {
		return s.turnedAway(r, attempt{Person: who.Person, By: "new passkey"}, err, passkeyFault(err))
	}
	if err := s.note(r, entering, attempt{What: "made a passkey", Person: who.Person, Role: who.role, Key: p.ID}); err != nil {
		return errors.Join(err, s.keys.Revoke(p.ID))
	}
	return answerJSON(w, http.StatusOK, map[string]string{"to": "/seat"})
}

// dropPasskey gives up a passkey of one's own. Seats it opened end.
func (s *Server) dropPasskey(w http.ResponseWriter, r *http.Request, who *seat) error {
	if s.keys == nil {
		return fault(http.StatusNotFound, "fault.none")
	}
	list, err := s.keys.List(who.Person)
	if err != nil {
		return err
	}
	id := r.PathValue("id")
	if !slices.ContainsFunc(list, func(p *passkey.Passkey) bool { return p.ID == id }) {
		return fault(http.StatusNotFound, "fault.none")
	}
	if err := s.keys.Revoke(id); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := s.note(r, entering, attempt{What: "gave up a passkey", Person: who.Person, Role: who.role, Key: id}); err != nil {
		return err
	}
	http.Redirect(w, r, "/seat", http.StatusSeeOther)
	return nil
}

// fresh reports whether a person showed within minutes that it is them.
func (s *Server) fresh(who *seat) bool {
	since := s.cfg.Now().Sub(who.proved)
	return s.cfg.Demo != nil || since >= 0 && since <= freshFor
}

// mustBeFresh is asked before a person's key is used: whoever has a passkey
// shows it, beside the passphrase that opens the key.
func (s *Server) mustBeFresh(who *seat) error {
	if s.fresh(who) || s.keys == nil {
		return nil
	}
	has, err := s.keys.Has(who.Person)
	if err != nil {
		return err
	}
	if has {
		return errAgain
	}
	return nil
}

// prove keeps that a person showed that it is them.
func (s *Server) prove(r *http.Request) {
	if c, err := r.Cookie(s.cookie()); err == nil {
		s.seats.find(c.Value, func(st *seat) { st.proved = s.cfg.Now() })
	}
}

// again is where a person shows anew that it is them.
func (s *Server) again(w http.ResponseWriter, r *http.Request, who *seat) error {
	return s.showAgain(w, r, who, http.StatusOK, back(r, "/watch"))
}

func (s *Server) showAgain(w http.ResponseWriter, r *http.Request, who *seat, status int, to string) error {
	v := doorView{Again: true, Back: to, Issuer: s.cfg.Issuer != nil && who.by.By == "issuer"}
	if s.keys != nil {
		var err error
		if v.Passkeys, err = s.keys.Has(who.Person); err != nil {
			return err
		}
	}
	// A passphrase stands in where there is nothing stronger.
	v.Passphrase = !v.Passkeys && s.cfg.Open != nil
	s.show(w, r, who, "again", status, "title.again", v)
	return nil
}

func (s *Server) againByPassphrase(w http.ResponseWriter, r *http.Request, who *seat) error {
	if err := r.ParseForm(); err != nil {
		return err
	}
	if s.cfg.Open == nil {
		return fault(http.StatusNotFound, "fault.nokeys")
	}
	if s.keys != nil {
		if has, err := s.keys.Has(who.Person); err != nil || has {
			return errors.Join(err, fault(http.StatusForbidden, "fault.stronger"))
		}
	}
	if !s.pace.try("sign " + who.Person) {
		return s.turnedAway(r, attempt{Person: who.Person, By: "passphrase"}, errPace, fault(http.StatusTooManyRequests, "fault.pace"))
	}
	if err := s.cfg.Open(who.Person, r.PostForm.Get("passphrase")); err != nil {
		return s.turnedAway(r, attempt{Person: who.Person, By: "passphrase"}, err, fault(http.StatusForbidden, "fault.passphrase"))
	}
	s.pace.succeeded("sign " + who.Person)
	return s.provedBy(w, r, who, "passphrase", func() error {
		http.Redirect(w, r, back(r, "/watch"), http.StatusSeeOther)
		return nil
	})
}

func (s *Server) againByPasskey(w http.ResponseWriter, r *http.Request, who *seat) error {
	if s.keys == nil {
		return fault(http.StatusNotFound, "fault.none")
	}
	if !s.pace.try("sign " + who.Person) {
		return s.turnedAway(r, attempt{Person: who.Person, By: "passkey"}, errPace, fault(http.StatusTooManyRequests, "fault.pace"))
	}
	var in struct {
		Answer json.RawMessage `json:"answer"`
		Back   string          `json:"back"`
	}
	if err := readJSON(r, &in); err != nil {
		return err
	}
	p, err := s.keys.Show(purpose("again", who), in.Answer)
	if err == nil && p.Person != who.Person {
		err = errors.New("it is another person's")
	}
	if err != nil {
		return s.turnedAway(r, keyed(p), err, passkeyFault(err))
	}
	s.pace.succeeded("sign " + who.Person)
	return s.provedBy(w, r, who, "passkey", func() error {
		return answerJSON(w, http.StatusOK, map[string]string{"to": local(in.Back, "/watch")})
	})
}

// provedBy goes on once it is written down that a person showed that it is
// them, on a seat with another cookie.
func (s *Server) provedBy(w http.ResponseWriter, r *http.Request, who *seat, by string, then func() error) error {
	if err := s.note(r, entering, attempt{What: "showed again", Person: who.Person, Role: who.role, By: by}); err != nil {
		return err
	}
	c, err := r.Cookie(s.cookie())
	if err != nil {
		return fault(http.StatusUnauthorized, "fault.seat")
	}
	token, ok := s.seats.move(c.Value, func(st *seat) { st.proved = s.cfg.Now() })
	if !ok {
		return fault(http.StatusUnauthorized, "fault.seat")
	}
	s.setCookie(w, token)
	return then()
}

// pageOf is where somebody was who is asked to show that it is them: the page
// itself, or the one whose form they sent.
func pageOf(r *http.Request) string {
	if r.Method == http.MethodGet {
		return local(r.URL.RequestURI(), "/watch")
	}
	switch line, id := r.PathValue("line"), r.PathValue("id"); {
	case line != "" && id != "":
		return local("/line/"+line+"/check?export="+id+"#export", "/watch")
	case id != "" && strings.HasPrefix(r.URL.Path, "/drafts/"):
		return local("/drafts/"+id, "/watch")
	case strings.HasPrefix(r.URL.Path, "/seat"):
		return "/seat"
	}
	return "/watch"
}

// againFor tells a module of ours where to show that it is them.
func againFor(err error) string {
	if errors.Is(err, errAgain) {
		return "/again?back=/seat"
	}
	return ""
}
