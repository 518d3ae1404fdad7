// SPDX-License-Identifier: Apache-2.0

package host

import (
	"context"
	"runtime"
)

// warmStep is how many things are read back at a time: some milliseconds, so
// that nobody waits long for the line.
const warmStep = 16

// warm reads back, after a start, what the tables and the brief are made of,
// so that the first who asks need not wait for all of it.
func (l *line) warm(ctx context.Context) {
	for more := true; more; runtime.Gosched() {
		if err := l.ask(ctx, func() { more = l.st.Warm(warmStep) }); err != nil {
			return // the line has ended
		}
	}
}
