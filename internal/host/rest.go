// SPDX-License-Identifier: Apache-2.0

package host

import (
	"context"
	"runtime"

	"openline/identity"
)

// Rests reports whether nothing is under way at this station: nothing waits
// to be saved, written, read or receipted.
func (h *Host) Rests(ctx context.Context) (bool, error) {
	s, err := look(ctx, []*Host{h})
	if err != nil {
		return false, err
	}
	return s.rests, nil
}

// Rest returns when all of the hosts are at rest at one time, and nothing is
// on its way between them: what a [VirtualClock] waits for before it goes
// on. It waits for every frame that was sent: where a network loses some
// silently, it does not return before the connection is given up.
func Rest(ctx context.Context, hosts ...*Host) error {
	for {
		for _, h := range hosts {
			for _, id := range h.order {
				if err := h.lines[id].settle(ctx); err != nil {
					return err
				}
			}
		}
		// Each was at rest, one after the other. If none has made a step
		// between two looks at all of them, they were at rest together.
		before, err := look(ctx, hosts)
		if err != nil {
			return err
		}
		after, err := look(ctx, hosts)
		if err != nil {
			return err
		}
		if before.rests && after.rests && before.steps == after.steps && after.arrived() {
			return nil
		}
		runtime.Gosched() // whoever carries what is on its way comes first
	}
}

// sight is what several hosts show at a look.
type sight struct {
	rests bool
	steps uint64
	among map[identity.Party]bool // whose stations were looked at
	flows map[string][]flow       // by session
}

// flow is one end of a connection: what it has sent and taken.
type flow struct {
	peer            identity.Party
	sent, delivered uint64
}

func look(ctx context.Context, hosts []*Host) (*sight, error) {
	s := &sight{rests: true, among: map[identity.Party]bool{}, flows: map[string][]flow{}}
	for _, h := range hosts {
		s.among[h.cfg.Me] = true
		if err := h.look(ctx, s); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// arrived reports whether every frame that one end sent the other has taken.
// An end alone has one that was not admitted yet, or is gone; it will learn.
func (s *sight) arrived() bool {
	for _, ends := range s.flows {
		switch {
		case len(ends) == 2:
			if ends[0].sent != ends[1].delivered || ends[1].sent != ends[0].delivered {
				return false
			}
		case s.among[ends[0].peer]:
			return false
		}
	}
	return true
}

func (h *Host) look(ctx context.Context, s *sight) error {
	for _, id := range h.order {
		l := h.lines[id]
		if err := l.ask(ctx, func() {
			s.rests = s.rests && l.rests()
			s.steps += l.steps
			for _, c := range l.conns {
				s.flows[c.session] = append(s.flows[c.session], flow{c.peer.name, c.sent, c.delivered})
			}
		}); err != nil {
			return err
		}
	}
	return nil
}

// rests is asked within the line. An alarm that is due has not been heard
// yet.
func (l *line) rests() bool {
	if l.alarmAt <= l.clock.Now().Mono || len(l.waiting) > 0 || !l.st.Rests() {
		return false
	}
	for _, c := range l.conns {
		if !c.up || c.unwritten() {
			return false
		}
	}
	return true
}

// settle returns when the line is at rest.
func (l *line) settle(ctx context.Context) error {
	settled := make(chan struct{})
	if err := l.ask(ctx, func() {
		l.settled = append(l.settled, settled)
		l.watched.Store(true)
	}); err != nil {
		return err
	}
	select {
	case <-settled:
		return nil
	case <-l.done:
		return ErrStopped
	case <-ctx.Done():
		return ctx.Err()
	}
}

// tellSettled tells whoever waits for it that the line is at rest.
func (l *line) tellSettled() {
	if len(l.settled) == 0 || !l.rests() {
		return
	}
	for _, ch := range l.settled {
		close(ch)
	}
	l.settled = nil
	l.watched.Store(false)
}
