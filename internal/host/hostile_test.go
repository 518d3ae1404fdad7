// SPDX-License-Identifier: Apache-2.0

package host_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"testing"
	"time"

	"openline/identity"
	"openline/identity/secret"
	"openline/internal/bearer/tls"
	"openline/internal/host"
	"openline/internal/host/hosttest"
	"openline/internal/station"
	"openline/internal/store"
	"openline/line/linestate"
	"openline/link"
	"openline/mirror"
	"openline/record"
	"openline/tlog"
)

// deed is what a station that holds red's own keys does to blue.
type deed struct {
	name  string
	terms hosttest.Options
	long  bool // left out of the short run
	do    func(*scene)
	told  string // what blue's operator reads of it; empty: it is no fault yet
	last  bool   // nothing more of that log is receipted after it
}

var deeds = []deed{
	{name: "unknown party", do: unknownParty, told: "not another party of line", long: true},
	{name: "wrong key", do: wrongKey, told: "not the session key of the card", long: true},
	{name: "replayed hello", do: replayedHello, told: "session signature does not verify"},
	{name: "reflected hello", do: reflectedHello, told: "hello from party 1 to party 2", long: true},
	{name: "reordered and doubled", do: reordered, long: true},
	{name: "flood of frames", do: floodOfFrames, told: "frames a second", long: true},
	{name: "flood of connections", do: floodOfConnections, told: "connections of red.example are open already", long: true},
	{name: "flood of records", do: floodOfRecords, told: "records a minute", terms: hosttest.Options{PerMinute: 600}, long: true},
	{name: "oversized frame", do: oversizedFrame, told: "from 1 to 1048576 are read"},
	{name: "oversized record", do: oversizedRecord, told: "larger than agreed", last: true, long: true},
	{name: "malformed frame", do: malformedFrame, told: "malformed", long: true},
	{name: "malformed package", do: malformedPackage, told: "package", long: true},
	{name: "one bad record before good ones", do: badBeforeGood, long: true},
	{name: "shorter log", do: shorterLog},
	{name: "two histories", do: twoHistories, told: "level=ERROR", last: true},
	{name: "cosigns what it was not sent", do: cosignsUnsent, told: "statement refused", long: true},
	{name: "withholds receipts", do: withholdsReceipts, long: true},
	{name: "a day ahead", do: dayAhead, long: true},
	{name: "a year back", do: yearBack, told: "a leaf time before that of an earlier timed head"},
	{name: "seen what was never signed", do: seenUnsigned, told: "it says it saw a root that log never had"},
	{name: "a leaf without its words", do: withoutWords, told: "not whole"},
	{name: "a machine's phrase and an unknown one", do: strays},
}

// TestHostileStation has a station of red's own keys do each of them over
// real TLS to a station with a real disk; another party's line goes on.
func TestHostileStation(t *testing.T) {
	for _, d := range deeds {
		t.Run(d.name, func(t *testing.T) {
			if d.long && testing.Short() {
				t.Skip("left out of the short run")
			}
			s := newScene(t, d.terms)
			before := runtime.NumGoroutine()
			d.do(s)
			if d.told != "" {
				s.told.wait(t, d.told)
			}
			if n := runtime.NumGoroutine(); n > before+60 {
				t.Errorf("%d goroutines after %d", n, before)
			}
			if !d.last {
				v := s.greet()
				v.good(0, "good, behind all that")
				s.wait("the good record", func(p station.PeerView) bool { return p.Size == s.tree.Size() })
			}
			s.lineGoesOn()
			s.nothingWrongStored()
		})
	}
}

// lineGoesOn has the third party's line cut and come back.
func (s *scene) lineGoesOn() {
	s.t.Helper()
	green := s.w.Party("green").Name
	if err := s.blue.Cut(s.t.Context(), s.w.Line(), green); err != nil {
		s.t.Fatal(err)
	}
	n := s.blue.say(s.w, "to green")
	if err := s.blue.Restore(s.t.Context(), s.w.Line(), green); err != nil {
		s.t.Fatal(err)
	}
	v := s.blue.wait(s.w, "green's receipt", func(v station.View) bool {
		return v.Peers[1].Receipt.Size > 0 && v.Peers[1].Receipt.Last >= n
	})
	if v.Hold != station.HoldNone || v.Peers[1].Trouble != "" || v.Peers[1].Forked || v.Peers[1].Claims != 0 {
		s.t.Errorf("hold %q; green: %+v", v.Hold, v.Peers[1])
	}
	if hold, up, of, err := s.blue.Health(s.t.Context(), s.w.Line()); err != nil || hold != station.HoldNone || up < 1 || of != 2 {
		s.t.Errorf("health %q, %d of %d, %v", hold, up, of, err)
	}
}

// nothingWrongStored holds red's log on blue's disk against what was sent.
func (s *scene) nothingWrongStored() {
	s.t.Helper()
	if err := s.db.Verify(); err != nil {
		s.t.Error(err)
	}
	log := store.LogID{Party: s.me.No, Generation: 1}
	var got []record.Entry
	for {
		more, err := host.StoreOf(s.db).Reader(s.w.Line()).Entries(log, uint64(len(got)), 4096, 1<<20)
		if err != nil {
			s.t.Fatal(err)
		}
		if len(more) == 0 {
			break
		}
		got = append(got, more...)
	}
	if p := s.view(); uint64(len(got)) != p.Size || len(got) > len(s.sent) {
		s.t.Fatalf("%d records are stored, %d shown, %d were sent", len(got), p.Size, len(s.sent))
	}
	for i, e := range got {
		if want := s.sent[i]; !bytes.Equal(e.Leaf, want.Leaf) || !bytes.Equal(e.Header, want.Header) || !bytes.Equal(e.Body, want.Body) {
			s.t.Errorf("record %d is not the one that was sent", i)
		}
	}
}

// turnedAway knocks with a card and shows that nothing is said to it.
func (s *scene) turnedAway(card []byte, keys *secret.Station) {
	s.t.Helper()
	c, err := s.knock(card, keys)
	if err == nil {
		defer hangUp(s.t, c)
		_, err = c.ReadFrame()
	}
	if err == nil {
		s.t.Error("the station spoke")
	}
	if p := s.view(); len(p.Bearers) != 0 || p.Size != 0 {
		s.t.Errorf("%+v", p)
	}
}

func unknownParty(s *scene) {
	violet := hosttest.New(s.t, hosttest.Options{}, "violet", "red").Party("violet")
	card, err := violet.Secret.SignStationCard(&identity.StationCard{
		Party: violet.Name, Line: s.w.Line(), Generation: 1, Base: 1, Issued: 1_800_000_000, Keys: violet.Keys.Keys(),
	})
	if err != nil {
		s.t.Fatal(err)
	}
	s.turnedAway(card, violet.Keys)
}

func wrongKey(s *scene) {
	s.turnedAway(s.me.Card, hosttest.New(s.t, hosttest.Options{}, "violet", "red").Party("violet").Keys)
}

// ends sends one frame on a fresh connection, which the station then ends.
func (s *scene) ends(frame func(hello []byte) []byte) {
	s.t.Helper()
	c := s.dial()
	hello, err := c.ReadFrame()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := c.WriteFrames([][]byte{frame(hello)}); err != nil {
		s.t.Fatal(err)
	}
	for err = nil; err == nil; {
		_, err = c.ReadFrame() // its goodbye, then the end
	}
	s.wait("the end", func(p station.PeerView) bool { return len(p.Bearers) == 0 })
}

func replayedHello(s *scene) {
	v := s.greet()
	v.leave()
	s.ends(func([]byte) []byte { return v.hello })
}

func reflectedHello(s *scene) { s.ends(func(hello []byte) []byte { return hello }) }

func reordered(s *scene) {
	v := s.greet()
	var packs [][]byte
	for i := range 3 {
		s.add(s.text(fmt.Sprint("part ", i)))
		packs = append(packs, v.packed(s.pack(i))...)
	}
	v.write(packs[2], packs[1], packs[2], packs[0], packs[0], packs[2], packs[1], packs[1], packs[2], packs[0])
	v.receipted(3)
}

func floodOfFrames(s *scene) {
	v := s.greet()
	ping := append([]byte{0x83, 7, 1, 0x50}, make([]byte, link.BootLen)...)
	burst := make([][]byte, 2000)
	for i := range burst {
		burst[i] = ping
	}
	for range 40 {
		v.write(burst...)
	}
	v.until("the end", func() bool { return v.ended })
}

func floodOfConnections(s *scene) {
	var open []*tls.Conn
	for range 20 {
		c := s.dial()
		if _, err := c.ReadFrame(); err == nil {
			open = append(open, c)
		}
	}
	if len(open) == 0 || len(open) > 8 {
		s.t.Errorf("%d silent connections are held", len(open))
	}
	for _, c := range open { // silence ends them
		for err := error(nil); err == nil; {
			_, err = c.ReadFrame()
		}
	}
}

// floodOfRecords sends more than a minute's worth: the rest is taken when
// it slows, of itself.
func floodOfRecords(s *scene) {
	v := s.greet()
	const taken = 1240 // two minutes' worth may come at once, and a package goes beyond it
	for range taken {
		s.add(s.text("again"))
	}
	v.pack(s.pack(0))
	v.receipted(taken)
	s.add(s.text("one too many"))
	v.pack(s.pack(taken))
	s.wait("the bound", func(p station.PeerView) bool { return strings.Contains(p.Trouble, "records a minute") })
	for beats := 0; ; beats++ {
		v.until("a ping or the receipt", func() bool { return len(v.echoes) > beats || v.receipt > taken })
		if v.receipt > taken {
			return
		}
		v.pack(s.pack(taken))
	}
}

func oversizedFrame(s *scene) {
	v := s.greet()
	v.write(make([]byte, 2*link.MaxFrame))
	v.until("the end", func() bool { return v.ended })
	s.wait("the end", func(p station.PeerView) bool { return len(p.Bearers) == 0 })
}

func oversizedRecord(s *scene) {
	v := s.greet()
	v.good(0, "before")
	s.add(s.text(strings.Repeat("x", 20<<10)), s.text("behind"))
	v.pack(s.pack(1))
	s.wait("the trouble", func(p station.PeerView) bool {
		return p.Size == 1 && strings.Contains(p.Trouble, "larger than agreed")
	})
}

func malformedFrame(s *scene) {
	v := s.greet()
	v.good(0, "before")
	v.write([]byte("GET / HTTP/1.1"))
	v.until("the goodbye", func() bool { return v.ended && v.code == link.CodeMalformed })
}

func malformedPackage(s *scene) {
	v := s.greet()
	v.good(0, "before")
	v.write(v.frames(func(l *link.Session) {
		l.SendPackage(link.Have{Party: s.me.No, Generation: 1, Size: 9}, []byte("no package"), s.now())
	})...)
	v.until("the goodbye", func() bool { return v.ended && v.code == link.CodeMalformed })
}

func badBeforeGood(s *scene) {
	v := s.greet()
	s.add(record.Entry{Leaf: []byte("this is no leaf")})
	v.good(0, "the good one behind it")
	got, err := s.blue.Record(s.w.Line(), record.ByNumber(s.me.No, 1))
	if err != nil || got.Leaf != nil {
		s.t.Errorf("the malformed record reads as %+v, %v", got, err)
	}
}

func shorterLog(s *scene) {
	v := s.greet()
	n := s.blue.say(s.w, "do not forget this")
	mine := mirror.LogID{Party: 1, Generation: 1}
	var c tlog.Checkpoint
	v.until("their head", func() bool {
		if len(v.heads) > 0 {
			c = v.heads[len(v.heads)-1]
		}
		return c.Size >= n
	})
	v.cosign(mine, c, time.Now())
	s.wait("the receipt", func(p station.PeerView) bool { return p.Receipt.Size >= n })
	v.leave()
	s.wait("the end", func(p station.PeerView) bool { return len(p.Bearers) == 0 })
	// It comes again as if it had never had anything.
	v = s.greet()
	v.until("their log anew", func() bool { return len(v.heads) > 0 })
	v.write(v.frames(func(l *link.Session) { l.SendHave([]link.Have{{Party: 1, Generation: 1}}) })...)
	v.good(0, "in between")
	if p := s.view(); p.Receipt.Size < n || p.Forked {
		s.t.Errorf("%+v", p)
	}
}

func twoHistories(s *scene) {
	v := s.greet()
	v.good(0, "one")
	other := s.head()
	other.Root[0] ^= 1
	v.pack(mirror.Package{Log: s.log(), From: 0, Entries: s.sent, Checkpoint: s.sign(other)})
	s.wait("two histories", func(p station.PeerView) bool { return p.Forked })
	if p := s.view(); p.Accused != 1 || p.State.Wire.Kind != linestate.WireHistories {
		s.t.Errorf("%+v", p)
	}
	s.blue.say(s.w, "saved behind the accusation")
	acc, err := s.blue.Accusations(s.w.Line())
	if err != nil || len(acc) != 1 {
		s.t.Errorf("%d accusations, %v", len(acc), err)
	}
}

func cosignsUnsent(s *scene) {
	v := s.greet()
	mine := mirror.LogID{Party: 1, Generation: 1}
	for size := range uint64(3) {
		v.cosign(mine, tlog.Checkpoint{Origin: s.theirs.Origin(), Size: size + 1, Root: sha256.Sum256([]byte{5})}, time.Now())
	}
	v.cosign(mine, tlog.Checkpoint{Origin: s.theirs.Origin(), Size: 1 << 40}, time.Now())
	v.good(0, "behind the cosignatures")
	if p := s.view(); p.Receipt.Size != 0 {
		s.t.Errorf("receipted by nothing: %+v", p.Receipt)
	}
}

func withholdsReceipts(s *scene) {
	v := s.greet()
	n := s.blue.say(s.w, "do you hear us")
	v.until("the words", func() bool { return len(v.heads) > 0 && v.heads[len(v.heads)-1].Size >= n })
	v.write(v.frames(func(l *link.Session) { l.SendHave([]link.Have{{Party: 1, Generation: 1, Size: n}}) })...)
	v.good(0, "we say nothing of it")
	if p := s.view(); p.Receipt.Size != 0 || p.State.Wire.Kind != linestate.WireUnknown {
		s.t.Errorf("receipt %+v, wire %+v", p.Receipt, p.State.Wire)
	}
}

func dayAhead(s *scene) {
	v := s.greet()
	ahead := record.Stamp(time.Now().Add(24 * time.Hour).Unix())
	s.add(s.entry("TX01", "tomorrow", func(l *record.Leaf, _ *record.Header) { l.Time = ahead }))
	v.good(0, "today")
	s.blue.say(s.w, "by our own clock")
	if w, err := s.blue.View(s.t.Context(), s.w.Line()); err != nil || w.Own.LastSigned >= ahead || w.Hold != station.HoldNone {
		s.t.Errorf("signed %d of %d, hold %q, %v", w.Own.LastSigned, ahead, w.Hold, err)
	}
}

func yearBack(s *scene) {
	v := s.greet()
	v.good(0, "one")
	v.cosign(s.log(), s.head(), time.Now())
	v.good(1, "two") // behind the timed head, which is no news
	if p := s.view(); p.TimedHead.Size != 1 {
		s.t.Fatalf("timed head %+v", p.TimedHead)
	}
	s.add(s.entry("TX01", "last year", func(l *record.Leaf, _ *record.Header) { l.Time -= 365 * 24 * 3600 }))
	v.good(2, "and now")
	s.wait("the claim", func(p station.PeerView) bool { return p.Claims == 1 })
}

func seenUnsigned(s *scene) {
	v := s.greet()
	s.add(s.entry("TX01", "we have seen it", func(l *record.Leaf, _ *record.Header) {
		l.Seen = []record.Seen{{Party: 1, Generation: 1, Size: 1, Root: [32]byte{6}}}
	}))
	v.good(0, "behind it")
	s.wait("the claim", func(p station.PeerView) bool { return p.Claims == 1 })
}

func withoutWords(s *scene) {
	v := s.greet()
	s.add(s.text("one"), s.text("two"), s.text("three"))
	p := s.pack(0)
	p.Entries = []record.Entry{s.sent[0], {Leaf: s.sent[1].Leaf, Header: s.sent[1].Header}, s.sent[2]}
	v.pack(p)
	s.wait("the trouble", func(p station.PeerView) bool {
		return p.Size == 1 && p.Pending == 3 && strings.Contains(p.Trouble, "not whole")
	})
	if v.receipt > 1 {
		s.t.Errorf("receipted up to %d", v.receipt)
	}
	v.pack(s.pack(1))
	v.receipted(3)
	s.wait("the words", func(p station.PeerView) bool { return p.Size == 3 && p.Trouble == "" && p.Pending == 0 })
}

func strays(s *scene) {
	v := s.greet()
	s.add(s.entry("LT01", "a test by hand", nil), s.entry("XX99", "no such phrase", nil))
	v.good(0, "behind both")
	if p := s.view(); p.TestsHeard != 0 || !p.TestAt.IsZero() {
		s.t.Errorf("a person's line test counts: %+v", p)
	}
}

// TestTwoClones runs red's station and, elsewhere, another with its keys:
// red stops signing when blue tells it of the other's boot.
func TestTwoClones(t *testing.T) {
	s := newScene(t, hosttest.Options{})
	db := hosttest.Disk(t, t.TempDir())
	cfg := s.w.Config("red", host.StoreOf(db), "blue")
	log := &told{changed: make(chan struct{}, 1)}
	cfg.Log = slog.New(slog.NewTextHandler(log, nil))
	red := start(t, cfg, db)
	red.wait(s.w, "blue", func(v station.View) bool { return v.Hold == station.HoldNone && len(v.Peers[0].Bearers) == 1 })
	one, two := s.greet(), s.greet()
	red.wait(s.w, "the hold", func(v station.View) bool { return v.Hold == station.HoldClone })
	// The first of the two in other hands hears of the second likewise.
	one.until("the echo of another boot", func() bool {
		return len(one.echoes) > 0 && one.echoes[len(one.echoes)-1] == link.Boot{0xe, 2}
	})
	two.leave()
	log.wait(t, "not signing: "+string(station.HoldClone))
	if hold, _, _, err := red.Health(t.Context(), s.w.Line()); err != nil || hold != station.HoldClone {
		t.Errorf("health %q, %v", hold, err)
	}
	s.lineGoesOn()
	if err := s.db.Verify(); err != nil {
		t.Error(err)
	}
}
