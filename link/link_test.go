// SPDX-License-Identifier: Apache-2.0

package link

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"openline/identity"
	"openline/record"
)

const (
	testLine = identity.LineID("dtl-0a1b2c3d")
	blue     = record.PartyNo(1)
	red      = record.PartyNo(2)
)

// tag stands for the ML-DSA signature: whose key, over which line, role and
// exporter.
func tag(party record.PartyNo, line identity.LineID, role byte, exporter []byte) []byte {
	return fmt.Appendf(nil, "%d %s %d %x", party, line, role, exporter)
}

// config is that of a session of me with the other of the two parties.
func config(me record.PartyNo, dialer bool, exporter string) Config {
	peer := blue + red - me
	return Config{
		Line: testLine, Me: me, Peer: peer, Dialer: dialer, Generation: 1, PeerGeneration: 1, Exporter: []byte(exporter),
		Sign: func(role byte, exporter []byte) []byte { return tag(me, testLine, role, exporter) },
		Verify: func(role byte, exporter, sig []byte) bool {
			return bytes.Equal(sig, tag(peer, testLine, role, exporter))
		},
	}
}

func bootOf(b byte) Boot { return Boot{b} }

// meet brings two sessions up at a time: blue dials.
func meet(t testing.TB, now time.Duration) (b, r *Session) {
	t.Helper()
	b = New(config(blue, true, "x"), Hello{Boot: bootOf(1)}, now)
	r = New(config(red, false, "x"), Hello{Boot: bootOf(2)}, now)
	carry(t, b, r, now)
	carry(t, r, b, now)
	if !b.IsUp() || !r.IsUp() {
		t.Fatal("the sessions are not up")
	}
	return b, r
}

// carry brings all that from has to say to the other side.
func carry(t testing.TB, from, to *Session, now time.Duration) []Event {
	t.Helper()
	var events []Event
	for _, f := range from.Out() {
		got, err := to.Receive(f, now)
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, got...)
	}
	return events
}

func kinds(events []Event) string {
	var out []string
	for _, e := range events {
		out = append(out, fmt.Sprint(e.Kind))
	}
	return strings.Join(out, " ")
}

func wantCode(t *testing.T, err error, code Code) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) || e.Code != code {
		t.Fatalf("answer %v, want the code %s", err, code)
	}
}

// goodbye is the code of the last frame a session writes.
func goodbye(t *testing.T, s *Session) Code {
	t.Helper()
	out := s.Out()
	if len(out) != 1 {
		t.Fatalf("%d frames at the end, want the goodbye alone", len(out))
	}
	f, err := decodeFrame(out[0])
	if err != nil || f.kind != frameBye {
		t.Fatalf("not a goodbye: %+v, %v", f, err)
	}
	return codeOf(f.n)
}

// helloOf is the hello red's listener expects of blue, changed.
func helloOf(change func(*Hello)) []byte {
	h := Hello{
		Line: testLine, From: blue, To: red, Role: RoleDialer, Generation: 1, Boot: bootOf(1),
		Signature: tag(blue, testLine, RoleDialer, []byte("x")),
	}
	change(&h)
	return frame{kind: frameHello, hello: h}.encode()
}

func TestHostileHellos(t *testing.T) {
	many := make([]Have, MaxHolds)
	for i := range many {
		many[i] = Have{blue, uint32(i + 1), 1}
	}
	for _, c := range []struct {
		name  string
		frame []byte
		code  Code
	}{
		{"good", helloOf(func(*Hello) {}), CodeNone},
		{"good, as many logs as may be", helloOf(func(h *Hello) { h.Holds = many }), CodeNone},
		{"another line", helloOf(func(h *Hello) { h.Line = "dtl-ffffffff" }), CodeIdentity},
		{"from a third party", helloOf(func(h *Hello) { h.From = 3 }), CodeIdentity},
		{"to a third party", helloOf(func(h *Hello) { h.To = 3 }), CodeIdentity},
		{"reflected", helloOf(func(h *Hello) { h.Role = RoleListener }), CodeIdentity},
		{"another generation than the card", helloOf(func(h *Hello) { h.Generation = 2 }), CodeIdentity},
		{"our own boot id", helloOf(func(h *Hello) { h.Boot = bootOf(2) }), CodeIdentity},
		{"signed for another session", helloOf(func(h *Hello) { h.Signature = tag(blue, testLine, RoleDialer, []byte("y")) }), CodeIdentity},
		{"signed for the other role", helloOf(func(h *Hello) { h.Signature = tag(blue, testLine, RoleListener, []byte("x")) }), CodeIdentity},
		{"signed for another line", helloOf(func(h *Hello) { h.Signature = tag(blue, "dtl-ffffffff", RoleDialer, []byte("x")) }), CodeIdentity},
		{"signed by another party", helloOf(func(h *Hello) { h.Signature = tag(3, testLine, RoleDialer, []byte("x")) }), CodeIdentity},
		{"not signed", helloOf(func(h *Hello) { h.Signature = nil }), CodeIdentity},
		{"a ping first", frame{kind: framePing, n: 1}.encode(), CodeOrder},
		{"a package first", frame{kind: framePackage, through: Have{blue, 1, 1}}.encode(), CodeOrder},
		{"a card first", frame{kind: frameCard}.encode(), CodeOrder},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := New(config(red, false, "x"), Hello{Boot: bootOf(2)}, 0)
			s.Out()
			events, err := s.Receive(c.frame, 0)
			if c.code == CodeNone {
				if err != nil || !s.IsUp() || kinds(events) != "1 2" {
					t.Fatalf("events %s, %v", kinds(events), err)
				}
				return
			}
			wantCode(t, err, c.code)
			if s.IsUp() || len(events) > 0 {
				t.Error("something came of it")
			}
			if got := goodbye(t, s); got != c.code {
				t.Errorf("goodbye %s, want %s", got, c.code)
			}
			if _, err := s.Receive(helloOf(func(*Hello) {}), 0); err == nil {
				t.Error("a session that is over goes on")
			}
		})
	}
}

func TestHostileFrames(t *testing.T) {
	ping := frame{kind: framePing, n: 1}.encode()
	raw := func(items ...any) []byte {
		w := record.NewWriter()
		w.Array(len(items))
		for _, i := range items {
			switch i := i.(type) {
			case int:
				w.Uint(uint64(i))
			case []byte:
				w.Bytes(i)
			}
		}
		return w.Finish()
	}
	for _, c := range []struct {
		name  string
		frame []byte
		code  Code
	}{
		{"empty", nil, CodeMalformed},
		{"not CBOR", []byte("GET / HTTP/1.1\r\n"), CodeMalformed},
		{"trailing byte", append(bytes.Clone(ping), 0), CodeMalformed},
		{"unknown type", raw(11), CodeMalformed},
		{"type zero", raw(0), CodeMalformed},
		{"too few fields", raw(7, 1), CodeMalformed},
		{"too many fields", raw(9, 1), CodeMalformed},
		{"boot id of 15 bytes", raw(7, 1, make([]byte, 15)), CodeMalformed},
		{"boot id of 17 bytes", raw(7, 1, make([]byte, 17)), CodeMalformed},
		{"frame above 1 MiB", make([]byte, MaxFrame+1), CodeMalformed},
		{"statement above its bound", raw(4, make([]byte, MaxStatement+1)), CodeMalformed},
		{"card above its bound", raw(6, make([]byte, MaxCard+1)), CodeMalformed},
		{"package of party 0", raw(3, 0, 1, 1, []byte{}), CodeMalformed},
		{"package of generation 0", raw(3, 1, 0, 1, []byte{}), CodeMalformed},
		{"package of party 65536", raw(3, 65536, 1, 1, []byte{}), CodeMalformed},
		{"second hello", helloOf(func(*Hello) {}), CodeOrder},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, r := meet(t, 0)
			events, err := r.Receive(c.frame, 0)
			wantCode(t, err, c.code)
			if len(events) > 0 || goodbye(t, r) != c.code {
				t.Error("something else came of it")
			}
		})
	}
}

// A replayed hello, and the whole of a session played back, lead nowhere in
// another session, since its exporter is another.
func TestReplay(t *testing.T) {
	b := New(config(blue, true, "x"), Hello{Boot: bootOf(1)}, 0)
	recorded := b.Out()
	r := New(config(red, false, "y"), Hello{Boot: bootOf(2)}, 0)
	_, err := r.Receive(recorded[0], 0)
	wantCode(t, err, CodeIdentity)
}

// A session with itself: everything a station says comes back to it.
func TestReflection(t *testing.T) {
	for _, dialer := range []bool{true, false} {
		b := New(config(blue, dialer, "x"), Hello{Boot: bootOf(1)}, 0)
		_, err := b.Receive(b.Out()[0], 0)
		wantCode(t, err, CodeIdentity)
	}
}

// Nothing but the hello leaves before the peer has proven itself.
func TestSilentBeforeUp(t *testing.T) {
	s := New(config(blue, true, "x"), Hello{Boot: bootOf(1)}, 0)
	s.SendStatement([]byte("receipt"))
	s.SendAhead([]byte("words"))
	s.SendCard([]byte("card"))
	s.SendHave([]Have{{red, 1, 1}})
	s.AskPQ()
	if s.SendPackage(Have{blue, 1, 1}, []byte("words"), 0) {
		t.Error("a package is taken before the peer has proven itself")
	}
	if _, err := s.Tick(s.cfg.PingEvery); err != nil {
		t.Fatal(err)
	}
	out := s.Out()
	if len(out) != 1 {
		t.Fatalf("%d frames leave before the session is up", len(out))
	}
	if f, err := decodeFrame(out[0]); err != nil || f.kind != frameHello {
		t.Errorf("frame %+v, %v", f, err)
	}
}

func TestFrameRate(t *testing.T) {
	b, r := meet(t, 0)
	ping := frame{kind: framePing, n: 1, echo: b.boots.peer}.encode()
	burst := 4 * r.cfg.FrameRate
	for range burst - 1 { // the hello was one
		if _, err := r.Receive(ping, 0); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := r.Receive(ping, time.Second/time.Duration(r.cfg.FrameRate)); err != nil {
		t.Fatalf("time gives nothing back: %v", err)
	}
	_, err := r.Receive(ping, time.Second/time.Duration(r.cfg.FrameRate))
	wantCode(t, err, CodeRate)
}

// The receiver holds the sender to the window: twice of it may come before
// anything is said to be held, since the sender may offer once more what
// stalled; what is said to be held, and time, give it back.
func TestWindowHeldByReceiver(t *testing.T) {
	pkg := func(i int) []byte {
		return frame{kind: framePackage, through: Have{blue, 1, uint64(i)}, payload: make([]byte, 512<<10)}.encode()
	}
	_, r := meet(t, 0)
	for i := range 16 {
		if _, err := r.Receive(pkg(i+1), 0); err != nil {
			t.Fatalf("package %d: %v", i, err)
		}
	}
	r.SendHave([]Have{{blue, 1, 2}})
	for i := range 2 {
		if _, err := r.Receive(pkg(i+17), 0); err != nil {
			t.Fatalf("what is held gives nothing back: %v", err)
		}
	}
	if _, err := r.Receive(pkg(19), r.cfg.StallAfter/16+time.Millisecond); err != nil {
		t.Fatalf("time gives nothing back: %v", err)
	}
	_, err := r.Receive(pkg(20), r.cfg.StallAfter/16+time.Millisecond)
	wantCode(t, err, CodeRate)
}

// However small the packages and however long it lasts, what a session
// remembers of a peer that never leads anywhere is bounded.
func TestNothingGrows(t *testing.T) {
	_, r := meet(t, 0)
	now := time.Duration(0)
	for i := range 30_000 {
		now += 20 * time.Millisecond
		f := frame{kind: framePackage, through: Have{blue, 1, uint64(i + 1)}, payload: []byte{1}}
		if _, err := r.Receive(f.encode(), now); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(r.incoming.list); n > 2*MaxWindow/MinCharge || n == 0 {
		t.Errorf("%d packages are remembered", n)
	}
	var err error
	for i := 0; err == nil && i <= MaxHolds; i++ {
		_, err = r.Receive(frame{kind: frameHave, holds: []Have{{9, uint32(i + 1), 1}}}.encode(), now)
	}
	wantCode(t, err, CodeMalformed)
}

// An older word that comes late moves nothing back.
func TestHaveNeverFalls(t *testing.T) {
	_, r := meet(t, 0)
	for _, c := range []struct{ say, want uint64 }{{5, 5}, {3, 5}, {7, 7}} {
		events, err := r.Receive(frame{kind: frameHave, holds: []Have{{red, 1, c.say}}}.encode(), 0)
		if err != nil || events[0].Holds[0].Size != c.want {
			t.Fatalf("told %d: %+v, %v; want %d", c.say, events, err, c.want)
		}
	}
}

func TestWindow(t *testing.T) {
	b, r := meet(t, 0)
	big := make([]byte, MaxPayload)
	if b.SendPackage(Have{blue, 1, 1}, make([]byte, MaxPayload+1), 0) {
		t.Error("a payload that no peer would read is taken")
	}
	n := 0
	for b.SendPackage(Have{blue, 1, uint64(n + 1)}, big, 0) {
		n++
	}
	if n != 4 {
		t.Errorf("%d packages of almost 1 MiB fill a window of 4 MiB", n)
	}
	carry(t, b, r, 0)
	r.SendHave([]Have{{blue, 1, 2}})
	carry(t, r, b, time.Second)
	if !b.SendPackage(Have{blue, 1, 5}, big, time.Second) || !b.SendPackage(Have{blue, 1, 6}, big, time.Second) || b.SendPackage(Have{blue, 1, 7}, big, time.Second) {
		t.Error("two packages held do not make room for two more")
	}
	small := New(func() Config { c := config(blue, true, "x"); c.Window = 10; return c }(), Hello{Boot: bootOf(1)}, 0)
	carry(t, r2(t, small), small, 0)
	if !small.SendPackage(Have{blue, 1, 1}, make([]byte, 4000), 0) || small.SendPackage(Have{blue, 1, 2}, nil, 0) {
		t.Error("one package, and one only, fits an empty window it is larger than")
	}
}

// r2 is red's side of a session, having heard blue's hello.
func r2(t *testing.T, b *Session) *Session {
	r := New(config(red, false, "x"), Hello{Boot: bootOf(2)}, 0)
	carry(t, b, r, 0)
	return r
}

// Urgent frames overtake packages that wait.
func TestAheadOvertakes(t *testing.T) {
	b, _ := meet(t, 0)
	b.SendPackage(Have{blue, 1, 1}, []byte("package"), 0)
	b.SendAhead([]byte("FLASH"))
	f, err := decodeFrame(b.Out()[0])
	if err != nil || f.kind != frameAhead {
		t.Errorf("first comes %+v, %v", f, err)
	}
}

func TestSilence(t *testing.T) {
	const every = 5 * time.Second
	t.Run("never a hello", func(t *testing.T) {
		s := New(config(blue, true, "x"), Hello{Boot: bootOf(1)}, 100)
		if s.Next() != 100+3*every {
			t.Errorf("next tick at %v", s.Next())
		}
		if _, err := s.Tick(100 + 3*every - 1); err != nil {
			t.Fatal(err)
		}
		_, err := s.Tick(100 + 3*every)
		wantCode(t, err, CodeSilent)
	})
	t.Run("three pings missed", func(t *testing.T) {
		b, _ := meet(t, 0)
		pings := 0
		for now := time.Duration(0); ; now = b.Next() {
			_, err := b.Tick(now)
			if now >= 3*every {
				wantCode(t, err, CodeSilent)
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			pings += len(b.Out())
		}
		if pings != 2 { // at 5 s and 10 s; at 15 s the third would go
			t.Errorf("%d pings were sent", pings)
		}
	})
	t.Run("pongs keep it up", func(t *testing.T) {
		b, r := meet(t, 0)
		for now := every; now < 100*every; now += every {
			for _, s := range []*Session{b, r} {
				if _, err := s.Tick(now); err != nil {
					t.Fatal(err)
				}
			}
			carry(t, b, r, now)
			alive := false
			for _, e := range carry(t, r, b, now+time.Second) {
				if e.Kind == Alive {
					alive = e.RTT == time.Second
				}
			}
			carry(t, b, r, now+time.Second)
			if !alive {
				t.Fatalf("at %v no pong with a round trip of 1 s", now)
			}
		}
	})
	t.Run("garbage does not keep it up before the hello", func(t *testing.T) {
		s := New(config(blue, true, "x"), Hello{Boot: bootOf(1)}, 0)
		s.Out()
		if _, err := s.Receive([]byte{0xff}, time.Second); err == nil {
			t.Error("garbage is taken")
		}
	})
}

// A pong that is slower than the interval still tells the round trip, and a
// pong that answers nothing, or answers again, tells none.
func TestRoundTrip(t *testing.T) {
	b, _ := meet(t, 0)
	for _, now := range []time.Duration{5 * time.Second, 10 * time.Second} {
		if _, err := b.Tick(now); err != nil {
			t.Fatal(err)
		}
	}
	pong := func(n uint64, now time.Duration) time.Duration {
		events, err := b.Receive(frame{kind: framePong, n: n, echo: bootOf(1)}.encode(), now)
		if err != nil || events[0].Kind != Echoed {
			t.Fatalf("%+v, %v", events, err)
		}
		if len(events) == 1 {
			return -1
		}
		return events[1].RTT
	}
	for _, c := range []struct {
		n    uint64
		want time.Duration
	}{{3, -1}, {0, -1}, {1, 7 * time.Second}, {1, -1}, {2, 2 * time.Second}, {1 << 63, -1}} {
		if got := pong(c.n, 12*time.Second); got != c.want {
			t.Errorf("pong %d: round trip %v, want %v", c.n, got, c.want)
		}
	}
}

func TestStall(t *testing.T) {
	b, r := meet(t, 0)
	b.SendPackage(Have{blue, 1, 1}, []byte("lost"), 0)
	b.SendPackage(Have{blue, 1, 2}, []byte("lost"), 2*time.Second)
	b.Out()
	if events, err := b.Tick(10*time.Second - 1); err != nil || len(events) > 0 {
		t.Fatalf("%+v, %v", events, err)
	}
	carry(t, r, b, 0)
	r.SendHave([]Have{{blue, 1, 1}})
	carry(t, r, b, 9*time.Second) // progress: the rest has another ten seconds
	if events, _ := b.Tick(19*time.Second - 1); len(events) > 0 {
		t.Fatal("stalled although it moved")
	}
	if b.Next() != 19*time.Second {
		t.Errorf("next tick at %v", b.Next())
	}
	r.SendHave([]Have{{blue, 1, 1}})
	carry(t, r, b, 18*time.Second) // repeats what is known: no progress
	if b.Next() != 19*time.Second {
		t.Errorf("next tick at %v", b.Next())
	}
	events, err := b.Tick(19 * time.Second)
	if err != nil || kinds(events) != fmt.Sprint(Stalled) || b.Underway() {
		t.Fatalf("%s, %v, under way %v", kinds(events), err, b.Underway())
	}
	r.SendHave([]Have{{blue, 1, 1}})
	carry(t, r, b, 19*time.Second)
	if events, _ := b.Tick(31 * time.Second); len(events) > 0 {
		t.Error("an empty window stalls")
	}
}

// Two copies of blue's station: red has met the second one, so that pings to
// the first tell it so.
func TestClonesHearOfEachOther(t *testing.T) {
	first, redOne := meet(t, 0)
	second := New(config(blue, true, "z"), Hello{Boot: bootOf(7)}, 0)
	redTwo := New(config(red, false, "z"), Hello{Boot: bootOf(2), Echo: bootOf(1)}, 0)
	up := carry(t, second, redTwo, 0)
	if up[0].Kind != Up || up[0].Hello.Boot != bootOf(7) {
		t.Fatalf("%+v", up)
	}
	greeting := carry(t, redTwo, second, 0)
	if greeting[0].Hello.Echo != bootOf(1) {
		t.Error("the second copy is not told of the first")
	}
	redOne.SawPeerBoot(up[0].Hello.Boot)
	if _, err := redOne.Tick(5 * time.Second); err != nil {
		t.Fatal(err)
	}
	events := carry(t, redOne, first, 5*time.Second)
	if len(events) != 1 || events[0].Kind != Echoed || events[0].Boot != bootOf(7) {
		t.Errorf("the first copy hears %+v", events)
	}
}

func TestGoodbye(t *testing.T) {
	for code := CodeClosing; code < CodeUnknown; code++ {
		b, r := meet(t, 0)
		b.SendStatement([]byte("left behind"))
		r.SendStatement([]byte("nobody reads it"))
		b.Close(code)
		events := carry(t, b, r, 0)
		if len(events) != 1 || events[0].Kind != Closed || events[0].Code != code || r.IsUp() || b.IsUp() {
			t.Errorf("%s: %+v", code, events)
		}
		if len(r.Out()) > 0 {
			t.Errorf("%s: a goodbye is answered", code)
		}
	}
	for _, n := range []uint64{0, uint64(CodeUnknown), 77, 1 << 62} {
		_, r := meet(t, 0)
		events, err := r.Receive(frame{kind: frameBye, n: n}.encode(), 0)
		if err != nil || events[0].Code != CodeUnknown {
			t.Errorf("code %d: %+v, %v", n, events, err)
		}
	}
	s := New(config(red, false, "x"), Hello{Boot: bootOf(2)}, 0)
	events, err := s.Receive(frame{kind: frameBye, n: uint64(CodeIdentity)}.encode(), 0)
	if err != nil || events[0].Code != CodeIdentity || s.Next() != 1<<63-1 {
		t.Errorf("a goodbye instead of a hello: %+v, %v", events, err)
	}
	if Code(200).String() != "unknown" || CodeRate.String() != "rate" {
		t.Error("names of codes")
	}
}
