// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"container/heap"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"openline/identity/secret"
	"openline/internal/station"
	"openline/internal/station/stationtest"
	"openline/internal/store"
	"openline/internal/store/mark"
	"openline/record"
)

// Options choose what a run is about. The zero value draws everything from
// the seed.
type Options struct {
	Fault   station.Fault // a bug seeded on purpose; needs the build tag faults
	Verbose bool          // keep the whole transcript, not only its end
	Removal bool          // content is removed, by record and from disks; no disk is lost
	Journal bool          // the parties also write in their journals, and no byte of it may leave
}

// Result is what came of a run.
type Result struct {
	Seed       uint64
	Plan       Plan
	Violation  string // empty: every invariant held
	Transcript string
	Steps      int
	Trace      [32]byte // digest of everything that happened, to compare replays
	Said       int
	Restores   int
	Crashes    int
	Accused    int
	Removed    int  // records whose content was taken off a disk
	Kept       int  // entries the desks wrote in their journals
	Sent       int  // bytes sent that were searched for them
	Heard      bool // the search found what was said
}

// world is one history.
type world struct {
	rng   *rand.Rand
	plan  Plan
	opts  Options
	now   time.Duration
	queue eventQueue
	seq   int
	steps int

	line    *stationtest.Line
	auth    *stationtest.Authority
	nodes   []*node
	conns   []*conn
	nextID  station.BearerID
	monitor *monitor
	trace   *trace
	failed  string
	healing bool
	rate    int // bytes a second of every connection; 0: wide
	persons [2]*secret.Person
	said    []*saying
	refs    []record.Ref
	stats   Result
}

// epoch is the wall clock at the start: a few minutes before a line test.
const epoch = 1_790_000_000 - 1_790_000_000%3600 + 300

type event struct {
	at  time.Duration
	seq int
	do  func()
}

type eventQueue []event

func (q eventQueue) Len() int { return len(q) }
func (q eventQueue) Less(i, j int) bool {
	return q[i].at < q[j].at || q[i].at == q[j].at && q[i].seq < q[j].seq
}
func (q eventQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *eventQueue) Push(x any)   { *q = append(*q, x.(event)) }
func (q *eventQueue) Pop() any {
	old := *q
	e := old[len(old)-1]
	old[len(old)-1] = event{}
	*q = old[:len(old)-1]
	return e
}

func (w *world) after(d time.Duration, do func()) {
	w.seq++
	heap.Push(&w.queue, event{w.now + max(0, d), w.seq, do})
}

// run lets the world go on until a time.
func (w *world) run(until time.Duration) {
	for w.failed == "" && len(w.queue) > 0 && w.queue[0].at <= until {
		e := heap.Pop(&w.queue).(event)
		w.now = max(w.now, e.at)
		e.do()
	}
	w.now = max(w.now, until)
}

func (w *world) fail(format string, args ...any) {
	if w.failed == "" {
		w.failed = fmt.Sprintf(format, args...)
		w.trace.add(w.now, "VIOLATION", "%s", w.failed)
	}
}

func (w *world) chance(p float64) bool { return p > 0 && w.rng.Float64() < p }

func (w *world) between(a, b time.Duration) time.Duration {
	return a + time.Duration(w.rng.Int64N(int64(b-a)+1))
}

// trace keeps what happened: a running digest of all, and its newest lines.
type trace struct {
	lines   []string
	sum     [32]byte
	keepAll bool
}

const keptLines = 400

func (t *trace) add(now time.Duration, who, format string, args ...any) {
	line := fmt.Sprintf("%10.3f %-6s %s", now.Seconds(), who, fmt.Sprintf(format, args...))
	t.sum = sumOf(t.sum, line)
	t.lines = append(t.lines, line)
	if !t.keepAll && len(t.lines) > 2*keptLines {
		t.lines = append(t.lines[:0:0], t.lines[keptLines:]...)
	}
}

func (t *trace) String() string { return strings.Join(t.lines, "\n") }

// Run lives one history.
func Run(seed uint64, o Options) Result {
	w := &world{rng: rand.New(rand.NewPCG(seed, 0x6f70656e6c696e65)), opts: o, trace: &trace{keepAll: o.Verbose}}
	w.plan = drawPlan(w.rng, seed)
	if o.Removal {
		w.plan = w.plan.withRemoval()
	}
	w.monitor = newMonitor(w)
	w.persons = [2]*secret.Person{secret.NewPerson([32]byte{1}), secret.NewPerson([32]byte{2})}
	w.trace.add(0, "plan", "%+v", w.plan)
	if err := w.open(); err != nil {
		w.fail("the line does not open: %v", err)
	} else {
		w.live()
	}
	r := w.stats
	r.Seed, r.Plan, r.Violation, r.Transcript, r.Steps, r.Trace = seed, w.plan, w.failed, w.trace.String(), w.steps, w.trace.sum
	r.Said = len(w.said)
	return r
}

// open makes the line and both stations.
func (w *world) open() error {
	line, err := openLine()
	if w.opts.Removal {
		line, err = affairsLine()
	}
	if err != nil {
		return err
	}
	w.line, w.auth = line, stationtest.NewAuthority(line.Agreements.Line(), w.plan.RealKeys)
	for i, p := range line.Parties {
		n := &node{w: w, name: p.Short, party: p, disk: stationtest.NewDisk(), hasMark: w.plan.Mark[i], faulty: i == 0, liar: i == 1 && w.plan.Liar}
		if n.hasMark {
			n.mark = &mark.Mark{} // as init makes it
		}
		if err := n.newGeneration(); err != nil {
			return err
		}
		w.nodes = append(w.nodes, n)
		n.start()
	}
	w.dialLater()
	return nil
}

// live is the life of a line: chaos, then healing, then the judgement.
func (w *world) live() {
	w.scheduleChaos()
	if w.opts.Journal {
		w.scheduleJournal()
	}
	if w.opts.Removal {
		w.scheduleRemoval()
	}
	w.run(w.plan.Chaos)
	if w.failed != "" {
		return
	}
	w.heal()
	if w.opts.Removal {
		w.after(healBound/8, func() { w.takeOff(w.nodes[0], 99) })
	}
	deadline := w.now + healBound
	for w.now < deadline && w.failed == "" {
		w.run(w.now + time.Second)
		if w.allRest() {
			break
		}
		w.tend()
	}
	if w.failed == "" {
		w.judge()
	}
}

// healBound is how long healing may take, in virtual time.
const healBound = 4 * time.Minute

func (w *world) logOf(n *node) store.LogID {
	return store.LogID{Party: n.party.Number, Generation: n.issued.Card.Generation}
}
