// SPDX-License-Identifier: Apache-2.0

package mirror

import (
	"fmt"

	"openline/record"
	"openline/tlog"
)

// Statement is a cosignature on its way: by one party over a head of a log.
// Over another's log it is a receipt, over its own a timed head.
type Statement struct {
	Log  LogID // whose head
	By   LogID // whose cosigner key
	Size uint64
	Line []byte // the signature line of the note
	PQ   bool
}

const maxStatementLine = 8 << 10

// Encode writes the statement as spec/mirror.md section 4 says. The root is
// not sent: who receives it knows the root at that size or cannot use it.
func (s Statement) Encode() []byte {
	w := record.NewWriter()
	w.Array(7)
	w.Uint(uint64(s.Log.Party))
	w.Uint(uint64(s.Log.Generation))
	w.Uint(uint64(s.By.Party))
	w.Uint(uint64(s.By.Generation))
	w.Uint(s.Size)
	w.Bool(s.PQ)
	w.Bytes(s.Line)
	return w.Finish()
}

// DecodeStatement reads a statement.
func DecodeStatement(b []byte) (s Statement, err error) {
	r := record.NewReader(b)
	if err = r.Tuple(7, "a statement"); err != nil {
		return s, err
	}
	if s.Log, err = decodeLog(r); err != nil {
		return s, err
	}
	if s.By, err = decodeLog(r); err != nil {
		return s, err
	}
	if s.Size, err = decodeIndex(r); err != nil {
		return s, err
	}
	if s.PQ, err = r.Bool(); err != nil {
		return s, err
	}
	if s.Line, err = r.Bytes(maxStatementLine); err != nil {
		return s, err
	}
	return s, r.Done()
}

// TakeStatement verifies a cosignature by this mirror's party over c, which
// is the head held here at the statement's size. One that contradicts what
// the party signed before (a size that falls while time rises) comes back
// once as a [*tlog.ForkError], to be kept, and after that as
// [ErrTwoHistories]; over the party's own log it also ends what is receipted
// of that generation. Repeating a statement does no harm.
func (m *Mirror) TakeStatement(s Statement, c tlog.Checkpoint) (at uint64, err error) {
	g := m.find(s.By.Generation)
	if g == nil || s.By.Party != m.cfg.No {
		return 0, ErrNoCard
	}
	if m.cfg.Own || c.Size != s.Size {
		return 0, fmt.Errorf("%w: it is not over the head it is held against", ErrStatement)
	}
	return g.speak(Spoken{s.Log, c, s.Line, s.PQ})
}

// speak verifies a cosignature and holds it against the newest over the same
// log, whichever of the two algorithms made them.
func (g *generation) speak(s Spoken) (at uint64, err error) {
	v := g.keys.Cosigner
	if s.PQ {
		v = g.keys.CosignerPQ
	}
	c := s.Checkpoint
	if at, err = v.Verify(c, s.Line); err != nil {
		return 0, fmt.Errorf("%w: %v", ErrStatement, err)
	}
	last := g.newest[s.Log]
	switch {
	case last.note != nil && (at > last.at && c.Size < last.size || at < last.at && c.Size > last.size):
		if last.accused {
			return at, ErrTwoHistories
		}
		last.accused = true
		g.newest[s.Log] = last
		g.forked = g.forked || s.Log == g.id
		return at, &tlog.ForkError{Accusation: tlog.SizeFell(last.note, noteOf(c, s.Line))}
	case last.note == nil, at > last.at, at == last.at && c.Size > last.size:
		g.newest[s.Log] = mark{at, c.Size, noteOf(c, s.Line), last.accused}
	}
	return at, nil
}

// noteOf is the checkpoint with one cosignature line: a note of its own that
// anyone can verify.
func noteOf(c tlog.Checkpoint, line []byte) []byte {
	return append([]byte(c.Text()+"\n"), line...)
}
