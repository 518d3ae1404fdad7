// SPDX-License-Identifier: Apache-2.0

package console

import (
	"cmp"
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"openline/identity"
	"openline/internal/console/oidc"
	"openline/internal/console/passkey"
	"openline/internal/console/roll"
	"openline/internal/station"
)

// Entering is who may come in, and how it is told who they are.
type Entering struct {
	Roll         roll.Dir     // who may sit as what; empty: what a one-time link says
	Passkeys     passkey.Dir  // where they are kept; empty: nobody enters by one
	Certificates bool         // browsers may show certificates, which TLS has verified
	Issuer       *oidc.Issuer // nil: nobody else vouches for a person
	// Open opens a person's key, to see that it is them.
	Open func(person, passphrase string) error
	// Note writes an attempt into the journal of a line.
	Note func(ctx context.Context, line identity.LineID, kind string, b []byte) error
	// Journal reads a line's journal, for the page of attempts.
	Journal func(line identity.LineID, from uint64, max int) ([]station.JournalEntry, error)
}

// freshFor is how long it counts that a person showed that it is them.
const freshFor = 5 * time.Minute

// errAgain asks a person to show anew that it is them.
var errAgain = errors.New("show that it is you")

func (s *Server) prepareEntering() (err error) {
	scheme := "http://"
	if s.cfg.Secure {
		scheme = "https://"
	}
	for _, h := range s.cfg.Hosts {
		s.origins = append(s.origins, scheme+h)
	}
	s.ledger.now = s.cfg.Now
	if s.cfg.Passkeys != "" && passkey.Name(s.origins) != "" {
		s.keys, err = passkey.New(s.cfg.Passkeys, string(s.cfg.Station.Me()), s.origins, s.cfg.Now)
	}
	return err
}

func (s *Server) enterHandlers() map[string]handler {
	return map[string]handler{
		"door": s.door, "enter-link": s.enterByLink, "enter-passkey-ask": s.askPasskey("enter"), "enter-passkey": s.enterByPasskey,
		"enter-certificate": s.enterByCertificate, "enter-issuer": s.enterByIssuer, "enter-issuer-back": s.backFromIssuer,
		"leave": s.leave, "leave-everywhere": s.leaveEverywhere, "role": s.changeRole, "seat": s.own,
		"passkey-ask": s.askNewPasskey, "passkey-make": s.makePasskey, "passkey-drop": s.dropPasskey,
		"again": s.again, "again-passphrase": s.againByPassphrase, "again-passkey-ask": s.askPasskey("again"), "again-passkey": s.againByPasskey,
		"attempts": s.attempts,
	}
}

// doorView is the page people enter by.
type doorView struct {
	Passkeys, Links bool
	Issuer          bool
	Certificate     string // the person a shown certificate stands for
	Again           bool   // they sit already and show that it is them
	Passphrase      bool
	Back            string
}

// door is where a person enters. A link leads here with its token behind the
// hash, which no server, log or history of another page sees.
func (s *Server) door(w http.ResponseWriter, r *http.Request, _ *seat) error {
	v := doorView{Passkeys: s.keys != nil, Links: s.cfg.Links != nil, Issuer: s.cfg.Issuer != nil}
	if c := s.shown(r); c != nil {
		all, err := s.cfg.Roll.Read()
		if err != nil {
			return err
		}
		v.Certificate, _, _ = all.ByCertificate(c)
	}
	s.show(w, r, nil, "enter", http.StatusOK, "title.enter", v)
	return nil
}

// shown is the certificate the browser showed, verified by TLS; nil if none.
func (s *Server) shown(r *http.Request) *x509.Certificate {
	if !s.cfg.Certificates || s.cfg.Roll == "" || r.TLS == nil || len(r.TLS.VerifiedChains) == 0 {
		return nil
	}
	return r.TLS.VerifiedChains[0][0]
}

// stands reports whether a seat is one still: the person holds the role, and
// what they came in by was not taken away since.
func (s *Server) stands(r *http.Request, who *seat) (bool, error) {
	if s.cfg.Demo != nil || s.cfg.Roll == "" {
		return true, nil
	}
	all, err := s.cfg.Roll.Read()
	if err != nil || !all.Holds(who.Person, string(who.role)) {
		return false, err
	}
	switch who.by.By {
	case "passkey":
		return s.cfg.Passkeys.Stands(who.by.Key)
	case "certificate":
		c := s.shown(r)
		if c == nil {
			return false, nil // the card was taken out
		}
		person, by, ok := all.ByCertificate(c)
		return ok && person == who.Person && by == who.by.Key, nil
	case "issuer":
		person, ok := all.ByIssued(who.by.Key)
		return ok && person == who.Person, nil
	}
	return true, nil
}

// held are the roles a person may sit as.
func (s *Server) held(person string) ([]Role, error) {
	if s.cfg.Demo != nil {
		return Roles(), nil
	}
	if s.cfg.Roll == "" {
		return nil, nil
	}
	all, err := s.cfg.Roll.Read()
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(Roles(), func(r Role) bool { return !all.Holds(person, string(r)) }), nil
}

// as finds what a person sits down as: what they wish, or the first they hold.
func (s *Server) as(person, wished string) (Role, error) {
	held, err := s.held(person)
	if err != nil {
		return "", err
	}
	if len(held) == 0 {
		return "", fault(http.StatusForbidden, "fault.nobody")
	}
	role := Role(cmp.Or(wished, string(held[0])))
	if !slices.Contains(held, role) {
		return "", fault(http.StatusForbidden, "fault.notheld")
	}
	return role, nil
}

// sitDown lets a person in, once that is written down. The seat there was
// before ends: what entered then does not go on now.
func (s *Server) sitDown(w http.ResponseWriter, r *http.Request, e Entry, by way, proved time.Time) error {
	if err := s.note(r, entering, attempt{What: "entered", Person: e.Person, Role: e.Role, By: by.By, Key: by.Key}); err != nil {
		return err
	}
	if c, err := r.Cookie(s.cookie()); err == nil {
		s.seats.end(c.Value)
	}
	token, _ := s.seats.sit(e, by, proved, s.language(r))
	s.setCookie(w, token)
	return nil
}

// turnedAway writes down who was not let in, and says why to them.
func (s *Server) turnedAway(r *http.Request, a attempt, why error, p error) error {
	a.What, a.Why = "turned away", why.Error()
	return errors.Join(s.note(r, entering, a), p)
}

// enterByLink takes a one-time link.
func (s *Server) enterByLink(w http.ResponseWriter, r *http.Request, _ *seat) error {
	from := from(r)
	if !s.pace.try("enter " + from) {
		return s.turnedAway(r, attempt{By: "link"}, errPace, fault(http.StatusTooManyRequests, "fault.pace"))
	}
	if err := r.ParseForm(); err != nil {
		return err
	}
	if s.cfg.Links == nil {
		return fault(http.StatusNotFound, "fault.none")
	}
	e, err := s.cfg.Links.Take(r.PostForm.Get("link"), s.cfg.Now())
	if err != nil {
		return s.turnedAway(r, attempt{By: "link"}, err, fault(http.StatusForbidden, "fault.link"))
	}
	if s.cfg.Roll != "" {
		if _, err := s.as(e.Person, string(e.Role)); err != nil {
			return s.turnedAway(r, attempt{Person: e.Person, Role: e.Role, By: "link"}, err, err)
		}
	}
	s.pace.succeeded("enter " + from)
	if err := s.sitDown(w, r, e, way{By: "link"}, s.cfg.Now()); err != nil {
		return err
	}
	to := "/watch"
	if s.keys != nil {
		has, err := s.keys.Has(e.Person)
		if err != nil {
			return err
		}
		if !has {
			to = "/seat" // where they make the passkey they come in by next time
		}
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// askPasskey asks a browser to show a passkey.
func (s *Server) askPasskey(what string) handler {
	return func(w http.ResponseWriter, r *http.Request, who *seat) error {
		if s.keys == nil {
			return fault(http.StatusNotFound, "fault.none")
		}
		if who == nil && !s.pace.tryOften("ask "+from(r)) {
			return fault(http.StatusTooManyRequests, "fault.pace")
		}
		o, err := s.keys.Ask(purpose(what, who))
		if err != nil {
			return err
		}
		return answerJSON(w, http.StatusOK, o)
	}
}

// purpose is what a passkey is asked for: one shown for one thing does nothing
// for another.
func purpose(what string, who *seat) string {
	if who == nil {
		return what
	}
	return what + " " + who.Person
}

func (s *Server) enterByPasskey(w http.ResponseWriter, r *http.Request, _ *seat) error {
	if s.keys == nil {
		return fault(http.StatusNotFound, "fault.none")
	}
	from := from(r)
	if !s.pace.try("enter " + from) {
		return s.turnedAway(r, attempt{By: "passkey"}, errPace, fault(http.StatusTooManyRequests, "fault.pace"))
	}
	var in struct {
		Answer json.RawMessage `json:"answer"`
		Role   string          `json:"role"`
	}
	if err := readJSON(r, &in); err != nil {
		return err
	}
	p, err := s.keys.Show("enter", in.Answer)
	if err != nil {
		return s.turnedAway(r, keyed(p), err, passkeyFault(err))
	}
	role, err := s.as(p.Person, in.Role)
	if err != nil {
		return s.turnedAway(r, keyed(p), err, err)
	}
	s.pace.succeeded("enter " + from)
	if err := s.sitDown(w, r, Entry{p.Person, role}, way{"passkey", p.ID}, s.cfg.Now()); err != nil {
		return err
	}
	return answerJSON(w, http.StatusOK, map[string]string{"to": "/watch"})
}

func keyed(p *passkey.Passkey) attempt {
	if p == nil {
		return attempt{By: "passkey"}
	}
	return attempt{By: "passkey", Person: p.Person, Key: p.ID}
}

func passkeyFault(err error) error {
	switch {
	case errors.Is(err, passkey.ErrCopied):
		return fault(http.StatusForbidden, "fault.copied")
	case errors.Is(err, passkey.ErrRevoked):
		return fault(http.StatusForbidden, "fault.revoked")
	case errors.Is(err, passkey.ErrMany):
		return fault(http.StatusConflict, "fault.passkeys")
	}
	return fault(http.StatusForbidden, "fault.passkey")
}

// enterByCertificate takes the certificate the browser showed to TLS.
func (s *Server) enterByCertificate(w http.ResponseWriter, r *http.Request, _ *seat) error {
	if err := r.ParseForm(); err != nil {
		return err
	}
	if !s.pace.try("enter " + from(r)) {
		return s.turnedAway(r, attempt{By: "certificate"}, errPace, fault(http.StatusTooManyRequests, "fault.pace"))
	}
	c := s.shown(r)
	if c == nil {
		return s.turnedAway(r, attempt{By: "certificate"}, errors.New("no certificate was shown"), fault(http.StatusForbidden, "fault.certificate"))
	}
	all, err := s.cfg.Roll.Read()
	if err != nil {
		return err
	}
	person, by, ok := all.ByCertificate(c)
	if !ok {
		return s.turnedAway(r, attempt{By: "certificate", Key: c.Subject.String()}, errors.New("it stands for nobody in the roll"), fault(http.StatusForbidden, "fault.certificate"))
	}
	role, err := s.as(person, r.PostForm.Get("role"))
	if err != nil {
		return s.turnedAway(r, attempt{Person: person, By: "certificate", Key: by}, err, err)
	}
	s.pace.succeeded("enter " + from(r))
	// TLS may have gone on from an hour ago: that a card is there is no proof
	// that the person is.
	if err := s.sitDown(w, r, Entry{person, role}, way{"certificate", by}, time.Time{}); err != nil {
		return err
	}
	http.Redirect(w, r, "/watch", http.StatusSeeOther)
	return nil
}

// readJSON reads what a module of ours sends.
func readJSON(r *http.Request, into any) error {
	b, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, into); err != nil {
		return &problem{http.StatusBadRequest, "fault.form", err}
	}
	return nil
}

func answerJSON(w http.ResponseWriter, status int, x any) error {
	b, err := json.Marshal(x)
	if err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(b) // who asked may be gone by now
	return nil
}
