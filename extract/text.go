// SPDX-License-Identifier: Apache-2.0

package extract

import (
	"fmt"
	"strings"

	"openline/record"
)

// Limits is printed under every no-reply sentence: what the asker's receipt
// at t3 cannot show.
const Limits = "The asker's word at the time of its receipt covers what it held whole: not a record that had come in part or ahead of its place, nor one that came later. No hour is claimed to have been missed."

const reliance = "It rests on the words signed as shown and imputes nothing to anyone."

// Text prints the report for people, in English; what was said is rendered
// in the language of the options. Every line names whose word it stands on.
func (r *Report) Text() string {
	var b strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&b, format, args...) }
	p("Extract of %s, kind %s.\n", r.Line, r.Kind)
	if r.Exercise {
		p("An exercise: %s.\n", DemonstrationSentence)
	}
	p("\nParties\n")
	for _, q := range r.Parties {
		state := "keys unvouched: compare these words with what the party itself says"
		if q.Vouched {
			state = "vouched by the fingerprint you gave"
		}
		p("  %s (%s), %s\n    %s\n    %s\n", q.Title, q.Name, q.Short, q.Fingerprint, state)
	}
	p("\nShown\n")
	for _, l := range r.Logs {
		p("  %s, generation %d, records %d to %d: %d opened whole, %d to the header, %d leaves only, %d withheld\n",
			r.short(l.Log.Party), l.Log.Generation, l.Base, l.Base+l.Size-min(l.Size, 1), l.Whole, l.Headers, l.Leaves, l.Withheld)
	}
	r.statements(p)
	r.records(p)
	for i, x := range r.Removed {
		if i == 0 {
			p("\nContent removed under the retention clause, by the record that says so\n")
		}
		if i == maxPrinted {
			p("  and %d more\n", len(r.Removed)-maxPrinted)
			break
		}
		p("  %s  its leaf only; %s names what it concerns\n", record.FormatRef(x.Ref, r.short), record.FormatRef(x.By, r.short))
	}
	for i, s := range r.Breaches {
		if i == 0 {
			p("\nOut of order in the logs themselves\n")
		}
		p("  %s\n", s)
	}
	if r.MoreFaults > 0 {
		p("  and %d more\n", r.MoreFaults)
	}
	if r.NoReply != nil {
		r.noReply(p)
	}
	if r.Thing != nil {
		r.thing(p)
	}
	return b.String()
}

func (r *Report) short(no record.PartyNo) string {
	if s := r.names[no]; s != "" {
		return s
	}
	return fmt.Sprintf("party %d", no)
}

func kindOf(pq bool) string {
	if pq {
		return "post-quantum, ML-DSA-44"
	}
	return "classical, Ed25519"
}

func (r *Report) statements(p func(string, ...any)) {
	p("\nSigned words on the logs\n")
	for i, s := range r.Statements {
		if i == maxPrinted {
			p("  and %d more\n", len(r.Statements)-maxPrinted)
			break
		}
		what := "held the first %d records of %s's log, generation %d, whole"
		if s.By.Party == s.Log.Party {
			what = "had %d records in %s's log, generation %d"
		}
		p("  By %s's signed word, at %s it "+what+" (%s)\n", r.short(s.By.Party), stamp(s.At), s.Size, r.short(s.Log.Party), s.Log.Generation, kindOf(s.PQ))
	}
}

func (r *Report) records(p func(string, ...any)) {
	if len(r.Records) > 0 {
		p("\nRecords\n")
	}
	for i, x := range r.Records {
		if i == maxPrinted {
			p("  and %d more\n", uint64(len(r.Records)-maxPrinted)+r.More)
			break
		}
		p("  %s  %s  %s, %s, shown to the %s\n", record.FormatRef(x.Ref, r.short), stamp(x.Time), x.Code, x.Status, x.Depth)
		if x.Text != "" {
			p("    %s\n", strings.ReplaceAll(x.Text, "\n", "\n    "))
		}
		for _, h := range x.Receipts {
			p("    held by %s's signed word at %s (%s)\n", r.short(h.By), stamp(h.At), kindOf(h.PQ))
		}
		if len(x.Receipts) == 0 {
			p("    no receipt of it is shown\n")
		}
	}
}

func (r *Report) noReply(p func(string, ...any)) {
	n := r.NoReply
	p("\nThe request %s, %s\n", record.FormatRef(n.Request, r.short), n.Code)
	for _, x := range n.Named {
		p("  %s, %s: names it, is not a reply\n", record.FormatRef(x.Ref, r.short), x.Code)
	}
	if n.MoreNamed > 0 {
		p("  and %d more that are not replies\n", n.MoreNamed)
	}
	if n.Step > 0 {
		p("\nNo sentence (step %d): %s\n", n.Step, n.Reason)
		return
	}
	p("\n%s\n", n.Sentence)
	if n.PostQuantum != nil {
		w := n.PostQuantum
		p("The same holds by post-quantum signatures at their own times: %s, %s and %s.\n", stamp(w.Held), stamp(w.Log), stamp(w.Ours))
	} else {
		p("Classical only.\n")
	}
	if !n.Clocks.IsZero() {
		p("%s relied on %s.\n", r.short(n.Asking), record.FormatRef(n.Clocks, r.short))
	}
	p("%s %s\n", Limits, reliance)
}

func (r *Report) thing(p func(string, ...any)) {
	p("\nWhat was said about %s\n", record.FormatRef(r.Thing.Name, r.short))
	if r.Thing.Step > 0 {
		p("\nNothing is said (step %d): %s\n", r.Thing.Step, r.Thing.Reason)
		return
	}
	for _, s := range r.Thing.Statement(r.short) {
		p("%s\n", s)
	}
	p("%s\n", reliance)
}
