// SPDX-License-Identifier: Apache-2.0

package ical_test

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	goical "github.com/emersion/go-ical"

	"openline/internal/desk/ical"

	"pgregory.net/rapid"
)

func calendar(text string) *goical.Calendar {
	cal := goical.NewCalendar()
	ical.SetText(cal.Component, goical.PropVersion, "2.0")
	ical.SetText(cal.Component, goical.PropProductID, "-//x//EN")
	e := goical.NewComponent(goical.CompEvent)
	ical.SetText(e, goical.PropUID, "1")
	e.Props.SetDateTime(goical.PropDateTimeStamp, time.Unix(0, 0).UTC())
	ical.SetText(e, goical.PropSummary, text)
	who := goical.NewProp(goical.PropAttendee)
	ical.SetParam(who, goical.ParamCommonName, text)
	who.Value = "mailto:x@example"
	e.Props.Add(who)
	cal.Children = append(cal.Children, e)
	return cal
}

// Any text comes back as it was; lines are folded to 75 octets between
// characters and end with CRLF.
func TestWriteRead(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[值班员已收到الرد; ,\\:"]{0,120}`)).Draw(rt, "text")
		out, err := ical.Write(calendar(text))
		if err != nil {
			t.Fatal(err)
		}
		if !utf8.Valid(out) || !bytes.HasSuffix(out, []byte("\r\n")) || bytes.Contains(bytes.ReplaceAll(out, []byte("\r\n"), nil), []byte("\n")) {
			t.Fatalf("%q", out)
		}
		for l := range bytes.Lines(out) {
			if len(l) > 75+2 || !utf8.Valid(l) {
				t.Fatalf("%d octets: %q", len(l), l)
			}
		}
		back, err := ical.Read(out)
		if err != nil {
			t.Fatalf("%v: %q", err, out)
		}
		again, err := ical.Write(back)
		if err != nil || !bytes.Equal(out, again) {
			t.Fatalf("%v: written again %q, was %q", err, again, out)
		}
		plain := strings.IndexFunc(text, func(r rune) bool { return r < ' ' || r == utf8.RuneError || r >= 0x7f && r < 0xa0 }) < 0
		if got := ical.Text(back.Children[0], goical.PropSummary); plain && got != text {
			t.Fatalf("%q came back as %q", text, got)
		}
	})
}

const outlook = `BEGIN:VCALENDAR
VERSION:2.0
PRODID:x
BEGIN:VTIMEZONE
TZID:W. Europe Standard Time
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
BEGIN:VEVENT
UID:1
DTSTART;TZID=W. Europe Standard Time:20270115T090000
DURATION:PT1H30M
END:VEVENT
BEGIN:VEVENT
UID:2
DTSTART;TZID="W. Europe Standard Time":20270715T090000
DTEND;TZID=Asia/Shanghai:20270715T160000
END:VEVENT
BEGIN:VEVENT
UID:3
DTSTART;TZID=Nowhere/Known:20270715T090000
END:VEVENT
END:VCALENDAR
`

// A zone the machine does not know is read from the file; one that is in
// neither is an error.
func TestZonesOfTheFile(t *testing.T) {
	cal, err := ical.Read([]byte(outlook))
	if err != nil {
		t.Fatal(err)
	}
	z := ical.Zones{Floating: time.UTC, Find: time.LoadLocation, Calendar: cal}
	var got []string
	for _, e := range cal.Events() {
		from, to, _, err := z.Span(e.Component)
		if err != nil {
			got = append(got, err.Error())
			continue
		}
		got = append(got, from.UTC().Format("0102T1504")+" "+to.UTC().Format("0102T1504"))
	}
	want := []string{"0115T0800 0115T0930", "0715T0700 0715T0800", `time zone "Nowhere/Known" is not known here, and the file does not define it`}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%q", got)
	}
}

var hostile = []string{
	"", "BEGIN", "BEGIN:VCALENDAR", "A;B=c", "BEGIN:VCALENDAR\nA;B=\"x\"y:z\nEND:VCALENDAR\n", "BEGIN:VCALENDAR\nA;B=c\nEND:VCALENDAR\n",
	strings.Repeat("BEGIN:X\n", 9), strings.Repeat("BEGIN:X\nEND:X\n", 5_001), "BEGIN:VCALENDAR\nX:" + strings.Repeat("\n a", 70_000),
	"BEGIN:VCALENDAR\nX;A=" + strings.Repeat("a", 3000) + ":b\nEND:VCALENDAR\n", strings.Repeat("\n", 100_002), strings.Repeat("x", ical.MaxFile+1),
}

// What is no calendar, or too large, is an error, not a panic.
func TestHostileFiles(t *testing.T) {
	for _, s := range hostile {
		if _, err := ical.Read([]byte(s)); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%.40q: %v", s, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(outlook))
	for _, s := range hostile[:7] {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		cal, err := ical.Read(b)
		if err != nil {
			return
		}
		z := ical.Zones{Floating: time.UTC, Calendar: cal}
		for _, e := range cal.Events() {
			ical.Text(e.Component, goical.PropSummary)
			if _, err := z.Occurrences(e.Component, time.Unix(2_000_000_000, 0)); err != nil && err.Error() == "" {
				t.Fatal("an error without words")
			}
		}
	})
}
