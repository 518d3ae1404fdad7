// SPDX-License-Identifier: Apache-2.0

package mirror

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"openline/record"
	"openline/tlog"
)

var modelKeys = newGeneration("blue.example", 1, 1, 10, nil)

// naive is what a mirror should hold, kept the slow way: all leaf hashes and
// every head that was ever shown.
type naive struct {
	held     [][32]byte
	heads    map[uint64][32]byte
	known    uint64 // the largest head that was taken: shown, and that of the entries held
	forked   bool
	cosigned uint64
}

func (n *naive) root(size uint64) [32]byte {
	t := must(tlog.OpenTree(0, nil))
	for _, l := range n.held[:size] {
		t.Append(l)
	}
	return t.Root()
}

// reach finds the largest head shown that is that of the entries held.
func (n *naive) reach() (size uint64) {
	for s, root := range n.heads {
		if s <= uint64(len(n.held)) && s > size && n.root(s) == root {
			size = s
		}
	}
	return size
}

func (n *naive) pending() (size uint64) {
	for s := range n.heads {
		if s > uint64(len(n.held)) {
			size = max(size, s)
		}
	}
	return size
}

func (n *naive) contradiction(known uint64) bool {
	for s, root := range n.heads {
		if s < known && n.root(s) != root {
			return true
		}
	}
	return false
}

var errFork = errors.New("fork")

// show is what a signed head alone leads to.
func (n *naive) show(c tlog.Checkpoint) error {
	if n.forked {
		return ErrTwoHistories
	}
	root, shown := n.heads[c.Size]
	if !shown {
		n.heads[c.Size] = c.Root
	}
	if shown && root != c.Root || n.contradiction(n.known) {
		n.forked = true
		return errFork
	}
	if c.Size <= uint64(len(n.held)) && n.root(c.Size) != c.Root {
		return ErrMismatch
	}
	return nil
}

// take says what a package should lead to. leads says that its leaves are a
// prefix of the history its head was signed over and that the proof is true.
func (n *naive) take(p Package, c tlog.Checkpoint, leads bool, whole func(record.Entry) error) (int, error) {
	held, end := uint64(len(n.held)), p.From+uint64(len(p.Entries))
	if err := n.show(c); err != nil {
		return 0, err
	}
	switch {
	case p.From > held:
		return 0, ErrGap
	case c.Size < end:
		return 0, ErrMismatch
	case end <= held && (c.Size > held || c.Size <= n.known):
		return 0, ErrNothingNew
	case end > held && !leads:
		return 0, ErrMismatch
	}
	was, took := n.held, 0
	n.held = slices.Clone(n.held)
	for _, e := range p.Entries[min(held-p.From, uint64(len(p.Entries))):] {
		if err := whole(e); err != nil {
			if took == 0 {
				return 0, err
			}
			break
		}
		n.held = append(n.held, record.LeafHash(e.Leaf))
		took++
	}
	reached := n.reach()
	if n.contradiction(reached) {
		n.held, n.forked = was, true
		return 0, errFork
	}
	n.known = reached
	return took, nil
}

// saved is what the store holds: the mirror's state and the model's.
type saved struct {
	state State
	model naive
}

// bench is a mirror beside its model, fed by an author of one or several
// histories.
type bench struct {
	m         *Mirror
	d         disk
	n         *naive
	histories []*history
	state     State // as it would be saved now
	unsaved   [][32]byte
	last      saved
	lying     bool
}

func newBench(lying bool) *bench {
	b := &bench{d: disk{}, n: &naive{heads: map[uint64][32]byte{}}, histories: []*history{newHistory(modelKeys)}, lying: lying}
	b.m = newMirror(b.d)
	must2(b.m.TakeCard(modelKeys.note))
	b.state = State{Card: modelKeys.note}
	b.last = saved{b.state, naive{heads: map[uint64][32]byte{}}}
	return b
}

func must2[A, B any](_ A, _ B, err error) {
	if err != nil {
		panic(err)
	}
}

const modelLength = 13 // below maxHeads, beyond which heads are left out

// drawEntry is whole, or an entry of its own whose leaf does not parse, or
// one above the ceiling, which an honest log may hold as well.
func drawEntry(t *rapid.T) record.Entry {
	words := rapid.StringMatching(`[a-z]{12}`).Draw(t, "words")
	switch rapid.IntRange(0, 9).Draw(t, "kind") {
	case 0:
		return record.Entry{Leaf: append([]byte{0xff}, words...)}
	case 1:
		return entryOf(strings.Repeat(words, ceiling/12+1))
	}
	return entryOf(words)
}

func (b *bench) history(t *rapid.T) *history {
	return rapid.SampledFrom(b.histories).Draw(t, "history")
}

func upTo(t *rapid.T, low, high uint64, name string) uint64 {
	return rapid.Uint64Range(low, high).Draw(t, name)
}

func (b *bench) grow(t *rapid.T) {
	h := b.history(t)
	if h.size() >= modelLength {
		t.Skip("long enough")
	}
	h.add(drawEntry(t))
}

func (b *bench) fork(t *rapid.T) {
	if !b.lying || len(b.histories) > 2 {
		t.Skip("it is honest")
	}
	h := b.history(t)
	if h.size() == 0 {
		t.Skip("nothing to fork")
	}
	b.histories = append(b.histories, h.fork(upTo(t, 0, h.size()-1, "at")).add(drawEntry(t)))
}

// spoil changes what is sent, as a bearer or a liar may.
func spoil(t *rapid.T, p *Package) (proofTrue bool) {
	switch rapid.IntRange(0, 9).Draw(t, "spoil") {
	case 0:
		p.Proof = append(slices.Clone(p.Proof), [32]byte{1})
		return false
	case 1, 2:
		if len(p.Entries) > 0 {
			e := &p.Entries[rapid.IntRange(0, len(p.Entries)-1).Draw(t, "entry")]
			e.Body = append(bytes.Clone(e.Body), 1)
		}
	case 3:
		if len(p.Entries) > 0 {
			e := &p.Entries[rapid.IntRange(0, len(p.Entries)-1).Draw(t, "entry")]
			e.Header, e.Body = nil, nil
		}
	case 4:
		if n := len(p.Entries); n > 1 {
			p.Entries[0], p.Entries[n-1] = p.Entries[n-1], p.Entries[0]
		}
	}
	return true
}

func (b *bench) send(t *rapid.T) {
	h := b.history(t)
	to := upTo(t, 0, h.size(), "to")
	from, head := upTo(t, 0, to, "from"), upTo(t, to, h.size(), "head")
	p := h.pkg(from, to, head)
	proofTrue := spoil(t, &p)
	if rapid.IntRange(0, 7).Draw(t, "shift") == 0 {
		p.From += upTo(t, 0, 2, "by")
	}
	c := h.checkpoint(head)
	took, want := b.n.take(p, c, proofTrue && b.leads(p, h, head), b.whole)
	knew := len(b.state.Checkpoint) > 0
	before, _, _ := b.m.Head(1)
	got, err := b.m.Take(p)
	b.agree(t, want, err)
	if grew := err == nil && (b.n.known > before.Size || !knew && b.n.known > 0); grew != (got.Checkpoint != nil) {
		t.Fatalf("a known head to be saved: %v, want %v", got.Checkpoint != nil, grew)
	}
	if err != nil {
		return
	}
	if len(got.Entries) != took || got.Size != uint64(len(b.n.held)) || got.Root != b.n.root(got.Size) || len(got.Leaves) != took {
		t.Fatalf("took %d entries to %d, the model %d to %d", len(got.Entries), got.Size, took, len(b.n.held))
	}
	if short := p.From+uint64(len(p.Entries)) > got.Size && took > 0; short != (got.Stopped != nil) {
		t.Fatalf("stopped: %v; entries up to %d of %d", got.Stopped, got.Size, p.From+uint64(len(p.Entries)))
	}
	b.note(t, got)
}

// leads reports whether the entries held and the new ones of the package
// are the beginning of the history its head is over.
func (b *bench) leads(p Package, h *history, head uint64) bool {
	held := uint64(len(b.n.held))
	if p.From > held || p.From+uint64(len(p.Entries)) <= held {
		return false
	}
	all := slices.Clone(b.n.held)
	for _, e := range p.Entries[held-p.From:] {
		all = append(all, record.LeafHash(e.Leaf))
	}
	// A proof is for one size; a shifted package has a proof for another.
	if uint64(len(all)) > head || !slices.Equal(p.Proof, must(tlog.ProveConsistency(head, uint64(len(all)), h.reader()))) {
		return false
	}
	for i, l := range all {
		if record.LeafHash(h.entries[i].Leaf) != l {
			return false
		}
	}
	return true
}

func (b *bench) whole(e record.Entry) error { return e.Whole(record.Limits{Body: ceiling}) }

func (b *bench) sendAhead(t *rapid.T) {
	h := b.history(t)
	if h.size() == 0 {
		t.Skip("nothing to send")
	}
	head := upTo(t, 1, h.size(), "head")
	a := h.ahead(upTo(t, 0, head-1, "index"), head)
	proofTrue := true
	switch rapid.IntRange(0, 5).Draw(t, "spoil") {
	case 0:
		a.Proof, proofTrue = append(slices.Clone(a.Proof), [32]byte{1}), false
	case 1:
		a.Entry.Body = nil
	case 2:
		a.Entry, proofTrue = entryOf("another entry"), false
	}
	want := b.n.show(h.checkpoint(head))
	switch {
	case want != nil:
	case a.Index < uint64(len(b.n.held)):
		want = ErrNothingNew
	case !proofTrue:
		want = ErrMismatch
	case b.whole(a.Entry) != nil:
		want = b.whole(a.Entry)
	}
	b.agree(t, want, b.m.TakeAhead(a))
}

// agree compares two answers, and holds every second history to its proof.
func (b *bench) agree(t *rapid.T, want, got error) {
	t.Helper()
	if want == errFork {
		if !b.lying {
			t.Fatal("an honest author stands accused")
		}
		wantFork(t, got, modelKeys.keys, "")
		return
	}
	for _, e := range []error{ErrGap, ErrNothingNew, ErrMismatch, ErrTwoHistories, record.ErrNotWhole, record.ErrTooLarge} {
		if errors.Is(got, e) != errors.Is(want, e) {
			t.Fatalf("answer %v, want %v", got, want)
		}
	}
	if (got == nil) != (want == nil) {
		t.Fatalf("answer %v, want %v", got, want)
	}
}

// note keeps what is to be saved, as a station does.
func (b *bench) note(t *rapid.T, got Taken) {
	if want := tlog.StoredCount(got.From); got.HashFrom != want || got.From != b.state.Size {
		t.Fatalf("hashes from %d, index %d; stored are %d and %d", got.HashFrom, got.From, want, b.state.Size)
	}
	b.unsaved = append(b.unsaved, got.Hashes...)
	b.state.Size = got.Size
	if got.Checkpoint != nil {
		b.state.Checkpoint = got.Checkpoint
	}
	b.state.Pending = got.Pending
}

func (b *bench) save(*rapid.T) {
	b.d[LogID{blue, 1}] = append(b.d[LogID{blue, 1}], b.unsaved...)
	b.unsaved = nil
	b.state.Cosigned, b.state.Forked = b.n.cosigned, b.n.forked
	model := naive{held: b.n.held, heads: map[uint64][32]byte{}, known: b.n.known, forked: b.n.forked, cosigned: b.n.cosigned}
	for _, head := range [][]byte{b.state.Checkpoint, b.state.Pending} {
		if head != nil {
			c := must(tlog.OpenCheckpoint(head, modelKeys.keys.Log))
			model.heads[c.Size] = c.Root
		}
	}
	b.last = saved{b.state, model}
	b.m.Stored(1, b.state.Size)
}

// restart loses what was not saved.
func (b *bench) restart(t *rapid.T) {
	b.state, b.unsaved = b.last.state, nil
	model := b.last.model
	model.heads = map[uint64][32]byte{}
	for s, r := range b.last.model.heads {
		model.heads[s] = r
	}
	b.n = &model
	st := b.state
	st.Edge = must(tlog.EdgeAt(st.Size, b.d.reader(LogID{blue, 1})))
	b.m = newMirror(b.d)
	if err := b.m.Resume([]State{st}); err != nil {
		t.Fatal(err)
	}
}

// check compares all that a mirror shows.
func (b *bench) check(t *rapid.T) {
	size, root := b.m.Position(1)
	if size != uint64(len(b.n.held)) || root != b.n.root(size) {
		t.Fatalf("holds %d, the model %d", size, len(b.n.held))
	}
	if b.m.Forked(1) != b.n.forked {
		t.Fatalf("two histories: %v, the model %v", b.m.Forked(1), b.n.forked)
	}
	if b.n.forked {
		if _, ok := b.m.Cosignable(1); ok {
			t.Fatal("a log of two histories is cosigned")
		}
		return
	}
	known := b.n.known
	c, note, ok := b.m.Head(1)
	if ok != (note != nil) || c.Size != known || ok && c.Root != b.n.root(known) {
		t.Fatalf("knows a head of %d, the model %d", c.Size, known)
	}
	pending, _, _ := b.m.Pending(1)
	if pending.Size != b.n.pending() {
		t.Fatalf("pending %d, the model %d", pending.Size, b.n.pending())
	}
	if c, ok := b.m.Cosignable(1); ok != (known > b.n.cosigned) || ok && c.Size != known {
		t.Fatalf("may cosign %d (%v), the model %d after %d", c.Size, ok, known, b.n.cosigned)
	}
}

func (b *bench) cosign(t *rapid.T) {
	c, ok := b.m.Cosignable(1)
	if !ok {
		t.Skip("nothing to cosign")
	}
	if c.Root != b.n.root(c.Size) {
		t.Fatal("it would cosign what is not held")
	}
	b.m.Cosigned(1, c.Size)
	b.n.cosigned = c.Size
	b.save(t)
}

func testModel(t *testing.T, lying bool) {
	rapid.Check(t, func(t *rapid.T) {
		b := newBench(lying)
		t.Repeat(map[string]func(*rapid.T){
			"grow": b.grow, "grow more": b.grow, "fork": b.fork, "send": b.send, "send more": b.send, "ahead": b.sendAhead,
			"cosign": b.cosign, "save": b.save, "restart": b.restart, "": b.check,
		})
		b.heal(t)
	})
}

// heal: whatever garbage came before, an honest log is taken as far as it is
// whole, and a lying one at most as far as one history goes.
func (b *bench) heal(t *rapid.T) {
	h := b.histories[0]
	if b.lying || h.size() == 0 {
		return
	}
	whole := uint64(slices.IndexFunc(h.entries, func(e record.Entry) bool { return b.whole(e) != nil }))
	whole = min(whole, h.size())
	p := h.pkg(0, h.size(), h.size())
	if _, err := b.m.Take(p); err != nil && !errors.Is(err, ErrNothingNew) && !errors.Is(err, record.ErrTooLarge) {
		t.Fatalf("the truth is kept out: %v", err)
	}
	if size, _ := b.m.Position(1); size != whole {
		t.Fatalf("holds %d of %d whole entries", size, whole)
	}
	if c, _, _ := b.m.Head(1); whole == h.size() && c.Size != whole {
		t.Fatalf("knows a head of %d of %d", c.Size, whole)
	}
}

func TestHonestAuthor(t *testing.T) { testModel(t, false) }
func TestLyingAuthor(t *testing.T)  { testModel(t, true) }
