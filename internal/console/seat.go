// SPDX-License-Identifier: Apache-2.0

package console

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"
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
	lang    string
	framed  bool
	entered time.Time
	seen    time.Time
}

// seats keeps who sits at the desk. Only digests of the cookies are kept.
type seats struct {
	now func() time.Time
	mu  sync.Mutex
	by  map[[32]byte]*seat
}

func newSeats(now func() time.Time) *seats { return &seats{now: now, by: map[[32]byte]*seat{}} }

// sit makes a seat and gives its cookie's value.
func (s *seats) sit(e Entry, lang string) (string, *seat) {
	var raw [32]byte
	rand.Read(raw[:]) // never fails
	token := base64.RawURLEncoding.EncodeToString(raw[:])
	now := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.by) >= maxSeats {
		s.tidy(now)
	}
	if len(s.by) >= maxSeats {
		clear(s.by) // everybody enters anew rather than memory growing
	}
	st := &seat{Entry: e, role: e.Role, lang: lang, entered: now, seen: now}
	s.by[sha256.Sum256([]byte(token))] = st
	c := *st
	return token, &c
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

// seat finds who asks. In a demonstration whoever looks on sits at the desk as
// the watch.
func (s *Server) seat(w http.ResponseWriter, r *http.Request) *seat {
	if c, err := r.Cookie(s.cookie()); err == nil {
		if who := s.seats.find(c.Value, nil); who != nil {
			who.framed = framed(r)
			return who
		}
	}
	if s.cfg.Demo == nil || r.Method != http.MethodGet || !browses(r) {
		return nil
	}
	token, who := s.seats.sit(Entry{s.cfg.Demo.Person, Watch}, s.language(r))
	s.setCookie(w, token)
	who.framed = framed(r)
	return who
}

// browses reports whether a person opens a page, rather than a module asking.
func browses(r *http.Request) bool {
	m := r.Header.Get("Sec-Fetch-Mode")
	return m == "" || m == "navigate"
}

func framed(r *http.Request) bool {
	return r.Header.Get("Sec-Fetch-Dest") == "iframe" || r.Header.Get("X-Framed") == "1"
}

// door is where a person enters. A link leads here with its token behind the
// hash, which no server, log or history of another page sees.
func (s *Server) door(w http.ResponseWriter, r *http.Request) {
	s.show(w, r, nil, "enter", http.StatusOK, "title.enter", nil)
}

// enter takes a one-time link.
func (s *Server) enter(w http.ResponseWriter, r *http.Request) {
	from, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		from = r.RemoteAddr
	}
	if !s.pace.try("enter " + from) {
		s.fault(w, r, nil, fault(http.StatusTooManyRequests, "fault.pace"))
		return
	}
	if err := r.ParseForm(); err != nil {
		s.fault(w, r, nil, err)
		return
	}
	if s.cfg.Links == nil {
		s.fault(w, r, nil, fault(http.StatusNotFound, "fault.none"))
		return
	}
	e, err := s.cfg.Links.Take(r.PostForm.Get("link"), s.cfg.Now())
	if err != nil {
		s.fault(w, r, nil, &problem{http.StatusForbidden, "fault.link", nil})
		return
	}
	s.pace.succeeded("enter " + from)
	// A seat there was before ends: what entered then does not go on now.
	if c, err := r.Cookie(s.cookie()); err == nil {
		s.seats.end(c.Value)
	}
	token, _ := s.seats.sit(e, s.language(r))
	s.setCookie(w, token)
	http.Redirect(w, r, "/watch", http.StatusSeeOther)
}

func (s *Server) leave(w http.ResponseWriter, r *http.Request, _ *seat) error {
	if c, err := r.Cookie(s.cookie()); err == nil {
		s.seats.end(c.Value)
	}
	http.SetCookie(w, &http.Cookie{Name: s.cookie(), Path: "/", HttpOnly: true, Secure: s.cfg.Secure, SameSite: http.SameSiteStrictMode, MaxAge: -1})
	http.Redirect(w, r, "/enter", http.StatusSeeOther)
	return nil
}

// change alters the seat of whoever asks and leads back to where they were.
func (s *Server) change(w http.ResponseWriter, r *http.Request, do func(*seat)) error {
	if c, err := r.Cookie(s.cookie()); err == nil {
		s.seats.find(c.Value, do)
	}
	http.Redirect(w, r, back(r, "/watch"), http.StatusSeeOther)
	return nil
}

// changeRole lets a visitor of a demonstration sit at the desk as another.
func (s *Server) changeRole(w http.ResponseWriter, r *http.Request, _ *seat) error {
	if s.cfg.Demo == nil {
		return fault(http.StatusNotFound, "fault.none")
	}
	role := Role(r.FormValue("role"))
	for _, known := range Roles() {
		if role == known {
			return s.change(w, r, func(st *seat) { st.role = role })
		}
	}
	return fault(http.StatusBadRequest, "fault.form")
}

func (s *Server) changeLanguage(w http.ResponseWriter, r *http.Request, _ *seat) error {
	lang := r.FormValue("language")
	if _, ok := s.words[lang]; !ok {
		return fault(http.StatusBadRequest, "fault.form")
	}
	return s.change(w, r, func(st *seat) { st.lang = lang })
}

// back is a path of ours that a form names, so that nobody is led elsewhere.
func back(r *http.Request, otherwise string) string {
	p := r.FormValue("back")
	if len(p) > 0 && len(p) < 500 && p[0] == '/' && (len(p) == 1 || p[1] != '/' && p[1] != '\\') {
		return p
	}
	return otherwise
}
