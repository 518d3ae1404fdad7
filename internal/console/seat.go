// SPDX-License-Identifier: Apache-2.0

package console

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
	"unicode"
)

// How long a seat is kept: a shift, and less when nobody touches it.
const (
	seatLasts = 12 * time.Hour
	seatIdle  = time.Hour
	maxSeats  = 2000
)

// Entry is who a one-time link is for.
type Entry struct {
	Person string
	Role   Role
}

// ErrNoLink is the answer to a link that is not, was used, or has expired.
var ErrNoLink = errors.New("this link has been used, has expired, or was never made")

// Links gives out each one-time link once.
type Links interface {
	Take(token string, now time.Time) (Entry, error)
}

// seat is one person at the desk, in one browser.
type seat struct {
	Entry
	role    Role
	by      way
	lang    string
	framed  bool
	entered time.Time
	seen    time.Time
	proved  time.Time // when the person last showed that it is them
}

// way is how a person came in, and by what.
type way struct {
	By  string // link, passkey, certificate, issuer
	Key string // the passkey, or the word of the roll
}

// seats keeps who sits at the desk. Only digests of the cookies are kept.
type seats struct {
	now func() time.Time
	mu  sync.Mutex
	by  map[[32]byte]*seat
}

func newSeats(now func() time.Time) *seats { return &seats{now: now, by: map[[32]byte]*seat{}} }

// sit makes a seat and gives its cookie's value, which nobody chose.
func (s *seats) sit(e Entry, by way, proved time.Time, lang string) (string, *seat) {
	token := newToken()
	now := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.by) >= maxSeats {
		s.tidy(now)
	}
	if len(s.by) >= maxSeats {
		clear(s.by) // everybody enters anew rather than memory growing
	}
	st := &seat{Entry: e, role: e.Role, by: by, lang: lang, entered: now, seen: now, proved: proved}
	s.by[sha256.Sum256([]byte(token))] = st
	c := *st
	return token, &c
}

func newToken() string {
	var raw [32]byte
	rand.Read(raw[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(raw[:])
}

// move changes a seat and gives it another cookie's value: what could be done
// with the old one before cannot be done with it now.
func (s *seats) move(token string, change func(*seat)) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := sha256.Sum256([]byte(token))
	st, ok := s.by[key]
	if !ok || st.over(s.now()) {
		return "", false
	}
	delete(s.by, key)
	change(st)
	next := newToken()
	s.by[sha256.Sum256([]byte(next))] = st
	return next, true
}

// of counts the seats of a person.
func (s *seats) of(person string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	for _, st := range s.by {
		if st.Person == person && !st.over(now) {
			n++
		}
	}
	return n
}

// endAll ends every seat of a person.
func (s *seats) endAll(person string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, st := range s.by {
		if st.Person == person {
			delete(s.by, k)
		}
	}
}

func (s *seats) tidy(now time.Time) {
	for k, st := range s.by {
		if st.over(now) {
			delete(s.by, k)
		}
	}
}

func (st *seat) over(now time.Time) bool {
	return now.Sub(st.entered) > seatLasts || now.Sub(st.seen) > seatIdle || now.Before(st.entered)
}

// find gives a copy of the seat a cookie stands for; nil if none.
func (s *seats) find(token string, change func(*seat)) *seat {
	key := sha256.Sum256([]byte(token))
	s.mu.Lock()
	defer s.mu.Unlock()
	st, ok := s.by[key]
	if !ok {
		return nil
	}
	now := s.now()
	if st.over(now) {
		delete(s.by, key)
		return nil
	}
	st.seen = now
	if change != nil {
		change(st)
	}
	c := *st
	return &c
}

func (s *seats) end(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.by, sha256.Sum256([]byte(token)))
}

// cookie is the name of our cookie: cookies do not know ports, and two
// stations may stand on one machine.
func (s *Server) cookie() string {
	_, port, err := net.SplitHostPort(s.cfg.Hosts[0])
	if err != nil {
		port = "0"
	}
	if s.cfg.Secure {
		return "__Host-openline-" + port
	}
	return "openline-" + port
}

func (s *Server) setCookie(w http.ResponseWriter, token string) {
	http.SetCookie(w, &http.Cookie{
		Name: s.cookie(), Value: token, Path: "/", HttpOnly: true, Secure: s.cfg.Secure, SameSite: http.SameSiteStrictMode, MaxAge: int(seatLasts.Seconds()),
	})
}

// sitting finds who asks, if they may sit here still.
func (s *Server) sitting(r *http.Request) (*seat, error) {
	c, err := r.Cookie(s.cookie())
	if err != nil {
		return nil, nil
	}
	who := s.seats.find(c.Value, nil)
	if who == nil {
		return nil, nil
	}
	ok, err := s.stands(r, who)
	if err != nil {
		return nil, err
	}
	if !ok {
		s.seats.end(c.Value)
		return nil, nil
	}
	who.framed = framed(r)
	return who, nil
}

// seat finds who asks. In a demonstration whoever looks on sits at the desk as
// the watch.
func (s *Server) seat(w http.ResponseWriter, r *http.Request) (*seat, error) {
	who, err := s.sitting(r)
	if err != nil || who != nil {
		return who, err
	}
	if s.cfg.Demo == nil || r.Method != http.MethodGet || !browses(r) {
		return nil, nil
	}
	token, who := s.seats.sit(Entry{s.cfg.Demo.Person, Watch}, way{By: "demonstration"}, s.cfg.Now(), s.language(r))
	s.setCookie(w, token)
	who.framed = framed(r)
	return who, nil
}

// browses reports whether a person opens a page, rather than a module asking.
func browses(r *http.Request) bool {
	m := r.Header.Get("Sec-Fetch-Mode")
	return m == "" || m == "navigate"
}

func framed(r *http.Request) bool {
	return r.Header.Get("Sec-Fetch-Dest") == "iframe" || r.Header.Get("X-Framed") == "1"
}

// change alters the seat of whoever asks and leads back to where they were.
func (s *Server) change(w http.ResponseWriter, r *http.Request, do func(*seat)) error {
	if c, err := r.Cookie(s.cookie()); err == nil {
		s.seats.find(c.Value, do)
	}
	http.Redirect(w, r, back(r, "/watch"), http.StatusSeeOther)
	return nil
}

func (s *Server) changeLanguage(w http.ResponseWriter, r *http.Request, _ *seat) error {
	lang := r.FormValue("language")
	if _, ok := s.words[lang]; !ok {
		return fault(http.StatusBadRequest, "fault.form")
	}
	return s.change(w, r, func(st *seat) { st.lang = lang })
}

// back is a path of ours that a form names, so that nobody is led elsewhere.
func back(r *http.Request, otherwise string) string { return local(r.FormValue("back"), otherwise) }

func local(p, otherwise string) string {
	if len(p) > 0 && len(p) < 500 && p[0] == '/' && (len(p) == 1 || p[1] != '/' && p[1] != '\\') && !strings.ContainsFunc(p, unicode.IsControl) {
		return p
	}
	return otherwise
}
