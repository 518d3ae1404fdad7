// SPDX-License-Identifier: Apache-2.0

package host

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"openline/agreement"
	"openline/catalogue"
	"openline/identity"
	"openline/identity/secret"
	"openline/internal/desk/mandate"
	"openline/internal/station"
	"openline/internal/store"
	"openline/internal/store/mark"
	"openline/record"
)

// Config is what a host is given once. Nothing in it is looked up anywhere
// else.
type Config struct {
	Me    identity.Party
	Lines []Line
	Store Store

	// Listen is the address other stations dial, for all lines; empty: this
	// station only dials.
	Listen string
	// Carrier makes the connections; nil: TLS over TCP.
	Carrier Carrier
	// Around puts something around each connection, within what protects it:
	// a test sees every frame that leaves; nil: nothing.
	Around func(Bearer) Bearer

	Clock Clock        // nil: the machine's
	Log   *slog.Logger // nil: none

	PingEvery time.Duration // silence of three of these ends a connection; default 1 s
	PQEvery   time.Duration // least time between two rounds of ML-DSA; default 1 s
}

// Line is one line this party is on.
type Line struct {
	Agreements *agreement.History
	Catalogue  func(version uint32) *catalogue.Catalogue
	Secret     *secret.Station // of the newest generation
	Card       []byte          // its station card, a signed note
	Dial       map[identity.Party][]string
	People     func(name string) (identity.PersonKey, bool)
	Mark       Mark           // the high-water mark on its second path; nil: none is kept
	Mandates   *mandate.Table // what the watch may send alone until the journal has another table; nil: whatever one person may
	Fault      station.Fault
}

// Store keeps what the stations save. [StoreOf] makes one of a database.
type Store interface {
	Load(identity.LineID) (store.Saved, error)
	Save(store.Batch) error
	Reader(identity.LineID) Reader
}

// Reader reads what is stored of a line. It is safe for concurrent use.
type Reader interface {
	station.Reader
	Find(party record.PartyNo, leaf [32]byte) (store.Located, bool, error)
	// Journal gives entries of the party's own journal from an index on.
	Journal(from uint64, max int) ([][]byte, error)
	// Accusations lists the statements that cannot both be true, as kept.
	Accusations() ([][]byte, error)
	// Unwiped is how many removed entries may still be read from the disk.
	Unwiped() (int, error)
}

// Mark keeps one line's high-water mark. Read gives [mark.Mark] as it was
// last written, or an error: a mark that is missing is never an empty one.
type Mark interface {
	Read() (*mark.Mark, error)
	Write(mark.Mark) error
}

// database is what package sqlite and package memory give: their readers are
// of a type of their own.
type database[R Reader] interface {
	Load(identity.LineID) (store.Saved, error)
	Save(store.Batch) error
	Line(identity.LineID) R
}

// StoreOf makes a store of a database.
func StoreOf[R Reader](db database[R]) Store { return storeOf[R]{db} }

type storeOf[R Reader] struct{ database[R] }

func (s storeOf[R]) Reader(line identity.LineID) Reader { return s.Line(line) }

// Bearer is one open connection to another station. One goroutine reads and
// one writes; Close may come from any and ends both.
type Bearer interface {
	ReadFrame() ([]byte, error)
	WriteFrames([][]byte) error
	Close() error
}

// Peer is who is at the other end of a bearer, as its certificate proved.
type Peer struct {
	Line     identity.LineID
	No       record.PartyNo
	Card     []byte // station card presented
	Exporter []byte // keying material of this very session
	From     string // its address, for the operator
}

// Carrier makes bearers of one kind.
type Carrier interface {
	Name() string
	// Dial opens a connection and proves who answers.
	Dial(ctx context.Context, line identity.LineID, peer record.PartyNo, addr string) (Bearer, Peer, error)
	// Serve hands over connections that came in and were proven, until ctx
	// ends.
	Serve(ctx context.Context, accept func(Bearer, Peer)) error
	// Close ends listening.
	Close() error
}

// Errors a caller decides upon.
var (
	ErrNoLine  = errors.New("there is no such line at this station")
	ErrStopped = errors.New("the station has stopped; whether this was recorded is not known: ask again with the same token once it runs")
	ErrNoPeer  = errors.New("there is no such party on this line")
)

// StopError is why a host stopped by itself. The store must be opened anew
// before it runs again.
type StopError struct {
	Line identity.LineID
	Err  error
}

func (e *StopError) Error() string { return fmt.Sprintf("line %s: %v", e.Line, e.Err) }

func (e *StopError) Unwrap() error { return e.Err }

func (c Config) withDefaults() Config {
	if c.Clock == nil {
		c.Clock = SystemClock()
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.PingEvery == 0 {
		c.PingEvery = time.Second
	}
	return c
}

// Bounds of one host.
const (
	maxUnwritten  = 16 << 20               // bytes waiting for one connection before it is dropped
	maxConns      = 8                      // connections with one peer, greeted or not
	maxAttempts   = 25                     // dials under way to one peer
	dialWithin    = 5 * time.Second        // one dial, handshake included
	dialEvery     = 200 * time.Millisecond // and up to as much again, by chance
	maxSubscribed = 64
)
