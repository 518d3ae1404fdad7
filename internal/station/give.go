// SPDX-License-Identifier: Apache-2.0

package station

import (
	"errors"
	"slices"

	"openline/internal/store"
	"openline/link"
	"openline/mirror"
	"openline/record"
	"openline/tlog"
)

// maxGiveBack is how often records of ended generations are offered on one
// bearer: the peer may not want them.
const maxGiveBack = 3

// giveBack sends a peer what it says it does not hold of an ended
// generation, its own or ours: a restored disk lost both.
func (s *Station) giveBack(b *bearer, m *mirror.Mirror, id mirror.LogID, size uint64) {
	for from := max(b.has[id], b.sent[id]); from < size; from = b.sent[id] {
		entries, err := s.cfg.Reader.Entries(store.LogID(id), from, maxPackageEntries, b.packageBytes)
		if len(entries) > 0 && len(wholeOnly(entries)) == 0 {
			s.notGiven(b, id, from)
			return
		}
		entries = wholeOnly(entries)
		var pkg mirror.Package
		if err == nil {
			pkg, err = m.GiveBack(id.Generation, from, entries)
		}
		if err != nil {
			s.log("error", "records of log %d.%d cannot be given: %v", id.Party, id.Generation, err)
			return
		}
		end := from + uint64(len(pkg.Entries))
		if !b.session.SendPackage(link.Have{Party: id.Party, Generation: id.Generation, Size: end}, pkg.Encode(), s.now.Mono) {
			return
		}
		b.sent[id] = end
	}
}

func (s *Station) pushLog(b *bearer) {
	id := mirror.LogID(s.ownLog())
	for s.row.Checkpoint != nil {
		from := max(b.has[id], b.sent[id])
		if from >= s.row.Size {
			return
		}
		pkg, end, err := s.packageFrom(from, b.packageBytes)
		if errors.Is(err, errRemovedHere) {
			s.notGiven(b, id, from)
			return
		}
		if err != nil {
			s.log("error", "own records cannot be read: %v", err)
			return
		}
		if !b.session.SendPackage(link.Have{Party: id.Party, Generation: id.Generation, Size: end}, pkg, s.now.Mono) {
			return
		}
		b.sent[id] = end
	}
}

var errLogEnds = errors.New("the log ends before its head")

// ownEntries are own records from an index on: from memory, or from disk.
func (s *Station) ownEntries(from uint64, maxBytes int) ([]record.Entry, error) {
	if entries := s.recent.get(from, maxPackageEntries, maxBytes); entries != nil {
		return entries, nil
	}
	return s.cfg.Reader.Entries(s.ownLog(), from, maxPackageEntries, maxBytes)
}

// packageFrom is the next package of our own log from an index on. Records
// beyond the head that may leave stay here.
func (s *Station) packageFrom(from uint64, maxBytes int) ([]byte, uint64, error) {
	entries, err := s.ownEntries(from, maxBytes)
	if err == nil && len(entries) == 0 {
		err = errLogEnds
	}
	if err == nil && len(wholeOnly(entries)) == 0 {
		err = errRemovedHere
	}
	if err != nil {
		return nil, 0, err
	}
	entries = wholeOnly(entries)
	entries = entries[:min(uint64(len(entries)), s.row.Size-from)]
	p := mirror.Package{Log: mirror.LogID(s.ownLog()), From: from, Entries: entries, Checkpoint: s.row.Checkpoint}
	end := from + uint64(len(entries))
	if end < s.row.Size {
		if p.Proof, err = tlog.ProveConsistency(s.row.Size, end, s.cfg.Reader.Hashes(s.ownLog())); err != nil {
			return nil, 0, err
		}
	}
	return p.Encode(), end, nil
}

// wholeOnly ends a run of entries before the first whose content was removed
// here: less than a whole entry is not given to anybody.
func wholeOnly(list []record.Entry) []record.Entry {
	if i := slices.IndexFunc(list, store.Hollow); i >= 0 {
		return list[:i]
	}
	return list
}

// errRemovedHere: the next record a peer lacks has no content here any more.
var errRemovedHere = errors.New("its content was removed here")

// notGiven says which record a peer cannot be given. Its copy ends there,
// and so do its receipts; what it lost it has from its own backup or nowhere.
func (s *Station) notGiven(b *bearer, id mirror.LogID, index uint64) {
	base, _ := s.fold.Base(id.Party, id.Generation)
	s.log("warn", "%s lacks %s, whose content was removed here under the retention clause: neither that record nor what follows it in that log is given",
		b.peer.party.Name, s.refName(record.ByNumber(id.Party, base+index)))
}
