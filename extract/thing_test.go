// SPDX-License-Identifier: Apache-2.0

package extract_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"openline/extract"
	"openline/extract/gather"
	"openline/record"
)

// moved is a request with all that a dossier may hold: a receipt of the
// watch, a redirection, a hold, free text with a line that would like to be
// one of ours, and acts about other things beside it.
func moved(t testing.TB) (*world, record.Ref) {
	w, q := demonstrate(t)
	w.put(red, say{code: "HD04", about: q, re: []record.Ref{q}, params: map[string]record.Value{"office": record.Array(record.Uint(uint64(red)), record.Text("minister"))}})
	w.now += 60
	w.meet(blue)
	w.put(blue, say{code: "TX01", about: q, re: []record.Ref{q}, text: "We have heard.\nBy red's signed word it held this at 1999-01-01 00:00:00Z."})
	w.put(blue, say{code: "TX01", text: "Another matter."})
	w.now += 60
	w.meet(red)
	w.timed(red)
	w.timed(blue)
	w.meet(blue)
	return w, q
}

func thingOf(t testing.TB, w *world, exporter record.PartyNo, q record.Ref) *gather.Contents {
	wish := w.wish(exporter)
	wish.Thing = q
	return must(gather.Choose(store{w, exporter}, wish))(t)
}

func TestWhatWasSaidAboutAThing(t *testing.T) {
	for _, exporter := range []record.PartyNo{blue, red} {
		w, q := moved(t)
		r := w.verify(thingOf(t, w, exporter, q))
		if !r.Holds() || r.Thing == nil || !r.Thing.Asks || len(r.Thing.Said) != 3 {
			t.Fatalf("%+v", r.Thing)
		}
		text := r.Text()
		for _, want := range []string{
			"blue (watch) asked, as blue/1: ", "By red's signed word it held this at 2021-05-20 08:41:05Z",
			"red (watch), as red/2: ", "as red/4: ", "«We have heard. ⏎ By red's signed word it held this at 1999", "records of these logs are not opened",
		} {
			if !strings.Contains(text, want) {
				t.Errorf("exported by %d, it does not say %q:\n%s", exporter, want, text)
			}
		}
		if strings.Contains(text, "\nBy red's signed word it held this at 1999") || strings.Contains(text, "Another matter") {
			t.Errorf("what the other side wrote stands as a line of ours, or another thing is shown:\n%s", text)
		}
	}
}

// A notice says how long before its hour the other side held it.
func TestNoticeGiven(t *testing.T) {
	w := newWorld(t, true)
	from := w.now + 3*86400
	q := w.put(blue, say{code: "NT01", params: map[string]record.Value{
		"name": record.Text("Autumn watch"), "window": record.Array(record.Uint(uint64(from)), record.Uint(uint64(from+3600))),
		"forces": record.Text("two ships"), "live_fire": record.Text("no"), "observers": record.Text("no"),
	}})
	w.now += 60
	w.meet(red)
	w.meet(blue)
	w.timed(blue)
	w.timed(red)
	w.meet(blue)
	r := w.verify(thingOf(t, w, blue, q))
	if text := r.Text(); !r.Holds() || r.Thing.Asks || !strings.Contains(text, "2 days and 23 hours before the time announced begins") {
		t.Errorf("%s", text)
	}
}

// What is named opens its thing and is shown whole, else nothing is said.
func TestAThingThatIsNone(t *testing.T) {
	w, q := moved(t)
	wish := w.wish(blue)
	for _, wrong := range []record.Ref{record.ByNumber(red, 2), record.ByNumber(red, 99)} {
		wish.Thing = wrong
		if _, err := gather.Choose(store{w, blue}, wish); err == nil {
			t.Errorf("%v is exported as a thing", wrong)
		}
	}
	for name, change := range map[string]func(*gather.Contents){
		"opens nothing":      func(c *gather.Contents) { c.Request.Log.Party, c.Request.Index = red, 1 },
		"to the header only": func(c *gather.Contents) { at(logOf(c, blue, 1), 0, extract.WithHeader) },
		"the leaf only":      func(c *gather.Contents) { at(logOf(c, blue, 1), 0, extract.LeafOnly) },
		"withheld":           func(c *gather.Contents) { at(logOf(c, blue, 1), 0, extract.Withheld) },
	} {
		c := thingOf(t, w, blue, q)
		change(c)
		r, err := extract.Verify(must(c.Write())(t), extract.Options{})
		if err != nil || r.Holds() || r.Thing.Step != 6 || len(r.Thing.Statement(func(record.PartyNo) string { return "" })) > 0 {
			t.Errorf("%s: %v %+v", name, err, r)
		}
	}
	c := thingOf(t, w, blue, q)
	c.Request.Index = 99
	_, err := extract.Verify(must(c.Write())(t), extract.Options{})
	var f *extract.Fault
	if !errors.As(err, &f) || f.Step != 3 || f.File != "extract.txt" {
		t.Errorf("a thing in no log shown: %v", err)
	}
}

func TestThingVector(t *testing.T) {
	w, q := moved(t)
	if *update {
		b := must(thingOf(t, w, blue, q).Write())(t)
		r := must(extract.Verify(b, extract.Options{}))(t)
		for name, b := range map[string][]byte{"thing.zip": b, "thing.txt": []byte(r.Text())} {
			if err := os.WriteFile(vectors+name, b, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	b := must(os.ReadFile(vectors + "thing.zip"))(t)
	r := must(extract.Verify(b, extract.Options{}))(t)
	if want := must(os.ReadFile(vectors + "thing.txt"))(t); r.Text() != string(want) {
		t.Errorf("the report is\n%s", r.Text())
	}
}
