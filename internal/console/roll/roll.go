// SPDX-License-Identifier: Apache-2.0

// Package roll keeps who may sit at a station's console and as what, and by
// which certificates or names at an issuer they may be known.
//
// Invariants:
//
//   - It is read anew for each request: a role that is withdrawn is gone with
//     the next one, whoever sits where.
//   - A certificate or a name stands for one person; a roll in which it stands
//     for two is read by nobody.
//   - It holds nothing secret.
//
// Specification: docs/reference/directory.md.
package roll

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/pelletier/go-toml/v2"

	"openline/internal/keys"
)

// File is the roll's name in the folder of the console.
const File = "people.toml"

const maxRoll = 1 << 20

// Dir is the folder of the console.
type Dir string

// Person is who may sit at the desk.
type Person struct {
	Roles []string `toml:"roles"`
	// Certificates they may show: "spki:" and the SHA-256 of the public key,
	// "subject:" and the subject, or "email:" and an address in it.
	Certificates []string `toml:"certificates,omitempty"`
	// Issued are what the claim of console_oidc says for them.
	Issued []string `toml:"oidc,omitempty"`
}

// Roll is everybody who may.
type Roll struct {
	Person map[string]Person `toml:"person"`
}

// Read reads the roll; an empty one where there is none yet.
func (d Dir) Read() (*Roll, error) {
	r := &Roll{Person: map[string]Person{}}
	b, err := os.ReadFile(d.path())
	if errors.Is(err, fs.ErrNotExist) {
		return r, nil
	}
	if err != nil {
		return nil, err
	}
	if len(b) > maxRoll {
		return nil, fmt.Errorf("%s has %d bytes; at most %d are read", d.path(), len(b), maxRoll)
	}
	if err := toml.NewDecoder(bytes.NewReader(b)).DisallowUnknownFields().Decode(r); err != nil {
		return nil, fmt.Errorf("%s: %w", d.path(), err)
	}
	return r, r.check(d.path())
}

func (d Dir) path() string { return filepath.Join(string(d), File) }

func (r *Roll) check(path string) error {
	stands := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(r.Person)) {
		p := r.Person[name]
		for _, c := range p.Certificates {
			kind, _, ok := strings.Cut(c, ":")
			if !ok || !slices.Contains([]string{"spki", "subject", "email"}, kind) {
				return fmt.Errorf("%s: %s: %.80q is no certificate; write spki:…, subject:… or email:…", path, name, c)
			}
		}
		for _, is := range append(prefixed("oidc:", p.Issued), p.Certificates...) {
			if other, ok := stands[is]; ok {
				return fmt.Errorf("%s: %.80q stands for both %s and %s; it can stand for one", path, is, other, name)
			}
			stands[is] = name
		}
	}
	return nil
}

func prefixed(with string, list []string) (out []string) {
	for _, s := range list {
		out = append(out, with+s)
	}
	return out
}

// Change reads the roll, changes it and writes it. Two that change it at once
// do so one after the other.
func (d Dir) Change(do func(*Roll)) (err error) {
	if err := os.MkdirAll(string(d), 0o700); err != nil {
		return err
	}
	lock, err := os.OpenFile(d.path()+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return err
	}
	r, err := d.Read()
	if err != nil {
		return err
	}
	do(r)
	if err := r.check(d.path()); err != nil {
		return err
	}
	b, err := toml.Marshal(r)
	if err != nil {
		return err
	}
	return keys.WriteFile(d.path(), b)
}

// Give gives a person a role more.
func (r *Roll) Give(person, role string) {
	p := r.Person[person]
	if !slices.Contains(p.Roles, role) {
		p.Roles = append(p.Roles, role)
	}
	r.Person[person] = p
}

// Holds reports whether a person may sit as this.
func (r *Roll) Holds(person, role string) bool {
	return slices.Contains(r.Person[person].Roles, role)
}

// ByCertificate finds the person a certificate stands for, and by which word
// of the roll. Whoever calls has verified the certificate.
func (r *Roll) ByCertificate(c *x509.Certificate) (person, by string, ok bool) {
	sum := sha256.Sum256(c.RawSubjectPublicKeyInfo)
	is := []string{"spki:" + hex.EncodeToString(sum[:]), "subject:" + c.Subject.String()}
	is = append(is, prefixed("email:", c.EmailAddresses)...)
	for _, by := range is {
		for name, p := range r.Person {
			if slices.Contains(p.Certificates, by) {
				return name, by, true
			}
		}
	}
	return "", "", false
}

// ByIssued finds the person an issuer's claim stands for.
func (r *Roll) ByIssued(claim string) (string, bool) {
	for name, p := range r.Person {
		if claim != "" && slices.Contains(p.Issued, claim) {
			return name, true
		}
	}
	return "", false
}
