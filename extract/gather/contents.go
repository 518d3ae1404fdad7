// SPDX-License-Identifier: Apache-2.0

package gather

import (
	"openline/extract"
	"openline/extract/layout"
	"openline/identity"
	"openline/record"
	"openline/tlog"
)

// Head is a signed head of a log with the cosignatures over it. Signature is
// the log's own line over it, nil where only cosigners signed this size.
type Head struct {
	tlog.Checkpoint
	Signature  []byte
	Statements []extract.Statement
}

// Log is what is shown of one generation: its first Size records, each at a
// depth.
type Log struct {
	ID    layout.LogID
	Card  []byte // station card, a signed note
	Size  uint64
	Depth func(index uint64) layout.Depth // nil: nothing is shown but the card
	Heads []Head                          // one of them over Size; a larger one is pending
	// Split holds sizes, beside those of the heads, at which the verifier
	// needs a root: no subtree that is withheld reaches across one.
	Split []uint64
}

// Catalogue is what an extract holds of one catalogue: the manifest that the
// agreement names, every file of phrases, and the languages wished.
type Catalogue struct {
	Manifest []byte
	Files    map[string][]byte
}

// Contents is everything an extract holds, before it is put into bytes.
type Contents struct {
	Kind       layout.Kind
	Line       identity.LineID
	Exporter   record.PartyNo
	Request    layout.Place   // of a no-reply extract
	Answering  record.PartyNo // of a no-reply extract
	Agreements [][]byte       // bundles of consecutive versions, the oldest first
	Catalogues []Catalogue
	Logs       []Log
	Summary    string // plain text for people; no proof
	Source     Source
}

// Held is one generation as a station holds it.
type Held struct {
	Log        layout.LogID
	Card       []byte // station card, a signed note
	Base       uint64 // number of its first record
	Size       uint64 // entries held whole
	Root       [32]byte
	Checkpoint []byte // newest head all of whose entries are held; nil if there is none
	Pending    []byte // a verified head beyond what is held; nil if there is none
}

// Source is a station's store as an export reads it. Everything it gives was
// verified when it was stored; what it gives must not change while an
// extract is gathered and written, so the station saves the words it signs
// for the export first.
type Source interface {
	// Logs lists every generation of every party whose card is held.
	Logs() ([]Held, error)
	// Entries gives stored entries from an index on, at most max and about
	// maxBytes of them; fewer when the log ends.
	Entries(log layout.LogID, from uint64, max, maxBytes int) ([]record.Entry, error)
	// Hashes reads the stored hashes of a log.
	Hashes(log layout.LogID) tlog.HashReader
	// Statements lists the statements by one cosigner key over a log from a
	// size on, by size and then time, at most max.
	Statements(log, by layout.LogID, size uint64, pq bool, max int) ([]extract.Statement, error)
}
