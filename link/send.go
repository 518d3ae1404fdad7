// SPDX-License-Identifier: Apache-2.0

package link

import (
	"slices"
	"time"
)

// queue adds a frame that is not a package. Before the peer has proven
// itself nothing but the hello leaves: what is asked to be sent earlier is
// left out, and whoever runs the session offers everything at Up.
func (s *Session) queue(f frame) {
	if s.IsUp() {
		s.urgent = append(s.urgent, f.encode())
	}
}

// SendHave tells the peer what this station holds, whole and durably.
func (s *Session) SendHave(holds []Have) {
	s.bytes.giveBack(float64(s.incoming.cover(holds)))
	for part := range slices.Chunk(holds, MaxHolds) {
		s.queue(frame{kind: frameHave, holds: part})
	}
}

// SendStatement queues a cosignature or timed head. The caller has saved it.
// A payload above its bound is not sent, nor is one of the two that follow.
func (s *Session) SendStatement(payload []byte) { s.sendPayload(frameStatement, payload) }

// SendAhead queues an entry ahead of its place; it overtakes every package.
func (s *Session) SendAhead(payload []byte) { s.sendPayload(frameAhead, payload) }

// SendCard queues a station card.
func (s *Session) SendCard(note []byte) { s.sendPayload(frameCard, note) }

func (s *Session) sendPayload(kind frameType, payload []byte) {
	if len(payload) <= maxPayload[kind] {
		s.queue(frame{kind: kind, payload: payload})
	}
}

// AskPQ asks the peer for an ML-DSA cosignature over our newest head now.
func (s *Session) AskPQ() { s.queue(frame{kind: frameAskPQ}) }

// Close ends the session from this side; Out then gives the goodbye.
func (s *Session) Close(code Code) {
	if !s.ended {
		s.finish([][]byte{frame{kind: frameBye, n: uint64(code)}.encode()})
	}
}

// SendPackage queues a package that brings the peer to through. It reports
// false, and takes nothing, while the window is full, before the session is
// up, and for a payload above [MaxPayload]; one package always fits an empty
// window.
func (s *Session) SendPackage(through Have, payload []byte, now time.Duration) bool {
	cost := charge(payload)
	if !s.IsUp() || len(payload) > MaxPayload || s.Underway() && s.outgoing.bytes+cost > s.cfg.Window {
		return false
	}
	if !s.Underway() {
		s.progressAt = now
	}
	s.outgoing.add(through, cost)
	s.packages = append(s.packages, frame{kind: framePackage, through: through, payload: payload}.encode())
	return true
}

// Underway reports whether packages are on their way to the peer that it has
// not said it holds.
func (s *Session) Underway() bool { return len(s.outgoing.list) > 0 }

// Out takes the frames to be written now, urgent ones first: hello, then
// statements and entries ahead of their place, then packages, then pieces of
// attachments.
func (s *Session) Out() [][]byte {
	out := append(append(s.urgent, s.packages...), s.pieces...)
	s.urgent, s.packages, s.pieces = nil, nil, nil
	return out
}

// Tick pings, notices silence and gives up a window that does not move.
func (s *Session) Tick(now time.Duration) ([]Event, error) {
	if s.ended {
		return nil, nil
	}
	if now-s.heard >= 3*s.cfg.PingEvery {
		return nil, s.end(CodeSilent, "nothing heard for %v", now-s.heard)
	}
	if !s.up {
		return nil, nil
	}
	if now-s.pings.at >= s.cfg.PingEvery {
		s.queue(frame{kind: framePing, n: s.pings.send(now), echo: s.boots.peer})
	}
	var events []Event
	if s.Underway() && now-s.progressAt >= s.cfg.StallAfter {
		s.outgoing, s.packages = flight{}, nil
		events = append(events, Event{Kind: Stalled})
	}
	return append(events, s.unanswered(now)...), nil
}

// Next is the monotonic time by which Tick wants to be called.
func (s *Session) Next() time.Duration {
	if s.ended {
		return 1<<63 - 1
	}
	next := s.heard + 3*s.cfg.PingEvery
	if s.up {
		next = min(next, s.pings.at+s.cfg.PingEvery)
		if s.Underway() {
			next = min(next, s.progressAt+s.cfg.StallAfter)
		}
		if s.Asking() {
			next = min(next, s.asking.at+s.cfg.StallAfter)
		}
	}
	return next
}

// SawPeerBoot notes a newer boot of the peer learned over another bearer, so
// that pings on this one echo it and a clone left behind here hears of it.
func (s *Session) SawPeerBoot(b Boot) { s.boots.peer = b }
