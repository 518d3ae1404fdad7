// SPDX-License-Identifier: Apache-2.0

package line

import "testing"

// BenchmarkFold folds four thousand records of an ordinary line: requests,
// their receipts, holds, reminders and answers, and notes between.
func BenchmarkFold(b *testing.B) {
	w := newWorld(b, 1, 2)
	for range 500 {
		ask := w.ask(0, 2)
		w.meet(0, 1)
		w.say(1, about(ask, "RC01"))
		w.say(1, with(about(ask, "HD01"), until(w.now+3600)))
		w.meet(1, 0)
		w.say(0, about(ask, "RM01"))
		w.say(0, draft{})
		w.meet(0, 1)
		w.say(1, draft{})
		w.say(1, decline(ask))
		w.meet(1, 0)
		w.say(0, draft{})
	}
	b.ReportAllocs()
	for b.Loop() {
		if w.folded(b).Err() != nil {
			b.Fatal("not folded")
		}
	}
}
