// SPDX-License-Identifier: Apache-2.0

package keys

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"openline/identity"
	"openline/identity/secret"
)

// PartyFile is the name of the party's key: it may lie beside the station's,
// but is meant to be carried off.
const PartyFile = "party.key"

// NewParty draws a party's key.
func NewParty() *secret.Party {
	var seed [64]byte
	draw(seed[:])
	return secret.NewParty(seed)
}

// NewStation draws the keys of one generation.
func NewStation() (*secret.Station, error) {
	var seed [secret.StationSeed]byte
	draw(seed[:])
	return secret.NewStation(seed)
}

// NewPerson draws a person's key.
func NewPerson() *secret.Person {
	var seed [32]byte
	draw(seed[:])
	return secret.NewPerson(seed)
}

// draw fills seed from the system's random source, which does not fail: it
// ends the process first.
func draw(seed []byte) { _, _ = rand.Read(seed) }

// StationFile is the name of the keys of one generation on one line.
func StationFile(line identity.LineID, generation uint32) string {
	return fmt.Sprintf("station.%s.%d.key", line, generation)
}

// PersonFile is the name of a person's key.
func PersonFile(person string) (string, error) {
	if !regexp.MustCompile(`^[a-z][a-z0-9-]{0,30}$`).MatchString(person) {
		return "", fmt.Errorf("%.40q is not a person's short name; write 1 to 31 of a-z, 0-9 and -, a letter first", person)
	}
	return "person." + person + ".key", nil
}

// Dir is a directory of sealed keys.
type Dir string

// Party opens the party's key, at its place in the directory.
func (d Dir) Party(l Lock) (*secret.Party, error) {
	return OpenParty(d.path(PartyFile), l)
}

// OpenParty opens a party's key wherever it was carried.
func OpenParty(path string, l Lock) (*secret.Party, error) {
	return open(path, l, secret.ParseParty)
}

// Station opens the keys of one generation.
func (d Dir) Station(line identity.LineID, generation uint32, l Lock) (*secret.Station, error) {
	return open(d.path(StationFile(line, generation)), l, secret.ParseStation)
}

// Person opens a person's key.
func (d Dir) Person(person string, l Lock) (*secret.Person, error) {
	name, err := PersonFile(person)
	if err != nil {
		return nil, err
	}
	return open(d.path(name), l, secret.ParsePerson)
}

func (d Dir) path(name string) string { return filepath.Join(string(d), name) }

func open[T any](path string, l Lock, parse func(string) (T, error)) (none T, err error) {
	text, err := l.OpenFile(path)
	if err != nil {
		return none, fmt.Errorf("key file: %w", err)
	}
	s, err := parse(text)
	if err != nil {
		return none, fmt.Errorf("key file %s: %w", path, err)
	}
	return s, nil
}

// AddParty seals the party's key into the directory.
func (d Dir) AddParty(s *secret.Party, l Lock) error {
	return AddParty(d.path(PartyFile), s, l)
}

// AddParty seals the party's key at a place of its own.
func AddParty(path string, s *secret.Party, l Lock) error { return add(path, s.Encode(), l) }

// AddStation seals the keys of one generation.
func (d Dir) AddStation(line identity.LineID, generation uint32, s *secret.Station, l Lock) error {
	return add(d.path(StationFile(line, generation)), s.Encode(), l)
}

// AddPerson seals a person's key.
func (d Dir) AddPerson(person string, s *secret.Person, l Lock) error {
	name, err := PersonFile(person)
	if err != nil {
		return err
	}
	return add(d.path(name), s.Encode(), l)
}

func add(path, text string, l Lock) error {
	if err := l.SealFile(path, text); err != nil {
		return fmt.Errorf("key file: %w", err)
	}
	return nil
}

// Generations lists the generations of a line whose keys are here, in
// order.
func (d Dir) Generations(line identity.LineID) ([]uint32, error) {
	names, err := d.names()
	if err != nil {
		return nil, err
	}
	var all []uint32
	for _, name := range names {
		s, ok := strings.CutPrefix(name, "station."+string(line)+".")
		n, err := strconv.ParseUint(strings.TrimSuffix(s, ".key"), 10, 32)
		if ok && err == nil && name == StationFile(line, uint32(n)) {
			all = append(all, uint32(n))
		}
	}
	slices.Sort(all)
	return all, nil
}

// People lists the persons whose keys are here, in order.
func (d Dir) People() ([]string, error) {
	names, err := d.names()
	if err != nil {
		return nil, err
	}
	var all []string
	for _, name := range names {
		person := strings.TrimSuffix(strings.TrimPrefix(name, "person."), ".key")
		if file, err := PersonFile(person); err == nil && file == name {
			all = append(all, person)
		}
	}
	return all, nil
}

// names lists the directory, in order; one that is not there holds nothing.
func (d Dir) names() ([]string, error) {
	list, err := os.ReadDir(string(d))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("keys: %w", err)
	}
	var names []string
	for _, e := range list {
		names = append(names, e.Name())
	}
	return names, nil
}
