// SPDX-License-Identifier: Apache-2.0

package station

import (
	"time"

	"openline/internal/store"
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
	switch {
	case s.hold != HoldNone:
	case high != nil && s.olderThan(high) && !s.faulty(FaultRestoreWithoutGeneration):
		s.hold = HoldOlder
	case s.cfg.Mark && high == nil && s.row.LastSigned > 0 && !s.duties.newCard:
		s.hold = HoldOlder // a lost mark is a reason for a new generation
	case !s.cfg.Mark && !s.faulty(FaultRestoreWithoutGeneration):
		s.hold = HoldHandshake
	case s.longAway():
		s.hold, s.clockAtStart = HoldClock, true
	}
	if s.hold != HoldNone {
		s.log("warn", "not signing: %s", s.hold)
	}
	// One that knew from the start that it is not the newest copy never
	// overwrites the mark that told it so.
	s.mayMark = s.cfg.Mark && s.hold != HoldOlder && s.hold != HoldLeaves
	s.catchUpMark(high)
}

// catchUpMark begins with writing the mark where the store is ahead of it: a
// stop between the two must not let out what the mark does not know.
func (s *Station) catchUpMark(high *mark.Mark) {
	behind := s.mayMark && s.expect.Generation == s.card.Generation && (high == nil || !high.Row.Equal(s.expect))
	if !behind {
		return
	}
	s.saveID++
	s.saving = &saving{id: s.saveID, batch: store.Batch{Line: s.line, Expect: s.expect, Next: s.expect}, silent: true}
	s.marking = true
	s.do(SaveMark{ID: s.saveID, Mark: s.highMark(s.saving)})
}

// longAway reports whether the clock ran on further since we last signed
// than is believed without anybody's word.
func (s *Station) longAway() bool {
	return s.expect.LastSigned > 0 && s.now.Wall.Sub(time.Unix(int64(s.expect.LastSigned), 0)) > longOutage
}

// greetedFirst ends the wait for a peer's word.
func (s *Station) greetedFirst() {
	switch {
	case s.hold != HoldHandshake:
	case s.longAway():
		s.hold, s.clockAtStart = HoldClock, true
		s.log("error", "not signing: %s", s.hold)
		s.do(Happened{Kind: "hold", Text: string(s.hold)})
	default:
		s.startSigning()
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
		s.keepOwnFork(c, root, note)
		s.stopSigning(HoldClone)
	}
}

// keepOwnFork keeps the proof that two copies of this station signed.
func (s *Station) keepOwnFork(c tlog.Checkpoint, root [32]byte, note []byte) {
	a := tlog.TwoRoots(s.row.Checkpoint, note)
	if c.Size < s.row.Size {
		proof, err := tlog.ProveConsistency(s.row.Size, c.Size, s.cfg.Reader.Hashes(s.ownLog()))
		if err != nil {
			s.log("error", "own log cannot be read at %d: %v", c.Size, err)
			return
		}
		a = tlog.Inconsistent(s.row.Checkpoint, note, root, proof)
	} else if c.Size > s.row.Size {
		return // ours at that size is not saved and has not left
	}
	s.intake.accusations = append(s.intake.accusations, a.Format())
	s.do(Happened{Kind: "accusation", Party: s.me, Text: "another copy of this station signed another history"})
}

// sawEcho compares the boot id a peer says it saw last of us with our own. A
// ping or pong comes after our hello, so another one in it means that a
// second copy of us speaks. (The echo in a hello may be of our last start.)
func (s *Station) sawEcho(echo link.Boot) {
	if echo != link.Boot(s.cfg.Boot) && echo != (link.Boot{}) {
		s.stopSigning(HoldClone)
	}
}

// clockGuard notices a wall clock that moves differently from the monotonic
// one. Slow correction is followed; a step is not.
type clockGuard struct {
	offset time.Duration // of wall against monotonic, as believed
	at     time.Duration // monotonic, when it was
	set    bool
}

// slewRate is how fast the believed offset follows a clock that is being
// corrected: two seconds in a thousand, four times what time daemons do.
const slewRate = 500

// watchClock holds the station when the wall clock ran ahead of the
// monotonic one by more than the parties agreed clocks may differ.
func (s *Station) watchClock(now Now) {
	offset := time.Duration(now.Wall.UnixNano()) - now.Mono
	g := &s.clock
	if !g.set || s.hold == HoldClock {
		*g = clockGuard{offset, now.Mono, true}
		return
	}
	step := offset - g.offset
	if step > s.text.Ceilings.ClockDifference {
		s.stopSigning(HoldClock)
		return
	}
	follow := (now.Mono - g.at) / slewRate
	g.offset += max(-follow, min(follow, step))
	if step < 0 {
		g.offset = min(g.offset, offset+s.text.Ceilings.ClockDifference)
	}
	g.at = now.Mono
}

func (s *Station) acceptClock(ev AcceptClock) {
	if s.hold != HoldClock {
		return
	}
	act := s.ClockAct()
	if err := s.checkTwoPersons(act, ev.People); err != nil {
		s.log("error", "the clock is not confirmed: %v", err)
		return
	}
	s.intake.journal = append(s.intake.journal, actEntry(s.now.stamp(), act, ev.People, record.Ref{}))
	s.startSigning()
}

// explained lifts a hold at start when a peer's signed time shows that time
// has indeed come so far.
func (s *Station) explained(at record.Stamp) {
	limit := record.Stamp(s.text.Ceilings.ClockDifference / time.Second)
	if s.hold == HoldClock && s.clockAtStart && at+limit >= s.now.stamp() {
		s.startSigning()
	}
}

// signedTime is the time to sign now: never below what was signed before,
// and saved with the batch before it is used.
func (s *Station) signedTime() record.Stamp {
	at := max(1, s.now.stamp())
	if s.faulty(FaultPeerTime) {
		for _, p := range s.peers {
			for _, h := range p.heads {
				at = max(at, h.At)
			}
		}
	}
	return max(at, s.row.LastSigned)
}
