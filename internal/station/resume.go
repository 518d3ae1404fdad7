// SPDX-License-Identifier: Apache-2.0

package station

import (
	"fmt"

	"openline/agreement"
	"openline/internal/store"
	"openline/line"
	"openline/mirror"
	"openline/record"
	"openline/tlog"
)

func (s *Station) resumePeers(saved store.Saved) error {
	for _, party := range s.cfg.Agreements.Newest().Parties {
		if party.Number == s.me {
			continue
		}
		p := s.newPeer(party)
		var states []mirror.State
		for _, l := range saved.Logs {
			if l.Log.Party != party.Number {
				continue
			}
			st, err := s.resumeLog(p, l)
			if err != nil {
				return err
			}
			states = append(states, st)
		}
		if err := p.mirror.Resume(states); err != nil {
			return err
		}
		for _, f := range p.mirror.Found() {
			s.twoHistories(p, f.Generation, f.Fork)
		}
		s.peers = append(s.peers, p)
	}
	return s.resumeAhead(saved)
}

// spoken gathers what one generation of a peer signed last over each log, so
// that what it signs next is held against it.
func (s *Station) spoken(by store.LogID) (out []mirror.Spoken, err error) {
	logs := []store.LogID{by, s.ownLog()}
	for _, gen := range s.own.mirror.Generations() {
		logs = append(logs, store.LogID{Party: s.me, Generation: gen})
	}
	for _, log := range logs {
		for _, pq := range []bool{false, true} {
			st, ok, err := s.cfg.Reader.NewestStatement(log, by, pq)
			if err != nil {
				return nil, err
			}
			if ok {
				c := tlog.Checkpoint{Origin: s.originOf(log), Size: st.Size, Root: st.Root}
				out = append(out, mirror.Spoken{Log: mirror.LogID(log), Checkpoint: c, Line: st.Bytes, PQ: pq})
			}
		}
	}
	return out, nil
}

// originOf is the origin of a log of ours; that of a peer's own its mirror
// knows.
func (s *Station) originOf(log store.LogID) string {
	if log == s.ownLog() {
		return s.card.Origin()
	}
	if card, _, ok := s.own.mirror.Card(log.Generation); ok && log.Party == s.me {
		return card.Origin()
	}
	return ""
}

func (s *Station) resumeAhead(saved store.Saved) error {
	for _, kept := range saved.Ahead {
		a, err := mirror.DecodeAhead(kept.Bytes)
		if err != nil {
			return fmt.Errorf("stored entry ahead of its place: %w", err)
		}
		if p := s.peer(a.Log.Party); p != nil {
			p.keepAhead(a)
		}
	}
	return nil
}

func (s *Station) newPeer(party agreement.Party) *peer {
	return &peer{
		no: party.Number, party: party, mirror: mirror.New(s.mirrorConfig(party)),
		durable: map[uint32]uint64{}, known: map[uint32]bool{}, receipts: map[uint32]*receipts{},
		heads: map[uint32]timedHead{}, headsPQ: map[uint32]timedHead{}, pqMade: map[uint32]uint64{},
		waiting: map[uint32]mirror.Statement{}, ahead: map[mirror.LogID]map[uint64]mirror.Ahead{}, accused: map[uint32]int{},
		flow:  flow{bucket: fullBucket(2*s.largestRate(), s.now.Mono)},
		fetch: fetch{day: s.dayOfFiles()},
		cards: fullBucket(float64(maxCardsAnHour)/60, s.now.Mono).holding(maxCardsAnHour),
	}
}

func (s *Station) mirrorConfig(party agreement.Party) mirror.Config {
	return mirror.Config{
		Party: party.Name, No: party.Number, Line: s.line, PartyKey: party.Key,
		OpenCard: s.cfg.OpenCard, KeysOf: s.cfg.KeysOf, Limits: s.limits(),
		Hashes: func(id mirror.LogID) tlog.HashReader { return s.cfg.Reader.Hashes(store.LogID(id)) },
	}
}

// limits are the larger ceilings of the signed versions: on receipt nothing
// an agreement ever allowed is refused.
func (s *Station) limits() record.Limits {
	largest := 0
	for _, a := range s.cfg.Agreements.All() {
		largest = max(largest, a.Ceilings.Record)
	}
	return record.Limits{Body: largest}
}

// resumeLog reads back one generation of a peer's log and what was said
// about it and by it.
func (s *Station) resumeLog(p *peer, l store.LogState) (mirror.State, error) {
	g := l.Log.Generation
	p.durable[g] = l.Size
	p.known[g] = l.Known
	st := mirror.State{Card: l.Card, Size: l.Size, Checkpoint: l.Checkpoint, Pending: l.Pending, Forked: l.Forked}
	var err error
	if st.Edge, err = tlog.EdgeAt(l.Size, s.cfg.Reader.Hashes(l.Log)); err != nil {
		return st, fmt.Errorf("log of %s: %w", p.party.Name, err)
	}
	own, ok, err := s.cfg.Reader.NewestStatement(l.Log, s.ownLog(), false)
	if err != nil {
		return st, err
	}
	if ok {
		st.Cosigned = own.Size
	}
	if pq, ok, err := s.cfg.Reader.NewestStatement(l.Log, s.ownLog(), true); err != nil {
		return st, err
	} else if ok {
		p.pqMade[g] = pq.Size
	}
	if head, ok, err := s.cfg.Reader.NewestStatement(l.Log, l.Log, false); err != nil {
		return st, err
	} else if ok {
		p.heads[g] = timedHead{head, true}
	}
	if head, ok, err := s.cfg.Reader.NewestStatement(l.Log, l.Log, true); err != nil {
		return st, err
	} else if ok {
		p.headsPQ[g] = timedHead{head, true}
	}
	r := &receipts{}
	if r.classical, _, err = s.cfg.Reader.NewestStatement(s.ownLog(), l.Log, false); err != nil {
		return st, err
	}
	if r.pq, _, err = s.cfg.Reader.NewestStatement(s.ownLog(), l.Log, true); err != nil {
		return st, err
	}
	s.mergeReceipts(p, *r)
	st.Spoken, err = s.spoken(l.Log)
	return st, err
}

// mergeReceipts keeps the receipt over the largest size of our log, whichever
// of the peer's generations signed it.
func (s *Station) mergeReceipts(p *peer, r receipts) {
	have := p.receipts[s.card.Generation]
	if have == nil {
		have = &receipts{}
		p.receipts[s.card.Generation] = have
	}
	if betterReceipt(r.classical, have.classical) {
		have.classical = r.classical
	}
	if betterReceipt(r.pq, have.pq) {
		have.pq = r.pq
	}
}

// betterReceipt prefers the larger size, then the newer generation's word.
func betterReceipt(a, b store.Statement) bool {
	return a.Bytes != nil && (a.Size > b.Size || a.Size == b.Size && a.By.Generation >= b.By.Generation)
}

// resumeFold restores the cached fold and adds what was stored after it.
func (s *Station) resumeFold(saved store.Saved) error {
	if err := s.newFold(saved); err != nil {
		return err
	}
	if len(saved.Snapshot) > 0 {
		if err := s.restore(saved.Snapshot); err != nil {
			s.log("warn", "the cached state is not readable and is rebuilt: %v", err)
			s.rebuilt = true
			if err := s.newFold(saved); err != nil {
				return err
			}
		}
	}
	for _, l := range saved.Logs {
		if err := s.foldStored(l); err != nil {
			return err
		}
	}
	for _, p := range s.peers {
		p.flow.leaf, _ = s.fold.NewestLeaf(p.no)
	}
	return nil
}

// newFold begins an empty fold that knows the stored generations.
func (s *Station) newFold(saved store.Saved) error {
	s.fold = line.New(s.cfg.Agreements, s.cfg.Catalogue, foldSource{s})
	s.shelf = newShelf(s.fold, s.shelved())
	for _, l := range saved.Logs {
		if err := s.foldGeneration(l); err != nil {
			return err
		}
	}
	return nil
}

func (s *Station) foldGeneration(l store.LogState) error {
	party, ok := s.cfg.Agreements.Newest().Party(l.Log.Party)
	if !ok {
		return fmt.Errorf("stored log of party %d, which is not on the line", l.Log.Party)
	}
	card, err := s.cfg.OpenCard(l.Card, party.Key)
	if err != nil {
		return fmt.Errorf("stored card of %s: %w", party.Name, err)
	}
	s.fold.Generation(l.Log.Party, l.Log.Generation, card.Base, card.Previous)
	return nil
}

func (s *Station) foldStored(l store.LogState) error {
	from := s.fold.Position(l.Log.Party, l.Log.Generation)
	for from < l.Size {
		entries, err := s.cfg.Reader.Entries(l.Log, from, maxPackageEntries, 1<<20)
		if err != nil {
			return err
		}
		if len(entries) == 0 {
			return fmt.Errorf("log of party %d ends at %d, expected %d", l.Log.Party, from, l.Size)
		}
		for _, e := range entries {
			le, err := EntryOf(s.cfg.Reader, l.Log, l.Base, from, e)
			if err != nil {
				return err
			}
			s.foldEntry(le)
			from++
		}
	}
	return nil
}

// addToFold folds an entry that came or was made whole.
func (s *Station) addToFold(log store.LogID, base, index uint64, e record.Entry) line.Entry {
	le := line.Entry{
		Party: log.Party, Generation: log.Generation, Number: base + index, Index: index,
		Hash: record.LeafHash(e.Leaf), Decoded: e.Decode(),
	}
	s.foldEntry(le)
	return le
}

func (s *Station) foldEntry(le line.Entry) {
	if err := s.fold.Add(le); err != nil {
		s.log("warn", "record %d/%d: %v", le.Party, le.Number, err)
	}
	s.folded++
}

// foldSource lets the fold read back what is stored.
type foldSource struct{ s *Station }

func (f foldSource) Entry(ref record.Ref) (line.Entry, bool, error) { return f.s.entryOf(ref) }

func (f foldSource) About(thing record.Ref) ([]line.Entry, error) {
	located, err := f.s.cfg.Reader.About(thing)
	if err != nil {
		return nil, err
	}
	var out []line.Entry
	if opening, ok, err := f.s.entryOf(thing); err != nil {
		return nil, err
	} else if ok {
		out = append(out, opening)
	}
	for _, at := range located {
		e, ok, err := f.s.entryAt(at)
		if err != nil {
			return nil, err
		}
		if ok && e.Ref() != thing {
			out = append(out, e)
		}
	}
	return out, nil
}

// Range reads a stretch of a log at once.
func (f foldSource) Range(log line.Log, from uint64, max int) ([]line.Entry, error) {
	entries, err := f.s.cfg.Reader.Entries(store.LogID(log), from, max, 1<<20)
	if err != nil {
		return nil, err
	}
	base, _ := f.s.fold.Base(log.Party, log.Generation)
	out := make([]line.Entry, len(entries))
	for i, e := range entries {
		if out[i], err = EntryOf(f.s.cfg.Reader, store.LogID(log), base, from+uint64(i), e); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Root is the root of a log at a size that is stored.
func (f foldSource) Root(party record.PartyNo, generation uint32, size uint64) ([32]byte, bool, error) {
	id := store.LogID{Party: party, Generation: generation}
	if id == f.s.ownLog() {
		root, err := f.s.rootAt(size)
		return root, err == nil, err
	}
	if p := f.s.peer(party); p != nil {
		if at, root := p.mirror.Position(generation); at == size {
			return root, true, nil
		}
	}
	if size == 0 {
		return tlog.EmptyRoot(), true, nil
	}
	root, err := tlog.RootAt(size, f.s.cfg.Reader.Hashes(id))
	return root, err == nil, err
}
