// SPDX-License-Identifier: Apache-2.0

package link

import (
	"encoding/binary"
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// side is the smallest station there can be: it has a log of numbers to
// bring over, holds what came of the other's, and has one statement that
// replaces the one before.
type side struct {
	name     string
	s        *Session
	log      uint64 // entries of its own
	held     uint64 // of the other's log
	sent     uint64 // on this session
	said     uint64 // its newest statement
	heard    uint64 // the newest of the other's that came
	peerHeld uint64
	inbox    [][]byte // frames on their way here
	boot     byte
}

// world is two sides over a bearer that loses, doubles and reorders
// everything but the hellos.
type world struct {
	a, b    *side
	now     time.Duration
	session int
}

func (w *world) other(s *side) *side {
	if s == w.a {
		return w.b
	}
	return w.a
}

func (w *world) connect(t *rapid.T) {
	w.session++
	exporter := fmt.Sprint(w.session)
	for _, s := range []*side{w.a, w.b} {
		s.inbox, s.sent, s.peerHeld = nil, 0, 0
		peer := w.other(s)
		cfg := config(blue, s == w.a, exporter)
		if s == w.b {
			cfg = config(red, false, exporter)
		}
		cfg.Window = 4 * MinCharge
		s.s = New(cfg, Hello{Boot: bootOf(s.boot), Echo: bootOf(peer.boot), Holds: []Have{{cfg.Peer, 1, s.held}}}, w.now)
	}
	w.flush()
	w.deliver(t, w.a, 0, false)
	w.deliver(t, w.b, 0, false)
	if !w.a.s.IsUp() || !w.b.s.IsUp() {
		t.Fatal("two honest sessions do not come up")
	}
}

// push offers what the other does not hold, three entries a package.
func (w *world) push(s *side) {
	for from := max(s.sent, s.peerHeld); from < s.log; from = s.sent {
		to := min(from+3, s.log)
		payload := binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, from), to)
		if !s.s.SendPackage(Have{s.s.cfg.Me, 1, to}, payload, w.now) {
			return
		}
		s.sent = to
	}
}

func (w *world) flush() {
	for _, s := range []*side{w.a, w.b} {
		w.other(s).inbox = append(w.other(s).inbox, s.s.Out()...)
	}
}

// deliver takes one frame off the bearer, or leaves it there as well.
func (w *world) deliver(t *rapid.T, s *side, i int, keep bool) {
	f := s.inbox[i]
	if !keep {
		s.inbox = append(append([][]byte(nil), s.inbox[:i]...), s.inbox[i+1:]...)
	}
	events, err := s.s.Receive(f, w.now)
	if err != nil {
		t.Fatalf("an honest frame ends the session of %s: %v", s.name, err)
	}
	for _, e := range events {
		w.happened(t, s, e)
	}
	w.flush()
}

func (w *world) happened(t *rapid.T, s *side, e Event) {
	have := func() { s.s.SendHave([]Have{{s.s.cfg.Peer, 1, s.held}}) }
	switch e.Kind {
	case Up:
		if s.said > 0 {
			s.s.SendStatement(binary.BigEndian.AppendUint64(nil, s.said))
		}
	case HaveMoved:
		if got := e.Holds[0].Size; got < s.peerHeld || got > s.log {
			t.Fatalf("%s is told %d is held, after %d of %d", s.name, got, s.peerHeld, s.log)
		}
		s.peerHeld = e.Holds[0].Size
		w.push(s)
	case Package:
		from, to := binary.BigEndian.Uint64(e.Payload), binary.BigEndian.Uint64(e.Payload[8:])
		if e.Through.Size != to {
			t.Fatalf("a package through %d says %d", to, e.Through.Size)
		}
		if from <= s.held && to > s.held {
			s.held = to
		}
		have()
	case Statement:
		s.heard = max(s.heard, binary.BigEndian.Uint64(e.Payload))
	case Stalled:
		s.sent = 0
		w.push(s)
	}
}

func (w *world) tick(t *rapid.T, d time.Duration) (alive bool) {
	w.now += d
	for _, s := range []*side{w.a, w.b} {
		events, err := s.s.Tick(w.now)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Code != CodeSilent {
				t.Fatalf("%s: %v", s.name, err)
			}
			return false
		}
		for _, e := range events {
			w.happened(t, s, e)
		}
	}
	w.flush()
	return true
}

func (w *world) check(t *rapid.T) {
	for _, s := range []*side{w.a, w.b} {
		o := w.other(s)
		switch {
		case s.held > o.log:
			t.Fatalf("%s holds %d of a log of %d", s.name, s.held, o.log)
		case s.heard > o.said:
			t.Fatalf("%s heard what was never said", s.name)
		case s.s.outgoing.bytes > s.s.cfg.Window && len(s.s.outgoing.list) > 1:
			t.Fatalf("%s has %d bytes under way in a window of %d", s.name, s.s.outgoing.bytes, s.s.cfg.Window)
		case s.s.incoming.bytes > 2*MaxWindow || len(s.s.peerHas) > 1:
			t.Fatalf("%s remembers too much: %d bytes, %d logs", s.name, s.s.incoming.bytes, len(s.s.peerHas))
		}
		sum := 0
		for _, u := range s.s.outgoing.list {
			sum += u.cost
		}
		if sum != s.s.outgoing.bytes {
			t.Fatalf("%s counts %d bytes under way, there are %d", s.name, s.s.outgoing.bytes, sum)
		}
	}
}

// Whatever is lost, doubled and reordered on the way, two honest sessions
// hold together, keep their windows, and bring everything over once the
// bearer carries again; statements at the latest at the next greeting.
func TestEverythingArrives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := &world{a: &side{name: "blue", boot: 1}, b: &side{name: "red", boot: 2}}
		w.connect(t)
		some := func(t *rapid.T) *side { return rapid.SampledFrom([]*side{w.a, w.b}).Draw(t, "side") }
		reach := func(t *rapid.T, s *side) int { return rapid.IntRange(0, len(s.inbox)-1).Draw(t, "frame") }
		step := func(keep, drop bool) func(*rapid.T) {
			return func(t *rapid.T) {
				s := some(t)
				if len(s.inbox) == 0 {
					t.Skip("nothing on its way")
				}
				i := reach(t, s)
				if drop {
					s.inbox = append(append([][]byte(nil), s.inbox[:i]...), s.inbox[i+1:]...)
					return
				}
				w.deliver(t, s, i, keep)
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"append": func(t *rapid.T) {
				s := some(t)
				s.log += uint64(rapid.IntRange(1, 9).Draw(t, "entries"))
				w.push(s)
				w.flush()
			},
			"say": func(t *rapid.T) {
				s := some(t)
				s.said++
				s.s.SendStatement(binary.BigEndian.AppendUint64(nil, s.said))
				w.flush()
			},
			"deliver": step(false, false),
			"double":  step(true, false),
			"lose":    step(false, true),
			"tick": func(t *rapid.T) {
				if !w.tick(t, time.Duration(rapid.IntRange(0, 6000).Draw(t, "ms"))*time.Millisecond) {
					w.connect(t)
				}
			},
			"reconnect": func(t *rapid.T) { w.connect(t) },
			"":          w.check,
		})
		w.heal(t)
	})
}

// heal lets the bearer carry everything, in order, until nothing moves.
func (w *world) heal(t *rapid.T) {
	w.connect(t)
	for range 1000 {
		for len(w.a.inbox)+len(w.b.inbox) > 0 {
			for _, s := range []*side{w.a, w.b} {
				if len(s.inbox) > 0 {
					w.deliver(t, s, 0, false)
				}
			}
		}
		if w.a.held == w.b.log && w.b.held == w.a.log {
			break
		}
		if !w.tick(t, time.Second) {
			t.Fatal("a session that carries everything falls silent")
		}
	}
	w.check(t)
	for _, s := range []*side{w.a, w.b} {
		if o := w.other(s); s.held != o.log || s.heard != o.said || o.s.Underway() {
			t.Fatalf("%s holds %d of %d, heard %d of %d, under way %v", s.name, s.held, o.log, s.heard, o.said, o.s.Underway())
		}
	}
}
