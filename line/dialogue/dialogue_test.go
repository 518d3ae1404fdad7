// SPDX-License-Identifier: Apache-2.0

package dialogue_test

import (
	"testing"

	"openline/line"
	"openline/line/dialogue"
	"openline/line/dossier"
	"openline/line/linetest"
	"openline/record"

	"pgregory.net/rapid"
)

type params = map[string]record.Value

func of(t testing.TB, f *line.Fold, cut line.Cut) dialogue.Table {
	t.Helper()
	d, err := dossier.Of(f.ThingsAt(cut, dossier.Codes()...))
	if err != nil {
		t.Fatal(err)
	}
	out, err := dialogue.Of(f.ThingsAt(cut, dialogue.Codes()...), d.Dossiers)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func table(t testing.TB, w *linetest.World) dialogue.Table {
	return of(t, w.Fold(t, w.Cut(), linetest.First), w.Cut())
}

func meeting(w *linetest.World, place string) linetest.Draft {
	return linetest.Draft{Code: "MT01", Params: params{"series": record.Text("annual talks"), "host": record.Text("the organisers"), "place": record.Text(place), "dates": record.Array(w.Window(86400, 90000))}}
}

func about(e line.Entry, code string, p params) linetest.Draft {
	return linetest.Draft{Code: code, About: e.Ref(), Re: []record.Ref{e.Ref()}, Params: p}
}

func forum(plan string) linetest.Draft {
	return linetest.Draft{Code: "FM01", Params: params{"forum": record.Text("the forum "), "plan": record.Text(plan)}}
}

func stage(name string) linetest.Draft {
	return linetest.Draft{Code: "MT04", Params: params{"series": record.Text("annual talks"), "stage": record.Text(name)}}
}

func only(t testing.TB, w *linetest.World) dialogue.Meeting {
	t.Helper()
	tab := table(t, w)
	if len(tab.Series) != 1 || len(tab.Series[0].Meetings) == 0 {
		t.Fatalf("%+v", tab)
	}
	return tab.Series[0].Meetings[0]
}

func TestMeetingAtAnHour(t *testing.T) {
	w := linetest.New(t, 1, 2)
	m := w.Say(0, meeting(w, "a house"))
	start := w.Now
	expect := func(at int, want string) {
		t.Helper()
		if got := only(t, w).At(start + record.Stamp(at)); got != want {
			t.Fatalf("after %d it is %q, not %q", at, got, want)
		}
	}
	expect(0, "open")
	expect(90001, "lapsed")
	if m := only(t, w).Moves; len(m) != 1 || m[0] != 2 {
		t.Fatal("red moves next")
	}
	w.Meet()
	w.Say(1, about(m, "AF01", nil))
	expect(0, "due")
	expect(90001, "missed")
	w.Now = start + 90_000
	w.Meet()
	w.Say(1, about(m, "CR05", params{"ended": w.Hour(0), "points": record.Text("none"), "asked": record.Text("unsaid"), "release": w.Hour(0)}))
	expect(90001, "held")
}

// May 2021: the organisers call the forum off, and the meeting there with it.
func TestForumCalledOff(t *testing.T) {
	w := linetest.New(t, 1, 2)
	w.Say(0, forum("planned"))
	m := w.Say(0, meeting(w, "the forum"))
	elsewhere := w.Say(0, meeting(w, "a house"))
	w.Meet()
	w.Say(1, about(m, "AF01", nil))
	w.Say(1, about(elsewhere, "AF01", nil))
	off := w.Say(0, forum("called_off"))
	tab := table(t, w)
	a, b := tab.Series[0].Meetings[0], tab.Series[0].Meetings[1]
	if a.State != dossier.CalledOff || a.With.Number != off.Number || a.Fallback.From != w.Now+86400 || b.State != dossier.Confirmed {
		t.Fatalf("%+v\n%+v", a, b)
	}
	if f := tab.Forums[0]; f.Plan != "called_off" || f.Name != "the forum" {
		t.Fatalf("%+v", f)
	}
	// Proposed by one who knew, it is not carried off.
	w.Say(0, meeting(w, "the forum"))
	if m := table(t, w).Series[0].Meetings[2]; m.With.Number != 0 || m.State != "open" {
		t.Fatalf("%+v", m)
	}
	w.Meet()
	w.Say(1, forum("planned")) // a later word
	if m := only(t, w); m.State != dossier.Confirmed {
		t.Fatalf("%+v", m)
	}
}

func TestStages(t *testing.T) {
	w := linetest.New(t, 1, 2)
	w.Say(0, stage("suspended"))
	w.Say(1, stage("resumed"))
	s := table(t, w).Series[0]
	if !s.Crossed || len(s.Words) != 2 {
		t.Fatalf("%+v", s)
	}
	w.Meet()
	w.Say(1, stage("resumed"))
	if s = table(t, w).Series[0]; s.Crossed || s.Stage != "resumed" {
		t.Fatalf("%+v", s)
	}
}

func TestLaws(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		linetest.Laws(t, rapid.Uint64().Draw(rt, "seed"), func(f *line.Fold, cut line.Cut) any { return of(t, f, cut) })
	})
}
