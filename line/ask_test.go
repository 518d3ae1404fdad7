// SPDX-License-Identifier: Apache-2.0

package line

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"openline/record"
)

func ended(e Entry, re ...Entry) draft {
	d := with(about(e, "CR05", re...), map[string]record.Value{"ended": record.Uint(1), "points": record.Text("none"), "asked": record.Text("unsaid"), "release": record.Uint(2)})
	return d
}

func condition(e Entry) draft {
	return with(about(e, "PR02"), map[string]record.Value{"condition": record.Text("on a Tuesday")})
}

func understood(e Entry, of Entry) draft {
	return with(about(e, "RC04", of), map[string]record.Value{"reading": record.Text("on Tuesday")})
}

// shownAsks writes what is asked in a thing, by the names of the records: who
// asks by which phrase, of whom, and how it stands.
func shownAsks(t *Thing) string {
	var out []string
	for _, a := range t.Asked {
		for _, s := range a.Sides {
			line := fmt.Sprintf("%s %s of %d: %s", refText(a.Act), a.Act.Code, s.Party, s.Outcome)
			if s.By != nil {
				line += " by " + refText(s.By)
			}
			if s.Awaited() {
				line += ", awaited"
			}
			if s.Ladder.Watch.Number > 0 {
				line += ", seen by the watch"
			}
			if s.Crossed {
				line += ", crossed"
			}
			out = append(out, line)
		}
	}
	return strings.Join(out, "; ")
}

// TestAsides: what is asked inside a thing stands by itself, and leaves the
// request alone. Blue (1) has asked for a call in 1/1.
func TestAsides(t *testing.T) {
	for _, c := range []struct {
		name string
		play func(w *world, ask Entry)
		want string
	}{
		{"a yes to what a call came to", func(w *world, ask Entry) {
			w.say(1, about(ask, "AF01", w.say(0, to(2, ended(ask)))))
		}, "1/1 CR01 of 2: open, awaited; 1/2 CR05 of 2: answered by 2/1"},
		{"a hold inside holds what is inside", func(w *world, ask Entry) {
			in := w.say(0, to(2, about(ask, "CP04")))
			w.say(1, with(about(ask, "HD01", in), until(w.now+60)))
			w.say(1, decline(ask))
		}, "1/1 CR01 of 2: declined by 2/2; 1/2 CP04 of 2: held by 2/1, awaited"},
		{"both say what a call came to", func(w *world, ask Entry) {
			w.say(0, to(2, ended(ask)))
			w.say(1, to(1, ended(ask)))
		}, "1/1 CR01 of 2: open, awaited; 1/2 CR05 of 2: answered by 2/1"},
		{"a condition asks the asker", func(w *world, ask Entry) { w.say(1, condition(ask)) },
			"1/1 CR01 of 2: on condition by 2/1; 2/1 PR02 of 1: open, awaited"},
		{"and no leaves the asked side to move", func(w *world, ask Entry) { w.say(0, about(ask, "AF02", w.say(1, condition(ask)))) },
			"1/1 CR01 of 2: on condition by 2/1, awaited; 2/1 PR02 of 1: answered by 1/2"},
		{"a yes ends both", func(w *world, ask Entry) { w.say(0, about(ask, "AF01", w.say(1, condition(ask)))) },
			"1/1 CR01 of 2: answered by 2/1; 2/1 PR02 of 1: answered by 1/2"},
		{"a condition taken back asks no more", func(w *world, ask Entry) { w.say(1, about(ask, "ER01", w.say(1, condition(ask)))) },
			"1/1 CR01 of 2: open, awaited"},
		{"answered elsewhere, and the asker looks", func(w *world, ask Entry) {
			an := w.say(1, with(about(ask, "AN01"), map[string]record.Value{"channel": record.Text("mail"), "when": record.Uint(1)}))
			w.say(0, with(about(ask, "HD01", an), until(w.now+60)))
		}, "1/1 CR01 of 2: answered elsewhere by 2/1; 2/1 AN01 of 1: held by 1/2, awaited"},
		{"a reminder of what is inside", func(w *world, ask Entry) {
			in := w.say(0, to(2, about(ask, "CP04")))
			w.say(1, about(ask, "AF01", w.say(0, to(2, about(ask, "RM01", in)))))
		}, "1/1 CR01 of 2: open, awaited; 1/2 CP04 of 2: answered by 2/1"},
		{"a reminder of a hold reminds of the request", func(w *world, ask Entry) {
			hold := w.say(1, with(about(ask, "HD01"), until(w.now+60)))
			w.say(1, with(about(ask, "CR02", w.say(0, to(2, about(ask, "RM01", hold)))), window(1, 2)))
		}, "1/1 CR01 of 2: answered by 2/2"},
		{"how does it stand, and no word yet", func(w *world, ask Entry) {
			w.say(1, about(ask, "HD03", w.say(0, to(2, about(ask, "RQ01")))))
		}, "1/1 CR01 of 2: no word yet by 2/1, awaited"},
		{"a receipt inside is none of the request", func(w *world, ask Entry) {
			w.say(1, about(ask, "RC01", w.say(0, to(2, ended(ask)))))
		}, "1/1 CR01 of 2: open, awaited; 1/2 CR05 of 2: open, awaited, seen by the watch"},
		{"withdrawn, with all that was asked inside", func(w *world, ask Entry) {
			w.say(0, to(2, about(ask, "CP04")))
			w.say(1, to(1, understood(ask, ask)))
			w.say(0, about(ask, "WD01"))
		}, "1/1 CR01 of 2: withdrawn by 1/3; 1/2 CP04 of 2: withdrawn by 1/3; 2/1 RC04 of 1: withdrawn by 1/3"},
		{"a yes that crossed the withdrawal", func(w *world, ask Entry) {
			in := w.say(0, to(2, about(ask, "CP04")))
			w.meet(0, 1)
			w.apart = true
			w.say(0, about(ask, "WD01"))
			w.say(1, about(ask, "AF01", in))
		}, "1/1 CR01 of 2: withdrawn by 1/3; 1/2 CP04 of 2: answered by 2/1, crossed"},
		{"a no after a yes", func(w *world, ask Entry) {
			in := w.say(0, to(2, about(ask, "CP04")))
			w.say(1, about(ask, "AF01", in))
			w.say(1, about(ask, "AF02", in))
		}, "1/1 CR01 of 2: open, awaited; 1/2 CP04 of 2: answered by 2/2"},
		{"a yes to what was taken back", func(w *world, ask Entry) {
			in := w.say(0, to(2, about(ask, "CP04")))
			w.say(0, about(ask, "ER01", in))
			w.say(1, about(ask, "AF01", in))
		}, "1/1 CR01 of 2: open, awaited"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, 1, 2)
			ask := w.ask(0, 2)
			w.together = true
			c.play(w, ask)
			f := w.folded(t)
			th := thing(t, f, ask)
			if got := shownAsks(th); got != c.want {
				t.Errorf("\n%s\nnot\n%s", got, c.want)
			}
			n := map[[2]record.PartyNo]int{}
			for _, x := range f.Waits() {
				n[[2]record.PartyNo{x.Ask.Act.Ref.Party, x.Side.Party}]++
			}
			if f.Await(1, 2) != n[[2]record.PartyNo{1, 2}] || f.Await(2, 1) != n[[2]record.PartyNo{2, 1}] || len(n) > 2 {
				t.Errorf("counted %d and %d, listed %v", f.Await(1, 2), f.Await(2, 1), n)
			}
		})
	}
}

func to(p record.PartyNo, d draft) draft { d.to = []record.PartyNo{p}; return d }

func window(from, to uint64) map[string]record.Value {
	return map[string]record.Value{"window": record.Array(record.Uint(from), record.Uint(to))}
}

// TestClockOfAnAside: an ask inside runs by the declared clock of its own
// phrase, from when it was shown, whoever it asks.
func TestClockOfAnAside(t *testing.T) {
	w := newWorld(t, 1, 2)
	w.clocks(0, "PR02", 600, nil)
	w.meet(0, 1)
	ask := w.ask(0, 2)
	w.meet(0, 1)
	w.now += 100
	w.say(1, condition(ask))
	w.now += 50
	w.meet(1, 0)
	shown := w.now
	w.say(0, draft{})
	f := w.folded(t)
	th := thing(t, f, ask)
	if len(th.Asked) != 2 || th.Asked[1].Act.Code != "PR02" {
		t.Fatal(shownAsks(th))
	}
	r := f.ReckonSide(th, th.Asked[1].Sides[0], held{}, w.now)
	if r.State != Running || r.Party != 1 || r.Started.At != shown || r.Due != shown+600 || r.Declaration != record.ByNumber(1, 1) {
		t.Fatalf("%+v", r)
	}
	if r := f.Reckon(th, held{}, w.now); r.State != Replied || r.Party != 2 {
		t.Fatalf("the request: %+v", r)
	}
}

// TestManyAsks: of each party's acts in one thing the first ones that stand
// are asks; the others are shown. What is listed is bounded as well.
func TestManyAsks(t *testing.T) {
	w := newWorld(t, 1, 2)
	ask := w.ask(0, 2)
	w.meet(0, 1)
	for range maxAsks + 9 {
		w.say(1, to(1, about(ask, "CP04")))
	}
	f := w.folded(t)
	if got := len(thing(t, f, ask).Asked); got != 1+maxAsks || f.Await(2, 1) != maxAsks || len(f.Waits()) != 1+maxAsks {
		t.Fatal(got, f.Await(2, 1), len(f.Waits()))
	}
	first, _, _ := w.Entry(record.ByNumber(2, 1))
	w.say(1, about(ask, "ER01", first))
	th := thing(t, w.folded(t), ask)
	if newest := th.Asked[len(th.Asked)-1].Act; len(th.Asked) != 1+maxAsks || newest.Ref.Number != maxAsks+1 {
		t.Fatalf("one was taken back: the next takes its place, not %s", refText(newest))
	}
}

// TestHostileThing: as much as one thing can hold, said to be costly.
func TestHostileThing(t *testing.T) {
	w := newWorld(t, 1, 2)
	ask := w.ask(0, 2)
	w.meet(0, 1)
	last := []Entry{ask}
	for i := range 256 {
		w.say(1, to(1, ended(ask)))
		d := about(ask, "TX01", last...)
		d.text = "and so on"
		last = append(last, w.say(1, d))
		if i%4 == 0 {
			last = append(last, w.say(1, to(1, about(ask, "CP04", last[len(last)-1]))))
		}
	}
	start := time.Now()
	f := w.folded(t)
	t.Logf("folded in %v", time.Since(start))
	if th := thing(t, f, ask); len(th.Acts) != maxActs+1 || f.Await(2, 1) > maxAsks {
		t.Fatal(len(th.Acts), f.Await(2, 1))
	}
}
