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

// Markdown writes the page in English.
func (n *Night) Markdown() string { return n.In(english()) }

// In writes the page in a language.
func (n *Night) In(w *Words) string {
	var b strings.Builder
	title := w.Say("title", "Party", n.Me, "Line", n.Line)
	if n.Exercise {
		title = w.Say("exercise") + " · " + title
	}
	fmt.Fprintf(&b, "# %s\n\n%s\n", title, w.Span(n))
	n.handed(&b, w)
	n.standing(&b, w)
	n.records(&b, w)
	n.alarms(&b, w)
	n.acts(&b, w)
	n.contacts(&b, w)
	return b.String()
}

// Text writes the page for a terminal.
func (n *Night) Text() string { return n.TextIn(english()) }

// TextIn writes the page for a terminal in a language.
func (n *Night) TextIn(w *Words) string {
	r := strings.NewReplacer("\n## ", "\n", "\n\\> ", "\n  ", "\\", "")
	s := r.Replace("\n" + n.In(w))
	return strings.TrimPrefix(strings.TrimPrefix(s, "\n"), "# ")
}

func (n *Night) handed(b *strings.Builder, w *Words) {
	fmt.Fprintf(b, "\n## %s\n\n", w.Say("watch"))
	if len(n.Handovers) == 0 {
		fmt.Fprintln(b, w.Say("no_handover"))
	}
	for _, h := range n.Handovers {
		from := w.Say("taken_over")
		if h.From != "" {
			from = h.From
		}
		fmt.Fprintf(b, "- %s %s → %s\n", w.Hour(h.At), plain(from), plain(h.To))
		if h.Words != "" {
			fmt.Fprintf(b, "  %s\n", plain(h.Words))
		}
	}
}

func (n *Night) standing(b *strings.Builder, w *Words) {
	fmt.Fprintf(b, "\n## %s\n\n", w.Say("stands"))
	for _, s := range w.Standing(n, plain) {
		fmt.Fprintf(b, "- %s\n", s)
	}
}

func (n *Night) records(b *strings.Builder, w *Words) {
	fmt.Fprintf(b, "\n## %s\n\n", w.Say("line"))
	if len(n.Records) == 0 {
		fmt.Fprintln(b, w.Say("no_records"))
	}
	if n.Left > 0 {
		fmt.Fprintf(b, "%s\n\n", w.Say("left", "N", n.Left))
	}
	for _, r := range n.Records {
		way := "came"
		if r.Ours {
			way = "said"
		}
		fmt.Fprintf(b, "- %s %s %s %s: %s\n", w.Hour(r.At), w.Say(way), r.Ref, r.Code, plain(r.Text))
	}
}

func (n *Night) alarms(b *strings.Builder, w *Words) {
	fmt.Fprintf(b, "\n## %s\n\n", w.Say("alarms"))
	if len(n.Alarms) == 0 {
		fmt.Fprintln(b, w.Say("no_alarms"))
	}
	for _, a := range n.Alarms {
		how := w.Say("unacknowledged")
		if a.Acknowledged != nil {
			how = w.Say("acknowledged", "At", w.Hour(*a.Acknowledged), "Person", plain(a.By))
		}
		fmt.Fprintf(b, "- %s %s · %s\n", w.Hour(a.At), plain(a.Text), how)
		for _, s := range a.Steps {
			fmt.Fprintf(b, "  %s %s %s: %s\n", w.Hour(s.At), plain(s.Way), plain(s.To), plain(s.Outcome))
		}
	}
}

func (n *Night) acts(b *strings.Builder, w *Words) {
	fmt.Fprintf(b, "\n## %s\n\n", w.Say("acts"))
	if len(n.Acts) == 0 {
		fmt.Fprintln(b, w.Say("no_acts"))
	}
	for _, a := range n.Acts {
		fmt.Fprintf(b, "- %s %s %s %s", w.Hour(a.At), a.Act, a.Record, w.By(a, plain))
		if a.Under != "" {
			fmt.Fprintf(b, " (%s)", plain(a.Under))
		}
		if a.Changed {
			b.WriteString(" · " + w.Say("changed"))
		}
		b.WriteString("\n")
	}
}

func (n *Night) contacts(b *strings.Builder, w *Words) {
	fmt.Fprintf(b, "\n## %s\n\n", w.Say("contacts"))
	if len(n.Contacts) == 0 {
		fmt.Fprintln(b, w.Say("no_contacts"))
	}
	for _, c := range n.Contacts {
		fmt.Fprintf(b, "- %s %s, %s: %s – %s, %s · %s", plain(c["date"]), c["kind"], c["level"], plain(c["ours"]), plain(c["theirs"]), plain(c["channel"]), c["outcome"])
		if c["note"] != "" {
			fmt.Fprintf(b, " · %s", plain(c["note"]))
		}
		b.WriteString("\n")
	}
}

// plain keeps words of others on one line, and from being read as marks of
// the page.
func plain(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return -1
		}
		return r
	}, s)
	return strings.NewReplacer("\\", "\\\\", "*", "\\*", "_", "\\_", "`", "\\`", "[", "\\[", "]", "\\]", "<", "\\<", "#", "\\#", "|", "\\|").Replace(s)
}
