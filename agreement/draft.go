// SPDX-License-Identifier: Apache-2.0

package agreement

import (
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"openline/record"
)

// RequiredClauses are the articles every agreement has; the parties word
// them as they like.
var RequiredClauses = []string{"disclosure", "retention", "status", "effect", "ending"}

// DraftOptions is what a draft cannot guess.
type DraftOptions struct {
	Slug       string
	Exercise   bool
	Parties    []Party // Number 0: numbered in order
	Languages  []string
	Catalogue  [32]byte
	TestsEvery time.Duration // default one hour
	Answered   []string      // default 09:30 and 15:30
	TimedHead  time.Duration // default 10 min
	PerMinute  int           // default 600
	Amends     *Agreement    // a next version of this one; Slug, Exercise and Parties come from it
}

// Draft writes a text to negotiate from: version 1, or the next version of
// an agreement in force. It parses as it stands.
func Draft(o DraftOptions) (string, error) {
	o.defaults()
	var b strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&b, format, args...) }
	p("# Agreement on a standing line. Every party signs this very text.\n\n")
	p("openline = %d\n", Format)
	if o.Amends == nil {
		p("line = %q\nversion = 1\n", o.Slug)
	} else {
		digest := o.Amends.Digest()
		p("line = %q\nversion = %d\nprevious = \"sha256:%s\"\n", o.Amends.Line, o.Amends.Version+1, hex.EncodeToString(digest[:]))
	}
	standing := "actual"
	if o.Exercise {
		standing = "exercise"
	}
	p("standing = %q          # actual or exercise, for good\n", standing)
	p("languages = [%s]\n", quoted(o.Languages))
	p("catalogue = \"sha256:%s\"\n", hex.EncodeToString(o.Catalogue[:]))
	p("notice_days = 90\nnever_suspended = [\"test\", \"distress\", \"accident\", \"resumption\"]\n")
	for i, party := range o.Parties {
		if party.Number == 0 {
			party.Number = record.PartyNo(i + 1)
		}
		p("\n[[party]]\nnumber = %d\nname = %q\nshort = %q\ntitle = %q\n", party.Number, party.Name, party.Short, party.Title)
		p("fingerprint = %q\nkey = %q\n", party.Key.Fingerprint(party.Name).String(), party.Key.String())
	}
	p("\n[tests]\nevery = %q\noffset = \"7m\"\nanswered = [%s]   # UTC; a person answers\n", o.TestsEvery, quoted(o.Answered))
	p("\n[ceilings]\nrecord_bytes = 16384\nrecords_per_minute = %d\nattachment_bytes = 0\n", o.PerMinute)
	p("clock = \"168h\"            # no clock runs longer, closed hours included\nclock_difference = \"5m\"\ntimed_head = %q\n", o.TimedHead)
	clauses := defaultClauses
	if o.Amends != nil {
		clauses = o.Amends.Clauses
	}
	for _, c := range clauses {
		p("\n[[clause]]\nid = %q\ntitle = %q\ntext = %q\n", c.ID, c.Title, c.Text)
	}
	text := b.String()
	if _, err := Parse(text); err != nil {
		return "", err
	}
	return text, nil
}

func (o *DraftOptions) defaults() {
	if o.Amends != nil {
		o.Slug, o.Exercise, o.Parties = "", o.Amends.Standing == record.Exercise, o.Amends.Parties
		if o.Languages == nil {
			o.Languages = o.Amends.Languages
		}
		if o.Catalogue == ([32]byte{}) {
			o.Catalogue = o.Amends.Catalogue
		}
	}
	if o.TestsEvery == 0 {
		o.TestsEvery = time.Hour
	}
	if o.Answered == nil {
		o.Answered = []string{"09:30", "15:30"}
	}
	if o.TimedHead == 0 {
		o.TimedHead = 10 * time.Minute
	}
	if o.PerMinute == 0 {
		o.PerMinute = 600
	}
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
	{"ending", "Ending", "Either party may end this agreement by notice. Line tests and messages on the safety of life go on to the last minute."},
}

// Print gives the copy that names the given party first (the alternat), for
// reading and for paper. It is not the text that is signed.
func (a *Agreement) Print(first record.PartyNo) string {
	var b strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&b, format, args...) }
	p("AGREEMENT ON A STANDING LINE\n%s, version %d, standing %s\n\nbetween\n", a.Line, a.Version, a.Standing)
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
	digest := a.Digest()
	p("\nLanguages: %s. Catalogue: sha256:%s.\n", strings.Join(a.Languages, ", "), hex.EncodeToString(a.Catalogue[:]))
	p("Line tests every %v, at %v past; answered by a person at %s UTC.\n", a.Tests.Every, a.Tests.Offset, hours(a.Tests.Answered))
	p("Ceilings: %d bytes a record, %d records a minute, no clock beyond %v, clocks differ by at most %v, timed heads every %v.\n",
		a.Ceilings.Record, a.Ceilings.RecordsPerMinute, a.Ceilings.Clock, a.Ceilings.ClockDifference, a.Ceilings.TimedHead)
	p("Never suspended: %s. Notice to end: %d days.\n", strings.Join(a.NeverSuspended, ", "), a.NoticeDays)
	for i, c := range a.Clauses {
		p("\nArticle %d. %s\n%s\n", i+1, c.Title, c.Text)
	}
	p("\nDigest of the signed text: sha256:%s\n", hex.EncodeToString(digest[:]))
	return b.String()
}

func hours(at []time.Duration) string {
	out := make([]string, len(at))
	for i, d := range at {
		out[i] = fmt.Sprintf("%02d:%02d", int(d.Hours()), int(d.Minutes())%60)
	}
	return strings.Join(out, " and ")
}
