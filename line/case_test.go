// SPDX-License-Identifier: Apache-2.0

package line

import (
	"errors"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"openline/record"
)

func thing(t *testing.T, f *Fold, e Entry) *Thing {
	t.Helper()
	th, err := f.Thing(e.Ref())
	if err != nil {
		t.Fatal(err)
	}
	return th
}

func about(e Entry, code string, re ...Entry) draft {
	d := draft{code: code, about: e.Ref()}
	if len(re) == 0 {
		re = []Entry{e}
	}
	for _, r := range re {
		d.re = append(d.re, r.Ref())
	}
	return d
}

func with(d draft, params map[string]record.Value) draft { d.params = params; return d }

func decline(e Entry) draft {
	return with(about(e, "HD05"), map[string]record.Value{"reason": record.Uint(1)})
}

// TestTheThreePartyTie: green withdraws (g1); blue, who is asked with red,
// replies having seen it (b1 saw g1); red replies having seen nothing (r1).
// Blue's reply came after the withdrawal, red's crossed it: whatever the
// order and whoever has the lower number.
func TestTheThreePartyTie(t *testing.T) {
	for _, numbers := range [][]record.PartyNo{{1, 2, 3}, {3, 2, 1}, {2, 3, 1}} {
		w := newWorld(t, numbers...)
		ask := w.ask(2, numbers[0], numbers[1])
		w.meet(2, 0)
		w.meet(2, 1)
		g1 := w.say(2, about(ask, "WD01"))
		w.meet(2, 0)
		w.say(0, decline(ask))
		w.say(1, decline(ask))
		rng := rand.New(rand.NewPCG(1, 1))
		want := ""
		for range 50 {
			f := w.fold(t)
			w.add(t, f, w.cut(), rng.IntN)
			th := thing(t, f, ask)
			blue, _ := th.Side(numbers[0])
			red, _ := th.Side(numbers[1])
			if th.Ended == nil || th.Ended.Ref != g1.Ref() || blue.Outcome != Withdrawn || blue.Crossed || red.Outcome != Declined || !red.Crossed || !th.Crossed {
				t.Fatalf("blue %v %v, red %v %v", blue.Outcome, blue.Crossed, red.Outcome, red.Crossed)
			}
			if page := w.page(t, f, nil); want != "" && page != want {
				t.Fatal(difference(page, want))
			} else {
				want = page
			}
		}
	}
}

// TestReceiptedRecordsLost: red's station is restored; of what blue holds
// and receipted, one reply is lost by its author. It is shown and not folded
// until red takes it back.
func TestReceiptedRecordsLost(t *testing.T) {
	w := newWorld(t, 1, 2)
	ask := w.ask(0, 2)
	w.meet(0, 1)
	w.at[1].backup = clone(w.at[1].holds)
	lost := w.say(1, decline(ask))
	w.meet(1, 0)
	w.say(0, draft{})
	f := w.folded(t)
	if o := thing(t, f, ask).Outcome; o != Declined || f.Await(1, 2) != 0 {
		t.Fatalf("before: %v", o)
	}
	before := f.Digest()
	l := w.restore(1)
	f.Generation(2, 2, w.logs[l].base, w.logs[l].previous)
	if f.Digest() != before {
		t.Fatal("a card alone changes the state: the cut does not show it")
	}
	add := func(e Entry) {
		t.Helper()
		if err := f.Add(e); err != nil {
			t.Fatal(err)
		}
	}
	add(w.say(1, draft{}))
	if o := thing(t, f, ask).Outcome; o != Open || f.Lost(2) != 1 || f.Await(1, 2) != 1 {
		t.Fatalf("lost by its author: %v, %d lost", o, f.Lost(2))
	}
	if got, err := f.DigestAt(Cut{{1, 1}: 2, {2, 1}: 1}); err != nil || got != before {
		t.Fatalf("the cut before it was lost: %v", err)
	}
	w.deliver(1, Log{2, 1}, 0)
	add(w.say(1, draft{code: "KY02", from: machinePost, params: map[string]record.Value{"generation": record.Uint(1), "number": record.Uint(lost.Number)}}))
	if o := thing(t, f, ask).Outcome; o != Declined || f.Lost(2) != 0 || f.Await(1, 2) != 0 {
		t.Fatalf("taken back: %v", o)
	}
	if f.Digest() != w.folded(t).Digest() {
		t.Fatal("not what a new fold gives")
	}
}

// TestSignedTimesChangeNothingShared: shared state knows no receipt; what is
// reckoned does.
func TestSignedTimesChangeNothingShared(t *testing.T) {
	w := newWorld(t, 1, 2)
	ask := w.ask(0, 2)
	f := w.folded(t)
	before := f.Digest()
	th := thing(t, f, ask)
	if s := f.Reckon(th, held{}, w.now).State; s != NotReceipted {
		t.Errorf("without a signed time: %v", s)
	}
	if s := f.Reckon(th, held{w.now}, w.now).State; s != Running {
		t.Errorf("with a receipt: %v", s)
	}
	if f.Digest() != before || thing(t, f, ask).Digest() != th.Digest() {
		t.Error("shared state moved")
	}
}

type held struct{ at record.Stamp }

func (h held) FirstShown(record.PartyNo, record.PartyNo, uint32, uint64) (Signature, bool) {
	return Signature{h.at, "receipt"}, h.at > 0
}
func (h held) Newest(record.PartyNo) (Signature, bool) { return Signature{}, false }
func (h held) Missing(record.PartyNo) uint64           { return 0 }

// TestOutcomes: one request, what is said about it, and how it stands.
func TestOutcomes(t *testing.T) {
	hold := func(e Entry, to record.Stamp) draft { return with(about(e, "HD01"), until(to)) }
	an := func(e Entry) draft {
		return with(about(e, "AN01"), map[string]record.Value{"channel": record.Text("mail"), "when": record.Uint(1)})
	}
	other := func(e Entry) draft {
		return with(about(e, "CR03"), map[string]record.Value{"proposal": record.Text("Tuesday")})
	}
	words := func(e Entry) draft {
		d := about(e, "TX01")
		d.text = "a note"
		return d
	}
	type say func(w *world, ask Entry) // parties meet before and after each
	red := func(make func(w *world, ask Entry) draft) say {
		return func(w *world, ask Entry) { w.say(1, make(w, ask)) }
	}
	blue := func(make func(w *world, ask Entry) draft) say {
		return func(w *world, ask Entry) { w.say(0, make(w, ask)) }
	}
	last := func(w *world) Entry { return w.said[len(w.said)-1] }
	for _, c := range []struct {
		name   string
		says   []say
		want   Outcome
		awaits record.PartyNo
	}{
		{"nothing", nil, Open, 2},
		{"received by the watch", []say{red(func(_ *world, a Entry) draft { return about(a, "RC01") })}, Open, 2},
		{"held", []say{red(func(_ *world, a Entry) draft { return hold(a, 99) })}, Held, 2},
		{"no word yet", []say{red(func(_ *world, a Entry) draft { return about(a, "HD03") })}, NoWord, 2},
		{"held, and no word yet since", []say{red(func(_ *world, a Entry) draft { return hold(a, 99) }), red(func(_ *world, a Entry) draft { return about(a, "HD03") })}, Held, 2},
		{"held and declined", []say{red(func(_ *world, a Entry) draft { return hold(a, 99) }), red(func(_ *world, a Entry) draft { return decline(a) })}, Declined, 0},
		{"declined and taken up again", []say{red(func(_ *world, a Entry) draft { return decline(a) }), red(func(_ *world, a Entry) draft { return hold(a, 99) })}, Held, 2},
		{"declined in error", []say{red(func(_ *world, a Entry) draft { return decline(a) }), red(func(w *world, a Entry) draft { return about(a, "ER01", last(w)) })}, Open, 2},
		{"held, declined in error", []say{red(func(_ *world, a Entry) draft { return hold(a, 99) }), red(func(_ *world, a Entry) draft { return decline(a) }),
			red(func(w *world, a Entry) draft { return about(a, "ER01", last(w)) })}, Held, 2},
		{"the asker calls their reply an error", []say{red(func(_ *world, a Entry) draft { return decline(a) }), blue(func(w *world, a Entry) draft { return about(a, "ER01", last(w)) })}, Declined, 0},
		{"the asker withdraws their reply", []say{red(func(_ *world, a Entry) draft { return decline(a) }), blue(func(w *world, a Entry) draft { return about(a, "WD01", last(w)) })}, Declined, 0},
		{"answered elsewhere", []say{red(func(_ *world, a Entry) draft { return an(a) })}, Elsewhere, 1},
		{"answered elsewhere, traced", []say{red(func(_ *world, a Entry) draft { return an(a) }), blue(func(w *world, a Entry) draft { return about(a, "AN02", last(w)) })}, ElsewhereTraced, 0},
		{"answered elsewhere, not traced", []say{red(func(_ *world, a Entry) draft { return an(a) }), blue(func(w *world, a Entry) draft { return about(a, "AN03", last(w)) })}, ElsewhereUntraced, 2},
		{"another time proposed", []say{red(func(_ *world, a Entry) draft { return other(a) })}, Conditional, 1},
		{"and agreed to", []say{red(func(_ *world, a Entry) draft { return other(a) }), blue(func(w *world, a Entry) draft { return about(a, "AF01", last(w)) })}, Answered, 0},
		{"and not agreed to", []say{red(func(_ *world, a Entry) draft { return other(a) }), blue(func(w *world, a Entry) draft { return about(a, "AF02", last(w)) })}, Conditional, 2},
		{"a reply that is not permitted", []say{red(func(_ *world, a Entry) draft { return about(a, "WL01") })}, Open, 2},
		{"reply to a reminder", []say{blue(func(_ *world, a Entry) draft { return about(a, "RM01") }), red(func(w *world, a Entry) draft {
			return with(about(a, "HD05", last(w)), map[string]record.Value{"reason": record.Uint(1)})
		})}, Declined, 0},
		{"a reminder permits no more than what it reminds of", []say{blue(func(_ *world, a Entry) draft { return about(a, "RM01") }),
			red(func(w *world, a Entry) draft { return about(a, "AF01", last(w)) })}, Open, 2},
		{"words where a reply is asked", []say{red(func(_ *world, a Entry) draft { return words(a) })}, Open, 2},
		{"words after it was declined", []say{red(func(_ *world, a Entry) draft { return decline(a) }), red(func(_ *world, a Entry) draft { return words(a) })}, Declined, 0},
		{"the asker replies to itself", []say{blue(func(_ *world, a Entry) draft { return decline(a) })}, Open, 2},
		{"withdrawn", []say{blue(func(_ *world, a Entry) draft { return about(a, "WD01") })}, Withdrawn, 0},
		{"a reminder withdrawn", []say{blue(func(_ *world, a Entry) draft { return about(a, "RM01") }), blue(func(w *world, a Entry) draft { return about(a, "WD01", last(w)) })}, Open, 2},
		{"sent in error", []say{blue(func(_ *world, a Entry) draft { return about(a, "ER01") })}, Corrected, 0},
		{"withdrawn by the other side", []say{red(func(_ *world, a Entry) draft { return about(a, "WD01") })}, Open, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, 1, 2)
			ask := w.ask(0, 2)
			for _, s := range c.says {
				w.meet(0, 1)
				w.meet(1, 0)
				w.now++
				s(w, ask)
			}
			f := w.folded(t)
			th := thing(t, f, ask)
			if th.Outcome != c.want || th.Sides[0].Awaits != c.awaits || th.Open() == c.want.Ended() {
				t.Errorf("%v, awaits %d; not %v, %d", th.Outcome, th.Sides[0].Awaits, c.want, c.awaits)
			}
		})
	}
}

// TestStrays: what names what it may not has no effect, and breaks nothing.
func TestStrays(t *testing.T) {
	w := newWorld(t, 1, 2)
	other := w.ask(0, 2)
	ask := w.ask(0, 2)
	unseen := decline(ask)
	w.say(1, unseen) // red has seen nothing
	w.meet(0, 1)
	d := decline(ask)
	d.re = []record.Ref{other.Ref()}
	w.say(1, d) // its re is not about this
	d.re = []record.Ref{record.ByHash(1, [32]byte{9})}
	w.say(1, d) // a hash nobody has
	d = decline(ask)
	d.about = record.ByNumber(1, 99)
	w.say(1, d) // a record there is not
	d = decline(ask)
	d.raw = func(l *record.Leaf) { l.Generation = 7 }
	w.say(1, d)
	d.raw = func(l *record.Leaf) { l.Author = 1 }
	w.say(1, d)
	d.raw = func(l *record.Leaf) { l.Agreement = 2 }
	w.say(1, d) // a version it has not adopted
	w.say(1, with(about(ask, "HD05"), nil))
	w.say(1, draft{code: "HD03", re: []record.Ref{ask.Ref()}}) // about nothing, and opens nothing
	w.say(1, draft{code: "XX99", about: ask.Ref(), re: []record.Ref{ask.Ref()}})
	f := w.folded(t)
	if o := thing(t, f, ask).Outcome; o != Open {
		t.Fatalf("a stray answered: %v", o)
	}
	if f.Waiting(1)+f.Waiting(2) != 0 {
		t.Error("something waits")
	}
	good := w.say(1, decline(ask))
	if err := f.Add(good); err != nil || thing(t, f, ask).Outcome != Declined {
		t.Errorf("the good one behind them: %v", err)
	}
}

// TestByHash: a record named before it had a place takes effect when it has.
func TestByHash(t *testing.T) {
	w := newWorld(t, 1, 2)
	w.say(0, draft{})
	ask := w.ask(0, 2)
	r := record.ByHash(1, ask.Hash)
	w.say(1, draft{code: "RC01", about: r, re: []record.Ref{r}, from: watchPost})
	f := w.fold(t)
	for _, e := range []Entry{w.logs[Log{2, 1}].entries[0], w.logs[Log{1, 1}].entries[0], ask} {
		if err := f.Add(e); err != nil {
			t.Fatal(err)
		}
	}
	if l := thing(t, f, ask).Ladder; l.Watch != record.ByNumber(2, 1) {
		t.Errorf("the ladder: %+v", l)
	}
	if f.PersonAt(2) == 0 || f.PersonAt(3) != 0 {
		t.Error("the watch is a person")
	}
}

// TestTheMachineIsNoPerson and an office's reply is told from the watch's.
func TestTheMachineIsNoPerson(t *testing.T) {
	w := newWorld(t, 1, 2)
	test := w.say(1, draft{code: "LT01", from: machinePost, params: map[string]record.Value{"n": record.Uint(1), "fold": record.Uint(1),
		"digest": record.Bytes(make([]byte, 32)), "results": record.Array(), "held": record.Array()}})
	if f := w.folded(t); f.PersonAt(2) != 0 {
		t.Error("a line test is no person")
	}
	w.meet(1, 0)
	d := with(about(test, "LT02"), map[string]record.Value{"n": record.Uint(1), "quality": record.Text("legible")})
	d.from = watchPost
	w.say(0, d)
	ask := w.ask(1, 1)
	w.meet(1, 0)
	d = about(ask, "HD03")
	d.from = watchPost
	w.say(0, d)
	f := w.folded(t)
	if f.PersonAt(1) == 0 || f.ReplyAt(1) != 0 {
		t.Errorf("person %d, office %d", f.PersonAt(1), f.ReplyAt(1))
	}
	w.now += 5
	if err := f.Add(w.say(0, decline(ask))); err != nil || f.ReplyAt(1) != w.now {
		t.Errorf("the office replied at %d, %v", f.ReplyAt(1), err)
	}
	if at, ref := f.NewestLeaf(1); at != w.now || ref.Party != 1 {
		t.Errorf("newest leaf %d %v", at, ref)
	}
}

func TestDeclarations(t *testing.T) {
	w := newWorld(t, 1, 2)
	post := func(i int, name, holder string) Entry {
		return w.say(i, draft{code: "PO01", params: map[string]record.Value{"post": record.Text(name), "office": record.Text("Office of " + name), "holder": record.Text(holder)}})
	}
	post(0, "minister", "A")
	post(0, "watch", "B")
	newer := post(0, "minister", "C")
	w.clocks(0, "CR01", 60, nil)
	second := w.clocks(0, "CR01", 120, map[string]record.Value{"hours": record.Array(record.Array(record.Uint(0), record.Uint(60)))})
	f := w.folded(t)
	if r, ok := f.Declaration(1); !ok || r != second.Ref() {
		t.Errorf("declaration %v", r)
	}
	if _, ok := f.Declaration(2); ok {
		t.Error("red declared nothing")
	}
	if open, _ := f.HoursOf(1).Open(time.Date(2021, 2, 1, 0, 30, 0, 0, time.UTC)); !open {
		t.Error("Monday half past midnight is attended")
	}
	posts := f.Posts(1)
	if len(posts) != 2 || posts[0].Ref() != newer.Ref() {
		t.Errorf("posts %v", posts)
	}
}

func TestHours(t *testing.T) {
	at := func(s string) time.Time {
		v, err := time.Parse("2006-01-02 15:04", s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	stamp := func(s string) record.Value { return record.Uint(uint64(at(s).Unix())) }
	office := map[string]record.Value{
		"hours": record.Array(record.Array(record.Uint(9*60), record.Uint(17*60)), record.Array(record.Uint(6*1440+22*60), record.Uint(7*1440))),
		"exceptions": record.Array(record.Array(stamp("2021-02-08 00:00"), stamp("2021-02-09 00:00"), record.Uint(0)),
			record.Array(stamp("2021-02-13 10:00"), stamp("2021-02-13 12:00"), record.Uint(1))),
	}
	next := map[string]record.Value{"hours": record.Array(), "valid_from": stamp("2021-03-01 00:00")}
	h := Hours{[]pattern{patternOf(next), patternOf(office)}}
	for _, c := range []struct {
		at, until string
		open      bool
	}{
		{"2021-02-01 08:59", "2021-02-01 09:00", false},
		{"2021-02-01 09:00", "2021-02-01 17:00", true},
		{"2021-02-01 17:00", "2021-02-07 22:00", false},
		{"2021-02-07 23:00", "2021-02-08 00:00", true},  // then the holiday begins
		{"2021-02-08 10:00", "2021-02-13 10:00", false}, // a Monday, closed by exception
		{"2021-02-13 11:00", "2021-02-13 12:00", true},  // a Saturday, open by exception
		{"2021-02-28 23:00", "2021-03-01 00:00", true},  // the last Sunday before the new pattern
		{"2021-03-01 10:00", "", false},                 // never again
	} {
		open, until := h.Open(at(c.at))
		want := time.Time{}
		if c.until != "" {
			want = at(c.until)
		}
		if open != c.open || !until.Equal(want) {
			t.Errorf("%s: %v until %v", c.at, open, until)
		}
	}
	if open, until := (Hours{}).Open(at("2021-02-01 03:00")); !open || !until.IsZero() {
		t.Error("who declares no hours is always there")
	}
}

// TestManyRequests: a party that opens ten thousand requests, or says ten
// thousand things about one, costs bounded memory, and what it asked first
// is not forgotten.
func TestManyRequests(t *testing.T) {
	w := newWorld(t, 1, 2)
	const many = 10_000
	for range many {
		w.ask(0, 2)
	}
	f := w.folded(t)
	if f.Await(1, 2) != many {
		t.Errorf("%d await", f.Await(1, 2))
	}
	if n := len(f.parties[1].open.things); n > maxOpen+maxOpen/4 {
		t.Errorf("%d names are kept", n)
	}
	if f.cache.weight > cacheWeight {
		t.Errorf("the cache weighs %d", f.cache.weight)
	}
	if n := len(f.Snapshot()); n > 256<<10 {
		t.Errorf("the snapshot has %d bytes", n)
	}
	w.deliver(1, Log{1, 1}, 0)
	for _, ask := range w.asks[:many-10] {
		if err := f.Add(w.say(1, decline(ask))); err != nil {
			t.Fatal(err)
		}
	}
	left := f.Awaiting()
	if f.Await(1, 2) != 10 || len(left) != 10 || left[0].Name != w.asks[many-10].Ref() {
		t.Errorf("%d await, %d are listed", f.Await(1, 2), len(left))
	}
	if f.Digest() != w.folded(t).Digest() {
		t.Error("not what a new fold gives")
	}
}

func TestManyActs(t *testing.T) {
	w := newWorld(t, 1, 2)
	ask := w.ask(0, 2)
	w.meet(0, 1)
	f := w.fold(t)
	for range maxActs + 100 {
		w.say(1, about(ask, "RC01"))
	}
	w.say(1, decline(ask)) // beyond the bound: shown, not folded
	w.add(t, f, w.cut(), first)
	th := thing(t, f, ask)
	if len(th.Acts) != 1+maxActs || th.Outcome != Open {
		t.Errorf("%d acts, %v", len(th.Acts), th.Outcome)
	}
	f.cache.drop(th.Name)
	if again := thing(t, f, ask); again.Digest() != th.Digest() {
		t.Error("read back otherwise")
	}
}

// TestPastCuts measures what the digest at a past cut costs at a hundred
// thousand records, and that memory does not follow the log.
func TestPastCuts(t *testing.T) {
	if testing.Short() {
		t.Skip("a hundred thousand records")
	}
	w := newWorld(t, 1, 2)
	const size = 100_000
	rng := rand.New(rand.NewPCG(7, 7))
	var ask Entry
	for len(w.said) < size {
		i := len(w.said) % 2
		w.now++
		switch {
		case len(w.said)%50 == 0:
			ask = w.ask(i, record.PartyNo(2-i))
			w.meet(i, 1-i)
		case len(w.said)%50 == 49 && int(ask.Party) != i+1:
			w.say(i, decline(ask))
		case len(w.said)%5 == 0:
			w.meet(1-i, i)
			w.say(i, draft{})
		default:
			w.say(i, draft{})
		}
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	start := time.Now()
	f := w.folded(t)
	took := time.Since(start)
	runtime.GC()
	runtime.ReadMemStats(&after)
	grew := int64(after.HeapAlloc) - int64(before.HeapAlloc)
	worst := time.Duration(0)
	for range 40 {
		e := w.said[rng.IntN(size)]
		start := time.Now()
		if _, err := f.DigestAt(f.CutOf(e)); err != nil {
			t.Fatal(err)
		}
		worst = max(worst, time.Since(start))
	}
	t.Logf("%d records folded in %v, %d kB kept, snapshot %d kB, worst past cut %v", size, took, grew>>10, len(f.Snapshot())>>10, worst)
	if worst > time.Second {
		t.Errorf("a past cut took %v", worst)
	}
	if grew > 32<<20 {
		t.Errorf("the fold keeps %d MB", grew>>20)
	}
	e := w.said[size/3]
	g := w.fold(t)
	w.add(t, g, f.CutOf(e), first)
	if got, err := f.DigestAt(f.CutOf(e)); err != nil || got != g.Digest() {
		t.Errorf("the digest at %v differs: %v", e.Ref(), err)
	}
}

// TestDigestBy is the digest of a party's next record, as the other side
// will make it at that record's cut.
func TestDigestBy(t *testing.T) {
	w := newWorld(t, 1, 2)
	w.ask(0, 2)
	w.say(1, draft{})
	w.meet(1, 0)
	f := w.folded(t)
	mine, err := f.DigestBy(1)
	if err != nil {
		t.Fatal(err)
	}
	e := w.say(0, draft{})
	if err := f.Add(e); err != nil {
		t.Fatal(err)
	}
	if theirs, err := f.DigestAt(f.CutOf(e)); err != nil || theirs != mine {
		t.Errorf("the digest at its cut is another: %v", err)
	}
	if _, err := f.DigestAt(Cut{{1, 1}: 99}); !errors.Is(err, ErrNotComparable) {
		t.Errorf("a cut beyond what is held: %v", err)
	}
	if _, err := f.DigestAt(nil); !errors.Is(err, ErrNotComparable) {
		t.Errorf("no cut: %v", err)
	}
}

// TestThings lists what was asked, open and closed, with how it ended.
func TestThings(t *testing.T) {
	w := newWorld(t, 1, 2)
	a, b := w.ask(0, 2), w.ask(0, 2)
	w.say(0, draft{})
	w.meet(0, 1)
	w.say(1, decline(a))
	f := w.folded(t)
	var got []Outcome
	for th, err := range f.Things("CR01") {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, th.Outcome)
	}
	if len(got) != 2 || got[0] != Declined || got[1] != Open {
		t.Errorf("%v", got)
	}
	for range f.Things() {
		break
	}
	if len(f.Awaiting()) != 1 || f.Awaiting()[0].Name != b.Ref() {
		t.Error("one awaits")
	}
	if s := f.EffectiveSeen(2)[1]; s != (Position{1, 3}) {
		t.Errorf("red has seen %v", s)
	}
}

func FuzzRestore(f *testing.F) {
	w := newWorld(f, 1, 2)
	ask := w.ask(0, 2)
	w.clocks(1, "CR01", 60, nil)
	w.meet(0, 1)
	w.say(1, decline(ask))
	whole := w.folded(f).Snapshot()
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Add([]byte{0x87, 0x02, 0x01})
	f.Fuzz(func(t *testing.T, b []byte) {
		g := w.fold(t)
		if err := g.Restore(b); err != nil {
			return
		}
		again := g.Snapshot()
		h := w.fold(t)
		if err := h.Restore(again); err != nil {
			t.Fatalf("what it wrote itself is not read: %v", err)
		}
		if string(h.Snapshot()) != string(again) {
			t.Fatal("written otherwise")
		}
	})
}

// TestTheOpeningWaits: green's request waits for what it says of red; blue's
// reply to it does not, and counts as soon as the request does.
func TestTheOpeningWaits(t *testing.T) {
	w := newWorld(t, 1, 2, 3)
	w.say(1, draft{})
	w.meet(1, 2)
	ask := w.ask(2, 1) // has seen red's note
	w.deliver(0, Log{3, 1}, 0)
	w.say(0, decline(ask)) // has not
	for _, restart := range []bool{false, true} {
		f := w.fold(t)
		for _, e := range []Entry{ask, w.said[2], w.said[0]} {
			if err := f.Add(e); err != nil {
				t.Fatal(err)
			}
			if restart {
				g := w.fold(t)
				if err := g.Restore(f.Snapshot()); err != nil {
					t.Fatal(err)
				}
				f = g
			}
			if e.Party != 2 && (f.Waiting(3) != 1 || f.Waiting(1) != 0) {
				t.Errorf("after %v: %d of green's and %d of blue's wait", e.Ref(), f.Waiting(3), f.Waiting(1))
			}
		}
		if o := thing(t, f, ask).Outcome; o != Declined {
			t.Errorf("restarted %v: %v", restart, o)
		}
	}
}

// TestNumbersOfGenerations: a number belongs to the generation with the
// largest base not above it that its author had seen.
func TestNumbersOfGenerations(t *testing.T) {
	w := newWorld(t, 1, 2)
	old := w.ask(0, 2)
	w.meet(0, 1)
	w.at[0].backup = clone(w.at[0].holds)
	l := w.restore(0)
	ask := w.ask(0, 2)
	w.deliver(1, l, 0)
	w.say(1, decline(ask))
	w.say(1, decline(old))
	f := w.folded(t)
	if a, b := thing(t, f, ask).Outcome, thing(t, f, old).Outcome; a != Declined || b != Declined {
		t.Errorf("in the new generation %v, in the old %v", a, b)
	}
	if no, base, ok := f.GenerationOf(1, ask.Number); no != 2 || base != ask.Number || !ok {
		t.Errorf("%d is of generation %d from %d", ask.Number, no, base)
	}
}
