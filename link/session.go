// SPDX-License-Identifier: Apache-2.0

package link

import (
	"fmt"
	"time"

	"openline/identity"
	"openline/record"
)

// Config is what a session is told once. Times are monotonic durations since
// any fixed origin of the caller's.
type Config struct {
	Line       identity.LineID
	Me, Peer   record.PartyNo
	Dialer     bool
	Generation uint32 // of the sender's own log

	Exporter []byte // keying material of this bearer session; see spec/link.md section 4
	Sign     func(role byte, exporter []byte) []byte
	Verify   func(role byte, exporter, signature []byte) bool

	PingEvery  time.Duration // default 5 s; silence of three intervals ends the session
	Window     int           // bytes of packages under way; default 4 MiB
	StallAfter time.Duration // no progress of the window for so long: offer again; default 10 s
	FrameRate  int           // frames a second the peer may send, burst of four times that; default 4000
}

func (c Config) withDefaults() Config {
	if c.PingEvery == 0 {
		c.PingEvery = 5 * time.Second
	}
	if c.Window == 0 {
		c.Window = 4 << 20
	}
	if c.StallAfter == 0 {
		c.StallAfter = 10 * time.Second
	}
	if c.FrameRate == 0 {
		c.FrameRate = 4000
	}
	return c
}

func (c Config) role() byte {
	if c.Dialer {
		return RoleDialer
	}
	return RoleListener
}

// Kind says what an [Event] is.
type Kind uint8

// What a session tells the station that runs it.
const (
	Up        Kind = iota + 1 // the hello was good; Event.Hello holds it
	HaveMoved                 // Event.Holds replaces what was known of these logs
	Package                   // Event.Payload, to be verified by the mirror; Event.Through is what it claims to reach
	Ahead                     // Event.Payload: an entry ahead of its place
	Statement                 // Event.Payload: a cosignature or timed head
	Card                      // Event.Payload: a station card
	AskPQ                     // the peer asks for an ML-DSA cosignature now
	Alive                     // a pong came; Event.RTT is the round trip
	Echoed                    // Event.Boot is the newest boot of ours the peer has seen
	Stalled                   // packages under way are presumed lost: offer again
	Closed                    // the peer said goodbye; Event.Code says why
)

// Event is one thing a session has to tell.
type Event struct {
	Kind    Kind
	Hello   Hello
	Holds   []Have
	Through Have
	Payload []byte
	Boot    Boot
	RTT     time.Duration
	Code    Code
}

// Session is one bearer connection with one peer. It is not safe for
// concurrent use: one owner steps it.
type Session struct {
	cfg   Config
	up    bool
	ended bool
	boots struct{ mine, peer Boot }

	urgent, packages [][]byte // frames to be written, urgent ones first
	underway         []sent
	underwayBytes    int
	progressAt       time.Duration

	heard    time.Duration // when the last frame came
	pingNo   uint64
	pingAt   time.Duration
	awaiting bool
	credit   float64 // frames the peer may still send now
	creditAt time.Duration
}

type sent struct {
	through Have
	size    int
}

// New begins a session and queues its hello. The fields of hello that follow
// from cfg (line, parties, role, generation, signature) are filled in.
func New(cfg Config, hello Hello, now time.Duration) *Session {
	cfg = cfg.withDefaults()
	s := &Session{cfg: cfg, heard: now, pingAt: now, creditAt: now, progressAt: now, credit: float64(4 * cfg.FrameRate)}
	hello.Line, hello.From, hello.To = cfg.Line, cfg.Me, cfg.Peer
	hello.Role, hello.Generation = cfg.role(), cfg.Generation
	hello.Signature = cfg.Sign(hello.Role, cfg.Exporter)
	s.boots.mine, s.boots.peer = hello.Boot, hello.Echo
	s.queue(frame{kind: frameHello, hello: hello})
	return s
}

// IsUp reports whether the peer's hello was accepted.
func (s *Session) IsUp() bool { return s.up && !s.ended }

// Receive takes one frame. A non-nil error is an [*Error]: the session is
// over; write what Out still gives and close the bearer.
func (s *Session) Receive(b []byte, now time.Duration) ([]Event, error) {
	if s.ended {
		return nil, &Error{CodeOrder, "the session is over"}
	}
	if !s.spendCredit(now) {
		return nil, s.end(CodeRate, "more than %d frames a second", s.cfg.FrameRate)
	}
	f, err := decodeFrame(b)
	if err != nil {
		return nil, s.end(CodeMalformed, "%v", err)
	}
	s.heard = now
	if !s.up {
		if f.kind == frameBye {
			return s.closed(f.code), nil
		}
		return s.greet(f)
	}
	return s.take(f, now)
}

// greet accepts the first frame: "the first frame each way proves the
// ML-DSA session key over the exported keying material, with role".
func (s *Session) greet(f frame) ([]Event, error) {
	if f.kind != frameHello {
		return nil, s.end(CodeOrder, "first frame is not a hello")
	}
	h := f.hello
	peerRole := RoleDialer + RoleListener - s.cfg.role()
	switch {
	case h.Line != s.cfg.Line:
		return nil, s.end(CodeIdentity, "hello for line %q", h.Line)
	case h.From != s.cfg.Peer || h.To != s.cfg.Me:
		return nil, s.end(CodeIdentity, "hello from party %d to party %d", h.From, h.To)
	case h.Role != peerRole:
		return nil, s.end(CodeIdentity, "hello in our own role: a reflected session")
	case h.Boot == s.boots.mine:
		return nil, s.end(CodeIdentity, "hello with our own boot id")
	case !s.cfg.Verify(h.Role, s.cfg.Exporter, h.Signature):
		return nil, s.end(CodeIdentity, "session signature does not verify")
	}
	s.up = true
	s.boots.peer = h.Boot
	return []Event{{Kind: Up, Hello: h}, {Kind: HaveMoved, Holds: h.Holds}}, nil
}

func (s *Session) take(f frame, now time.Duration) ([]Event, error) {
	switch f.kind {
	case frameHello:
		return nil, s.end(CodeOrder, "second hello")
	case frameHave:
		s.progress(f.holds, now)
		return []Event{{Kind: HaveMoved, Holds: f.holds}}, nil
	case framePackage:
		return []Event{{Kind: Package, Payload: f.payload, Through: f.through}}, nil
	case frameStatement:
		return []Event{{Kind: Statement, Payload: f.payload}}, nil
	case frameAhead:
		return []Event{{Kind: Ahead, Payload: f.payload}}, nil
	case frameCard:
		return []Event{{Kind: Card, Payload: f.payload}}, nil
	case framePing:
		s.queue(frame{kind: framePong, n: f.n, echo: s.boots.peer})
		return []Event{{Kind: Echoed, Boot: f.echo}}, nil
	case framePong:
		return s.pong(f, now), nil
	case frameAskPQ:
		return []Event{{Kind: AskPQ}}, nil
	default:
		return s.closed(f.code), nil
	}
}

func (s *Session) pong(f frame, now time.Duration) []Event {
	events := []Event{{Kind: Echoed, Boot: f.echo}}
	if s.awaiting && f.n == s.pingNo {
		s.awaiting = false
		events = append(events, Event{Kind: Alive, RTT: now - s.pingAt})
	}
	return events
}

func (s *Session) closed(code Code) []Event {
	s.ended = true
	return []Event{{Kind: Closed, Code: code}}
}

// spendCredit bounds the rate at which the peer makes us work. A package
// frame costs no more than a ping: its bytes are bounded by the window.
func (s *Session) spendCredit(now time.Duration) bool {
	rate := float64(s.cfg.FrameRate)
	s.credit = min(4*rate, s.credit+rate*(now-s.creditAt).Seconds())
	s.creditAt = now
	s.credit--
	return s.credit >= 0
}

func (s *Session) end(code Code, format string, args ...any) *Error {
	s.ended = true
	s.urgent, s.packages = [][]byte{frame{kind: frameBye, code: code}.encode()}, nil
	return &Error{code, fmt.Sprintf(format, args...)}
}
