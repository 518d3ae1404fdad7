// SPDX-License-Identifier: Apache-2.0

package host

import (
	"context"
)

// Rests reports whether nothing is under way at this station: nothing waits
// to be saved, written, read or receipted.
func (h *Host) Rests(ctx context.Context) (bool, error) {
	rests, _, err := h.resting(ctx)
	return rests, err
}

// Rest returns when all of the hosts are at rest at one time: what a
// [VirtualClock] waits for before it goes on.
func Rest(ctx context.Context, hosts ...*Host) error {
	for {
		before, err := restAll(ctx, hosts)
		if err != nil {
			return err
		}
		// All were at rest one after the other. If none has made a step
		// since, they were at rest together.
		after, quiet := uint64(0), true
		for _, h := range hosts {
			rests, steps, err := h.resting(ctx)
			if err != nil {
				return err
			}
			quiet = quiet && rests
			after += steps
		}
		if quiet && after == before {
			return nil
		}
	}
}

func restAll(ctx context.Context, hosts []*Host) (steps uint64, err error) {
	for _, h := range hosts {
		for _, id := range h.order {
			if err := h.lines[id].settle(ctx); err != nil {
				return 0, err
			}
		}
		_, n, err := h.resting(ctx)
		if err != nil {
			return 0, err
		}
		steps += n
	}
	return steps, nil
}

func (h *Host) resting(ctx context.Context) (rests bool, steps uint64, err error) {
	rests = true
	for _, id := range h.order {
		l := h.lines[id]
		if err := l.ask(ctx, func() {
			rests = rests && l.rests()
			steps += l.steps
		}); err != nil {
			return false, 0, err
		}
	}
	return rests, steps, nil
}

// rests is asked in the owner's goroutine.
func (l *line) rests() bool {
	if len(l.inbox) > 0 || len(l.alarm.C()) > 0 || len(l.waiting) > 0 || !l.st.Rests() {
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
