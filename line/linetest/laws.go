// SPDX-License-Identifier: Apache-2.0

package linetest

import (
	"encoding/json"
	"math/rand/v2"
	"testing"

	"openline/line"
)

// Laws holds a room to what every room must do on a random history: any
// order, however late a record, any split into batches with restarts between,
// any cut and any numbering of the parties give equal values, as JSON byte for
// byte, and two parties exchanged give the mirror image. Made is what the room
// makes of a fold at a cut.
func Laws(t testing.TB, seed uint64, made func(f *line.Fold, cut line.Cut) any) {
	t.Helper()
	parties := 2 + int(seed%2)
	w := Random(t, seed, parties, 0, false)
	cut := w.Cut()
	value := made(w.Fold(t, cut, First), cut)
	want, bytes := w.Page(value, nil), inJSON(t, value)
	rng := rand.New(rand.NewPCG(seed, 9))
	for _, pick := range []func(int) int{rng.IntN, rng.IntN, rng.IntN, func(n int) int { return n - 1 }} {
		if got := inJSON(t, made(w.Fold(t, cut, pick), cut)); got != bytes {
			t.Fatalf("seed %d: another order gives\n%s\nnot\n%s", seed, got, bytes)
		}
	}
	part := line.Cut{}
	for l, n := range cut {
		part[l] = uint64(rng.Int64N(int64(n) + 1))
	}
	if got := inJSON(t, made(w.batches(t, cut, rng, made), cut)); got != bytes {
		t.Fatalf("seed %d: in batches it is\n%s\nnot\n%s", seed, got, bytes)
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

// batches folds a cut bit by bit, stopping and going on from a snapshot
// between, and has the room look each time.
func (w *World) batches(t testing.TB, cut line.Cut, rng *rand.Rand, made func(f *line.Fold, cut line.Cut) any) *line.Fold {
	t.Helper()
	f, at := w.New(t), line.Cut{}
	for range 5 {
		for l, n := range cut {
			at[l] += uint64(rng.Int64N(int64(n-at[l]) + 1))
		}
		w.Add(t, f, at, rng.IntN)
		made(f, at)
		g := w.New(t)
		must(t, g.Restore(f.Snapshot()))
		f = g
	}
	w.Add(t, f, cut, rng.IntN)
	return f
}

func inJSON(t testing.TB, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	must(t, err)
	return string(b)
}
