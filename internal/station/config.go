// SPDX-License-Identifier: Apache-2.0

package station

import (
	"time"

	"golang.org/x/mod/sumdb/note"

	"openline/agreement"
	"openline/catalogue"
	"openline/identity"
	"openline/internal/desk/mandate"
	"openline/internal/store"
	"openline/record"
	"openline/tlog"
)

// Signers are the keys of this station's newest generation.
type Signers struct {
	Log         note.Signer
	Cosigner    tlog.Cosigner
	CosignerPQ  tlog.Cosigner
	SignSession func(role byte, exporter []byte) []byte
}

// Reader reads what is stored of this line. It sees committed state only.
type Reader interface {
	// Entries gives stored entries from an index on, at most max and about
	// maxBytes of them; fewer when the log ends.
	Entries(log store.LogID, from uint64, max, maxBytes int) ([]record.Entry, error)
	Hashes(log store.LogID) tlog.HashReader
	// About lists where the records about a thing lie.
	About(thing record.Ref) ([]store.Located, error)
	// FirstStatement is the earliest statement by one cosigner key over a log
	// of at least size; NewestStatement the one over the largest size.
	FirstStatement(log, by store.LogID, size uint64, pq bool) (store.Statement, bool, error)
	NewestStatement(log, by store.LogID, pq bool) (store.Statement, bool, error)
	// StatementAt is a statement over exactly this size.
	StatementAt(log, by store.LogID, size uint64, pq bool) (store.Statement, bool, error)
	Token(token string) (store.Token, bool, error)
	// Find gives the place of a record by the hash of its leaf.
	Find(party record.PartyNo, leaf [32]byte) (store.Located, bool, error)
	JournalHashes() tlog.HashReader
	// RemovedBy names the record (RT01) under which the content of a stored
	// entry was removed.
	RemovedBy(log store.LogID, index uint64) (record.Ref, bool, error)
	// Blob tells how much of an attachment is held; Piece gives bytes of it
	// from an offset on, at most most and at least one where any are held.
	Blob(digest [32]byte) (store.Blob, bool, error)
	Piece(digest [32]byte, offset uint64, most int) ([]byte, error)
	// Attached lists the records of a log whose attachments are not complete
	// here, from an index on.
	Attached(log store.LogID, from uint64, max int) ([]uint64, error)
}

// Config is what a station is given once.
type Config struct {
	Me         identity.Party
	Agreements *agreement.History
	Catalogue  func(version uint32) *catalogue.Catalogue
	Signers    Signers
	Card       []byte // this party's newest station card, a signed note
	OpenCard   func(note []byte, key identity.PartyKey) (*identity.StationCard, error)
	KeysOf     func(*identity.StationCard) (tlog.Keys, error)
	// VerifySession checks a peer's session signature with the keys of its card.
	VerifySession func(card *identity.StationCard, role byte, exporter, signature []byte) bool
	People        func(name string) (identity.PersonKey, bool)
	Reader        Reader
	Boot          [16]byte
	Salt          func() [16]byte // for records the machine writes; injected randomness
	Mandates      *mandate.Table  // what holds until the journal has another; nil: what the catalogue gives to one person
	Mark          bool            // a high-water mark is kept on a second path

	PingEvery time.Duration // see link.Config
	PQEvery   time.Duration // least time between two ML-DSA rounds; default 1 s
	MaxBatch  int           // records numbered in one batch; default 2000
	// SnapshotEvery is after how many records the state of the line is cached
	// on disk, so that a start folds no more than these anew; default 10,000.
	SnapshotEvery int
	Fault         Fault // a bug seeded on purpose, to test the tests; none in a real station
}

// Fault is one of the bugs the simulation must be able to find. It has an
// effect only in binaries built with the faults tag.
type Fault uint8

// The seeded bugs.
const (
	FaultNone Fault = iota
	FaultReceiptBeforeCommit
	FaultSendBeforeSave
	FaultRestoreWithoutGeneration
	FaultLostResend
	FaultBodyMissing
	FaultPeerTime
)

func (c Config) withDefaults() Config {
	if c.PQEvery == 0 {
		c.PQEvery = time.Second
	}
	if c.MaxBatch == 0 {
		c.MaxBatch = 2000
	}
	if c.SnapshotEvery == 0 {
		c.SnapshotEvery = 10_000
	}
	return c
}

// Limits of this implementation, not of the protocol.
const (
	maxPackageEntries = 1000
	maxPackageBytes   = 256 << 10
	maxWaiting        = 20_000   // drafts waiting to be numbered
	maxWaitingBytes   = 64 << 20 // of their headers and bodies
	maxQueue          = 1_000    // drafts kept while the station does not sign
	maxAheadKept      = 256      // entries ahead of their place, of one peer
	maxRecentRoots    = 4096
	maxIntakeBytes    = 16 << 20 // received, verified and not yet saved
	maxIntake         = 4096     // statements likewise
	maxAccusations    = 16       // kept of one generation: one proves, more only repeat
	maxClaims         = 64       // kept of one party until the next start
	maxCardsAnHour    = 20       // new station cards of one party
	idleSnapshot      = 200      // records worth caching the state for when a timed head is made
	retryEvery        = 5 * time.Second
)
