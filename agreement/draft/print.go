// SPDX-License-Identifier: Apache-2.0

package draft

import (
	"fmt"
	"strings"
	"time"

	"openline/agreement"
	"openline/record"
)

// Print gives the copy that names the given party first (the alternat), for
// reading and for paper. It is not the text that is signed.
func Print(a *agreement.Agreement, first record.PartyNo) string {
	var b strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&b, format, args...) }
	p("AGREEMENT ON A STANDING LINE\n%s, version %d, standing %s\n", a.Line, a.Version, a.Standing)
	if a.Standing == record.Exercise {
		p("EXERCISE, for good: everything said on this line is an exercise.\n")
	}
	p("\nbetween\n")
	ordered := make([]agreement.Party, 0, len(a.Parties))
	for _, q := range a.Parties {
		if q.Number == first {
			ordered = append([]agreement.Party{q}, ordered...)
		} else {
			ordered = append(ordered, q)
		}
	}
	for i, q := range ordered {
		if i > 0 {
			p("and\n")
		}
		p("  %s (%s)\n  key: %s\n", q.Title, q.Name, q.Key.Fingerprint(q.Name))
	}
	p("\nLanguages: %s. Catalogue: sha256:%x", strings.Join(a.Languages, ", "), a.Catalogue)
	if len(a.Extensions) > 0 {
		p(", with %s", strings.Join(a.Extensions, ", "))
	}
	p(".\nLine tests every %v, %v after the full interval; ", agreement.Length(a.Tests.Every), agreement.Length(a.Tests.Offset))
	if len(a.Tests.Answered) > 0 {
		p("answered by a person at %s UTC.\n", strings.Join(clockTimes(a.Tests.Answered), ", "))
	} else {
		p("no set hours at which a person answers.\n")
	}
	p("Ceilings: %d bytes a record, %d records a minute, no clock beyond %v, clocks differ by at most %v, timed heads every %v.\n",
		a.Ceilings.Record, a.Ceilings.RecordsPerMinute, agreement.Length(a.Ceilings.Clock), agreement.Length(a.Ceilings.ClockDifference), agreement.Length(a.Ceilings.TimedHead))
	if n := a.Ceilings.Attachments; n > 0 {
		p("Attachments: plain text, PNG, JPEG and PDF, at most %d bytes together behind one record.\n", n)
	} else {
		p("Attachments: none are carried.\n")
	}
	p("Never suspended: %s. Notice to end: %d days.\n", strings.Join(a.NeverSuspended, ", "), a.NoticeDays)
	for i, c := range a.Clauses {
		p("\nArticle %d. %s\n%s\n", i+1, c.Title, c.Text)
	}
	p("\nDigest of the signed text: sha256:%x\n", a.Digest())
	return b.String()
}

func clockTimes(at []time.Duration) []string {
	out := make([]string, len(at))
	for i, d := range at {
		out[i] = fmt.Sprintf("%02d:%02d", int(d.Hours()), int(d.Minutes())%60)
	}
	return out
}
