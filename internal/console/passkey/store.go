// SPDX-License-Identifier: Apache-2.0

package passkey

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"

	"openline/internal/keys"
)

// Folder is where passkeys lie in the folder of the console.
const Folder = "passkeys"

const (
	suffix  = ".passkey"
	revoked = ".revoked"
	copied  = ".copied"
	maxFile = 64 << 10
	maxEach = 20 // passkeys of one person
)

// Dir is the folder passkeys lie in: a file each, named by the digest of its
// credential's id.
type Dir string

// Passkey is what is kept of one: nothing secret.
type Passkey struct {
	Person     string              `json:"person"`
	Label      string              `json:"label,omitempty"`
	Made       time.Time           `json:"made"`
	Used       time.Time           `json:"used,omitzero"`
	Credential webauthn.Credential `json:"credential"`

	ID      string `json:"-"` // the digest
	Revoked bool   `json:"-"`
	Copied  bool   `json:"-"` // its counter did not rise once
}

// Stands reports whether it opens the console.
func (p *Passkey) Stands() bool { return !p.Revoked && !p.Copied }

// Short is what people tell it by.
func (p *Passkey) Short() string { return p.ID[:12] }

func idOf(credential []byte) string {
	h := sha256.Sum256(credential)
	return hex.EncodeToString(h[:])
}

func (d Dir) path(id, kind string) string { return filepath.Join(string(d), id+kind) }

func (d Dir) marked(id, kind string) (bool, error) {
	_, err := os.Lstat(d.path(id, kind))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// get reads a passkey; [fs.ErrNotExist] where there is none.
func (d Dir) get(id string) (*Passkey, error) {
	if len(id) != 2*sha256.Size || strings.Trim(id, "0123456789abcdef") != "" {
		return nil, fs.ErrNotExist
	}
	f, err := os.Open(d.path(id, suffix))
	if err != nil {
		return nil, err
	}
	p := &Passkey{ID: id}
	dec := json.NewDecoder(&limited{f, maxFile})
	if err := errors.Join(dec.Decode(p), f.Close()); err != nil {
		return nil, fmt.Errorf("passkey %s: %w", id, err)
	}
	if idOf(p.Credential.ID) != id || p.Person == "" {
		return nil, fmt.Errorf("passkey %s is not what its name says; revoke it", id)
	}
	var err2 error
	p.Revoked, err = d.marked(id, revoked)
	p.Copied, err2 = d.marked(id, copied)
	return p, errors.Join(err, err2)
}

// limited reads at most n bytes and then fails.
type limited struct {
	f *os.File
	n int
}

func (l *limited) Read(b []byte) (int, error) {
	if l.n <= 0 {
		return 0, errors.New("the file is too large")
	}
	n, err := l.f.Read(b[:min(len(b), l.n)])
	l.n -= n
	return n, err
}

func (d Dir) put(p *Passkey) error {
	b, err := json.MarshalIndent(p, "", " ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(string(d), 0o700); err != nil {
		return err
	}
	return keys.WriteFile(d.path(p.ID, suffix), append(b, '\n'))
}

// List lists the passkeys of a person, or of everybody: person "".
func (d Dir) List(person string) ([]*Passkey, error) {
	list, err := os.ReadDir(string(d))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []*Passkey
	for _, e := range list {
		id, ok := strings.CutSuffix(e.Name(), suffix)
		if !ok {
			continue
		}
		p, err := d.get(id)
		if err != nil {
			return nil, err
		}
		if person == "" || p.Person == person {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b *Passkey) int { return a.Made.Compare(b.Made) })
	return out, nil
}

// Find finds a passkey by the beginning of its id.
func (d Dir) Find(beginning string) (*Passkey, error) {
	list, err := d.List("")
	if err != nil {
		return nil, err
	}
	var found []*Passkey
	for _, p := range list {
		if len(beginning) >= 6 && strings.HasPrefix(p.ID, beginning) {
			found = append(found, p)
		}
	}
	if len(found) != 1 {
		return nil, fmt.Errorf("%d passkeys begin with %.70q; see openline console passkeys", len(found), beginning)
	}
	return found[0], nil
}

// Revoke revokes a passkey for good. Seats that were entered by it end.
func (d Dir) Revoke(id string) error {
	if _, err := d.get(id); err != nil {
		return err
	}
	return keys.WriteFile(d.path(id, revoked), nil)
}

// Stands reports whether a passkey opens the console still.
func (d Dir) Stands(id string) (bool, error) {
	p, err := d.get(id)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil && p.Stands(), err
}
