// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"fmt"
	"io"
	"strings"
	"time"

	"openline/extract"
	"openline/internal/host"
	"openline/internal/story"
)

// Teller prints the story as it goes, one line an event, with its label.
type Teller struct {
	W        io.Writer
	Terminal bool // progress is drawn over itself

	drawn bool
}

var labels = map[string]string{story.Reported: "reported", story.Differently: "reported differently", story.Supplied: "supplied"}

func (t *Teller) line(format string, a ...any) {
	t.progressDone()
	// What a pipe that was closed does not take is nobody's loss.
	_, _ = fmt.Fprintf(t.W, format+"\n", a...)
}

func (t *Teller) progress(n, of int, at time.Time) {
	if !t.Terminal {
		return
	}
	const width = 30
	done := n * width / max(1, of)
	t.drawn = true
	_, _ = fmt.Fprintf(t.W, "\r  %s  %s%s", at.UTC().Format("2 Jan 2006"), strings.Repeat("▪", done), strings.Repeat("·", width-done))
}

func (t *Teller) progressDone() {
	if t.drawn {
		_, _ = fmt.Fprintf(t.W, "\r%s\r", strings.Repeat(" ", 60))
		t.drawn = false
	}
}

func (t *Teller) opened(at time.Time, p story.Party, posts int) {
	t.line("  %-18s  %s (%s) declares its hours, its clocks and %d posts.  [supplied]", at.Format("2 Jan 2006"), p.Title, p.Short, posts)
}

func (t *Teller) fact(f story.Fact) {
	t.line("  %-18s  %s\n  %18s  — %s  [%s]", f.Learned.AsTime(time.UTC).Format("2 Jan 2006"), f.Text, "", f.Source, labels[f.Label])
}

func (t *Teller) event(e story.Event, party string, r host.Record, rendered string, receipts []host.Receipt) {
	at := time.Unix(int64(r.Time()), 0).UTC()
	t.line("  %-18s  %s/%d  %s  [supplied]", at.Format("2 Jan 2006 15:04Z"), party, r.Number, e.Tell)
	t.line("  %18s  “%s”", "", rendered)
	for _, q := range receipts {
		t.line("  %18s  received %s, cosigned at %d", "", time.Unix(int64(q.At), 0).UTC().Format("15:04:05Z"), q.Size)
	}
}

func (t *Teller) opening(s *story.Story, neutral bool) {
	t.line("openline: a demonstration.")
	t.line("")
	t.line("%s", s.Headline)
	if s.Fiction {
		t.line("Neither the parties nor the event exist.")
	} else if neutral {
		t.line("Played by Blue and Red: the shape of the public record, none of its names.")
	} else {
		t.line("What is marked reported is in the public record, with its source. Everything said on the line is")
		t.line("supplied for the demonstration: the parties named never used this line.")
	}
	t.line("")
}

func (t *Teller) built(st *Stage) {
	for _, p := range st.Story.Parties {
		h := st.homes[p.Short]
		t.line("  %-4s  %s\n        station in %s, listening on %s\n        fingerprint  %s", p.Short, p.Title, h.Dir, h.Settings.Listen, st.Fig[h.Party()])
	}
	t.line("")
	t.line("  Cards exchanged, an agreement signed by both with Ed25519 and ML-DSA-44, an exercise for good: line %s.", st.Line)
	t.line("  One virtual clock for both; it goes on only when both rest. A line test every %s; a line in service", st.Story.TestsEvery)
	t.line("  has one an hour.")
	t.line("")
}

func (t *Teller) brief(lead string, rows int, page string) {
	t.line("")
	t.line("%s", lead)
	t.line("The brief, computed from both logs and %d imported contacts:", rows)
	t.page(page)
}

// chapter opens the second chapter.
func (t *Teller) chapter(c *story.Chapter) {
	t.line("")
	t.line("%s", c.Title)
	t.line("%s", c.Says)
	t.line("")
}

// after tells how it stands after the second chapter.
func (t *Teller) after(c *story.Chapter, page string) {
	t.line("")
	t.line("The brief of %s:", c.Ends.Format("2 January 2006"))
	t.page(page)
}

func (t *Teller) page(page string) {
	t.line("")
	for l := range strings.Lines(page) {
		t.line("  %s", strings.TrimRight(l, "\n"))
	}
}

func (t *Teller) extract(path string, r *extract.Report) {
	t.line("")
	t.line("The same as one file that anyone can verify, without either station: %s", path)
	t.line("  $ openline verify no-reply.zip")
	t.line("")
	for l := range strings.Lines(r.Text()) {
		t.line("  %s", strings.TrimRight(l, "\n"))
	}
}

func (t *Teller) staying(st *Stage, console string) {
	first, second := st.Story.Parties[0], st.Story.Parties[1]
	t.line("")
	if next := st.Story.WayOut; next != nil {
		t.line("A second chapter, %q, is played from the page of both consoles, step by step.", next.Title)
	}
	t.line("Both stations stay up. Their clock runs on from %s; it is told time, not today's.", st.Story.Ends.Format("2 January 2006 15:04Z"))
	t.line("")
	t.line("  Both consoles side by side, and the wire between them:  %s", console)
	t.line("")
	t.line("Or in another terminal:")
	t.line("")
	t.line("  export OPENLINE_DIR=%s", st.homes[first.Short].Dir)
	t.line("  openline status                               how the line stands, in three sentences")
	t.line("  openline log %s -n 20                        the transcript", st.Story.Slug)
	t.line("  openline brief %s --at %s --lang fr  the brief as it stood then, in eight languages", st.Story.Slug, st.Story.Begins.Add(st.Story.Ends.Sub(st.Story.Begins)/2).Format(time.DateOnly))
	t.line("  openline ask %s RECORD                       how does our request stand?", st.Story.Slug)
	t.line("  openline --dir %s status", st.homes[second.Short].Dir)
	t.line("  openline --dir %s reply %s RECORD HD03      received; no word yet: one key for them", st.homes[second.Short].Dir, st.Story.Slug)
	t.line("")
	t.line("Ctrl-C ends it.")
}
