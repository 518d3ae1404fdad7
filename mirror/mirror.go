// SPDX-License-Identifier: Apache-2.0

package mirror

import (
	"errors"

	"openline/identity"
	"openline/record"
	"openline/tlog"
)

// Errors a station decides upon. None of them changes what is held.
var (
	ErrNoCard       = errors.New("no station card of that generation is known")
	ErrGap          = errors.New("package begins beyond what is held")
	ErrNothingNew   = errors.New("nothing in the package is new")
	ErrHead         = errors.New("head is not signed by the log it names")
	ErrMismatch     = errors.New("entries do not lead to the signed head")
	ErrTwoHistories = errors.New("this log has shown two histories; it is not receipted any more")
	ErrCard         = errors.New("station card refused")
	ErrStatement    = errors.New("statement refused")
)

// MaxGenerations bounds the generations of one party on one line.
const MaxGenerations = 256

// Config tells a mirror whose logs it keeps. OpenCard and KeysOf are
// injected so that a simulation can run with cheap keyed tags.
type Config struct {
	Party    identity.Party
	No       record.PartyNo
	Line     identity.LineID
	PartyKey identity.PartyKey
	OpenCard func(note []byte, key identity.PartyKey) (*identity.StationCard, error)
	KeysOf   func(*identity.StationCard) (tlog.Keys, error)
	Limits   record.Limits // ceilings of one entry, from the agreement
	Hashes   func(LogID) tlog.HashReader
	// Own says that the logs are this station's own earlier generations, to
	// be completed by what the other side gives back (spec/mirror.md section
	// 6). Nothing in them is ever cosigned.
	Own bool
}

// Mirror holds every generation of one other party's log. It is owned by
// one station and not safe for concurrent use.
type Mirror struct {
	cfg   Config
	gens  []*generation // ascending
	found []Found
}

// Found is what Resume found in one generation: stored statements that cannot
// both be true.
type Found struct {
	Generation uint32
	Fork       *tlog.ForkError
}

// Found gives, once, what Resume found.
func (m *Mirror) Found() []Found {
	found := m.found
	m.found = nil
	return found
}

type generation struct {
	card *identity.StationCard
	note []byte
	keys tlog.Keys
	id   LogID

	tree   *tlog.Tree   // what is held whole
	head   signedHead   // newest known head: every entry under it is held
	heads  []signedHead // signed heads not yet held against the entries, ascending
	forked bool

	fresh     [][32]byte // hashes taken and perhaps not yet stored
	freshFrom int64      // stored-hash index of the first of them

	cosigned uint64         // size last cosigned
	newest   map[LogID]mark // their newest statement over each log
}

type signedHead struct {
	tlog.Checkpoint
	note []byte
}

// mark is the newest statement of one signer over one log, against which
// another is judged.
type mark struct {
	at      uint64
	size    uint64
	note    []byte
	accused bool
}

// State is what a store gives back for one generation.
type State struct {
	Card       []byte
	Size       uint64
	Edge       [][32]byte
	Checkpoint []byte // newest known head, nil if none
	Pending    []byte
	Cosigned   uint64
	Forked     bool
	Spoken     []Spoken // the newest stored cosignature of this generation over each log
}

// Spoken is a stored cosignature. Checkpoint.Origin may be left empty where
// it is over the generation's own log.
type Spoken struct {
	Log        LogID
	Checkpoint tlog.Checkpoint
	Line       []byte
	PQ         bool
}

// New makes an empty mirror.
func New(cfg Config) *Mirror { return &Mirror{cfg: cfg} }

// Card gives the card and note of a generation; ok is false if unknown.
func (m *Mirror) Card(generation uint32) (card *identity.StationCard, note []byte, ok bool) {
	g := m.find(generation)
	if g == nil {
		return nil, nil, false
	}
	return g.card, g.note, true
}

// Keys gives the verifiers of a generation.
func (m *Mirror) Keys(generation uint32) (tlog.Keys, bool) {
	if g := m.find(generation); g != nil {
		return g.keys, true
	}
	return tlog.Keys{}, false
}

// Newest is the newest generation known, 0 if none.
func (m *Mirror) Newest() uint32 {
	if g := m.newest(); g != nil {
		return g.id.Generation
	}
	return 0
}

// Generations lists the generations known, ascending.
func (m *Mirror) Generations() []uint32 {
	out := make([]uint32, len(m.gens))
	for i, g := range m.gens {
		out[i] = g.id.Generation
	}
	return out
}

// Position is how much of a generation is held whole, with its root.
func (m *Mirror) Position(generation uint32) (size uint64, root [32]byte) {
	if g := m.find(generation); g != nil {
		return g.tree.Size(), g.tree.Root()
	}
	return 0, tlog.EmptyRoot()
}

// Head is the newest known head: every entry under it is held.
func (m *Mirror) Head(generation uint32) (c tlog.Checkpoint, note []byte, ok bool) {
	if g := m.find(generation); g != nil && g.head.note != nil {
		return g.head.Checkpoint, g.head.note, true
	}
	return tlog.Checkpoint{}, nil, false
}

// Pending is a newer head the party signed whose entries have not all come.
func (m *Mirror) Pending(generation uint32) (c tlog.Checkpoint, note []byte, ok bool) {
	g := m.find(generation)
	if g == nil || len(g.heads) == 0 {
		return tlog.Checkpoint{}, nil, false
	}
	last := g.heads[len(g.heads)-1]
	if last.Size <= g.tree.Size() {
		return tlog.Checkpoint{}, nil, false
	}
	return last.Checkpoint, last.note, true
}

// Cosignable is the newest known head, if it is larger than the last one
// cosigned and the log has shown one history only.
func (m *Mirror) Cosignable(generation uint32) (tlog.Checkpoint, bool) {
	g := m.find(generation)
	if g == nil || g.forked || m.cfg.Own || g.head.note == nil || g.head.Size <= g.cosigned {
		return tlog.Checkpoint{}, false
	}
	return g.head.Checkpoint, true
}

// Cosigned notes that the head of this size was cosigned, so that no smaller
// one ever is.
func (m *Mirror) Cosigned(generation uint32, size uint64) {
	if g := m.find(generation); g != nil {
		g.cosigned = max(g.cosigned, size)
	}
}

// CosignedSize is the size last cosigned.
func (m *Mirror) CosignedSize(generation uint32) uint64 {
	if g := m.find(generation); g != nil {
		return g.cosigned
	}
	return 0
}

// Forked reports whether a generation has shown two histories.
func (m *Mirror) Forked(generation uint32) bool {
	g := m.find(generation)
	return g != nil && g.forked
}

func (m *Mirror) newest() *generation {
	if len(m.gens) == 0 {
		return nil
	}
	return m.gens[len(m.gens)-1]
}

func (m *Mirror) find(generation uint32) *generation {
	for i := len(m.gens) - 1; i >= 0; i-- {
		if m.gens[i].id.Generation == generation {
			return m.gens[i]
		}
	}
	return nil
}
