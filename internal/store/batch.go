// SPDX-License-Identifier: Apache-2.0

package store

import (
	"bytes"
	"cmp"

	"openline/identity"
	"openline/record"
)

// LogID names one generation of one party's log on a line.
type LogID struct {
	Party      record.PartyNo
	Generation uint32
}

// Row is the one locked row of a line: where our own newest generation ends,
// and the last time we signed. The zero Row is a line nothing was saved of.
type Row struct {
	Generation uint32
	Size       uint64
	Root       [32]byte
	Checkpoint []byte // signed note, as it was sent
	LastSigned record.Stamp
	Journal    uint64 // entries of the journal
}

// Equal reports whether two rows are the same, checkpoint bytes included.
func (r Row) Equal(o Row) bool {
	return r.Generation == o.Generation && r.Size == o.Size && r.Root == o.Root &&
		bytes.Equal(r.Checkpoint, o.Checkpoint) && r.LastSigned == o.LastSigned && r.Journal == o.Journal
}

// Statement is a cosignature as it was made: a receipt when Log is another
// party's than By, a timed head when both are one.
type Statement struct {
	Log   LogID // whose log
	By    LogID // whose cosigner key
	Size  uint64
	Root  [32]byte
	At    record.Stamp
	PQ    bool
	Bytes []byte
}

// LogUpdate is what a batch adds to one log.
type LogUpdate struct {
	Log        LogID
	Card       []byte // station card that opens the log; only its first time
	Base       uint64 // number of its first record; with Card
	From       uint64 // index of the first of Entries
	Entries    []record.Entry
	About      []record.Ref // the thing of each entry; zero where it opens one. Nil: none concerns a thing
	HashFrom   int64        // stored-hash index of the first of Hashes
	Hashes     [][32]byte
	Size       uint64 // after the update
	Root       [32]byte
	Checkpoint []byte // newest signed head all of whose entries are held; nil: unchanged
	Pending    []byte // a verified head beyond what is held; nil: none
}

// Token says under which token of an asker which records were made.
type Token struct {
	Token string // time-ordered text (a ULID), so that its index grows at its end
	Log   LogID
	From  uint64 // index of the first
	Count int
}

// Queued is what a person said while the station did not sign.
type Queued struct {
	Token string
	Bytes []byte
}

// Ahead is a verified entry ahead of its place. It is forgotten by itself
// when its place is filled.
type Ahead struct {
	Log   LogID
	Index uint64
	Bytes []byte
}

// JournalEntry is one entry of the party's own journal with the hashes its
// tree gains by it.
type JournalEntry struct {
	Entry  []byte
	Hashes [][32]byte
}

// StatementID names a stored statement.
type StatementID struct {
	Log, By LogID
	Size    uint64
	At      record.Stamp
	PQ      bool
}

// ID names the statement.
func (s Statement) ID() StatementID { return StatementID{s.Log, s.By, s.Size, s.At, s.PQ} }

// Batch is everything that is saved together. Slices in it are not changed
// by the store and must not be changed by its maker afterwards.
type Batch struct {
	Line   identity.LineID
	Expect Row // the row this batch was built on, as stored
	Next   Row // the row it leaves

	Logs           []LogUpdate
	Known          []LogID // logs whose card we have named in a record of ours
	Forked         []LogID // logs that have shown two histories
	Statements     []Statement
	DropStatements []StatementID // repeated timed heads that need not be kept
	Tokens         []Token
	Journal        []JournalEntry
	Ahead          []Ahead
	Accusations    [][]byte // an identical one is kept once
	Queue          []Queued
	Unqueue        []string          // tokens; the oldest of a token goes first
	Snapshot       []byte            // cached state of the line; nil: unchanged
	Facts          map[string][]byte // small values by name; nil removes
	Removals       []Removal         // of entries stored before; their bytes are wiped from the disk
	Blobs          []BlobUpdate      // of attachments
	Attached       []Attached
}

// LogState is one log as it is stored.
type LogState struct {
	Log        LogID
	Card       []byte
	Base       uint64
	Size       uint64
	Root       [32]byte
	Checkpoint []byte
	Pending    []byte
	Known      bool
	Forked     bool
}

// Saved is what a station starts from. A line nothing was saved of gives the
// zero value.
type Saved struct {
	Row      Row
	Logs     []LogState // by party, then generation
	Queue    []Queued   // oldest first
	Ahead    []Ahead    // by log, then index
	Snapshot []byte
	Facts    map[string][]byte
	Uploads  []Blob // attachments taken in that no record names yet, oldest first
}

// Located is a record's place.
type Located struct {
	Log    LogID
	Index  uint64
	Number uint64
}

// Compare orders places by party, generation and index.
func (l Located) Compare(o Located) int {
	return cmp.Or(cmp.Compare(l.Log.Party, o.Log.Party), cmp.Compare(l.Log.Generation, o.Log.Generation), cmp.Compare(l.Index, o.Index))
}
