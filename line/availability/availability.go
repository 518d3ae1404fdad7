// SPDX-License-Identifier: Apache-2.0

package availability

import (
	"cmp"
	"errors"
	"iter"
	"slices"
	"time"

	"openline/line"
	"openline/record"
)

// MaxDays bounds one table: a month, and what lies around it.
const MaxDays = 62

// ErrTooLong is the answer to a longer stretch.
var ErrTooLong = errors.New("ask for two months at most")

// Terms are when line tests are due: by the version of the agreement that
// they were said under.
type Terms struct {
	Every    time.Duration
	Offset   time.Duration
	Answered []time.Duration // hours of the day at which a person answers
}

// Table is a stretch of days.
type Table struct {
	Days  []Span `json:"days"`
	Total Span   `json:"total"`
}

// Span is a day, or all of them: each direction in which tests were said, and
// each party's desk.
type Span struct {
	Name  string  `json:"name"` // 2021-05-20; of the total, first and last day
	Tests []Tests `json:"tests"`
	Desks []Desk  `json:"desks"`
}

// Tests are the line tests of one party towards another.
type Tests struct {
	From      record.PartyNo `json:"from"`
	To        record.PartyNo `json:"to"`
	Due       int            `json:"due"`     // agreed minutes that had come by the word of who tests
	Said      int            `json:"said"`    // line tests
	Had       int            `json:"had"`     // of them, those the other's records show it had
	Minutes   int            `json:"minutes"` // set minutes at which a person was to answer, that are read or missed
	Read      int            `json:"read"`    // of them, those at which one did
	Missed    int            `json:"missed"`
	Explained Causes         `json:"explained"` // of those missed, what a record of who was to answer says (LT04)
	Longest   int64          `json:"longest"`   // longest time from one test to the next, in seconds; 0: none known
	Partly    int            `json:"partly"`    // tests read that were partly legible
	Not       int            `json:"not"`       // tests read that were not legible
}

// Causes counts explanations by what they say.
type Causes struct {
	Fault       int `json:"fault"`
	Maintenance int `json:"maintenance"`
	Unattended  int `json:"unattended"`
	Decision    int `json:"decision"`
}

// Sum counts them all.
func (c Causes) Sum() int { return c.Fault + c.Maintenance + c.Unattended + c.Decision }

func (c *Causes) add(cause string) {
	switch cause {
	case "fault":
		c.Fault++
	case "maintenance":
		c.Maintenance++
	case "unattended":
		c.Unattended++
	case "decision":
		c.Decision++
	}
}

// Desk is how often a party's desk opened and closed (LT03).
type Desk struct {
	Party  record.PartyNo `json:"party"`
	Opened int            `json:"opened"`
	Closed int            `json:"closed"`
}

const day = 24 * time.Hour

// Of makes the table of the days from one to before another, both midnight
// in UTC, at a cut that is held whole.
func Of(f *line.Fold, cut line.Cut, from, to time.Time, terms func(version uint32) Terms) (Table, error) {
	n := int(to.Sub(from) / day)
	if n < 0 || n > MaxDays {
		return Table{}, ErrTooLong
	}
	told, err := f.ToldAt(cut)
	if err != nil {
		return Table{}, err
	}
	m := maker{from: from, told: told, terms: terms, lines: map[pair]*direction{}, days: make([]Span, n)}
	// A test of the day before may be read on the first day, and one of the
	// last day on the day after.
	if err := m.take(f.ThingsBetween(cut, stamp(from.Add(-day)), stamp(to.Add(day)), "LT01", "LT03")); err != nil {
		return Table{}, err
	}
	m.count()
	t := Table{Days: m.days, Total: Span{Tests: []Tests{}, Desks: []Desk{}}}
	for i := range t.Days {
		d := &t.Days[i]
		d.Name = from.Add(time.Duration(i) * day).Format(time.DateOnly)
		d.order()
		t.Total.join(*d)
	}
	if n > 0 {
		t.Total.Name = t.Days[0].Name + " – " + t.Days[n-1].Name
	}
	t.Total.order()
	return t, nil
}

func stamp(t time.Time) record.Stamp { return record.Stamp(max(0, t.Unix())) }

// pair is a direction: who tests, and who is tested.
type pair struct{ from, to record.PartyNo }

// direction is what was said in it.
type direction struct {
	tests []test
	reads []reading
}

type test struct {
	at      record.Stamp
	version uint32
	had     bool
	causes  []string // as the other side gave them
}

// reading is a person's answer to some test (LT02).
type reading struct {
	at      record.Stamp
	quality string
}

type maker struct {
	from  time.Time
	told  map[record.PartyNo]line.Told
	terms func(version uint32) Terms
	lines map[pair]*direction
	days  []Span
}

// day finds the day a time lies in.
func (m *maker) day(at record.Stamp) *Span {
	i := int(time.Unix(int64(at), 0).Sub(m.from) / day)
	if at < stamp(m.from) || i >= len(m.days) {
		return nil
	}
	return &m.days[i]
}

func (m *maker) take(things iter.Seq2[*line.Thing, error]) error {
	for a := range m.told {
		for b := range m.told {
			if a != b {
				m.lines[pair{a, b}] = &direction{}
			}
		}
	}
	for t, err := range things {
		if err != nil {
			return err
		}
		if t.Standing(t.Opening) == line.NoEffect {
			continue
		}
		if t.Opening.Code == "LT03" {
			m.desk(t)
		} else if t.Opening.Header.From == "station" { // a person's LT01 is no line test
			m.test(t)
		}
	}
	return nil
}

func (m *maker) desk(t *line.Thing) {
	for _, a := range t.SaidActs("LT03") {
		d := m.day(a.Time)
		if a.Ref.Party != t.Asker() || d == nil {
			continue
		}
		if of := d.desk(a.Ref.Party); a.Text("state") == "open" {
			of.Opened++
		} else {
			of.Closed++
		}
	}
}

func (m *maker) test(t *line.Thing) {
	for other, told := range m.told {
		if other == t.Asker() {
			continue
		}
		k := pair{t.Asker(), other}
		x := test{at: t.Opening.Time, version: t.Opening.Agreement, had: told.Saw(t.Opening)}
		for _, a := range t.SaidActs("LT02", "LT04") {
			if a.Ref.Party != other || !slices.Contains(t.Answers(a), t.Opening) || a.Header.From == "station" {
				continue
			}
			if a.Code == "LT02" {
				m.lines[k].reads = append(m.lines[k].reads, reading{a.Time, a.Text("quality")})
			} else {
				x.causes = append(x.causes, a.Text("cause"))
			}
		}
		m.lines[k].tests = append(m.lines[k].tests, x)
	}
}

// count fills the days with what was said in each direction.
func (m *maker) count() {
	for k, d := range m.lines {
		slices.SortStableFunc(d.tests, func(a, b test) int { return cmp.Compare(a.at, b.at) })
		slices.SortFunc(d.reads, func(a, b reading) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.quality, b.quality)) })
		for i, x := range d.tests {
			s := m.day(x.at)
			if s == nil {
				continue
			}
			of := s.tests(k)
			of.Said++
			if x.had {
				of.Had++
			}
			if i > 0 {
				of.Longest = max(of.Longest, int64(x.at-d.tests[i-1].at))
			}
		}
		for _, r := range d.reads {
			if s := m.day(r.at); s != nil {
				s.tests(k).legible(r.quality)
			}
		}
		m.due(k, d)
	}
}

func (t *Tests) legible(quality string) {
	switch quality {
	case "partly":
		t.Partly++
	case "not":
		t.Not++
	}
}

// due counts the agreed minutes of each day, and what became of those at
// which a person was to answer.
func (m *maker) due(k pair, d *direction) {
	for i := range m.days {
		begin := m.from.Add(time.Duration(i) * day)
		terms := m.terms(d.version(stamp(begin.Add(day)), m.told[k.from].Version))
		who := m.told[k.from]
		for at := begin.Add(terms.Offset); terms.Every > 0 && at.Before(begin.Add(day)); at = at.Add(terms.Every) {
			if s := stamp(at); s >= who.First && s <= who.Last {
				m.days[i].tests(k).Due++
			}
		}
		for _, minute := range slices.Sorted(slices.Values(terms.Answered)) {
			m.minute(k, d, begin.Add(minute), terms, &m.days[i])
		}
	}
}

// version is that of the newest test before a time, or else of the first.
func (d *direction) version(before record.Stamp, v uint32) uint32 {
	for i, x := range d.tests {
		if i == 0 || x.at < before {
			v = x.version
		}
	}
	return v
}

// minute judges one set minute: read if a person answered some test before
// the next one, missed if the reading side said something after that and
// none did.
func (m *maker) minute(k pair, d *direction, at time.Time, terms Terms, s *Span) {
	next := at.Add(day)
	for _, h := range terms.Answered {
		for _, n := range []time.Time{at.Truncate(day).Add(h), at.Truncate(day).Add(h + day)} {
			if n.After(at) && n.Before(next) {
				next = n
			}
		}
	}
	begin, end := stamp(at), stamp(next)
	read := slices.ContainsFunc(d.reads, func(r reading) bool { return r.at >= begin && r.at < end })
	first := m.told[k.from].First
	switch {
	case first > begin: // there was no test to be read
	case read:
		of := s.tests(k)
		of.Minutes++
		of.Read++
	case m.told[k.to].Last >= end:
		of := s.tests(k)
		of.Minutes++
		of.Missed++
		if cause, ok := d.cause(begin-min(begin, record.Stamp(terms.Every/time.Second)), end); ok {
			of.Explained.add(cause)
		}
	}
}

// cause is what who was to answer says of a test that could have been read
// at a set minute: the newest before it, or one until the next.
func (d *direction) cause(from, to record.Stamp) (string, bool) {
	for _, x := range d.tests {
		if x.at > from && x.at < to && len(x.causes) > 0 {
			return x.causes[len(x.causes)-1], true
		}
	}
	return "", false
}

func (s *Span) tests(k pair) *Tests {
	i := slices.IndexFunc(s.Tests, func(t Tests) bool { return t.From == k.from && t.To == k.to })
	if i < 0 {
		i = len(s.Tests)
		s.Tests = append(s.Tests, Tests{From: k.from, To: k.to})
	}
	return &s.Tests[i]
}

func (s *Span) desk(p record.PartyNo) *Desk {
	i := slices.IndexFunc(s.Desks, func(d Desk) bool { return d.Party == p })
	if i < 0 {
		i = len(s.Desks)
		s.Desks = append(s.Desks, Desk{Party: p})
	}
	return &s.Desks[i]
}

// order sorts what no number of a party decides.
func (s *Span) order() {
	slices.SortFunc(s.Tests, func(a, b Tests) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To)) })
	slices.SortFunc(s.Desks, func(a, b Desk) int { return cmp.Compare(a.Party, b.Party) })
	if s.Tests == nil {
		s.Tests = []Tests{}
	}
	if s.Desks == nil {
		s.Desks = []Desk{}
	}
}

// join adds a day to a total.
func (s *Span) join(o Span) {
	for _, t := range o.Tests {
		of := s.tests(pair{t.From, t.To})
		of.Due, of.Said, of.Had, of.Minutes, of.Read, of.Missed = of.Due+t.Due, of.Said+t.Said, of.Had+t.Had, of.Minutes+t.Minutes, of.Read+t.Read, of.Missed+t.Missed
		of.Partly, of.Not, of.Longest = of.Partly+t.Partly, of.Not+t.Not, max(of.Longest, t.Longest)
		e, x := &of.Explained, t.Explained
		e.Fault, e.Maintenance, e.Unattended, e.Decision = e.Fault+x.Fault, e.Maintenance+x.Maintenance, e.Unattended+x.Unattended, e.Decision+x.Decision
	}
	for _, d := range o.Desks {
		of := s.desk(d.Party)
		of.Opened, of.Closed = of.Opened+d.Opened, of.Closed+d.Closed
	}
}
