// SPDX-License-Identifier: Apache-2.0

package tlog

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// Kinds of accusation.
const (
	kindTwoRoots     = "two roots at one size"
	kindInconsistent = "a head that does not extend an earlier one"
	kindSizeFell     = "a size that falls while time rises"
)

const (
	accusationLine = "openline accusation 1"
	separator      = "----"
	maxAccusation  = 64 << 10
)

// Accusation is two statements by one signer that cannot both be true. It
// names nobody's motive; it carries its own proof.
type Accusation struct {
	Kind          string
	First, Second []byte     // signed notes
	Root          [32]byte   // for an inconsistent head: what First's log held at Second's size
	Proof         [][32]byte // consistency of Root with First
}

// ForkError is returned where two histories are found.
type ForkError struct{ Accusation Accusation }

func (e *ForkError) Error() string { return "two statements cannot both be true: " + e.Accusation.Kind }

// TwoRoots accuses with two signed heads of one size.
func TwoRoots(first, second []byte) Accusation {
	return Accusation{Kind: kindTwoRoots, First: first, Second: second}
}

// Inconsistent accuses with a signed head, and another at a smaller size
// where the first log had another root, proven.
func Inconsistent(first, second []byte, root [32]byte, proof [][32]byte) Accusation {
	return Accusation{Kind: kindInconsistent, First: first, Second: second, Root: root, Proof: proof}
}

// SizeFell accuses with two cosignatures: a later time over a smaller size.
func SizeFell(first, second []byte) Accusation {
	return Accusation{Kind: kindSizeFell, First: first, Second: second}
}

// Verify reports whether the accusation proves itself with the signer's
// keys.
func (a Accusation) Verify(k Keys) error {
	if a.Kind == kindSizeFell {
		return a.verifySizeFell(k)
	}
	first, err := OpenCheckpoint(a.First, k.Log)
	if err != nil {
		return fmt.Errorf("first statement: %w", err)
	}
	second, err := OpenCheckpoint(a.Second, k.Log)
	if err != nil {
		return fmt.Errorf("second statement: %w", err)
	}
	switch {
	case first.Origin != second.Origin:
		return errors.New("the statements are of different logs")
	case a.Kind == kindTwoRoots:
		if first.Size != second.Size || first.Root == second.Root {
			return errors.New("the heads can both be true")
		}
		return nil
	case a.Kind == kindInconsistent:
		if second.Root == a.Root || second.Size == 0 {
			return errors.New("the heads can both be true")
		}
		return CheckConsistency(a.Proof, first.Size, first.Root, second.Size, a.Root)
	}
	return fmt.Errorf("unknown kind of accusation %q", a.Kind)
}

func (a Accusation) verifySizeFell(k Keys) error {
	at1, c1, err := openCosigned(a.First, k)
	if err != nil {
		return fmt.Errorf("first statement: %w", err)
	}
	at2, c2, err := openCosigned(a.Second, k)
	if err != nil {
		return fmt.Errorf("second statement: %w", err)
	}
	if c1.Origin != c2.Origin {
		return errors.New("the statements are of different logs")
	}
	if (at1 < at2 && c1.Size > c2.Size) || (at1 > at2 && c1.Size < c2.Size) {
		return nil
	}
	return errors.New("the statements can both be true")
}

func openCosigned(msg []byte, k Keys) (uint64, Checkpoint, error) {
	text, line, ok := bytes.Cut(msg, []byte("\n\n"))
	if !ok {
		return 0, Checkpoint{}, errors.New("not a cosigned note")
	}
	c, err := ParseCheckpoint(string(text) + "\n")
	if err != nil {
		return 0, c, err
	}
	at, err := k.Cosigner.Verify(c, line)
	return at, c, err
}

// Format writes the accusation as a text file.
func (a Accusation) Format() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\n%s\n%s\n%s%s\n%s%s\n", accusationLine, a.Kind, separator, a.First, separator, a.Second, separator)
	if a.Kind == kindInconsistent {
		fmt.Fprintf(&b, "%s\n", base64.StdEncoding.EncodeToString(a.Root[:]))
		for _, h := range a.Proof {
			fmt.Fprintf(&b, "%s\n", base64.StdEncoding.EncodeToString(h[:]))
		}
	}
	return b.Bytes()
}

// ParseAccusation reads what Format writes.
func ParseAccusation(b []byte) (Accusation, error) {
	bad := errors.New("not an accusation file")
	if len(b) > maxAccusation {
		return Accusation{}, bad
	}
	parts := strings.Split(string(b), separator+"\n")
	if len(parts) != 4 {
		return Accusation{}, bad
	}
	head := strings.Split(parts[0], "\n")
	if len(head) != 3 || head[0] != accusationLine {
		return Accusation{}, bad
	}
	a := Accusation{Kind: head[1], First: []byte(parts[1]), Second: []byte(parts[2])}
	for i, l := range strings.Fields(parts[3]) {
		h, err := base64.StdEncoding.Strict().DecodeString(l)
		if err != nil || len(h) != 32 {
			return Accusation{}, bad
		}
		if i == 0 {
			a.Root = [32]byte(h)
		} else {
			a.Proof = append(a.Proof, [32]byte(h))
		}
	}
	return a, nil
}
