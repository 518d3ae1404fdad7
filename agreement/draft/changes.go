// SPDX-License-Identifier: Apache-2.0

package draft

import (
	"fmt"
	"slices"
	"strings"

	"openline/agreement"
)

// Changes says what a next version changes, one matter a line, in the order
// of the text: what a person reads before signing or adopting it.
func Changes(prev, next *agreement.Agreement) []string {
	var out []string
	note := func(what string, a, b any) {
		if x, y := fmt.Sprint(a), fmt.Sprint(b); x != y {
			out = append(out, fmt.Sprintf("%s: %s becomes %s", what, x, y))
		}
	}
	note("languages", strings.Join(prev.Languages, ", "), strings.Join(next.Languages, ", "))
	note("catalogue", fmt.Sprintf("sha256:%x", prev.Catalogue), fmt.Sprintf("sha256:%x", next.Catalogue))
	note("catalogue extensions", orNone(prev.Extensions), orNone(next.Extensions))
	note("days of notice to end", prev.NoticeDays, next.NoticeDays)
	note("never suspended", strings.Join(prev.NeverSuspended, ", "), strings.Join(next.NeverSuspended, ", "))
	for _, p := range next.Parties {
		old, ok := prev.Party(p.Number)
		if !ok {
			out = append(out, fmt.Sprintf("party %d joins: %s (%s), key %s", p.Number, p.Title, p.Name, p.Key.Fingerprint(p.Name)))
			continue
		}
		note("title of "+string(p.Name), old.Title, p.Title)
	}
	note("line tests every", agreement.Length(prev.Tests.Every), agreement.Length(next.Tests.Every))
	note("line tests after the full interval", agreement.Length(prev.Tests.Offset), agreement.Length(next.Tests.Offset))
	note("a person answers at (UTC)", orNone(clockTimes(prev.Tests.Answered)), orNone(clockTimes(next.Tests.Answered)))
	a, b := prev.Ceilings, next.Ceilings
	note("bytes of a record", a.Record, b.Record)
	note("records a minute", a.RecordsPerMinute, b.RecordsPerMinute)
	note("bytes of attachments", a.Attachments, b.Attachments)
	note("cap on any clock", agreement.Length(a.Clock), agreement.Length(b.Clock))
	note("clocks may differ by", agreement.Length(a.ClockDifference), agreement.Length(b.ClockDifference))
	note("timed heads every", agreement.Length(a.TimedHead), agreement.Length(b.TimedHead))
	return append(out, clauseChanges(prev.Clauses, next.Clauses)...)
}

func clauseChanges(prev, next []agreement.Clause) []string {
	var out []string
	for _, c := range next {
		i := slices.IndexFunc(prev, func(o agreement.Clause) bool { return o.ID == c.ID })
		switch {
		case i < 0:
			out = append(out, fmt.Sprintf("new clause %s (%s): %s", c.ID, c.Title, c.Text))
		case prev[i] != c:
			out = append(out, fmt.Sprintf("clause %s: %s. %s\nbecomes %s. %s", c.ID, prev[i].Title, prev[i].Text, c.Title, c.Text))
		}
	}
	for _, c := range prev {
		if !slices.ContainsFunc(next, func(o agreement.Clause) bool { return o.ID == c.ID }) {
			out = append(out, fmt.Sprintf("clause %s (%s) is gone: %s", c.ID, c.Title, c.Text))
		}
	}
	return out
}

func orNone(list []string) string {
	if len(list) == 0 {
		return "none"
	}
	return strings.Join(list, ", ")
}
