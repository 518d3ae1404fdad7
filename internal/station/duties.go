// SPDX-License-Identifier: Apache-2.0

package station

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"openline/identity"
	"openline/internal/station/sample"
	"openline/internal/store"
	"openline/line"
	"openline/record"
)

// Codes of what the machine itself says.
const (
	codeLineTest  = "LT01"
	codeCardTaken = "KY01"
	codeTakenBack = "KY02"
)

// duties is what the station does by itself when its hour comes: timed
// heads, ML-DSA rounds, line tests, and the naming of cards it took.
type duties struct {
	newCard     bool // our own generation is not stored yet
	cards       []takenCard
	headAt      time.Duration // monotonic: next timed head
	headWanted  bool
	headMadeAt  time.Duration
	headEver    bool
	pqAt        time.Duration // earliest next ML-DSA round
	pqDirty     bool
	pqOwn       bool
	ownHead     store.Statement // our newest timed head, classical and post-quantum
	ownHeadPQ   store.Statement
	testAt      time.Time // wall clock of the next line test
	testPending bool
	called      time.Time // the test before which the link was called up
	judged      time.Time // newest agreed minute whose tests were looked for
	minute      time.Time // newest minute at which persons answer; zero: none has come
	began       time.Time // when this station started
}

type takenCard struct {
	party      record.PartyNo
	generation uint32
	digest     [32]byte
}

func (d *duties) start(s *Station, facts map[string][]byte) {
	d.headAt = s.now.Mono + s.text.Ceilings.TimedHead
	d.testAt = s.text.TestAfter(s.now.Wall)
	d.judged = s.agreedBefore(s.now.Wall) // what fell due before the start was not ours to see
	d.pqDirty = true                      // what was not signed before the stop is signed now
	for _, p := range s.peers {
		for _, gen := range p.mirror.Generations() {
			if !p.known[gen] {
				card, _, _ := p.mirror.Card(gen)
				d.cardTaken(p.no, card)
			}
		}
	}
	if n, ok := readUintFact(facts[factTests]); ok {
		s.tests.number = n
	}
	s.startReading(facts)
	for _, pq := range []bool{false, true} {
		st, ok, err := s.cfg.Reader.NewestStatement(s.ownLog(), s.ownLog(), pq)
		switch {
		case err != nil || !ok:
		case pq:
			d.ownHeadPQ = st
		default:
			d.ownHead = st
		}
	}
}

func (d *duties) cardTaken(no record.PartyNo, card *identity.StationCard) {
	d.cards = append(d.cards, takenCard{no, card.Generation, card.Digest()})
}

// run notices which hours have come. After a jump of the clock the next test
// is the next agreed minute by the new time, not one for every hour between.
func (d *duties) run(s *Station) {
	s.watchMinutes()
	s.watchTests()
	if until := d.testAt.Sub(s.now.Wall); until > s.text.Tests.Every {
		d.testAt = s.text.TestAfter(s.now.Wall)
	} else if until <= 0 {
		d.testAt = s.text.TestAfter(s.now.Wall)
		d.testPending = true
	}
	// "No new line test is made while two are unreceipted."
	if d.testPending && s.tests.unreceipted(s) >= 2 {
		d.testPending = false
		s.log("warn", "line test left out: two are not receipted")
	}
}

// testReady reports whether the line test can be numbered: the log is open
// and every card taken is named.
func (d *duties) testReady() bool { return d.testPending && !d.newCard && len(d.cards) == 0 }

func (d *duties) due(s *Station) bool {
	return d.newCard || len(d.cards)+len(s.files.complete) > 0 || d.testPending || len(s.lost()) > 0 || d.timedHeadDue(s) && s.row.Checkpoint != nil ||
		d.pqDue(s)
}

// next is when something falls due by itself. What cannot be done now (a
// station on hold, no bearer, a save under way) waits for the event that
// makes it possible, not for a clock.
func (d *duties) next(s *Station) time.Duration {
	next := s.now.Mono + max(0, d.testAt.Sub(s.now.Wall))
	next = min(next, s.now.Mono+max(0, s.nextTestWatch().Sub(s.now.Wall)))
	if minute, ok := nextSetMinute(s.text.Tests.Answered, s.now.Wall); ok {
		next = min(next, s.now.Mono+minute.Sub(s.now.Wall))
	}
	if at, ok := s.nextReminder(); ok {
		next = min(next, at)
	}
	if s.hold != HoldNone || s.saving != nil {
		return next
	}
	if s.row.Checkpoint != nil && len(s.bearers) > 0 {
		next = min(next, d.headAt)
		if d.headWanted {
			next = min(next, d.headMadeAt+minTimedHead)
		}
	}
	if d.pqDirty || d.pqOwn {
		next = min(next, d.pqAt)
	}
	return next
}

// minTimedHead keeps a peer that reconnects in a loop from making us sign in
// a loop.
const minTimedHead = 10 * time.Second

func (d *duties) timedHeadSoon(s *Station) { d.headWanted = true }

func (d *duties) timedHeadDue(s *Station) bool {
	if len(s.bearers) == 0 {
		return false
	}
	if s.now.Mono >= d.headAt {
		return true
	}
	return d.headWanted && (!d.headEver || s.now.Mono >= d.headMadeAt+minTimedHead)
}

func (d *duties) timedHeadMade(s *Station) {
	d.headWanted, d.headEver, d.headMadeAt = false, true, s.now.Mono
	d.headAt = s.now.Mono + s.text.Ceilings.TimedHead
}

// pqDelay keeps an ML-DSA round out of the step that sends the Ed25519
// receipt it follows: signing takes as long as the whole rest of that step.
const pqDelay = 20 * time.Millisecond

func (d *duties) wantPQ(s *Station) {
	if !d.pqDirty && !d.pqOwn {
		d.pqAt = max(d.pqAt, s.now.Mono+pqDelay)
	}
	d.pqDirty = true
}

func (d *duties) pqDue(s *Station) bool { return (d.pqDirty || d.pqOwn) && s.now.Mono >= d.pqAt }

func (d *duties) pqMade(s *Station) {
	d.pqDirty = false
	d.pqAt = s.now.Mono + s.cfg.PQEvery
}

// records are what the machine says before people do: KY01 for every card
// taken and not yet named, KY02 for what was taken back.
func (d *duties) records(s *Station, g *saving) []*prepared {
	var out []*prepared
	for _, c := range d.cards {
		p, err := s.prepare(s.machineDraft(codeCardTaken, map[string]record.Value{
			"generation": record.Uint(uint64(c.generation)), "card": record.Bytes(c.digest[:]), "party": record.Uint(uint64(c.party)),
		}), false)
		if err != nil {
			s.log("error", "card of party %d cannot be named: %v", c.party, err)
			continue
		}
		out = append(out, p)
		s.peer(c.party).known[c.generation] = true
		g.batch.Known = append(g.batch.Known, store.LogID{Party: c.party, Generation: c.generation})
	}
	d.cards = nil
	for _, gen := range s.lost() {
		p, err := s.takenBack(g, gen)
		if err != nil {
			s.log("error", "records taken back cannot be named: %v", err)
			continue
		}
		out = append(out, p)
	}
	return append(out, s.sayComplete(g)...)
}

func (s *Station) machineDraft(code string, params map[string]record.Value) Draft {
	return Draft{Code: code, From: machinePost, Params: params, Salt: s.cfg.Salt()}
}

// lineTest carries the number of the test, the digest of shared state as we
// read it, what each bearer did since the last one, and the newest receipt
// and timed head we hold of each other party.
func (s *Station) lineTest() Draft {
	fold := uint64(line.FoldVersion)
	digest, err := s.fold.DigestBy(s.me)
	if err != nil {
		s.log("warn", "shared state at our own cut: %v", err)
		fold = 0 // not comparable
	}
	var held []record.Value
	for _, p := range s.peers {
		var receipt, head [2]uint64
		if r := p.receipts[s.card.Generation]; r != nil {
			receipt = [2]uint64{r.classical.Size, uint64(r.classical.At)}
		}
		gen := p.mirror.Newest()
		if h, ok := p.heads[gen]; ok {
			head = [2]uint64{h.Size, uint64(h.At)}
		}
		held = append(held, record.Array(record.Uint(uint64(p.no)), record.Uint(uint64(gen)),
			record.Uint(receipt[0]), record.Uint(receipt[1]), record.Uint(head[0]), record.Uint(head[1])))
	}
	s.tests.number++
	params := map[string]record.Value{
		"n": record.Uint(s.tests.number), "fold": record.Uint(fold), "digest": record.Bytes(digest[:]),
		"results": record.Array(s.tests.results()...), "held": record.Array(held...),
	}
	if text := sample.Of(s.text.Languages, s.tests.number); text != "" {
		params["sample"] = record.Text(text)
	}
	d := s.machineDraft(codeLineTest, params)
	d.Precedence = record.Routine
	return d
}

// testCount keeps the line tests of both directions.
type testCount struct {
	number   uint64 // of our last test
	ours     []uint64
	at       record.Stamp // leaf time of the newest of them
	answered map[string]uint64
	sent     map[string]uint64
}

func (t *testCount) alive(bearer string) {
	if t.answered == nil {
		t.answered = map[string]uint64{}
	}
	t.answered[bearer]++
}

func (t *testCount) results() []record.Value {
	var out []record.Value
	for _, name := range slices.Sorted(maps.Keys(t.answered)) {
		n := t.answered[name]
		out = append(out, record.Array(record.Text(name), record.Uint(n), record.Uint(max(n, t.sent[name]))))
	}
	clear(t.answered)
	clear(t.sent)
	return out
}

// unreceipted is how many of our tests no peer has receipted.
func (t *testCount) unreceipted(s *Station) int {
	covered := uint64(0)
	for i, p := range s.peers {
		r := p.receipts[s.card.Generation]
		size := uint64(0)
		if r != nil {
			size = r.classical.Size
		}
		if i == 0 || size < covered {
			covered = size
		}
	}
	n := 0
	for _, index := range t.ours {
		if index >= covered {
			n++
		}
	}
	return n
}

func (t *testCount) said(s *Station, e line.Entry) {
	if e.Header == nil || e.Header.Code != codeLineTest {
		return
	}
	if n, ok := e.Body.Params["n"].AsUint(); ok {
		t.number = max(t.number, n)
	}
	t.ours, t.at = append(t.ours, e.Index), e.Leaf.Time
	if len(t.ours) > 16 {
		t.ours = t.ours[1:]
	}
}

// heardTests is what the line tests of one other party have shown.
type heardTests struct {
	number  uint64
	at      time.Time // when the newest was durable here
	differs string    // a difference of reading, if the newest showed one
}

// heardTest compares a peer's test with our own reading at the same cut.
func (s *Station) heardTest(e line.Entry) {
	p := s.peer(e.Party)
	if p == nil || e.Header == nil || e.Body == nil || e.Header.Code != codeLineTest || e.Header.From != machinePost {
		return
	}
	p.tests.number++
	p.tests.at = s.now.Wall
	p.missed.came(e, s.now.stamp())
	fold, _ := e.Body.Params["fold"].AsUint()
	theirs, ok := e.Body.Params["digest"].AsBytes()
	if fold != line.FoldVersion || !ok {
		return // different fold versions are not comparable, never a difference
	}
	ours, err := s.fold.DigestAt(s.fold.CutOf(e))
	if err != nil {
		return
	}
	p.tests.differs = ""
	if string(theirs) != string(ours[:]) {
		p.tests.differs = fmt.Sprintf("line test %d/%d was read differently here", e.Party, e.Number)
		s.do(Happened{Kind: "alarm", Party: e.Party, Number: e.Number, Text: p.tests.differs})
	}
}
