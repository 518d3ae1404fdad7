// SPDX-License-Identifier: Apache-2.0

package host

import (
	"context"
	"runtime/debug"
	"time"
)

// After a burst the runtime keeps the memory it took for minutes. A station
// that has become quiet gives it back at once.
const (
	tidyEvery = 3 * time.Second
	burst     = 5000 // steps between two looks that are worth it
	quiet     = 500  // and at most so many in the last of them
)

// tidy gives memory back to the system when a burst is over.
func (h *Host) tidy(ctx context.Context) {
	t := time.NewTicker(tidyEvery)
	defer t.Stop()
	var last uint64
	untidy := true // a start reads much
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		now := uint64(0)
		for _, l := range h.lines {
			now += l.worked.Load()
		}
		switch made := now - last; {
		case made >= burst:
			untidy = true
		case untidy && made <= quiet:
			untidy = false
			debug.FreeOSMemory()
		}
		last = now
	}
}
