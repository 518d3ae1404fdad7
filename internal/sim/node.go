// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"

	"openline/catalogue"
	"openline/identity"
	"openline/internal/station"
	"openline/internal/station/stationtest"
	"openline/internal/store"
	"openline/internal/store/mark"
)

// node is one running copy of a party's station, with its disk and clock.
type node struct {
	w       *world
	name    string
	party   stationtest.Party
	disk    *stationtest.Disk
	mark    *mark.Mark
	hasMark bool
	faulty  bool // it runs with the seeded bug
	liar    bool
	clone   bool

	issued stationtest.Issued
	st     *station.Station // nil while down
	life   int              // counts starts
	booted time.Duration
	offset time.Duration // of its wall clock
	wall   time.Time     // latest ever shown to it
	tickAt time.Duration

	unmarked []store.Batch // durable, and the mark of them is not
	backup   *backup
	restored bool // it lost something acknowledged to an old backup
	tainted  bool // copies of it may have signed against each other
}

type backup struct {
	disk     *stationtest.Disk
	issued   stationtest.Issued
	unmarked []store.Batch
}

func (n *node) log(format string, args ...any) { n.w.trace.add(n.w.now, n.name, format, args...) }

func (n *node) clock() station.Now {
	wall := time.Unix(epoch, 0).Add(n.w.now + n.offset)
	if wall.After(n.wall) {
		n.wall = wall
	}
	return station.Now{Wall: wall, Mono: n.w.now - n.booted}
}

// newGeneration issues a card that goes on from what is on the disk.
func (n *node) newGeneration() error {
	gen := n.w.monitor.nextGeneration(n.party.Number)
	base, previous := uint64(1), (*identity.Held)(nil)
	if gen > 1 {
		last, _ := n.disk.Log(n.w.logOf(n))
		previous = &identity.Held{Generation: last.Log.Generation, Size: last.Size, Root: last.Root}
		if last.Size == 0 {
			previous.Root = emptyRoot
		}
		base = n.w.monitor.nextBase(n.party.Number)
	}
	issued, err := n.w.auth.Issue(n.party, gen, base, previous)
	if err != nil {
		return err
	}
	n.issued = issued
	n.w.monitor.cards[store.LogID{Party: n.party.Number, Generation: gen}] = issued.Card
	n.log("generation %d from record %d", gen, base)
	return nil
}

func (n *node) config() station.Config {
	var boot [16]byte
	binary.BigEndian.PutUint64(boot[:], n.w.rng.Uint64())
	cfg := station.Config{
		Me: n.party.Name, Agreements: n.w.line.Agreements, Catalogue: func(uint32) *catalogue.Catalogue { return n.w.line.Catalogue },
		Signers: n.issued.Signers, Card: n.issued.Note, OpenCard: n.w.auth.Open, KeysOf: n.w.auth.KeysOf,
		VerifySession: n.w.auth.VerifySession, People: n.w.person, Reader: n.disk, Boot: boot,
		Salt: func() (s [16]byte) {
			binary.BigEndian.PutUint64(s[:], n.w.rng.Uint64())
			return s
		},
		Mark: n.hasMark, SnapshotEvery: 8,
	}
	if n.faulty {
		cfg.Fault = n.w.opts.Fault
	}
	return cfg
}

func (n *node) start() {
	if n.st != nil {
		return
	}
	n.life++
	n.booted = n.w.now
	st, err := station.New(n.config(), n.disk.Load(), n.mark, n.clock())
	if err != nil {
		n.w.fail("%s does not start: %v", n.name, err)
		return
	}
	n.st, n.tickAt = st, math.MaxInt64
	n.log("start %d, hold %q", n.life, st.Hold())
	n.step(station.Tick{})
}

// crash ends the process: what was not on the disk is lost, and so is what
// was on the wire.
func (n *node) crash(why string) {
	if n.st == nil {
		return
	}
	n.log("crash: %s", why)
	n.w.stats.Crashes++
	n.st = nil
	n.life++
	n.w.dropConns(n)
	n.w.after(n.w.between(100*time.Millisecond, 5*time.Second), func() {
		if n.w.failed == "" && !(n.clone && n.w.healing) {
			n.start()
		}
	})
}

// step gives the station an event and does what it asks, in order.
func (n *node) step(ev station.Event) {
	if n.st == nil || n.w.failed != "" {
		return
	}
	n.w.steps++
	life := n.life
	fx := n.st.Step(ev, n.clock())
	for _, e := range fx {
		if n.w.failed != "" || n.life != life {
			return
		}
		n.effect(e)
		if _, saved := ev.(station.SaveDone); saved && !n.w.healing && n.w.chance(n.w.plan.Crashes/4) {
			n.crash("between the effects of a save")
			return
		}
	}
	n.tickLater()
}

func (n *node) tickLater() {
	if n.st == nil {
		return
	}
	at := n.booted + n.st.Next()
	if at <= n.w.now {
		at = n.w.now + time.Millisecond
	}
	if at >= n.tickAt && n.tickAt > n.w.now {
		return
	}
	n.tickAt = at
	life := n.life
	n.w.after(at-n.w.now, func() {
		if n.life == life && n.tickAt == at {
			n.step(station.Tick{})
		}
	})
}

func (n *node) effect(e station.Effect) {
	switch e := e.(type) {
	case station.Save:
		n.save(e)
	case station.SaveMark:
		n.saveMark(e)
	case station.Send:
		n.w.send(n, e)
	case station.Hangup:
		n.log("hangup %d: %s", e.ID, e.Why)
		n.w.hangup(n, e.ID)
	case station.Told:
		n.w.told(n, e)
	case station.Happened:
		n.log("%s %d/%d %s %s", e.Kind, e.Party, e.Number, e.Code, e.Text)
		n.w.monitor.happened(n, e)
	case station.Logged:
		n.log("%s: %s", e.Level, e.Text)
	case station.Noted:
		if e.Err == nil {
			n.w.stats.Kept++
		}
	case station.Stop:
		n.log("stop: %v", e.Why)
		n.crash("it stopped by itself")
	}
}

// fates of a save.
const (
	fateDone = iota
	fateCrashBefore
	fateCrashAfter
	fateFull
	fateFailed
	fateFailedSaved
)

func (n *node) drawFate() int {
	p := &n.w.plan
	switch {
	case n.w.healing:
		return fateDone
	case n.w.chance(p.Crashes):
		return fateCrashBefore + n.w.rng.IntN(2)
	case n.w.chance(p.DiskFull):
		return fateFull
	case n.w.chance(p.DiskFail):
		return fateFailed + n.w.rng.IntN(2)
	}
	return fateDone
}

func (n *node) save(e station.Save) {
	life, fate := n.life, n.drawFate()
	n.w.after(n.w.between(time.Millisecond, 30*time.Millisecond), func() {
		if n.life != life {
			return
		}
		switch fate {
		case fateCrashBefore:
			n.crash("before a save was durable")
			return
		case fateFull:
			n.log("save %d: disk full", e.ID)
			n.step(station.SaveDone{ID: e.ID, Err: store.ErrFull})
			return
		case fateFailed:
			n.step(station.SaveDone{ID: e.ID, Err: store.ErrSick})
			return
		}
		n.w.monitor.removed(n, e.Batch)
		if err := n.disk.Save(e.Batch); err != nil {
			n.w.fail("%s: save %d: %v", n.name, e.ID, err)
			return
		}
		n.log("saved %d: %s", e.ID, describe(e.Batch))
		n.w.monitor.saved(n, e.Batch)
		switch fate {
		case fateCrashAfter:
			n.crash("after a save, before it was known")
		case fateFailedSaved:
			n.step(station.SaveDone{ID: e.ID, Err: errors.Join(store.ErrSick)})
		default:
			n.step(station.SaveDone{ID: e.ID})
		}
	})
}

func describe(b store.Batch) string {
	s := ""
	for _, u := range b.Logs {
		s += fmt.Sprintf(" log %d.%d to %d", u.Log.Party, u.Log.Generation, u.Size)
	}
	for _, st := range b.Statements {
		s += fmt.Sprintf(" %d.%d over %d.%d at %d @%d", st.By.Party, st.By.Generation, st.Log.Party, st.Log.Generation, st.Size, st.At)
	}
	if len(b.Queue) > 0 {
		s += " queue"
	}
	return s
}

func (n *node) saveMark(e station.SaveMark) {
	life, fate := n.life, n.drawFate()
	n.w.after(time.Millisecond, func() {
		if n.life != life {
			return
		}
		if fate == fateCrashBefore {
			n.crash("before the mark was durable")
			return
		}
		m := e.Mark
		n.mark = &m
		n.w.monitor.marked(n)
		if fate == fateCrashAfter {
			n.crash("after the mark")
			return
		}
		n.step(station.MarkDone{ID: e.ID})
	})
}

func (w *world) person(name string) (identity.PersonKey, bool) {
	switch name {
	case "ann":
		return w.persons[0].Public(), true
	case "ben":
		return w.persons[1].Public(), true
	}
	return identity.PersonKey{}, false
}

func (w *world) signatures(act identity.Act) []station.Signature {
	return []station.Signature{{Person: "ann", Bytes: w.persons[0].SignAct(act)}, {Person: "ben", Bytes: w.persons[1].SignAct(act)}}
}
