// SPDX-License-Identifier: Apache-2.0

package station

import (
	"openline/identity"
	"openline/internal/store"
	"openline/record"
	"openline/tlog"
)

// The journal is what a party keeps to itself: the same log code, never
// sent. Kinds of its entries that a station writes.
const (
	journalAct   = "act"   // what two persons released
	journalClaim = "claim" // what a party signed that its other statements deny
)

// JournalEntry is one entry of the journal, as spec/station.md section 4
// writes it.
type JournalEntry struct {
	At     record.Stamp
	Kind   string
	Act    string // a phrase code, or what the station was to do
	Header [32]byte
	About  string
	Cut    [32]byte
	People []Signature
	Record record.Ref // the record it led to; zero: none
	Proof  [][]byte   // the statements a claim rests on
}

const journalVersion = 1

// Encode writes the entry.
func (e JournalEntry) Encode() []byte {
	w := record.NewWriter()
	w.Array(10)
	w.Uint(journalVersion)
	w.Uint(uint64(e.At))
	w.Text(e.Kind)
	w.Text(e.Act)
	w.Bytes(e.Header[:])
	w.Text(e.About)
	w.Bytes(e.Cut[:])
	w.Array(len(e.People))
	for _, p := range e.People {
		w.Array(2)
		w.Text(p.Person)
		w.Bytes(p.Bytes)
	}
	w.Array(2)
	w.Uint(uint64(e.Record.Party))
	w.Uint(e.Record.Number)
	w.Array(len(e.Proof))
	for _, b := range e.Proof {
		w.Bytes(b)
	}
	return w.Finish()
}

// DecodeJournalEntry reads what Encode writes.
func DecodeJournalEntry(b []byte) (e JournalEntry, err error) {
	r := record.NewReader(b)
	d := reading{r: r}
	d.array(10)
	if d.uint(journalVersion) != journalVersion && d.err == nil {
		d.err = errForm
	}
	e.At = record.Stamp(d.uint(1 << 62))
	e.Kind, e.Act = d.text(), d.text()
	e.Header = d.hash()
	e.About = d.text()
	e.Cut = d.hash()
	for range d.list(16) {
		d.array(2)
		e.People = append(e.People, Signature{d.text(), d.bytes(1 << 12)})
	}
	d.array(2)
	e.Record = record.Ref{Party: record.PartyNo(d.uint(1<<16 - 1)), Number: d.uint(1 << 62)}
	for range d.list(16) {
		e.Proof = append(e.Proof, d.bytes(1<<20))
	}
	if d.err == nil {
		d.err = r.Done()
	}
	return e, d.err
}

// actEntry is the journal's line on what persons released.
func actEntry(at record.Stamp, a identity.Act, people []Signature, led record.Ref) JournalEntry {
	return JournalEntry{At: at, Kind: journalAct, Act: a.Kind, Header: a.Header, About: a.About, Cut: a.Cut, People: people, Record: led}
}

// write adds an entry to the journal within a batch.
func (s *Station) write(g *saving, e JournalEntry) {
	b := e.Encode()
	g.batch.Journal = append(g.batch.Journal, store.JournalEntry{Entry: b, Hashes: s.journal.Append(tlog.LeafHash(b))})
	g.batch.Next.Journal = s.journal.Size()
}

// reading reads what this station wrote itself; the first fault stays.
type reading struct {
	r   *record.Reader
	err error
}

func (d *reading) list(max int) int {
	if d.err != nil {
		return 0
	}
	n, err := d.r.ArrayLen(max)
	d.err = err
	return n
}

func (d *reading) array(n int) {
	if k := d.list(n); d.err == nil && k != n {
		d.err = errForm
	}
}

func (d *reading) uint(max uint64) uint64 {
	if d.err != nil {
		return 0
	}
	v, err := d.r.Uint()
	if d.err = err; err == nil && v > max {
		d.err = errForm
	}
	return v
}

func (d *reading) text() string {
	if d.err != nil {
		return ""
	}
	v, err := d.r.Text(1 << 12)
	d.err = err
	return v
}

func (d *reading) bytes(max int) []byte {
	if d.err != nil {
		return nil
	}
	v, err := d.r.Bytes(max)
	d.err = err
	return v
}

func (d *reading) hash() (h [32]byte) {
	if b := d.bytes(32); d.err == nil {
		if len(b) != 32 {
			d.err = errForm
			return h
		}
		h = [32]byte(b)
	}
	return h
}
