// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"fmt"
	"slices"
	"sync"

	"openline/internal/station"
	"openline/internal/station/stationtest"
	"openline/internal/store"
	"openline/record"
)

var affairsLine = sync.OnceValues(func() (*stationtest.Line, error) { return stationtest.NewLine(stationtest.Terms{Affairs: true}) })

// withRemoval takes out of a plan what loses disks: a peer restored from
// before what was removed ends there by rule, and does not heal.
func (p Plan) withRemoval() Plan {
	p.Announced, p.Silent, p.Clones, p.Liar = 0, 0, 0, false
	return p
}

// scheduleRemoval has both parties remove content, by record and from their
// disks: one later than the other, or not at all.
func (w *world) scheduleRemoval() {
	for i := range 6 {
		w.after(w.between(w.plan.Chaos/4, w.plan.Chaos), func() { w.sayRemoval(i) })
		w.after(w.between(w.plan.Chaos/4, w.plan.Chaos), func() { w.takeOff(w.nodes[w.rng.IntN(2)], i) })
	}
}

// sayRemoval has two persons of a party name some records: closed and open
// ones, of either party, some that open nothing, some named before.
func (w *world) sayRemoval(i int) {
	n := w.nodes[w.rng.IntN(2)]
	if n.st == nil || len(w.refs) == 0 {
		return
	}
	var names []record.Value
	for range 1 + w.rng.IntN(12) {
		r := w.refs[w.rng.IntN(len(w.refs))]
		names = append(names, record.Array(record.Uint(uint64(r.Party)), record.Uint(r.Number)))
	}
	d, act, err := n.st.Prepare(station.Draft{Code: "RT01", From: "watch", Salt: w.salt(), Params: map[string]record.Value{"records": record.Array(names...)}})
	if err != nil {
		w.fail("RT01 is not written: %v", err)
		return
	}
	d.People = w.signatures(act)
	s := &saying{token: fmt.Sprintf("removal-%04d", i), node: n, drafts: []station.Draft{d}}
	w.said = append(w.said, s)
	w.ask(s)
}

// takeOff has a party take off its disk what is removed.
func (w *world) takeOff(n *node, i int) {
	if n.st == nil {
		return
	}
	logs, base := map[record.PartyNo][]store.LogID{1: nil, 2: nil}, map[store.LogID]uint64{}
	for _, l := range n.disk.Load().Logs {
		logs[l.Log.Party] = append(logs[l.Log.Party], l.Log)
		base[l.Log] = l.Base
	}
	r := station.NewRemoving(n.disk, n.party.Number, logs, base)
	var list []station.ToRemove
	for _, t := range n.st.RemovedThings() {
		x, err := r.Of(t)
		if err != nil {
			w.fail("what %s may remove: %v", n.name, err)
			return
		}
		if len(x.Waits) == 0 {
			list = append(list, x.Records...)
		}
	}
	slices.SortFunc(list, func(a, b station.ToRemove) int { return a.At.Compare(b.At) })
	n.step(station.Remove{Token: fmt.Sprintf("off-%d", i), Records: list})
}

// removed sees content about to go: the other party has held it whole.
func (m *monitor) removed(n *node, b store.Batch) {
	for _, r := range b.Removals {
		_, entries := n.disk.Log(r.Log)
		if r.Index >= uint64(len(entries)) {
			m.w.fail("%s removes record %d of log %v, which it does not hold", n.name, r.Index, r.Log)
			return
		}
		e := entries[r.Index]
		if body, err := record.DecodeBody(e.Body); err == nil {
			m.gone[body.Salt] = true
		}
		m.w.stats.Removed++
		theirs := m.held[holding{3 - n.party.Number, r.Log}]
		if r.Index >= uint64(len(theirs)) || theirs[r.Index] != digestOf(e) {
			m.w.fail("%s removes record %d of log %v, which the other party never held whole", n.name, r.Index, r.Log)
		}
	}
}

// judgeRebuilt holds what a station reads against what its records alone
// give, with and without what it cached.
func (w *world) judgeRebuilt(n *node) {
	r, err := station.Rebuild(n.config(), n.disk.Load(), n.clock())
	switch {
	case err != nil:
		w.fail("%s cannot be rebuilt: %v", n.name, err)
	case r.Digest != n.st.Digest():
		w.fail("%s reads otherwise than its records: %x, %x", n.name, n.st.Digest(), r.Digest)
	case r.Cached && !r.Same:
		w.fail("what %s cached reads otherwise than its records", n.name)
	}
}
