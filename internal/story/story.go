// SPDX-License-Identifier: Apache-2.0

package story

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"openline/internal/desk/contact"
)

//go:embed affair sea
var files embed.FS

// Names are the stories there are; the first is told unless another is asked for.
func Names() []string { return []string{"affair", "sea"} }

// The labels: who stands behind an event.
const (
	Reported    = "reported"
	Differently = "differently" // both accounts are given
	Supplied    = "supplied"    // invented for the demonstration
)

// Story is the whole affair.
type Story struct {
	Name       string    `toml:"name"`
	Fiction    bool      `toml:"fiction"` // its parties do not exist
	Headline   string    `toml:"headline"`
	Heading    string    `toml:"heading"` // of the page with both consoles
	Asks       string    `toml:"asks"`    // what a visitor of that page is asked to look for
	Lead       string    `toml:"lead"`    // said before the brief
	Extract    string    `toml:"extract"` // the event of which a no-reply extract is made; empty: none
	Slug       string    `toml:"slug"`
	Begins     time.Time `toml:"begins"`
	Ends       time.Time `toml:"ends"`
	TestsEvery string    `toml:"tests_every"`
	Parties    []Party   `toml:"party"`
	Hosts      []Post    `toml:"host"` // of occasions; no parties of the line
	Clocks     []Clocks  `toml:"clocks"`
	Events     []Event   `toml:"event"`
	Facts      []Fact    `toml:"fact"`

	Deliberations []Deliberation `toml:"deliberation"`

	WayOut *Chapter `toml:"-"` // what follows, if the story has a second chapter

	contacts []contact.Contact
}

// Deliberation is what one side is reported to have turned over by itself.
type Deliberation struct {
	Side      string     `toml:"side"`
	Question  string     `toml:"question"`
	Subject   string     `toml:"subject"`
	Options   []string   `toml:"options"`
	Positions []Position `toml:"position"`
}

// Position is how somebody is reported to stand to an option.
type Position struct {
	Option      int    `toml:"option"` // from 1
	Who         string `toml:"who"`
	Neutral     string `toml:"neutral"` // empty: as it is
	Arguments   string `toml:"arguments"`
	Stance      string `toml:"stance"`
	Attribution string `toml:"attribution"`
	Source      string `toml:"source"`
	Said        string `toml:"said"`
}

// Chapter is what is said after the story has ended. All of it is supplied.
type Chapter struct {
	Title  string    `toml:"title"`
	Says   string    `toml:"says"`
	Ends   time.Time `toml:"ends"`
	Events []Event   `toml:"event"`
}

// Party is one side.
type Party struct {
	Name     string `toml:"name"`
	Short    string `toml:"short"`
	Language string `toml:"language"`
	Title    string `toml:"title"`
	Neutral  string `toml:"neutral"`
	Posts    []Post `toml:"post"`
}

// Post is an office that can be addressed.
type Post struct {
	ID          string `toml:"id"`
	Office      string `toml:"office"`
	Neutral     string `toml:"neutral"`
	Rank        string `toml:"rank"`
	RankNeutral string `toml:"rank_neutral"`
}

// Clocks is what a side declares of its hours, as it is typed.
type Clocks struct {
	Side   string `toml:"side"`
	Hours  string `toml:"hours"`
	Clocks string `toml:"clocks"`
	Zone   string `toml:"zone"`
	// Answers are the minutes of the day, UTC, at which a duty officer answers
	// the newest line test in person.
	Answers []string `toml:"answers"`
}

// Event is something said on the line; always supplied.
type Event struct {
	At         time.Time `toml:"at"`
	ID         string    `toml:"id"`
	Side       string    `toml:"side"`
	Code       string    `toml:"code"`
	From       string    `toml:"from"`
	To         string    `toml:"to"`
	Re         string    `toml:"re"`
	Params     []string  `toml:"params"`
	Text       string    `toml:"text"`
	Courtesy   string    `toml:"courtesy"` // English translation of the text
	Wished     time.Time `toml:"wished"`
	Two        bool      `toml:"two"` // it takes two persons
	Invitation int       `toml:"invitation"`
	Tell       string    `toml:"tell"`
}

// Fact is what the public record says, from the day it was learned.
type Fact struct {
	Learned toml.LocalDate `toml:"learned"`
	Label   string         `toml:"label"`
	Text    string         `toml:"text"`
	Neutral string         `toml:"neutral"`
	Source  string         `toml:"source"`
}

// At is the end of the day on which the fact was learned.
func (f Fact) At() time.Time { return f.Learned.AsTime(time.UTC).Add(24*time.Hour - time.Second) }

// Load reads a story. With neutral names it is played by Blue and Red.
func Load(name string, neutral bool) (*Story, error) {
	if !slices.Contains(Names(), name) {
		return nil, fmt.Errorf("there is no story %.40q; there are %s", name, strings.Join(Names(), ", "))
	}
	s, err := read(name)
	if err != nil {
		return nil, fmt.Errorf("the story %s: %w", name, err)
	}
	if neutral && !s.Fiction {
		s.neutralise()
	}
	return s, nil
}

func read(name string) (*Story, error) {
	var s Story
	if err := decode(name+"/story.toml", &s); err != nil {
		return nil, err
	}
	b, err := files.ReadFile(name + "/contacts.csv")
	if err != nil {
		return nil, err
	}
	if s.contacts, err = contact.Parse(b); err != nil {
		return nil, fmt.Errorf("contacts: %w", err)
	}
	var next Chapter
	switch err := decode(name+"/way-out.toml", &next); {
	case err == nil:
		s.WayOut = &next
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	return &s, s.check()
}

func decode(name string, into any) error {
	b, err := files.ReadFile(name)
	if err != nil {
		return err
	}
	if err := toml.NewDecoder(bytes.NewReader(b)).DisallowUnknownFields().Decode(into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func (s *Story) check() error {
	if len(s.Parties) != 2 || !s.Begins.Before(s.Ends) {
		return fmt.Errorf("it has %d parties and plays from %v to %v", len(s.Parties), s.Begins, s.Ends)
	}
	ids := map[string]bool{}
	if err := s.checkEvents(s.Events, s.Begins, s.Ends, ids); err != nil {
		return err
	}
	if s.Extract != "" && !ids[s.Extract] {
		return fmt.Errorf("no event is called %q", s.Extract)
	}
	if w := s.WayOut; w != nil {
		if err := s.checkEvents(w.Events, s.Ends, w.Ends, ids); err != nil {
			return fmt.Errorf("second chapter: %w", err)
		}
	}
	for i, f := range s.Facts {
		if !slices.Contains([]string{Reported, Differently}, f.Label) || f.Source == "" || f.Text == "" || f.Neutral == "" {
			return fmt.Errorf("fact %d lacks a label, a source or its words", i+1)
		}
	}
	return nil
}

func (s *Story) checkEvents(events []Event, begins, ends time.Time, ids map[string]bool) error {
	last := begins
	for i, e := range events {
		switch {
		case e.At.Before(last) || e.At.After(ends):
			return fmt.Errorf("event %d, %s, is out of order", i+1, e.At)
		case s.party(e.Side) == nil:
			return fmt.Errorf("event %d is of %q, who is no party", i+1, e.Side)
		case e.Re != "" && !ids[e.Re]:
			return fmt.Errorf("event %d answers %q, which has not come", i+1, e.Re)
		case e.Tell == "":
			return fmt.Errorf("event %d is not told", i+1)
		}
		last = e.At
		ids[e.ID] = e.ID != ""
	}
	return nil
}

func (s *Story) party(short string) *Party {
	for i := range s.Parties {
		if s.Parties[i].Short == short {
			return &s.Parties[i]
		}
	}
	return nil
}

// Contacts gives what one side knows from elsewhere, as known at the end of
// the story and later; records names the events on the line by their id.
func (s *Story) Contacts(side string, records map[string]string) []contact.Contact {
	first := s.Parties[0].Short == side
	out := make([]contact.Contact, 0, len(s.contacts))
	for _, c := range s.contacts {
		if id, ok := strings.CutPrefix(c.Record, "event:"); ok {
			c.Record = records[id]
		}
		if !first {
			c.Ours, c.Theirs = c.Theirs, c.Ours
			c.Asked = map[string]string{contact.AskedOurs: contact.AskedTheirs, contact.AskedTheirs: contact.AskedOurs}[c.Asked]
			if c.Asked == "" {
				c.Asked = contact.AskedUnknown
			}
		}
		out = append(out, c)
	}
	return out
}
