// SPDX-License-Identifier: Apache-2.0

package roster

import (
	"errors"
	"fmt"
	"maps"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"time"

	"openline/internal/desk"
)

// What a note does.
const (
	DoPerson       = "person"
	DoGone         = "gone" // a person is no longer reached
	DoShift        = "shift"
	DoDrop         = "drop" // a shift
	DoHandover     = "handover"
	DoAlarm        = "alarm"
	DoStep         = "step"
	DoAcknowledged = "acknowledged"
)

// kindOf says under which kind of entry a note is kept.
var kindOf = map[string]string{
	DoPerson: KindRoster, DoGone: KindRoster, DoShift: KindRoster, DoDrop: KindRoster,
	DoHandover: KindWatch, DoAlarm: KindWatch, DoStep: KindWatch, DoAcknowledged: KindWatch,
}

// Note is one entry as it is written: JSON, one object.
type Note struct {
	V     int    `json:"v"`
	Token string `json:"token"` // a note written twice has it twice
	Do    string `json:"do"`
	By    string `json:"by,omitempty"`

	Name    string `json:"name,omitempty"`
	Console bool   `json:"console,omitempty"`
	Email   string `json:"email,omitempty"`
	Webhook string `json:"webhook,omitempty"`
	Phone   string `json:"phone,omitempty"`
	Words   string `json:"words,omitempty"`

	From     time.Time `json:"from,omitzero"`
	To       time.Time `json:"to,omitzero"`
	Deputies []string  `json:"deputies,omitempty"`
	Of       int       `json:"of,omitempty"` // number of the shift or the alarm

	Giver string `json:"giver,omitempty"`
	Taker string `json:"taker,omitempty"`

	Code    string `json:"code,omitempty"`
	Party   string `json:"party,omitempty"`
	Record  string `json:"record,omitempty"`
	Text    string `json:"text,omitempty"`
	Way     string `json:"way,omitempty"`
	Outcome string `json:"outcome,omitempty"`
}

// Kind is the kind of entry the note is kept under.
func (n Note) Kind() string { return kindOf[n.Do] }

// Bounds.
const (
	maxPersons  = 1000
	maxShifts   = 20_000
	maxDeputies = 16
	maxShift    = 31 * 24 * time.Hour
	maxAlarms   = 5000 // held; older ones are left in the journal
	maxSteps    = 64   // of one alarm
	maxWords    = 16 << 10
	maxLine     = 400
)

var nameForm = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{0,31}$`)

func checkName(what, s string) error {
	if !nameForm.MatchString(s) {
		return fmt.Errorf("%s: %.40q is not a person's short name; write small letters, digits, dots and hyphens", what, s)
	}
	return nil
}

// Book is the roster of a line. The zero Book is empty. It is not safe for
// concurrent use.
type Book struct {
	desk.Tokens
	persons   map[string]Person
	shifts    []Shift
	handovers []Handover
	alarms    []Alarm
	left      int // older alarms, which are in the journal only
}

// Persons are those who are reached, by name.
func (b *Book) Persons() []Person {
	return slices.SortedFunc(maps.Values(b.persons), func(p, q Person) int {
		if p.Name < q.Name {
			return -1
		}
		return 1
	})
}

// Person is how one is reached.
func (b *Book) Person(name string) (Person, bool) {
	p, ok := b.persons[name]
	return p, ok
}

// Shifts are those that end after an hour, dropped ones left out, by their
// beginning.
func (b *Book) Shifts(after time.Time) []Shift {
	out := []Shift{}
	for _, s := range b.shifts {
		if !s.Dropped && s.To.After(after) {
			out = append(out, s)
		}
	}
	slices.SortStableFunc(out, func(a, b Shift) int { return a.From.Compare(b.From) })
	return out
}

// Handovers are all hand-overs, oldest first.
func (b *Book) Handovers() []Handover { return b.handovers }

// Alarms are the newest alarms, oldest first, and how many older ones are in
// the journal only.
func (b *Book) Alarms() (held []Alarm, left int) { return b.alarms, b.left }

// Head is the note's version and token.
func (n Note) Head() (version int, token string) { return n.V, n.Token }

// Check holds a note to what the book knows.
func (b *Book) Check(n Note) error {
	if err := desk.CheckHead(n); err != nil {
		return err
	}
	for what, s := range map[string]string{"who wrote it": n.By, "the telephone": n.Phone, "the code": n.Code, "the party": n.Party, "the record": n.Record,
		"the way": n.Way, "the outcome": n.Outcome} {
		if err := desk.Plain(what, s, maxLine); err != nil {
			return err
		}
	}
	for what, s := range map[string]string{"the words": n.Words, "the text": n.Text} {
		if err := desk.Plain(what, s, maxWords); err != nil {
			return err
		}
	}
	switch n.Do {
	case DoPerson, DoGone:
		return b.checkPerson(n)
	case DoShift:
		return b.checkShift(n)
	case DoDrop:
		if s := b.shift(n.Of); s == nil || s.Dropped {
			return fmt.Errorf("there is no shift %d; openline roster LINE lists them", n.Of)
		}
	case DoHandover:
		if n.Giver != "" {
			if err := checkName("who gives it", n.Giver); err != nil {
				return err
			}
		}
		return checkName("who takes it", n.Taker)
	case DoAlarm:
		return desk.Line("the alarm", n.Text, maxLine)
	case DoStep, DoAcknowledged:
		return b.checkAlarm(n)
	default:
		return fmt.Errorf("%.40q is nothing a roster does", n.Do)
	}
	return nil
}

func (b *Book) checkPerson(n Note) error {
	if err := checkName("the person", n.Name); err != nil {
		return err
	}
	_, known := b.persons[n.Name]
	if n.Do == DoGone {
		if !known {
			return fmt.Errorf("%s is not on the roster", n.Name)
		}
		return nil
	}
	if !known && len(b.persons) >= maxPersons {
		return fmt.Errorf("a roster has at most %d persons", maxPersons)
	}
	if n.Email != "" {
		if a, err := mail.ParseAddress(n.Email); err != nil || a.Address != n.Email {
			return fmt.Errorf("%.60q is no address of e-mail; write it like desk@blue.example", n.Email)
		}
	}
	if n.Webhook != "" {
		if u, err := url.Parse(n.Webhook); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || len(n.Webhook) > maxLine {
			return fmt.Errorf("%.60q is no address of a webhook; write it like https://alerts.blue.example/desk", n.Webhook)
		}
	}
	return nil
}

func (b *Book) checkShift(n Note) error {
	if err := checkName("who is on", n.Name); err != nil {
		return err
	}
	switch {
	case n.From.IsZero() || !n.From.Before(n.To):
		return errors.New("a shift has a beginning, and an end after it")
	case n.To.Sub(n.From) > maxShift:
		return errors.New("a shift lasts at most 31 days; enter several")
	case len(n.Deputies) > maxDeputies:
		return fmt.Errorf("a shift has at most %d deputies", maxDeputies)
	case len(b.shifts) >= maxShifts:
		return fmt.Errorf("a roster has at most %d shifts", maxShifts)
	}
	for _, d := range n.Deputies {
		if err := checkName("a deputy", d); err != nil {
			return err
		}
	}
	return nil
}

func (b *Book) checkAlarm(n Note) error {
	a := b.alarm(n.Of)
	switch {
	case a == nil:
		return fmt.Errorf("there is no alarm %d among those held", n.Of)
	case n.Do == DoAcknowledged && n.By == "":
		return errors.New("say who acknowledges it")
	case n.Do == DoStep && n.Way == "":
		return errors.New("say which way was tried")
	case n.Do == DoStep && len(a.Steps) >= maxSteps:
		return fmt.Errorf("an alarm has at most %d steps", maxSteps)
	}
	return nil
}

func (b *Book) shift(no int) *Shift {
	if no < 1 || no > len(b.shifts) {
		return nil
	}
	return &b.shifts[no-1]
}

func (b *Book) alarm(no int) *Alarm {
	i := no - 1 - b.left
	if i < 0 || i >= len(b.alarms) {
		return nil
	}
	return &b.alarms[i]
}

// Fold takes up one entry of the journal; those of other kinds are none of
// its business.
func (b *Book) Fold(e desk.Entry) error {
	if e.Kind != KindRoster && e.Kind != KindWatch {
		return nil
	}
	return desk.Take(&b.Tokens, e, b.Check, func(n Note) int { return b.apply(n, e.At) })
}

// apply changes the book and gives the number of what it changed.
func (b *Book) apply(n Note, at time.Time) int {
	switch n.Do {
	case DoPerson:
		if b.persons == nil {
			b.persons = map[string]Person{}
		}
		b.persons[n.Name] = Person{n.Name, n.Console, n.Email, n.Webhook, n.Phone, n.Words, at}
	case DoGone:
		delete(b.persons, n.Name)
	case DoShift:
		no := len(b.shifts) + 1
		b.shifts = append(b.shifts, Shift{No: no, From: n.From.UTC(), To: n.To.UTC(), On: n.Name, Deputies: append([]string{}, n.Deputies...), Words: n.Words, At: at, By: n.By})
		return no
	case DoDrop:
		b.shift(n.Of).Dropped = true
		return n.Of
	case DoHandover:
		no := len(b.handovers) + 1
		b.handovers = append(b.handovers, Handover{no, at, n.Giver, n.Taker, n.Words, n.By})
		return no
	case DoAlarm:
		no := b.left + len(b.alarms) + 1
		b.alarms = append(b.alarms, Alarm{No: no, At: at, Code: n.Code, Party: n.Party, Record: n.Record, Text: n.Text, Steps: []Step{}})
		if len(b.alarms) > maxAlarms {
			b.alarms = slices.Clone(b.alarms[maxAlarms/5:])
			b.left += maxAlarms / 5
		}
		return no
	case DoStep:
		a := b.alarm(n.Of)
		a.Steps = append(slices.Clone(a.Steps), Step{at, n.Way, n.Name, n.Outcome})
		return n.Of
	case DoAcknowledged:
		if a := b.alarm(n.Of); a.Acknowledged == nil {
			a.Acknowledged, a.By, a.Words = &at, n.By, n.Words
		}
		return n.Of
	}
	return 0
}
