// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"fmt"
	"slices"
	"time"

	"openline/record"
)

// The ways a person is called, in the order they are usually tried.
const (
	WayConsole = "console" // it rings in every open console; nothing is sent
	WayHook    = "hook"    // a local command
	WayEmail   = "e-mail"
	WayWebhook = "webhook" // that of the person called; or ntfy, where the party has a topic
	WayPush    = "push"    // Web Push, to the browsers that asked for it
	WayLine    = "line"    // the other desk is told that nobody is at ours
)

var ways = []string{WayConsole, WayHook, WayEmail, WayWebhook, WayPush, WayLine}

// Whom a rung calls.
const (
	CallWatch    = "watch"    // who is on watch
	CallDeputies = "deputies" // and those behind them
	CallAll      = "all"      // everybody on the roster
)

// Rung is one step of the ladder.
type Rung struct {
	After time.Duration `toml:"after"` // since the alarm was raised
	Way   string        `toml:"way"`
	Call  string        `toml:"call,omitempty"` // watch, deputies or all; default: watch
}

// Plan is the ladder of each precedence, rungs by their time.
type Plan struct {
	Rungs map[record.Precedence][]Rung
	// Again is how long what was acknowledged may be left without a word of
	// ours before it is raised once more; zero: it is not.
	Again map[record.Precedence]time.Duration
}

// maxRungs bounds one ladder: the journal has room for so many steps.
const maxRungs = 24

// DefaultPlan is what holds where the party has written no other. A way that
// is not set up is passed over.
func DefaultPlan() Plan {
	m := time.Minute
	return Plan{
		Rungs: map[record.Precedence][]Rung{
			record.Flash: {{0, WayConsole, ""}, {0, WayHook, ""}, {m / 2, WayPush, ""}, {m / 2, WayWebhook, ""}, {m / 2, WayEmail, ""},
				{2 * m, WayHook, ""}, {2 * m, WayWebhook, CallDeputies}, {2 * m, WayEmail, CallDeputies}, {5 * m, WayEmail, CallAll}},
			record.Immediate: {{0, WayConsole, ""}, {m, WayHook, ""}, {2 * m, WayPush, ""}, {3 * m, WayWebhook, ""}, {3 * m, WayEmail, ""},
				{10 * m, WayWebhook, CallDeputies}, {10 * m, WayEmail, CallDeputies}},
			record.Priority: {{0, WayConsole, ""}, {10 * m, WayHook, ""}, {15 * m, WayPush, ""}, {20 * m, WayEmail, ""}, {60 * m, WayEmail, CallDeputies}},
			record.Routine:  {{0, WayConsole, ""}, {4 * 60 * m, WayEmail, ""}},
		},
		Again: map[record.Precedence]time.Duration{record.Flash: 5 * m, record.Immediate: 15 * m, record.Priority: 60 * m, record.Routine: 8 * 60 * m},
	}
}

// Check holds a plan to what can be done.
func (p Plan) Check() error {
	for prec, rungs := range p.Rungs {
		if len(rungs) > maxRungs {
			return fmt.Errorf("the ladder of %s has %d rungs, at most %d are climbed", prec, len(rungs), maxRungs)
		}
		last := time.Duration(0)
		for i, r := range rungs {
			switch {
			case !slices.Contains(ways, r.Way):
				return fmt.Errorf("the ladder of %s, rung %d: %.20q is no way; there are %v", prec, i+1, r.Way, ways)
			case r.After < last:
				return fmt.Errorf("the ladder of %s, rung %d comes before the one above it", prec, i+1)
			case r.Call != "" && r.Call != CallWatch && r.Call != CallDeputies && r.Call != CallAll:
				return fmt.Errorf("the ladder of %s, rung %d calls %.20q; write watch, deputies or all", prec, i+1, r.Call)
			}
			last = r.After
		}
	}
	return nil
}

// next is the rung an alarm stands before, after so many that were tried, and
// whether there is one.
func (p Plan) next(prec record.Precedence, tried int) (Rung, bool) {
	rungs := p.Rungs[prec]
	if tried >= len(rungs) {
		return Rung{}, false
	}
	return rungs[tried], true
}
