// SPDX-License-Identifier: Apache-2.0

package incident_test

import (
	"testing"

	"openline/line"
	"openline/line/incident"
	"openline/line/linetest"
	"openline/record"

	"pgregory.net/rapid"
)

type params = map[string]record.Value

func list(t testing.TB, w *linetest.World) []incident.Incident {
	t.Helper()
	out, _, err := incident.Of(w.Fold(t, w.Cut(), linetest.First).Things(incident.Codes()...))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func report(w *linetest.World) linetest.Draft {
	return linetest.Draft{Code: "IN01", Params: params{"place": record.Array(record.Int(2_450_000), record.Int(-11_970_000)), "hour": w.Hour(-60), "kind": record.Text("collision"),
		"harm": record.Text("none known"), "sure": record.Text("two ships touched"), "unsure": record.Text("their numbers")}}
}

func about(e, re line.Entry, code string, p params) linetest.Draft {
	return linetest.Draft{Code: code, About: e.Ref(), Re: []record.Ref{re.Ref()}, Params: p}
}

// An incident at sea by its hours: reported, held, asked, held, answered, not
// intended, ended.
func TestThread(t *testing.T) {
	w := linetest.New(t, 1, 2)
	e := w.Say(0, report(w))
	w.Meet()
	w.Say(1, about(e, e, "HD02", params{"until": w.Hour(3600)}))
	w.Meet()
	q := w.Say(0, about(e, e, "IN02", params{"description": record.Text("did your ship turn?")}))
	w.Meet()
	w.Say(1, about(e, q, "OW03", nil))
	in := list(t, w)
	if len(in) != 1 || in[0].Opening.Number != e.Number || in[0].Place[0] != 2_450_000 || in[0].Place[1] != -11_970_000 || in[0].Next != w.Now+3600 || in[0].Sure == "" {
		t.Fatalf("%+v", in)
	}
	if a := in[0].Asked[0]; a.Answers[0].Code != "OW03" || a.Wish != w.Now+86400 || a.Limit != w.Now+2*86400 {
		t.Fatalf("%+v", a)
	}
	w.Say(1, about(e, q, "OW01", nil))
	n := w.Say(1, about(e, e, "IN03", params{"kind": record.Text("fault"), "measures": record.Text("speed reduced")}))
	w.Meet()
	w.Say(0, about(e, e, "NT05", params{"state": record.Text("ended")}))
	in = list(t, w)
	if a := in[0].Asked[0].Answers; len(a) != 1 || a[0].Code != "OW01" {
		t.Fatalf("the newest word counts: %+v", a)
	}
	if len(in[0].Unmeant) != 1 || in[0].Unmeant[0].Number != n.Number || len(in[0].Closed) != 1 || in[0].Closed[0].Party != 1 {
		t.Fatalf("%+v", in[0])
	}
	if r := incident.Review(in, w.Now); len(r) != 0 {
		t.Fatalf("ended, and nothing since: %+v", r)
	}
	if r := incident.Review(in, w.Now-1); len(r) != 1 {
		t.Fatal("something was said since the last review")
	}
}

func TestWithdrawnAndHostile(t *testing.T) {
	w := linetest.New(t, 1, 2)
	e := w.Say(0, report(w))
	w.Meet()
	w.Say(1, about(e, e, "OW01", nil)) // answers what was never asked
	w.Say(1, about(e, e, "WD01", nil)) // not theirs to withdraw
	in := list(t, w)
	if len(in[0].Asked) != 0 || len(in[0].Replies) != 0 || in[0].Withdrawn.Number != 0 {
		t.Fatalf("%+v", in)
	}
	w.Say(0, about(e, e, "WD01", nil))
	if in = list(t, w); in[0].Withdrawn.Number == 0 || len(incident.Review(in, 0)) != 0 {
		t.Fatalf("%+v", in)
	}
	for range 200 {
		w.Say(0, about(e, e, "IN02", params{"description": record.Text("and now?")}))
		w.Say(0, about(e, e, "IN06", params{"place": record.Array(record.Uint(0), record.Uint(0)), "hour": w.Hour(0), "until": w.Hour(1)}))
	}
	if in = list(t, w); len(in[0].Asked) > 64 || len(in[0].Holds) > 64 {
		t.Fatal("a list grows with what one party says")
	}
}

func TestLaws(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		linetest.Laws(t, rapid.Uint64().Draw(rt, "seed"), func(f *line.Fold, cut line.Cut) any {
			out, left, err := incident.Of(f.ThingsAt(cut, incident.Codes()...))
			if err != nil {
				rt.Fatal(err)
			}
			return []any{out, left}
		})
	})
}
