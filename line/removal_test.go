// SPDX-License-Identifier: Apache-2.0

package line

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"openline/catalogue"
	"openline/record"

	"pgregory.net/rapid"
)

// withAffairs adds the phrases of the affairs, RT01 among them.
func withAffairs(t testing.TB, w *world) *world {
	t.Helper()
	base, err := testCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	files, err := catalogue.AffairsFiles()
	if err == nil {
		w.catalogue, err = catalogue.Extend(base, files)
	}
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func remove(names ...Entry) draft {
	var refs []record.Value
	for _, e := range names {
		refs = append(refs, record.Array(record.Uint(uint64(e.Party)), record.Uint(e.Number)))
	}
	return draft{code: removal, params: map[string]record.Value{"records": record.Array(refs...)}}
}

func whyNot(t *testing.T, f *Fold, e Entry) string {
	t.Helper()
	list, err := f.Removals(e)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, r := range list {
		out = append(out, fmt.Sprintf("%d/%d %s", r.Thing.Party, r.Thing.Number, r.Why))
	}
	return strings.Join(out, "; ")
}

// TestRemoval: what an RT01 removes, and what it leaves and why. Blue has
// asked in 1/1 and red declined in 2/1; 1/2 is a note, 1/3 is open.
func TestRemoval(t *testing.T) {
	for _, c := range []struct {
		name string
		play func(w *world, closed, note, open Entry) Entry
		why  string
		gone []int // things whose content is removed, by their place above
	}{
		{"closed matters, whoever opened them", func(w *world, closed, note, open Entry) Entry { return w.say(1, remove(closed, note)) },
			"1/1 ; 1/2 ", []int{0, 1}},
		{"an open one stays", func(w *world, closed, note, open Entry) Entry { return w.say(0, remove(open, note)) },
			"1/3 something in it awaits a word; 1/2 ", []int{1}},
		{"what is open inside", func(w *world, closed, note, open Entry) Entry {
			w.say(1, to(1, about(closed, "CP04")))
			return w.say(0, remove(closed))
		}, "1/1 something in it awaits a word", nil},
		{"closed since: it counts when it was said", func(w *world, closed, note, open Entry) Entry {
			r := w.say(0, remove(open))
			w.say(1, decline(open))
			return r
		}, "1/3 something in it awaits a word", nil},
		{"not seen", func(w *world, closed, note, open Entry) Entry {
			w.apart = true
			e := w.say(0, draft{})
			return w.say(1, remove(e))
		}, "1/4 its author had not seen it", nil},
		{"what is about another record", func(w *world, closed, note, open Entry) Entry {
			e, _, _ := w.Entry(record.ByNumber(2, 1))
			return w.say(0, remove(e))
		}, "2/1 it opens no matter that its author held", nil},
		{"what the line stands on", func(w *world, closed, note, open Entry) Entry {
			return w.say(0, remove(w.clocks(0, "CR01", 60, nil), w.say(0, remove(note))))
		}, "1/4 the line stands on it; 1/5 the line stands on it", []int{1}},
		{"what later records are judged by", func(w *world, closed, note, open Entry) Entry {
			off := w.say(0, draft{code: "ST01", params: map[string]record.Value{"classes": record.Array(record.Text("talks")), "from": record.Uint(uint64(w.now)), "review": record.Uint(uint64(w.now) + 60)}})
			return w.say(1, remove(off))
		}, "1/4 the line stands on it", nil},
		{"twice", func(w *world, closed, note, open Entry) Entry {
			w.say(0, remove(note))
			return w.say(1, remove(note))
		}, "1/2 its content was removed before", []int{1}},
		{"at once by both", func(w *world, closed, note, open Entry) Entry {
			w.apart = true
			w.meet(0, 1)
			w.meet(1, 0)
			w.say(0, remove(note))
			return w.say(1, remove(note))
		}, "1/2 ", []int{1}},
		{"said of it later changes nothing", func(w *world, closed, note, open Entry) Entry {
			r := w.say(0, remove(closed))
			w.say(1, about(closed, "ER01", Entry{Party: 2, Number: 1}))
			w.say(1, to(1, about(closed, "CP04")))
			return r
		}, "1/1 ", []int{0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := withAffairs(t, newWorld(t, 1, 2))
			w.together = true
			closed := w.ask(0, 2)
			note := w.say(0, draft{})
			w.say(1, decline(closed))
			open := w.ask(0, 2)
			r := c.play(w, closed, note, open)
			rng := rand.New(rand.NewPCG(1, 1))
			want := w.folded(t).Digest()
			for range 10 {
				f := w.fold(t)
				w.add(t, f, w.cut(), rng.IntN)
				if got := whyNot(t, f, r); got != c.why {
					t.Fatalf("%q, not %q", got, c.why)
				}
				for i, e := range []Entry{closed, note, open} {
					th := thing(t, f, e)
					if want := slices.Contains(c.gone, i); th.Removed != want || want == (len(f.RemovedBy(e.Ref())) == 0) || want && (th.Open() || th.Opening.Header != nil || th.Opening.Code != "") {
						t.Fatalf("thing %d: removed %v by %v", i, th.Removed, f.RemovedBy(e.Ref()))
					}
				}
				if f.Digest() != want {
					t.Fatal("another order gives another digest")
				}
				for x, err := range f.Things("CR01", "TX01") {
					if err != nil || x.Removed {
						t.Fatalf("%v is listed by what it said, %v", x.Name, err)
					}
				}
			}
		})
	}
}

// TestRemovalsAreBounded: once a log has named as many things as can be
// removed, the next one it names stays.
func TestRemovalsAreBounded(t *testing.T) {
	for _, more := range []uint32{0, 1, 1000} {
		w := withAffairs(t, newWorld(t, 1, 2))
		w.together = true
		w.say(1, draft{})
		note := w.say(0, draft{})
		r := w.say(1, remove(note))
		f := w.fold(t)
		for _, e := range w.said {
			if e.Ref() == r.Ref() {
				f.chains[e.Log()].at.named = maxRemovals + more
			}
			if err := f.Add(e); err != nil {
				t.Fatal(err)
			}
		}
		if thing(t, f, note).Removed {
			t.Errorf("%d more than can be named: its content is removed", more)
		}
	}
}

// TestContentGone: where the content was removed from storage, the log folds
// to the same state; as of a cut before the removal nothing can be said.
func TestContentGone(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := scripts().Draw(rt, "history")
		w := withAffairs(t, s.play(t, 0))
		for i := range w.at { // everything, named by whoever holds it
			if st := w.at[i]; len(w.said) > 0 {
				var held []Entry
				for _, e := range w.said {
					if st.holds[e.Log()] > e.Index && len(held) < 200 {
						held = append(held, e)
					}
				}
				w.say(i, remove(held...))
			}
			w.meet(i, (i+1)%len(w.at))
		}
		whole := w.folded(t)
		lean := *w
		lean.gone = map[record.Ref]record.Ref{}
		n := 0
		for x, err := range whole.Things() {
			if err != nil {
				rt.Fatal(err)
			}
			if x.Removed {
				n++
				for _, a := range x.Acts {
					if e, _, _ := w.Entry(a.Ref); e.Header == nil || !Stays(e.Header.Code) {
						lean.gone[a.Ref] = whole.RemovedBy(x.Name)[0]
					}
				}
			}
		}
		f := lean.fold(t)
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1))
		lean.add(t, f, w.cut(), rng.IntN)
		if got, err := f.DigestAt(w.cut()); err != nil || got != whole.Digest() {
			rt.Fatalf("%d things removed: %v\n%s", n, err, difference(w.page(t, f, nil), w.page(t, whole, nil)))
		}
		g := lean.fold(t)
		if err := g.Restore(f.Snapshot()); err != nil || g.Digest() != whole.Digest() || string(g.Snapshot()) != string(f.Snapshot()) {
			rt.Fatal("restored, and not equal", err)
		}
		for _, e := range w.said {
			cut := f.CutOf(e)
			if cut == nil {
				continue
			}
			got, err := f.DigestAt(cut)
			want, other := whole.DigestAt(whole.CutOf(e))
			if other != nil || err == nil && got != want || err != nil && !errors.Is(err, ErrNotComparable) {
				rt.Fatalf("at the cut of %s: %v %v", refText(&Act{Ref: e.Ref()}), err, other)
			}
		}
	})
}

// TestDeed: of every record it is said what it does, or why it does nothing.
func TestDeed(t *testing.T) {
	w := withAffairs(t, newWorld(t, 1, 2))
	ask := w.ask(0, 2)
	blind := w.say(1, decline(ask)) // it had not seen the request
	w.together = true
	hold := w.say(1, with(about(ask, "HD01"), until(w.now+60)))
	no := w.say(1, decline(ask))
	stray := w.say(0, about(ask, "WL01"))
	w.append(w.at[0], record.Entry{Leaf: []byte{0xff}})
	garbage := w.said[len(w.said)-1]
	w.apart = true
	lie := w.say(1, draft{seen: func([]record.Seen) []record.Seen {
		return []record.Seen{{Party: 1, Generation: 1, Size: 99, Root: [32]byte{1}}}
	}})
	f := w.folded(t)
	for _, c := range []struct {
		e    Entry
		want string
	}{
		{ask, "2 "}, {hold, "1 "}, {no, "2 "},
		{blind, "0 it is about a record its author had not seen"},
		{stray, "0 what it answers does not ask for WL01"},
		{garbage, "0 the leaf does not parse"},
		{lie, "0 it waits: its author had seen more than is held here"},
		{Entry{Party: 1, Generation: 1, Number: 99, Index: 98}, "0 it is not held here"},
	} {
		got, err := f.Deed(c.e)
		if err != nil || fmt.Sprintf("%d %s", got.Standing, got.Why) != c.want {
			t.Errorf("%d/%d: %+v %v, not %q", c.e.Party, c.e.Number, got, err, c.want)
		}
	}
	r := w.say(0, remove(ask))
	f = w.folded(t)
	got, err := f.Deed(hold)
	if err != nil || got.Why != whyRemoved || len(got.Removed) != 1 || got.Removed[0] != r.Ref() {
		t.Errorf("%+v %v", got, err)
	}
	if got, err = f.Deed(r); err != nil || len(got.Removals) != 1 || got.Removals[0] != (Removal{Thing: ask.Ref()}) || got.Standing != Stands {
		t.Errorf("%+v %v", got, err)
	}
}
