// SPDX-License-Identifier: Apache-2.0

package counterpart_test

import (
	"fmt"
	"testing"

	"openline/line"
	"openline/line/counterpart"
	"openline/line/linetest"
	"openline/record"

	"pgregory.net/rapid"
)

type params = map[string]record.Value

func table(t testing.TB, w *linetest.World) counterpart.Table {
	t.Helper()
	out, err := counterpart.Of(w.Fold(t, w.Cut(), linetest.First).Things(counterpart.Codes()...))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func state(i int, w *linetest.World, ours, theirs, grounds string) linetest.Draft {
	return linetest.Draft{Code: "CP01", Params: params{"ours": w.Post(i, ours), "theirs": w.Post(1-i, theirs), "subject": record.Text("defence"), "grounds": record.Text(grounds)}}
}

func answer(e line.Entry, code string, p params) linetest.Draft {
	return linetest.Draft{Code: code, About: e.Ref(), Re: []record.Ref{e.Ref()}, Params: p}
}

func find(t testing.TB, tab counterpart.Table, blue, red string) counterpart.Pair {
	t.Helper()
	for _, p := range tab.Pairs {
		if p.Posts[0].Post == blue && p.Posts[1].Post == red {
			return p
		}
	}
	t.Fatalf("no pair of %s and %s in %+v", blue, red, tab.Pairs)
	return counterpart.Pair{}
}

// The case of 2021: one side sees the vice-chairman, the other the minister.
func TestSeenDifferently(t *testing.T) {
	w := linetest.New(t, 1, 2)
	e := w.Say(0, state(0, w, "secretary", "vice-chairman", "rank in the cabinet"))
	if p := find(t, table(t, w), "secretary", "vice-chairman"); p.State != counterpart.Stated || p.Views[0].Party != 1 {
		t.Fatalf("%+v", p)
	}
	w.Meet()
	different := w.Say(1, answer(e, "CP03", params{"office": w.Post(1, "minister"), "grounds": record.Text("the offices")}))
	tab := table(t, w)
	asked, named := find(t, tab, "secretary", "vice-chairman"), find(t, tab, "secretary", "minister")
	if asked.State != counterpart.Differs || asked.Views[1].Names.Post != "minister" || asked.Views[1].Grounds != "the offices" {
		t.Fatalf("%+v", asked)
	}
	if named.State != counterpart.Differs || named.Views[0].Names.Post != "vice-chairman" || !named.Views[1].For {
		t.Fatalf("%+v", named)
	}
	w.Meet()
	w.Say(1, answer(different, "WD01", nil)) // about the wrong thing: no effect
	w.Say(1, linetest.Draft{Code: "WD01", About: e.Ref(), Re: []record.Ref{different.Ref()}})
	w.Say(1, answer(e, "CP02", nil))
	if p := find(t, table(t, w), "secretary", "vice-chairman"); p.State != counterpart.Agreed || p.Crossed {
		t.Fatalf("%+v", p)
	}
}

func TestEachSaysItForItself(t *testing.T) {
	w := linetest.New(t, 1, 2)
	w.Say(0, state(0, w, "secretary", "minister", "a"))
	w.Say(1, state(1, w, "minister", "secretary", "b"))
	if p := find(t, table(t, w), "secretary", "minister"); p.State != counterpart.Agreed || !p.Crossed {
		t.Fatalf("%+v", p)
	}
	// A further pair for the same post is a proposal, not a contradiction.
	w.Meet()
	w.Say(0, state(0, w, "secretary", "vice-chairman", "c"))
	tab := table(t, w)
	if a, b := find(t, tab, "secretary", "minister"), find(t, tab, "secretary", "vice-chairman"); a.State != counterpart.Agreed || b.State != counterpart.Stated {
		t.Fatalf("%+v\n%+v", a, b)
	}
}

func TestWithdrawn(t *testing.T) {
	w := linetest.New(t, 1, 2)
	e := w.Say(0, state(0, w, "secretary", "minister", "a"))
	w.Meet()
	w.Say(0, answer(e, "WD01", nil))
	if tab := table(t, w); len(tab.Pairs) != 0 {
		t.Fatalf("%+v", tab)
	}
	w.Say(1, answer(e, "CP02", nil)) // crossed: only red's word stands
	if p := find(t, table(t, w), "secretary", "minister"); p.State != counterpart.Stated || p.Views[0].Party != 2 {
		t.Fatalf("%+v", p)
	}
}

// A party that declares itself another's post, or speaks for one, counts for
// nothing and is shown.
func TestForeignPosts(t *testing.T) {
	w := linetest.New(t, 1, 2, 3)
	w.Say(1, state(0, w, "secretary", "minister", "we are you")) // red as blue
	own := w.Say(0, state(0, w, "secretary", "minister", "ours"))
	w.Meet()
	w.Say(2, answer(own, "CP02", nil)) // green for red
	tab := table(t, w)
	if len(tab.Void) != 2 || len(tab.Pairs) != 1 || tab.Pairs[0].State != counterpart.Stated {
		t.Fatalf("%+v", tab)
	}
}

func call(w *linetest.World, i int, caller, called string) linetest.Draft {
	return linetest.Draft{Code: "CR01", Params: params{"caller": w.Post(i, caller), "called": w.Post(1-i, called), "subject": record.Text("defence"),
		"urgency": record.Text("ordinary"), "medium": record.Text("voice")}}
}

func TestPrecedents(t *testing.T) {
	accept := func(w *linetest.World, e line.Entry) {
		w.Say(1, answer(e, "CR02", params{"window": w.Window(3600, 7200)}))
	}
	for name, c := range map[string]struct {
		play func(*linetest.World, line.Entry)
		want counterpart.Weight
	}{
		"plain": {accept, counterpart.Counts},
		"said before": {func(w *linetest.World, e line.Entry) {
			w.Say(0, answer(e, "CP04", nil))
			w.Meet()
			accept(w, e)
		}, counterpart.Once},
		"said after, agreed": {func(w *linetest.World, e line.Entry) {
			accept(w, e)
			w.Meet()
			c := w.Say(0, answer(e, "CP04", nil))
			w.Meet()
			w.Say(1, linetest.Draft{Code: "AF01", About: e.Ref(), Re: []record.Ref{c.Ref()}})
		}, counterpart.Once},
		"said after, nothing came": {func(w *linetest.World, e line.Entry) {
			accept(w, e)
			w.Meet()
			w.Say(0, answer(e, "CP04", nil))
		}, counterpart.Reserved},
		"crossed": {func(w *linetest.World, e line.Entry) {
			w.Say(0, answer(e, "CP04", nil))
			accept(w, e)
		}, counterpart.Reserved},
	} {
		t.Run(name, func(t *testing.T) {
			w := linetest.New(t, 1, 2)
			e := w.Say(0, call(w, 0, "secretary", "vice-chairman"))
			w.Meet()
			c.play(w, e)
			p := find(t, table(t, w), "secretary", "vice-chairman")
			if p.State != counterpart.None || len(p.Precedents) != 1 || p.Precedents[0].Standing != c.want {
				t.Fatalf("%+v", p)
			}
		})
	}
}

// A request that is moved keeps its number; practice says with whom it ended.
func TestRedirected(t *testing.T) {
	w := linetest.New(t, 1, 2)
	e := w.Say(0, call(w, 0, "secretary", "vice-chairman"))
	w.Meet()
	w.Say(1, answer(e, "HD04", params{"office": w.Post(1, "minister")}))
	w.Say(1, answer(e, "HD04", params{"office": w.Post(0, "watch")}))
	tab := table(t, w)
	first, second := find(t, tab, "secretary", "vice-chairman"), find(t, tab, "secretary", "minister")
	if r := first.Redirects[0]; r.To.Post != "minister" || r.Foreign || r.Request.Number != e.Number || first.State != counterpart.None {
		t.Fatalf("%+v", first)
	}
	if r := second.Redirects[0]; !r.Foreign || !r.Stands {
		t.Fatalf("%+v", second)
	}
}

func TestPositions(t *testing.T) {
	w := linetest.New(t, 1, 2)
	e := w.Say(0, linetest.Draft{Code: "SP01", Params: params{"subject": record.Text("defence"), "position": record.Text("one")}})
	w.Say(0, answer(e, "SP01", params{"subject": record.Text("defence"), "position": record.Text("two")}))
	if tab := table(t, w); len(tab.Positions) != 1 || tab.Positions[0].Text != "two" {
		t.Fatalf("%+v", tab.Positions)
	}
}

func TestLaws(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		linetest.Laws(t, rapid.Uint64().Draw(rt, "seed"), func(f *line.Fold, cut line.Cut) any {
			out, err := counterpart.Of(f.ThingsAt(cut, counterpart.Codes()...))
			if err != nil {
				rt.Fatal(err)
			}
			return out
		})
	})
}

// Who sends ten thousand statements displaces its own older ones only.
func TestFlood(t *testing.T) {
	if testing.Short() {
		t.Skip("ten thousand records")
	}
	w := linetest.New(t, 1, 2)
	w.Say(0, state(0, w, "secretary", "minister", "a"))
	for i := range 10_000 {
		w.Say(1, linetest.Draft{Code: "CP01", Params: params{"ours": w.Post(1, "minister"), "theirs": w.Post(0, "secretary"), "subject": record.Text(fmt.Sprint("s", i))}})
	}
	tab := table(t, w)
	if len(tab.Pairs) != 1025 || tab.Left[2] != 10_000-1024 || tab.Left[1] != 0 {
		t.Fatal(len(tab.Pairs), tab.Left)
	}
}
