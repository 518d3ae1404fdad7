// SPDX-License-Identifier: Apache-2.0

package console

import (
	"cmp"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/pelletier/go-toml/v2"

	"openline/identity"
	"openline/internal/station"
)

// maxAttempts is how many are shown; the journal keeps all.
const maxAttempts = 500

// journalPage is how many entries of a journal are read at a time.
const journalPage = 64

// attemptsRead is how far each journal was read for this page.
type attemptsRead struct {
	mu   sync.Mutex
	next map[identity.LineID]uint64
	list []attemptRow
}

type attemptRow struct {
	attempt
	At   time.Time
	Kind string
	Line string
	n    uint64 // its place in the journal
	Torn bool   // a note of this kind that says nothing we can read
}

// Badly reports whether somebody was not let in, or not given a signature.
func (a attemptRow) Badly() bool {
	return a.What == "turned away" || a.What == "not signed" || a.What == "not for the role"
}

// attempts shows who came and went, was turned away, and signed: the newest
// first.
func (s *Server) attempts(w http.ResponseWriter, r *http.Request, who *seat) error {
	list, err := s.readAttempts()
	if err != nil {
		return err
	}
	s.show(w, r, who, "attempts", http.StatusOK, "title.attempts", list)
	return nil
}

func (s *Server) readAttempts() ([]attemptRow, error) {
	if s.cfg.Journal == nil {
		return nil, nil
	}
	a := &s.came
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.next == nil {
		a.next = map[identity.LineID]uint64{}
	}
	for _, l := range s.lines {
		for {
			page, err := s.cfg.Journal(l.ID, a.next[l.ID], journalPage)
			if err != nil {
				return nil, err
			}
			for i, e := range page {
				if e.Kind == entering || e.Kind == release {
					a.list = append(a.list, readAttempt(l.ID, a.next[l.ID]+uint64(i), e))
				}
			}
			a.next[l.ID] += uint64(len(page))
			if len(page) < journalPage {
				break
			}
		}
	}
	slices.SortStableFunc(a.list, func(x, y attemptRow) int { return cmp.Or(y.At.Compare(x.At), cmp.Compare(y.n, x.n)) })
	a.list = slices.Clone(a.list[:min(len(a.list), maxAttempts)])
	return slices.Clone(a.list), nil
}

func readAttempt(line identity.LineID, n uint64, e station.JournalEntry) attemptRow {
	row := attemptRow{At: instant(e.At), Kind: e.Kind, Line: line.Slug(), n: n}
	row.Torn = toml.Unmarshal(e.Note(), &row.attempt) != nil
	return row
}
