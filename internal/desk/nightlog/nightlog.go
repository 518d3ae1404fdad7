// SPDX-License-Identifier: Apache-2.0

// Package nightlog is everything between two hand-overs of the watch on one
// page: what was said and what came, tests folded to one line, contacts
// logged, alarms and who acknowledged them when, what persons released or
// sent alone, and the words of the hand-over.
//
// Invariants:
//
//   - It is made from what is stored; nothing is kept of it.
//   - What is not known is not written; where nothing happened it says so.
//
// Specification: spec/desk.md section 5.
package nightlog

import (
	"fmt"
	"strings"
	"time"

	"openline/internal/desk"
	"openline/internal/desk/mandate"
	"openline/internal/desk/roster"
)

// Night is the log of a stretch of the watch.
type Night struct {
	Line      string              `json:"line"`
	Me        string              `json:"me"`
	Exercise  bool                `json:"exercise"`
	From      time.Time           `json:"from"`
	To        time.Time           `json:"to"`
	Open      bool                `json:"open" doc:"It is not handed over yet"`
	Handovers []roster.Handover   `json:"handovers" doc:"Within the stretch, its two ends included"`
	State     string              `json:"state" doc:"Alert state at its end"`
	Records   []Record            `json:"records"`
	Left      int                 `json:"left,omitempty" doc:"Older records of the stretch that are not listed: read the transcript"`
	Tests     []Tests             `json:"tests"`
	Awaits    *int                `json:"awaits" doc:"Matters that await our reply, where the stretch is not over; null: not reckoned"`
	Contacts  []map[string]string `json:"contacts"`
	Alarms    []roster.Alarm      `json:"alarms"`
	Acts      []mandate.Acted     `json:"acts"`
	Changes   []mandate.Change    `json:"changes" doc:"Of the mandates and the alert state"`
}

// Record is one record of the stretch.
type Record struct {
	At     time.Time `json:"at"`
	Ref    string    `json:"ref"`
	Ours   bool      `json:"ours"`
	Code   string    `json:"code,omitempty"`
	Text   string    `json:"text" doc:"Rendered in the language asked for"`
	Asks   bool      `json:"asks,omitempty"`
	Status string    `json:"status,omitempty"`
}

// Tests are the line tests of one party, and how many of them persons of the
// other side read.
type Tests struct {
	Party string `json:"party"`
	Sent  int    `json:"sent"`
	Read  int    `json:"read"`
}

const hour = "2 Jan 15:04Z"

// Markdown writes the page.
func (n *Night) Markdown() string {
	var b strings.Builder
	title := "Night log of " + n.Me + ", line " + n.Line
	if n.Exercise {
		title = "EXERCISE · " + title
	}
	fmt.Fprintf(&b, "# %s\n\n%s\n", title, n.span())
	n.handed(&b)
	n.standing(&b)
	n.records(&b)
	n.alarms(&b)
	n.acts(&b)
	n.contacts(&b)
	return b.String()
}

// Text writes the page for a terminal.
func (n *Night) Text() string {
	r := strings.NewReplacer("\n## ", "\n", "\n\\> ", "\n  ", "\\", "")
	s := r.Replace("\n" + n.Markdown())
	return strings.TrimPrefix(strings.TrimPrefix(s, "\n"), "# ")
}

func (n *Night) span() string {
	s := fmt.Sprintf("From %s to %s", n.From.UTC().Format("2 January 2006 15:04Z"), n.To.UTC().Format("2 January 2006 15:04Z"))
	if n.Open {
		s += "; not handed over yet"
	}
	return s + "."
}

func (n *Night) handed(b *strings.Builder) {
	fmt.Fprintf(b, "\n## The watch\n\n")
	if len(n.Handovers) == 0 {
		b.WriteString("No hand-over is entered.\n")
	}
	for _, h := range n.Handovers {
		from := "taken over"
		if h.From != "" {
			from = h.From
		}
		fmt.Fprintf(b, "- %s %s → %s\n", h.At.UTC().Format(hour), plain(from), plain(h.To))
		if h.Words != "" {
			fmt.Fprintf(b, "  %s\n", plain(h.Words))
		}
	}
}

func (n *Night) standing(b *strings.Builder) {
	fmt.Fprintf(b, "\n## How it stands\n\n- Alert state %s.\n", n.State)
	switch {
	case n.Awaits == nil:
	case *n.Awaits == 0:
		b.WriteString("- Nothing awaits our reply.\n")
	case *n.Awaits == 1:
		b.WriteString("- 1 matter awaits our reply.\n")
	default:
		fmt.Fprintf(b, "- %d matters await our reply.\n", *n.Awaits)
	}
	for _, t := range n.Tests {
		fmt.Fprintf(b, "- Line tests of %s: %d, of which persons of the other side read %d.\n", t.Party, t.Sent, t.Read)
	}
	for _, c := range n.Changes {
		what := "alert state " + c.State
		if c.Table != "" {
			what = "mandates: " + plain(c.Table)
		}
		fmt.Fprintf(b, "- %s %s, by %s\n", c.At.UTC().Format(hour), what, people(c.Persons))
	}
}

func (n *Night) records(b *strings.Builder) {
	fmt.Fprintf(b, "\n## On the line\n\n")
	if len(n.Records) == 0 {
		b.WriteString("Nothing but tests.\n")
	}
	if n.Left > 0 {
		fmt.Fprintf(b, "%d older records are not listed; the transcript has them.\n\n", n.Left)
	}
	for _, r := range n.Records {
		way := "came"
		if r.Ours {
			way = "said"
		}
		fmt.Fprintf(b, "- %s %s %s %s: %s\n", r.At.UTC().Format(hour), way, r.Ref, r.Code, plain(r.Text))
	}
}

func (n *Night) alarms(b *strings.Builder) {
	fmt.Fprintf(b, "\n## Alarms\n\n")
	if len(n.Alarms) == 0 {
		b.WriteString("None is entered.\n")
	}
	for _, a := range n.Alarms {
		fmt.Fprintf(b, "- %s %s", a.At.UTC().Format(hour), plain(a.Text))
		if a.Acknowledged != nil {
			fmt.Fprintf(b, " · acknowledged %s by %s", a.Acknowledged.UTC().Format(hour), plain(a.By))
		} else {
			b.WriteString(" · not acknowledged")
		}
		b.WriteString("\n")
		for _, s := range a.Steps {
			fmt.Fprintf(b, "  %s %s %s: %s\n", s.At.UTC().Format(hour), plain(s.Way), plain(s.To), plain(s.Outcome))
		}
	}
}

func (n *Night) acts(b *strings.Builder) {
	fmt.Fprintf(b, "\n## Released, and sent alone\n\n")
	if len(n.Acts) == 0 {
		b.WriteString("Nothing.\n")
	}
	for _, a := range n.Acts {
		how := "released by"
		if a.Alone {
			how = "sent alone by"
		}
		fmt.Fprintf(b, "- %s %s %s %s %s", a.At.UTC().Format(hour), a.Act, a.Record, how, people(a.Persons))
		if a.Under != "" {
			fmt.Fprintf(b, " (%s)", plain(a.Under))
		}
		if a.Changed {
			b.WriteString(" · what it is about changed after the release")
		}
		b.WriteString("\n")
	}
}

func (n *Night) contacts(b *strings.Builder) {
	fmt.Fprintf(b, "\n## Contacts logged\n\n")
	if len(n.Contacts) == 0 {
		b.WriteString("None.\n")
	}
	for _, c := range n.Contacts {
		fmt.Fprintf(b, "- %s %s, %s: %s – %s, %s · %s", plain(c["date"]), c["kind"], c["level"], plain(c["ours"]), plain(c["theirs"]), plain(c["channel"]), c["outcome"])
		if c["note"] != "" {
			fmt.Fprintf(b, " · %s", plain(c["note"]))
		}
		b.WriteString("\n")
	}
}

// people names persons; where nobody is named it says so.
func people(list []desk.Person) string {
	var names []string
	for _, p := range list {
		names = append(names, plain(p.Name))
	}
	if names == nil {
		return "nobody named"
	}
	return strings.Join(names, " and ")
}

// plain keeps words of others on one line, and from being read as marks of
// the page.
func plain(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return -1
		}
		return r
	}, s)
	return strings.NewReplacer("\\", "\\\\", "*", "\\*", "_", "\\_", "`", "\\`", "[", "\\[", "]", "\\]", "<", "\\<", "#", "\\#", "|", "\\|").Replace(s)
}
