// SPDX-License-Identifier: Apache-2.0

package host_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"openline/internal/host"
	"openline/internal/host/hosttest"
	"openline/internal/station"
)

// BenchmarkOneInFlight measures say → durable at the other side → its receipt
// durable here, one after the other.
func BenchmarkOneInFlight(b *testing.B) {
	w := hosttest.New(b, hosttest.Options{PerMinute: 1 << 20}, "blue", "red")
	blue := startQuiet(b, w, "blue")
	startQuiet(b, w, "red", "blue")
	blue.wait(w, "the receipt", receipted(blue.say(w, "warm")))
	news, leave, err := blue.Subscribe(w.Line(), 1<<16)
	if err != nil {
		b.Fatal(err)
	}
	defer leave()
	text := strings.Repeat("x", 500)
	var took []time.Duration
	for b.Loop() {
		from := time.Now()
		n := blue.say(w, text)
		for e := range news {
			if e.Kind == "receipt" && e.Number >= n {
				break
			}
		}
		took = append(took, time.Since(from))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
}

// BenchmarkManyInFlight measures how many records a second are durable at
// both sides and receipted.
func BenchmarkManyInFlight(b *testing.B) {
	w := hosttest.New(b, hosttest.Options{PerMinute: 10_000_000}, "blue", "red")
	blue := startQuiet(b, w, "blue")
	startQuiet(b, w, "red", "blue")
	blue.wait(w, "the receipt", receipted(blue.say(w, "warm")))
	news, leave, err := blue.Subscribe(w.Line(), 1<<20)
	if err != nil {
		b.Fatal(err)
	}
	defer leave()
	text := strings.Repeat("x", 500)
	const batch, askers = 100, 8
	var said sync.WaitGroup
	left := make(chan int, b.N/batch+1)
	for n := b.N; n > 0; n -= batch {
		left <- min(n, batch)
	}
	close(left)
	last := make(chan uint64, askers)
	b.ResetTimer()
	for range askers {
		said.Go(func() {
			var newest uint64
			for n := range left {
				drafts := make([]station.Draft, n)
				for i := range drafts {
					drafts[i] = station.Draft{Code: "TX01", Text: text}
				}
				res, err := blue.Say(context.Background(), w.Line(), station.Say{Drafts: drafts})
				if err != nil {
					b.Error(err)
					return
				}
				newest = max(newest, res[len(res)-1].Number)
			}
			last <- newest
		})
	}
	said.Wait()
	close(last)
	var newest uint64
	for n := range last {
		newest = max(newest, n)
	}
	for v, err := blue.View(context.Background(), w.Line()); ; v, err = blue.View(context.Background(), w.Line()) {
		if err != nil {
			b.Fatal(err)
		}
		if v.Peers[0].Receipt.Last >= newest {
			break
		}
		<-news
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
}

func startQuiet(tb testing.TB, w *hosttest.World, short string, dial ...string) *running {
	db := hosttest.Disk(tb, tb.TempDir())
	return start(tb, w.Config(short, host.StoreOf(db), dial...), db)
}
