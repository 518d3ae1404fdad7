// SPDX-License-Identifier: Apache-2.0

package hours_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"openline/catalogue"
	"openline/catalogue/typed"
	"openline/internal/desk/hours"
	"openline/line"
	"openline/line/linetest"
	"openline/record"

	"pgregory.net/rapid"
)

type env struct{}

func (env) PartyName(n record.PartyNo) string     { return fmt.Sprint(n) }
func (env) PostName(a record.Address) string      { return a.Post }
func (env) PartyNo(string) (record.PartyNo, bool) { return 0, false }
func (env) RefName(r record.Ref) string           { return fmt.Sprint(r) }
func zone(t testing.TB, name string) (z *time.Location) {
	t.Helper()
	z, err := time.LoadLocation(name)
	check(t, err)
	return z
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// declared says the declarations on a line, the way a person would type
// them, and gives the hours the other side reads out of the records.
func declared(t testing.TB, r hours.Rules, list []hours.Declaration) line.Hours {
	t.Helper()
	cat, err := catalogue.Default()
	check(t, err)
	phrase, _ := cat.Phrase("CK01")
	w := linetest.New(t, 1, 2)
	w.Now = record.Stamp(list[0].From.Unix() - 86400)
	var before line.Entry
	for i, d := range list {
		params := map[string]record.Value{}
		for name, v := range r.Params(d) {
			p, _ := phrase.Param(name)
			params[name], err = typed.Parse(p, v.(string), env{})
			check(t, err)
		}
		say := linetest.Draft{Code: "CK01", Params: params}
		if i > 0 {
			say.About, say.Re = line.ThingOf(before), []record.Ref{before.Ref()}
		}
		before = w.Say(0, say)
	}
	return w.Fold(t, w.Cut(), linetest.First).HoursOf(1)
}

// model says minute by minute what the rules mean, without any arithmetic of
// offsets: it looks at the clock on the wall.
type model struct {
	r      hours.Rules
	h      hours.Holidays
	z      *time.Location
	off    [][2]time.Time
	shifts [][2]time.Time
}

func (m *model) shiftsOf(d hours.Date) []hours.Shift {
	for i := len(m.r.Days) - 1; i >= 0; i-- {
		if m.r.Days[i].Date == d {
			return m.r.Days[i].Shifts
		}
	}
	for _, h := range m.h.Days {
		if h.Date == d {
			return nil
		}
	}
	at, _ := time.Parse("2006-01-02", d.String())
	return m.r.Week[(int(at.Weekday())+6)%7]
}

// first is the first minute at which the clock shows a time of a day, or any
// later one.
func (m *model) first(d hours.Date, minutes int) time.Time {
	for minutes >= 1440 {
		d, minutes = d+1, minutes-1440
	}
	want := fmt.Sprintf("%s %02d:%02d", d, minutes/60, minutes%60)
	at := time.Unix(int64(d)*86400+int64(minutes)*60, 0).Add(-14 * time.Hour)
	for at.In(m.z).Format("2006-01-02 15:04") < want {
		at = at.Add(time.Minute)
	}
	return at
}

func (m *model) expand() {
	for d := m.r.From - 1; d <= m.r.To; d++ {
		for _, s := range m.shiftsOf(d) {
			m.shifts = append(m.shifts, [2]time.Time{m.first(d, s.From), m.first(d, s.To)})
		}
	}
}

func (m *model) open(at time.Time) bool {
	in := func(list [][2]time.Time) bool {
		for _, s := range list {
			if !at.Before(s[0]) && at.Before(s[1]) {
				return true
			}
		}
		return false
	}
	return in(m.shifts) && !in(m.off)
}

func same(t testing.TB, m *model, list []hours.Declaration) {
	t.Helper()
	m.expand()
	got := declared(t, m.r, list)
	begin, end := m.first(m.r.From, 0), m.first(m.r.To+1, 0)
	if !list[0].From.Equal(begin) || !list[len(list)-1].To.Equal(end) {
		t.Fatalf("declared from %s to %s, the period is %s to %s", list[0].From, list[len(list)-1].To, begin, end)
	}
	for at := begin; at.Before(end); at = at.Add(time.Minute) {
		if open, _ := got.Open(at); open != m.open(at) {
			t.Fatalf("%s: at %s (%s) declared open %v, the rules say %v", m.r.Zone, at.UTC(), at.In(m.z), open, !open)
		}
	}
}

// Zones whose offset changes in every way known: by an hour and by half of
// one, from winter to summer on either half of the globe, for a month of
// fasting, by skipping a day, and not at all.
var places = []struct{ zone, from, to string }{
	{"Europe/London", "2027-03-22", "2027-04-04"}, {"Europe/London", "2027-10-25", "2027-11-07"},
	{"America/New_York", "2027-03-08", "2027-03-21"}, {"America/St_Johns", "2027-11-01", "2027-11-14"},
	{"Australia/Lord_Howe", "2027-03-29", "2027-04-11"}, {"Australia/Lord_Howe", "2027-09-27", "2027-10-10"},
	{"Africa/Casablanca", "2027-01-29", "2027-03-20"}, {"Pacific/Apia", "2011-12-26", "2012-01-06"},
	{"Asia/Shanghai", "2028-02-25", "2028-03-05"}, {"Asia/Kathmandu", "2027-12-25", "2028-01-08"}, {"Pacific/Chatham", "2027-09-20", "2027-10-03"},
	{"Asia/Pyongyang", "2018-04-30", "2018-05-10"},
}

func rules(t testing.TB, place int, week string) hours.Rules {
	t.Helper()
	p := places[place]
	r, err := hours.Parse([]byte(fmt.Sprintf("zone = %q\nfrom = %s\nto = %s\n%s\n[clocks]\nCR01 = \"24h\"\n", p.zone, p.from, p.to, week)))
	check(t, err)
	return r
}

// What is declared opens exactly when the rules say, each minute, in every
// zone, over each change of offset, with any week, half days and closings.
func TestDeclaredIsWhatTheRulesSay(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		place := rapid.IntRange(0, len(places)-1).Draw(rt, "place")
		r := rules(t, place, "[week]\nall = []")
		shift := rapid.Custom(func(rt *rapid.T) hours.Shift {
			from := rapid.IntRange(0, 95).Draw(rt, "from") * 15
			return hours.Shift{From: from, To: from + rapid.IntRange(1, 96).Draw(rt, "length")*15}
		})
		for i := range r.Week {
			r.Week[i] = rapid.SliceOfN(shift, 0, 3).Draw(rt, "shifts")
		}
		day := rapid.Custom(func(rt *rapid.T) hours.Day {
			return hours.Day{Date: hours.Date(rapid.IntRange(int(r.From), int(r.To)).Draw(rt, "day")), Shifts: rapid.SliceOfN(shift, 0, 2).Draw(rt, "own")}
		})
		r.Days = rapid.SliceOfN(day, 0, 4).Draw(rt, "days")
		z := zone(t, r.Zone)
		m := &model{r: r, z: z}
		var ics strings.Builder
		ics.WriteString("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n")
		for range rapid.IntRange(0, 3).Draw(rt, "holidays") {
			d := hours.Date(rapid.IntRange(int(r.From), int(r.To)).Draw(rt, "holiday"))
			if rapid.Bool().Draw(rt, "whole") {
				m.h.Days = append(m.h.Days, hours.Day{Date: d})
				fmt.Fprintf(&ics, "BEGIN:VEVENT\r\nUID:%d\r\nDTSTART;VALUE=DATE:%s\r\nEND:VEVENT\r\n", d, strings.ReplaceAll(d.String(), "-", ""))
				continue
			}
			at := time.Unix(int64(d)*86400+int64(rapid.IntRange(0, 1439).Draw(rt, "minute"))*60, 0).UTC()
			end := at.Add(time.Duration(rapid.IntRange(1, 600).Draw(rt, "minutes")) * time.Minute)
			m.off = append(m.off, [2]time.Time{at, end})
			fmt.Fprintf(&ics, "BEGIN:VEVENT\r\nUID:%d\r\nDTSTART:%s\r\nDTEND:%s\r\nEND:VEVENT\r\n", at.Unix(), at.Format("20060102T150405Z"), end.Format("20060102T150405Z"))
		}
		ics.WriteString("END:VCALENDAR\r\n")
		h, err := hours.ReadHolidays([]byte(ics.String()), r, z, time.LoadLocation)
		check(t, err)
		list, err := r.Declare(h, z)
		if err != nil {
			t.Fatal(err)
		}
		same(t, m, list)
	})
}

// An ordinary desk over both changes of a year: three declarations, few
// exceptions, the same minutes.
func TestOrdinaryYear(t *testing.T) {
	r := rules(t, 0, "[week]\nweekdays = [\"09:00-12:30\", \"13:30-17:00\"]\nfri = [\"09:00-13:00\"]")
	r.From, r.To = r.From-90, r.To+270
	z := zone(t, r.Zone)
	h, err := hours.ReadHolidays([]byte(holidays), r, z, time.LoadLocation)
	check(t, err)
	list, err := r.Declare(h, z)
	check(t, err)
	if len(list) != 3 || list[1].From.Format(time.RFC3339) != "2027-03-28T01:00:00Z" || list[2].From.Format(time.RFC3339) != "2027-10-31T01:00:00Z" {
		t.Fatalf("%+v", list)
	}
	if s := r.Params(list[1])["hours"].(string); !strings.HasPrefix(s, "mon 08:00-11:30; mon 12:30-16:00;") || strings.Contains(s, "sat") {
		t.Error(s)
	}
	// From noon of 24 December to the evening of the 28th nobody attends: one
	// exception.
	if e := list[2].Exceptions; len(e) != 1 || e[0].String() != "2027-12-24T12:00:00Z..2027-12-28T17:00:00Z closed" {
		t.Errorf("%v", e)
	}
	m := &model{r: r, h: h, z: z}
	for _, year := range []int{2026, 2027} {
		m.off = append(m.off, [2]time.Time{time.Date(year, 12, 24, 12, 0, 0, 0, z), time.Date(year, 12, 24, 18, 0, 0, 0, z)})
	}
	same(t, m, list)
}

const holidays = `BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//x//y//EN
BEGIN:VEVENT
UID:1
DTSTAMP:20200101T000000Z
DTSTART;VALUE=DATE:20001225
DTEND;VALUE=DATE:20001227
RRULE:FREQ=YEARLY
SUMMARY:Christmas
END:VEVENT
BEGIN:VEVENT
UID:2
DTSTART;VALUE=DATE:20271227
DURATION:P2D
SUMMARY:Substitute days
END:VEVENT
BEGIN:VEVENT
UID:3
DTSTART;TZID=Europe/London:20101224T120000
DTEND;TZID=Europe/London:20101224T180000
RRULE:FREQ=YEARLY
EXDATE;TZID=Europe/London:20111224T120000
SUMMARY:Christmas Eve
END:VEVENT
BEGIN:VEVENT
UID:4
DTSTART;VALUE=DATE:20000503
RRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=1MO
SUMMARY:Early May
END:VEVENT
BEGIN:VEVENT
UID:5
DTSTART;VALUE=DATE:20270606
STATUS:CANCELLED
SUMMARY:Not this year
END:VEVENT
END:VCALENDAR
`

// Shifts over midnight belong to the day on which they begin; a leap day is
// a day like any other.
func TestHolidayAndMidnight(t *testing.T) {
	r, err := hours.Parse([]byte("zone = \"Asia/Shanghai\"\nfrom = 2028-02-27\nto = 2028-03-02\n[week]\nall = [\"20:00-04:00\"]\n[[day]]\ndate = 2028-02-29\nname = \"leap day\"\n[clocks]\nCR01 = \"24h\"\n"))
	check(t, err)
	z := zone(t, r.Zone)
	list, err := r.Declare(hours.Holidays{}, z)
	check(t, err)
	got := declared(t, r, list)
	for at, want := range map[string]bool{"2028-02-29T03:59": true, "2028-02-29T04:00": false, "2028-02-29T20:00": false, "2028-03-01T00:00": false, "2028-03-01T03:00": false, "2028-03-01T20:00": true, "2028-02-27T00:00": true} {
		when, err := time.ParseInLocation("2006-01-02T15:04", at, z)
		check(t, err)
		if open, _ := got.Open(when); open != want {
			t.Errorf("%s: open %v", at, open)
		}
	}
}

// Always attended is said without hours; single days only, with none.
func TestAlwaysAndNever(t *testing.T) {
	r := rules(t, 8, "[week]\nall = [\"00:00-24:00\"]")
	list, err := r.Declare(hours.Holidays{}, zone(t, r.Zone))
	check(t, err)
	if p := r.Params(list[0]); len(list) != 1 || !list[0].Always || p["hours"] != nil || p["exceptions"] != nil {
		t.Errorf("%v", p)
	}
	r = rules(t, 8, "[week]\nall = []\n[[day]]\ndate = 2028-02-29\nhours = [\"08:00-09:00\"]")
	list, err = r.Declare(hours.Holidays{}, zone(t, r.Zone))
	check(t, err)
	if p := r.Params(list[0]); p["hours"] != "none" || p["exceptions"] != "2028-02-29T00:00:00Z..2028-02-29T01:00:00Z open" {
		t.Errorf("%v", p)
	}
	same(t, &model{r: r, z: zone(t, r.Zone)}, list)
}

// Every fault is told with what to write instead.
func TestFaults(t *testing.T) {
	good := "zone = \"UTC\"\nfrom = 2027-01-01\nto = 2027-01-31\n[week]\nmon = [\"09:00-17:00\"]\n[clocks]\nCR01 = \"24h\"\n"
	for old, c := range map[string][2]string{
		"zone = \"UTC\"":          {"", "name the time zone"},
		"from = 2027-01-01":       {"from = 2027-02-01", "before it begins"},
		"to = 2027-01-31":         {"to = 2030-01-31", "at most 732"},
		"mon = [\"09:00-17:00\"]": {"mon = [\"nine\"]", "[week] mon: \"nine\" is no shift"},
		"mon =":                   {"monday =", "no day \"monday\""},
		"CR01 = \"24h\"":          {"", "name the clocks"},
		"[clocks]":                {"[clock]", "line 6: there is no key clock"},
		"\"09:00-17:00\"":         {"\"09:00-17:00\", \"", "line 5"},
	} {
		_, err := hours.Parse([]byte(strings.Replace(good, old, c[0], 1)))
		if err == nil || !strings.Contains(err.Error(), c[1]) {
			t.Errorf("%s: %v", c[0], err)
		}
	}
	r, err := hours.Parse([]byte(good))
	check(t, err)
	// Hours of another day every day: more than seven declarations.
	r.To = r.From + 700
	for d := r.From; d <= r.To; d++ {
		for m := range 4 {
			r.Days = append(r.Days, hours.Day{Date: d, Shifts: []hours.Shift{{From: int(d)%97 + m*200, To: int(d)%97 + m*200 + 30}, {From: 1000, To: 1001}, {From: 1100, To: 1101}, {From: 1200, To: 1201}}})
		}
	}
	if _, err := r.Declare(hours.Holidays{}, time.UTC); err == nil || !strings.Contains(err.Error(), "shorter period") {
		t.Error(err)
	}
	if _, err := hours.ReadHolidays([]byte("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20270101T000000Z\nRRULE:FREQ=SECONDLY\nSUMMARY:storm\nEND:VEVENT\nEND:VCALENDAR\n"), r, time.UTC, nil); err == nil || !strings.Contains(err.Error(), "storm") {
		t.Error(err)
	}
}
