// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"crypto/sha256"
	"math/rand/v2"
	"sync"
	"time"

	"openline/internal/station/stationtest"
)

// Plan is what a seed chose: each class of fault is switched on or off, so
// that some runs are calm in all but one.
type Plan struct {
	Chaos    time.Duration
	Says     int
	RealKeys bool
	Mark     [2]bool

	Loss, Double, Reorder, Corrupt float64
	Delay                          time.Duration
	Cuts                           int // one-way or both
	Hangups                        int

	Crashes   float64 // at each boundary of a save
	DiskFull  float64
	DiskFail  float64
	Announced int // restores with a new generation
	Silent    int // restores nobody tells of
	Clones    int
	Jumps     int // of a clock
	Liar      bool
}

func drawPlan(rng *rand.Rand, seed uint64) Plan {
	on := func(p float64) bool { return rng.Float64() < p }
	some := func(p, max float64) float64 {
		if on(p) {
			return max * rng.Float64()
		}
		return 0
	}
	times := func(p float64, max int) int {
		if on(p) {
			return 1 + rng.IntN(max)
		}
		return 0
	}
	return Plan{
		Chaos:    time.Duration(60+rng.IntN(180)) * time.Second,
		Says:     5 + rng.IntN(40),
		RealKeys: seed%10 == 9,
		Mark:     [2]bool{on(0.6), on(0.6)},
		Loss:     some(0.5, 0.2), Double: some(0.4, 0.3), Reorder: some(0.4, 0.3), Corrupt: some(0.2, 0.02),
		Delay: time.Duration(1+rng.IntN(1500)) * time.Millisecond,
		Cuts:  times(0.4, 3), Hangups: times(0.4, 5),
		Crashes: some(0.5, 0.1), DiskFull: some(0.2, 0.1), DiskFail: some(0.2, 0.03),
		Announced: times(0.25, 2), Silent: times(0.25, 2), Clones: times(0.12, 1), Jumps: times(0.25, 3),
		Liar: on(0.2),
	}
}

func sumOf(sum [32]byte, line string) [32]byte {
	return sha256.Sum256(append(sum[:], line...))
}

var openLine = sync.OnceValues(func() (*stationtest.Line, error) { return stationtest.NewLine(stationtest.Terms{}) })
