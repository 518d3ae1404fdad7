// SPDX-License-Identifier: Apache-2.0

package boot

import (
	"openline/extract"
	"openline/identity"
	"openline/internal/store"
	"openline/internal/store/sqlite"
	"openline/record"
	"openline/tlog"
)

// Source is one line of a store as an extract is gathered from it. Nothing
// may be saved to the store meanwhile: take a copy of a running station's.
func Source(db *sqlite.DB, line identity.LineID) extract.Source {
	return source{db, line, db.Line(line)}
}

type source struct {
	db   *sqlite.DB
	line identity.LineID
	r    *sqlite.Reader
}

func (s source) Logs() ([]extract.Held, error) {
	saved, err := s.db.Load(s.line)
	if err != nil {
		return nil, err
	}
	var out []extract.Held
	for _, l := range saved.Logs {
		out = append(out, extract.Held{
			Log: extract.LogID(l.Log), Card: l.Card, Base: l.Base, Size: l.Size, Root: l.Root, Checkpoint: l.Checkpoint, Pending: l.Pending,
		})
	}
	return out, nil
}

func (s source) Entries(log extract.LogID, from uint64, max, maxBytes int) ([]record.Entry, error) {
	return s.r.Entries(store.LogID(log), from, max, maxBytes)
}

func (s source) Hashes(log extract.LogID) tlog.HashReader { return s.r.Hashes(store.LogID(log)) }

func (s source) Statements(log, by extract.LogID, size uint64, pq bool, max int) ([]extract.Statement, error) {
	list, err := s.r.Statements(store.LogID(log), store.LogID(by), size, pq, max)
	if err != nil {
		return nil, err
	}
	out := make([]extract.Statement, len(list))
	for i, st := range list {
		out[i] = extract.Statement{
			Log: extract.LogID(st.Log), By: extract.LogID(st.By), Size: st.Size, Root: st.Root, At: st.At, PQ: st.PQ, Line: st.Bytes,
		}
	}
	return out, nil
}
