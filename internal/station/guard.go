// SPDX-License-Identifier: Apache-2.0

package station

import (
	"time"

	"openline/internal/store/mark"
	"openline/link"
	"openline/record"
	"openline/tlog"
)

// longOutage is how far the clock may have run on while the station was
// down without a peer's signed time to explain it. After a longer one two
// persons confirm the clock: an hour's power cut at both ends must not leave
// two stations waiting for each other (docs/decisions/0005).
const longOutage = 31 * 24 * time.Hour

// guardStart decides whether this copy may sign: it must not be older than
// the high-water mark, and without a mark it waits for a peer's word.
func (s *Station) guardStart(high *mark.Mark) {
	if s.hold != HoldNone {
		return
	}
	last := time.Unix(int64(s.row.LastSigned), 0)
	switch {
	case high != nil && s.olderThan(high) && !s.faulty(FaultRestoreWithoutGeneration):
		s.hold = HoldOlder
	case !s.cfg.Mark && !s.faulty(FaultRestoreWithoutGeneration):
		s.hold = HoldHandshake
	case s.row.LastSigned > 0 && s.now.Wall.Sub(last) > longOutage:
		s.hold = HoldClock
	}
	if s.hold != HoldNone {
		s.log("warn", "not signing: %s", s.hold)
	}
}

// olderThan reports whether the store lacks anything the mark says was
// signed or receipted.
func (s *Station) olderThan(high *mark.Mark) bool {
	if high.Row.Generation != s.row.Generation {
		return high.Row.Generation > s.row.Generation
	}
	if high.Row.Size > s.row.Size || high.Row.LastSigned > s.row.LastSigned {
		return true
	}
	if high.Row.Size == s.row.Size && high.Row.Root != s.row.Root {
		return true
	}
	for _, r := range high.Receipts {
		if r.Log == s.ownLog() && r.Size > s.row.Size {
			return true
		}
	}
	return false
}

// stopSigning puts the station on hold; people's words are queued from now.
func (s *Station) stopSigning(h Hold) {
	if s.hold == h {
		return
	}
	// Doubt about being the only newest copy is never replaced by a lesser one.
	if s.hold == HoldClone || s.hold == HoldOlder || s.hold == HoldLeaves {
		return
	}
	s.hold = h
	s.log("error", "not signing: %s", h)
	s.do(Happened{Kind: "hold", Text: string(h)})
}

func (s *Station) startSigning() {
	s.hold = HoldNone
	s.log("info", "signing")
	s.do(Happened{Kind: "hold"})
}

// judgeOwnHead looks at a head a peer says is our newest. Only one that
// bears our own signature counts: it shows that this copy is not the newest,
// or not the only one. A bare claim has no effect.
func (s *Station) judgeOwnHead(note []byte) {
	if len(note) == 0 {
		return
	}
	c, err := tlog.OpenCheckpoint(note, s.keys.Log)
	if err != nil || c.Origin != s.card.Origin() {
		return
	}
	if c.Size > s.tree.Size() {
		s.stopSigning(HoldOlder)
		return
	}
	root, err := s.rootAt(c.Size)
	switch {
	case err != nil && c.Size <= s.row.Size:
		s.log("error", "own log cannot be read at %d: %v", c.Size, err)
		s.stopSigning(HoldLeaves)
	case err == nil && root != c.Root:
		s.keepAccusation(tlog.TwoRoots(s.row.Checkpoint, note))
		s.stopSigning(HoldClone)
	}
}

// sawEcho compares the boot id a peer saw last of us with our own. Once it
// has echoed ours, another one means that a second copy of us speaks.
func (s *Station) sawEcho(p *peer, echo link.Boot) {
	switch {
	case echo == link.Boot(s.cfg.Boot):
		p.echoed = true
	case p.echoed && echo != link.Boot{}:
		s.stopSigning(HoldClone)
	}
}

// watchClock holds the station when the wall clock ran ahead of the
// monotonic one by more than the parties agreed clocks may differ.
func (s *Station) watchClock(now Now) {
	if s.clock.set {
		step := now.Wall.Sub(s.clock.at.Wall) - (now.Mono - s.clock.at.Mono)
		if step > s.text.Ceilings.ClockDifference {
			s.stopSigning(HoldClock)
		}
	}
	s.clock = clockGuard{at: now, set: true}
}

func (s *Station) acceptClock(ev AcceptClock) {
	if s.hold != HoldClock {
		return
	}
	if err := s.checkTwoPersons(s.clockAct(), ev.People); err != nil {
		s.log("error", "the clock is not confirmed: %v", err)
		return
	}
	s.startSigning()
}

// signedTime is the time to sign now: never below what was signed before,
// and saved with the batch before it is used.
func (s *Station) signedTime() record.Stamp {
	at := s.now.stamp()
	if s.faulty(FaultPeerTime) {
		for _, p := range s.peers {
			for _, h := range p.heads {
				at = max(at, h.At)
			}
		}
	}
	return max(at, s.row.LastSigned)
}
