// SPDX-License-Identifier: Apache-2.0

package boot

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"openline/identity"
	"openline/identity/secret"
	"openline/internal/home"
	"openline/internal/keys"
	"openline/internal/station"
	"openline/internal/store"
	"openline/internal/store/mark"
	"openline/internal/store/sqlite"
	"openline/record"
	"openline/tlog"
)

// Renewal is a new generation of our log on one line, as two persons decide
// upon it.
type Renewal struct {
	Line identity.LineID
	// Base is the number of its first record; 0: the first that was surely
	// never used. The others refuse one that is not above all they hold.
	Base uint64
	// Restored says that the store came from a backup: records made and
	// generations opened since may be known to the others, and their numbers
	// are left free.
	Restored bool
	Now      time.Time
	Party    *secret.Party
	Lock     keys.Lock // of the station's keys
	// Sign has a person sign the act. At least two different persons do.
	People []string
	Sign   func(person string, act identity.Act) ([]byte, error)
}

// Renewed is what came of a renewal.
type Renewed struct {
	Generation uint32
	Base       uint64
	Held       identity.Held
}

// actRenew is the act that two persons sign.
const actRenew = "new generation"

// Renew opens a new generation on a line. The station must not be running.
// The two signatures are in the journal before the card is there.
func Renew(h *home.Home, r Renewal) (out Renewed, err error) {
	db, err := sqlite.Open(h.Database())
	if errors.Is(err, store.ErrLocked) {
		return out, errors.New("the station is running; stop it first, then open the new generation")
	} else if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	l, err := h.Line(r.Line)
	if err != nil {
		return out, err
	}
	own, ok := l.Agreements.Newest().ByName(h.Party())
	if !ok {
		return out, fmt.Errorf("%s is not a party of line %s", h.Party(), r.Line)
	}
	saved, err := db.Load(r.Line)
	if err != nil {
		return out, err
	}
	next, err := plan(h, l, own.Number, saved, r)
	if err != nil {
		return out, err
	}
	act := next.act(h.Party(), r.Line)
	people, err := twoPersons(h, act, r)
	if err != nil {
		return out, err
	}
	if err := journal(db, saved.Row, r, act, people); err != nil {
		return out, err
	}
	_, err = h.Renew(r.Line, home.Renewal{Generation: next.Generation, Base: next.Base, Held: next.Held, Issued: uint64(r.Now.Unix())}, r.Party, r.Lock)
	return next, err
}

// plan says where the new generation begins: after every number that may
// have been used, as the store and the mark know it.
func plan(h *home.Home, l *home.Line, me record.PartyNo, saved store.Saved, r Renewal) (Renewed, error) {
	card, err := identity.UnsafeParseStationCard(l.Card)
	if err != nil {
		return Renewed{}, err
	}
	out := Renewed{Generation: l.Generation + 1, Held: identity.Held{Generation: l.Generation, Root: tlog.EmptyRoot()}}
	base := card.Base
	for _, s := range saved.Logs {
		if s.Log == (store.LogID{Party: me, Generation: l.Generation}) {
			out.Held.Size, out.Held.Root = s.Size, s.Root
		}
	}
	base += out.Held.Size
	if size, ok := markedSize(h, r.Line, l.Generation); ok {
		base = max(base, card.Base+size)
	}
	if r.Base != 0 && r.Base < base {
		return out, fmt.Errorf("a new generation cannot begin at %d: numbers up to %d were used; leave --base away, or give a larger one", r.Base, base-1)
	}
	if r.Restored {
		minutes := since(saved.Row, r.Now)
		base = roundUp(base + minutes*uint64(l.Agreements.Newest().Ceilings.RecordsPerMinute) + 1000)
		out.Generation += uint32(min(minutes, 1<<30))
	}
	out.Base = cmp.Or(r.Base, base)
	return out, nil
}

// markedSize is how far the high-water mark says our log has gone. A mark
// that is lost or damaged says nothing; it may be why the keys are renewed.
func markedSize(h *home.Home, id identity.LineID, generation uint32) (uint64, bool) {
	if h.Settings.Mark == "" {
		return 0, false
	}
	f, err := mark.Open(h.MarkPath(id, generation))
	if err != nil {
		return 0, false
	}
	m, err := f.Read()
	if errors.Join(err, f.Close()) != nil || m.Row.Generation != generation {
		return 0, false
	}
	return m.Row.Size, true
}

// since bounds, in minutes, how long others may have heard more of us than a
// backup holds. In a minute a party makes as many records as the agreement
// lets it (FLASH waits for no ceiling, hence the thousand above), and two
// persons open one generation at most.
func since(row store.Row, now time.Time) uint64 {
	if row.LastSigned == 0 {
		return 1
	}
	return uint64(max(0, now.Unix()-int64(row.LastSigned))/60 + 1)
}

// roundUp gives the first number of the next thousand, which is easy to say.
func roundUp(n uint64) uint64 { return (n+999)/1000*1000 + 1 }

func (n Renewed) act(party identity.Party, line identity.LineID) identity.Act {
	over := sha256.Sum256(fmt.Appendf(nil, "generation %d base %d", n.Generation, n.Base))
	held := sha256.Sum256(fmt.Appendf(nil, "generation %d size %d root %x", n.Held.Generation, n.Held.Size, n.Held.Root))
	return identity.Act{Line: line, Party: party, Kind: actRenew, Header: over, Cut: held}
}

// twoPersons has the persons sign, and looks that they are two, by name and
// by key.
func twoPersons(h *home.Home, act identity.Act, r Renewal) ([]station.Signature, error) {
	names, keys := map[string]bool{}, map[identity.PersonKey]bool{}
	var out []station.Signature
	for _, p := range r.People {
		key, ok := h.Person(p)
		if !ok {
			return nil, fmt.Errorf("%.40q is not a person of this party; add them with openline people add", p)
		}
		if names[p] {
			continue
		}
		sig, err := r.Sign(p, act)
		if err != nil {
			return nil, err
		}
		if !key.VerifyAct(act, sig) {
			return nil, fmt.Errorf("the signature of %s does not verify", p)
		}
		names[p], keys[key] = true, true
		out = append(out, station.Signature{Person: p, Bytes: sig})
	}
	if len(names) < 2 || len(keys) < 2 {
		return nil, station.ErrTwoPersons
	}
	return out, nil
}

// journal keeps what the two persons signed.
func journal(db *sqlite.DB, row store.Row, r Renewal, act identity.Act, people []station.Signature) error {
	edge, err := tlog.EdgeAt(row.Journal, db.Line(r.Line).JournalHashes())
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	tree, err := tlog.OpenTree(row.Journal, edge)
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	entry := station.JournalEntry{
		At: record.Stamp(r.Now.Unix()), Kind: "act", Act: act.Kind, Header: act.Header, Cut: act.Cut, People: people,
	}.Encode()
	next := row
	hashes := tree.Append(tlog.LeafHash(entry))
	next.Journal = tree.Size()
	return db.Save(store.Batch{Line: r.Line, Expect: row, Next: next, Journal: []store.JournalEntry{{Entry: entry, Hashes: hashes}}})
}
