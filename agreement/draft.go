// SPDX-License-Identifier: Apache-2.0

package agreement

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"openline/record"
)

// RequiredClauses are the articles every agreement has; the parties word
// them as they like.
var RequiredClauses = []string{"disclosure", "retention", "status", "effect", "ending"}

// DraftOptions is what a draft cannot guess. What is left empty takes its
// default, or the value of the agreement that is amended.
type DraftOptions struct {
	Slug       string
	Exercise   bool
	Parties    []Party // Number 0: numbered in order
	Languages  []string
	Catalogue  [32]byte
	Extensions []string      // files of the catalogue that extend the first release
	TestsEvery time.Duration // default one hour
	Answered   []string      // default 09:30 and 15:30
	TimedHead  time.Duration // default 10 min
	PerMinute  int           // default 600
	Amends     *Agreement    // a next version of this one; Slug, Exercise and Parties come from it
}

// Draft writes a text to negotiate from: version 1, or the next version of
// an agreement in force with everything the options leave as it was. It
// parses as it stands.
func Draft(o DraftOptions) (string, error) {
	a := o.agreement()
	answered := o.Answered
	if answered == nil {
		answered = clockTimes(a.Tests.Answered)
	}
	text := a.write(o.Slug, answered)
	if _, err := Parse(text); err != nil {
		return "", err
	}
	return text, nil
}

// agreement is what the draft is to say.
func (o DraftOptions) agreement() *Agreement {
	a := &Agreement{Version: 1, Standing: record.Actual, Parties: slices.Clone(o.Parties),
		Tests:          Tests{Every: time.Hour, Offset: 7 * time.Minute, Answered: []time.Duration{9*time.Hour + 30*time.Minute, 15*time.Hour + 30*time.Minute}},
		Ceilings:       Ceilings{Record: 16384, RecordsPerMinute: 600, Clock: 168 * time.Hour, ClockDifference: 5 * time.Minute, TimedHead: 10 * time.Minute},
		NeverSuspended: Floor, NoticeDays: 90, Clauses: defaultClauses}
	if o.Exercise {
		a.Standing = record.Exercise
	}
	if o.Amends != nil {
		next := *o.Amends
		next.Version, next.Previous = next.Version+1, o.Amends.Digest()
		a = &next
	}
	if o.Languages != nil {
		a.Languages = o.Languages
	}
	if o.Catalogue != ([32]byte{}) {
		a.Catalogue, a.Extensions = o.Catalogue, o.Extensions
	}
	if o.TestsEvery != 0 {
		a.Tests.Every = o.TestsEvery
	}
	if o.TimedHead != 0 {
		a.Ceilings.TimedHead = o.TimedHead
	}
	if o.PerMinute != 0 {
		a.Ceilings.RecordsPerMinute = o.PerMinute
	}
	for i := range a.Parties {
		if a.Parties[i].Number == 0 {
			a.Parties[i].Number = record.PartyNo(i + 1)
		}
	}
	return a
}

// write gives the text of an agreement. The line of version 1 is its slug:
// its id holds a digest of this very text.
func (a *Agreement) write(slug string, answered []string) string {
	var b strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&b, format, args...) }
	p("# Agreement on a standing line. Every party signs this very text.\n\n")
	p("openline = %d\n", Format)
	if a.Version == 1 {
		p("line = %q\nversion = 1\n", slug)
	} else {
		p("line = %q\nversion = %d\nprevious = \"sha256:%x\"\n", a.Line, a.Version, a.Previous)
	}
	p("standing = %q          # actual or exercise, for good\n", a.Standing)
	p("languages = [%s]\n", quoted(a.Languages))
	p("catalogue = \"sha256:%x\"\n", a.Catalogue)
	if len(a.Extensions) > 0 {
		p("extensions = [%s]\n", quoted(a.Extensions))
	}
	p("notice_days = %d\nnever_suspended = [%s]\n", a.NoticeDays, quoted(a.NeverSuspended))
	for _, q := range a.Parties {
		p("\n[[party]]\nnumber = %d\nname = %q\nshort = %q\ntitle = %q\n", q.Number, q.Name, q.Short, q.Title)
		p("fingerprint = %q\nkey = %q\n", q.Key.Fingerprint(q.Name), q.Key)
	}
	p("\n[tests]\nevery = %q\noffset = %q\nanswered = [%s]   # UTC; a person answers\n", length(a.Tests.Every), length(a.Tests.Offset), quoted(answered))
	c := a.Ceilings
	p("\n[ceilings]\nrecord_bytes = %d\nrecords_per_minute = %d\nattachment_bytes = %d\n", c.Record, c.RecordsPerMinute, c.Attachments)
	p("clock = %q            # no clock runs longer, closed hours included\nclock_difference = %q\ntimed_head = %q\n", length(c.Clock), length(c.ClockDifference), length(c.TimedHead))
	for _, c := range a.Clauses {
		p("\n[[clause]]\nid = %q\ntitle = %q\ntext = %q\n", c.ID, c.Title, c.Text)
	}
	return b.String()
}

func quoted(list []string) string {
	q := make([]string, len(list))
	for i, s := range list {
		q[i] = fmt.Sprintf("%q", s)
	}
	return strings.Join(q, ", ")
}

// defaultClauses are worded after real instruments; the parties replace them
// as they agree.
var defaultClauses = []Clause{
	{"disclosure", "Disclosure", "An extract of the record may be shown to the heads of the parties, to a court or mediator both accept, and to others by consent of both. Exporting an extract needs two persons of the exporting party. Each party knows that the leaves of an extract show when it spoke and which matters were active, though not the words."},
	{"retention", "Retention", "Each party keeps the whole record for ten years. After that the content of closed matters may be removed by a record that names them; the log and its receipts remain."},
	{"status", "No recognition of status", "Nothing in this agreement or said under it implies recognition of any status, title, boundary or claim, nor that offices paired for a call are of equal rank."},
	{"effect", "No legal effect", "Nothing said on the line has legal effect unless it says so. A receipt shows that words arrived; it expresses no view and gives no permission."},
	{"ending", "Ending", "Any party may end this agreement by notice. Line tests and messages on the safety of life go on to the last minute."},
}

// Print gives the copy that names the given party first (the alternat), for
// reading and for paper. It is not the text that is signed.
func (a *Agreement) Print(first record.PartyNo) string {
	var b strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&b, format, args...) }
	p("AGREEMENT ON A STANDING LINE\n%s, version %d, standing %s\n", a.Line, a.Version, a.Standing)
	if a.Standing == record.Exercise {
		p("EXERCISE, for good: everything said on this line is an exercise.\n")
	}
	p("\nbetween\n")
	ordered := make([]Party, 0, len(a.Parties))
	for _, q := range a.Parties {
		if q.Number == first {
			ordered = append([]Party{q}, ordered...)
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
	p(".\nLine tests every %v, %v after the full interval; ", length(a.Tests.Every), length(a.Tests.Offset))
	if len(a.Tests.Answered) > 0 {
		p("answered by a person at %s UTC.\n", strings.Join(clockTimes(a.Tests.Answered), ", "))
	} else {
		p("no set hours at which a person answers.\n")
	}
	p("Ceilings: %d bytes a record, %d records a minute, no clock beyond %v, clocks differ by at most %v, timed heads every %v.\n",
		a.Ceilings.Record, a.Ceilings.RecordsPerMinute, length(a.Ceilings.Clock), length(a.Ceilings.ClockDifference), length(a.Ceilings.TimedHead))
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

// length writes a duration as a person does: 168h, not 168h0m0s.
func length(d time.Duration) string {
	s := strings.TrimSuffix(d.String(), "m0s")
	if s != d.String() {
		s += "m"
	}
	if h, ok := strings.CutSuffix(s, "h0m"); ok {
		return h + "h"
	}
	return s
}
