// SPDX-License-Identifier: Apache-2.0

package mirror

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"openline/identity"
	"openline/identity/secret"
	"openline/record"
	"openline/tlog"
)

func opened(t testing.TB) (*Mirror, disk) {
	t.Helper()
	d := disk{}
	m := newMirror(d)
	if _, _, err := m.TakeCard(modelKeys.note); err != nil {
		t.Fatal(err)
	}
	return m, d
}

func take(t testing.TB, m *Mirror, p Package) Taken {
	t.Helper()
	got, err := m.Take(p)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestForks(t *testing.T) {
	one := newHistory(modelKeys).add(someEntries(0, 8)...)
	longer := one.fork(8).add(someEntries(8, 2)...)
	two := one.fork(3).add(someEntries(100, 7)...)
	for _, c := range []struct {
		name string
		kind string
		send func(m *Mirror) error
	}{
		{"two roots at the known head", "two roots at one size", func(m *Mirror) error {
			_, err := m.Take(two.pkg(0, 6, 6))
			return err
		}},
		{"two roots at a pending head", "two roots at one size", func(m *Mirror) error {
			if err := m.TakeAhead(one.ahead(7, 8)); err != nil {
				t.Fatal(err)
			}
			_, err := m.Take(two.pkg(0, 3, 8))
			return err
		}},
		{"a smaller head with another root", "a head that does not extend an earlier one", func(m *Mirror) error {
			_, err := m.Take(two.pkg(0, 5, 5))
			return err
		}},
		{"a smaller head with an entry ahead of its place", "a head that does not extend an earlier one", func(m *Mirror) error {
			return m.TakeAhead(two.ahead(1, 5))
		}},
		{"an empty log after entries", "", func(m *Mirror) error {
			note := must(tlog.SignCheckpoint(tlog.Checkpoint{Origin: one.by.card.Origin(), Root: [32]byte{1}}, one.by.log))
			_, err := m.Take(Package{Log: one.id, Checkpoint: note})
			return err
		}},
		{"a head ahead of its place that the entries pass by", "a head that does not extend an earlier one", func(m *Mirror) error {
			if err := m.TakeAhead(two.ahead(6, 7)); err != nil {
				t.Fatal(err)
			}
			_, err := m.Take(one.pkg(6, 8, 8))
			return err
		}},
		{"a head between those known and held, judged when the larger one is reached", "a head that does not extend an earlier one", func(m *Mirror) error {
			take(t, m, one.pkg(6, 7, 8))
			if _, err := m.Take(two.pkg(0, 7, 7)); !errors.Is(err, ErrMismatch) {
				t.Fatalf("nothing is proven yet, and the answer is %v", err)
			}
			if m.Forked(1) {
				t.Fatal("forked without proof")
			}
			_, err := m.Take(one.pkg(7, 8, 8))
			return err
		}},
		{"the same, with entries between", "a head that does not extend an earlier one", func(m *Mirror) error {
			take(t, m, longer.pkg(6, 7, 10))
			if _, err := m.Take(two.pkg(0, 7, 7)); !errors.Is(err, ErrMismatch) {
				t.Fatalf("nothing is proven yet, and the answer is %v", err)
			}
			take(t, m, longer.pkg(7, 8, 10))
			_, err := m.Take(longer.pkg(8, 10, 10))
			return err
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, _ := opened(t)
			take(t, m, one.pkg(0, 6, 6))
			m.Cosigned(1, 6)
			m.Cosigned(1, 3)
			if m.CosignedSize(1) != 6 {
				t.Error("the size cosigned falls")
			}
			wantFork(t, c.send(m), modelKeys.keys, c.kind)
			if _, ok := m.Cosignable(1); ok || !m.Forked(1) {
				t.Error("it would still be cosigned")
			}
			if _, err := m.Take(one.pkg(6, 8, 8)); !errors.Is(err, ErrTwoHistories) {
				t.Errorf("after two histories the answer is %v", err)
			}
			if err := m.TakeAhead(one.ahead(7, 8)); !errors.Is(err, ErrTwoHistories) {
				t.Errorf("after two histories the answer is %v", err)
			}
			if size, _ := m.Position(1); size < 6 {
				t.Error("what was held is lost")
			}
		})
	}
}

// A head is compared with entries that are taken and not yet stored.
func TestOlderHeadBeforeTheSave(t *testing.T) {
	one := newHistory(modelKeys).add(someEntries(0, 8)...)
	m, _ := opened(t)
	take(t, m, one.pkg(0, 8, 8))
	if _, err := m.Take(one.pkg(0, 5, 6)); !errors.Is(err, ErrNothingNew) {
		t.Errorf("an older package by another bearer: %v", err)
	}
	two := one.fork(3).add(someEntries(100, 3)...)
	_, err := m.Take(two.pkg(0, 5, 6))
	wantFork(t, err, modelKeys.keys, "")
}

func TestRefusedPackages(t *testing.T) {
	h := newHistory(modelKeys).add(someEntries(0, 8)...)
	stranger := newHistory(newGeneration("red.example", 1, 1, 60, nil)).add(h.entries...)
	for _, c := range []struct {
		name string
		p    func() Package
		want error
	}{
		{"of a generation nobody opened", func() Package { p := h.pkg(4, 6, 8); p.Log.Generation = 2; return p }, ErrNoCard},
		{"of another party", func() Package { p := h.pkg(4, 6, 8); p.Log.Party = red; return p }, ErrNoCard},
		{"head signed by another party", func() Package { p := stranger.pkg(4, 6, 8); p.Log = h.id; return p }, ErrHead},
		{"head not signed", func() Package { p := h.pkg(4, 6, 8); p.Checkpoint = []byte(h.checkpoint(8).Text()); return p }, ErrHead},
		{"head cosigned only", func() Package {
			p := h.pkg(4, 6, 8)
			p.Checkpoint = noteOf(h.checkpoint(8), must(modelKeys.cosigner.Cosign(h.checkpoint(8), 5)))
			return p
		}, ErrHead},
		{"a gap", func() Package { return h.pkg(5, 6, 8) }, ErrGap},
		{"more entries than its head", func() Package { p := h.pkg(4, 6, 8); p.Checkpoint = h.head(5); return p }, ErrMismatch},
		{"entries of another place", func() Package { p := h.pkg(5, 7, 8); p.From = 4; return p }, ErrMismatch},
		{"no proof", func() Package { p := h.pkg(4, 6, 8); p.Proof = nil; return p }, ErrMismatch},
		{"a proof too many", func() Package { p := h.pkg(4, 8, 8); p.Proof = [][32]byte{{}}; return p }, ErrMismatch},
		{"nothing new", func() Package { return h.pkg(1, 4, 4) }, ErrNothingNew},
		{"nothing new but a head", func() Package { return h.pkg(4, 4, 8) }, ErrNothingNew},
		{"body missing", func() Package { p := h.pkg(4, 6, 8); p.Entries[0].Body = nil; return p }, record.ErrNotWhole},
		{"another body", func() Package { p := h.pkg(4, 6, 8); p.Entries[0].Body = h.entries[5].Body; return p }, record.ErrNotWhole},
		{"header missing", func() Package { p := h.pkg(4, 6, 8); p.Entries[0].Header = nil; return p }, record.ErrNotWhole},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, _ := opened(t)
			take(t, m, h.pkg(0, 4, 4))
			if _, err := m.Take(c.p()); !errors.Is(err, c.want) {
				t.Fatalf("answer %v, want %v", err, c.want)
			}
			if size, _ := m.Position(1); size != 4 || m.Forked(1) {
				t.Errorf("something came of it: %d held", size)
			}
			if got := take(t, m, h.pkg(4, 8, 8)); got.Size != 8 || got.Checkpoint == nil || got.Pending != nil {
				t.Errorf("the truth is kept out: %+v", got)
			}
		})
	}
}

// One entry that is not whole keeps out what is behind it, and nothing that
// is before it.
func TestStopsAtWhatIsNotWhole(t *testing.T) {
	h := newHistory(modelKeys).add(someEntries(0, 3)...).add(entryOf(strings.Repeat("x", ceiling+1))).add(someEntries(4, 2)...)
	m, _ := opened(t)
	got := take(t, m, h.pkg(0, 6, 6))
	if got.Size != 3 || !errors.Is(got.Stopped, record.ErrTooLarge) || !strings.Contains(got.Stopped.Error(), "record 4") || got.Checkpoint != nil || !bytes.Equal(got.Pending, h.head(6)) {
		t.Fatalf("%+v", got)
	}
	if _, ok := m.Cosignable(1); ok {
		t.Error("a head is cosigned whose entries are not held")
	}
	if _, err := m.Take(h.pkg(3, 6, 6)); !errors.Is(err, record.ErrTooLarge) {
		t.Errorf("then %v", err)
	}
	if got := take(t, m, h.pkg(0, 3, 3)); got.Size != 3 || !bytes.Equal(got.Checkpoint, h.head(3)) || len(got.Entries) != 0 {
		t.Errorf("a head that is reached: %+v", got)
	}
	if c, ok := m.Cosignable(1); !ok || c.Size != 3 {
		t.Error("up to there it is cosigned")
	}
}

// A pending head is shown, never cosigned, and blocks nothing; when there are
// very many the newest and the first to be reached are kept.
func TestPendingHeads(t *testing.T) {
	h := newHistory(modelKeys).add(someEntries(0, 60)...)
	m, _ := opened(t)
	for size := uint64(60); size > 20; size-- {
		if err := m.TakeAhead(h.ahead(size-1, size)); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(m.gens[0].heads); n != maxHeads {
		t.Errorf("%d heads are kept", n)
	}
	for i, h := range m.gens[0].heads[:maxHeads-1] {
		if h.Size != uint64(21+i) {
			t.Errorf("head %d kept is of %d", i, h.Size)
		}
	}
	if c, note, ok := m.Pending(1); !ok || c.Size != 60 || !bytes.Equal(note, h.head(60)) {
		t.Errorf("pending %d", c.Size)
	}
	if _, ok := m.Cosignable(1); ok {
		t.Error("a pending head is cosigned")
	}
	got := take(t, m, h.pkg(0, 10, 10))
	if c, ok := m.Cosignable(1); !ok || c.Size != 10 || got.Pending == nil {
		t.Errorf("cosignable %d; pending heads block what is held", c.Size)
	}
	take(t, m, h.pkg(10, 60, 60))
	if _, _, ok := m.Pending(1); ok || len(m.gens[0].heads) != 0 {
		t.Error("heads are pending although all is held")
	}
}

func TestCards(t *testing.T) {
	held := func(gen uint32, size uint64) *identity.Held { return &identity.Held{Generation: gen, Size: size} }
	g1 := newGeneration("blue.example", 1, 11, 20, nil)
	g1b := newGeneration("blue.example", 1, 11, 22, nil)
	g2 := newGeneration("blue.example", 2, 15, 24, held(1, 4))
	g2low := newGeneration("blue.example", 2, 14, 26, held(1, 3))
	g3 := newGeneration("blue.example", 3, 21, 28, held(2, 2))
	g3low := newGeneration("blue.example", 3, 15, 30, held(2, 0))
	foreign := newGeneration("red.example", 1, 1, 32, nil)
	d := disk{}
	m := newMirror(d)
	step := func(name string, g *generationKeys, known bool, ok bool) {
		t.Helper()
		c, k, err := m.TakeCard(g.note)
		if (err == nil) != ok || k != known || err == nil && c.Digest() != g.card.Digest() || err != nil && !errors.Is(err, ErrCard) {
			t.Errorf("%s: %v, known %v", name, err, k)
		}
	}
	step("another party's", foreign, false, false)
	step("unknown", &generationKeys{note: []byte("nobody's")}, false, false)
	step("first", g1, false, true)
	step("first again", g1, true, true)
	step("another one of the generation", g1b, false, false)
	take(t, m, newHistory(g1).add(someEntries(0, 4)...).pkg(0, 4, 4)) // numbers 11 to 14
	step("base at a number held", g2low, false, false)
	step("third, the second never came", g3, false, true)
	step("second, between its neighbours", g2, false, true)
	step("second again, which the third followed", g2, false, false)
	step("first again, which others followed", g1, false, false)
	if got := m.Generations(); !slices.Equal(got, []uint32{1, 2, 3}) || m.Newest() != 3 {
		t.Errorf("generations %v", got)
	}
	if c, note, ok := m.Card(2); !ok || c != g2.card || !bytes.Equal(note, g2.note) {
		t.Error("card of generation 2")
	}
	if _, ok := m.Keys(2); !ok {
		t.Error("keys of generation 2")
	}
	if _, ok := m.Keys(9); ok {
		t.Error("keys of a generation that is not")
	}
	if _, _, ok := m.Card(9); ok {
		t.Error("a card of a generation that is not")
	}

	m = newMirror(d)
	step("first", g1, false, true)
	take(t, m, newHistory(g1).add(someEntries(0, 4)...).pkg(0, 4, 4))
	step("third", g3low, false, true)
	step("second, whose numbers begin where the third's do", g2, false, false)
	// A late package makes the first generation longer: what comes next must
	// begin above that as well.
	take(t, m, newHistory(g1).add(someEntries(0, 20)...).pkg(4, 20, 20))
	step("fourth, below a number held of the first", newGeneration("blue.example", 4, 30, 34, held(3, 0)), false, false)
	step("fourth", newGeneration("blue.example", 4, 31, 36, held(3, 0)), false, true)

	m = newMirror(d)
	for i := range MaxGenerations {
		m.gens = append(m.gens, &generation{card: g1.card, id: LogID{blue, uint32(i)}, tree: must(tlog.OpenTree(0, nil))})
	}
	if _, _, err := m.TakeCard(newGeneration("blue.example", 999, 99, 38, held(3, 0)).note); !errors.Is(err, ErrCard) {
		t.Errorf("generations without end: %v", err)
	}
}

// The real card: signed by the party with both keys.
func TestRealCards(t *testing.T) {
	blueKey, redKey := secret.NewParty([64]byte{1}), secret.NewParty([64]byte{2})
	note := must(blueKey.SignStationCard(modelKeys.card))
	m := New(Config{
		Party: "blue.example", No: blue, Line: testLine, PartyKey: blueKey.Public(),
		OpenCard: identity.OpenStationCard, KeysOf: tlog.KeysOf, Hashes: disk{}.reader,
	})
	bad := bytes.Clone(note)
	bad[len(bad)-10] ^= 1
	forged := must(redKey.SignStationCard(modelKeys.card))
	other := *modelKeys.card
	other.Line = "other-0a1b2c3d"
	for name, n := range map[string][]byte{"changed": bad, "signed by another party": forged, "of another line": must(blueKey.SignStationCard(&other)), "none": nil} {
		if _, _, err := m.TakeCard(n); !errors.Is(err, ErrCard) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, known, err := m.TakeCard(note); err != nil || known {
		t.Fatal(err)
	}
	take(t, m, newHistory(modelKeys).add(someEntries(0, 3)...).pkg(0, 3, 3))
}

func TestStatements(t *testing.T) {
	h := newHistory(modelKeys).add(someEntries(0, 9)...)
	ours := tlog.Checkpoint{Origin: "red.example/openline/dtl-0a1b2c3d/1", Root: [32]byte{9}}
	ourLog := LogID{red, 1}
	at := func(c tlog.Checkpoint, log LogID, time uint64, pq bool) Statement {
		by := modelKeys.cosigner
		if pq {
			by = modelKeys.pq
		}
		return Statement{Log: log, By: h.id, Size: c.Size, Line: must(by.Cosign(c, time)), PQ: pq}
	}
	over := func(size uint64) tlog.Checkpoint { c := ours; c.Size = size; return c }
	m, _ := opened(t)
	ok := func(size, time uint64, pq bool) {
		t.Helper()
		if got, err := m.TakeStatement(at(over(size), ourLog, time, pq), over(size)); err != nil || got != time {
			t.Fatalf("receipt over %d at %d: %v", size, time, err)
		}
	}
	ok(5, 100, false)
	ok(5, 100, false) // repeated
	ok(7, 100, false) // two heads in one second
	ok(7, 110, true)
	ok(5, 100, false) // late
	ok(7, 105, false) // late
	ok(4, 90, false)  // late
	for name, c := range map[string]struct {
		s    Statement
		over tlog.Checkpoint
		want error
	}{
		"by nobody's key":          {Statement{Log: ourLog, By: LogID{blue, 2}, Size: 8}, over(8), ErrNoCard},
		"by another party":         {Statement{Log: ourLog, By: LogID{red, 1}, Size: 8}, over(8), ErrNoCard},
		"over another root":        {at(over(8), ourLog, 120, false), tlog.Checkpoint{Origin: ours.Origin, Size: 8, Root: [32]byte{8}}, ErrStatement},
		"over another log":         {at(over(8), ourLog, 120, false), tlog.Checkpoint{Origin: "x", Size: 8, Root: ours.Root}, ErrStatement},
		"size and head differ":     {at(over(8), ourLog, 120, false), over(9), ErrStatement},
		"classical taken for PQ":   {func() Statement { s := at(over(8), ourLog, 120, false); s.PQ = true; return s }(), over(8), ErrStatement},
		"PQ taken for classical":   {func() Statement { s := at(over(8), ourLog, 120, true); s.PQ = false; return s }(), over(8), ErrStatement},
		"the log key's signature":  {Statement{Log: h.id, By: h.id, Size: 9, Line: bytes.SplitAfterN(h.head(9), []byte("\n\n"), 2)[1]}, h.checkpoint(9), ErrStatement},
		"two lines":                {func() Statement { s := at(over(8), ourLog, 120, false); s.Line = append(s.Line, s.Line...); return s }(), over(8), ErrStatement},
		"nothing where a line was": {Statement{Log: ourLog, By: h.id, Size: 8}, over(8), ErrStatement},
	} {
		if _, err := m.TakeStatement(c.s, c.over); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}

	_, err := m.TakeStatement(at(over(6), ourLog, 120, true), over(6))
	wantFork(t, err, modelKeys.keys, "a size that falls while time rises")
	if m.Forked(1) {
		t.Error("a receipt of theirs that is not true ends the receipts for their log")
	}
	if _, err := m.TakeStatement(at(over(5), ourLog, 121, false), over(5)); !errors.Is(err, ErrTwoHistories) {
		t.Errorf("accusations without end: %v", err)
	}
	ok(9, 130, false) // what is true is still taken

	other := LogID{3, 1}
	if _, err := m.TakeStatement(at(over(5), other, 100, false), over(5)); err != nil {
		t.Fatal(err)
	}
	_, err = m.TakeStatement(at(over(6), other, 99, false), over(6))
	wantFork(t, err, modelKeys.keys, "a size that falls while time rises")

	timed := func(size, time uint64) error {
		_, err := m.TakeStatement(at(h.checkpoint(size), h.id, time, false), h.checkpoint(size))
		return err
	}
	if err := errors.Join(timed(4, 50), timed(6, 60)); err != nil {
		t.Fatal(err)
	}
	wantFork(t, timed(5, 61), modelKeys.keys, "a size that falls while time rises")
	if !m.Forked(1) {
		t.Error("a log that went back is still receipted")
	}
}

// What a cosigner said before a restart is held against what it says after.
func TestStatementsAfterRestart(t *testing.T) {
	h := newHistory(modelKeys).add(someEntries(0, 9)...)
	spoken := Spoken{Log: h.id, Checkpoint: tlog.Checkpoint{Size: 7, Root: h.checkpoint(7).Root}, Line: must(modelKeys.cosigner.Cosign(h.checkpoint(7), 100))}
	m := newMirror(disk{})
	if err := m.Resume([]State{{Card: modelKeys.note, Spoken: []Spoken{spoken}}}); err != nil {
		t.Fatal(err)
	}
	s := Statement{Log: h.id, By: h.id, Size: 5, Line: must(modelKeys.cosigner.Cosign(h.checkpoint(5), 101))}
	_, err := m.TakeStatement(s, h.checkpoint(5))
	wantFork(t, err, modelKeys.keys, "a size that falls while time rises")
}

// Two stored statements that contradict each other accuse their signer; they
// do not keep the station from starting, which would be in the signer's hands.
func TestContradictionsInStoreAccuse(t *testing.T) {
	h := newHistory(modelKeys).add(someEntries(0, 9)...)
	say := func(size, at uint64) Spoken {
		return Spoken{Log: h.id, Checkpoint: tlog.Checkpoint{Size: size, Root: h.checkpoint(size).Root}, Line: must(modelKeys.cosigner.Cosign(h.checkpoint(size), at))}
	}
	m := newMirror(disk{})
	if err := m.Resume([]State{{Card: modelKeys.note, Spoken: []Spoken{say(7, 100), say(5, 101)}}}); err != nil {
		t.Fatal(err)
	}
	found := m.Found()
	if len(found) != 1 || len(m.Found()) != 0 {
		t.Fatalf("%d accusations", len(found))
	}
	wantFork(t, found[0].Fork, modelKeys.keys, "a size that falls while time rises")
	if !m.Forked(h.id.Generation) {
		t.Error("a log that went back is still receipted")
	}
}

// What is stored is verified again; a store that is not what was saved is
// not resumed.
func TestResume(t *testing.T) {
	h := newHistory(modelKeys).add(someEntries(0, 9)...)
	d := disk{h.id: h.hashes[:tlog.StoredCount(7)]}
	edge := must(tlog.EdgeAt(7, d.reader(h.id)))
	good := State{Card: modelKeys.note, Size: 7, Edge: edge, Checkpoint: h.head(7), Pending: h.head(9), Cosigned: 7}
	for name, c := range map[string]struct {
		change func(*State)
		ok     bool
	}{
		"good":                           {func(*State) {}, true},
		"known head below what is held":  {func(s *State) { s.Checkpoint, s.Cosigned = h.head(5), 5 }, true},
		"no head yet":                    {func(s *State) { s.Checkpoint, s.Cosigned = nil, 0 }, true},
		"no card":                        {func(s *State) { s.Card = nil }, false},
		"an edge too short":              {func(s *State) { s.Edge = s.Edge[1:] }, false},
		"another edge":                   {func(s *State) { s.Edge = slices.Clone(s.Edge); s.Edge[0][0] ^= 1 }, false},
		"a head beyond what is held":     {func(s *State) { s.Checkpoint = h.head(8) }, false},
		"cosigned beyond the known head": {func(s *State) { s.Cosigned = 8 }, false},
		"cosigned without a head":        {func(s *State) { s.Checkpoint = nil }, false},
		"a head of garbage":              {func(s *State) { s.Checkpoint = []byte("garbage") }, false},
		"a pending head of garbage":      {func(s *State) { s.Pending = []byte("garbage") }, false},
		"a statement of garbage": {func(s *State) {
			s.Spoken = []Spoken{{Log: h.id, Checkpoint: h.checkpoint(7), Line: []byte("garbage")}}
		}, false},
	} {
		s := good
		c.change(&s)
		m := newMirror(d)
		if err := m.Resume([]State{s}); (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
	m := newMirror(d)
	if err := m.Resume([]State{good, good}); err == nil {
		t.Error("one generation stored twice")
	}
	m = newMirror(d)
	if err := m.Resume([]State{good}); err != nil {
		t.Fatal(err)
	}
	if c, _, ok := m.Pending(1); !ok || c.Size != 9 || m.CosignedSize(1) != 7 {
		t.Error("the pending head or the size cosigned is lost")
	}
	two := h.fork(3).add(someEntries(100, 3)...)
	_, err := m.Take(two.pkg(0, 6, 6))
	wantFork(t, err, modelKeys.keys, "")
}

// Red lost nothing of what blue wrote; blue, restored from an old backup,
// gets its own records back from red and needs nobody's word but its own.
func TestGivingBack(t *testing.T) {
	second := newGeneration("blue.example", 2, 30, 40, &identity.Held{Generation: 1, Size: 4})
	h := newHistory(modelKeys).add(someEntries(0, 12)...)
	d := disk{}
	red := newMirror(d)
	must2(red.TakeCard(modelKeys.note))
	take(t, red, h.pkg(0, 10, 10))
	d[h.id] = h.hashes[:tlog.StoredCount(10)]
	red.Stored(1, 10)
	take(t, red, h.pkg(10, 11, 12)) // held, but under no head that is reached
	if _, ok := red.Lost(1, 4); ok {
		t.Error("records of the running generation are given back")
	}
	must2(red.TakeCard(second.note))
	for has, want := range map[uint64]bool{4: true, 9: true, 10: false, 11: false, 99: false} {
		if upTo, ok := red.Lost(1, has); ok != want || ok && upTo != 10 {
			t.Errorf("blue holds %d: up to %d, %v", has, upTo, ok)
		}
	}

	own := disk{h.id: h.hashes[:tlog.StoredCount(4)]}
	cfg := newMirror(own).cfg
	cfg.Own = true
	blueOwn := New(cfg)
	st := State{Card: modelKeys.note, Size: 4, Edge: must(tlog.EdgeAt(4, own.reader(h.id))), Checkpoint: h.head(4)}
	if err := blueOwn.Resume([]State{st, {Card: second.note}}); err != nil {
		t.Fatal(err)
	}
	for from := uint64(4); from < 10; {
		p, err := red.GiveBack(1, from, h.entries[from:min(from+4, 11)])
		if err != nil {
			t.Fatal(err)
		}
		p, err = DecodePackage(p.Encode())
		if err != nil {
			t.Fatal(err)
		}
		got := take(t, blueOwn, p)
		own[h.id] = append(own[h.id], got.Hashes...)
		blueOwn.Stored(1, got.Size)
		from = got.Size
	}
	if c, note, ok := blueOwn.Head(1); !ok || c.Size != 10 || !bytes.Equal(note, h.head(10)) {
		t.Errorf("blue has its log back up to %d", c.Size)
	}
	if _, ok := blueOwn.Cosignable(1); ok {
		t.Error("a party would receipt its own log")
	}
	s := Statement{Log: h.id, By: h.id, Size: 10, Line: must(modelKeys.cosigner.Cosign(h.checkpoint(10), 5))}
	if _, err := blueOwn.TakeStatement(s, h.checkpoint(10)); !errors.Is(err, ErrStatement) {
		t.Errorf("a statement of its own: %v", err)
	}
	if _, err := red.GiveBack(1, 10, h.entries[10:11]); !errors.Is(err, ErrNothingNew) {
		t.Errorf("beyond the head: %v", err)
	}
	if _, err := red.GiveBack(7, 0, h.entries[:1]); !errors.Is(err, ErrNoCard) {
		t.Errorf("of a generation nobody opened: %v", err)
	}

	// A copy that is not what blue signed is not taken back.
	p := must(red.GiveBack(1, 4, h.entries[4:10]))
	p.Entries[2] = entryOf("never said")
	blueOwn = New(cfg)
	if err := blueOwn.Resume([]State{st}); err != nil {
		t.Fatal(err)
	}
	if _, err := blueOwn.Take(p); !errors.Is(err, ErrMismatch) {
		t.Errorf("another record than blue signed: %v", err)
	}
}

// What is not stored for long does not grow without bound.
func TestFreshHashesAreBounded(t *testing.T) {
	g := &generation{tree: must(tlog.OpenTree(0, nil))}
	for range maxFresh/1000 + 5 {
		g.remember(make([][32]byte, 1000))
	}
	if len(g.fresh) > maxFresh || g.freshFrom == 0 {
		t.Errorf("%d hashes from %d", len(g.fresh), g.freshFrom)
	}
}

// A card that names another root than is held is taken, and told apart; one
// that names more than is held, or the root that is, is not.
func TestDisowned(t *testing.T) {
	h := newHistory(modelKeys).add(someEntries(0, 12)...)
	m := newMirror(disk{})
	must2(m.TakeCard(modelKeys.note))
	take(t, m, h.pkg(0, 10, 10))
	root := must(tlog.RootAt(4, m.hashes(m.gens[0], nil)))
	for _, tc := range []struct {
		held *identity.Held
		want bool
	}{
		{nil, false},
		{&identity.Held{Generation: 1, Size: 4, Root: root}, false},
		{&identity.Held{Generation: 1, Size: 4, Root: [32]byte{1}}, true},
		{&identity.Held{Generation: 1, Size: 11, Root: [32]byte{1}}, false},
		{&identity.Held{Generation: 2, Size: 4, Root: [32]byte{1}}, false},
	} {
		if got, err := m.Disowned(&identity.StationCard{Generation: 3, Previous: tc.held}); err != nil || got != tc.want {
			t.Errorf("%+v: %v, %v", tc.held, got, err)
		}
	}
	if _, _, err := m.TakeCard(newGeneration("blue.example", 2, 30, 40, &identity.Held{Generation: 1, Size: 4, Root: [32]byte{1}}).note); err != nil {
		t.Errorf("the cure is refused: %v", err)
	}
}
