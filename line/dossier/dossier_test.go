// SPDX-License-Identifier: Apache-2.0

package dossier_test

import (
	"crypto/sha256"
	"testing"

	"openline/line"
	"openline/line/dossier"
	"openline/line/linetest"
	"openline/record"

	"pgregory.net/rapid"
)

type params = map[string]record.Value

func table(t testing.TB, w *linetest.World) dossier.Table {
	t.Helper()
	out, err := dossier.Of(w.Fold(t, w.Cut(), linetest.First).Things(dossier.Codes()...))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func only(t testing.TB, w *linetest.World) dossier.Dossier {
	t.Helper()
	tab := table(t, w)
	if len(tab.Dossiers) == 0 {
		t.Fatal("no dossier")
	}
	return tab.Dossiers[0]
}

func call(w *linetest.World) linetest.Draft {
	return linetest.Draft{Code: "CR01", To: []record.Address{{Party: 2, Post: "vice-chairman"}}, Params: params{"caller": w.Post(0, "secretary"), "called": w.Post(1, "vice-chairman"),
		"subject": record.Text("defence"), "urgency": record.Text("ordinary"), "medium": record.Text("video"), "windows": record.Array(w.Window(3600, 7200))}}
}

func meeting(w *linetest.World) linetest.Draft {
	return linetest.Draft{Code: "MT01", Params: params{"series": record.Text("maritime talks"), "host": record.Text("us"), "place": record.Text("the forum"), "dates": record.Array(w.Window(86400, 2*86400))}}
}

func about(e line.Entry, re line.Entry, code string, p params) linetest.Draft {
	return linetest.Draft{Code: code, About: e.Ref(), Re: []record.Ref{re.Ref()}, Params: p}
}

func item(text, stand string) params {
	return params{"item": record.Text(text), "stand": record.Text(stand)}
}

// Each answer, and what the dossier says of it and whose word is next.
func TestStates(t *testing.T) {
	office := func(i int, post string) func(*linetest.World) params {
		return func(w *linetest.World) params { return params{"office": w.Post(i, post)} }
	}
	for _, c := range []struct {
		name, code string
		params     func(*linetest.World) params
		state      dossier.State
		awaits     record.PartyNo
		office     string
	}{
		{"held", "HD01", func(w *linetest.World) params { return params{"until": w.Hour(60)} }, "held", 2, "vice-chairman"},
		{"declined", "HD05", func(*linetest.World) params { return params{"reason": record.Uint(6)} }, "declined", 0, "vice-chairman"},
		{"redirected", "HD04", office(1, "minister"), "redirected", 2, "minister"},
		{"sent back", "HD04", office(0, "secretary"), "redirected", 1, "secretary"},
		{"in a circle", "HD04", office(1, "vice-chairman"), dossier.Circle, 2, "vice-chairman"},
		{"countered", "CR03", func(w *linetest.World) params { return params{"window": w.Window(9000, 9600)} }, dossier.Countered, 1, "vice-chairman"},
		{"delegated", "CR03", office(1, "deputy"), dossier.Countered, 1, "deputy"},
		{"in principle", "PR01", nil, "in principle", 2, "vice-chairman"},
		{"on condition", "PR02", func(*linetest.World) params { return params{"condition": record.Text("first an agenda")} }, "on condition", 1, "vice-chairman"},
		{"accepted", "CR02", func(w *linetest.World) params { return params{"window": w.Window(3600, 7200)} }, dossier.Accepted, 0, "vice-chairman"},
		{"not permitted", "OW01", nil, "open", 2, "vice-chairman"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := linetest.New(t, 1, 2)
			e := w.Say(0, call(w))
			w.Meet()
			var p params
			if c.params != nil {
				p = c.params(w)
			}
			w.Say(1, about(e, e, c.code, p))
			d := only(t, w)
			if s := d.Sides[0]; s.State != c.state || s.Awaits != c.awaits || s.Office.Post != c.office || d.Kind != "video call" || d.From.Post != "secretary" {
				t.Fatalf("%+v", d)
			}
		})
	}
}

// One number through an attempt, a redirection, a lapse, a renewal and an
// acceptance by another office after a change of holder.
func TestOneNumber(t *testing.T) {
	w := linetest.New(t, 1, 2)
	post := w.Say(1, linetest.Draft{Code: "PO01", Params: params{"post": record.Text("vice-chairman"), "office": record.Text("Vice-chairman")}})
	w.Meet()
	e := w.Say(0, call(w))
	w.Meet()
	w.Say(1, about(e, e, "HD04", params{"office": w.Post(1, "minister")}))
	w.Meet()
	w.Now += 86400
	d := only(t, w)
	if d.Lapsed(w.Now) || d.Sides[0].Route[0].Post != "minister" {
		t.Fatalf("moved, it is alive: %+v", d)
	}
	w.Say(1, about(post, post, "PO02", params{"post": record.Text("vice-chairman"), "since": w.Hour(0)}))
	r := w.Say(0, about(e, e, "RM01", nil))
	w.Meet()
	w.Say(1, about(e, r, "CR02", params{"window": w.Window(600, 1200)}))
	d = only(t, w)
	if d.Opening.Number != e.Number || d.Sides[0].State != dossier.Accepted || len(d.Renewed) != 1 || len(d.Holders) != 1 || d.Sides[0].Office.Post != "minister" {
		t.Fatalf("%+v", d)
	}
	c := table(t, w).Counts
	if len(c) != 1 || c[0].Asked != 1 || c[0].Reminders != 1 || c[0].Came[dossier.Accepted] != 1 {
		t.Fatalf("%+v", c)
	}
}

func TestLapsed(t *testing.T) {
	w := linetest.New(t, 1, 2)
	e := w.Say(0, call(w))
	if d := only(t, w); d.Lapsed(w.Now+7200) || !d.Lapsed(w.Now+7201) {
		t.Fatalf("%+v", d)
	}
	w.Now += 8000
	w.Say(0, about(e, e, "RM01", nil))
	if d := only(t, w); d.Lapsed(w.Now + 9000) {
		t.Fatal("renewed, and lapsed")
	}
}

// Accepted and withdrawn at once: both stand, side by side.
func TestCrossed(t *testing.T) {
	w := linetest.New(t, 1, 2)
	e := w.Say(0, call(w))
	w.Meet()
	w.Say(0, about(e, e, "WD01", nil))
	w.Say(1, about(e, e, "CR02", params{"window": w.Window(3600, 7200)}))
	s := only(t, w).Sides[0]
	if s.State != dossier.Accepted || len(s.Crossed) != 1 || s.Crossed[0].Code != "WD01" || s.Awaits != 0 {
		t.Fatalf("%+v", s)
	}
}

// December 2020: the day was accepted, the agenda never.
func TestAgenda(t *testing.T) {
	w := linetest.New(t, 1, 2)
	m := w.Say(0, meeting(w))
	first := w.Say(0, about(m, m, "MT02", item("encounters", "proposed")))
	w.Say(0, about(m, m, "MT02", item("encounters", "agreed"))) // nobody agrees alone
	w.Meet()
	w.Say(1, about(m, m, "AF01", nil))
	expect := func(state dossier.State, item string) {
		t.Helper()
		if d := only(t, w); d.Sides[0].State != state || d.Agenda[0].State != item {
			t.Fatalf("%+v", d)
		}
	}
	expect(dossier.AgendaOpen, "proposed")
	w.Say(1, about(m, m, "MT02", item("encounters", "not_agreed")))
	expect(dossier.AgendaOpen, "not agreed")
	w.Meet()
	w.Say(1, about(m, first, "AF01", nil))
	expect(dossier.Confirmed, "agreed")
	w.Meet()
	w.Say(0, about(m, m, "MT03", params{"by": record.Text("organiser"), "fallback": w.Window(86400, 90000)}))
	expect(dossier.CalledOff, "agreed")
}

// A yes to an item of the agenda is no yes to the meeting.
func TestYesToAnItem(t *testing.T) {
	w := linetest.New(t, 1, 2)
	m := w.Say(0, meeting(w))
	i := w.Say(0, about(m, m, "MT02", item("encounters", "proposed")))
	w.Meet()
	w.Say(1, about(m, i, "AF01", nil))
	if d := only(t, w); d.Sides[0].State != "open" || d.Sides[0].Awaits != 2 || d.Agenda[0].State != "agreed" {
		t.Fatalf("%+v", d)
	}
}

func TestReadOutsOpenTogether(t *testing.T) {
	w := linetest.New(t, 1, 2)
	e := w.Say(0, call(w))
	w.Meet()
	seals := [2]line.Entry{}
	seal := func(i int, text string, open bool) {
		sum := sha256.Sum256([]byte(text))
		p := params{"digest": record.Bytes(sum[:]), "opens": w.Hour(60)}
		if !open {
			seals[i] = w.Say(i, about(e, e, "RO01", p))
			return
		}
		p["readout"] = record.Text(text)
		w.Say(i, about(e, []line.Entry{e, seals[1]}[i], "RO01", p)) // of the request, or of the seal
	}
	shown := func() (n int) {
		for _, r := range only(t, w).ReadOuts {
			if r.Text != "" {
				n++
			}
		}
		return n
	}
	seal(0, "The ministers spoke.", false)
	seal(1, "A call took place.", false)
	seal(0, "The ministers spoke.", true)
	seal(1, "Another text.", true) // not what was sealed
	if n := shown(); n != 0 {
		t.Fatalf("%d texts are shown before both are open", n)
	}
	seal(1, "A call took place.", true)
	if n := shown(); n != 2 {
		t.Fatalf("%d texts are shown, both are open", n)
	}
}

// That two matters are one takes an act in each.
func TestJoined(t *testing.T) {
	w := linetest.New(t, 1, 2)
	a, b := w.Say(0, call(w)), w.Say(0, call(w))
	same := func(i int, e, other line.Entry) line.Entry {
		return w.Say(i, about(e, e, "SM01", params{"other": record.Array(record.Uint(uint64(other.Party)), record.Uint(other.Number))}))
	}
	same(0, a, b)
	w.Meet()
	if j := table(t, w).Dossiers[0].Joined; len(j) != 1 || j[0].One {
		t.Fatalf("%+v", j)
	}
	back := same(1, b, a)
	if j := table(t, w).Dossiers[0].Joined; !j[0].One {
		t.Fatalf("%+v", j)
	}
	w.Meet()
	w.Say(0, about(b, back, "AF02", nil))
	if j := table(t, w).Dossiers[0].Joined; j[0].One {
		t.Fatalf("%+v", j)
	}
}

// A sounding commits nobody; a post that is not the asker's is marked.
func TestOddities(t *testing.T) {
	w := linetest.New(t, 1, 2)
	s := w.Say(0, linetest.Draft{Code: "SD01", Params: params{"subject": record.Text("defence")}})
	d := call(w)
	d.Params["caller"] = w.Post(1, "minister")
	w.Say(0, d)
	w.Meet()
	w.Say(1, about(s, s, "AF02", nil))
	tab := table(t, w).Dossiers
	if tab[0].Kind != "sounding" || tab[0].Sides[0].State != dossier.SaidNo || !tab[1].Foreign {
		t.Fatalf("%+v", tab)
	}
}

func TestLaws(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		linetest.Laws(t, rapid.Uint64().Draw(rt, "seed"), func(f *line.Fold, cut line.Cut) any {
			out, err := dossier.Of(f.ThingsAt(cut, dossier.Codes()...))
			if err != nil {
				rt.Fatal(err)
			}
			return out
		})
	})
}

// Who sends ten thousand invitations displaces its own older ones; all are
// counted.
func TestFlood(t *testing.T) {
	if testing.Short() {
		t.Skip("ten thousand records")
	}
	w := linetest.New(t, 1, 2)
	w.Say(1, linetest.Draft{Code: "SD01", Params: params{"subject": record.Text("defence")}})
	for range 10_000 {
		w.Say(0, call(w))
	}
	tab := table(t, w)
	if len(tab.Dossiers) != 4097 || tab.Left[1] != 10_000-4096 || tab.Left[2] != 0 || tab.Counts[0].Asked != 10_000 {
		t.Fatal(len(tab.Dossiers), tab.Left, tab.Counts)
	}
}
