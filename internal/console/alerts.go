// SPDX-License-Identifier: Apache-2.0

package console

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"openline/identity"
	"openline/internal/desk/roster"
	"openline/record"
)

// Alarms keeps, for all consoles alike, what rings and who has taken it up.
type Alarms interface {
	// Taken tells of each record an alarm was raised for whether a person has
	// taken the newest one up.
	Taken(identity.LineID) (map[record.Ref]bool, error)
	// Ringing are the alarms that nobody has taken up, oldest first.
	Ringing(identity.LineID) ([]roster.Alarm, error)
	TakeUp(ctx context.Context, line identity.LineID, ref record.Ref, by string) error
	Acknowledge(ctx context.Context, line identity.LineID, no int, by, words string) error
	// PushKey is what a browser is to be given to be called; empty: push is
	// not set up. Subscribe takes what the browser gave in return.
	PushKey() string
	Subscribe(person string, subscription []byte) error
}

// calling is an alarm that is no record of the other side: a clock of ours
// that runs out, a test that was missed, what was taken up and then left.
type calling struct {
	No     int
	Line   string
	Text   string
	Record string
	At     time.Time
}

// ringAll puts what rings on any line on a page, whichever it is: who reads a
// transcript hears a FLASH as well. The watch reads its lines itself, and a
// page that says what is wrong must not fail over this too.
func (s *Server) ringAll(ctx context.Context, p *page) {
	if p.At == "watch" || p.At == "fault" {
		return
	}
	for _, l := range s.lines {
		n, err := s.snap(ctx, l, p.Words)
		if err == nil {
			err = p.ring(n)
		}
		if err != nil {
			p.deaf = errors.Join(p.deaf, err)
		}
	}
}

// ring adds what rings on a line.
func (p *page) ring(n *snap) error {
	calls, err := n.callings()
	p.Alarms, p.Calls = append(p.Alarms, n.alarms()...), append(p.Calls, calls...)
	return err
}

// callings are those of a line.
func (n *snap) callings() ([]calling, error) {
	if n.s.cfg.Alarms == nil {
		return nil, nil
	}
	list, err := n.s.cfg.Alarms.Ringing(n.ID)
	if err != nil {
		return nil, err
	}
	var out []calling
	for _, a := range list {
		if ref, err := n.env.ParseRef(a.Record); err == nil && n.codeOf(ref) == a.Code {
			continue // the record itself rings
		}
		out = append(out, calling{a.No, string(n.ID), a.Text, a.Record, a.At})
	}
	return out, nil
}

func (n *snap) codeOf(ref record.Ref) string {
	r, err := n.find(ref)
	if err != nil || r.Header == nil {
		return ""
	}
	return r.Header.Code
}

// takenUp reports whether somebody here has taken a record's alarm up.
func (n *snap) takenUp(ref record.Ref) bool {
	if up, known := n.taken[ref]; known {
		return up
	}
	return n.isQuiet(ref)
}

// takeUp notes that a person has taken up a record's alarm.
func (s *Server) takeUp(ctx context.Context, l *lineDesk, ref record.Ref, who *seat) error {
	l.quiet(ref)
	if s.cfg.Alarms == nil {
		return nil
	}
	return s.cfg.Alarms.TakeUp(ctx, l.ID, ref, who.Person)
}

func (s *Server) alertHandlers() map[string]handler {
	return map[string]handler{"take-up": s.takeUpCall, "push-key": s.pushKey, "push": s.subscribe}
}

// takeUpCall acknowledges an alarm by its number.
func (s *Server) takeUpCall(w http.ResponseWriter, r *http.Request, who *seat) error {
	l, err := s.line(r)
	if err != nil {
		return err
	}
	no, err := strconv.Atoi(r.FormValue("alarm"))
	if err != nil || s.cfg.Alarms == nil {
		return fault(http.StatusBadRequest, "fault.form")
	}
	if err := s.cfg.Alarms.Acknowledge(r.Context(), l.ID, no, who.Person, ""); err != nil {
		return err
	}
	http.Redirect(w, r, back(r, "/watch"), http.StatusSeeOther)
	return nil
}

// pushKey gives a browser what it needs to be called while no page is open.
func (s *Server) pushKey(w http.ResponseWriter, _ *http.Request, _ *seat) error {
	if s.cfg.Alarms == nil || s.cfg.Alarms.PushKey() == "" {
		return fault(http.StatusNotFound, "fault.none")
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, err := w.Write([]byte(s.cfg.Alarms.PushKey()))
	return err
}

// subscribe takes what a browser gave its page, so that it can be called.
func (s *Server) subscribe(w http.ResponseWriter, r *http.Request, who *seat) error {
	if s.cfg.Alarms == nil || s.cfg.Alarms.PushKey() == "" {
		return fault(http.StatusNotFound, "fault.none")
	}
	if err := s.cfg.Alarms.Subscribe(who.Person, []byte(r.FormValue("subscription"))); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
