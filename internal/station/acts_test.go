// SPDX-License-Identifier: Apache-2.0

package station_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"openline/identity"
	"openline/internal/station"
	"openline/internal/station/stationtest"
	"openline/internal/store"
	"openline/mirror"
	"openline/record"
	"openline/tlog"
)

func incident() station.Draft {
	return station.Draft{Code: "IN03", From: "watch", Precedence: record.Routine, Params: map[string]record.Value{"kind": record.Text("fault")}, Salt: [16]byte{3}}
}

func TestTwoPersonsRelease(t *testing.T) {
	b := opened(t, stationtest.Terms{})
	blue := b.sides[0]
	d, act, err := blue.st.Prepare(incident())
	if err != nil {
		t.Fatal(err)
	}
	other := act
	other.Kind = "IN06"
	for i, people := range [][]station.Signature{nil, signed(act, "ann"), signed(act, "ann", "ann"), signed(act, "ann", "ann2"),
		{{Person: "nobody", Bytes: persons["ben"].SignAct(act)}, signed(act, "ann")[0]}, signed(other, "ann", "ben")} {
		d.People = people
		blue.say(fmt.Sprint("bad", i), d)
		b.settle()
		if got := blue.lastTold(fmt.Sprint("bad", i)); !errors.Is(got.Err, station.ErrTwoPersons) {
			t.Errorf("%d: told %+v", i, got)
		}
	}
	d.People = signed(act, "ann", "ben")
	blue.say("good", d)
	b.settle()
	got := blue.lastTold("good")
	if got.Err != nil {
		t.Fatal(got.Err)
	}
	entries := blue.disk.JournalEntries()
	e, err := station.DecodeJournalEntry(entries[len(entries)-1])
	if err != nil || e.Act != "IN03" || e.Header != act.Header || len(e.People) != 2 || e.Record.Number != got.Results[0].Number {
		t.Errorf("journal: %+v, %v", e, err)
	}
	root, err := tlog.RootAt(uint64(len(entries)), blue.disk.JournalHashes())
	if err != nil {
		t.Fatal(err)
	}
	tree, _ := tlog.OpenTree(0, nil)
	for _, e := range entries {
		tree.Append(tlog.LeafHash(e))
	}
	if root != tree.Root() || blue.disk.Load().Row.Journal != uint64(len(entries)) {
		t.Error("the journal's hashes are not those of its entries")
	}
}

// AD01 takes two persons and is no safety of life: what it is bound to is
// the state it was shown at.
func TestReleaseIsBoundToWhatWasShown(t *testing.T) {
	b := opened(t, stationtest.Terms{})
	blue, red := b.sides[0], b.sides[1]
	cat := b.line.Catalogue
	if p, _ := cat.Phrase("IN03"); !p.AlwaysRuns {
		t.Skip("IN03 is bound like any other")
	}
	red.say("q", station.Draft{Code: "IN06", From: "watch", Params: map[string]record.Value{
		"place": record.Array(record.Int(1), record.Int(2)), "hour": record.Uint(epoch), "until": record.Uint(epoch + 60)}})
	b.settle()
	thing := ref(red, red.lastTold("q").Results[0].Number)
	d := incident()
	d.Re = []record.Ref{thing}
	d, act, err := blue.st.Prepare(d)
	if err != nil {
		t.Fatal(err)
	}
	d.People = signed(act, "ann", "ben")
	red.say("more", station.Draft{Code: "TX01", From: "secretary", Text: "more about it", Re: []record.Ref{thing}})
	b.settle()
	// Safety of life is not held up by it.
	blue.say("t1", d)
	b.settle()
	if got := blue.lastTold("t1"); got.Err != nil {
		t.Errorf("told %v", got.Err)
	}
}

func TestAdoption(t *testing.T) {
	b := newBench(t, stationtest.Terms{Versions: 2})
	b.start()
	blue, red := b.sides[0], b.sides[1]
	second := b.line.Agreements.Version(2).Digest()
	adopt := func(version uint64, digest [32]byte) station.Draft {
		return station.Draft{Code: "AD01", From: "secretary", Params: map[string]record.Value{
			"version": record.Uint(version), "digest": record.Bytes(digest[:])}, Salt: [16]byte{4}}
	}
	for _, bad := range []station.Draft{adopt(1, b.line.Agreements.Version(1).Digest()), adopt(3, second), adopt(2, [32]byte{1})} {
		if _, _, err := blue.st.Prepare(bad); err == nil {
			t.Errorf("prepared %v", bad.Params)
		}
	}
	d, act, err := blue.st.Prepare(adopt(2, second))
	if err != nil {
		t.Fatal(err)
	}
	d.People = signed(act, "ann", "ben")
	blue.say("before", text("under version 1"))
	blue.say("adopt", d)
	blue.say("after", text("under version 2"))
	b.settle()
	version := func(s *side, token string) uint32 {
		n := s.lastTold(token).Results[0].Number
		_, entries := s.disk.Log(s.log())
		return entries[n-1].Decode().Leaf.Agreement
	}
	if v := []uint32{version(blue, "before"), version(blue, "adopt"), version(blue, "after")}; v[0] != 1 || v[1] != 2 || v[2] != 2 {
		t.Errorf("versions %v", v)
	}
	red.say("theirs", text("still under version 1"))
	b.settle()
	if version(red, "theirs") != 1 {
		t.Error("red's log adopted by itself")
	}
	blue.start()
	b.connect()
	b.settle()
	blue.say("later", text("after a restart"))
	b.settle()
	if version(blue, "later") != 2 {
		t.Error("the adoption is forgotten at a restart")
	}
	if _, _, err := blue.st.Prepare(adopt(2, second)); err == nil {
		t.Error("adopted twice")
	}
	if blue.st.Digest() != red.st.Digest() {
		t.Error("the two sides read it differently")
	}
}

// request has blue ask for a call, and red hold the request.
func request(t *testing.T, b *bench) record.Ref {
	t.Helper()
	blue := b.sides[0]
	post := func(p uint64) record.Value { return record.Array(record.Uint(p), record.Text("secretary")) }
	blue.say("ask", station.Draft{Code: "CR01", From: "secretary", Params: map[string]record.Value{"caller": post(1), "called": post(2),
		"subject": record.Text("a call"), "urgency": record.Text("ordinary"), "medium": record.Text("voice")}, Salt: [16]byte{5}})
	b.settle()
	got := blue.lastTold("ask")
	if got.Err != nil {
		t.Fatal(got.Err)
	}
	return ref(blue, got.Results[0].Number)
}

func TestExport(t *testing.T) {
	b := opened(t, stationtest.Terms{})
	blue, red := b.sides[0], b.sides[1]
	q := request(t, b)
	b.pass(time.Minute)
	act := blue.st.PrepareExport(q)
	blue.step(station.Export{Token: "x0", Request: q, Peer: 2, Cut: act.Cut, People: signed(act, "ann")})
	b.settle()
	if len(blue.export) != 1 || !errors.Is(blue.export[0].Err, station.ErrTwoPersons) {
		t.Fatalf("%+v", blue.export)
	}
	blue.step(station.Export{Token: "x1", Request: q, Peer: 2, Cut: act.Cut, People: signed(act, "ann", "ben")})
	for _, e := range blue.todo {
		switch e.(type) {
		case station.Exported, station.Send:
			t.Fatalf("%T before the save", e)
		}
	}
	b.settle()
	x := blue.export[1]
	if x.Err != nil {
		t.Fatal(x.Err)
	}
	redSize := red.size()
	if x.Receipt.Size != redSize || x.ReceiptPQ.Size != redSize || x.TimedHead.Size != blue.size() || x.TimedHead.At < x.Receipt.At || !x.TimedHeadPQ.PQ {
		t.Errorf("%+v", x)
	}
	if _, ok, _ := blue.disk.StatementAt(red.log(), blue.log(), redSize, true); !ok {
		t.Error("not saved")
	}
	// The other side holds what blue signed.
	if st, ok, _ := red.disk.NewestStatement(red.log(), blue.log(), false); !ok || st.At != x.Receipt.At {
		t.Errorf("red holds a receipt of %d, not %d", st.At, x.Receipt.At)
	}
	entries := blue.disk.JournalEntries()
	if e, err := station.DecodeJournalEntry(entries[len(entries)-1]); err != nil || e.Act != "export" || e.Record != q {
		t.Errorf("journal %+v, %v", e, err)
	}
}

// A card that names another root than the log it continues is taken, since a
// new generation is the cure of a fork, and what was signed twice is kept:
// whether the records or the card came first.
func TestCardNamesAnotherRoot(t *testing.T) {
	for _, later := range []bool{false, true} {
		b := opened(t, stationtest.Terms{})
		blue, red := b.sides[0], b.sides[1]
		if later {
			b.cut()
		}
		red.say("one", text("one"))
		b.settle()
		issued, err := b.auth.Issue(red.party, 2, 1000, &identity.Held{Generation: 1, Size: red.size(), Root: [32]byte{1}})
		if err != nil {
			t.Fatal(err)
		}
		if !later {
			b.cut()
		}
		red.issued = issued
		red.start()
		b.connect()
		b.settle()
		if got := blue.st.View(blue.clock()).Peers[0].Generation; got != 2 {
			t.Errorf("generation %d is followed", got)
		}
		claims := blue.happened("claim")
		if want := "its new card names another root than the log it continues"; len(claims) != 1 || claims[0].Text != want {
			t.Errorf("records later %v: %+v", later, claims)
		}
	}
}

// After the other side opened a generation, an export receipts each of its
// generations at exactly what is held, in one second and with both keys: one
// of which nothing ever came too.
func TestExportReceiptsEarlierGenerations(t *testing.T) {
	for _, renewals := range []int{1, 2} {
		b := opened(t, stationtest.Terms{})
		blue, red := b.sides[0], b.sides[1]
		q := request(t, b)
		red.say("noise", text("something else"))
		b.settle()
		logs, sizes := []store.LogID{red.log()}, []uint64{red.size()}
		for n := range renewals {
			held := &identity.Held{Generation: red.log().Generation, Size: red.size(), Root: red.disk.Load().Row.Root}
			issued, err := b.auth.Issue(red.party, held.Generation+1, 1000*uint64(n+1), held)
			if err != nil {
				t.Fatal(err)
			}
			b.cut()
			red.issued = issued
			red.start()
			b.connect()
			if n == renewals-1 {
				red.say("again", text("in a new generation"))
			}
			b.settle()
			logs, sizes = append(logs, red.log()), append(sizes, red.size())
		}
		if renewals == 2 && sizes[1] != 0 {
			t.Fatalf("something came of the generation between: %d", sizes)
		}
		b.pass(time.Minute)
		sizes[len(sizes)-1] = red.size()
		act := blue.st.PrepareExport(q)
		blue.step(station.Export{Token: "x", Request: q, Peer: 2, Cut: act.Cut, People: signed(act, "ann", "ben")})
		b.settle()
		x := blue.export[0]
		if x.Err != nil {
			t.Fatal(x.Err)
		}
		for i, log := range logs {
			for _, pq := range []bool{false, true} {
				st, ok, err := blue.disk.NewestStatement(log, blue.log(), pq)
				if err != nil || !ok || st.Size != sizes[i] || st.At != x.Receipt.At {
					t.Errorf("%d renewals, %v, post-quantum %v: %+v, %v, wanted %d at %d", renewals, log, pq, st, err, sizes[i], x.Receipt.At)
				}
			}
		}
	}
}

func TestExportIsRefusedWithAReason(t *testing.T) {
	b := opened(t, stationtest.Terms{})
	blue := b.sides[0]
	q := request(t, b)
	old := blue.st.PrepareExport(q)
	b.sides[1].say("hold", station.Draft{Code: "HD02", From: "watch", Re: []record.Ref{q}, Params: map[string]record.Value{"until": record.Uint(epoch + 3600)}})
	b.settle()
	blue.step(station.Export{Token: "changed", Request: q, Peer: 2, Cut: old.Cut, People: signed(old, "ann", "ben")})
	blue.skew = 24 * time.Hour
	blue.step(station.Tick{})
	act := blue.st.PrepareExport(q)
	blue.step(station.Export{Token: "held", Request: q, Peer: 2, Cut: act.Cut, People: signed(act, "ann", "ben")})
	blue.step(station.Export{Token: "nobody", Request: q, Peer: 7, Cut: act.Cut, People: signed(act, "ann", "ben")})
	b.settle()
	if len(blue.export) != 3 || !errors.Is(blue.export[0].Err, station.ErrChanged) || !errors.Is(blue.export[1].Err, station.ErrExportHold) || blue.export[2].Err == nil {
		t.Errorf("%+v", blue.export)
	}
}

func TestExportWaitsForWhatLiesAhead(t *testing.T) {
	b := newBench(t, stationtest.Terms{})
	blue := b.sides[0]
	blue.start()
	b.settle()
	f := newFake(b, 1)
	f.greet(t, nil)
	f.add(f.entry(epoch, "one"))
	f.pack(t, 0)
	q := request(t, b)
	// A reply lies two places ahead.
	reply := f.entry(epoch+1, "a reply")
	l, err := record.DecodeLeaf(reply.Leaf)
	if err != nil {
		t.Fatal(err)
	}
	l.About = q
	reply.Leaf = l.Encode()
	f.add(f.entry(epoch, "two"), reply)
	tree, hashes := treeOf(f.sent)
	proof, err := tlog.ProveInclusion(3, 2, hashes)
	if err != nil {
		t.Fatal(err)
	}
	f.sess.SendAhead(mirror.Ahead{Log: mirror.LogID(f.side.log()), Index: 2, Entry: reply,
		Checkpoint: f.sign(t, tlog.Checkpoint{Origin: f.origin(), Size: 3, Root: tree.Root()}), Proof: proof}.Encode())
	f.exchange(t)
	if got := blue.happened("ahead"); len(got) != 1 || got[0].Number != 3 {
		t.Fatalf("%+v", got)
	}
	act := blue.st.PrepareExport(q)
	blue.step(station.Export{Token: "x", Request: q, Peer: 2, Cut: act.Cut, People: signed(act, "ann", "ben")})
	b.settle()
	if !errors.Is(blue.export[0].Err, station.ErrExportAhead) {
		t.Errorf("%+v", blue.export)
	}
	// The watch can answer it before its place comes, by the hash of its leaf.
	blue.say("ack", station.Draft{Code: "RC01", From: "watch", Re: []record.Ref{record.ByHash(2, record.LeafHash(reply.Leaf))}})
	b.settle()
	if got := blue.lastTold("ack"); got.Err != nil {
		t.Error(got.Err)
	}
	f.pack(t, 1)
	if n := blue.holdsOf(f.side); n != 3 {
		t.Errorf("held %d of 3", n)
	}
	if len(blue.disk.Load().Ahead) != 0 {
		t.Error("kept apart after its place was filled")
	}
}

func treeOf(entries []record.Entry) (*tlog.Tree, tlog.HashReader) {
	tree, _ := tlog.OpenTree(0, nil)
	var stored [][32]byte
	for _, e := range entries {
		stored = append(stored, tree.Append(record.LeafHash(e.Leaf))...)
	}
	return tree, tlog.HashReaderFunc(func(indexes []int64) (out [][32]byte, err error) {
		for _, i := range indexes {
			out = append(out, stored[i])
		}
		return out, nil
	})
}

// FLASH overtakes what lies before it on a narrow bearer.
func TestFlashGoesAhead(t *testing.T) {
	b := newBench(t, stationtest.Terms{PerMinute: 100_000})
	b.start()
	blue, red := b.sides[0], b.sides[1]
	b.cut()
	for i := range 50 {
		drafts := make([]station.Draft, 40)
		for j := range drafts {
			drafts[j] = text("a routine word, one of two thousand")
		}
		blue.say(fmt.Sprint("bulk", i), drafts...)
		b.settle()
	}
	blue.say("flash", station.Draft{Code: "DS01", From: "watch", Params: map[string]record.Value{"position": record.Array(record.Int(1), record.Int(2)),
		"kind": record.Text("ship"), "help": record.Text("asked")}})
	b.settle()
	number := blue.lastTold("flash").Results[0].Number
	held := red.holdsOf(blue)
	// Red's disk is slow: nothing of what comes is saved yet.
	frames := 0
	b.filter = func(from int, f []byte) [][]byte {
		if from == 0 {
			frames++
		}
		return [][]byte{f}
	}
	b.connect()
	b.settle()
	ahead := red.happened("ahead")
	if len(ahead) != 1 || ahead[0].Number != number || ahead[0].Code != "DS01" {
		t.Fatalf("%+v", ahead)
	}
	if red.holdsOf(blue) <= held || red.holdsOf(blue) != blue.size() || len(red.disk.Load().Ahead) != 0 {
		t.Errorf("held %d of %d, ahead %d", red.holdsOf(blue), blue.size(), len(red.disk.Load().Ahead))
	}
	// A restart still knows it until it is receipted.
	if blue.receipted() != blue.size() {
		t.Errorf("receipted %d of %d", blue.receipted(), blue.size())
	}
}
