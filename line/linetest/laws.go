// SPDX-License-Identifier: Apache-2.0

package linetest

import (
	"math/rand/v2"
	"testing"

	"openline/line"
)

// Laws holds a room to what every room must do on a random history: any
// order, any split at a cut and any numbering of the parties give equal
// values, and two parties exchanged give the mirror image. Made is what the
// room makes of a fold at a cut.
func Laws(t testing.TB, seed uint64, made func(f *line.Fold, cut line.Cut) any) {
	t.Helper()
	parties := 2 + int(seed%2)
	w := Random(t, seed, parties, 0, false)
	cut := w.Cut()
	want := w.Page(made(w.Fold(t, cut, First), cut), nil)
	rng := rand.New(rand.NewPCG(seed, 9))
	for range 3 {
		if got := w.Page(made(w.Fold(t, cut, rng.IntN), cut), nil); got != want {
			t.Fatalf("seed %d: another order gives\n%s\nnot\n%s", seed, got, want)
		}
	}
	part := line.Cut{}
	for l, n := range cut {
		part[l] = uint64(rng.Int64N(int64(n) + 1))
	}
	alone := w.Page(made(w.Fold(t, part, First), part), nil)
	if got := w.Page(made(w.Fold(t, cut, rng.IntN), part), nil); got != alone {
		t.Fatalf("seed %d: as of a cut it is\n%s\nand folded alone\n%s", seed, got, alone)
	}
	for turn := 1; turn < parties; turn++ {
		v := Random(t, seed, parties, turn, false)
		if got := v.Page(made(v.Fold(t, v.Cut(), First), v.Cut()), nil); got != want {
			t.Fatalf("seed %d: other numbers give\n%s\nnot\n%s", seed, got, want)
		}
	}
	m := Random(t, seed, parties, 0, true)
	if got := m.Page(made(m.Fold(t, m.Cut(), First), m.Cut()), map[string]string{"blue": "red", "red": "blue"}); got != want {
		t.Fatalf("seed %d: no mirror image:\n%s\nof\n%s", seed, got, want)
	}
}
