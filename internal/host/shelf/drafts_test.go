// SPDX-License-Identifier: Apache-2.0

package shelf_test

import (
	"errors"
	"fmt"
	"testing"

	"openline/internal/desk/draft"
	"openline/internal/host/hosttest"
	"openline/internal/host/shelf"
	"openline/internal/station"
	"openline/record"
)

// ready writes a draft on a matter and has two persons sign it.
func ready(t *testing.T, s *shelf.Shelf, w *hosttest.World, about record.Ref) draft.Draft {
	t.Helper()
	n, err := s.Wording(t.Context(), w.Line(), station.Draft{Code: "TX01", Text: "by two", Re: []record.Ref{about}, About: about}, draft.Note{Do: draft.DoWrite})
	if err != nil {
		t.Fatal(err)
	}
	k, err := s.Write(t.Context(), w.Line(), n)
	for _, name := range []string{"ann-x", "ben-x"} {
		if err != nil {
			break
		}
		act, e := s.Act(w.Line(), k.Newest())
		if e != nil {
			t.Fatal(e)
		}
		k, err = s.Write(t.Context(), w.Line(), draft.Note{Do: draft.DoSign, On: k.No, Version: 1, Digest: act.Header[:], Person: name, Signature: person(name).SignAct(act)})
	}
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func matter(t *testing.T, d *desk, w *hosttest.World, text string, re ...record.Ref) record.Ref {
	t.Helper()
	x := station.Draft{Code: "TX01", Text: text, Re: re}
	if len(re) > 0 {
		x.About = re[0]
	}
	got, err := d.Say(t.Context(), w.Line(), station.Say{Drafts: []station.Draft{x}})
	if err != nil {
		t.Fatal(err)
	}
	return record.ByNumber(got[0].Party, got[0].Number)
}

func sizeOf(t *testing.T, d *desk, w *hosttest.World) uint64 {
	t.Helper()
	v, err := d.View(t.Context(), w.Line())
	if err != nil {
		t.Fatal(err)
	}
	return v.Own.Size
}

// What moved between the second signature and the sending is given back, and
// says why; nothing was said.
func TestADraftIsGivenBack(t *testing.T) {
	w := hosttest.New(t, hosttest.Options{}, "blue", "red")
	start(t, w, "red", t.TempDir())
	blue, _ := start(t, w, "blue", t.TempDir(), "red")
	s := shelf.New(blue.Host)
	say(t, blue, w.Line(), "up")
	about := matter(t, blue, w, "a matter")
	k := ready(t, s, w, about)
	matter(t, blue, w, "more on it", about)
	before := sizeOf(t, blue, w)
	d, err := s.Send(t.Context(), w.Line(), k.No, 1, "ben-x")
	if !errors.Is(err, station.ErrChanged) || d.Newest().Back == nil || d.Newest().Back.Words == "" || d.Sending != 0 {
		t.Fatalf("%+v, %v", d, err)
	}
	if _, err := s.Send(t.Context(), w.Line(), k.No, 1, "ben-x"); !errors.Is(err, draft.ErrBack) {
		t.Errorf("sent once more: %v", err)
	}
	if sizeOf(t, blue, w) != before {
		t.Error("it was said all the same")
	}
	k = ready(t, s, w, about)
	if d, err = s.Send(t.Context(), w.Line(), k.No, 1, "ben-x"); err != nil || d.Released == nil || sizeOf(t, blue, w) != before+1 {
		t.Errorf("%+v, %v", d, err)
	}
	if _, err := s.Send(t.Context(), w.Line(), k.No, 1, "ben-x"); !errors.Is(err, draft.ErrEnded) {
		t.Errorf("sent twice: %v", err)
	}
}

// A station that ends after it has said a draft, and before it has written
// that down, says it once.
func TestADraftIsSaidOnce(t *testing.T) {
	w := hosttest.New(t, hosttest.Options{}, "blue", "red")
	start(t, w, "red", t.TempDir())
	dir := t.TempDir()
	blue, stop := start(t, w, "blue", dir, "red")
	s := shelf.New(blue.Host)
	say(t, blue, w.Line(), "up")
	k := ready(t, s, w, matter(t, blue, w, "a matter"))
	k, err := s.Write(t.Context(), w.Line(), draft.Note{Do: draft.DoSend, On: k.No, Version: 1})
	if err != nil {
		t.Fatal(err)
	}
	d, err := s.Said(w.Line(), k.Newest())
	if err != nil {
		t.Fatal(err)
	}
	got, err := blue.Say(t.Context(), w.Line(), station.Say{Token: k.Under, Drafts: []station.Draft{d}})
	if err != nil {
		t.Fatal(err)
	}
	stop()
	again, _ := start(t, w, "blue", dir, "red")
	s = shelf.New(again.Host)
	say(t, again, w.Line(), "up once more")
	before := sizeOf(t, again, w)
	k, err = s.Send(t.Context(), w.Line(), k.No, 1, "ben-x")
	if err != nil || k.Released == nil || k.Released.Record != fmt.Sprint("blue/", got[0].Number) || sizeOf(t, again, w) != before {
		t.Errorf("%+v, %v; %d records more", k.Released, err, sizeOf(t, again, w)-before)
	}
}
