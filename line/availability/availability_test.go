// SPDX-License-Identifier: Apache-2.0

package availability_test

import (
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"openline/line"
	"openline/line/availability"
	"openline/line/linetest"
	"openline/record"
)

type params = map[string]record.Value

var terms = availability.Terms{Every: time.Hour, Offset: 7 * time.Minute, Answered: []time.Duration{9*time.Hour + 30*time.Minute, 15*time.Hour + 30*time.Minute}}

// midnight is that of the day on which a world begins.
func midnight() time.Time { return time.Unix(1_700_000_000, 0).UTC().Truncate(24 * time.Hour) }

func table(t testing.TB, f *line.Fold, cut line.Cut, days int) availability.Table {
	t.Helper()
	out, err := availability.Of(f, cut, midnight(), midnight().Add(time.Duration(days)*24*time.Hour), func(uint32) availability.Terms { return terms })
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func lineTest(w *linetest.World, i int, n uint64) line.Entry {
	return w.Say(i, linetest.Draft{Code: "LT01", From: "station", Params: params{"n": record.Uint(n), "fold": record.Uint(1), "digest": record.Bytes(make([]byte, 32)),
		"results": record.Array(), "held": record.Array()}})
}

func read(e line.Entry, quality string) linetest.Draft {
	return linetest.Draft{Code: "LT02", From: "watch", About: e.Ref(), Re: []record.Ref{e.Ref()}, Params: params{"n": record.Uint(1), "quality": record.Text(quality)}}
}

func explain(e line.Entry, cause string) linetest.Draft {
	return linetest.Draft{Code: "LT04", From: "watch", About: e.Ref(), Re: []record.Ref{e.Ref()}, Params: params{"n": record.Uint(1), "cause": record.Text(cause)}}
}

// Two days: blue tests by the hour. On the first red's watch reads at the
// first set minute and leaves out the second, with the reason given on the
// second day; on the second day four tests are not said.
func TestTwoDays(t *testing.T) {
	w := linetest.New(t, 1, 2)
	w.Now = stampOf(midnight().Add(-time.Hour))
	w.Say(1, linetest.Draft{Code: "LT03", From: "watch", Params: params{"state": record.Text("open"), "from": w.Hour(0)}})
	lineTest(w, 0, 1)
	var missed line.Entry
	for h := range 48 {
		w.Now = stampOf(midnight().Add(time.Duration(h)*time.Hour + 7*time.Minute))
		if h >= 26 && h < 30 {
			continue
		}
		e := lineTest(w, 0, uint64(h+2))
		if h < 47 {
			w.Meet()
		}
		w.Now += 24 * 60 // 31 minutes past
		switch h {
		case 9:
			w.Say(1, read(e, "partly"))
		case 15:
			missed = e
		case 33:
			w.Say(1, explain(missed, "fault"))
		case 40:
			w.Say(1, read(e, "legible"))
		}
	}
	cut := w.Cut()
	got := table(t, w.Fold(t, cut, linetest.First), cut, 2)
	first, second := got.Days[0].Tests[0], got.Days[1].Tests[0]
	if want := (availability.Tests{From: 1, To: 2, Due: 24, Said: 24, Had: 24, Minutes: 2, Read: 1, Missed: 1, Longest: 4020, Partly: 1,
		Explained: availability.Causes{Fault: 1}}); first != want {
		t.Errorf("first day %+v\nnot %+v", first, want)
	}
	// Red's last word is of twenty to five: what came after it is not shown to
	// have come, and whether the set minute of the afternoon was missed is open
	// but for that word, which read it.
	if want := (availability.Tests{From: 1, To: 2, Due: 24, Said: 20, Had: 13, Minutes: 2, Read: 1, Missed: 1, Longest: 5 * 3600}); second != want {
		t.Errorf("second day %+v\nnot %+v", second, want)
	}
	if len(got.Total.Tests) != 2 || got.Total.Tests[0].Said != 44 || got.Total.Tests[0].Missed != 2 {
		t.Errorf("total %+v", got.Total)
	}
	if _, err := availability.Of(w.Fold(t, cut, linetest.First), cut, midnight(), midnight().Add(100*24*time.Hour), nil); !errors.Is(err, availability.ErrTooLong) {
		t.Errorf("a hundred days: %v", err)
	}
}

func stampOf(t time.Time) record.Stamp { return record.Stamp(t.Unix()) }

// random plays the same history under any numbering of the parties.
func random(t testing.TB, seed uint64, turn int, swap bool) *linetest.World {
	const parties = 2
	w := linetest.New(t, record.PartyNo(1+turn), record.PartyNo(2-turn))
	rng := rand.New(rand.NewPCG(seed, 3))
	seat := func() int {
		if i := rng.IntN(parties); swap {
			return 1 - i
		} else {
			return i
		}
	}
	var said []line.Entry
	for range 60 + rng.IntN(100) {
		i := seat()
		switch k := rng.IntN(12); {
		case k < 2:
			w.Meet()
		case k < 4:
			w.Now += record.Stamp(rng.IntN(20_000))
		case k < 8 || len(said) == 0:
			e := lineTest(w, i, uint64(len(said)))
			if k == 7 { // by a person: no line test
				e = w.Say(i, linetest.Draft{Code: "LT01", From: "watch", Params: e.Body.Params})
			}
			said = append(said, e)
		case k == 8:
			w.Say(i, linetest.Draft{Code: "LT03", From: "watch", Params: params{"state": record.Text([]string{"open", "closed"}[rng.IntN(2)]), "from": w.Hour(0)}})
		default:
			e := said[max(0, len(said)-1-rng.IntN(8))]
			if !w.Holds(i, e) {
				continue
			}
			d := read(e, []string{"legible", "partly", "not"}[rng.IntN(3)])
			if rng.IntN(2) == 0 {
				d = explain(e, []string{"fault", "maintenance", "unattended", "decision"}[rng.IntN(4)])
			}
			w.Say(i, d)
		}
	}
	return w
}

// The laws every room is held to, and a stretch alone equals its days in a
// longer one.
func TestLaws(t *testing.T) {
	const days = 12
	counted := 0
	for seed := range uint64(60) {
		w := random(t, seed, 0, false)
		cut := w.Cut()
		whole := table(t, w.Fold(t, cut, linetest.First), cut, days)
		want := w.Page(whole, nil)
		for _, x := range whole.Total.Tests {
			counted += x.Read + x.Missed + x.Explained.Sum()
		}
		rng := rand.New(rand.NewPCG(seed, 9))
		for range 3 {
			if got := w.Page(table(t, w.Fold(t, cut, rng.IntN), cut, days), nil); got != want {
				t.Fatalf("seed %d: another order gives\n%s\nnot\n%s", seed, got, want)
			}
		}
		part := line.Cut{}
		for l, n := range cut {
			part[l] = uint64(rng.Int64N(int64(n) + 1))
		}
		alone := w.Page(table(t, w.Fold(t, part, linetest.First), part, days), nil)
		if got := w.Page(table(t, w.Fold(t, cut, rng.IntN), part, days), nil); got != alone {
			t.Fatalf("seed %d: as of a cut it is\n%s\nand folded alone\n%s", seed, got, alone)
		}
		v := random(t, seed, 1, false)
		if got := v.Page(table(t, v.Fold(t, v.Cut(), linetest.First), v.Cut(), days), nil); got != want {
			t.Fatalf("seed %d: other numbers give\n%s\nnot\n%s", seed, got, want)
		}
		m := random(t, seed, 0, true)
		if got := m.Page(table(t, m.Fold(t, m.Cut(), linetest.First), m.Cut(), days), map[string]string{"blue": "red", "red": "blue"}); got != want {
			t.Fatalf("seed %d: no mirror image:\n%s\nof\n%s", seed, got, want)
		}
		short := table(t, w.Fold(t, cut, linetest.First), cut, 3)
		for i, d := range short.Days {
			if w.Page(d, nil) != w.Page(whole.Days[i], nil) {
				t.Fatalf("seed %d: day %d alone is\n%+v\nand in a longer stretch\n%+v", seed, i, d, whole.Days[i])
			}
		}
	}
	if counted < 100 {
		t.Errorf("only %d set minutes were judged: the histories say too little", counted)
	}
}
