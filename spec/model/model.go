// SPDX-License-Identifier: Apache-2.0

package model

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Party is a party's number on the line.
type Party int

// Log is one generation of one party.
type Log struct {
	Party Party
	Gen   int
}

// Head is a log at a size; it is what a `seen` item, a receipt and a card's
// word about an earlier generation all carry.
type Head struct {
	Log  Log
	Size int
	Root string
}

// Place is where a record stands.
type Place struct {
	Log   Log
	Index int
}

// Ref names a record by number, or by leaf hash if Leaf is set.
type Ref struct {
	Party  Party
	Number int
	Leaf   string
}

// Kind is what a record says.
type Kind string

// The kinds of record the model needs.
const (
	Ask      Kind = "ask"      // opens a thing and asks for a reply
	Reply    Kind = "reply"    // of the side asked
	Withdraw Kind = "withdraw" // of the side that asked
	Clocks   Kind = "clocks"   // declares clocks
	Took     Kind = "took"     // names a card its author took
	Back     Kind = "back"     // our records taken back, up to Leaf.Back
	Note     Kind = "note"
)

// Leaf is a record; the model opens all three layers at once.
type Leaf struct {
	Log   Log
	Time  int
	Salt  int
	Kind  Kind
	To    Party
	About Ref // zero if it opens a thing
	Re    Ref // an act of its own author that it replaces; zero if none
	Seen  []Head
	Back  Head   // with Back: how much is taken back
	Card  string // with Took: digest of the card
}

func digest(parts ...any) string {
	return fmt.Sprintf("%x", sha256.Sum256(fmt.Append(nil, parts...)))[:16]
}

// Hash is the leaf hash.
func (l Leaf) Hash() string { return digest(fmt.Sprintf("%+v", l)) }

// Card opens a generation: where its numbers begin, and what its author holds
// of the generation it continues, which need not be the one before.
type Card struct {
	Log  Log
	Base int
	Held Head
}

// Digest names a card.
func (c Card) Digest() string { return digest(fmt.Sprintf("%+v", c)) }

// Copy is the entries of one log as stored, with the root at every size.
type Copy struct {
	Leaves []Leaf
	Hashes []string
	Roots  []string // Roots[n-1] is the root at size n
}

// Add appends an entry.
func (c *Copy) Add(l Leaf) {
	h := l.Hash()
	c.Leaves, c.Hashes = append(c.Leaves, l), append(c.Hashes, h)
	c.Roots = append(c.Roots, digest(c.Root(len(c.Roots)), h))
}

// Root is the root at a size.
func (c *Copy) Root(size int) string {
	if size == 0 {
		return ""
	}
	return c.Roots[size-1]
}

func (c *Copy) clone(size int) *Copy {
	return &Copy{slices.Clone(c.Leaves[:size]), slices.Clone(c.Hashes[:size]), slices.Clone(c.Roots[:size])}
}

// View is what one side holds whole.
type View struct {
	Cards map[Log]Card
	Logs  map[Log]*Copy
}

// Head is a held log at a size.
func (v View) Head(log Log, size int) Head { return Head{log, size, v.Logs[log].Root(size)} }

// All is the cut of everything held.
func (v View) All() Cut {
	cut := Cut{}
	for log, c := range v.Logs {
		cut[log] = len(c.Leaves)
	}
	return cut
}

// Cut is a size for each log. A log at size 0 is in the cut: its card is.
type Cut map[Log]int

// Rules says which rules are left out; the zero value keeps them all.
type Rules struct {
	NoRoot        bool // a seen orders without its root being compared
	ForgetLost    bool // roots above the end of a generation are not judged
	WaitThrough   bool // an act waits when an act it has seen waits
	WaitingOrders bool // a seen beyond the cut orders what is below the cut
	LastWins      bool // a thing's state is the last act that came
	LowParty      bool // of two acts that crossed the lower party's stands
	SameKeys      bool // a restore goes on in its old generation
	BackupCount   bool // a restore counts generations from its backup
	NumberInCut   bool // a number is looked up in the cut, not in effective seen
	FreeEdge      bool // the no-reply extract begins where its exporter likes
	EmptyEdge     bool // a seen of an empty generation moves the extract's left edge
	CardBeyond    bool // the answering side's cards may name more than is shown
	NumberOnly    bool // what names the request by hash is overlooked
	NewestOnly    bool // only the newest generation's right edge is receipted
	NoTaken       bool // no word of the answering side on the asker's newest card
	EarlyEnd      bool // the asker's own timed head may be older than its receipt
}

// Reading is a view judged at a cut: the same whoever holds it.
type Reading struct {
	rules   Rules
	view    View
	cut     Cut
	size    Cut           // folded records of each log
	seen    map[Place]Cut // effective seen of each folded leaf
	waiting map[Place]bool
}

// Read judges a view at a cut that it holds whole.
func (r Rules) Read(v View, cut Cut) *Reading {
	d := &Reading{r, v, cut, Cut{}, map[Place]Cut{}, map[Place]bool{}}
	logs := slices.SortedFunc(maps.Keys(cut), func(a, b Log) int { return a.Gen - b.Gen })
	for _, log := range slices.Backward(logs) {
		d.size[log] = min(cut[log], d.end(log))
	}
	for _, log := range logs {
		d.readLog(log)
	}
	if r.WaitThrough {
		d.spreadWaiting()
	}
	return d
}

// end is where a generation ends: the newest at the cut, an earlier one at
// the larger of what a card names and what its author took back.
func (d *Reading) end(log Log) int {
	end, newest := 0, true
	for later := range d.cut {
		if later.Party != log.Party || later.Gen <= log.Gen {
			continue
		}
		newest = false
		if held := d.view.Cards[later].Held; held.Log == log {
			end = max(end, held.Size)
		}
		for _, l := range d.view.Logs[later].Leaves[:d.size[later]] {
			if l.Kind == Back && l.Back.Log == log && d.holds(l.Back) {
				end = max(end, l.Back.Size)
			}
		}
	}
	if newest {
		return d.cut[log]
	}
	return end
}

func (d *Reading) holds(h Head) bool {
	n, ok := d.cut[h.Log]
	return ok && h.Size <= n && d.view.Logs[h.Log].Root(h.Size) == h.Root
}

func (d *Reading) readLog(log Log) {
	eff := Cut{}
	if held := d.view.Cards[log].Held; held.Log.Gen > 0 {
		maps.Copy(eff, d.seen[Place{held.Log, held.Size - 1}])
		eff[held.Log] = held.Size
	}
	for i, l := range d.view.Logs[log].Leaves[:d.size[log]] {
		eff = maps.Clone(eff)
		for _, s := range l.Seen {
			d.join(eff, s, log)
		}
		eff[log] = i
		d.seen[Place{log, i}] = eff
		for x, n := range eff {
			if held, ok := d.cut[x]; !ok || n > held {
				d.waiting[Place{log, i}] = true
			}
		}
	}
}

// join adds one item of `seen`. A root that is not the one held is void. Lost
// records stay in the cut so that roots above an end can be judged too.
func (d *Reading) join(eff Cut, s Head, own Log) {
	held, ok := d.cut[s.Log]
	n := s.Size
	if d.rules.ForgetLost && ok {
		if later := d.succeeded(s.Log); later {
			held = d.size[s.Log]
			if n > held {
				eff[s.Log] = max(eff[s.Log], held)
				return
			}
		}
	}
	if s.Log == own || ok && n <= held && !d.rules.NoRoot && d.view.Logs[s.Log].Root(n) != s.Root {
		return
	}
	eff[s.Log] = max(eff[s.Log], n)
}

func (d *Reading) succeeded(log Log) bool {
	for later := range d.cut {
		if later.Party == log.Party && later.Gen > log.Gen {
			return true
		}
	}
	return false
}

func (d *Reading) spreadWaiting() {
	for changed := true; changed; {
		changed = false
		for p, eff := range d.seen {
			for q := range d.waiting {
				if !d.waiting[p] && q.Index < eff[q.Log] {
					d.waiting[p], changed = true, true
				}
			}
		}
	}
}

// target is the folded record that a reference of the leaf at p names.
func (d *Reading) target(r Ref, p Place) (Place, bool) {
	if r.Leaf != "" {
		for log, n := range d.size {
			if i := slices.Index(d.view.Logs[log].Hashes[:n], r.Leaf); i >= 0 && log.Party == r.Party {
				return Place{log, i}, true
			}
		}
		return Place{}, false
	}
	within := d.seen[p]
	if d.rules.NumberInCut {
		within = d.cut
	}
	var best Card
	for log := range within {
		c, ok := d.view.Cards[log]
		if !ok || log.Party != r.Party || c.Base > r.Number {
			continue
		}
		if c.Base > best.Base || c.Base == best.Base && log.Gen > best.Log.Gen {
			best = c
		}
	}
	i := r.Number - best.Base
	return Place{best.Log, i}, best.Base > 0 && i < min(d.seen[p][best.Log], d.size[best.Log])
}

// saw says whether the author of y had x when it numbered y.
func (d *Reading) saw(y, x Place) bool {
	if x.Index < d.seen[y][x.Log] {
		return true
	}
	about, ok := d.target(d.leaf(y).About, y)
	return ok && about == x
}

func (d *Reading) leaf(p Place) Leaf { return d.view.Logs[p.Log].Leaves[p.Index] }

// ErrCycle is returned where no linear order respects what was signed.
var ErrCycle = errors.New("the records were each seen before the other")

// Order is one linear order that respects the partial order; choose picks
// among n records that may come next.
func (d *Reading) Order(choose func(n int) int) ([]Place, error) {
	done := Cut{}
	var out []Place
	for {
		var next []Place
		left := false
		for log, n := range d.size {
			p := Place{log, done[log]}
			left = left || p.Index < n
			if p.Index < n && d.ready(p, done) {
				next = append(next, p)
			}
		}
		if len(next) == 0 {
			if left {
				return nil, ErrCycle
			}
			return out, nil
		}
		slices.SortFunc(next, func(a, b Place) int { return strings.Compare(d.hash(a), d.hash(b)) })
		p := next[choose(len(next))]
		out, done[p.Log] = append(out, p), p.Index+1
	}
}

func (d *Reading) hash(p Place) string { return d.view.Logs[p.Log].Hashes[p.Index] }

func (d *Reading) ready(p Place, done Cut) bool {
	held := d.view.Cards[p.Log].Held
	if p.Index == 0 && done[held.Log] < min(held.Size, d.size[held.Log]) {
		return false
	}
	if d.waiting[p] && !d.rules.WaitingOrders {
		return true // what cannot be judged yet orders nothing
	}
	for log, n := range d.seen[p] {
		if done[log] < min(n, d.size[log]) {
			return false
		}
	}
	about, ok := d.target(d.leaf(p).About, p)
	return !ok || about.Index < done[about.Log]
}
