// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"flag"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var (
	seeds = flag.Int("seeds", 250, "how many histories TestLong lives")
	first = flag.Uint64("first", 1, "the first seed")
)

func TestOne(t *testing.T) {
	r := Run(*first, Options{Verbose: true})
	t.Logf("seed %d: %d steps, %d said, %d crashes, %d restores", r.Seed, r.Steps, r.Said, r.Crashes, r.Restores)
	if testing.Verbose() {
		t.Log("\n" + r.Transcript)
	}
	if r.Violation != "" {
		t.Fatal(r.Violation)
	}
}

// A seed draws the same history every time, whatever else runs beside it.
func TestReplay(t *testing.T) {
	for _, seed := range []uint64{3, 9, 20, 145, 201, 2726} {
		if a, b := Run(seed, Options{}), Run(seed, Options{Verbose: true}); a.Trace != b.Trace || a.Steps != b.Steps {
			t.Errorf("seed %d: two lives of %d and %d steps differ", seed, a.Steps, b.Steps)
		}
	}
}

// Histories that once ended badly.
//
//   - 76473: two copies of a station contradict each other, in one algorithm
//     and the other; what was stored of both kept the other side from starting.
func TestFoundBefore(t *testing.T) {
	for _, seed := range []uint64{76473} {
		if r := Run(seed, Options{}); r.Violation != "" {
			t.Errorf("seed %d: %s", seed, r.Violation)
		}
	}
}

// TestLong lives as many histories as asked for; make sim asks for 100,000.
func TestLong(t *testing.T) {
	n := *seeds
	if testing.Short() {
		n = min(n, 40)
	}
	began := time.Now()
	var wg sync.WaitGroup
	next, failures := atomic.Uint64{}, make(chan Result, n)
	total := struct{ steps, said, crashes, restores, accused atomic.Int64 }{}
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < uint64(n); i = next.Add(1) - 1 {
				r := Run(*first+i, Options{})
				total.steps.Add(int64(r.Steps))
				total.said.Add(int64(r.Said))
				total.crashes.Add(int64(r.Crashes))
				total.restores.Add(int64(r.Restores))
				total.accused.Add(int64(r.Accused))
				if r.Violation != "" {
					failures <- r
				}
			}
		})
	}
	wg.Wait()
	close(failures)
	shown := 0
	for r := range failures {
		if shown++; shown <= 20 {
			t.Errorf("seed %d: %s (replay: go test -run TestOne -v ./internal/sim -first %d)", r.Seed, r.Violation, r.Seed)
		}
	}
	took := time.Since(began)
	t.Logf("%d histories in %v (%.0f a second): %d steps, %d said, %d crashes, %d restores, %d accusations; %d violations",
		n, took.Round(time.Millisecond), float64(n)/took.Seconds(), total.steps.Load(), total.said.Load(), total.crashes.Load(),
		total.restores.Load(), total.accused.Load(), shown)
}
