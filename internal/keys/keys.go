// SPDX-License-Identifier: Apache-2.0

// Package keys keeps secrets at rest: sealed files under a passphrase, or
// under an unattended secret for a station that starts by itself.
//
// Invariants:
//
//   - A secret is never written in the clear, and never into a file that
//     others may read.
//   - A file is written whole or not at all, and flushed.
//   - A passphrase goes through age's scrypt; an unattended secret is an age
//     identity of its own, 32 random bytes, and takes none.
//
// Specification: docs/reference/files.md; age (C2SP age).
package keys

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"filippo.io/age"
	"filippo.io/age/armor"
)

// ErrWrong is a passphrase or unattended secret that does not open the file.
var ErrWrong = errors.New("wrong passphrase")

// unattendedPrefix begins the text of an unattended secret.
const unattendedPrefix = "AGE-SECRET-KEY-"

// Lock seals and opens secrets. The zero value opens nothing.
type Lock struct {
	passphrase string
	identity   *age.HybridIdentity
}

// Passphrase locks with words a person types.
func Passphrase(p string) (Lock, error) {
	if len(p) < 8 {
		return Lock{}, errors.New("a passphrase has at least eight characters")
	}
	return Lock{passphrase: p}, nil
}

// NewUnattended makes an unattended secret; its text is to be kept where
// only the station's service manager reads it.
func NewUnattended() (Lock, string, error) {
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		return Lock{}, "", fmt.Errorf("unattended secret: %w", err)
	}
	return Lock{identity: id}, id.String(), nil
}

// Unattended reads an unattended secret.
func Unattended(text string) (Lock, error) {
	id, err := age.ParseHybridIdentity(strings.TrimSpace(text))
	if err != nil {
		return Lock{}, errors.New("that is not an unattended secret")
	}
	return Lock{identity: id}, nil
}

// From takes either: an unattended secret by its prefix, else a passphrase.
func From(text string) (Lock, error) {
	text = strings.TrimRight(text, "\r\n")
	if strings.HasPrefix(text, unattendedPrefix) {
		return Unattended(text)
	}
	return Passphrase(text)
}

// Seal encrypts a secret.
func (l Lock) Seal(secret string) ([]byte, error) {
	to, err := l.recipient()
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	a := armor.NewWriter(&out)
	w, err := age.Encrypt(a, to)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	if _, err := io.WriteString(w, secret); err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	if err := errors.Join(w.Close(), a.Close()); err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	l.giveBack()
	return out.Bytes(), nil
}

func (l Lock) recipient() (age.Recipient, error) {
	if l.identity != nil {
		return l.identity.Recipient(), nil
	}
	if l.passphrase == "" {
		return nil, errors.New("no passphrase was given")
	}
	return age.NewScryptRecipient(l.passphrase)
}

// giveBack returns scrypt's memory to the system: it is many times what a
// station needs for the rest of its life.
func (l Lock) giveBack() {
	if l.identity == nil {
		debug.FreeOSMemory()
	}
}

// Open decrypts a secret. What does not open is [ErrWrong].
func (l Lock) Open(sealed []byte) (string, error) {
	var id age.Identity = l.identity
	if l.identity == nil {
		if l.passphrase == "" {
			return "", errors.New("no passphrase was given")
		}
		s, err := age.NewScryptIdentity(l.passphrase)
		if err != nil {
			return "", err
		}
		id = s
	}
	r, err := age.Decrypt(armor.NewReader(bytes.NewReader(sealed)), id)
	l.giveBack()
	var no *age.NoIdentityMatchError
	if errors.As(err, &no) {
		return "", ErrWrong
	}
	if err != nil {
		return "", fmt.Errorf("open sealed file: %w", err)
	}
	b, err := io.ReadAll(io.LimitReader(r, 1<<16))
	if err != nil {
		return "", fmt.Errorf("open sealed file: %w", err)
	}
	return string(b), nil
}

// WriteFile writes a file whole, readable by its owner only, and flushes it
// and its directory.
func WriteFile(path string, b []byte) error {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, ".new-*")
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// SealFile seals a secret into a file.
func (l Lock) SealFile(path, secret string) error {
	b, err := l.Seal(secret)
	if err != nil {
		return err
	}
	return WriteFile(path, b)
}

// OpenFile opens a sealed file. One that others may read is refused.
func (l Lock) OpenFile(path string) (string, error) {
	st, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if st.Mode().Perm()&0o077 != 0 {
		return "", fmt.Errorf("%s may be read by others; make it yours alone (chmod 600)", path)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	s, err := l.Open(b)
	if err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}
