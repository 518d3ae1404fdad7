// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"openline/internal/api"
)

// testsOfDay are the line tests of one day in a transcript.
type testsOfDay struct {
	day     string
	parties []string
	said    map[string]int
	read    map[string]int
}

// foldable reports whether a record is a line test, or an answer to one that
// says all of it was legible. Anything else about tests stays to be seen.
func foldable(r api.Record) bool {
	switch {
	case r.At == nil || r.Fault != "":
		return false
	case r.Code == "LT01":
		return strings.HasSuffix(r.From, ":station")
	}
	return r.Code == "LT02" && r.Quality == "legible"
}

// printFolded writes a transcript with the line tests of each day folded
// into one line, where the first of them stands.
func printFolded(w io.Writer, records []api.Record) error {
	days := map[string]*testsOfDay{}
	for _, r := range records {
		if foldable(r) {
			days[dayOf(r)] = days[dayOf(r)].add(r)
		}
	}
	var b strings.Builder
	for _, r := range records {
		if !foldable(r) {
			writeRecord(&b, r)
		} else if d := days[dayOf(r)]; d != nil {
			fmt.Fprintf(&b, "%-12s %s  %s\n", "", d.day, d.words())
			delete(days, d.day)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func dayOf(r api.Record) string { return r.At.UTC().Format("2006-01-02") }

func (d *testsOfDay) add(r api.Record) *testsOfDay {
	if d == nil {
		d = &testsOfDay{day: dayOf(r), said: map[string]int{}, read: map[string]int{}}
	}
	if !slices.Contains(d.parties, r.Party) {
		d.parties = append(d.parties, r.Party)
	}
	if r.Code == "LT01" {
		d.said[r.Party]++
	} else {
		d.read[r.Party]++
	}
	return d
}

// words tells how many tests each side said and its persons read.
func (d *testsOfDay) words() string {
	slices.Sort(d.parties)
	var parts []string
	for _, p := range d.parties {
		words := fmt.Sprintf("%s said %d", p, d.said[p])
		if n := d.read[p]; n > 0 {
			words += fmt.Sprintf(" and read %d, legible", n)
		}
		parts = append(parts, words)
	}
	return "line tests: " + strings.Join(parts, "; ")
}
