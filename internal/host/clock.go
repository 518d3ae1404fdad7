// SPDX-License-Identifier: Apache-2.0

package host

import (
	"time"

	"openline/internal/station"
)

// Clock tells the time and rings when a monotonic time has come. It is safe
// for concurrent use.
type Clock interface {
	Now() station.Now
	// Alarm makes an alarm that is not set.
	Alarm() Alarm
}

// Alarm is one owner's alarm. Set replaces what was set before; C gets one
// value some time after the monotonic time has come, perhaps also for a time
// set before.
type Alarm interface {
	C() <-chan time.Time
	Set(mono time.Duration)
	Stop()
}

// SystemClock is the clock of the machine. Its monotonic time counts from
// the call.
func SystemClock() Clock { return systemClock{time.Now()} }

type systemClock struct{ origin time.Time }

func (c systemClock) Now() station.Now {
	now := time.Now()
	// Round(0) drops the monotonic reading, so that a step of the wall clock
	// shows.
	return station.Now{Wall: now.Round(0), Mono: now.Sub(c.origin)}
}

func (c systemClock) Alarm() Alarm {
	t := time.NewTimer(time.Hour)
	t.Stop()
	return systemAlarm{c.origin, t}
}

type systemAlarm struct {
	origin time.Time
	t      *time.Timer
}

func (a systemAlarm) C() <-chan time.Time { return a.t.C }

func (a systemAlarm) Set(mono time.Duration) { a.t.Reset(max(0, mono-time.Since(a.origin))) }

func (a systemAlarm) Stop() { a.t.Stop() }
