// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"context"
	"errors"
	"sync"
	"time"

	"openline/internal/host"
)

// onward lets told time go on at the pace of the machine's clock, and the
// second chapter be played in between, event by event: then told time runs
// ahead to each event's hour, with everything that falls due on the way.
type onward struct {
	clock  *host.VirtualClock
	player *Player
	stage  *Stage

	mu   sync.Mutex // held while told time moves
	next int        // event of the second chapter that is played next
}

const pace = 100 * time.Millisecond

// run moves told time until ctx ends.
func (o *onward) run(ctx context.Context) error {
	tick := time.NewTicker(pace)
	defer tick.Stop()
	last := time.Now()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		o.mu.Lock()
		now := time.Now()
		err := o.clock.Advance(ctx, o.clock.Now().Wall.Add(now.Sub(last)), func(context.Context) error { return nil })
		last = time.Now()
		o.mu.Unlock()
		if err != nil {
			return err
		}
	}
}

// Errors a visitor can act on.
var (
	errToldOut = errors.New("the second chapter has been told to its end")
	errCutNow  = errors.New("the cable is pulled; plug it in first")
)

// play plays the next event of the second chapter.
func (o *onward) play(ctx context.Context, cut bool) error {
	next := o.stage.Story.WayOut
	switch {
	case next == nil || o.told() >= len(next.Events):
		return errToldOut
	case cut:
		return errCutNow
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.next >= len(next.Events) {
		return errToldOut
	}
	e := next.Events[o.next]
	until := e.At
	if now := o.clock.Now().Wall; now.After(until) {
		until = now
	}
	if err := o.player.PlayOn(ctx, next.Events[o.next:o.next+1], until); err != nil {
		return err
	}
	o.next++
	return nil
}

// told is how many events of the second chapter have been played.
func (o *onward) told() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.next
}
