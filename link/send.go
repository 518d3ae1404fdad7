// SPDX-License-Identifier: Apache-2.0

package link

import "time"

func (s *Session) queue(f frame) {
	if !s.ended {
		s.urgent = append(s.urgent, f.encode())
	}
}

// SendHave tells the peer what this station holds, whole and durably.
func (s *Session) SendHave(holds []Have) { s.queue(frame{kind: frameHave, holds: holds}) }

// SendStatement queues a cosignature or timed head. The caller has saved it.
func (s *Session) SendStatement(payload []byte) {
	s.queue(frame{kind: frameStatement, payload: payload})
}

// SendAhead queues an entry ahead of its place; it overtakes every package.
func (s *Session) SendAhead(payload []byte) { s.queue(frame{kind: frameAhead, payload: payload}) }

// SendCard queues a station card.
func (s *Session) SendCard(note []byte) { s.queue(frame{kind: frameCard, payload: note}) }

// AskPQ asks the peer for an ML-DSA cosignature over our newest head now.
func (s *Session) AskPQ() { s.queue(frame{kind: frameAskPQ}) }

// Close ends the session from this side; Out then gives the goodbye.
func (s *Session) Close(code Code) {
	if !s.ended {
		s.end(code, "closed here")
	}
}

// SendPackage queues a package that brings the peer to through. It reports
// false, and takes nothing, while the window is full; one package always
// fits an empty window.
func (s *Session) SendPackage(through Have, payload []byte, now time.Duration) bool {
	if s.ended || !s.up {
		return false
	}
	if len(s.underway) > 0 && s.underwayBytes+len(payload) > s.cfg.Window {
		return false
	}
	if len(s.underway) == 0 {
		s.progressAt = now
	}
	s.underway = append(s.underway, sent{through, len(payload)})
	s.underwayBytes += len(payload)
	s.packages = append(s.packages, frame{kind: framePackage, through: through, payload: payload}.encode())
	return true
}

// progress frees the window of every package the peer now holds.
func (s *Session) progress(holds []Have, now time.Duration) {
	kept := s.underway[:0]
	for _, u := range s.underway {
		if covered(holds, u.through) {
			s.underwayBytes -= u.size
			s.progressAt = now
		} else {
			kept = append(kept, u)
		}
	}
	s.underway = kept
}

func covered(holds []Have, through Have) bool {
	for _, h := range holds {
		if h.Party == through.Party && h.Generation == through.Generation && h.Size >= through.Size {
			return true
		}
	}
	return false
}

// Underway reports whether packages are on their way to the peer that it has
// not said it holds.
func (s *Session) Underway() bool { return len(s.underway) > 0 }

// Out takes the frames to be written now, urgent ones first: hello, then
// statements and entries ahead of their place, then packages.
func (s *Session) Out() [][]byte {
	out := s.urgent
	if s.up || s.ended {
		out = append(out, s.packages...)
		s.packages = nil
	}
	s.urgent = nil
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
	var events []Event
	if now-s.pingAt >= s.cfg.PingEvery {
		s.pingNo++
		s.pingAt, s.awaiting = now, true
		s.queue(frame{kind: framePing, n: s.pingNo, echo: s.boots.peer})
	}
	if len(s.underway) > 0 && now-s.progressAt >= s.cfg.StallAfter {
		s.underway, s.underwayBytes, s.packages = nil, 0, nil
		s.progressAt = now
		events = append(events, Event{Kind: Stalled})
	}
	return events, nil
}

// Next is the monotonic time by which Tick wants to be called.
func (s *Session) Next() time.Duration {
	if s.ended {
		return 1<<63 - 1
	}
	next := s.heard + 3*s.cfg.PingEvery
	if s.up {
		next = min(next, s.pingAt+s.cfg.PingEvery)
		if len(s.underway) > 0 {
			next = min(next, s.progressAt+s.cfg.StallAfter)
		}
	}
	return next
}

// SawPeerBoot notes a newer boot of the peer learned over another bearer, so
// that pings on this one echo it and a clone left behind here hears of it.
func (s *Session) SawPeerBoot(b Boot) { s.boots.peer = b }
