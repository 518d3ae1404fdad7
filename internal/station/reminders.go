// SPDX-License-Identifier: Apache-2.0

package station

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"openline/internal/store"
	"openline/line"
	"openline/record"
)

// factReminded is the hour up to which our own desk was reminded of clocks of
// ours: what lies before it is not told twice, whatever was stopped and
// started meanwhile.
const factReminded = "reminded"

// Codes of the alarms on clocks of ours.
const (
	CodeHalf    = "REMIND50"
	CodeMost    = "REMIND80"
	CodeDue     = "DUE"
	maxReminded = 10_000 // clocks followed
	maxRemindAt = 16     // told one by one at one moment; more are counted
)

// reminders follow the running clocks of ours: what we owe, from when, until
// when.
type reminders struct {
	runs   map[record.Ref]owed // by what is asked: a request, or something inside a matter
	next   record.Stamp        // earliest hour that is not told yet; 0: none
	until  record.Stamp        // told up to this hour
	stored record.Stamp
}

type owed struct {
	thing    record.Ref
	code     string
	from, to record.Stamp
}

// hours are when one clock is told of: at half, at four fifths, and past it.
func (o owed) hours() [3]record.Stamp {
	run := o.to - o.from
	return [3]record.Stamp{o.from + run/2, o.from + run/5*4 + run%5*4/5, o.to + 1}
}

var remindCodes = [3]string{CodeHalf, CodeMost, CodeDue}

func (s *Station) resumeReminders(saved store.Saved) error {
	r := &s.reminds
	r.runs = map[record.Ref]owed{}
	if n, ok := readUintFact(saved.Facts[factReminded]); ok {
		r.until, r.stored = record.Stamp(n), record.Stamp(n)
	}
	held := s.signedNow()
	for _, t := range s.fold.Awaiting() {
		s.followClock(t, held)
	}
	return nil
}

// matterMoved takes up the clocks in what a record is about.
func (s *Station) matterMoved(e line.Entry) {
	name := line.ThingOf(e)
	if e.Header == nil || e.Header.Code == codeLineTest {
		return
	}
	t, err := s.fold.Thing(name)
	if err != nil {
		return // it opens nothing
	}
	maps.DeleteFunc(s.reminds.runs, func(_ record.Ref, o owed) bool { return o.thing == name })
	s.followClock(t, s.signedNow())
}

// followClock notes the clocks of what awaits us in a thing. The machine's own
// tests run no clock of a person's.
func (s *Station) followClock(t *line.Thing, held signed) {
	for _, a := range t.Asked {
		side, ok := a.Side(s.me)
		if !ok || !side.Awaited() || a.Act.Code == codeLineTest || len(s.reminds.runs) >= maxReminded {
			continue
		}
		c := s.fold.ReckonSide(t, side, held, s.now.stamp())
		if c.Started.At == 0 || c.Due <= c.Started.At || c.State == line.Replied {
			continue
		}
		o := owed{thing: t.Name, code: a.Act.Code, from: c.Started.At, to: c.Due}
		if c.Held && side.By != nil {
			o.from = side.By.Time // the hour was moved: half of what is left, from there
		}
		if o.to > o.from {
			s.reminds.runs[a.Act.Ref] = o
			s.reminds.await(o)
		}
	}
}

// await brings the next hour forward, where one of this clock comes sooner.
func (r *reminders) await(o owed) {
	for _, at := range o.hours() {
		if at > r.until && (r.next == 0 || at < r.next) {
			r.next = at
		}
	}
}

// plan finds the next hour that is not told yet.
func (r *reminders) plan() {
	r.next = 0
	for _, o := range r.runs {
		r.await(o)
	}
}

// reminder is one alarm that is due.
type reminder struct {
	ask record.Ref
	owed
	step int
}

// remind tells our own desk of clocks of ours whose hour has come: of each
// the newest step only, once.
func (s *Station) remind() {
	r, now := &s.reminds, s.now.stamp()
	if r.next == 0 || now < r.next {
		return
	}
	var due []reminder
	for ask, o := range r.runs {
		step := -1
		for i, at := range o.hours() {
			if at > r.until && at <= now {
				step = i
			}
		}
		if step >= 0 {
			due = append(due, reminder{ask, o, step})
		}
	}
	slices.SortFunc(due, func(a, b reminder) int {
		if a.to != b.to {
			return int(int64(a.to) - int64(b.to))
		}
		return int(int64(a.ask.Number) - int64(b.ask.Number))
	})
	for i, d := range due {
		if i == maxRemindAt {
			s.do(Happened{Kind: "alarm", Code: CodeDue, Text: fmt.Sprintf("%d more requests await us whose hour draws near or has passed", len(due)-i)})
			break
		}
		s.do(Happened{Kind: "alarm", Party: d.ask.Party, Number: d.ask.Number, Code: remindCodes[d.step], Text: s.remindWords(d)})
	}
	if len(due) > 0 {
		r.until = now
	}
	r.plan()
}

func (s *Station) remindWords(d reminder) string {
	what := fmt.Sprintf("%s (%s) awaits our reply", s.refName(d.ask), d.code)
	until := time.Unix(int64(d.to), 0).UTC().Format("2 Jan 15:04Z")
	switch remindCodes[d.step] {
	case CodeHalf:
		return fmt.Sprintf("%s by %s; half of our own time has passed", what, until)
	case CodeMost:
		return fmt.Sprintf("%s by %s; four fifths of our own time have passed", what, until)
	}
	return fmt.Sprintf("%s; the hour we gave, %s, has passed", what, until)
}

// gatherReminded saves up to when our desk was reminded.
func (s *Station) gatherReminded(g *saving) {
	if r := &s.reminds; r.until != r.stored {
		r.stored = r.until
		g.fact(factReminded, uintFact(uint64(r.until)))
	}
}

// nextReminder is when the next reminder falls due.
func (s *Station) nextReminder() (time.Duration, bool) {
	if s.reminds.next == 0 {
		return 0, false
	}
	at := time.Unix(int64(s.reminds.next), 0)
	return s.now.Mono + max(0, at.Sub(s.now.Wall)), true
}
