// SPDX-License-Identifier: Apache-2.0

package mirror

import (
	"errors"
	"fmt"

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
}

// Mirror holds every generation of one other party's log. It is owned by
// one station and not safe for concurrent use.
type Mirror struct {
	cfg  Config
	gens []*generation // ascending
}

type generation struct {
	card *identity.StationCard
	note []byte
	keys tlog.Keys
	id   LogID

	tree    *tlog.Tree // what is held whole
	head    signedHead // newest known head: every entry under it is held
	pending signedHead // a newer verified head whose entries have not all come
	forked  bool

	cosigned uint64         // size last cosigned
	newest   map[LogID]mark // their newest statement over each log
}

type signedHead struct {
	tlog.Checkpoint
	note []byte
}

// mark is the newest (time, size) of one signer over one log, against which
// a later statement is judged.
type mark struct {
	at   uint64
	size uint64
	stmt []byte
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
}

// New makes an empty mirror.
func New(cfg Config) *Mirror { return &Mirror{cfg: cfg} }

// Resume takes up what was stored. Everything is verified again except the
// entries themselves; an error means the store is not what was saved.
func (m *Mirror) Resume(states []State) error {
	for _, s := range states {
		g, err := m.open(s.Card)
		if err != nil {
			return fmt.Errorf("resume %s: %w", m.cfg.Party, err)
		}
		if g.tree, err = tlog.OpenTree(s.Size, s.Edge); err != nil {
			return fmt.Errorf("resume %s generation %d: %w", m.cfg.Party, g.id.Generation, err)
		}
		if len(s.Checkpoint) > 0 {
			if g.head, err = g.openHead(s.Checkpoint); err != nil {
				return fmt.Errorf("resume %s generation %d: %w", m.cfg.Party, g.id.Generation, err)
			}
		}
		if g.head.note != nil && g.head.Size == g.tree.Size() && g.head.Root != g.tree.Root() {
			return fmt.Errorf("resume %s generation %d: stored hashes do not lead to the stored head", m.cfg.Party, g.id.Generation)
		}
		if len(s.Pending) > 0 {
			if g.pending, err = g.openHead(s.Pending); err != nil {
				return fmt.Errorf("resume %s generation %d: %w", m.cfg.Party, g.id.Generation, err)
			}
		}
		g.cosigned, g.forked = s.Cosigned, s.Forked
		m.gens = append(m.gens, g)
	}
	return nil
}

func (m *Mirror) open(note []byte) (*generation, error) {
	card, err := m.cfg.OpenCard(note, m.cfg.PartyKey)
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrCard, err)
	}
	if card.Party != m.cfg.Party || card.Line != m.cfg.Line {
		return nil, fmt.Errorf("%w: it is of %s on %s", ErrCard, card.Party, card.Line)
	}
	keys, err := m.cfg.KeysOf(card)
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrCard, err)
	}
	tree, err := tlog.OpenTree(0, nil)
	if err != nil {
		return nil, err
	}
	return &generation{
		card: card, note: note, keys: keys, tree: tree,
		id: LogID{m.cfg.No, card.Generation}, newest: map[LogID]mark{},
	}, nil
}

// TakeCard takes a station card. It must chain to the party's key, be newer
// than the newest known, and open numbers above every one held. The card of
// the newest generation itself is accepted again without effect (known is
// true then).
func (m *Mirror) TakeCard(note []byte) (card *identity.StationCard, known bool, err error) {
	g, err := m.open(note)
	if err != nil {
		return nil, false, err
	}
	if last := m.newest(); last != nil {
		switch {
		case g.card.Digest() == last.card.Digest():
			return last.card, true, nil
		case g.card.Generation <= last.card.Generation:
			return nil, false, fmt.Errorf("%w: generation %d is not newer than %d", ErrCard, g.card.Generation, last.card.Generation)
		case g.card.Base < last.card.Base+last.tree.Size():
			return nil, false, fmt.Errorf("%w: its numbers begin at %d, but records up to %d are held", ErrCard, g.card.Base, last.card.Base+last.tree.Size()-1)
		}
	}
	m.gens = append(m.gens, g)
	return g.card, false, nil
}

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
	if g == nil || g.pending.note == nil || g.pending.Size <= g.head.Size {
		return tlog.Checkpoint{}, nil, false
	}
	return g.pending.Checkpoint, g.pending.note, true
}

// Cosignable is the newest known head, if it is larger than the last one
// cosigned and the log has shown one history only.
func (m *Mirror) Cosignable(generation uint32) (tlog.Checkpoint, bool) {
	g := m.find(generation)
	if g == nil || g.forked || g.head.note == nil || g.head.Size <= g.cosigned {
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

func (g *generation) openHead(note []byte) (signedHead, error) {
	c, err := tlog.OpenCheckpoint(note, g.keys.Log)
	if err != nil {
		return signedHead{}, fmt.Errorf("%w: %v", ErrHead, err)
	}
	if c.Origin != g.card.Origin() {
		return signedHead{}, fmt.Errorf("%w: it is of %s", ErrHead, c.Origin)
	}
	return signedHead{c, note}, nil
}
