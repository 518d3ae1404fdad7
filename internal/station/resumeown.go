// SPDX-License-Identifier: Apache-2.0

package station

import (
	"encoding/binary"
	"errors"
	"fmt"

	"openline/internal/store"
	"openline/record"
	"openline/tlog"
)

// Names of the facts a station keeps beside its logs.
const (
	factAdopted = "adopted" // agreement version our log has adopted
	factTests   = "tests"   // number of our newest line test
	factTaken   = "taken/"  // + generation: size a record of ours (KY02) names
)

func uintFact(v uint64) []byte { return binary.BigEndian.AppendUint64(nil, v) }

func readUintFact(b []byte) (uint64, bool) {
	if len(b) != 8 {
		return 0, false
	}
	return binary.BigEndian.Uint64(b), true
}

// resumeText finds the version of the agreement our own log has adopted.
// Version 1 is adopted by opening the line.
func (s *Station) resumeText(saved store.Saved) error {
	s.text = s.cfg.Agreements.Version(1)
	if b, ok := saved.Facts[factAdopted]; ok {
		v, ok := readUintFact(b)
		if !ok || v == 0 || v > uint64(s.cfg.Agreements.Newest().Version) {
			return fmt.Errorf("our log has adopted version %d of the agreement, which is not here", v)
		}
		s.text = s.cfg.Agreements.Version(uint32(v))
	}
	return nil
}

// resumeOwn takes up the own log: the stored generation, or a new one whose
// card says from where it goes on.
func (s *Station) resumeOwn(saved store.Saved) error {
	switch {
	case saved.Row.Generation > s.card.Generation:
		return fmt.Errorf("the store is at generation %d, but the card is of generation %d", saved.Row.Generation, s.card.Generation)
	case saved.Row.Generation < s.card.Generation:
		s.row = store.Row{Generation: s.card.Generation, Root: tlog.EmptyRoot(), LastSigned: saved.Row.LastSigned, Journal: saved.Row.Journal}
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
		gone := false
		if store.Hollow(e) {
			if _, gone, err = s.cfg.Reader.RemovedBy(s.ownLog(), from+uint64(i)); err != nil {
				return fmt.Errorf("own log: %w", err)
			}
		}
		if record.LeafHash(e.Leaf) != stored || !gone && e.Whole(record.Limits{}) != nil {
			s.hold = HoldLeaves
			s.log("error", "own record %d does not match the log", s.card.Base+from+uint64(i))
		}
	}
	return nil
}

// resumeJournal takes up the journal's log.
func (s *Station) resumeJournal(saved store.Saved) error {
	edge, err := tlog.EdgeAt(saved.Row.Journal, s.cfg.Reader.JournalHashes())
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	if s.journal, err = tlog.OpenTree(saved.Row.Journal, edge); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	return nil
}

// resumeFlash finds the FLASH records of ours that no receipt covers: they
// go ahead of their place when a bearer comes up.
func (s *Station) resumeFlash(store.Saved) error {
	const look = 100_000
	from := s.receipted()
	from = max(from, s.row.Size-min(s.row.Size, look))
	for from < s.row.Size {
		entries, err := s.cfg.Reader.Entries(s.ownLog(), from, maxPackageEntries, 1<<20)
		if err != nil {
			return fmt.Errorf("own log: %w", err)
		}
		if len(entries) == 0 {
			return nil
		}
		for _, e := range entries {
			if h, err := record.DecodeHeader(e.Header); err == nil {
				s.noteFlash(from, h)
			}
			from++
		}
	}
	return nil
}

// receipted is how much of our log every peer has receipted.
func (s *Station) receipted() uint64 {
	least := s.row.Size
	for _, p := range s.peers {
		r := p.receipts[s.card.Generation]
		if r == nil {
			return 0
		}
		least = min(least, r.classical.Size)
	}
	return least
}

// resumeQueue takes up what was said while the station did not sign. A draft
// that can no longer be said is given back when the station signs.
func (s *Station) resumeQueue(saved store.Saved) {
	for _, q := range saved.Queue {
		sy, err := s.readSay(q)
		if err != nil {
			sy = &say{token: q.Token, broken: err}
		}
		sy.stored = true
		s.queued += len(sy.drafts)
		s.wait(sy)
	}
}
