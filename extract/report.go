// SPDX-License-Identifier: Apache-2.0

package extract

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"openline/identity"
	"openline/record"
)

// DemonstrationSentence stands in every report of an exercise line.
const DemonstrationSentence = "valid demonstration; the parties named never used this line"

// Bounds of what is listed one by one.
const (
	maxBreaches = 100
	maxPrinted  = 200
)

// Report is what holds in an extract, on whose word and at whose time.
type Report struct {
	Kind       Kind
	Line       identity.LineID
	Exercise   bool
	Parties    []PartyReport
	Logs       []LogReport
	Statements []Statement
	Records    []RecordReport
	More       uint64    // opened records that are not listed one by one
	Breaches   []string  // what the logs themselves say that cannot be in order
	MoreFaults uint64    // breaches that are not listed
	Removed    []Removed // records shown to the leaf, of which an RT01 shown says that their content was removed
	NoReply    *NoReply  // of a no-reply extract
	Thing      *Thing    // of an extract about a thing

	names map[record.PartyNo]string
	gone  removals
}

// PartyReport is a party by its key.
type PartyReport struct {
	Number      record.PartyNo
	Name        identity.Party
	Short       string
	Title       string
	Fingerprint identity.Fingerprint
	Vouched     bool // the reader had this fingerprint from elsewhere
}

// LogReport counts what is shown of one generation.
type LogReport struct {
	Log                              LogID
	Base, Size                       uint64
	Withheld, Leaves, Headers, Whole uint64
	From, To                         record.Stamp // times of the first and the last leaf shown
}

// Receipt is one side's signed word that it held a record.
type Receipt struct {
	By record.PartyNo
	At record.Stamp
	PQ bool
}

// RecordReport is one opened record.
type RecordReport struct {
	Ref      record.Ref
	Time     record.Stamp
	Depth    Depth
	Code     string
	Status   record.Status
	Text     string    // rendered, where the body and the language are shown
	Receipts []Receipt // the earliest of each other party, classical and post-quantum
}

// NamedRecord is a record about the request that is no reply to it.
type NamedRecord struct {
	Ref  record.Ref
	Code string
}

// NoReply is what a no-reply extract supports.
type NoReply struct {
	Request                  record.Ref
	Code                     string
	Asking, Answering        record.PartyNo
	Step                     int    // the step that does not let the sentence stand; 0: it stands
	Reason                   string // why
	Words                    Words
	PostQuantum              *Words // nil: classical only
	Records                  uint64 // how many the answering side's log held
	ClosedTheirs, ClosedOurs uint64
	Pending                  uint64 // size of a later head the asker knew, 0 if none
	Clocks                   record.Ref
	Named                    []NamedRecord
	MoreNamed                uint64 // records about the request that are not listed
	Sentence                 string // empty unless it stands
}

// Vouched reports whether every party's key was vouched for.
func (r *Report) Vouched() bool {
	return !slices.ContainsFunc(r.Parties, func(p PartyReport) bool { return !p.Vouched })
}

// Holds reports whether the extract supports what it was made for.
func (r *Report) Holds() bool {
	return (r.NoReply == nil || r.NoReply.Step == 0) && (r.Thing == nil || r.Thing.Step == 0)
}

// write puts the sentence together. It claims no hour and imputes nothing.
func (n *NoReply) write(v *verifier) {
	us, them := v.short(n.Asking), v.short(n.Answering)
	var b strings.Builder
	fmt.Fprintf(&b, "By %s's signed word it held this request at %s, and at %s its log on this line held %d records, of which none names this request as what it replies to. ",
		them, stamp(n.Words.Held), stamp(n.Words.Log), n.Records)
	fmt.Fprintf(&b, "By %s's signed word, at %s %s held whole no later record of that log and had not withdrawn the request. ", us, stamp(n.Words.Ours), us)
	fmt.Fprintf(&b, "%d and %d records were not opened.", n.ClosedTheirs, n.ClosedOurs)
	if n.Pending > 0 {
		fmt.Fprintf(&b, " %s knew a later head of size %d; its records had not come.", strings.ToUpper(us[:1])+us[1:], n.Pending)
	}
	n.Sentence = b.String()
}

// list reports one record and counts it.
func (v *verifier) list(s *shown) {
	v.report.gone.meet(s)
	r := &s.log.summary
	switch s.depth {
	case LeafOnly:
		r.Leaves++
	case WithHeader:
		r.Headers++
	case Whole:
		r.Whole++
	}
	if s.leaf != nil {
		if r.From == 0 {
			r.From = s.leaf.Time
		}
		r.To = s.leaf.Time
	}
	if s.header == nil {
		return
	}
	full := len(v.report.Records) >= v.o.MaxRecords
	if full && v.report.Thing == nil {
		v.report.More++
		return
	}
	one := RecordReport{Ref: record.ByNumber(s.log.id.Party, s.number()), Time: s.leaf.Time, Depth: s.depth, Code: s.header.Code, Status: s.header.Status}
	one.Receipts = receipts(s)
	if s.depth == Whole {
		one.Text = v.render(s)
	}
	if v.report.Thing != nil {
		v.tell(s, one)
	}
	if full {
		v.report.More++
		return
	}
	v.report.Records = append(v.report.Records, one)
}

// receipts are the earliest words of each other party that it held a record.
func receipts(s *shown) (list []Receipt) {
	for _, x := range s.log.statements {
		if x.By.Party == s.log.id.Party || x.Size <= s.index {
			continue
		}
		i := slices.IndexFunc(list, func(r Receipt) bool { return r.By == x.By.Party && r.PQ == x.PQ })
		if i < 0 {
			list = append(list, Receipt{x.By.Party, x.At, x.PQ})
		} else {
			list[i].At = min(list[i].At, x.At)
		}
	}
	slices.SortFunc(list, func(a, b Receipt) int { return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.By, b.By)) })
	return list
}

// render gives the words in the reader's language, if the extract holds it.
func (v *verifier) render(s *shown) string {
	c := v.of(s.leaf.Agreement)
	if c == nil {
		return ""
	}
	b, err := record.DecodeBody(s.entry.Body)
	if err != nil {
		return ""
	}
	text, err := c.Render(v.o.Language, s.header, b, env{v})
	if err != nil || !printable(text) {
		return ""
	}
	return text
}

// env names parties and posts for renderings.
type env struct{ v *verifier }

func (e env) PartyName(no record.PartyNo) string { return e.v.short(no) }

func (e env) PostName(a record.Address) string { return e.v.short(a.Party) + ":" + a.Post }

func (e env) PartyNo(name string) (record.PartyNo, bool) {
	p, ok := e.v.newestAgreement().ByShort(name)
	return p.Number, ok
}

func (v *verifier) breach(format string, args ...any) {
	if len(v.report.Breaches) == maxBreaches {
		v.report.MoreFaults++
		return
	}
	v.report.Breaches = append(v.report.Breaches, fmt.Sprintf(format, args...))
}

// judge walks the logs and fills the report.
func (v *verifier) judge() error {
	v.report.names = map[record.PartyNo]string{}
	for _, p := range v.report.Parties {
		v.report.names[p.Number] = p.Short
	}
	for _, l := range v.order {
		l.summary = LogReport{Log: l.id, Base: l.card.Base, Size: l.size}
		v.report.Statements = append(v.report.Statements, l.statements...)
	}
	slices.SortFunc(v.report.Statements, func(a, b Statement) int {
		return cmp.Or(cmp.Compare(a.At, b.At), a.Log.Compare(b.Log), cmp.Compare(a.Size, b.Size), a.By.Compare(b.By), bytes.Compare(a.Line, b.Line))
	})
	if v.t.Kind == NoReplyFor {
		if err := v.noReply(); err != nil {
			return err
		}
	}
	if v.t.Kind == AboutThing {
		if err := v.thing(); err != nil {
			return err
		}
	}
	for _, l := range v.order {
		if l.shown && !l.walked {
			c := v.newCourse()
			if err := v.walk(l, func(s *shown) (bool, error) { v.list(s); c.note(s); return true, nil }); err != nil {
				return err
			}
		}
		if l.shown {
			s := &l.summary
			s.Withheld = s.Size - s.Leaves - s.Headers - s.Whole
			v.report.Logs = append(v.report.Logs, *s)
		}
	}
	v.report.Removed = v.report.gone.list()
	if v.report.Thing != nil {
		v.report.Thing.judge(v)
	}
	return nil
}

// lastStamp is the last second of the year 9999.
const lastStamp = 253402300799

// stamp prints a time; a cosignature may bear one beyond what a date can say.
func stamp(s record.Stamp) string {
	if s > lastStamp {
		return fmt.Sprintf("second %d", s)
	}
	return time.Unix(int64(s), 0).UTC().Format("2006-01-02 15:04:05Z")
}
