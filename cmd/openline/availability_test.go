// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"
	"testing"

	"openline/internal/api"
	"openline/line/availability"
)

func TestPrintAvailability(t *testing.T) {
	full := availability.Tests{From: 1, To: 2, Due: 24, Said: 24, Had: 24, Minutes: 2, Read: 2, Longest: 3600}
	poor := availability.Tests{From: 1, To: 2, Due: 24, Said: 20, Had: 19, Minutes: 2, Missed: 2, Longest: 18_000, Explained: availability.Causes{Fault: 1}}
	total := availability.Tests{From: 1, To: 2, Due: 72, Said: 68, Had: 67, Minutes: 6, Read: 4, Missed: 2, Longest: 18_000, Explained: availability.Causes{Fault: 1}, Partly: 1}
	day := func(name string, x ...availability.Tests) availability.Span {
		return availability.Span{Name: name, Tests: x}
	}
	v := api.Named[availability.Table]{Parties: map[string]string{"1": "blue", "2": "red"}, Affairs: availability.Table{
		Days:  []availability.Span{day("2026-05-01", full), day("2026-05-02", full), day("2026-05-03", poor), day("2026-05-04")},
		Total: availability.Span{Tests: []availability.Tests{total}, Desks: []availability.Desk{{Party: 2, Opened: 1, Closed: 3}}},
	}}
	var b strings.Builder
	if err := printAvailability(&b, v); err != nil {
		t.Fatal(err)
	}
	want := `Line tests of blue, read at red
  day                       due   said      had at red  longest gap  set minutes answered in person
  2026-05-01 to 02, each     24     24              24         1h0m  2 of 2
  2026-05-03                 24     20              19         5h0m  0 of 2; of the others 1 fault, 1 without a word
  in all                     72     68              67         5h0m  4 of 6; of the others 1 fault, 1 without a word; partly legible 1, not legible 0

The desk of red opened once and closed 3 times.
`
	if b.String() != want {
		t.Errorf("\n%s\nnot\n%s", b.String(), want)
	}
}
