// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"
	"testing"
	"time"

	"openline/internal/api"
)

// The tests of a day stand on one line, where its first stood; one that was
// partly legible, one explained, and one said by a person stay.
func TestPrintFolded(t *testing.T) {
	at := func(day, hour int) *time.Time {
		t := time.Date(2021, 5, day, hour, 7, 0, 0, time.UTC)
		return &t
	}
	rec := func(ref, code, from string, at *time.Time, quality string) api.Record {
		return api.Record{Ref: ref, Party: strings.Split(ref, "/")[0], Code: code, From: from, At: at, Quality: quality, Rendering: "the words of " + ref}
	}
	var b strings.Builder
	if err := printFolded(&b, []api.Record{
		rec("blue/1", "LT01", "blue:station", at(1, 1), ""),
		rec("red/1", "LT01", "red:station", at(1, 1), ""),
		rec("red/2", "LT02", "red:watch", at(1, 2), "legible"),
		rec("blue/2", "TX01", "blue:desk", at(1, 3), ""),
		rec("blue/3", "LT02", "blue:watch", at(1, 4), "partly"),
		rec("red/3", "LT01", "red:watch", at(1, 5), ""),
		rec("blue/4", "LT01", "blue:station", at(1, 6), ""),
		rec("red/4", "LT04", "red:watch", at(2, 0), ""),
		rec("red/5", "LT01", "red:station", at(2, 1), ""),
		{Ref: "red/6", Party: "red", Code: "LT01", From: "red:station", Fault: "the body does not parse"},
	}); err != nil {
		t.Fatal(err)
	}
	var got []string
	for l := range strings.Lines(b.String()) {
		if !strings.HasPrefix(l, "             the words") && !strings.Contains(l, "not readable") && strings.TrimSpace(l) != "" {
			got = append(got, strings.Join(strings.Fields(l), " "))
		}
	}
	want := []string{
		"2021-05-01 line tests: blue said 2; red said 1 and read 1, legible",
		"blue/2 2021-05-01 03:07:00Z TX01", "blue/3 2021-05-01 04:07:00Z LT02", "red/3 2021-05-01 05:07:00Z LT01",
		"red/4 2021-05-02 00:07:00Z LT04", "2021-05-02 line tests: red said 1", "red/6 time unknown LT01",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("\n%s\nnot\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
