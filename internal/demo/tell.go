// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"fmt"
	"io"
	"strings"
	"time"

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

func (t *Teller) opened(p story.Party, posts int) {
	t.line("  20 Jan 2021         %s (%s) declares its hours, its clocks and %d posts.  [supplied]", p.Title, p.Short, posts)
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
