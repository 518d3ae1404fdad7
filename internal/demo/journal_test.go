// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"bytes"
	"fmt"
	"sync"
	"testing"

	"openline/internal/desk/deliberation"
	"openline/internal/desk/roster"
	"openline/internal/host"
	"openline/internal/host/shelf"
	"openline/internal/story"
)

// leak is a search of every frame that leaves a station.
type leak struct {
	mu           sync.Mutex
	canary       []byte
	frames, sent int
	found, heard bool
}

func (l *leak) around(b host.Bearer) host.Bearer { return searched{b, l} }

type searched struct {
	host.Bearer
	l *leak
}

func (b searched) WriteFrames(frames [][]byte) error {
	b.l.mu.Lock()
	for _, f := range frames {
		b.l.frames++
		b.l.sent += len(f)
		b.l.found = b.l.found || bytes.Contains(f, b.l.canary)
		b.l.heard = b.l.heard || bytes.Contains(f, []byte("LT01"))
	}
	b.l.mu.Unlock()
	return b.Bearer.WriteFrames(frames)
}

// In every story nothing leaves a station of what its desk keeps to itself.
func TestNothingOfTheJournalLeavesInAnyStory(t *testing.T) {
	if testing.Short() {
		t.Skip("plays whole stories; takes seconds")
	}
	for _, name := range story.Names() {
		t.Run(name, func(t *testing.T) {
			s, err := story.Load(name, false)
			if err != nil {
				t.Fatal(err)
			}
			l := &leak{canary: []byte("kept-at-home")}
			p := playerOn(t, s, &Teller{W: t.Output()}, l.around)
			i := 0
			write := func() error {
				i++
				return keepHome(t, p, string(l.canary), i)
			}
			if err := write(); err != nil {
				t.Fatal(err)
			}
			if err := p.Play(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := write(); err != nil {
				t.Fatal(err)
			}
			if err := p.rest(t.Context()); err != nil {
				t.Fatal(err)
			}
			t.Logf("%d frames, %d bytes", l.frames, l.sent)
			if l.found || !l.heard {
				t.Errorf("found %v; and line tests were found: %v", l.found, l.heard)
			}
		})
	}
}

// keepHome has both desks write what is theirs alone.
func keepHome(t *testing.T, p *Player, canary string, i int) error {
	for _, side := range p.Sides {
		s := shelf.New(side.Host)
		if _, err := s.Deliberate(t.Context(), p.Line, deliberation.Note{Do: deliberation.DoOpen, Question: fmt.Sprint(canary, i), Options: []string{canary}}); err != nil {
			return err
		}
		if _, err := s.Enter(t.Context(), p.Line, roster.Note{Do: roster.DoHandover, Taker: canary, Words: canary}); err != nil {
			return err
		}
		if _, err := s.Import(t.Context(), p.Line, p.Story.Contacts(side.Short, map[string]string{"first": canary})); err != nil {
			return err
		}
		if err := side.Host.Note(t.Context(), p.Line, "drafts", []byte(canary)); err != nil {
			return err
		}
	}
	return nil
}
