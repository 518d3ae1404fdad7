// SPDX-License-Identifier: Apache-2.0

package station

import (
	"slices"

	"openline/internal/store"
	"openline/record"
)

// codeComplete is what the station says of a record whose attachments are all
// here and have the digests it names.
const codeComplete = "AT01"

// gatherAttached marks the records just received whose attachments are to be
// fetched.
func (s *Station) gatherAttached(g *saving) {
	if s.mostAttached() == 0 {
		return
	}
	for _, t := range g.taken {
		if t.Log.Party == s.me {
			continue // our own, given back: it is for others to ask
		}
		for i, e := range t.Entries {
			if len(s.attachedBy(e)) > 0 {
				g.batch.Attached = append(g.batch.Attached, store.Attached{Log: store.LogID(t.Log), Index: t.From + uint64(i), Open: true})
			}
		}
	}
}

// settlePieces follows once pieces are durable.
func (s *Station) settlePieces(u *store.BlobUpdate) {
	w := s.wantedBy(u.Digest)
	if w == nil || u.Drop || w.size != u.Size || u.Use != store.UseAsked {
		return
	}
	for _, p := range u.Pieces {
		w.saved += uint64(len(p))
	}
	if w.saved == w.size {
		s.files.wanted = slices.DeleteFunc(s.files.wanted, func(o *wanted) bool { return o == w })
		s.fileHere(u.Digest)
	}
}

// fileHere strikes a whole attachment off what records wait for.
func (s *Station) fileHere(digest [32]byte) {
	held, _, err := s.cfg.Reader.Blob(digest)
	if err != nil || !held.Whole() {
		return
	}
	kept := s.files.open[:0]
	for _, m := range s.files.open {
		m.missing = slices.DeleteFunc(m.missing, func(id wantedID) bool { return id == wantedID{digest, held.Size} })
		if len(m.missing) == 0 {
			s.files.complete = append(s.files.complete, m)
			m.by.fetch.more = true // there is room for another
		} else {
			kept = append(kept, m)
		}
	}
	clear(s.files.open[len(kept):])
	s.files.open = kept
}

// sayComplete gives the AT01 of the records whose attachments are all here,
// each with the mark that closes it.
func (s *Station) sayComplete(g *saving) (out []*prepared) {
	for _, m := range s.files.complete {
		g.batch.Attached = append(g.batch.Attached, store.Attached{Log: m.log, Index: m.index})
		if m.gone {
			continue
		}
		d := s.machineDraft(codeComplete, nil)
		d.Re = []record.Ref{record.ByNumber(m.log.Party, m.number)}
		p, err := s.prepare(d, false)
		if err != nil {
			s.log("error", "the attachments of %s/%d are complete; this cannot be said: %v", m.by.party.Short, m.number, err)
			continue
		}
		out = append(out, p)
	}
	s.files.complete = nil
	return out
}

// closing reports whether what says that a record's attachments are complete
// is on its way to the disk.
func (s *Station) closing(log store.LogID, index uint64) bool {
	return s.saving != nil && slices.Contains(s.saving.batch.Attached, store.Attached{Log: log, Index: index})
}
