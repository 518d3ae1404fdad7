// SPDX-License-Identifier: Apache-2.0

package console

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/pelletier/go-toml/v2"

	"openline/identity"
)

// Kinds of notes in the journal (spec/station.md section 4).
const (
	entering = "entering"
	release  = "release"
)

// attempt is what the journal keeps of somebody who came, or was turned away,
// and of every signature that was asked for. Nothing in it is secret.
type attempt struct {
	What   string `toml:"what"`
	Person string `toml:"person,omitempty"`
	Role   Role   `toml:"role,omitempty"`
	By     string `toml:"by,omitempty"`
	Key    string `toml:"key,omitempty"`
	From   string `toml:"from,omitempty"`
	Act    string `toml:"act,omitempty"`
	About  string `toml:"about,omitempty"`
	Digest string `toml:"digest,omitempty"`
	Why    string `toml:"why,omitempty"`
	More   int    `toml:"more,omitempty"` // that were turned away meanwhile and not written one by one
}

var errPace = errors.New("too many attempts")

// Turned away are written one by one up to here; the rest is counted, so that
// nobody outside can fill a journal.
const (
	ledgerTurned = 60
	ledgerIn     = 10 * time.Minute
	ledgerWaits  = 5 * time.Second
)

type ledger struct {
	now   func() time.Time
	mu    sync.Mutex
	since time.Time
	n     int
	more  int
}

// counts reports whether one who was turned away is written down by name, and
// how many were not since.
func (l *ledger) counts(turned bool) (write bool, more int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if now.Sub(l.since) > ledgerIn || now.Before(l.since) {
		l.since, l.n = now, 0
	}
	if turned {
		if l.n++; l.n > ledgerTurned {
			l.more++
			return false, 0
		}
	}
	more, l.more = l.more, 0
	return true, more
}

func (l *ledger) back(more int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.more += more
}

// note writes an attempt into the journal of the first line: entering is about
// all of them.
func (s *Server) note(r *http.Request, kind string, a attempt) error {
	if len(s.lines) == 0 {
		return nil
	}
	return s.noteOn(r, s.lines[0].ID, kind, a)
}

func (s *Server) noteOn(r *http.Request, line identity.LineID, kind string, a attempt) error {
	if s.cfg.Note == nil {
		return nil
	}
	write, more := s.ledger.counts(a.What == "turned away" || a.What == "not signed" || a.What == "not for the role")
	if !write {
		return nil
	}
	a.From, a.More = from(r), more
	a.Why, a.Key = clipped(a.Why), clipped(a.Key)
	b, err := toml.Marshal(a)
	if err != nil {
		return err
	}
	// Whoever asks may go away; that they came is written all the same.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), ledgerWaits)
	defer cancel()
	if err := s.cfg.Note(ctx, line, kind, b); err != nil {
		s.ledger.back(more)
		return &problem{http.StatusServiceUnavailable, "fault.unwritten", fmt.Errorf("write the attempt into the journal: %w", err)}
	}
	return nil
}

// from is where somebody comes from: an address, or the network of one where
// each house has many.
func from(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	a, err := netip.ParseAddr(host)
	if err != nil {
		return host
	}
	if a = a.Unmap(); a.Is6() && !a.IsLoopback() {
		if p, err := a.WithZone("").Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}

func signing(what, person string, act identity.Act) attempt {
	return attempt{What: what, Person: person, Act: act.Kind, About: act.About, Digest: hex.EncodeToString(act.Header[:])}
}

// notSigned writes down a signature that was asked for and not given.
func (s *Server) notSigned(r *http.Request, person string, act identity.Act, why, p error) error {
	a := signing("not signed", person, act)
	a.Why = why.Error()
	return errors.Join(s.noteOn(r, act.Line, release, a), p)
}

// notForTheRole writes down who asked for what is another role's.
func (s *Server) notForTheRole(r *http.Request, who *seat) error {
	a := attempt{What: "not for the role", Person: who.Person, Role: who.role, Why: r.Method + " " + r.URL.Path}
	return errors.Join(s.note(r, entering, a), fault(http.StatusForbidden, "fault.role"))
}
