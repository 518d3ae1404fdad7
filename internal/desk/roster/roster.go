// SPDX-License-Identifier: Apache-2.0

package roster

import (
	"cmp"
	"slices"
	"time"
)

// Kinds of the journal's entries that this room folds: persons and shifts;
// hand-overs and alarms.
const (
	KindRoster = "roster"
	KindWatch  = "watch"
)

// Person is how somebody is reached.
type Person struct {
	Name    string    `json:"name"`
	Console bool      `json:"console" doc:"At the console"`
	Email   string    `json:"email,omitempty"`
	Webhook string    `json:"webhook,omitempty" doc:"An address that takes a POST"`
	Phone   string    `json:"phone,omitempty" doc:"As it is dialed, in words"`
	Words   string    `json:"words,omitempty"`
	At      time.Time `json:"at" doc:"When it was entered"`
}

// Shift is one stretch of the watch.
type Shift struct {
	No       int       `json:"no"`
	From     time.Time `json:"from"`
	To       time.Time `json:"to" doc:"It ends before this hour"`
	On       string    `json:"on"`
	Deputies []string  `json:"deputies" doc:"In the order in which they are called"`
	Words    string    `json:"words,omitempty"`
	Dropped  bool      `json:"dropped,omitempty"`
	At       time.Time `json:"at"`
	By       string    `json:"by,omitempty"`
}

// Covers reports whether an hour is in the shift.
func (s Shift) Covers(t time.Time) bool { return !s.Dropped && !t.Before(s.From) && t.Before(s.To) }

// Handover is the watch given from one person to another.
type Handover struct {
	No    int       `json:"no"`
	At    time.Time `json:"at"`
	From  string    `json:"from,omitempty" doc:"Absent: nobody held it before, or it is not said"`
	To    string    `json:"to"`
	Words string    `json:"words,omitempty"`
	By    string    `json:"by,omitempty"`
}

// Alarm is one alarm of the watch and what came of it.
type Alarm struct {
	No           int        `json:"no"`
	At           time.Time  `json:"at"`
	Code         string     `json:"code,omitempty"`
	Party        string     `json:"party,omitempty"`
	Record       string     `json:"record,omitempty"`
	Text         string     `json:"text"`
	Steps        []Step     `json:"steps"`
	Acknowledged *time.Time `json:"acknowledged,omitempty"`
	By           string     `json:"by,omitempty" doc:"Who acknowledged"`
	Words        string     `json:"words,omitempty"`
}

// Step is one attempt to reach a person.
type Step struct {
	At      time.Time `json:"at"`
	Way     string    `json:"way" doc:"console, hook, email, webhook, push, phone, or a phrase said to the other desk"`
	To      string    `json:"to,omitempty"`
	Outcome string    `json:"outcome" doc:"sent, or why it was not"`
}

// Watch is who keeps the watch at an hour.
type Watch struct {
	At       time.Time `json:"at"`
	Holder   string    `json:"holder,omitempty" doc:"Who took it over last; absent: no hand-over is entered"`
	Since    time.Time `json:"since,omitzero"`
	Shifts   []Shift   `json:"shifts" doc:"That cover the hour"`
	Next     *Shift    `json:"next,omitempty"`
	Order    []Reach   `json:"order" doc:"Whom to call, one after the other; empty: nobody is entered"`
	Shifting bool      `json:"shifting,omitempty" doc:"The holder is not among those whose shift it is: a hand-over is due"`
}

// Reach is one person in the order of escalation.
type Reach struct {
	Name   string `json:"name"`
	As     string `json:"as" enum:"holder,shift,deputy,next"`
	Person Person `json:"person" doc:"How they are reached; empty but for the name: not entered"`
}

// At tells who keeps the watch at an hour, by what was entered up to now.
func (b *Book) At(t time.Time) Watch {
	w := Watch{At: t, Shifts: []Shift{}, Order: []Reach{}}
	if h := b.holder(t); h != nil {
		w.Holder, w.Since = h.To, h.At
	}
	for _, s := range b.shifts {
		switch {
		case s.Covers(t):
			w.Shifts = append(w.Shifts, s)
		case !s.Dropped && s.From.After(t) && (w.Next == nil || s.From.Before(w.Next.From)):
			w.Next = &s
		}
	}
	slices.SortStableFunc(w.Shifts, func(a, b Shift) int { return cmp.Compare(a.From.Unix(), b.From.Unix()) })
	b.order(&w)
	return w
}

// holder is the newest hand-over up to an hour.
func (b *Book) holder(t time.Time) *Handover {
	for i := len(b.handovers) - 1; i >= 0; i-- {
		if !b.handovers[i].At.After(t) {
			return &b.handovers[i]
		}
	}
	return nil
}

// order is whom to call: who holds the watch, unless a later shift has begun
// since, then those whose shift it is, then the next.
func (b *Book) order(w *Watch) {
	add := func(name, as string) {
		if name == "" || slices.ContainsFunc(w.Order, func(r Reach) bool { return r.Name == name }) {
			return
		}
		p, ok := b.Person(name)
		if !ok {
			p = Person{Name: name}
		}
		w.Order = append(w.Order, Reach{name, as, p})
	}
	begun := time.Time{}
	on := false
	for _, s := range w.Shifts {
		if s.From.After(begun) {
			begun = s.From
		}
		on = on || s.On == w.Holder || slices.Contains(s.Deputies, w.Holder)
	}
	w.Shifting = w.Holder != "" && len(w.Shifts) > 0 && !on
	if !w.Since.Before(begun) {
		add(w.Holder, "holder")
	}
	for _, s := range w.Shifts {
		add(s.On, "shift")
	}
	for _, s := range w.Shifts {
		for _, d := range s.Deputies {
			add(d, "deputy")
		}
	}
	add(w.Holder, "holder")
	if w.Next != nil {
		add(w.Next.On, "next")
	}
}
