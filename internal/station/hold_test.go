// SPDX-License-Identifier: Apache-2.0

package station_test

import (
	"errors"
	"testing"
	"time"

	"openline/identity"
	"openline/internal/station"
	"openline/internal/station/stationtest"
	"openline/internal/store/mark"
	"openline/record"
	"openline/tlog"
	"openline/tlog/evidence"
)

// quiet checks that a station on hold takes words and signs nothing.
func quiet(t *testing.T, s *side) {
	t.Helper()
	size, last := s.size(), s.disk.Load().Row.LastSigned
	s.say("while-held", text("words"))
	s.b.settle()
	s.b.pass(time.Minute)
	if got := s.lastTold("while-held"); got.Err != nil || len(got.Results) != 1 || got.Results[0].Number != 0 {
		t.Errorf("told %+v", got)
	}
	if s.size() != size || s.disk.Load().Row.LastSigned != last {
		t.Errorf("it signed: size %d after %d", s.size(), size)
	}
	if n := len(s.disk.Load().Queue); n != 1 {
		t.Errorf("%d sayings in the stored queue", n)
	}
}

func TestWithoutAMarkItWaitsForAHandshake(t *testing.T) {
	b := newBench(t, stationtest.Terms{})
	blue, red := b.sides[0], b.sides[1]
	blue.marked = false
	blue.start()
	red.start()
	if blue.st.Hold() != station.HoldHandshake {
		t.Fatalf("hold %q", blue.st.Hold())
	}
	quiet(t, blue)
	// The queue outlives a restart, and its words are numbered at the handshake.
	blue.start()
	b.connect()
	b.settle()
	got := blue.lastTold("while-held")
	if blue.st.Hold() != station.HoldNone || got.Err != nil || got.Results[0].Number == 0 || len(blue.disk.Load().Queue) != 0 {
		t.Fatalf("hold %q, told %+v, queue %d", blue.st.Hold(), got, len(blue.disk.Load().Queue))
	}
	if blue.receipted() != blue.size() {
		t.Error("not receipted")
	}
}

func TestQueuedWordsThatCanNoLongerBeSaidAreGivenBack(t *testing.T) {
	b := newBench(t, stationtest.Terms{})
	blue := b.sides[0]
	blue.marked = false
	blue.start()
	d := station.Draft{Code: "IN03", From: "watch", Params: map[string]record.Value{"kind": record.Text("fault")}}
	d, act, err := blue.st.Prepare(d)
	if err != nil {
		t.Fatal(err)
	}
	d.People = signed(act, "ann", "ben")
	blue.say("t1", d)
	b.settle()
	// The catalogue changed under the queue.
	blue.tweak = func(c *station.Config) {
		c.Catalogue = withoutPhrase(t, b.line, "IN03")
	}
	blue.told = nil
	blue.start()
	b.sides[1].start()
	b.connect()
	b.settle()
	if got := blue.lastTold("t1"); got.Err == nil || len(blue.disk.Load().Queue) != 0 {
		t.Errorf("told %+v, queue %d", got, len(blue.disk.Load().Queue))
	}
}

func TestOlderDiskIsKnownByItsMark(t *testing.T) {
	b := opened(t, stationtest.Terms{})
	blue := b.sides[0]
	backup := blue.disk.Clone()
	blue.say("t1", text("words"))
	b.settle()
	blue.disk = backup
	newest := *blue.mark
	blue.start()
	if blue.st.Hold() != station.HoldOlder {
		t.Fatalf("hold %q", blue.st.Hold())
	}
	b.connect()
	b.settle()
	quiet(t, blue)
	if blue.mark.Row.Size != newest.Row.Size {
		t.Error("the mark that told it so was overwritten")
	}
	blue.mark = nil
	blue.start()
	if blue.st.Hold() != station.HoldOlder {
		t.Errorf("a lost mark: hold %q", blue.st.Hold())
	}
}

func TestOlderDiskIsKnownByItsOwnSignature(t *testing.T) {
	b := opened(t, stationtest.Terms{})
	blue := b.sides[0]
	blue.marked, blue.mark = false, nil
	backup := blue.disk.Clone()
	blue.say("t1", text("words"))
	b.settle()
	blue.disk = backup
	b.cut()
	blue.start()
	b.connect()
	b.settle()
	if blue.st.Hold() != station.HoldOlder {
		t.Fatalf("hold %q", blue.st.Hold())
	}
	quiet(t, blue)
}

// A bare claim of a newer head has no effect: only our own signature counts.
func TestBareClaimOfANewerHead(t *testing.T) {
	b := opened(t, stationtest.Terms{})
	blue := b.sides[0]
	f := newFake(b, 1)
	f.greet(t, []byte("blue.example/openline/sim/1\n99\nAAAA\n\n— somebody AAAA\n"))
	head := tlog.Checkpoint{Origin: blue.issued.Card.Origin(), Size: 99}
	forged, err := tlog.SignCheckpoint(tlog.Checkpoint{Origin: f.side.issued.Card.Origin(), Size: 99}, f.side.issued.Signers.Log)
	if err != nil {
		t.Fatal(err)
	}
	f = newFake(b, 1)
	f.greet(t, append([]byte(head.Text()+"\n"), forged...))
	if blue.st.Hold() != station.HoldNone {
		t.Errorf("hold %q", blue.st.Hold())
	}
}

func TestSecondHistoryOfOurOwn(t *testing.T) {
	b := opened(t, stationtest.Terms{})
	blue := b.sides[0]
	note, err := tlog.SignCheckpoint(tlog.Checkpoint{Origin: blue.issued.Card.Origin(), Size: 1, Root: [32]byte{7}}, blue.issued.Signers.Log)
	if err != nil {
		t.Fatal(err)
	}
	blue.say("t1", text("words"))
	b.settle()
	f := newFake(b, 1)
	f.greet(t, note)
	if blue.st.Hold() != station.HoldClone || len(blue.disk.Accusations()) != 1 {
		t.Fatalf("hold %q, %d accusations", blue.st.Hold(), len(blue.disk.Accusations()))
	}
	verifyAccusation(t, b, blue.disk.Accusations()[0], blue.issued.Card)
}

func verifyAccusation(t *testing.T, b *bench, raw []byte, of *identity.StationCard) {
	t.Helper()
	a, err := evidence.ParseAccusation(raw)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := b.auth.KeysOf(of)
	if err != nil {
		t.Fatal(err)
	}
	if err := evidence.Verify(a, keys); err != nil {
		t.Errorf("the accusation does not prove itself: %v", err)
	}
}

func TestEchoOfAnotherBoot(t *testing.T) {
	b := opened(t, stationtest.Terms{})
	blue, red := b.sides[0], b.sides[1]
	// A copy of blue runs elsewhere, with its own boot id, and greets red.
	copied := &side{b: b, i: 0, party: blue.party, issued: blue.issued, disk: blue.disk.Clone(), mark: blue.mark, marked: true, boot: 100}
	copied.start()
	id := b.conn + 10
	red.step(station.BearerUp{ID: id, Peer: 1, Name: "tls", Exporter: []byte{9}, PeerCard: blue.issued.Note})
	copied.step(station.BearerUp{ID: id, Peer: 2, Name: "tls", Dialer: true, Exporter: []byte{9}, PeerCard: red.issued.Note})
	for _, e := range copied.todo {
		if send, ok := e.(station.Send); ok {
			for _, f := range send.Frames {
				red.step(station.Frame{ID: id, Bytes: f})
			}
		}
	}
	b.settle()
	b.pass(11 * time.Second) // one exchange of pings
	if blue.st.Hold() != station.HoldClone {
		t.Fatalf("hold %q", blue.st.Hold())
	}
	quiet(t, blue)
}

func TestClockSteps(t *testing.T) {
	for _, c := range []struct {
		step time.Duration
		hold station.Hold
	}{
		{time.Minute, station.HoldNone}, {-365 * 24 * time.Hour, station.HoldNone}, {6 * time.Minute, station.HoldClock},
		{3650 * 24 * time.Hour, station.HoldClock}, {-2 * time.Minute, station.HoldNone},
	} {
		b := opened(t, stationtest.Terms{})
		blue := b.sides[0]
		before := blue.disk.Load().Row.LastSigned
		blue.skew += c.step
		blue.step(station.Tick{})
		b.settle()
		if blue.st.Hold() != c.hold {
			t.Errorf("step of %v: hold %q", c.step, blue.st.Hold())
		}
		blue.say("t1", text("words"))
		b.settle()
		if last := blue.disk.Load().Row.LastSigned; last < before {
			t.Errorf("step of %v: a signed time fell from %d to %d", c.step, before, last)
		}
	}
}

func TestTwoPersonsConfirmTheClock(t *testing.T) {
	b := opened(t, stationtest.Terms{})
	blue := b.sides[0]
	blue.skew = 24 * time.Hour
	blue.step(station.Tick{})
	b.settle()
	quiet(t, blue)
	act := blue.st.ClockAct()
	for _, people := range [][]station.Signature{nil, signed(act, "ann"), signed(act, "ann", "ann"), signed(act, "ann", "ann2")} {
		blue.step(station.AcceptClock{People: people})
		b.settle()
		if blue.st.Hold() != station.HoldClock {
			t.Fatalf("confirmed by %d signatures of too few persons", len(people))
		}
	}
	blue.step(station.AcceptClock{People: signed(act, "ann", "ben")})
	b.settle()
	if blue.st.Hold() != station.HoldNone || blue.lastTold("while-held").Results[0].Number == 0 {
		t.Fatalf("hold %q", blue.st.Hold())
	}
	entries := blue.disk.JournalEntries()
	e, err := station.DecodeJournalEntry(entries[len(entries)-1])
	if err != nil || e.Act != "accept clock" || len(e.People) != 2 {
		t.Errorf("journal: %+v, %v", e, err)
	}
}

func TestLongOutage(t *testing.T) {
	b := opened(t, stationtest.Terms{})
	blue, red := b.sides[0], b.sides[1]
	b.cut()
	b.now += 30 * 24 * time.Hour
	blue.start()
	if blue.st.Hold() != station.HoldNone {
		t.Fatalf("after 30 days: hold %q", blue.st.Hold())
	}
	b.now += 2 * 24 * time.Hour
	blue.disk = blue.disk.Clone()
	blue.start()
	if blue.st.Hold() != station.HoldClock {
		t.Fatalf("after 32 days: hold %q", blue.st.Hold())
	}
	// Red's signed time explains it.
	red.step(station.AcceptClock{People: signed(red.st.ClockAct(), "ann", "ben")})
	b.connect()
	b.settle()
	b.pass(20 * time.Second)
	if blue.st.Hold() != station.HoldNone {
		t.Errorf("after red signed the time: hold %q", blue.st.Hold())
	}
}

func TestDamagedOwnRecord(t *testing.T) {
	b := opened(t, stationtest.Terms{})
	blue := b.sides[0]
	blue.say("t1", text("words"))
	b.settle()
	_, entries := blue.disk.Log(blue.log())
	entries[len(entries)-1].Body = []byte("not what was said")
	blue.start()
	if blue.st.Hold() != station.HoldLeaves {
		t.Errorf("hold %q", blue.st.Hold())
	}
}

func TestStoreOfANewerGeneration(t *testing.T) {
	b := opened(t, stationtest.Terms{})
	blue := b.sides[0]
	older := blue.issued
	next, err := b.auth.Issue(blue.party, 2, 1000, &identity.Held{Generation: 1, Size: blue.size(), Root: blue.disk.Load().Row.Root})
	if err != nil {
		t.Fatal(err)
	}
	b.cut()
	blue.issued = next
	blue.start()
	b.connect()
	blue.say("t1", text("words"))
	b.settle()
	if blue.st.Hold() != station.HoldNone || blue.lastTold("t1").Results[0].Number != 1000 || blue.receipted() != blue.size() {
		t.Fatalf("hold %q, size %d, receipted %d", blue.st.Hold(), blue.size(), blue.receipted())
	}
	blue.issued = older
	if _, err := station.New(blue.config(), blue.disk.Load(), blue.mark, blue.clock()); err == nil {
		t.Error("it starts with the card of an older generation")
	}
}

// What a restored disk lost of an ended generation, it takes back from the
// other side's copy, and says so.
func TestLostRecordsAreTakenBack(t *testing.T) {
	b := opened(t, stationtest.Terms{})
	blue, red := b.sides[0], b.sides[1]
	backup, row := blue.disk.Clone(), blue.disk.Load().Row
	for _, token := range []string{"t1", "t2", "t3"} {
		blue.say(token, text(token))
		b.settle()
	}
	first := blue.log()
	lost, want := blue.disk.Log(first)
	b.cut()
	issued, err := b.auth.Issue(blue.party, 2, 1000, &identity.Held{Generation: 1, Size: row.Size, Root: row.Root})
	if err != nil {
		t.Fatal(err)
	}
	blue.disk, blue.issued, blue.mark = backup, issued, &mark.Mark{}
	blue.start()
	b.connect()
	b.settle()
	back, got := blue.disk.Log(first)
	if back.Size != lost.Size || back.Root != lost.Root || len(got) != len(want) {
		t.Fatalf("held %d of %d", back.Size, lost.Size)
	}
	_, entries := blue.disk.Log(blue.log())
	named := false
	for _, e := range entries {
		if d := e.Decode(); d.Header != nil && d.Header.Code == "KY02" {
			n, _ := d.Body.Params["number"].AsUint()
			named = n == lost.Size
		}
	}
	if !named {
		t.Error("no KY02 names what was taken back")
	}
	if blue.st.Digest() != red.st.Digest() {
		t.Error("the two sides read it differently")
	}
	if blue.receipted() != blue.size() {
		t.Error("the new generation is not receipted")
	}
}

func TestQueueIsBounded(t *testing.T) {
	b := newBench(t, stationtest.Terms{})
	blue := b.sides[0]
	blue.marked = false
	blue.start()
	drafts := make([]station.Draft, 100)
	for i := range drafts {
		drafts[i] = text("words")
	}
	for i := range 10 {
		blue.say(string(rune('a'+i)), drafts...)
		b.settle()
	}
	blue.say("z", drafts...)
	b.settle()
	if got := blue.lastTold("z"); !errors.Is(got.Err, station.ErrQueueFull) {
		t.Errorf("told %+v", got)
	}
}
