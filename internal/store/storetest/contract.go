// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"errors"
	"reflect"
	"slices"
	"testing"

	"openline/identity"
	"openline/internal/store"
	"openline/record"
	"openline/tlog"
)

const line identity.LineID = "dtl-0a1b2c3d"

// Disk is a store under test. Reopen closes it and gives what a new process
// would open.
type Disk interface {
	Store
	Reopen(t *testing.T) Disk
}

// Run holds a store to the contract of package store.
func Run(t *testing.T, empty func(t *testing.T) Disk) {
	for name, f := range map[string]func(*testing.T, Disk){
		"what was saved is read":          readsBack,
		"an empty line":                   emptyLine,
		"another row":                     conflicts,
		"a token twice":                   tokenTwice,
		"what does not continue":          gaps,
		"statements":                      statements,
		"statements dropped":              dropped,
		"the queue":                       queue,
		"ahead of its place":              ahead,
		"facts and snapshot":              small,
		"a checkpoint stays, pending not": checkpoints,
		"entries within bounds":           bounds,
		"about":                           about,
		"content removed":                 removed,
		"attachments":                     attachments,
	} {
		t.Run(name, func(t *testing.T) { f(t, empty(t)) })
	}
}

func save(t *testing.T, st Store, b store.Batch) {
	t.Helper()
	if err := st.Save(b); err != nil {
		t.Fatal(err)
	}
}

func load(t *testing.T, st Store) store.Saved {
	t.Helper()
	s, err := st.Load(line)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func text(t *testing.T, st Store, n int) string {
	t.Helper()
	s, err := Dump(st, line, n)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// refused holds that a batch is refused and leaves no trace.
func refused(t *testing.T, st Store, b store.Batch, want error) {
	t.Helper()
	before := text(t, st, 10)
	if err := st.Save(b); !errors.Is(err, want) {
		t.Errorf("saved with %v, expected %v", err, want)
	}
	if after := text(t, st, 10); after != before {
		t.Errorf("a refused batch left a trace:\n%s\n%s", before, after)
	}
}

func readsBack(t *testing.T, d Disk) {
	s := NewSource(line, 1)
	want := map[store.LogID][]record.Entry{}
	for n := range 12 {
		b := s.Next(n%4, (n*5)%7)
		save(t, d, b)
		for _, u := range b.Logs {
			want[u.Log] = append(want[u.Log], u.Entries...)
		}
	}
	before := text(t, d, 12)
	d = d.Reopen(t)
	if after := text(t, d, 12); after != before {
		t.Errorf("opened anew it reads otherwise:\n%s\n%s", before, after)
	}
	got := load(t, d)
	if !got.Row.Equal(s.Row) {
		t.Errorf("row %+v, saved %+v", got.Row, s.Row)
	}
	for _, l := range got.Logs {
		entries, err := d.Reader(line).Entries(l.Log, 0, 1000, 1<<20)
		if err != nil || !reflect.DeepEqual(entries, want[l.Log]) {
			t.Errorf("log %v: other entries than saved, %v", l.Log, err)
		}
		root, err := tlog.RootAt(l.Size, d.Reader(line).Hashes(l.Log))
		if err != nil || root != l.Root || l.Size != s.Size(l.Log) {
			t.Errorf("log %v: %v", l.Log, err)
		}
		if !l.Known && l.Log == Peer || !l.Forked && l.Log == Peer {
			t.Errorf("log %v lost its marks", l.Log)
		}
	}
	if root, err := tlog.RootAt(got.Row.Journal, d.Reader(line).JournalHashes()); err != nil || root != s.journal.Root() {
		t.Errorf("journal: %v", err)
	}
	tok, ok, err := d.Reader(line).Token(Token(2))
	if want := (store.Token{Token: Token(2), Log: Own, From: 0, Count: 1}); err != nil || !ok || tok != want {
		t.Errorf("token %+v, %v, %v", tok, ok, err)
	}
}

func emptyLine(t *testing.T, d Disk) {
	if s := load(t, d); !reflect.DeepEqual(s, store.Saved{}) {
		t.Errorf("%+v", s)
	}
	r := d.Reader(line)
	if e, err := r.Entries(Own, 0, 10, 1000); err != nil || len(e) > 0 {
		t.Errorf("entries %v, %v", e, err)
	}
	if _, ok, err := r.Token("x"); ok || err != nil {
		t.Errorf("token %v", err)
	}
	if _, err := r.Hashes(Own).ReadHashes([]int64{0}); err == nil {
		t.Error("a hash that was never saved")
	}
	if _, ok, err := r.Find(1, [32]byte{}); ok || err != nil {
		t.Errorf("find %v", err)
	}
}

func conflicts(t *testing.T, d Disk) {
	s := NewSource(line, 2)
	save(t, d, s.Next(1, 1))
	next := s.Next(1, 1)
	for _, change := range []func(*store.Row){
		func(r *store.Row) { r.Generation++ }, func(r *store.Row) { r.Size++ }, func(r *store.Row) { r.Root[3]++ },
		func(r *store.Row) { r.Checkpoint = nil }, func(r *store.Row) { r.LastSigned-- }, func(r *store.Row) { *r = store.Row{} },
	} {
		b := next
		change(&b.Expect)
		refused(t, d, b, store.ErrConflict)
	}
	save(t, d, next)
	refused(t, d, next, store.ErrConflict)
}

func tokenTwice(t *testing.T, d Disk) {
	s := NewSource(line, 3)
	save(t, d, s.Next(1, 0))
	b := s.Next(1, 0)
	b.Tokens[0].Token = Token(1)
	refused(t, d, b, store.ErrToken)
	b.Tokens[0].Token = Token(9)
	save(t, d, b)
}

func gaps(t *testing.T, d Disk) {
	s := NewSource(line, 4)
	save(t, d, s.Next(3, 2))
	good := s.Next(2, 2)
	for name, change := range map[string]func(*store.Batch, *store.LogUpdate){
		"a gap":            func(_ *store.Batch, u *store.LogUpdate) { u.From++; u.Size++ },
		"over":             func(_ *store.Batch, u *store.LogUpdate) { u.From--; u.Size-- },
		"a size":           func(_ *store.Batch, u *store.LogUpdate) { u.Size++ },
		"a hash less":      func(_ *store.Batch, u *store.LogUpdate) { u.Hashes = u.Hashes[1:] },
		"hashes elsewhere": func(_ *store.Batch, u *store.LogUpdate) { u.HashFrom++ },
		"things":           func(_ *store.Batch, u *store.LogUpdate) { u.About = u.About[1:] },
		"no card":          func(_ *store.Batch, u *store.LogUpdate) { u.Log.Generation++ },
		"no log":           func(b *store.Batch, _ *store.LogUpdate) { b.Known = []store.LogID{{Party: 9, Generation: 1}} },
		"journal":          func(b *store.Batch, _ *store.LogUpdate) { b.Next.Journal++ },
		"journal hashes": func(b *store.Batch, _ *store.LogUpdate) {
			b.Journal = []store.JournalEntry{{Entry: b.Journal[0].Entry}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := good
			b.Logs = slices.Clone(good.Logs)
			change(&b, &b.Logs[1]) // what comes before it in the batch is not kept either
			refused(t, d, b, store.ErrBatch)
		})
	}
	save(t, d, good)
}

func statements(t *testing.T, d Disk) {
	s := NewSource(line, 5)
	var all []store.Statement
	for range 4 {
		b := s.Next(2, 0)
		b.Statements = []store.Statement{s.Statement(Own, Peer, false)}
		later := b.Statements[0]
		later.At, later.Bytes = later.At+100, []byte("later")
		b.Statements = append(b.Statements, later, b.Statements[0])
		save(t, d, b)
		all = append(all, b.Statements[:2]...)
	}
	r := d.Reopen(t).Reader(line)
	for size := range uint64(10) {
		i := slices.IndexFunc(all, func(st store.Statement) bool { return st.Size >= size })
		got, ok, err := r.FirstStatement(Own, Peer, size, false)
		if err != nil || ok != (i >= 0) || ok && !reflect.DeepEqual(got, all[i]) {
			t.Errorf("first at %d: %+v, %v, %v", size, got, ok, err)
		}
		got, ok, err = r.StatementAt(Own, Peer, size, false)
		if err != nil || ok != (i >= 0 && all[i].Size == size) || ok && !reflect.DeepEqual(got, all[i]) {
			t.Errorf("at %d: %+v, %v, %v", size, got, ok, err)
		}
	}
	if got, ok, err := r.NewestStatement(Own, Peer, false); err != nil || !ok || !reflect.DeepEqual(got, all[len(all)-1]) {
		t.Errorf("newest: %+v, %v, %v", got, ok, err)
	}
	for _, other := range []struct {
		log, by store.LogID
		pq      bool
	}{{Own, Peer, true}, {Own, Own, false}, {Peer, Peer, false}, {Own, store.LogID{Party: 2, Generation: 2}, false}} {
		if _, ok, err := r.FirstStatement(other.log, other.by, 0, other.pq); ok || err != nil {
			t.Errorf("%+v: found, %v", other, err)
		}
	}
}

func dropped(t *testing.T, d Disk) {
	s := NewSource(line, 6)
	b := s.Next(1, 0)
	save(t, d, b)
	gone := b.Statements[0]
	b = s.Next(1, 0)
	b.DropStatements = []store.StatementID{gone.ID()}
	save(t, d, b)
	if _, ok, err := d.Reader(line).StatementAt(gone.Log, gone.By, gone.Size, gone.PQ); ok || err != nil {
		t.Errorf("still there, %v", err)
	}
}

func queue(t *testing.T, d Disk) {
	s := NewSource(line, 7)
	b := s.Next(0, 1)
	b.Queue = []store.Queued{{Token: "a", Bytes: []byte("1")}, {Token: "b", Bytes: []byte("2")}, {Token: "a", Bytes: []byte("3")}}
	save(t, d, b)
	b = s.Next(0, 1)
	b.Unqueue, b.Queue = []string{"a", "none"}, []store.Queued{{Token: "c", Bytes: []byte("4")}}
	save(t, d, b)
	want := []store.Queued{{Token: "b", Bytes: []byte("2")}, {Token: "a", Bytes: []byte("3")}, {Token: "c", Bytes: []byte("4")}}
	if got := load(t, d.Reopen(t)).Queue; !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
}

func ahead(t *testing.T, d Disk) {
	s := NewSource(line, 8)
	b := s.Next(1, 2)
	b.Ahead = []store.Ahead{{Log: Peer, Index: 9, Bytes: []byte("9")}, {Log: Peer, Index: 3, Bytes: []byte("3")}, {Log: Peer, Index: 1, Bytes: []byte("held")}, {Log: Peer, Index: 9, Bytes: []byte("9")}}
	save(t, d, b)
	want := []store.Ahead{{Log: Peer, Index: 3, Bytes: []byte("3")}, {Log: Peer, Index: 9, Bytes: []byte("9")}}
	d = d.Reopen(t)
	if got := load(t, d).Ahead; !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
	save(t, d, s.Next(0, 2)) // fills the places up to 3
	if got := load(t, d).Ahead; !reflect.DeepEqual(got, want[1:]) {
		t.Errorf("once its place is filled: %+v", got)
	}
}

func small(t *testing.T, d Disk) {
	s := NewSource(line, 9)
	b := s.Next(1, 0)
	b.Facts, b.Snapshot = map[string][]byte{"a": []byte("1"), "b": []byte("2"), "c": {}}, []byte("state")
	save(t, d, b)
	b = s.Next(1, 0)
	b.Facts = map[string][]byte{"a": nil, "b": []byte("3"), "none": nil}
	save(t, d, b)
	got := load(t, d.Reopen(t))
	if want := map[string][]byte{"b": []byte("3"), "c": {}}; !reflect.DeepEqual(got.Facts, want) || string(got.Snapshot) != "state" {
		t.Errorf("%q, %q", got.Facts, got.Snapshot)
	}
}

func checkpoints(t *testing.T, d Disk) {
	s := NewSource(line, 10)
	b := s.Next(1, 1)
	head := b.Logs[1].Checkpoint
	b.Logs[1].Pending = []byte("beyond")
	save(t, d, b)
	if l := load(t, d).Logs[1]; string(l.Pending) != "beyond" {
		t.Errorf("pending %q", l.Pending)
	}
	b = s.Next(1, 1)
	b.Logs[1].Checkpoint = nil
	save(t, d, b)
	if l := load(t, d.Reopen(t)).Logs[1]; string(l.Checkpoint) != string(head) || l.Pending != nil {
		t.Errorf("checkpoint %q, pending %q", l.Checkpoint, l.Pending)
	}
}

func bounds(t *testing.T, d Disk) {
	s := NewSource(line, 11)
	b := s.Next(9, 0)
	save(t, d, b)
	all, one := b.Logs[0].Entries, b.Logs[0].Entries[0].Size()
	r := d.Reader(line)
	for _, q := range []struct {
		from       uint64
		max, bytes int
		want       []record.Entry
	}{{0, 100, 1 << 20, all}, {4, 100, 1 << 20, all[4:]}, {2, 3, 1 << 20, all[2:5]}, {0, 100, 1, all[:1]}, {8, 1, 0, all[8:]}, {9, 5, 1000, nil}, {1 << 39, 5, 1000, nil}, {0, 100, 2*one + one/2, all[:2]}} {
		got, err := r.Entries(Own, q.from, q.max, q.bytes)
		if err != nil || len(got) != len(q.want) || len(got) > 0 && !reflect.DeepEqual(got, q.want) {
			t.Errorf("from %d max %d bytes %d: %d entries, %v; expected %d", q.from, q.max, q.bytes, len(got), err, len(q.want))
		}
	}
}

func about(t *testing.T, d Disk) {
	s := NewSource(line, 12)
	save(t, d, s.Next(4, 0))
	b := s.Next(0, 2) // an answer of the peer about our thing, and one about something not held
	b.Logs[1].About = []record.Ref{record.ByNumber(1, 1), record.ByHash(1, [32]byte{7})}
	save(t, d, b)
	own := func(i uint64) store.Located { return store.Located{Log: Own, Index: i, Number: i + 1} }
	peer := func(i uint64) store.Located { return store.Located{Log: Peer, Index: i, Number: i + 1} }
	r := d.Reopen(t).Reader(line)
	for _, q := range []struct {
		thing record.Ref
		want  []store.Located
	}{
		{record.ByNumber(1, 1), []store.Located{own(0), own(1), own(2), own(3), peer(0)}},
		{record.ByHash(1, s.Leaf(Own, 0)), []store.Located{own(0), own(1), own(2), own(3), peer(0)}},
		{record.ByHash(1, [32]byte{7}), []store.Located{peer(1)}},
		{record.ByNumber(2, 2), []store.Located{peer(1)}},
		{record.ByNumber(1, 99), nil},
		{record.ByNumber(3, 1), nil},
	} {
		got, err := r.About(q.thing)
		if err != nil || !slices.Equal(got, q.want) {
			t.Errorf("about %+v: %+v, %v", q.thing, got, err)
		}
	}
	if got, ok, err := r.Find(1, s.Leaf(Own, 2)); err != nil || !ok || got != own(2) {
		t.Errorf("find: %+v, %v, %v", got, ok, err)
	}
}
