// SPDX-License-Identifier: Apache-2.0

package tlog

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
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
	return c.Origin + "\n" + strconv.FormatUint(c.Size, 10) + "\n" + base64.StdEncoding.EncodeToString(c.Root[:]) + "\n"
}

// ParseCheckpoint reads a checkpoint's text.
func ParseCheckpoint(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return Checkpoint{}, errors.New("parse checkpoint: it has not three lines (extension lines are not used here)")
	}
	c := Checkpoint{Origin: lines[0]}
	if c.Origin == "" || len(c.Origin) > 255 {
		return Checkpoint{}, errors.New("parse checkpoint: the origin is empty or longer than 255 bytes")
	}
	var err error
	if c.Size, err = strconv.ParseUint(lines[1], 10, 64); err != nil || strconv.FormatUint(c.Size, 10) != lines[1] || c.Size > maxSize {
		return Checkpoint{}, errors.New("parse checkpoint: the size is not a decimal number without leading zeros")
	}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != 32 {
		return Checkpoint{}, errors.New("parse checkpoint: the root is not 32 bytes in base64")
	}
	c.Root = [32]byte(root)
	return c, nil
}

// SignCheckpoint signs a checkpoint with the log key, as a note.
func SignCheckpoint(c Checkpoint, s note.Signer) ([]byte, error) {
	msg, err := note.Sign(&note.Note{Text: c.Text()}, s)
	if err != nil {
		return nil, fmt.Errorf("sign checkpoint of %s: %w", c.Origin, err)
	}
	return msg, nil
}

// OpenCheckpoint verifies a checkpoint's note against the log key. Lines of
// other signers are left aside.
func OpenCheckpoint(msg []byte, v note.Verifier) (Checkpoint, error) {
	n, err := note.Open(msg, note.VerifierList(v))
	if err != nil {
		return Checkpoint{}, fmt.Errorf("open checkpoint: %w", err)
	}
	return ParseCheckpoint(n.Text)
}
