// SPDX-License-Identifier: Apache-2.0

package console

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/pelletier/go-toml/v2"

	"openline/internal/keys"
)

// LinkLasts is how long a one-time link can be used.
const LinkLasts = 10 * time.Minute

// LinkDir keeps one-time links in a folder: a file each, named by the digest
// of its token, which is not kept. Taking one removes it.
type LinkDir string

type linkFile struct {
	Person  string    `toml:"person"`
	Role    Role      `toml:"role"`
	Expires time.Time `toml:"expires"`
}

// Make makes a link and gives its token.
func (d LinkDir) Make(e Entry, now time.Time) (string, error) {
	if !slices.Contains(Roles(), e.Role) {
		return "", fmt.Errorf("there is no role %q; there are %v", e.Role, Roles())
	}
	var raw [32]byte
	rand.Read(raw[:]) // never fails
	token := base64.RawURLEncoding.EncodeToString(raw[:])
	b, err := toml.Marshal(linkFile{e.Person, e.Role, now.Add(LinkLasts).UTC()})
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(string(d), 0o700); err != nil {
		return "", err
	}
	return token, keys.WriteFile(d.path(token), b)
}

func (d LinkDir) path(token string) string {
	h := sha256.Sum256([]byte(token))
	return filepath.Join(string(d), hex.EncodeToString(h[:])+".link")
}

// Take uses a link up. Of two that take it at once one has it: the file can be
// moved away once.
func (d LinkDir) Take(token string, now time.Time) (Entry, error) {
	taken := d.path(token) + ".taken"
	err := os.Rename(d.path(token), taken)
	if errors.Is(err, fs.ErrNotExist) {
		return Entry{}, ErrNoLink
	}
	if err != nil {
		return Entry{}, err
	}
	b, err := os.ReadFile(taken)
	if err = errors.Join(err, os.Remove(taken)); err != nil {
		return Entry{}, err
	}
	var f linkFile
	if err := toml.Unmarshal(b, &f); err != nil {
		return Entry{}, fmt.Errorf("one-time link: %w", err)
	}
	if now.After(f.Expires) || !slices.Contains(Roles(), f.Role) || f.Person == "" {
		return Entry{}, ErrNoLink
	}
	return Entry{f.Person, f.Role}, nil
}
