// SPDX-License-Identifier: Apache-2.0

package station

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"openline/agreement"
	"openline/identity"
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
	text *agreement.Agreement // newest version adopted here
	me   record.PartyNo
	line identity.LineID
	card *identity.StationCard
	keys tlog.Keys // of our own newest generation, to know our signature again

	now  Now
	fx   []Effect
	hold Hold

	row  store.Row // as it is stored
	tree *tlog.Tree
	seen map[record.PartyNo]record.Seen // what our newest leaf says of each other log
	// roots are those of our own recent heads, so that a receipt need not
	// read hashes back.
	roots    map[uint64][32]byte
	rootList []uint64

	peers   []*peer // by party number
	bearers map[BearerID]*bearer
	fold    *line.Fold

	waiting []*say
	queued  int // drafts in the stored queue
	duties  duties
	intake  intake

	saveID  uint64
	saving  *saving
	marking bool
	stopped bool
	clock   clockGuard
	recent  recent
	tests   testCount
}

// peer is another party of the line.
type peer struct {
	no       record.PartyNo
	party    agreement.Party
	mirror   *mirror.Mirror
	boot     link.Boot // newest seen
	echoed   bool      // it has echoed our boot id
	durable  map[uint32]uint64
	known    map[uint32]bool             // generations whose card we named by KY01
	receipts map[uint32]*receipts        // by our generation
	heads    map[uint32]store.Statement  // newest timed head by its generation
	pqMade   map[uint32]uint64           // size of its log under our newest ML-DSA cosignature
	waiting  map[uint32]mirror.Statement // a timed head over more than is held
	trouble  string                      // why its log is not receipted any further
	cutSince record.Stamp                // when its last bearer went down; 0: never up
}

// receipts is what a peer signed over one generation of our log.
type receipts struct{ classical, pq store.Statement }

// clockGuard notices a wall clock that moves differently from the monotonic
// one.
type clockGuard struct {
	at  Now
	set bool
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
		seen: map[record.PartyNo]record.Seen{}, roots: map[uint64][32]byte{},
		bearers: map[BearerID]*bearer{}, row: saved.Row, text: newest,
	}
	if err := s.resumeOwn(saved); err != nil {
		return nil, err
	}
	if err := s.resumePeers(saved); err != nil {
		return nil, err
	}
	if err := s.resumeFold(saved); err != nil {
		return nil, err
	}
	s.queued = len(saved.Queue)
	for _, q := range saved.Queue {
		if err := s.requeue(q); err != nil {
			return nil, err
		}
	}
	s.guardStart(high)
	s.duties.start(s)
	return s, nil
}

// resumeOwn takes up the own log: the stored generation, or a new one whose
// card says from where it goes on.
func (s *Station) resumeOwn(saved store.Saved) error {
	switch {
	case s.row.Generation > s.card.Generation:
		return fmt.Errorf("the store is at generation %d, but the card is of generation %d", s.row.Generation, s.card.Generation)
	case s.row.Generation < s.card.Generation:
		s.row = store.Row{Generation: s.card.Generation, Root: tlog.EmptyRoot(), LastSigned: s.row.LastSigned, Journal: s.row.Journal}
		s.duties.newCard = true
		tree, err := tlog.OpenTree(0, nil)
		s.tree = tree
		return err
	}
	edge, err := tlog.EdgeAt(s.row.Size, s.cfg.Reader.Hashes(s.ownLog()))
	if err != nil {
		return fmt.Errorf("own log: %w", err)
	}
	if s.tree, err = tlog.OpenTree(s.row.Size, edge); err != nil {
		return fmt.Errorf("own log: %w", err)
	}
	if s.tree.Root() != s.row.Root {
		return errors.New("own log: stored hashes do not lead to the stored head")
	}
	s.noteRoot(s.row.Size, s.row.Root)
	return s.checkOwnLeaves()
}

// checkOwnLeaves re-reads the newest own records from disk before any head
// is signed over them again.
func (s *Station) checkOwnLeaves() error {
	const recheck = 64
	from := s.row.Size - min(s.row.Size, recheck)
	hashes := s.cfg.Reader.Hashes(s.ownLog())
	entries, err := s.cfg.Reader.Entries(s.ownLog(), from, recheck, 1<<30)
	if err != nil {
		return fmt.Errorf("own log: %w", err)
	}
	if uint64(len(entries)) != s.row.Size-from {
		return fmt.Errorf("own log: %d of the newest %d records are missing", s.row.Size-from-uint64(len(entries)), s.row.Size-from)
	}
	for i, e := range entries {
		stored, err := tlog.StoredLeaf(from+uint64(i), hashes)
		if err != nil {
			return fmt.Errorf("own log: %w", err)
		}
		if record.LeafHash(e.Leaf) != stored || e.Whole(record.Limits{}) != nil {
			s.hold = HoldLeaves
			s.log("error", "own record %d does not match the log", s.card.Base+from+uint64(i))
		}
	}
	return nil
}

func (s *Station) ownLog() store.LogID {
	return store.LogID{Party: s.me, Generation: s.card.Generation}
}

// Step takes one event and gives what must be done, in order.
func (s *Station) Step(ev Event, now Now) []Effect {
	s.fx = nil
	if s.stopped {
		return nil
	}
	s.watchClock(now)
	s.now = now
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
	case Tick:
	}
	if s.stopped {
		return s.fx
	}
	s.duties.run(s)
	s.tickBearers()
	s.gather()
	s.flush()
	return s.fx
}

// Next is the monotonic time at which a Tick is due.
func (s *Station) Next() time.Duration {
	next := s.duties.next(s)
	for _, b := range s.bearers {
		next = min(next, b.session.Next())
	}
	return next
}

// Rests reports whether nothing is in flight: no save, nothing waiting, no
// package on its way and nothing received that is not saved. A virtual clock
// may advance when every station rests.
func (s *Station) Rests() bool {
	if s.saving != nil || s.marking || s.intake.any() {
		return false
	}
	if s.hold == HoldNone && (len(s.waiting) > 0 || s.duties.due(s)) {
		return false
	}
	for _, b := range s.bearers {
		if !b.session.IsUp() || b.session.Underway() {
			return false
		}
		p := b.peer
		if r := p.receipts[s.card.Generation]; s.row.Size > 0 && p.trouble == "" && (r == nil || r.classical.Size < s.row.Size) {
			return false
		}
	}
	return true
}

func (s *Station) do(e Effect) { s.fx = append(s.fx, e) }

func (s *Station) log(level, format string, args ...any) {
	s.do(Logged{Level: level, Text: fmt.Sprintf(format, args...)})
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
