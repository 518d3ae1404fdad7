// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"fmt"
	"slices"

	"openline/internal/station"
	"openline/internal/store"
	"openline/record"
)

// heal ends every fault: the network carries, disks save, clocks are right,
// copies are shut down.
func (w *world) heal() {
	w.healing = true
	w.trace.add(w.now, "world", "heals")
	for _, c := range slices.Clone(w.conns) {
		w.close(c, "healed", nil)
	}
	for _, n := range w.nodes {
		n.offset = 0
		if n.clone && n.st != nil {
			n.st = nil
			n.life++
			w.dropConns(n)
		}
	}
	w.nodes = w.nodes[:2]
	w.tend()
}

// tend is what operators do: start what is down, confirm the clock, open a
// new generation where the station asks for one.
func (w *world) tend() {
	for _, n := range w.nodes {
		if n.st == nil {
			n.start()
			continue
		}
		stale := n.issued.Card.Generation < w.monitor.gens[n.party.Number]
		_, forked := w.monitor.forked[w.logOf(n)]
		switch h := n.st.Hold(); {
		case h == station.HoldClock:
			n.step(station.AcceptClock{People: w.signatures(n.st.ClockAct())})
		case h == station.HoldOlder, h == station.HoldClone, h == station.HoldLeaves, stale, forked && n.tainted:
			n.log("two persons open a new generation")
			n.st = nil
			n.life++
			w.dropConns(n)
			if err := n.newGeneration(); err != nil {
				w.fail("new generation: %v", err)
				return
			}
			n.start()
		}
	}
}

func (w *world) allRest() bool {
	if len(w.conns) == 0 {
		return false
	}
	for _, n := range w.nodes {
		if n.st == nil || n.st.Hold() != station.HoldNone || !n.st.Rests() {
			return false
		}
		if _, forked := w.monitor.forked[w.logOf(n)]; forked && n.tainted {
			return false
		}
	}
	return w.level() == ""
}

// level reports what keeps the two sides from holding the same.
func (w *world) level() string {
	for i, n := range w.nodes {
		other := w.nodes[1-i]
		for gen := uint32(1); gen <= n.issued.Card.Generation; gen++ {
			id := store.LogID{Party: n.party.Number, Generation: gen}
			if _, forked := w.monitor.forked[id]; forked {
				continue
			}
			mine, _ := n.disk.Log(id)
			theirs, _ := other.disk.Log(id)
			if mine.Size != theirs.Size || mine.Size > 0 && mine.Root != theirs.Root {
				return fmt.Sprintf("of log %d.%d, %s holds %d and %s %d", id.Party, gen, n.name, mine.Size, other.name, theirs.Size)
			}
		}
		id := w.logOf(n)
		mine, _ := n.disk.Log(id)
		if r, ok, _ := n.disk.NewestStatement(id, w.logOf(other), false); mine.Size > 0 && (!ok || r.Size < mine.Size) {
			return n.name + " lacks a receipt"
		}
	}
	return ""
}

// judge holds the healed line against what was promised.
func (w *world) judge() {
	for _, n := range w.nodes {
		w.stats.Accused += len(n.disk.Accusations())
		if n.st == nil {
			continue
		}
		if err := n.st.Audit(); err != nil {
			w.fail("what %s keeps to be quick: %v", n.name, err)
		}
		if w.opts.Removal {
			w.judgeRebuilt(n)
		}
	}
	if len(w.monitor.forked) > 0 {
		w.judgeForks()
	}
	lied := w.monitor.liar(w.nodes[1].party.Number) && len(w.monitor.forked)+w.stats.Accused > 0
	if lied {
		return
	}
	if why := w.level(); why != "" || !w.allRest() {
		w.fail("not healed within %v: %s (holds %q, %q; rest %v, %v)", healBound, why, w.holdOf(0), w.holdOf(1), w.restOf(0), w.restOf(1))
		return
	}
	if len(w.monitor.forked) == 0 {
		if a, b := w.nodes[0].st.Digest(), w.nodes[1].st.Digest(); a != b {
			w.fail("both hold the same records and read them differently: %x, %x", a[:4], b[:4])
		}
	}
	w.judgeSayings()
}

func (w *world) holdOf(i int) station.Hold {
	if st := w.nodes[i].st; st != nil {
		return st.Hold()
	}
	return "down"
}

func (w *world) restOf(i int) bool { return w.nodes[i].st != nil && w.nodes[i].st.Rests() }

// judgeForks: a contradiction is kept as an accusation, or the copies were
// stopped before anybody saw both.
func (w *world) judgeForks() {
	for log := range w.monitor.forked {
		n := w.nodes[log.Party-1]
		if !n.liar && w.stats.Accused == 0 && n.issued.Card.Generation == log.Generation {
			w.fail("log %v was signed twice, and nothing was kept or stopped", log)
		}
	}
}

// judgeSayings: nothing acknowledged is lost or doubled.
func (w *world) judgeSayings() {
	times := map[[16]byte]int{}
	for _, n := range w.nodes {
		for gen := uint32(1); gen <= n.issued.Card.Generation; gen++ {
			_, entries := n.disk.Log(store.LogID{Party: n.party.Number, Generation: gen})
			for _, e := range entries {
				if b, err := record.DecodeBody(e.Body); err == nil {
					times[b.Salt]++
				}
			}
		}
	}
	for _, s := range w.said {
		if s.node.restored || s.node.tainted || s.node.liar {
			continue
		}
		for _, d := range s.drafts {
			switch n := times[d.Salt]; {
			case n > 1:
				w.fail("%s was asked %d times and stands %d times in the log", s.token, s.tries, n)
			case n == 0 && s.results != nil && !w.monitor.gone[d.Salt]:
				w.fail("%s was acknowledged and is not in the log", s.token)
			}
		}
	}
}
