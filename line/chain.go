// SPDX-License-Identifier: Apache-2.0

package line

import (
	"fmt"
	"slices"

	"openline/identity"
	"openline/record"
)

// Bounds of one generation of a log (spec/line.md section 4). They depend on
// the log alone, so that every side counts alike.
const (
	maxByHash       = 4096 // records that name their thing by its leaf hash
	maxDeclarations = 4096 // CK01
	maxPosts        = 4096 // PO01
	maxBacks        = 64   // KY02
)

// Bounds of what is kept to be quick; they decide nothing.
const (
	maxMarkHeads = 16384 // heads in the marks of one log
	maxVoids     = 64
)

// state is what an author's log says up to a record: what it had seen, its
// time, and the agreement it had adopted.
type state struct {
	seen    heads
	lies    heads // heads with a false root: a cut that does not reach them cannot know
	time    record.Stamp
	version uint32
	byHash  uint32
	backs   uint32
	named   uint32 // things its RT01 named
}

// chain is one generation of a party's log as far as it is judged. A record
// waits while its author had seen more than is held here, and with it all
// that its author wrote after it: "effective seen never falls".
type chain struct {
	log      Log
	base     uint64
	previous *identity.Held
	size     uint64 // entries added
	done     uint64 // entries judged
	at       state  // after done entries
	started  bool
	blocked  head // what the next record waits for; zero: nothing

	marks   []mark // states along the way, to read back from
	spacing uint64
	memo    mark
	voids   []uint64 // records with a false root in their seen
	manyLie bool     // there are more of those
	decl    []uint64 // places of the CK01 that count
	post    []uint64 // places of the PO01 that count
	backs   []back
	wanted  uint64 // below it are records that others are about, and that are not folded yet
}

type mark struct {
	index uint64
	state state
}

// back is a KY02: records of an earlier generation taken back.
type back struct {
	index      uint64
	generation uint32
	size       uint64
}

func newChain(l Log, base uint64, previous *identity.Held) *chain {
	return &chain{log: l, base: base, previous: previous, spacing: 8}
}

// Claim is a seen that names a root the log never had at that size: kept as
// a claim of two histories. It orders nothing and blocks nothing.
type Claim struct {
	By   record.Ref
	Seen record.Seen
}

const maxClaims = 256

// advance judges what can be judged of a log and gives each act to take.
func (f *Fold) advance(c *chain, take func(Entry, *Act) error) (moved bool, err error) {
	for c.done < c.size {
		if c.blocked != (head{}) && !f.holds(c.blocked) {
			return moved, nil
		}
		if !c.started {
			if ok, err := f.start(c); err != nil || !ok {
				return moved, err
			}
		}
		e, err := f.entry(c, c.done)
		if err != nil {
			return moved, err
		}
		next, lies, wait, err := f.step(c, e, c.at, true)
		if err != nil {
			return moved, err
		}
		if wait != (head{}) {
			c.blocked = wait
			return moved, nil
		}
		f.keepLies(c, e, lies)
		c.blocked = head{}
		f.enter(c, e, next)
		moved = true
		if err := take(e, f.actOf(e, next)); err != nil {
			return moved, err
		}
	}
	return moved, nil
}

// holds reports whether a log is held up to a size.
func (f *Fold) holds(h head) bool {
	c := f.chains[h.log]
	return c != nil && c.size >= h.size
}

// declare notes a CK01 or PO01. Whether it counts follows from the record
// alone, so that it counts for what was asked on it as soon as it is held.
func (f *Fold) declare(c *chain, e Entry) {
	if e.Header == nil || e.Header.Code != "CK01" && e.Header.Code != "PO01" {
		return
	}
	if f.fault(e, state{version: e.Leaf.Agreement}) != "" {
		return
	}
	if e.Header.Code == "CK01" && len(c.decl) < maxDeclarations {
		c.decl = append(c.decl, e.Index)
	}
	if e.Header.Code == "PO01" && len(c.post) < maxPosts {
		c.post = append(c.post, e.Index)
	}
}

// start finds the state a generation begins with: that of the record its
// card holds as the last of an earlier one.
func (f *Fold) start(c *chain) (bool, error) {
	if c.previous == nil {
		c.at, c.started = state{version: 1}, true
		return true, nil
	}
	from := Log{c.log.Party, c.previous.Generation}
	prev := f.chains[from]
	if prev == nil || prev.done < c.previous.Size {
		c.blocked = head{from, c.previous.Size}
		return false, nil
	}
	if !prev.started { // it has no records, and so is its own beginning
		probe := *prev
		if ok, err := f.start(&probe); err != nil || !ok {
			c.blocked = probe.blocked
			return false, err
		}
		prev = &probe
	}
	s, err := f.stateAt(prev, c.previous.Size)
	if err != nil {
		return false, err
	}
	c.at = state{seen: s.seen.with(from, c.previous.Size), lies: s.lies, time: s.time, version: max(s.version, 1)}
	c.started = true
	return true, nil
}

// enter moves a log past a judged record.
func (f *Fold) enter(c *chain, e Entry, next state) {
	if next.backs > c.at.backs {
		b, _ := f.takenBack(c, e)
		c.backs = append(c.backs, b)
	}
	c.at = next
	c.done++
	if c.done%c.spacing == 0 {
		c.marks = append(c.marks, mark{c.done, next})
		if len(c.marks)*(1+len(next.seen)) > maxMarkHeads {
			c.thin()
		}
	}
}

// thin drops every second mark.
func (c *chain) thin() {
	c.spacing *= 2
	c.marks = slices.DeleteFunc(c.marks, func(m mark) bool { return m.index%c.spacing != 0 })
}

// stateAt is the state after the first n records of a log, n judged.
func (f *Fold) stateAt(c *chain, n uint64) (state, error) {
	switch {
	case n == c.done && c.started:
		return c.at, nil
	case n > c.done:
		return state{}, fmt.Errorf("party %d record %d waits", c.log.Party, c.base+n)
	}
	m := mark{}
	if i, _ := slices.BinarySearchFunc(c.marks, n+1, func(m mark, n uint64) int { return int(int64(m.index) - int64(n)) }); i > 0 {
		m = c.marks[i-1]
	}
	if c.memo.index > m.index && c.memo.index <= n {
		m = c.memo
	}
	if m.index == 0 {
		first := *c
		first.started = false
		if ok, err := f.start(&first); err != nil || !ok {
			return state{}, fmt.Errorf("party %d generation %d has no beginning: %w", c.log.Party, c.log.Generation, err)
		}
		m.state = first.at
	}
	for m.index < n {
		err := f.read(c, m.index, n, func(e Entry) error {
			next, _, _, err := f.step(c, e, m.state, c.manyLie || slices.Contains(c.voids, e.Index))
			m = mark{e.Index + 1, next}
			return err
		})
		if err != nil {
			return state{}, err
		}
	}
	c.memo = m
	return m.state, nil
}

// step takes one record's word of what its author had seen. What lies beyond
// what is held is given back to wait for; a false root is a lie and counts
// for nothing. Roots are looked at only if check is set: a record judged
// before is known to be true.
func (f *Fold) step(c *chain, e Entry, s state, check bool) (next state, lies []record.Seen, wait head, err error) {
	if e.Leaf == nil {
		return s, nil, head{}, nil
	}
	s.time = max(s.time, e.Leaf.Time)
	for _, w := range e.Leaf.Seen {
		l := Log{w.Party, w.Generation}
		if w.Party == c.log.Party || !f.party(w.Party) {
			continue // of each other log
		}
		if h := (head{l, w.Size}); check {
			if !f.holds(h) {
				return s, nil, h, nil
			}
			root, ok, err := f.src.Root(l.Party, l.Generation, w.Size)
			if err != nil || !ok {
				return s, nil, head{}, fmt.Errorf("root of party %d at %d cannot be read: %w", l.Party, w.Size, err)
			}
			if root != w.Root {
				lies = append(lies, w)
				s.lies = s.lies.with(l, w.Size)
				continue
			}
		}
		s.seen = s.seen.with(l, w.Size)
	}
	if !e.Leaf.About.IsZero() && e.Leaf.About.Number == 0 && s.byHash <= maxByHash {
		s.byHash++
	}
	s, wait = f.stepCode(c, e, s)
	return s, lies, wait, nil
}

// stepCode takes the records that change how their author's later records
// are read.
func (f *Fold) stepCode(c *chain, e Entry, s state) (state, head) {
	if e.Header == nil || e.Body == nil {
		return s, head{}
	}
	switch e.Header.Code {
	case removal:
		if n := len(named(e)); n > 0 && f.fault(e, s) == "" {
			s.named = uint32(min(uint64(s.named)+uint64(n), 1<<31)) // far beyond what counts, so that no later one counts either
		}
	case "AD01":
		v, _ := e.Body.Params["version"].AsUint()
		digest, _ := e.Body.Params["digest"].AsBytes()
		if v != uint64(s.version)+1 {
			break
		}
		a := f.agreements.Version(uint32(v))
		if a == nil {
			return s, head{c.log, 1 << 63} // until that version is known here
		}
		if d := a.Digest(); string(digest) == string(d[:]) && f.fault(e, s) == "" {
			s.version = uint32(v)
		}
	case "KY02":
		gen, _ := e.Body.Params["generation"].AsUint()
		if l := (Log{c.log.Party, uint32(gen)}); gen > 0 && gen < uint64(c.log.Generation) && f.chains[l] == nil {
			return s, head{l, 0} // until its card is known here
		}
		b, ok := f.takenBack(c, e)
		if !ok || s.backs >= maxBacks || f.fault(e, s) != "" {
			break
		}
		h := head{Log{c.log.Party, b.generation}, b.size}
		if !f.holds(h) {
			return s, h
		}
		s.backs++
		s.seen = s.seen.with(h.log, h.size)
	}
	return s, head{}
}

// takenBack reads a KY02: up to which size of which earlier generation. It
// cannot reach the numbers of the generation it stands in.
func (f *Fold) takenBack(c *chain, e Entry) (back, bool) {
	if e.Body == nil {
		return back{}, false
	}
	gen, _ := e.Body.Params["generation"].AsUint()
	number, _ := e.Body.Params["number"].AsUint()
	if gen == 0 || gen >= uint64(c.log.Generation) || number >= c.base {
		return back{}, false
	}
	of := f.chains[Log{c.log.Party, uint32(gen)}]
	if of == nil || number < of.base {
		return back{}, false
	}
	return back{e.Index, uint32(gen), number - of.base + 1}, true
}

func (f *Fold) keepLies(c *chain, e Entry, lies []record.Seen) {
	if len(lies) == 0 {
		return
	}
	if len(c.voids) < maxVoids {
		c.voids = append(c.voids, e.Index)
	} else {
		c.manyLie = true
	}
	for _, s := range lies {
		if len(f.claims) < maxClaims {
			f.claims = append(f.claims, Claim{e.Ref(), s})
		}
	}
}
