// SPDX-License-Identifier: Apache-2.0

package roster_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"openline/internal/desk"
	"openline/internal/desk/roster"
)

var noon = time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)

// book folds notes, one a minute before noon of the day before.
func book(t *testing.T, notes ...roster.Note) *roster.Book {
	t.Helper()
	b := &roster.Book{}
	for i, n := range notes {
		n.V, n.Token = desk.Version, fmt.Sprint("t", i)
		raw, err := desk.Write(n)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Fold(desk.Entry{At: noon.Add(time.Duration(i-100) * time.Minute), Kind: n.Kind(), Bytes: raw}); err != nil {
			t.Fatalf("%+v: %v", n, err)
		}
	}
	return b
}

func order(w roster.Watch) string {
	var out []string
	for _, r := range w.Order {
		out = append(out, r.Name+"="+r.As)
	}
	return strings.Join(out, " ")
}

func TestWhomToCall(t *testing.T) {
	shift := func(name string, from, to int, deputies ...string) roster.Note {
		return roster.Note{Do: roster.DoShift, Name: name, From: noon.Add(time.Duration(from) * time.Hour), To: noon.Add(time.Duration(to) * time.Hour), Deputies: deputies}
	}
	shifts := []roster.Note{shift("ann", -4, 4, "dan", "eve"), shift("ben", 4, 12), shift("cat", 12, 20)}
	over := roster.Note{Do: roster.DoHandover, Taker: "zoe"}
	for _, c := range []struct {
		notes []roster.Note
		at    time.Time
		want  string
		due   bool
	}{
		{nil, noon, "", false},
		{shifts, noon, "ann=shift dan=deputy eve=deputy ben=next", false},
		{shifts, noon.Add(4 * time.Hour), "ben=shift cat=next", false}, // a shift ends before its hour
		{shifts, noon.Add(30 * time.Hour), "", false},
		{append(shifts[:3:3], over), noon, "zoe=holder ann=shift dan=deputy eve=deputy ben=next", true},
		{append(shifts[:3:3], over), noon.Add(5 * time.Hour), "ben=shift zoe=holder cat=next", true}, // a shift has begun since
		{append(shifts[:3:3], roster.Note{Do: roster.DoHandover, Taker: "dan"}), noon, "dan=holder ann=shift eve=deputy ben=next", false},
		{append(shifts[:3:3], roster.Note{Do: roster.DoDrop, Of: 1}), noon, "ben=next", false},
	} {
		w := book(t, c.notes...).At(c.at)
		if got := order(w); got != c.want || w.Shifting != c.due {
			t.Errorf("at %s: %q, due %v; not %q, %v", c.at, got, w.Shifting, c.want, c.due)
		}
	}
}

func TestAlarmsAreAcknowledgedOnce(t *testing.T) {
	b := book(t, roster.Note{Do: roster.DoAlarm, Text: "one"}, roster.Note{Do: roster.DoStep, Of: 1, Way: "email", Name: "ann", Outcome: "sent"},
		roster.Note{Do: roster.DoAcknowledged, Of: 1, By: "ann"}, roster.Note{Do: roster.DoAcknowledged, Of: 1, By: "ben"})
	list, left := b.Alarms()
	if len(list) != 1 || left != 0 || list[0].By != "ann" || len(list[0].Steps) != 1 || !list[0].Acknowledged.Equal(noon.Add(-98*time.Minute)) {
		t.Errorf("%+v", list)
	}
}

// Memory holds the newest alarms; a number is kept for good.
func TestOldAlarmsAreLeftInTheJournal(t *testing.T) {
	var notes []roster.Note
	for i := range 5001 {
		notes = append(notes, roster.Note{Do: roster.DoAlarm, Text: fmt.Sprint("alarm ", i+1)})
	}
	b := book(t, notes...)
	list, left := b.Alarms()
	if left != 1000 || len(list) != 4001 || list[0].No != 1001 || list[len(list)-1].No != 5001 || list[0].Text != "alarm 1001" {
		t.Errorf("%d held, %d left, first %+v", len(list), left, list[0])
	}
	if err := b.Check(roster.Note{V: 1, Token: "x", Do: roster.DoAcknowledged, Of: 7, By: "ann"}); err == nil {
		t.Error("an alarm that is not held was acknowledged")
	}
}

func TestNotesThatAreNotTaken(t *testing.T) {
	b := book(t, roster.Note{Do: roster.DoPerson, Name: "ann"})
	for want, n := range map[string]roster.Note{
		"nothing a roster does":     {Do: "sing"},
		"short name":                {Do: roster.DoPerson, Name: "Ann B"},
		"no address of e-mail":      {Do: roster.DoPerson, Name: "ann", Email: "ann@blue.example, ben@blue.example"},
		"no address of a webhook":   {Do: roster.DoPerson, Name: "ann", Webhook: "file:///etc/passwd"},
		"not on the roster":         {Do: roster.DoGone, Name: "ben"},
		"an end after it":           {Do: roster.DoShift, Name: "ann", From: noon, To: noon},
		"at most 31 days":           {Do: roster.DoShift, Name: "ann", From: noon, To: noon.AddDate(0, 2, 0)},
		"no shift 3":                {Do: roster.DoDrop, Of: 3},
		"the alarm is empty":        {Do: roster.DoAlarm},
		"no alarm 1":                {Do: roster.DoAcknowledged, Of: 1, By: "ann"},
		"holds a control character": {Do: roster.DoHandover, Taker: "ann", Words: "\x1b[2J"},
	} {
		n.V, n.Token = 1, "x"
		if err := b.Check(n); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v", n, err)
		}
	}
}

func FuzzFold(f *testing.F) {
	f.Add(`{"v":1,"token":"a","do":"handover","taker":"ann"}`)
	f.Add(`{"v":1,"token":"a","do":"alarm","text":"x"}`)
	f.Fuzz(func(t *testing.T, s string) {
		b := &roster.Book{}
		for _, kind := range []string{roster.KindRoster, roster.KindWatch} {
			if err := b.Fold(desk.Entry{Kind: kind, At: noon, Bytes: []byte(s)}); err == nil {
				b.At(noon)
			}
		}
	})
}
