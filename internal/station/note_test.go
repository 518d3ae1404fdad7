// SPDX-License-Identifier: Apache-2.0

package station_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
	"time"

	"openline/internal/station"
	"openline/internal/station/stationtest"
)

func TestNotePartsAreJoined(t *testing.T) {
	e := station.JournalEntry{Kind: "contacts", Proof: [][]byte{{1, 2}, {3}}}
	if got := e.Note(); !bytes.Equal(got, []byte{1, 2, 3}) {
		t.Errorf("%x", got)
	}
}

// A note is durable before it is answered, large ones come back whole, and
// nothing of it leaves; a station that does not sign takes it too.
func TestANoteIsKeptInTheJournal(t *testing.T) {
	for name, hold := range map[string]bool{"signing": false, "in doubt": true} {
		t.Run(name, func(t *testing.T) {
			b := opened(t, stationtest.Terms{})
			blue := b.sides[0]
			if hold {
				blue.skew = 48 * time.Hour
				b.pass(time.Second)
				if blue.st.Hold() != station.HoldClock {
					t.Fatalf("hold %q", blue.st.Hold())
				}
			}
			large := bytes.Repeat([]byte{7, 8, 9}, 1<<19)
			for i, bytesOf := range [][]byte{[]byte("first"), large, {}} {
				n, sent := note(blue, station.Note{Token: fmt.Sprint(i), Kind: "contacts", Bytes: bytesOf})
				if n.Err != nil || n.Token != fmt.Sprint(i) {
					t.Fatalf("note %d: %+v", i, n)
				}
				if bytes.Contains(sent, []byte("first")) || bytes.Contains(sent, []byte{7, 8, 9, 7, 8, 9}) {
					t.Error("a note left the station")
				}
				entries := blue.disk.JournalEntries()
				e, err := station.DecodeJournalEntry(entries[len(entries)-1])
				if err != nil || e.Kind != "contacts" || !bytes.Equal(e.Note(), bytesOf) {
					t.Errorf("note %d: %v, %d bytes", i, err, len(e.Note()))
				}
			}
			for _, bad := range []station.Note{{Kind: "act"}, {Kind: "claim"}, {Kind: ""}, {Kind: "Two Words"}, {Kind: "contacts", Bytes: make([]byte, station.MaxNote+1)}} {
				if n, _ := note(blue, bad); !errors.Is(n.Err, station.ErrNote) {
					t.Errorf("%q of %d bytes: %+v", bad.Kind, len(bad.Bytes), n)
				}
			}
		})
	}
}

// A note whose save has an unknown outcome is answered as such.
func TestANoteOfUnknownOutcomeSaysSo(t *testing.T) {
	b := opened(t, stationtest.Terms{})
	blue := b.sides[0]
	for _, e := range blue.st.Step(station.Note{Token: "n", Kind: "contacts", Bytes: []byte("x")}, blue.clock()) {
		if save, ok := e.(station.Save); ok {
			for _, e := range blue.st.Step(station.SaveDone{ID: save.ID, Err: errors.New("the disk is gone")}, blue.clock()) {
				if n, ok := e.(station.Noted); ok && n.Err != nil {
					return
				}
			}
		}
	}
	t.Error("the asker is not told")
}

// note gives a side a note and carries out what follows.
func note(s *side, n station.Note) (answer station.Noted, sent []byte) {
	s.step(n)
	for len(s.todo) > 0 {
		switch e := s.next().(type) {
		case station.Noted:
			answer = e
		case station.Send:
			for _, f := range e.Frames {
				sent = append(sent, f...)
			}
		}
	}
	return answer, sent
}
