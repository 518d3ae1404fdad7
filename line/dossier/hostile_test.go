// SPDX-License-Identifier: Apache-2.0

package dossier_test

import (
	"strings"
	"testing"

	"openline/line"
	"openline/line/dossier"
	"openline/line/linetest"
	"openline/record"
)

// TestBadInput: what a counterpart can say that means nothing, or not what it
// seems. Each has its state and its mark, and moves nothing else.
func TestBadInput(t *testing.T) {
	type side = dossier.Side
	for _, c := range []struct {
		name  string
		play  func(w *linetest.World, ask line.Entry)
		state dossier.State
		mark  string // of the dossier; empty: none
		check func(d dossier.Dossier, s side) bool
	}{
		{"replies to nothing", func(w *linetest.World, ask line.Entry) {
			w.Say(1, linetest.Draft{Code: "HD05", About: ask.Ref(), Params: params{"reason": record.Uint(1)}})
		}, "open", "re", nil},
		{"replies to another matter", func(w *linetest.World, ask line.Entry) {
			other := w.Say(0, call(w))
			w.Meet()
			w.Say(1, about(ask, other, "HD05", params{"reason": record.Uint(1)}))
		}, "open", "it answers nothing of this matter that its author had seen", nil},
		{"replies to what was never asked", func(w *linetest.World, ask line.Entry) {
			w.Say(1, about(ask, ask, "WL01", nil))
		}, "open", "what it answers does not ask for WL01", nil},
		{"says yes to its own hold", func(w *linetest.World, ask line.Entry) {
			h := w.Say(1, about(ask, ask, "HD01", params{"until": w.Hour(60)}))
			w.Say(1, about(ask, h, "CR02", params{"window": w.Window(3600, 7200)}))
		}, "held", "what it answers does not ask for CR02", nil},
		{"replies twice", func(w *linetest.World, ask line.Entry) {
			w.Say(1, about(ask, ask, "CR02", params{"window": w.Window(3600, 7200)}))
			w.Say(1, about(ask, ask, "HD05", params{"reason": record.Uint(9)}))
		}, "declined", "", func(_ dossier.Dossier, s side) bool { return s.By.Number == 2 && s.Reason == 9 }},
		{"replies in its asker's name", func(w *linetest.World, ask line.Entry) {
			w.Say(0, about(ask, ask, "CR02", params{"window": w.Window(3600, 7200)}))
		}, "open", "", func(_ dossier.Dossier, s side) bool { return s.Awaits == 2 }},
		{"answers an item of the agenda to end the request", func(w *linetest.World, ask line.Entry) {
			i := w.Say(0, about(ask, ask, "MT02", item("encounters", "proposed")))
			w.Meet()
			w.Say(1, about(ask, i, "AF01", nil))
		}, "open", "", func(d dossier.Dossier, s side) bool {
			return s.Awaits == 2 && len(d.Asked) == 1 && d.Asked[0].State == "answered" && !d.Asked[0].Awaited
		}},
		{"asks inside, and awaits", func(w *linetest.World, ask line.Entry) {
			w.Say(1, about(ask, ask, "PR02", params{"condition": record.Text("your apology")}))
		}, "on condition", "", func(d dossier.Dossier, s side) bool {
			return s.Awaits == 1 && len(d.Asked) == 1 && d.Asked[0].Awaited && d.Asked[0].Party == 1
		}},
		{"redirects in circles", func(w *linetest.World, ask line.Entry) {
			for _, p := range []string{"watch", "chairman", "watch"} {
				w.Say(1, about(ask, ask, "HD04", params{"office": w.Post(1, p)}))
			}
		}, dossier.Circle, "", func(_ dossier.Dossier, s side) bool { return s.Awaits == 2 && len(s.Route) == 3 }},
		{"redirects to who asks", func(w *linetest.World, ask line.Entry) {
			w.Say(1, about(ask, ask, "HD04", params{"office": w.Post(0, "minister")}))
		}, "redirected", "", func(_ dossier.Dossier, s side) bool { return s.Awaits == 1 }},
		{"dates its reply in 1970", func(w *linetest.World, ask line.Entry) {
			d := about(ask, ask, "HD05", params{"reason": record.Uint(1)})
			d.Dated = 1
			w.Say(1, d)
		}, "declined", "dated before a record it answers", nil},
		{"dates its reply in 2100", func(w *linetest.World, ask line.Entry) {
			d := about(ask, ask, "HD01", params{"until": w.Hour(60)})
			d.Dated = 4_102_444_800
			h := w.Say(1, d)
			w.Meet()
			w.Say(0, about(ask, h, "RM01", nil))
			w.Say(1, about(ask, ask, "HD05", params{"reason": record.Uint(1)}))
		}, "declined", "dated after a record that answers it", nil},
		{"joins our matter to its own", func(w *linetest.World, ask line.Entry) {
			own := w.Say(1, call(w))
			w.Say(1, about(ask, ask, "SM01", params{"other": record.Array(record.Uint(2), record.Uint(own.Number))}))
		}, "open", "", func(d dossier.Dossier, _ side) bool { return len(d.Joined) == 1 && !d.Joined[0].One }},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := linetest.New(t, 1, 2)
			ask := w.Say(0, call(w))
			w.Meet()
			c.play(w, ask)
			d := table(t, w).Dossiers[0]
			s := d.Sides[0]
			marked := strings.Contains(marks(d.Marks), c.mark)
			if s.State != c.state || c.mark == "" && len(d.Marks) > 0 || !marked || c.check != nil && !c.check(d, s) {
				t.Fatalf("%+v\n%+v", s, d)
			}
		})
	}
}

func marks(list []line.Mark) string {
	var out []string
	for _, m := range list {
		out = append(out, m.Why)
	}
	return strings.Join(out, "; ")
}

// What names another's post as its own, or another's holder, counts for
// nothing and is listed; windows in 1970 are over when they are offered.
func TestForeignPosts(t *testing.T) {
	w := linetest.New(t, 1, 2)
	post := w.Say(0, linetest.Draft{Code: "PO01", Params: params{"post": record.Text("minister"), "office": record.Text("The minister")}})
	w.Meet()
	w.Say(1, about(post, post, "PO02", params{"post": record.Text("minister"), "since": w.Hour(0)}))
	d := call(w)
	d.Params["caller"] = w.Post(0, "minister") // of the other party
	w.Say(1, d)
	w.Meet()
	d = call(w)
	d.Params["windows"] = record.Array(record.Array(record.Uint(1), record.Uint(2)))
	w.Say(0, d)
	w.Say(0, linetest.Draft{Code: "CR01"})
	tab := table(t, w)
	if got := marks(tab.Void); !strings.Contains(got, "it names the holder of another party's post") || len(tab.Void) != 2 {
		t.Fatal(got)
	}
	if len(tab.Dossiers) != 2 || tab.Dossiers[0].Foreign || !tab.Dossiers[0].Over || !tab.Dossiers[1].Foreign || len(tab.Dossiers[0].Holders) != 0 {
		t.Fatalf("%+v", tab.Dossiers)
	}
}
