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
	// PeerGeneration is that of the card the peer's session key stands in; a
	// hello of another one is refused. Zero: not checked.
	PeerGeneration uint32

	Exporter []byte // keying material of this bearer session; see spec/link.md section 4
	Sign     func(role byte, exporter []byte) []byte
	Verify   func(role byte, exporter, signature []byte) bool

	PingEvery  time.Duration // default 5 s; silence of three intervals ends the session
	Window     int           // bytes of packages under way; default and most: MaxWindow
	StallAfter time.Duration // no progress of the window for so long: offer again; default 10 s
	FrameRate  int           // frames a second the peer may send, burst of four times that; default 4000
}

func (c Config) withDefaults() Config {
	if c.PingEvery == 0 {
		c.PingEvery = 5 * time.Second
	}
	if c.Window == 0 {
		c.Window = MaxWindow
	}
	c.Window = min(c.Window, MaxWindow)
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
	Up         Kind = iota + 1 // the hello was good; Event.Hello holds it
	HaveMoved                  // Event.Holds: the most the peer has said it holds of each of these logs
	Package                    // Event.Payload, to be verified by the mirror; Event.Through is what it claims to reach
	Ahead                      // Event.Payload: an entry ahead of its place
	Statement                  // Event.Payload: a cosignature or timed head
	Card                       // Event.Payload: a station card
	AskPQ                      // the peer asks for an ML-DSA cosignature now
	Alive                      // a pong came; Event.RTT is the round trip
	Echoed                     // Event.Boot is the newest boot of ours the peer has seen
	Stalled                    // packages under way are presumed lost: offer again
	Closed                     // the peer said goodbye; Event.Code says why
	Want                       // the peer asks for Event.Part, at most Event.Most bytes of it
	Piece                      // Event.Payload: what was asked for of Event.Part
	Unanswered                 // what was asked for of Event.Part has not come in time
)

// Event is one thing a session has to tell. Its slices alias the frame.
type Event struct {
	Kind    Kind
	Hello   Hello
	Holds   []Have
	Through Have
	Payload []byte
	Boot    Boot
	RTT     time.Duration
	Code    Code
	Part    Part
	Most    int
}

// Session is one bearer connection with one peer. It is not safe for
// concurrent use: one owner steps it.
type Session struct {
	cfg   Config
	up    bool
	ended bool
	boots struct{ mine, peer Boot }

	urgent, packages [][]byte // frames to be written, urgent ones first
	outgoing         flight   // packages sent, not yet held by the peer
	progressAt       time.Duration
	incoming         flight // packages taken in, not yet held here
	peerHas          map[log]uint64

	heard time.Duration // when the last frame came
	pings pings
	rate  credit // frames the peer may still send
	bytes credit // bytes of packages and unasked pieces the peer may still send

	asking  asking   // the one piece asked for
	answers credit   // wants the peer may still send
	pieces  [][]byte // frames to be written behind all others
}

// New begins a session and queues its hello. The fields of hello that follow
// from cfg (line, parties, role, generation, signature) are filled in; of
// Holds the first [MaxHolds] are sent.
func New(cfg Config, hello Hello, now time.Duration) *Session {
	cfg = cfg.withDefaults()
	s := &Session{
		cfg: cfg, heard: now, progressAt: now, peerHas: map[log]uint64{}, pings: pings{at: now},
		rate:    newCredit(float64(cfg.FrameRate), 4*float64(cfg.FrameRate), now),
		bytes:   newCredit(2*MaxWindow/cfg.StallAfter.Seconds(), 2*MaxWindow, now),
		answers: newCredit(wantRate, 4*wantRate, now),
	}
	hello.Line, hello.From, hello.To = cfg.Line, cfg.Me, cfg.Peer
	hello.Role, hello.Generation = cfg.role(), cfg.Generation
	hello.Holds = hello.Holds[:min(len(hello.Holds), MaxHolds)]
	hello.Signature = cfg.Sign(hello.Role, cfg.Exporter)
	s.boots.mine, s.boots.peer = hello.Boot, hello.Echo
	s.urgent = append(s.urgent, frame{kind: frameHello, hello: hello}.encode())
	return s
}

// IsUp reports whether the peer's hello was accepted and the session lasts.
func (s *Session) IsUp() bool { return s.up && !s.ended }

// Receive takes one frame. A non-nil error is an [*Error]: the session is
// over; write what Out still gives and close the bearer.
func (s *Session) Receive(b []byte, now time.Duration) ([]Event, error) {
	if s.ended {
		return nil, &Error{CodeOrder, "the session is over"}
	}
	if !s.rate.spend(1, now) {
		return nil, s.end(CodeRate, "more than %d frames a second", s.cfg.FrameRate)
	}
	f, err := decodeFrame(b)
	if err != nil {
		return nil, s.end(CodeMalformed, "%v", err)
	}
	s.heard = now
	if !s.up {
		if f.kind == frameBye {
			return s.closed(codeOf(f.n)), nil
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
	case s.cfg.PeerGeneration != 0 && h.Generation != s.cfg.PeerGeneration:
		return nil, s.end(CodeIdentity, "hello of generation %d, the card shown is of %d", h.Generation, s.cfg.PeerGeneration)
	case h.Boot == s.boots.mine:
		return nil, s.end(CodeIdentity, "hello with our own boot id")
	case !s.cfg.Verify(h.Role, s.cfg.Exporter, h.Signature):
		return nil, s.end(CodeIdentity, "session signature does not verify")
	}
	holds, err := s.noteHolds(h.Holds)
	if err != nil {
		return nil, err
	}
	s.up = true
	s.boots.peer = h.Boot
	return []Event{{Kind: Up, Hello: h}, {Kind: HaveMoved, Holds: holds}}, nil
}

func (s *Session) take(f frame, now time.Duration) ([]Event, error) {
	switch f.kind {
	case frameHello:
		return nil, s.end(CodeOrder, "second hello")
	case frameHave:
		holds, err := s.noteHolds(f.holds)
		if err != nil {
			return nil, err
		}
		if s.outgoing.cover(holds) > 0 {
			s.progressAt = now
		}
		return []Event{{Kind: HaveMoved, Holds: holds}}, nil
	case framePackage:
		return s.takePackage(f, now)
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
		events := []Event{{Kind: Echoed, Boot: f.echo}}
		if rtt, ok := s.pings.answered(f.n, now); ok {
			events = append(events, Event{Kind: Alive, RTT: rtt})
		}
		return events, nil
	case frameAskPQ:
		return []Event{{Kind: AskPQ}}, nil
	case frameWant:
		return s.takeWant(f, now)
	case framePiece:
		return s.takePiece(f, now)
	default:
		return s.closed(codeOf(f.n)), nil
	}
}

// takePackage holds the peer to the window: what it sent and we have not
// said we hold costs credit, which time gives back slowly, so that an honest
// peer may offer again what stalled.
func (s *Session) takePackage(f frame, now time.Duration) ([]Event, error) {
	cost := charge(f.payload)
	if !s.bytes.spend(float64(cost), now) {
		return nil, s.end(CodeRate, "more packages under way than a window of %d bytes", MaxWindow)
	}
	s.incoming.add(f.through, cost)
	s.incoming.forget(2 * MaxWindow)
	return []Event{{Kind: Package, Payload: f.payload, Through: f.through}}, nil
}

// noteHolds keeps the most the peer has said it holds of each log, so that
// an older word that comes late moves nothing, and gives that for the logs
// just named.
func (s *Session) noteHolds(holds []Have) ([]Have, error) {
	for i, h := range holds {
		l := log{h.Party, h.Generation}
		had, known := s.peerHas[l]
		if !known && len(s.peerHas) >= MaxHolds {
			return nil, s.end(CodeMalformed, "more than %d logs named", MaxHolds)
		}
		holds[i].Size = max(had, h.Size)
		s.peerHas[l] = holds[i].Size
	}
	return holds, nil
}

func (s *Session) closed(code Code) []Event {
	s.finish(nil)
	return []Event{{Kind: Closed, Code: code}}
}

func (s *Session) end(code Code, format string, args ...any) *Error {
	s.finish([][]byte{frame{kind: frameBye, n: uint64(code)}.encode()})
	return &Error{code, fmt.Sprintf(format, args...)}
}

// finish leaves nothing to be written but last.
func (s *Session) finish(last [][]byte) {
	s.ended = true
	s.urgent, s.packages, s.pieces, s.asking = last, nil, nil, asking{}
	s.outgoing, s.incoming = flight{}, flight{}
}
