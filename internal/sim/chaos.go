// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"openline/internal/station"
	"openline/record"
)

// saying is one thing an asker wants recorded, and what it was told.
type saying struct {
	token   string
	node    *node
	drafts  []station.Draft
	results []station.Result
	refused bool
	tries   int
}

// scheduleChaos lays out what happens to this line and when.
func (w *world) scheduleChaos() {
	p := &w.plan
	at := func() time.Duration { return w.between(0, p.Chaos) }
	for i := range p.Says {
		w.after(at(), func() { w.sayOne(i) })
	}
	for range p.Hangups {
		w.after(at(), func() {
			if len(w.conns) > 0 {
				w.close(w.conns[w.rng.IntN(len(w.conns))], "pulled", nil)
			}
		})
	}
	for range p.Cuts {
		w.after(at(), w.cutOne)
	}
	for range p.Jumps {
		w.after(at(), w.jumpClock)
	}
	for range p.Announced + p.Silent {
		n := w.nodes[w.rng.IntN(2)]
		w.after(at(), func() { n.backup = &backup{n.disk.Clone(), n.issued, slices.Clone(n.unmarked)} })
	}
	for range p.Announced {
		w.after(at(), func() { w.restore(true) })
	}
	for range p.Silent {
		w.after(at(), func() { w.restore(false) })
	}
	for range p.Clones {
		w.after(at(), w.cloneOne)
	}
}

func (w *world) cutOne() {
	if len(w.conns) == 0 {
		return
	}
	c := w.conns[w.rng.IntN(len(w.conns))]
	c.cut[w.rng.IntN(2)] = true
	if w.chance(0.3) {
		c.cut = [2]bool{true, true}
	}
	w.trace.add(w.now, "wire", "cut %v", c.cut)
}

func (w *world) jumpClock() {
	n := w.nodes[w.rng.IntN(2)]
	steps := []time.Duration{2 * time.Minute, 6 * time.Minute, 24 * time.Hour, 3650 * 24 * time.Hour}
	d := steps[w.rng.IntN(len(steps))]
	if w.chance(0.5) {
		d = -d
	}
	n.offset += d
	n.log("clock jumps by %v", d)
}

// restore puts an old backup in place of a disk. Announced, a new generation
// is opened over it, as openline restore always does.
func (w *world) restore(announced bool) {
	n := w.nodes[w.rng.IntN(2)]
	if n.backup == nil || w.opts.Fault == 0 && n.liar {
		return
	}
	n.crash("restored from a backup")
	w.stats.Restores++
	n.restored = true
	n.disk, n.unmarked = n.backup.disk.Clone(), slices.Clone(n.backup.unmarked)
	if announced {
		n.issued = n.backup.issued
		if err := n.newGeneration(); err != nil {
			w.fail("new generation: %v", err)
		}
		return
	}
	n.issued = n.backup.issued
	if !n.hasMark {
		w.monitor.taint(n)
	}
	n.log("nobody is told of the restore; mark %v", n.hasMark)
}

// cloneOne starts a second copy of a station beside the first.
func (w *world) cloneOne() {
	n := w.nodes[w.rng.IntN(2)]
	if len(w.nodes) > 2 || n.liar {
		return
	}
	w.monitor.taint(n)
	c := &node{w: w, name: n.name + "'", party: n.party, disk: n.disk.Clone(), mark: n.mark, hasMark: n.hasMark, clone: true, tainted: true,
		issued: n.issued, offset: n.offset, unmarked: slices.Clone(n.unmarked)}
	w.nodes = append(w.nodes, c)
	c.start()
}

// sayOne has somebody say something.
func (w *world) sayOne(i int) {
	n := w.nodes[w.rng.IntN(len(w.nodes))]
	s := &saying{token: fmt.Sprintf("token-%04d", i), node: n}
	for range 1 + w.rng.IntN(3) {
		d := w.draft(n, s.token)
		s.drafts = append(s.drafts, d)
	}
	w.said = append(w.said, s)
	w.ask(s)
}

func (w *world) ask(s *saying) {
	if s.results != nil || s.refused || s.tries > 30 || w.failed != "" {
		return
	}
	s.tries++
	s.node.step(station.Say{Token: s.token, Drafts: s.drafts})
	w.after(w.between(5*time.Second, 15*time.Second), func() { w.ask(s) })
}

func (w *world) told(n *node, e station.Told) {
	var s *saying
	for _, o := range w.said {
		if o.token == e.Token && o.node == n {
			s = o
		}
	}
	switch {
	case s == nil:
	case e.Err != nil && strings.Contains(e.Err.Error(), "ask again"):
	case e.Err != nil:
		n.log("%s: %v", e.Token, e.Err)
		s.refused = true
	case len(e.Results) > 0 && e.Results[0].Number > 0:
		n.log("%s is record %d", e.Token, e.Results[0].Number)
		w.acknowledged(n, s, e.Results)
	}
}

// acknowledged holds what an asker is told against the disk and against what
// it was told before.
func (w *world) acknowledged(n *node, s *saying, results []station.Result) {
	if s.results != nil && !n.restored && !n.tainted && s.results[0] != results[0] {
		w.fail("%s was told of record %d, and later of record %d", s.token, s.results[0].Number, results[0].Number)
	}
	s.results = results
	for _, r := range results {
		id, base, ok := w.monitor.logAt(r.Party, r.Number)
		_, entries := n.disk.Log(id)
		if !ok || r.Number-base >= uint64(len(entries)) || record.LeafHash(entries[r.Number-base].Leaf) != r.Leaf {
			w.fail("%s was told of record %d, which is not on the disk", s.token, r.Number)
			return
		}
		w.refs = append(w.refs, record.ByNumber(r.Party, r.Number))
	}
	// A desk looks at its table, so that an old one must be made anew.
	if n.st != nil {
		if _, err := n.st.Dossiers(); err != nil {
			w.fail("dossiers of %s: %v", n.name, err)
		}
	}
}

func (w *world) salt() (s [16]byte) {
	for i := range s {
		s[i] = byte(w.rng.Uint32())
	}
	return s
}

// draft draws something to say: mostly words, some distress, requests,
// answers, and what takes two persons.
func (w *world) draft(n *node, token string) station.Draft {
	d := station.Draft{Code: "TX01", Text: token, Salt: w.salt(), From: "secretary"}
	other := 3 - n.party.Number
	post := func(p record.PartyNo) record.Value {
		return record.Array(record.Uint(uint64(p)), record.Text("secretary"))
	}
	switch k := w.rng.IntN(10); {
	case k == 0:
		d.Code, d.Text, d.From = "DS01", "", "watch"
		d.Params = map[string]record.Value{"position": record.Array(record.Int(2450000), record.Int(11970000)), "kind": record.Text("ship"), "help": record.Text("asked")}
	case k == 1 || k == 2:
		d.Code, d.Text = "CR01", ""
		d.Params = map[string]record.Value{"caller": post(n.party.Number), "called": post(other), "subject": record.Text("a call"),
			"urgency": record.Text("ordinary"), "medium": record.Text("voice")}
	case k < 6 && len(w.refs) > 0:
		d.Re = []record.Ref{w.refs[w.rng.IntN(len(w.refs))]}
		switch w.rng.IntN(4) {
		case 0:
			d.Code, d.Text = "RC01", ""
		case 1:
			d.Code, d.Text = "HD02", ""
			d.Params = map[string]record.Value{"until": record.Uint(epoch + 3600)}
		case 2:
			d.Code, d.Text = "WD01", ""
		case 3:
			d.Code, d.Text = "PR01", ""
		}
	case k == 6:
		d.Code, d.Text, d.From = "IN03", "", "watch"
		d.Params = map[string]record.Value{"kind": record.Text("fault")}
		if n.st != nil {
			if ready, act, err := n.st.Prepare(d); err == nil {
				d = ready
				d.People = w.signatures(act)
			}
		}
	}
	return d
}
