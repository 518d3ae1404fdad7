// SPDX-License-Identifier: Apache-2.0

package station

import (
	"fmt"
	"slices"
	"time"

	"openline/agreement"
	"openline/identity"
	"openline/internal/desk/mandate"
	"openline/internal/store"
	"openline/internal/store/mark"
	"openline/line"
	"openline/link"
	"openline/mirror"
	"openline/record"
	"openline/tlog"
)

// Station is one party on one line. One owner steps it; it is not safe for
// concurrent use.
type Station struct {
	cfg  Config
	text *agreement.Agreement // the version our own log has adopted
	me   record.PartyNo
	line identity.LineID
	card *identity.StationCard
	keys tlog.Keys // of our own newest generation, to know our signature again

	now  Now
	fx   []Effect
	hold Hold
	// clockAtStart says that the hold on the clock was found at start, where a
	// peer's signed time can explain it.
	clockAtStart bool
	mayMark      bool // a mark is kept, and this copy may write it

	expect  store.Row // the row as it is stored
	row     store.Row // our newest generation as far as it may leave; differs from expect until its first save
	tree    *tlog.Tree
	journal *tlog.Tree
	seen    map[mirror.LogID]record.Seen // what our leaves since the start say of each other log
	// roots are those of our own recent heads, so that a receipt need not
	// read hashes back.
	roots    map[uint64][32]byte
	rootList []uint64
	own      own // our own older generations

	peers   []*peer // by party number
	bearers map[BearerID]*bearer
	fold    *line.Fold
	shelf   *shelf // what the fold's things are found by
	shown   shown  // first signed times that were looked up
	folded  int    // records since the state was last cached on disk
	rebuilt bool   // what was cached could not be read at the start

	waiting []*say
	tokens  map[string]*say // of says on their way
	queued  int             // drafts in the stored queue
	size    int             // bytes of what waits
	pace    bucket          // of our own records
	exports []Export
	notes   []Note
	duties  duties
	intake  intake

	mandates mandate.Standing // what the watch may send alone
	changing *changing        // a change of it on its way to the disk
	removing *Remove          // an act of removal not yet on its way
	reminds  reminders
	files    files

	saveID  uint64
	saving  *saving
	marking bool
	retryAt time.Duration // when a save that found no room is tried again; 0: none
	stopped bool
	clock   clockGuard
	recent  recent
	told    toldLately
	tests   testCount
	flash   []uint64 // own FLASH records no receipt covers yet
}

// peer is another party of the line.
type peer struct {
	no       record.PartyNo
	party    agreement.Party
	mirror   *mirror.Mirror
	boot     link.Boot // newest seen
	tests    heardTests
	durable  map[uint32]uint64
	known    map[uint32]bool             // generations whose card we named by KY01
	receipts map[uint32]*receipts        // by our generation
	heads    map[uint32]timedHead        // newest timed head by its generation
	headsPQ  map[uint32]timedHead        // the same, post-quantum
	pqMade   map[uint32]uint64           // size of its log under our newest ML-DSA cosignature
	waiting  map[uint32]mirror.Statement // a timed head over more than is held
	ahead    map[mirror.LogID]map[uint64]mirror.Ahead
	accused  map[uint32]int // accusations kept, by generation
	claims   int            // claims kept since the start
	flow     flow           // of its records
	fetch    fetch          // of its attachments
	cards    bucket         // of its station cards
	trouble  string         // why its log is not receipted any further
	cutSince record.Stamp   // when its last bearer went down; 0: never up
	reads    [2]inPerson    // line tests read in person: of ours by them, of theirs by us
	missed   missedTests
	test     uint64 // number of its newest line test since the start
}

// receipts is what a peer signed over one generation of our log.
type receipts struct{ classical, pq store.Statement }

// timedHead is a timed head that was taken. One that ended a running clock
// is kept for good, any other only until the next one comes.
type timedHead struct {
	store.Statement
	keep bool
}

// New makes a station from what is stored. It refuses to guess: what is
// inconsistent is an error, and doubt about being the newest copy is a Hold.
func New(cfg Config, saved store.Saved, high *mark.Mark, now Now) (*Station, error) {
	cfg = cfg.withDefaults()
	newest := cfg.Agreements.Newest()
	mine, ok := newest.ByName(cfg.Me)
	if !ok {
		return nil, fmt.Errorf("%s is not a party of line %s", cfg.Me, cfg.Agreements.Line())
	}
	card, err := cfg.OpenCard(cfg.Card, mine.Key)
	if err != nil {
		return nil, fmt.Errorf("own station card: %w", err)
	}
	keys, err := cfg.KeysOf(card)
	if err != nil {
		return nil, fmt.Errorf("own station card: %w", err)
	}
	s := &Station{
		cfg: cfg, me: mine.Number, line: cfg.Agreements.Line(), card: card, keys: keys, now: now,
		seen: map[mirror.LogID]record.Seen{}, roots: map[uint64][32]byte{}, tokens: map[string]*say{},
		bearers: map[BearerID]*bearer{}, expect: saved.Row, row: saved.Row,
	}
	for _, resume := range []func(store.Saved) error{
		s.resumeText, s.resumeOwn, s.resumeJournal, s.resumeOlder, s.resumePeers, s.resumeFold, s.resumeFlash,
		s.resumeMandates, s.resumeReminders, s.resumeFiles,
	} {
		if err := resume(saved); err != nil {
			return nil, err
		}
	}
	s.resumeQueue(saved)
	s.guardStart(high)
	s.pace = fullBucket(s.perMinute(s.text), now.Mono)
	s.duties.start(s, saved.Facts)
	return s, nil
}

func (s *Station) ownLog() store.LogID {
	return store.LogID{Party: s.me, Generation: s.card.Generation}
}

// Step takes one event and gives what must be done, in order.
func (s *Station) Step(ev Event, now Now) []Effect {
	if s.stopped {
		return nil
	}
	s.watchClock(now)
	s.now = now
	s.take(ev)
	if !s.stopped {
		s.retrySave()
		s.duties.run(s)
		s.remind()
		s.tickBearers()
		s.fetchFiles()
		s.gather()
		s.flush()
	}
	fx := s.fx
	s.fx = nil
	return fx
}

func (s *Station) take(ev Event) {
	switch ev := ev.(type) {
	case Say:
		s.say(ev)
	case BearerUp:
		s.bearerUp(ev)
	case Frame:
		s.frame(ev)
	case BearerDown:
		s.bearerDown(ev.ID, ev.Why)
	case SaveDone:
		s.saveDone(ev)
	case MarkDone:
		s.markDone(ev)
	case AcceptClock:
		s.acceptClock(ev)
	case Export:
		s.export(ev)
	case Note:
		s.note(ev)
	case Attach:
		s.attach(ev)
	case SetMandates:
		s.setMandates(ev)
	case Remove:
		s.remove(ev)
	case Tick:
	}
}

// Next is the monotonic time at which a Tick is due.
func (s *Station) Next() time.Duration {
	next := s.duties.next(s)
	for _, b := range s.bearers {
		next = min(next, b.session.Next())
	}
	if s.retryAt > 0 {
		next = min(next, s.retryAt)
	}
	if at, ok := s.nextFetch(); ok {
		next = min(next, at)
	}
	if s.hold == HoldNone && len(s.waiting) > 0 && s.saving == nil {
		next = min(next, max(s.pace.readyAt(), s.now.Mono+time.Millisecond))
	}
	return next
}

// Rests reports whether nothing is in flight: no save, nothing waiting, no
// package on its way and nothing received that is not saved. A virtual clock
// may advance when every station rests.
func (s *Station) Rests() bool {
	if s.saving != nil || s.marking || s.intake.any() || len(s.files.coming)+len(s.files.pieces) > 0 || s.hold == HoldHandshake {
		return false // a station that waits for its first handshake is about to act
	}
	if s.hold == HoldNone && (len(s.waiting)+len(s.exports) > 0 || s.duties.due(s)) {
		return false
	}
	for _, b := range s.bearers {
		if !b.session.IsUp() || b.session.Underway() {
			return false
		}
		// A receipt leaves together with the word that the records are held:
		// when that word is here, nothing is on its way.
		if b.has[mirror.LogID(s.ownLog())] < s.row.Size {
			return false
		}
	}
	return true
}

func (s *Station) do(e Effect) { s.fx = append(s.fx, e) }

// log tells the operator, who is not told the same without end.
func (s *Station) log(level, format string, args ...any) {
	if text, ok := s.told.worth(level, fmt.Sprintf(format, args...), s.now.Mono); ok {
		s.do(Logged{Level: level, Text: text})
	}
}

func (s *Station) alarm(party record.PartyNo, text string) {
	s.do(Happened{Kind: "alarm", Party: party, Text: text})
	s.log("warn", "%s", text)
}

func (s *Station) stop(why error) {
	s.stopped = true
	s.do(Stop{Why: why})
}

func (s *Station) peer(no record.PartyNo) *peer {
	i := slices.IndexFunc(s.peers, func(p *peer) bool { return p.no == no })
	if i < 0 {
		return nil
	}
	return s.peers[i]
}

func (s *Station) noteRoot(size uint64, root [32]byte) {
	if _, ok := s.roots[size]; ok {
		return
	}
	s.roots[size] = root
	s.rootList = append(s.rootList, size)
	if len(s.rootList) > maxRecentRoots {
		delete(s.roots, s.rootList[0])
		s.rootList = s.rootList[1:]
	}
}

// rootAt is the root of our own log at a size it has reached.
func (s *Station) rootAt(size uint64) ([32]byte, error) {
	if root, ok := s.roots[size]; ok {
		return root, nil
	}
	if size > s.row.Size {
		return [32]byte{}, fmt.Errorf("our log has not reached %d", size)
	}
	return tlog.RootAt(size, s.cfg.Reader.Hashes(s.ownLog()))
}
