// SPDX-License-Identifier: Apache-2.0

package home

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"openline/agreement"
	"openline/catalogue"
	"openline/identity"
	"openline/identity/secret"
	"openline/internal/keys"
	"openline/internal/store/mark"
)

// Line is one line as its files say.
type Line struct {
	ID         identity.LineID
	Agreements *agreement.History
	Catalogues map[uint32]*catalogue.Catalogue // by agreement version
	Generation uint32                          // newest of our own
	Card       []byte                          // its station card
}

// Catalogue gives the catalogue of an agreement version.
func (l *Line) Catalogue(version uint32) *catalogue.Catalogue { return l.Catalogues[version] }

// Bundles gives every signed version of a line's agreement, oldest first, as
// it was carried.
func (h *Home) Bundles(id identity.LineID) ([][]byte, error) {
	var out [][]byte
	for v := 1; ; v++ {
		b, err := readFile(filepath.Join(h.lineDir(id), fmt.Sprintf("agreement-%d.note", v)), 2<<20)
		if errors.Is(err, fs.ErrNotExist) && v > 1 {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
}

func (h *Home) lineDir(id identity.LineID) string { return filepath.Join(h.Dir, "lines", string(id)) }

// Lines lists the lines whose agreement is here.
func (h *Home) Lines() ([]identity.LineID, error) {
	list, err := names(filepath.Join(h.Dir, "lines"), "", "")
	if err != nil {
		return nil, err
	}
	var out []identity.LineID
	for _, n := range list {
		id, err := identity.ParseLineID(n)
		if err != nil {
			return nil, fmt.Errorf("lines/%s: %w", n, err)
		}
		out = append(out, id)
	}
	return out, nil
}

// FindLine finds a line by its id, or by its slug where that names one only.
func (h *Home) FindLine(name string) (identity.LineID, error) {
	list, err := h.Lines()
	if err != nil {
		return "", err
	}
	var found []identity.LineID
	for _, id := range list {
		if string(id) == name {
			return id, nil
		}
		if id.Slug() == name {
			found = append(found, id)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return "", fmt.Errorf("%w: %s; there are %v", ErrNoLine, name, list)
	}
	return "", fmt.Errorf("%s may be any of %v; give the whole name", name, found)
}

// Line reads one line and verifies all of it.
func (h *Home) Line(id identity.LineID) (*Line, error) {
	bundles, err := h.Bundles(id)
	if err != nil {
		return nil, fmt.Errorf("line %s: %w", id, err)
	}
	l := &Line{ID: id, Catalogues: map[uint32]*catalogue.Catalogue{}}
	var versions []*agreement.Agreement
	for i, b := range bundles {
		a, err := agreement.Open(b)
		if err != nil {
			return nil, fmt.Errorf("line %s, version %d: %w", id, i+1, err)
		}
		cat, err := h.catalogueOf(id, a)
		if err != nil {
			return nil, fmt.Errorf("line %s, version %d: %w", id, i+1, err)
		}
		versions = append(versions, a)
		l.Catalogues[a.Version] = cat
	}
	if l.Agreements, err = agreement.NewHistory(versions[0], versions[1:]...); err != nil {
		return nil, fmt.Errorf("line %s: %w", id, err)
	}
	if l.Agreements.Line() != id {
		return nil, fmt.Errorf("the agreement in lines/%s is of line %s", id, l.Agreements.Line())
	}
	return l, h.newestCard(l)
}

func (h *Home) newestCard(l *Line) error {
	list, err := names(h.lineDir(l.ID), "card-", ".note")
	if err != nil {
		return err
	}
	for _, n := range list {
		if g, err := strconv.ParseUint(n, 10, 32); err == nil {
			l.Generation = max(l.Generation, uint32(g))
		}
	}
	if l.Generation == 0 {
		return fmt.Errorf("line %s: no station card is here", l.ID)
	}
	l.Card, err = readFile(h.cardPath(l.ID, l.Generation), maxCard)
	return err
}

func (h *Home) cardPath(id identity.LineID, generation uint32) string {
	return filepath.Join(h.lineDir(id), fmt.Sprintf("card-%d.note", generation))
}

// catalogueOf reads the catalogue an agreement names and holds it against its
// digest.
func (h *Home) catalogueOf(id identity.LineID, a *agreement.Agreement) (*catalogue.Catalogue, error) {
	dir := filepath.Join(h.lineDir(id), fmt.Sprintf("catalogue-%d", a.Version))
	list, err := names(dir, "", ".toml")
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, n := range list {
		if files[n+".toml"], err = readFile(filepath.Join(dir, n+".toml"), 1<<20); err != nil {
			return nil, err
		}
	}
	cat, err := agreed(a, files)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	return cat, nil
}

// OpenLine takes in version 1 of an agreement signed by all: it makes the
// keys of this party's first generation, signs its station card with the
// party key, and writes the line's folder. dial says where the others listen.
func (h *Home) OpenLine(bundle []byte, cat *catalogue.Catalogue, party *secret.Party, station keys.Lock, dial map[string][]string, issued uint64) (identity.LineID, error) {
	a, err := agreement.Open(bundle)
	if err != nil {
		return "", err
	}
	if _, err := agreement.NewHistory(a); err != nil {
		return "", err
	}
	if err := h.checkOurs(a, party); err != nil {
		return "", err
	}
	if err := checkCatalogue(a, cat); err != nil {
		return "", err
	}
	if _, err := os.Lstat(h.cardPath(a.Line, 1)); err == nil {
		return "", fmt.Errorf("line %s is open here already", a.Line)
	}
	if err := h.writeVersion(a, bundle, cat); err != nil {
		return "", err
	}
	card := identity.StationCard{Party: h.Party(), Line: a.Line, Generation: 1, Base: 1, Issued: issued}
	if err := h.newGeneration(&card, party, station, mark.Mark{Line: a.Line}); err != nil {
		return "", err
	}
	return a.Line, h.SetDial(a.Line, dial)
}

// SetDial adds to station.toml where the other parties of a line are dialed.
// What people wrote into the file stays as it is, so that a line which is
// there already is left to them.
func (h *Home) SetDial(id identity.LineID, dial map[string][]string) error {
	if _, there := h.Settings.Line[string(id)]; there {
		if len(dial) == 0 {
			return nil
		}
		return fmt.Errorf("station.toml says already where to dial on line %s; edit it there", id)
	}
	path := filepath.Join(h.Dir, settingsFile)
	old, err := readFile(path, maxSettings)
	if err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n[line.%s.dial]\n", old, id)
	if len(dial) == 0 {
		b.WriteString("# 'other.example' = ['host:port']\n")
	}
	for _, party := range slices.Sorted(maps.Keys(dial)) {
		quoted := make([]string, len(dial[party]))
		for i, addr := range dial[party] {
			quoted[i] = strconv.Quote(addr)
		}
		fmt.Fprintf(&b, "%q = [%s]\n", party, strings.Join(quoted, ", "))
	}
	s, err := ParseSettings([]byte(b.String()))
	if err != nil {
		return err
	}
	s.Socket = cmp.Or(s.Socket, defaultSocket)
	h.Settings = s
	return keys.WriteFile(path, []byte(b.String()))
}

func (h *Home) checkOurs(a *agreement.Agreement, party *secret.Party) error {
	me, ok := a.ByName(h.Party())
	if !ok {
		return fmt.Errorf("%s is not a party of this agreement", h.Party())
	}
	if me.Key != party.Public() {
		return fmt.Errorf("the agreement names another key for %s than the one at hand", h.Party())
	}
	return nil
}

func (h *Home) writeVersion(a *agreement.Agreement, bundle []byte, cat *catalogue.Catalogue) error {
	dir := filepath.Join(h.lineDir(a.Line), fmt.Sprintf("catalogue-%d", a.Version))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	files := cat.Files()
	for _, n := range slices.Sorted(maps.Keys(files)) {
		if err := addFile(filepath.Join(dir, n), files[n]); err != nil {
			return err
		}
	}
	return addFile(filepath.Join(h.lineDir(a.Line), fmt.Sprintf("agreement-%d.note", a.Version)), bundle)
}

// AddVersion takes in the next version of an agreement, signed by all. It
// governs our records from the one by which our own log adopts it.
func (h *Home) AddVersion(bundle []byte, cat *catalogue.Catalogue) (*agreement.Agreement, error) {
	a, err := agreement.Open(bundle)
	if err != nil {
		return nil, err
	}
	l, err := h.Line(a.Line)
	if err != nil {
		return nil, err
	}
	if err := a.Amends(l.Agreements.Newest()); err != nil {
		return nil, err
	}
	if err := checkCatalogue(a, cat); err != nil {
		return nil, err
	}
	return a, h.writeVersion(a, bundle, cat)
}

// newGeneration makes the keys of a generation, its mark, and at the end its
// card, which alone makes it count. What an interrupted attempt left is taken
// up where it stopped: nothing was ever signed with it.
func (h *Home) newGeneration(card *identity.StationCard, party *secret.Party, lock keys.Lock, m mark.Mark) error {
	secret, err := h.stationKeys(card.Line, card.Generation, lock)
	if err != nil {
		return err
	}
	card.Keys = secret.Keys()
	note, err := party.SignStationCard(card)
	if err != nil {
		return err
	}
	if h.Settings.Mark != "" {
		if err := os.MkdirAll(h.path(h.Settings.Mark), 0o700); err != nil {
			return fmt.Errorf("the folder for the high-water marks: %w", err)
		}
		if err := mark.CreateAt(h.MarkPath(card.Line, card.Generation), m); err != nil && !errors.Is(err, mark.ErrExists) {
			return err
		}
	}
	return addFile(h.cardPath(card.Line, card.Generation), note)
}

func (h *Home) stationKeys(id identity.LineID, generation uint32, lock keys.Lock) (*secret.Station, error) {
	secret, err := h.Keys().Station(id, generation, lock)
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return secret, err
	}
	if secret, err = keys.NewStation(); err != nil {
		return nil, err
	}
	return secret, h.Keys().AddStation(id, generation, secret, lock)
}

// MarkPath is where the high-water mark of a generation lies.
func (h *Home) MarkPath(id identity.LineID, generation uint32) string {
	return filepath.Join(h.path(h.Settings.Mark), fmt.Sprintf("%s.%s.%d.mark", h.Party(), id, generation))
}

// Renewal is what a new generation begins from.
type Renewal struct {
	Generation uint32        // 0: the next one; a restore leaves room for those it cannot know of
	Base       uint64        // number of its first record, above every number used
	Held       identity.Held // what is held of the generation before
	Issued     uint64        // POSIX seconds
}

// Renew opens the next generation of a line: new keys, a card signed by the
// party key, a new mark. Two persons have agreed to it; the caller has checked
// that.
func (h *Home) Renew(id identity.LineID, r Renewal, party *secret.Party, station keys.Lock) (uint32, error) {
	l, err := h.Line(id)
	if err != nil {
		return 0, err
	}
	if err := h.checkOurs(l.Agreements.Newest(), party); err != nil {
		return 0, err
	}
	if r.Generation != 0 && r.Generation <= l.Generation {
		return 0, fmt.Errorf("generation %d of line %s is here already; a new one is above it", l.Generation, id)
	}
	card := identity.StationCard{Party: h.Party(), Line: id, Generation: cmp.Or(r.Generation, l.Generation+1), Base: r.Base, Issued: r.Issued, Previous: &r.Held}
	return card.Generation, h.newGeneration(&card, party, station, mark.Mark{Line: id})
}

// OwnCards are our own station cards of a line, oldest first, verified
// against the party's key.
func (h *Home) OwnCards(id identity.LineID, key identity.PartyKey) ([]*identity.StationCard, error) {
	list, err := names(h.lineDir(id), "card-", ".note")
	if err != nil {
		return nil, err
	}
	var out []*identity.StationCard
	for _, n := range list {
		note, err := readFile(filepath.Join(h.lineDir(id), "card-"+n+".note"), maxCard)
		if err != nil {
			return nil, err
		}
		card, err := identity.OpenStationCard(note, key)
		if err != nil {
			return nil, fmt.Errorf("line %s, card-%s.note: %w", id, n, err)
		}
		out = append(out, card)
	}
	slices.SortFunc(out, func(a, b *identity.StationCard) int { return cmp.Compare(a.Generation, b.Generation) })
	return out, nil
}

// LacksKeys reports whether the keys of a line's newest generation are not
// here: the directory was restored, or they were taken away.
func (h *Home) LacksKeys(id identity.LineID) (bool, error) {
	l, err := h.Line(id)
	if err != nil {
		return false, err
	}
	have, err := h.Keys().Generations(id)
	return !slices.Contains(have, l.Generation), err
}
