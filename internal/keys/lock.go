// SPDX-License-Identifier: Apache-2.0

package keys

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"strings"
	"unicode/utf8"

	"filippo.io/age"
	"filippo.io/age/armor"
)

// Answers of locks. Callers may branch on them.
var (
	ErrWrongPassphrase = errors.New("wrong passphrase or unattended secret")
	ErrOtherSecret     = errors.New("sealed another way")
	ErrShortPassphrase = fmt.Errorf("a passphrase has at least %d characters", minPassphrase)
)

// ErrWrong is ErrWrongPassphrase.
var ErrWrong = ErrWrongPassphrase

const (
	minPassphrase = 8
	// workFactor is the scrypt cost as a power of two: about a second and
	// 256 MiB. A file that asks for more than maxWorkFactor is refused, so
	// that one handed in from elsewhere cannot take all memory.
	workFactor    = 18
	maxWorkFactor = 20

	prefixUnattended = "openline-unattended-1:"
	prefixAge        = "AGE-SECRET-KEY-"
	stanzaPassphrase = "-> scrypt "
	maxSealed        = 64 << 10
)

// Lock seals and opens secrets. The zero value opens nothing.
type Lock struct {
	passphrase string
	identity   *age.HybridIdentity
	work       int // scrypt cost when sealing
}

// String hides the secret.
func (l Lock) String() string { return "lock" }

// Format hides the secret under every verb.
func (l Lock) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, l.String()) }

// Passphrase locks with words a person types. How many they are is asked
// when something is sealed, not when it is opened.
func Passphrase(p string) (Lock, error) {
	if p == "" {
		return Lock{}, ErrNoSecret
	}
	return Lock{passphrase: p, work: workFactor}, nil
}

// NewUnattended draws an unattended secret and gives its text: 32 random
// bytes as an age identity behind a prefix of its own. Whoever has it opens
// what is sealed under it; it belongs in a credential store, not beside the
// files.
func NewUnattended() (Lock, string, error) {
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		return Lock{}, "", fmt.Errorf("draw an unattended secret: %v", err)
	}
	return Lock{identity: id}, prefixUnattended + id.String(), nil
}

// Unattended reads an unattended secret. The error never repeats what was
// read, and gives no reason of the decoder's, which might.
func Unattended(text string) (Lock, error) {
	rest, ok := strings.CutPrefix(text, prefixUnattended)
	id, err := age.ParseHybridIdentity(rest)
	if !ok || err != nil || id.String() != rest {
		return Lock{}, fmt.Errorf("not an unattended secret, or a damaged one; give the whole line that begins with %s", prefixUnattended)
	}
	return Lock{identity: id}, nil
}

// From takes either: an unattended secret by its prefix, else a passphrase.
// One line break at the end is not part of it. An age identity without our
// prefix is never taken for a passphrase.
func From(text string) (Lock, error) {
	text = trimLine(text)
	if strings.HasPrefix(text, prefixUnattended) || strings.HasPrefix(text, prefixAge) {
		return Unattended(text)
	}
	return Passphrase(text)
}

// Seal closes a text under a passphrase or an unattended secret.
func Seal(plain []byte, secret string) ([]byte, error) {
	l, err := From(secret)
	if err != nil {
		return nil, err
	}
	return l.Seal(string(plain))
}

// Open gives back what Seal closed.
func Open(sealed []byte, secret string) ([]byte, error) {
	l, err := From(secret)
	if err != nil {
		return nil, err
	}
	plain, err := l.Open(sealed)
	return []byte(plain), err
}

// Seal encrypts a secret.
func (l Lock) Seal(secret string) ([]byte, error) {
	to, err := l.recipient()
	if err != nil {
		return nil, err
	}
	defer l.giveBack()
	var out bytes.Buffer
	text := armor.NewWriter(&out)
	w, err := age.Encrypt(text, to)
	if err != nil {
		return nil, fmt.Errorf("seal: %v", err)
	}
	if _, err := io.WriteString(w, secret); err != nil {
		return nil, fmt.Errorf("seal: %v", err)
	}
	if err := errors.Join(w.Close(), text.Close()); err != nil {
		return nil, fmt.Errorf("seal: %v", err)
	}
	return out.Bytes(), nil
}

func (l Lock) recipient() (age.Recipient, error) {
	switch {
	case l.identity != nil:
		return l.identity.Recipient(), nil
	case l.passphrase == "":
		return nil, ErrNoSecret
	case utf8.RuneCountInString(l.passphrase) < minPassphrase:
		return nil, ErrShortPassphrase
	}
	r, err := age.NewScryptRecipient(l.passphrase)
	if err != nil {
		return nil, fmt.Errorf("seal: %v", err)
	}
	r.SetWorkFactor(l.work)
	return r, nil
}

// giveBack returns scrypt's memory to the system: it is many times what a
// station needs for the rest of its life.
func (l Lock) giveBack() {
	if l.identity == nil {
		debug.FreeOSMemory()
	}
}

// Open decrypts a secret. The error is ErrWrongPassphrase where this lock is
// not the one, and wraps ErrOtherSecret where a passphrase was given for an
// unattended secret or the other way about.
func (l Lock) Open(sealed []byte) (string, error) {
	if len(sealed) > maxSealed {
		return "", fmt.Errorf("open: larger than %d bytes; this is no sealed key", maxSealed)
	}
	asks, err := AsksPassphrase(sealed)
	if err != nil {
		return "", err
	}
	id, err := l.opener(asks)
	if err != nil {
		return "", err
	}
	defer l.giveBack()
	r, err := age.Decrypt(armor.NewReader(bytes.NewReader(sealed)), id)
	if errors.Is(err, age.ErrIncorrectIdentity) {
		return "", ErrWrongPassphrase
	}
	if err != nil {
		return "", fmt.Errorf("open: the sealed key is damaged: %v", err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		return "", fmt.Errorf("open: the sealed key is damaged: %v", err)
	}
	return string(plain), nil
}

func (l Lock) opener(asksPassphrase bool) (age.Identity, error) {
	switch {
	case l.identity == nil && l.passphrase == "":
		return nil, ErrNoSecret
	case asksPassphrase && l.identity != nil:
		return nil, fmt.Errorf("%w: give its passphrase, not an unattended secret", ErrOtherSecret)
	case !asksPassphrase && l.identity == nil:
		return nil, fmt.Errorf("%w: give its unattended secret, not a passphrase", ErrOtherSecret)
	case l.identity != nil:
		return l.identity, nil
	}
	id, err := age.NewScryptIdentity(l.passphrase)
	if err != nil {
		return nil, fmt.Errorf("open: %v", err)
	}
	id.SetMaxWorkFactor(maxWorkFactor)
	return id, nil
}

// AsksPassphrase reports what opens a sealed text: a passphrase, or else an
// unattended secret.
func AsksPassphrase(sealed []byte) (bool, error) {
	header, err := age.ExtractHeader(armor.NewReader(bytes.NewReader(sealed)))
	if err != nil {
		return false, errors.New("open: this is no sealed key, or it is damaged")
	}
	_, stanza, _ := strings.Cut(string(header), "\n")
	return strings.HasPrefix(stanza, stanzaPassphrase), nil
}
