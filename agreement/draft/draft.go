// SPDX-License-Identifier: Apache-2.0

package draft

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"openline/agreement"
	"openline/record"
)

// Options is what a draft cannot guess. What is left empty takes its
// default, or the value of the agreement that is amended.
type Options struct {
	Slug       string
	Exercise   bool
	Parties    []agreement.Party // Number 0: numbered in order
	Languages  []string
	Catalogue  [32]byte
	Extensions []string      // files of the catalogue that extend the first release
	TestsEvery time.Duration // default one hour
	Answered   []string      // default 09:30 and 15:30
	TimedHead  time.Duration // default 10 min
	PerMinute  int           // default 600
	// Attachments is the bytes of one record's attachments together; default
	// none, -1 none where the agreement that is amended carries some.
	Attachments int64
	Amends      *agreement.Agreement // a next version of this one; Slug, Exercise and Parties come from it
}

// Text writes a text to negotiate from: version 1, or the next version of
// an agreement in force with everything the options leave as it was. It
// parses as it stands.
func Text(o Options) (string, error) {
	a := o.agreement()
	answered := o.Answered
	if answered == nil {
		answered = clockTimes(a.Tests.Answered)
	}
	text := write(a, o.Slug, answered)
	if _, err := agreement.Parse(text); err != nil {
		return "", err
	}
	return text, nil
}

// agreement is what the draft is to say.
func (o Options) agreement() *agreement.Agreement {
	a := &agreement.Agreement{Version: 1, Standing: record.Actual, Parties: slices.Clone(o.Parties),
		Tests:          agreement.Tests{Every: time.Hour, Offset: 7 * time.Minute, Answered: []time.Duration{9*time.Hour + 30*time.Minute, 15*time.Hour + 30*time.Minute}},
		Ceilings:       agreement.Ceilings{Record: 16384, RecordsPerMinute: 600, Clock: 168 * time.Hour, ClockDifference: 5 * time.Minute, TimedHead: 10 * time.Minute},
		NeverSuspended: agreement.Floor, NoticeDays: 90, Clauses: defaultClauses}
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
	if o.Attachments != 0 {
		a.Ceilings.Attachments = max(0, o.Attachments)
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
func write(a *agreement.Agreement, slug string, answered []string) string {
	var b strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&b, format, args...) }
	p("# Agreement on a standing line. Every party signs this very text.\n\n")
	p("openline = %d\n", agreement.Format)
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
	p("\n[tests]\nevery = %q\noffset = %q\nanswered = [%s]   # UTC; a person answers\n", agreement.Length(a.Tests.Every), agreement.Length(a.Tests.Offset), quoted(answered))
	c := a.Ceilings
	p("\n[ceilings]\nrecord_bytes = %d\nrecords_per_minute = %d\nattachment_bytes = %d\n", c.Record, c.RecordsPerMinute, c.Attachments)
	p("clock = %q            # no clock runs longer, closed hours included\nclock_difference = %q\ntimed_head = %q\n", agreement.Length(c.Clock), agreement.Length(c.ClockDifference), agreement.Length(c.TimedHead))
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
var defaultClauses = []agreement.Clause{
	{ID: "disclosure", Title: "Disclosure", Text: "An extract of the record may be shown to the heads of the parties, to a court or mediator both accept, and to others by consent of both. Exporting an extract needs two persons of the exporting party. Each party knows that the leaves of an extract show when it spoke and which matters were active, though not the words."},
	{ID: "retention", Title: "Retention", Text: "Each party keeps the whole record for ten years. After that the content of closed matters may be removed by a record that names them; the log and its receipts remain."},
	{ID: "status", Title: "No recognition of status", Text: "Nothing in this agreement or said under it implies recognition of any status, title, boundary or claim, nor that offices paired for a call are of equal rank."},
	{ID: "effect", Title: "No legal effect", Text: "Nothing said on the line has legal effect unless it says so. A receipt shows that words arrived; it expresses no view and gives no permission."},
	{ID: "ending", Title: "Ending", Text: "Any party may end this agreement by notice. Line tests and messages on the safety of life go on to the last minute."},
}
