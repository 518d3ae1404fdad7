// SPDX-License-Identifier: Apache-2.0

package station

import (
	"errors"
	"fmt"
	"strings"

	"openline/internal/desk/mandate"
)

// Note asks to write something of the party's own to its journal: imported
// contacts, a deliberation. It is never sent and nothing is signed for it, so
// that it is taken while the station does not sign as well. Token names the
// asker; it is answered by [Noted].
type Note struct {
	Token string
	Kind  string // a word of the desk's: "contacts"
	Bytes []byte // at most MaxNote
}

// Noted answers a [Note]: durable, or why not. Writing the same again after
// an unknown outcome may write it twice; readers of a kind bear that.
type Noted struct {
	Token string
	Err   error
}

func (Note) event()   {}
func (Noted) effect() {}

// MaxNote is how many bytes one note may have. An entry holds it in parts of
// at most notePart.
const (
	MaxNote  = 16 << 20
	notePart = 1 << 20
)

// ErrNote is the answer to a note that no journal takes.
var ErrNote = errors.New("this cannot be written to the journal")

func (s *Station) note(ev Note) {
	var err error
	switch {
	case !noteKind(ev.Kind):
		err = fmt.Errorf("%w: %.40q is no kind of a note", ErrNote, ev.Kind)
	case len(ev.Bytes) > MaxNote:
		err = fmt.Errorf("%w: it has %d bytes, at most %d are taken", ErrNote, len(ev.Bytes), MaxNote)
	case s.noteBytes()+len(ev.Bytes) > MaxNote:
		err = ErrTooMany
	}
	if err != nil {
		s.do(Noted{ev.Token, err})
		return
	}
	s.notes = append(s.notes, ev)
}

// noteKind keeps notes apart from what the station itself writes.
func noteKind(k string) bool {
	return k != "" && len(k) <= 32 && k != journalAct && k != journalClaim && k != journalRemoved &&
		k != mandate.KindTable && k != mandate.KindState && k != mandate.KindAlone &&
		strings.Trim(k, "abcdefghijklmnopqrstuvwxyz-") == ""
}

func (s *Station) noteBytes() (n int) {
	for _, w := range s.notes {
		n += len(w.Bytes)
	}
	return n
}

// gatherNotes writes what waits into the batch; whoever asked is told once
// it is durable.
func (s *Station) gatherNotes(g *saving) {
	for _, n := range s.notes {
		e := JournalEntry{At: s.now.stamp(), Kind: n.Kind}
		for b := n.Bytes; len(b) > 0; {
			k := min(len(b), notePart)
			e.Proof, b = append(e.Proof, b[:k]), b[k:]
		}
		s.write(g, e)
		g.noted = append(g.noted, n.Token)
	}
	s.notes = nil
}

// Note gives the bytes of an entry that a [Note] made.
func (e JournalEntry) Note() []byte {
	var out []byte
	for _, b := range e.Proof {
		out = append(out, b...)
	}
	return out
}

// tellNoted answers those whose notes are in a batch, or wait for the next.
func (s *Station) tellNoted(g *saving, err error) {
	for _, token := range g.noted {
		s.do(Noted{token, err})
	}
	if err == nil {
		return
	}
	for _, n := range s.notes {
		s.do(Noted{n.Token, err})
	}
	s.notes = nil
	if c := s.changing; c != nil && !c.taken {
		s.do(Noted{c.token, err})
	}
	s.changing = nil
}
