// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"errors"
	"math/rand/v2"
	"syscall"
	"testing"

	"openline/identity"
	"openline/internal/station/stationtest"
	"openline/internal/store"
	"openline/internal/store/storetest"
	"openline/record"
)

const (
	line   identity.LineID = "dtl-0a1b2c3d"
	onDisk string          = "/station.db"
)

// script is a fixed series of batches, and what is read after each: want[n]
// after n of them.
type script struct {
	batches []store.Batch
	want    []string
}

// model is the model of a disk, to read from.
type model struct{ *stationtest.Disk }

func (m model) Load(identity.LineID) (store.Saved, error) { return m.Disk.Load(), nil }
func (m model) Reader(identity.LineID) storetest.Reader   { return m.Disk }

func newScript(t testing.TB, n int) *script {
	t.Helper()
	src, disk := storetest.NewSource(line, 7), stationtest.NewDisk()
	s := &script{want: []string{""}}
	for i := range n {
		var b store.Batch
		switch i {
		default:
			b = src.Next(1+i%3, i%4)
		case n - 3:
			b = src.Remove(record.ByNumber(1, 1))
		case n - 2:
			b = src.Next(2, 1)
			b.Removals = []store.Removal{{Log: storetest.Own, Index: 0, Thing: record.ByNumber(1, 1), By: record.ByNumber(1, src.Size(storetest.Own)-uint64(len(b.Logs[0].Entries)))}}
		}
		if err := disk.Save(b); err != nil {
			t.Fatal(err)
		}
		text, err := storetest.Dump(model{disk}, line, n)
		if err != nil {
			t.Fatal(err)
		}
		s.batches, s.want = append(s.batches, b), append(s.want, text)
	}
	return s
}

// play saves from a batch on until one is not acknowledged, and gives how
// many were. The write-ahead log is moved into the file often.
func (s *script) play(db *DB, from int) (acked int, err error) {
	db.nextMove = 25
	for i, b := range s.batches[from:] {
		if err := db.Save(b); err != nil {
			return from + i, err
		}
		db.nextMove = min(db.nextMove, 25)
	}
	return len(s.batches), nil
}

// holds tells how many batches a store holds, and that it is whole.
func (s *script) holds(t *testing.T, db *DB) int {
	t.Helper()
	saved, err := db.Load(line)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for n < len(s.batches) && !s.batches[n].Expect.Equal(saved.Row) {
		n++
	}
	if err := db.Verify(); err != nil {
		t.Fatal(err)
	}
	if n == 0 {
		return 0
	}
	got, err := storetest.Dump(disk{db}, line, len(s.batches))
	if err != nil || got != s.want[n] {
		t.Fatalf("after %d batches it reads otherwise: %v\n%s\n%s", n, err, got, s.want[n])
	}
	return n
}

// TestPowerCut cuts the power at every write, truncation, flush and deletion
// of a life of the store, loses of what was not flushed nothing, all, some or
// sectors, and cuts it again while it recovers.
func TestPowerCut(t *testing.T) {
	s := newScript(t, 12)
	whole := newCutDisk(t, vfsName(t, 0))
	if err := setUp(onDisk, vfsName(t, 0)); err != nil {
		t.Fatal(err)
	}
	begin := whole.ops
	db, err := open(onDisk, vfsName(t, 0))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.play(db, 0); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	step := 1
	if testing.Short() {
		step = 41
	}
	states := 0
	for at := begin + 1; at <= whole.ops; at += step {
		for how := range 5 {
			s.cutOnce(t, at, how)
			states++
		}
	}
	t.Logf("%d states: power cut at each of %d operations", states, whole.ops-begin)
}

func (s *script) cutOnce(t *testing.T, at, how int) {
	rng := rand.New(rand.NewPCG(uint64(at), uint64(how)))
	name := vfsName(t, at*8+how+1)
	d := newCutDisk(t, name)
	if err := setUp(onDisk, name); err != nil {
		t.Fatal(err)
	}
	d.cutAt = at
	acked := 0
	db, err := open(onDisk, name)
	if err == nil {
		acked, _ = s.play(db, 0) // the cut ends it
		_ = db.Close()           // without power
	}
	for again := range 3 {
		if t.Failed() {
			t.Fatalf("cut at operation %d, kept %d, round %d", at, how, again)
		}
		d.cut(rng, how)
		if again < 2 { // it is cut again while it recovers
			d.cutAt = d.ops + 1 + rng.IntN(20)
			if db, err := open(onDisk, name); err == nil {
				acked = max(acked, s.loaded(t, db))
				_ = db.Close()
			}
			d.dead = true
		}
	}
	if db, err = open(onDisk, name); err != nil {
		t.Fatalf("cut at operation %d, kept %d: %v", at, how, err)
	}
	n := s.holds(t, db)
	if n < acked || n > acked+1 {
		t.Errorf("cut at operation %d, kept %d: %d batches, acknowledged were %d", at, how, n, acked)
	}
	if got, err := s.play(db, n); err != nil || got != len(s.batches) {
		t.Errorf("cut at operation %d: it does not go on: %v", at, err)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

// loaded tells how many batches a store held when it opened: they were shown
// and must last.
func (s *script) loaded(t *testing.T, db *DB) int {
	saved, err := db.Load(line)
	if err != nil {
		return 0
	}
	for n, b := range s.batches {
		if b.Expect.Equal(saved.Row) {
			return n
		}
	}
	return len(s.batches)
}

// TestFailingDisk fails each write, flush and truncation in turn. What was
// acknowledged lasts even if the power is cut after it, an unknown outcome
// stops the store, and a full disk only refuses.
func TestFailingDisk(t *testing.T) {
	s := newScript(t, 8)
	id, states := 0, 0
	for _, c := range []struct {
		kind  string
		err   error
		short bool
	}{{"write", syscall.EIO, false}, {"write", syscall.ENOSPC, false}, {"write", syscall.ENOSPC, true}, {"write", syscall.EIO, true}, {"sync", syscall.EIO, false}, {"sync", syscall.ENOSPC, false}, {"truncate", syscall.EIO, false}} {
		for nth := 1; ; nth++ {
			if testing.Short() && nth%7 != 1 {
				continue
			}
			id++
			states++
			if !s.failOnce(t, id, &cutDisk{err: c.err, kind: c.kind, short: c.short, nth: nth}) || t.Failed() {
				break
			}
		}
	}
	t.Logf("%d states", states)
}

func (s *script) failOnce(t *testing.T, id int, how *cutDisk) bool {
	name := vfsName(t, id)
	d := newCutDisk(t, name)
	if err := setUp(onDisk, name); err != nil {
		t.Fatal(err)
	}
	d.err, d.kind, d.short, d.nth = how.err, how.kind, how.short, how.nth
	where := how.kind + " " + how.err.Error()
	acked := 0
	db, err := open(onDisk, name)
	if err == nil {
		acked, err = s.play(db, 0)
		s.afterFailure(t, db, &acked, err, how)
		if e := db.Close(); e != nil && !d.fell {
			t.Errorf("%s: close: %v", where, e)
		}
	} else if !errors.Is(err, store.ErrSick) && !errors.Is(err, store.ErrFull) {
		t.Errorf("%s: open: %v", where, err)
	}
	d.err = nil
	// First the process alone starts again: it sees what the system shows.
	// Then the power is cut.
	for _, cut := range []bool{false, true} {
		if cut {
			d.cut(rand.New(rand.NewPCG(uint64(id), 0)), 0)
		}
		if db, err = open(onDisk, name); err != nil {
			t.Fatalf("%s, number %d: open again: %v", where, how.nth, err)
		}
		n := s.holds(t, db)
		if n < acked || n > acked+1 {
			t.Errorf("%s, number %d, cut %v: %d batches, acknowledged were %d", where, how.nth, cut, n, acked)
		}
		acked = n // it was shown: it must last from here on
		if !cut {
			d.dead = true // and so that closing it saves nothing
		}
		_ = db.Close()
	}
	return d.fell
}

// afterFailure holds what a failed save leaves: full refuses, the rest stops.
func (s *script) afterFailure(t *testing.T, db *DB, acked *int, err error, how *cutDisk) {
	t.Helper()
	if err == nil {
		return
	}
	full := how.kind == "write" && errors.Is(how.err, syscall.ENOSPC)
	switch {
	case full && !errors.Is(err, store.ErrFull), !full && !errors.Is(err, store.ErrSick):
		t.Errorf("%s %v: %v", how.kind, how.err, err)
	case full: // there is room again
		if *acked, err = s.play(db, *acked); err != nil {
			t.Errorf("once there was room: %v", err)
		}
	default:
		for _, b := range s.batches[*acked:] {
			if err := db.Save(b); !errors.Is(err, store.ErrSick) {
				t.Errorf("%s %v: saved after it: %v", how.kind, how.err, err)
			}
		}
	}
}
