// SPDX-License-Identifier: Apache-2.0

package host

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"openline/identity"
	"openline/internal/station"
	"openline/record"
)

// Lines lists the lines, in the order they were given.
func (h *Host) Lines() []identity.LineID { return h.order }

// Me is the party whose station it is.
func (h *Host) Me() identity.Party { return h.cfg.Me }

// Addr is where other stations dial; empty if nowhere.
func (h *Host) Addr() string {
	if a, ok := h.carrier.(interface{ Addr() string }); ok {
		return a.Addr()
	}
	return ""
}

func (h *Host) line(id identity.LineID) (*line, error) {
	if l := h.lines[id]; l != nil {
		return l, nil
	}
	return nil, fmt.Errorf("%w: %s", ErrNoLine, id)
}

// Say puts drafts on a line, all or none, and returns when they are durable
// here. A draft without salt, and a say without a token, is given one. After
// [ErrStopped] or when ctx ends the outcome is unknown: saying it again with
// the same token is safe.
func (h *Host) Say(ctx context.Context, id identity.LineID, say station.Say) ([]station.Result, error) {
	l, err := h.line(id)
	if err != nil {
		return nil, err
	}
	if say.Token == "" {
		say.Token = NewToken(l.clock.Now().Wall)
	}
	for i := range say.Drafts {
		if say.Drafts[i].Salt == ([16]byte{}) {
			say.Drafts[i].Salt = newSalt()
		}
	}
	told := make(chan station.Told, 1) // the line never waits for us
	err = l.ask(ctx, func() {
		l.waiting[say.Token] = append(l.waiting[say.Token], told)
		if len(l.waiting[say.Token]) == 1 {
			l.step(say)
		}
	})
	if err != nil {
		return nil, err
	}
	select {
	case t := <-told:
		return t.Results, t.Err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Prepare writes a draft without saying it and gives the act two persons
// sign before it is said.
func (h *Host) Prepare(ctx context.Context, id identity.LineID, d station.Draft) (draft station.Draft, act identity.Act, err error) {
	l, err := h.line(id)
	if err != nil {
		return d, act, err
	}
	if d.Salt == ([16]byte{}) {
		d.Salt = newSalt()
	}
	if e := l.ask(ctx, func() { draft, act, err = l.st.Prepare(d) }); e != nil {
		return d, act, e
	}
	return draft, act, err
}

// PrepareExport gives the act two persons sign before [Host.Export].
func (h *Host) PrepareExport(ctx context.Context, id identity.LineID, request record.Ref) (act identity.Act, err error) {
	l, err := h.line(id)
	if err != nil {
		return act, err
	}
	return act, l.ask(ctx, func() { act = l.st.PrepareExport(request) })
}

// Export signs what an extract about a request needs, and returns once the
// statements are durable and on their way.
func (h *Host) Export(ctx context.Context, id identity.LineID, ev station.Export) (station.Exported, error) {
	l, err := h.line(id)
	if err != nil {
		return station.Exported{}, err
	}
	ev.Token = NewToken(l.clock.Now().Wall)
	done := make(chan station.Exported, 1) // the line never waits for us
	if err := l.ask(ctx, func() {
		l.exports[ev.Token] = done
		l.step(ev)
	}); err != nil {
		return station.Exported{}, err
	}
	select {
	case x := <-done:
		return x, x.Err
	case <-ctx.Done():
		return station.Exported{}, ctx.Err()
	}
}

// ErrClockRight is the answer where nobody doubts the clock.
var ErrClockRight = errors.New("the clock of this line is not in doubt; nothing is to be confirmed")

// ClockAct is what two persons sign before [Host.AcceptClock].
func (h *Host) ClockAct(ctx context.Context, id identity.LineID) (act identity.Act, err error) {
	l, err := h.line(id)
	if err != nil {
		return act, err
	}
	return act, l.ask(ctx, func() { act = l.st.ClockAct() })
}

// AcceptClock hands over the decision of two persons that the clock is right
// after a step that nothing explains; the line then signs again.
func (h *Host) AcceptClock(ctx context.Context, id identity.LineID, people []station.Signature) error {
	l, err := h.line(id)
	if err != nil {
		return err
	}
	if e := l.ask(ctx, func() {
		doubted := func() bool { return l.st.Hold() == station.HoldClock }
		if !doubted() {
			err = ErrClockRight
			return
		}
		l.step(station.AcceptClock{People: people})
		if doubted() {
			err = station.ErrTwoPersons
		}
	}); e != nil {
		return e
	}
	return err
}

// View shows how a line stands.
func (h *Host) View(ctx context.Context, id identity.LineID) (v station.View, err error) {
	l, err := h.line(id)
	if err != nil {
		return v, err
	}
	return v, l.ask(ctx, func() { v = l.st.View(l.clock.Now()) })
}

// Health tells why a line does not sign, if it does not, and with how many of
// the other parties it is connected. It reads nothing that is stored.
func (h *Host) Health(ctx context.Context, id identity.LineID) (hold station.Hold, up, of int, err error) {
	l, err := h.line(id)
	if err != nil {
		return "", 0, 0, err
	}
	err = l.ask(ctx, func() {
		hold = l.st.Hold()
		for _, p := range l.peers {
			if slices.ContainsFunc(l.connsOf(p), func(c *conn) bool { return c.up }) {
				up++
			}
		}
	})
	return hold, up, len(l.peers), err
}

// Subscribe gives what happens on a line from now on. Events come after what
// they tell of is durable. The channel ends when the host does, when leave is
// called, or when room events were not taken.
func (h *Host) Subscribe(id identity.LineID, room int) (events <-chan News, leave func(), err error) {
	l, err := h.line(id)
	if err != nil {
		return nil, nil, err
	}
	return l.news.subscribe(room)
}

// Cut takes another party off the line, for demonstrations and tests: its
// connections end, and none is dialed or taken until [Host.Restore].
func (h *Host) Cut(ctx context.Context, id identity.LineID, name identity.Party) error {
	return h.setAway(ctx, id, name, true)
}

// Restore takes back what [Host.Cut] did.
func (h *Host) Restore(ctx context.Context, id identity.LineID, name identity.Party) error {
	return h.setAway(ctx, id, name, false)
}

func (h *Host) setAway(ctx context.Context, id identity.LineID, name identity.Party, away bool) error {
	l, err := h.line(id)
	if err != nil {
		return err
	}
	p := l.peerNamed(name)
	if p == nil {
		return fmt.Errorf("%w: %s", ErrNoPeer, name)
	}
	return l.ask(ctx, func() {
		p.away.Store(away)
		for _, c := range l.connsOf(p) {
			if away {
				l.drop(c, "taken off the line by hand")
			}
		}
		p.nudge()
	})
}
