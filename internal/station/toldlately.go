// SPDX-License-Identifier: Apache-2.0

package station

import (
	"fmt"
	"time"
)

// Bounds of the operator's log: a peer that is refused four times a second
// for a month must not fill the disk with it.
const (
	maxToldLately = 256         // lines remembered
	toldAgain     = time.Minute // the same line, the first time it comes again
	toldSeldom    = time.Hour   // and at last
	toldPerMinute = 60          // lines of peers' doing that differ
	toldAtOnce    = 10 * toldPerMinute
)

// toldLately remembers what the operator was told, so that the same line
// comes again after a minute, two, four, and at last once an hour, with how
// often it was left out; one not heard for an hour is new. Errors that differ are always told.
type toldLately struct {
	lines  map[string]*toldLine
	bucket bucket
	left   int // lines that differ and were left out
}

type toldLine struct {
	at, pause time.Duration
	left      int
}

// worth gives the line as it is to be told, if it is.
func (t *toldLately) worth(level, text string, now time.Duration) (string, bool) {
	if t.lines == nil {
		t.lines, t.bucket = map[string]*toldLine{}, fullBucket(toldPerMinute, now).holding(toldAtOnce)
	}
	l := t.lines[text]
	switch {
	case l == nil:
		t.forget(now)
		if (level != "error" || len(t.lines) >= maxToldLately) && !t.bucket.take(1, now) {
			t.left++
			return "", false
		}
		if len(t.lines) < maxToldLately {
			t.lines[text] = &toldLine{at: now, pause: toldAgain}
		}
	case now-l.at < l.pause:
		l.left++
		return "", false
	default:
		if now-l.at > toldSeldom {
			l.pause = toldAgain
		} else {
			l.pause = min(2*l.pause, toldSeldom)
		}
		if l.left > 0 {
			text = fmt.Sprintf("%s (left out %d times since)", text, l.left)
		}
		l.at, l.left = now, 0
	}
	if t.left > 0 {
		text = fmt.Sprintf("%s (%d other lines left out)", text, t.left)
		t.left = 0
	}
	return text, true
}

// forget makes room: what was not said again for long is new when it comes.
func (t *toldLately) forget(now time.Duration) {
	if len(t.lines) < maxToldLately {
		return
	}
	for text, l := range t.lines {
		if now-l.at > toldSeldom {
			delete(t.lines, text)
		}
	}
}
