// SPDX-License-Identifier: Apache-2.0

package deliberation

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"openline/internal/desk"
	"openline/internal/desk/contact"
)

// What a note does.
const (
	DoOpen     = "open"
	DoOption   = "option"
	DoPosition = "position"
	DoDecide   = "decide"
	DoRecord   = "record"
)

// Note is one entry as it is written: JSON, one object.
type Note struct {
	V     int    `json:"v"`
	Token string `json:"token"` // a note written twice has it twice
	Do    string `json:"do"`
	By    string `json:"by,omitempty"`
	On    int    `json:"on,omitempty"` // number of the deliberation; absent where it opens one

	Question string   `json:"question,omitempty"`
	Subject  string   `json:"subject,omitempty"`
	Options  []string `json:"options,omitempty"` // of open and option

	Option      int    `json:"option,omitempty"`
	Who         string `json:"who,omitempty"`
	Stance      Stance `json:"stance,omitempty"`
	Arguments   string `json:"arguments,omitempty"`
	Attribution string `json:"attribution,omitempty"`
	Source      string `json:"source,omitempty"`
	Said        string `json:"said,omitempty"`

	Words  string `json:"words,omitempty"`
	Record string `json:"record,omitempty"`
	What   string `json:"what,omitempty"`
}

// Bounds of a note.
const (
	maxLine    = 400
	maxWords   = 64 << 10
	maxOptions = 64
	maxOpen    = 10_000
)

var refForm = regexp.MustCompile(`^[a-z0-9-]{1,63}/[1-9][0-9]{0,18}$`)

// Book is the deliberations of a line. The zero Book is empty. It is not safe
// for concurrent use.
type Book struct {
	desk.Tokens
	list []Deliberation
}

// All are all deliberations, by number. They are not to be changed.
func (b *Book) All() []Deliberation { return b.list }

// ErrNone is the answer to a number nothing has.
var ErrNone = errors.New("there is no such deliberation on this line; openline deliberation list LINE shows those there are")

// Get gives one by its number.
func (b *Book) Get(no int) (Deliberation, error) {
	if no < 1 || no > len(b.list) {
		return Deliberation{}, ErrNone
	}
	return b.list[no-1], nil
}

// Head is the note's version and token.
func (n Note) Head() (version int, token string) { return n.V, n.Token }

// Check holds a note to what the book knows.
func (b *Book) Check(n Note) error {
	if err := desk.CheckHead(n); err != nil {
		return err
	}
	for what, s := range map[string]string{"who wrote it": n.By, "the subject": n.Subject, "the source": n.Source, "who": n.Who} {
		if err := desk.Plain(what, s, maxLine); err != nil {
			return err
		}
	}
	for what, s := range map[string]string{"the arguments": n.Arguments, "the words": n.Words} {
		if err := desk.Plain(what, s, maxWords); err != nil {
			return err
		}
	}
	if n.Do == DoOpen {
		if len(b.list) >= maxOpen {
			return fmt.Errorf("a line has at most %d deliberations", maxOpen)
		}
		if err := desk.Line("the question", n.Question, maxLine); err != nil {
			return err
		}
		return checkOptions(n.Options, 0)
	}
	d, err := b.Get(n.On)
	if err != nil {
		return err
	}
	return n.on(&d)
}

func checkOptions(list []string, have int) error {
	if len(list)+have > maxOptions {
		return fmt.Errorf("a question has at most %d options", maxOptions)
	}
	for _, o := range list {
		if err := desk.Line("an option", o, maxLine); err != nil {
			return err
		}
	}
	return nil
}

// on holds a note to the deliberation it is on.
func (n Note) on(d *Deliberation) error {
	option := func(least int) error {
		if n.Option < least || n.Option > len(d.Options) {
			return fmt.Errorf("deliberation %d has %d options; there is no option %d", d.No, len(d.Options), n.Option)
		}
		return nil
	}
	switch n.Do {
	case DoOption:
		if len(n.Options) == 0 {
			return errors.New("name the option")
		}
		return checkOptions(n.Options, len(d.Options))
	case DoPosition:
		if err := desk.Line("who", n.Who, maxLine); err != nil {
			return err
		}
		if !slices.Contains(Stances, n.Stance) {
			return fmt.Errorf("%.40q is no stance; write one of: favours strongly, favours, undecided, opposes, opposes strongly", n.Stance)
		}
		if n.Attribution != "" && !slices.Contains(Attributions, n.Attribution) {
			return fmt.Errorf("%.40q is no attribution; write official, record, anonymous or press, or nothing", n.Attribution)
		}
		if _, ok := contact.ParseTime(n.Said); !ok {
			return fmt.Errorf("%.40q is no day or time; write it like 2021-05-21 or 2021-05-21T10:41:00Z", n.Said)
		}
		return option(1)
	case DoDecide:
		if n.Option == 0 && n.Words == "" {
			return errors.New("say which option was decided for, or in words what was")
		}
		return option(0)
	case DoRecord:
		if !refForm.MatchString(n.Record) {
			return fmt.Errorf("%.40q is no record's name; write party/number, like blue/412", n.Record)
		}
		if !slices.Contains(Links, n.What) {
			return fmt.Errorf("%.40q is not what a record can be here; write released, led to or stated", n.What)
		}
		return nil
	}
	return fmt.Errorf("%.40q is nothing a deliberation does", n.Do)
}

// Fold takes up one entry of the journal; those of other kinds are none of
// its business.
func (b *Book) Fold(e desk.Entry) error {
	if e.Kind != Kind {
		return nil
	}
	return desk.Take(&b.Tokens, e, b.Check, func(n Note) int { return b.apply(n, e.At) })
}

// apply changes the book and gives the number of the deliberation.
func (b *Book) apply(n Note, at time.Time) int {
	if n.Do == DoOpen {
		b.list = append(b.list, Deliberation{No: len(b.list) + 1, At: at, By: n.By, Question: n.Question, Subject: n.Subject,
			Options: []Option{}, Positions: []Position{}, Decisions: []Decision{}, Records: []Link{}})
		n.On = len(b.list)
	}
	// A copy that was handed out keeps what it had.
	d := &b.list[n.On-1]
	switch n.Do {
	case DoOpen, DoOption:
		d.Options = slices.Clone(d.Options)
		for _, o := range n.Options {
			d.Options = append(d.Options, Option{len(d.Options) + 1, o, at, n.By})
		}
	case DoPosition:
		d.Positions = append(slices.Clone(d.Positions), Position{n.Option, n.Who, n.Stance, n.Arguments, n.Attribution, n.Source, n.Said, at, n.By})
	case DoDecide:
		d.Decisions = append(slices.Clone(d.Decisions), Decision{n.Option, n.Words, at, n.By})
	case DoRecord:
		d.Records = append(slices.Clone(d.Records), Link{n.Record, n.What, n.Words, at, n.By})
	}
	return n.On
}
