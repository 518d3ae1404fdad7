// SPDX-License-Identifier: Apache-2.0

package host

import (
	"context"
	"slices"
	"sync"
	"time"

	"openline/internal/station"
)

// VirtualClock is a clock that stands still until it is told to go on. Hosts
// that share one live in one time; [VirtualClock.Advance] moves it from alarm
// to alarm and lets them come to rest at each.
type VirtualClock struct {
	mu     sync.Mutex
	start  time.Time
	mono   time.Duration
	alarms []*virtualAlarm
}

// NewVirtualClock makes a clock that shows a wall time.
func NewVirtualClock(wall time.Time) *VirtualClock {
	return &VirtualClock{start: wall.Round(0)}
}

// Now tells the time.
func (c *VirtualClock) Now() station.Now {
	c.mu.Lock()
	defer c.mu.Unlock()
	return station.Now{Wall: c.start.Add(c.mono), Mono: c.mono}
}

// Alarm makes an alarm that rings when the clock is moved past its time.
func (c *VirtualClock) Alarm() Alarm {
	a := &virtualAlarm{clock: c, ring: make(chan time.Time, 1), at: never}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.alarms = append(c.alarms, a)
	return a
}

// Advance moves the clock to a wall time. It stops at every alarm on the way,
// rings it and calls rest, which returns when all who live by the clock are at
// rest; [Rest] is meant for it.
func (c *VirtualClock) Advance(ctx context.Context, to time.Time, rest func(context.Context) error) error {
	if err := rest(ctx); err != nil {
		return err
	}
	for c.step(to.Sub(c.start)) {
		if err := rest(ctx); err != nil {
			return err
		}
	}
	return rest(ctx)
}

// step goes to the next alarm, or to the end; it reports whether there may
// be more on the way.
func (c *VirtualClock) step(end time.Duration) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.mono >= end {
		return false
	}
	next := end
	for _, a := range c.alarms {
		next = min(next, a.at)
	}
	c.mono = max(c.mono, next)
	for _, a := range c.alarms {
		a.ringIfDue()
	}
	return true
}

const never = time.Duration(1<<63 - 1)

type virtualAlarm struct {
	clock *VirtualClock
	ring  chan time.Time
	at    time.Duration
}

func (a *virtualAlarm) C() <-chan time.Time { return a.ring }

func (a *virtualAlarm) Set(mono time.Duration) {
	a.clock.mu.Lock()
	defer a.clock.mu.Unlock()
	a.at = mono
	a.ringIfDue()
}

func (a *virtualAlarm) ringIfDue() {
	if a.at > a.clock.mono {
		return
	}
	a.at = never
	select {
	case a.ring <- a.clock.start.Add(a.clock.mono):
	default:
	}
}

func (a *virtualAlarm) Stop() {
	a.clock.mu.Lock()
	defer a.clock.mu.Unlock()
	a.at = never
	a.clock.alarms = slices.DeleteFunc(a.clock.alarms, func(o *virtualAlarm) bool { return o == a })
}
