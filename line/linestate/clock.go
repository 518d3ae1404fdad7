// SPDX-License-Identifier: Apache-2.0

package linestate

import (
	"time"

	"openline/line"
)

// The clocks of an answer, theirs or ours.
const (
	clockNotReceipted = ".notreceipted"
	clockRunning      = ".running"
	clockHeld         = ".held"
	clockPast         = ".past"
	clockUnsigned     = ".unsigned"
	clockMissing      = ".missing"
	clockReplied      = ".replied"
)

var clockKinds = []string{clockNotReceipted, clockRunning, clockHeld, clockPast, clockUnsigned, clockMissing, clockReplied}

// ClockKind is the kind of sentence a clock has; ours tells whose it is.
func ClockKind(r line.Reckoned, ours bool) Kind {
	state := ""
	switch r.State {
	case line.NotReceipted:
		state = clockNotReceipted
	case line.Running:
		state = clockRunning
		if r.Held {
			state = clockHeld
		}
	case line.Past:
		state = clockPast
	case line.Unsigned:
		state = clockUnsigned
	case line.RecordsMissing:
		state = clockMissing
	case line.Replied:
		state = clockReplied
	default:
		return ""
	}
	if ours {
		return Kind("clock.ours" + state)
	}
	return Kind("clock.theirs" + state)
}

// SayClock writes how the clock of an answer stands; empty where nobody's
// answer is awaited. Every hour in it was declared or signed by the side
// whose clock it is.
func (w *Words) SayClock(r line.Reckoned, ours bool) string {
	k := ClockKind(r, ours)
	if k == "" {
		return ""
	}
	shown := stamp(r.Shown.At)
	if shown == stamp(r.Due) {
		shown = time.Unix(int64(r.Shown.At), 0).UTC().Format("2006-01-02 15:04:05Z") // later by seconds
	}
	return w.fill(string(k), map[string]string{
		"due": stamp(r.Due), "shown": shown, "replied": stamp(r.Replied.At), "records": w.count("records", int(min(r.Missing, 1<<31-1))),
	})
}
