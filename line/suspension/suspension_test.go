// SPDX-License-Identifier: Apache-2.0

package suspension_test

import (
	"testing"

	"openline/agreement"
	"openline/line"
	"openline/line/linetest"
	"openline/line/suspension"
	"openline/record"

	"pgregory.net/rapid"
)

type params = map[string]record.Value

func floor(uint32) []string { return agreement.Floor }

func list(t testing.TB, w *linetest.World) []suspension.Suspension {
	t.Helper()
	out, err := suspension.Of(w.Fold(t, w.Cut(), linetest.First).Things(suspension.Codes()...), floor)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func suspend(w *linetest.World, classes ...string) linetest.Draft {
	var v []record.Value
	for _, c := range classes {
		v = append(v, record.Text(c))
	}
	return linetest.Draft{Code: "ST01", Params: params{"classes": record.Array(v...), "from": w.Hour(100), "review": w.Hour(9000), "cause": record.Text("a decision")}}
}

func resume(w *linetest.World, e line.Entry, class string, in int) linetest.Draft {
	return linetest.Draft{Code: "ST02", About: e.Ref(), Re: []record.Ref{e.Ref()}, Params: params{"classes": record.Array(record.Text(class)), "from": w.Hour(in)}}
}

func TestOneClassResumed(t *testing.T) {
	w := linetest.New(t, 1, 2)
	e := w.Say(0, suspend(w, "talks", "notice", "talks"))
	w.Meet()
	w.Say(1, resume(w, e, "talks", 0)) // not who suspended
	w.Say(0, resume(w, e, "talks", 500))
	w.Say(0, resume(w, e, "text", 0)) // never suspended
	s := list(t, w)
	if len(s) != 2 || len(s[0].Marks) != 2 || s[0].Marks[0].Why != "it names no class that this record suspended" || s[0].Marks[1].Why != "only who suspended resumes" || len(s[1].Marks) != 0 || s[0].Class != "talks" || s[1].Class != "notice" || s[0].Cause != "a decision" {
		t.Fatalf("%+v", s)
	}
	for at, want := range map[int][2]bool{99: {false, false}, 100: {true, true}, 499: {true, true}, 500: {false, true}} {
		hour := w.Now + record.Stamp(at)
		if got := [2]bool{s[0].Holds(hour), s[1].Holds(hour)}; got != want {
			t.Errorf("after %d: %v", at, got)
		}
	}
}

// What can never be suspended is listed, and goes on.
func TestTheFloor(t *testing.T) {
	for _, class := range []string{"test", "distress", "accident", "resumption", "key", "nonsense"} {
		w := linetest.New(t, 1, 2)
		w.Say(0, suspend(w, class, "talks"))
		for _, s := range list(t, w) {
			if s.Void == "" || s.Holds(w.Now+200) {
				t.Errorf("%s: %+v", class, s)
			}
		}
		if len(list(t, w)) != 2 {
			t.Errorf("%s is not listed", class)
		}
	}
	w := linetest.New(t, 1, 2)
	w.Say(0, suspend(w, "incident"))
	out, err := suspension.Of(w.Fold(t, w.Cut(), linetest.First).Things(), func(uint32) []string { return []string{"incident"} })
	if err != nil || len(out) != 1 || out[0].Void == "" {
		t.Fatalf("what this agreement lets nobody suspend: %+v %v", out, err)
	}
}

// An act is judged by what its author had seen.
func TestInItsOwnPast(t *testing.T) {
	w := linetest.New(t, 1, 2)
	ask := func(i int) line.Entry {
		return w.Say(i, linetest.Draft{Code: "SD01", Params: params{"subject": record.Text("defence")}})
	}
	e := w.Say(0, suspend(w, "talks"))
	w.Now += 200
	blind := ask(1)
	w.Meet()
	seen := ask(1)
	own := ask(0)
	w.Say(0, resume(w, e, "talks", 0))
	unaware := ask(1)
	w.Meet()
	aware := ask(1)
	f := w.Fold(t, w.Cut(), linetest.First)
	all := list(t, w)
	for name, c := range map[string]struct {
		e    line.Entry
		want int
	}{"had not seen it": {blind, 0}, "had seen it": {seen, 1}, "who suspended": {own, 1}, "had not seen it resumed": {unaware, 1}, "had seen it resumed": {aware, 0}} {
		thing, err := f.Thing(c.e.Ref())
		if err != nil {
			t.Fatal(err)
		}
		if got := suspension.In(all, thing.Opening); len(got) != c.want {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestTakenBack(t *testing.T) {
	w := linetest.New(t, 1, 2)
	e := w.Say(0, suspend(w, "talks"))
	w.Say(0, linetest.Draft{Code: "ER01", About: e.Ref(), Re: []record.Ref{e.Ref()}})
	if s := list(t, w); len(s) != 0 {
		t.Fatalf("%+v", s)
	}
}

func TestLaws(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		linetest.Laws(t, rapid.Uint64().Draw(rt, "seed"), func(f *line.Fold, cut line.Cut) any {
			out, err := suspension.Of(f.ThingsAt(cut, suspension.Codes()...), floor)
			if err != nil {
				rt.Fatal(err)
			}
			return out
		})
	})
}
