// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"time"

	"openline/internal/station"
)

// canary stands in everything the parties keep to themselves.
var canary = []byte("kept-at-home")

// journalKinds are the kinds of notes a desk writes.
var journalKinds = []string{"contacts", "deliberation", "roster", "watch", "draft"}

// scheduleJournal has every desk write in its journal, and change its
// mandates, now and then; none of it draws from the seed.
func (w *world) scheduleJournal() {
	every := w.plan.Chaos / 40
	for i := range 40 {
		w.after(time.Duration(i)*every, func() { w.keepHome(i) })
	}
}

func (w *world) keepHome(i int) {
	for _, n := range w.nodes {
		if n.st == nil {
			continue
		}
		kind := journalKinds[i%len(journalKinds)]
		n.step(station.Note{Token: fmt.Sprintf("note-%d", i), Kind: kind, Bytes: fmt.Appendf(nil, `{"%s":"%s"}`, canary, kind)})
		if n.st == nil || i%8 != 0 {
			continue
		}
		table := fmt.Appendf(nil, "version = 1\nname = \"%s %d\"\nstates = [\"calm\", \"tension\", \"crisis\", \"%s\"]\n[[alone]]\nwho = \"one person\"\n", canary, i, canary)
		ev := station.SetMandates{Token: fmt.Sprintf("mandates-%d", i), Table: table}
		if i%16 == 8 {
			ev.Table, ev.State = nil, string(canary)
		}
		if act, err := n.st.MandateAct(ev.Table, ev.State); err == nil {
			ev.Cut, ev.People = act.Cut, w.signatures(act)
			n.step(ev)
		}
	}
}

// leaves fails the history where a byte of the journal is sent: its words, or
// the digest by which two persons signed them.
func (w *world) leaves(n *node, frames [][]byte) {
	if !w.opts.Journal {
		return
	}
	state := sha256.Sum256(canary)
	for _, f := range frames {
		w.stats.Sent += len(f)
		w.stats.Heard = w.stats.Heard || bytes.Contains(f, []byte("token-00"))
		if bytes.Contains(f, canary) || bytes.Contains(f, state[:]) {
			w.fail("%s sends what is in its journal", n.name)
		}
	}
}
