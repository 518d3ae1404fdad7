// SPDX-License-Identifier: Apache-2.0

package console

import (
	"errors"
	"net/http"
	"strings"
	"time"
)

// flowCookie keeps which browser set out for the issuer. It comes back from
// another site, so that it cannot be Strict; it opens nothing by itself.
func (s *Server) flowCookie(w http.ResponseWriter, value string) {
	c := &http.Cookie{Name: s.flowName(), Value: value, Path: "/", HttpOnly: true, Secure: s.cfg.Secure, SameSite: http.SameSiteLaxMode, MaxAge: 600}
	if value == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}

func (s *Server) flowName() string { return s.cookie() + "-issuer" }

// enterByIssuer sends a browser to the issuer.
func (s *Server) enterByIssuer(w http.ResponseWriter, r *http.Request, _ *seat) error {
	if s.cfg.Issuer == nil || s.cfg.Roll == "" {
		return fault(http.StatusNotFound, "fault.none")
	}
	if !s.pace.tryOften("ask " + from(r)) {
		return fault(http.StatusTooManyRequests, "fault.pace")
	}
	to, browser, err := s.cfg.Issuer.Begin(r.FormValue("role"), r.FormValue("again") != "")
	if err != nil {
		return &problem{http.StatusServiceUnavailable, "fault.issuer", err}
	}
	s.flowCookie(w, browser)
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// backFromIssuer takes whoever comes back from the issuer.
func (s *Server) backFromIssuer(w http.ResponseWriter, r *http.Request, _ *seat) error {
	if s.cfg.Issuer == nil || s.cfg.Roll == "" {
		return fault(http.StatusNotFound, "fault.none")
	}
	if !s.pace.try("enter " + from(r)) {
		return s.turnedAway(r, attempt{By: "issuer"}, errPace, fault(http.StatusTooManyRequests, "fault.pace"))
	}
	q := r.URL.Query()
	c, err := r.Cookie(s.flowName())
	if err != nil {
		return s.turnedAway(r, attempt{By: "issuer"}, errors.New("this browser did not set out"), fault(http.StatusForbidden, "fault.issuer"))
	}
	s.flowCookie(w, "")
	if e := q.Get("error"); e != "" {
		return s.turnedAway(r, attempt{By: "issuer"}, errors.New("the issuer says "+clipped(e)), fault(http.StatusForbidden, "fault.issuer"))
	}
	said, err := s.cfg.Issuer.Finish(r.Context(), q.Get("state"), c.Value, q.Get("code"))
	if err != nil {
		return s.turnedAway(r, attempt{By: "issuer"}, err, fault(http.StatusForbidden, "fault.issuer"))
	}
	all, err := s.cfg.Roll.Read()
	if err != nil {
		return err
	}
	person, ok := all.ByIssued(said.Claim)
	if !ok {
		return s.turnedAway(r, attempt{By: "issuer", Key: said.Claim}, errors.New("the name stands for nobody in the roll"), fault(http.StatusForbidden, "fault.nobody"))
	}
	role, err := s.as(person, said.Role)
	if err != nil {
		return s.turnedAway(r, attempt{By: "issuer", Person: person, Key: said.Claim}, err, err)
	}
	s.pace.succeeded("enter " + from(r))
	proved := said.At
	if now := s.cfg.Now(); proved.After(now) {
		proved = time.Time{} // an issuer whose clock we cannot follow proves nothing
	}
	if err := s.sitDown(w, r, Entry{person, role}, way{"issuer", said.Claim}, proved); err != nil {
		return err
	}
	// The way here began at another site, and so the seat's cookie would not
	// go with a redirect. A page of ours leads on.
	s.show(w, r, nil, "onward", http.StatusOK, "title.enter", nil)
	return nil
}

// clipped cuts what others wrote, for a journal.
func clipped(s string) string {
	const most = 200
	s = strings.ToValidUTF8(s, "?")
	for i := range s {
		if i >= most {
			return s[:i] + "…"
		}
	}
	return s
}
