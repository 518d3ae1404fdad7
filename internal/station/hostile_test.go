// SPDX-License-Identifier: Apache-2.0

package station_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"openline/internal/station"
	"openline/internal/station/stationtest"
	"openline/line/linestate"
	"openline/link"
	"openline/mirror"
	"openline/record"
	"openline/tlog"
)

// against is blue, opened, with a fake in red's place that greeted it and
// sent three good records.
func against(t *testing.T, terms stationtest.Terms) (*bench, *fake) {
	t.Helper()
	b := newBench(t, terms)
	b.sides[0].start()
	b.settle()
	f := newFake(b, 1)
	f.greet(t, nil)
	f.add(f.entry(epoch, "one"), f.entry(epoch, "two"), f.entry(epoch, "three"))
	f.pack(t, 0)
	if n := b.sides[0].holdsOf(f.side); n != 3 {
		t.Fatalf("blue holds %d of 3", n)
	}
	return b, f
}

func TestTwoHistories(t *testing.T) {
	for name, lie := range map[string]func(*fake) tlog.Checkpoint{
		"two roots at one size": func(f *fake) tlog.Checkpoint {
			c := f.head()
			c.Root[0] ^= 1
			return c
		},
		"a smaller head of another log": func(f *fake) tlog.Checkpoint {
			return tlog.Checkpoint{Origin: f.origin(), Size: 2, Root: [32]byte{1}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			b, f := against(t, stationtest.Terms{})
			blue := b.sides[0]
			note := f.sign(t, lie(f))
			f.send(t, mirror.Package{Log: mirror.LogID(f.side.log()), From: 2, Entries: f.sent[2:], Checkpoint: note})
			acc := blue.disk.Accusations()
			if len(acc) != 1 || len(blue.happened("accusation")) != 1 {
				t.Fatalf("%d accusations kept, %d told", len(acc), len(blue.happened("accusation")))
			}
			verifyAccusation(t, b, acc[0], f.side.issued.Card)
			// From then on nothing of that generation is receipted, and the mark
			// outlives a restart.
			size := len(blue.disk.Statements(f.side.log(), blue.log(), false))
			f.add(f.entry(epoch+1, "four"))
			f.pack(t, 3)
			blue.start()
			if n := len(blue.disk.Statements(f.side.log(), blue.log(), false)); n != size || !blue.st.View(blue.clock()).Peers[0].Forked {
				t.Errorf("%d receipts after %d", n, size)
			}
			blue.say("t1", text("we still speak"))
			b.settle()
			if blue.lastTold("t1").Err != nil {
				t.Error("our own log is held up by it")
			}
		})
	}
}

func TestSizeThatFalls(t *testing.T) {
	b, f := against(t, stationtest.Terms{})
	blue := b.sides[0]
	log := mirror.LogID(blue.log())
	head := func(size uint64) tlog.Checkpoint {
		root, err := tlog.RootAt(size, blue.disk.Hashes(blue.log()))
		if err != nil {
			t.Fatal(err)
		}
		return tlog.Checkpoint{Origin: blue.issued.Card.Origin(), Size: size, Root: root}
	}
	blue.say("t1", text("words"))
	f.exchange(t)
	f.cosign(t, log, head(2), epoch+10)
	f.cosign(t, log, head(1), epoch+20)
	acc := blue.disk.Accusations()
	if len(acc) != 1 {
		t.Fatalf("%d accusations", len(acc))
	}
	verifyAccusation(t, b, acc[0], f.side.issued.Card)
}

func TestCosignatureOverWhatWeNeverWrote(t *testing.T) {
	b, f := against(t, stationtest.Terms{})
	blue := b.sides[0]
	own := blue.issued.Card.Origin()
	f.cosign(t, mirror.LogID(blue.log()), tlog.Checkpoint{Origin: own, Size: 1, Root: [32]byte{5}}, epoch+1)
	f.cosign(t, mirror.LogID(blue.log()), tlog.Checkpoint{Origin: own, Size: 77}, epoch+1)
	if blue.receipted() != 0 || len(blue.happened("receipt")) != 0 {
		t.Errorf("receipted %d", blue.receipted())
	}
}

func TestWithheldReceipts(t *testing.T) {
	b, f := against(t, stationtest.Terms{})
	blue := b.sides[0]
	blue.say("t1", text("do you hear us"))
	f.exchange(t)
	f.sess.SendHave([]link.Have{{Party: 1, Generation: 1, Size: blue.size()}}) // it says it holds them, and signs nothing
	f.exchange(t)
	v := blue.st.View(blue.clock()).Peers[0]
	if v.Receipt.Size != 0 || len(blue.happened("receipt")) != 0 {
		t.Errorf("shown as receipted: %+v", v.Receipt)
	}
	if v.State.Wire.Kind != linestate.WireUnknown {
		t.Errorf("wire %+v", v.State.Wire)
	}
	if !blue.st.Rests() {
		t.Error("it waits for a signature that does not come")
	}
}

func TestLyingSizes(t *testing.T) {
	b, f := against(t, stationtest.Terms{})
	blue := b.sides[0]
	for party := range record.PartyNo(5) {
		for gen := range uint32(20) {
			f.sess.SendHave([]link.Have{{Party: party, Generation: gen, Size: 1 << 60}})
		}
	}
	f.exchange(t)
	if v := blue.st.View(blue.clock()).Peers[0]; v.Receipt.Size != 0 || v.Size != 3 || blue.st.Hold() != station.HoldNone {
		t.Errorf("%+v", v)
	}
	// The truth from a new session is not kept out by it.
	f2 := newFake(b, 1)
	f2.tree, f2.sent = f.tree, f.sent
	b.sides[0].step(station.BearerDown{ID: f.id, Why: "cut"})
	b.settle()
	f2.greet(t, nil)
	f2.add(f2.entry(epoch, "four"))
	f2.pack(t, 3)
	if n := blue.holdsOf(f.side); n != 4 {
		t.Errorf("blue holds %d of 4", n)
	}
}

// A leaf without its words: what lies before it is taken and receipted, the
// rest is not receipted from there on, and the truth is taken when it comes.
func TestLeafWithoutItsWords(t *testing.T) {
	b, f := against(t, stationtest.Terms{})
	blue := b.sides[0]
	f.add(f.entry(epoch, "four"), f.entry(epoch, "five"), f.entry(epoch, "six"))
	entries := slices.Clone(f.sent[3:])
	entries[1] = record.Entry{Leaf: entries[1].Leaf, Header: entries[1].Header}
	f.send(t, mirror.Package{Log: mirror.LogID(f.side.log()), From: 3, Entries: entries, Checkpoint: f.sign(t, f.head())})
	v := blue.st.View(blue.clock()).Peers[0]
	if v.Size != 4 || !strings.Contains(v.Trouble, "not whole") || v.Pending != 6 {
		t.Errorf("%+v", v)
	}
	list := blue.disk.Statements(f.side.log(), blue.log(), false)
	if list[len(list)-1].Size > 4 {
		t.Errorf("cosigned at %d", list[len(list)-1].Size)
	}
	f.pack(t, 3)
	if v = blue.st.View(blue.clock()).Peers[0]; v.Size != 6 || v.Trouble != "" {
		t.Errorf("after the words came: %+v", v)
	}
}

func TestOversizedRecord(t *testing.T) {
	b, f := against(t, stationtest.Terms{})
	blue := b.sides[0]
	f.add(f.entry(epoch, strings.Repeat("x", 20<<10)), f.entry(epoch, "good"))
	f.pack(t, 3)
	v := blue.st.View(blue.clock()).Peers[0]
	if v.Size != 3 || !strings.Contains(v.Trouble, "larger than agreed") || len(blue.happened("alarm")) == 0 {
		t.Errorf("%+v", v)
	}
}

// A record that makes no sense blocks nothing: it is stored, receipted and
// shown as such.
func TestMalformedRecordIsReceipted(t *testing.T) {
	b, f := against(t, stationtest.Terms{})
	blue := b.sides[0]
	f.add(record.Entry{Leaf: []byte("this is no leaf")}, f.entry(epoch, "good"))
	f.pack(t, 3)
	list := blue.disk.Statements(f.side.log(), blue.log(), false)
	if n := blue.holdsOf(f.side); n != 5 || list[len(list)-1].Size != 5 {
		t.Errorf("held %d, receipted %d", n, list[len(list)-1].Size)
	}
}

func TestFlood(t *testing.T) {
	b, f := against(t, stationtest.Terms{PerMinute: 10})
	blue := b.sides[0]
	for range 100 {
		f.add(f.entry(epoch, "again"))
	}
	for i := 3; i < len(f.sent); i += 10 {
		n := min(i+10, len(f.sent))
		tree, _ := tlog.OpenTree(0, nil)
		for _, e := range f.sent[:n] {
			tree.Append(record.LeafHash(e.Leaf))
		}
		f.send(t, mirror.Package{Log: mirror.LogID(f.side.log()), From: uint64(i), Entries: f.sent[i:n],
			Checkpoint: f.sign(t, tlog.Checkpoint{Origin: f.origin(), Size: tree.Size(), Root: tree.Root()})})
	}
	held := blue.holdsOf(f.side)
	v := blue.st.View(blue.clock()).Peers[0]
	if held < 10 || held > 40 || !strings.Contains(v.Trouble, "records a minute") {
		t.Fatalf("held %d, trouble %q", held, v.Trouble)
	}
	// It slows down, and nothing is lost.
	for range 12 {
		b.now += time.Minute
		f2 := newFake(b, 1)
		f2.tree, f2.sent = f.tree, f.sent
		blue.step(station.BearerDown{ID: f.id, Why: "cut"})
		f2.greet(t, nil)
		f2.pack(t, int(blue.holdsOf(f.side)))
		f = f2
		if blue.holdsOf(f.side) == uint64(len(f.sent)) {
			return
		}
	}
	t.Errorf("after it slowed: %d of %d", blue.holdsOf(f.side), len(f.sent))
}

// What was written over days and comes at once after a cut is no flood.
func TestBacklogIsNoFlood(t *testing.T) {
	b, f := against(t, stationtest.Terms{PerMinute: 10})
	b.now += 48 * time.Hour
	for i := range 500 {
		f.add(f.entry(record.Stamp(epoch+i*300), "over two days"))
	}
	f = regreet(t, b, f)
	for i := 3; i < len(f.sent); i += 100 {
		n := min(i+100, len(f.sent))
		tree, _ := tlog.OpenTree(0, nil)
		for _, e := range f.sent[:n] {
			tree.Append(record.LeafHash(e.Leaf))
		}
		f.send(t, mirror.Package{Log: mirror.LogID(f.side.log()), From: uint64(i), Entries: f.sent[i:n],
			Checkpoint: f.sign(t, tlog.Checkpoint{Origin: f.origin(), Size: tree.Size(), Root: tree.Root()})})
	}
	if n := b.sides[0].holdsOf(f.side); n != 503 {
		t.Errorf("held %d of 503", n)
	}
}

func regreet(t *testing.T, b *bench, f *fake) *fake {
	t.Helper()
	f2 := newFake(b, 1)
	f2.tree, f2.sent = f.tree, f.sent
	b.sides[0].step(station.BearerDown{ID: f.id, Why: "cut"})
	f2.greet(t, nil)
	return f2
}

func TestUnknownParty(t *testing.T) {
	b, f := against(t, stationtest.Terms{})
	blue := b.sides[0]
	blue.step(station.BearerUp{ID: 900, Peer: 9, Name: "tls", PeerCard: f.side.issued.Note})
	if h, ok := blue.todo[len(blue.todo)-1].(station.Hangup); !ok || h.ID != 900 {
		t.Errorf("not hung up: %+v", blue.todo)
	}
	b.settle()
	p := mirror.Package{Log: mirror.LogID{Party: 9, Generation: 1}, Entries: f.sent, Checkpoint: f.sign(t, f.head())}
	f.send(t, p)
	if _, entries := blue.disk.Log(storeLog(9)); len(entries) != 0 {
		t.Error("records of an unknown party were taken")
	}
}

func TestGarbageEndsTheBearerAtLast(t *testing.T) {
	b, f := against(t, stationtest.Terms{})
	for range 20 {
		if !f.sess.IsUp() {
			break
		}
		f.sess.SendPackage(link.Have{Party: 2, Generation: 1, Size: 9}, mirror.Package{Log: mirror.LogID{Party: 2, Generation: 1}, From: 3,
			Entries: []record.Entry{f.entry(epoch, "not under any head")}, Checkpoint: f.sign(t, tlog.Checkpoint{Origin: f.origin(), Size: 9, Root: [32]byte{3}})}.Encode(), b.now)
		f.exchange(t)
	}
	if len(f.codes) != 1 || f.codes[0] != link.CodeRefused {
		t.Errorf("codes %v", f.codes)
	}
	if n := b.sides[0].holdsOf(f.side); n != 3 {
		t.Errorf("held %d", n)
	}
}

// A leaf time before that of an earlier timed head, and a seen with a root
// that log never had: kept as claims, ordering and blocking nothing.
func TestClaimsAreKept(t *testing.T) {
	b, f := against(t, stationtest.Terms{})
	blue := b.sides[0]
	f.cosign(t, mirror.LogID(f.side.log()), f.head(), epoch+100)
	f.add(f.entry(epoch+50, "backdated"), f.entry(epoch+200, "framing", record.Seen{Party: 1, Generation: 1, Size: 1, Root: [32]byte{6}}))
	f.pack(t, 3)
	if n := blue.holdsOf(f.side); n != 5 {
		t.Fatalf("held %d of 5", n)
	}
	if got := blue.happened("claim"); len(got) != 2 {
		t.Errorf("claims %+v", got)
	}
	b.settle()
	kept := 0
	for _, raw := range blue.disk.JournalEntries() {
		e, err := station.DecodeJournalEntry(raw)
		if err != nil {
			t.Fatal(err)
		}
		if e.Kind == "claim" && len(e.Proof) > 0 && bytes.Equal(e.Encode(), raw) {
			kept++
		}
	}
	if kept != 2 {
		t.Errorf("%d claims in the journal", kept)
	}
}

func TestPeersClockMovesNothingOfOurs(t *testing.T) {
	b, f := against(t, stationtest.Terms{})
	blue := b.sides[0]
	f.add(f.entry(4_000_000_000, "from the future"))
	f.pack(t, 3)
	f.cosign(t, mirror.LogID(f.side.log()), f.head(), 4_000_000_001)
	blue.say("t1", text("words"))
	b.settle()
	if last := blue.disk.Load().Row.LastSigned; last > epoch+3600 {
		t.Errorf("signed the time %d", last)
	}
}

// A party that signs leaves and keeps back the words is not hung up on: what
// is urgent still comes over that bearer, ahead of its place.
func TestWithheldWordsDoNotCloseTheBearer(t *testing.T) {
	b := newBench(t, stationtest.Terms{})
	blue := b.sides[0]
	blue.start()
	b.settle()
	f := newFake(b, 1)
	f.greet(t, nil)
	whole := f.entry(epoch, "words that never come")
	f.add(record.Entry{Leaf: whole.Leaf, Header: whole.Header})
	for range 20 {
		f.pack(t, 0)
	}
	if len(f.codes) > 0 || !f.sess.IsUp() {
		t.Fatalf("hung up: %v", f.codes)
	}
	if n := blue.holdsOf(b.sides[1]); n != 0 {
		t.Fatalf("%d records are held", n)
	}
	flash := f.entry(epoch+1, "flash")
	f.add(flash)
	tree, hashes := treeOf(f.sent)
	proof, err := tlog.ProveInclusion(2, 1, hashes)
	if err != nil {
		t.Fatal(err)
	}
	f.sess.SendAhead(mirror.Ahead{Log: mirror.LogID(f.side.log()), Index: 1, Entry: flash,
		Checkpoint: f.sign(t, tlog.Checkpoint{Origin: f.origin(), Size: 2, Root: tree.Root()}), Proof: proof}.Encode())
	f.exchange(t)
	if got := blue.happened("ahead"); len(got) != 1 || got[0].Number != 2 {
		t.Fatalf("%+v", got)
	}
	// Garbage is another matter.
	for range 20 {
		if !f.sess.IsUp() {
			break
		}
		f.sess.SendPackage(link.Have{Party: 2, Generation: 1, Size: 2}, mirror.Package{Log: mirror.LogID(f.side.log()),
			Entries: []record.Entry{f.entry(epoch, "garbage")}, Checkpoint: f.sign(t, f.head())}.Encode(), b.now)
		f.exchange(t)
	}
	if len(f.codes) == 0 {
		t.Error("garbage without end is taken")
	}
}
