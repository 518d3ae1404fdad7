// SPDX-License-Identifier: Apache-2.0

package tlog

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/note"

	"openline/identity"
)

// Limits of checkpoints.
const (
	maxName = 255       // bytes of an origin or key name: ML-DSA messages give them one length byte
	MaxNote = 128 << 10 // sixteen post-quantum signatures and the text
)

// Checkpoint is the head of a log: C2SP tlog-checkpoint without extension
// lines.
type Checkpoint struct {
	Origin string
	Size   uint64
	Root   [32]byte
}

// Text is the checkpoint as it is signed.
func (c Checkpoint) Text() string {
	return c.Origin + "\n" + strconv.FormatUint(c.Size, 10) + "\n" + FormatHash(c.Root) + "\n"
}

// check refuses a head that its own text would not give back.
func (c Checkpoint) check() error {
	if err := checkName(c.Origin); err != nil {
		return fmt.Errorf("the origin %w", err)
	}
	if c.Size > maxSize {
		return fmt.Errorf("the size %d is above 2^62", c.Size)
	}
	return nil
}

// checkName holds an origin to the rules of note key names, since a log
// signs under its origin. A line feed in it would frame another checkpoint.
func checkName(s string) error {
	if s == "" || len(s) > maxName {
		return fmt.Errorf("is empty or longer than %d bytes", maxName)
	}
	bad := func(r rune) bool { return r == '+' || unicode.IsSpace(r) || unicode.IsControl(r) }
	if !utf8.ValidString(s) || strings.ContainsFunc(s, bad) {
		return errors.New("holds a blank, a plus or a control character")
	}
	return nil
}

// ParseCheckpoint reads a checkpoint's text.
func ParseCheckpoint(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return Checkpoint{}, errors.New("parse checkpoint: it has not three lines (extension lines are not used here)")
	}
	c := Checkpoint{Origin: lines[0]}
	var err error
	if c.Size, err = ParseNumber(lines[1]); err != nil {
		return Checkpoint{}, fmt.Errorf("parse checkpoint: size %w", err)
	}
	var ok bool
	if c.Root, ok = ParseHash(lines[2]); !ok {
		return Checkpoint{}, errors.New("parse checkpoint: the root is not 32 bytes in base64")
	}
	if err := c.check(); err != nil {
		return Checkpoint{}, fmt.Errorf("parse checkpoint: %w", err)
	}
	return c, nil
}

// ParseNumber reads a number in its one spelling.
func ParseNumber(s string) (uint64, error) {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%.30q is not a decimal number", s)
	}
	if strconv.FormatUint(n, 10) != s {
		return 0, fmt.Errorf("%.30q has leading zeros", s)
	}
	return n, nil
}

// FormatHash writes a hash as C2SP texts do, in base64.
func FormatHash(h [32]byte) string { return base64.StdEncoding.EncodeToString(h[:]) }

// ParseHash reads what FormatHash writes, and nothing else.
func ParseHash(s string) (h [32]byte, ok bool) {
	b, ok := identity.DecodeBase64(s)
	if !ok || len(b) != len(h) {
		return h, false
	}
	return [32]byte(b), true
}

// SignCheckpoint signs a checkpoint with the log key, as a note.
func SignCheckpoint(c Checkpoint, s note.Signer) ([]byte, error) {
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("sign checkpoint: %w", err)
	}
	if s.Name() != c.Origin {
		return nil, fmt.Errorf("sign checkpoint of %s: the key is that of %s", c.Origin, s.Name())
	}
	msg, err := note.Sign(&note.Note{Text: c.Text()}, s)
	if err != nil {
		return nil, fmt.Errorf("sign checkpoint of %s: %w", c.Origin, err)
	}
	return msg, nil
}

// OpenCheckpoint verifies a checkpoint's note against the log key. Its
// origin must be the key's name: a key signs for one log. Lines of other
// signers are left aside.
func OpenCheckpoint(msg []byte, v note.Verifier) (Checkpoint, error) {
	if len(msg) > MaxNote {
		return Checkpoint{}, fmt.Errorf("open checkpoint: it is larger than %d bytes", MaxNote)
	}
	n, err := note.Open(msg, note.VerifierList(v))
	if err != nil {
		return Checkpoint{}, fmt.Errorf("open checkpoint: %w", err)
	}
	if _, ok := identity.DecodeBase64(n.Sigs[0].Base64); !ok {
		return Checkpoint{}, errors.New("open checkpoint: the signature is not in its one base64 spelling")
	}
	c, err := ParseCheckpoint(n.Text)
	if err != nil {
		return Checkpoint{}, err
	}
	if c.Origin != v.Name() {
		return Checkpoint{}, fmt.Errorf("open checkpoint: it is of %s, but signed by the key of %s", c.Origin, v.Name())
	}
	return c, nil
}
