// SPDX-License-Identifier: Apache-2.0

package tlog

import (
	"bytes"
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
	separator      = "----\n"
	maxAccusation  = 2*maxNote + 8<<10
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

var errBothTrue = errors.New("the statements can both be true")

// Verify reports whether the accusation proves itself with the signer's
// keys. Any two of the signer's statements count, in each role: whoever
// cosigns says *consistent* of that log as its author does.
func (a Accusation) Verify(k Keys) error {
	open := openHead
	if a.Kind == kindSizeFell {
		open = openTimed
	}
	first, err := open(a.First, k)
	if err != nil {
		return fmt.Errorf("first statement: %w", err)
	}
	second, err := open(a.Second, k)
	if err != nil {
		return fmt.Errorf("second statement: %w", err)
	}
	if first.Origin != second.Origin {
		return errors.New("the statements are of different logs")
	}
	return a.judge(first, second)
}

func (a Accusation) judge(first, second statement) error {
	switch a.Kind {
	case kindTwoRoots:
		if first.Size == second.Size && first.Root != second.Root {
			return nil
		}
		return errBothTrue
	case kindInconsistent:
		if second.Root == a.Root {
			return errBothTrue
		}
		return CheckConsistency(a.Proof, first.Size, first.Root, second.Size, a.Root)
	case kindSizeFell:
		if first.at < second.at && first.Size > second.Size || first.at > second.at && first.Size < second.Size {
			return nil
		}
		return errBothTrue
	}
	return fmt.Errorf("unknown kind of accusation %.80q", a.Kind)
}

// statement is what one signature of a generation says of a head.
type statement struct {
	Checkpoint
	at uint64 // zero under the log key, which signs no time
}

// openHead takes a signature of any of the generation's roles.
func openHead(msg []byte, k Keys) (statement, error) {
	c, err := OpenCheckpoint(msg, k.Log)
	if err == nil {
		return statement{Checkpoint: c}, nil
	}
	if s, terr := openTimed(msg, k); terr == nil {
		return s, nil
	}
	return statement{}, err
}

// openTimed takes a cosignature, classical or post-quantum.
func openTimed(msg []byte, k Keys) (statement, error) {
	text, _, ok := bytes.Cut(msg, []byte("\n\n"))
	if !ok {
		return statement{}, errors.New("not a cosigned note")
	}
	c, err := ParseCheckpoint(string(text) + "\n")
	if err != nil {
		return statement{}, err
	}
	at, err := CosignatureIn(msg, c, k.Cosigner)
	if errors.Is(err, errOtherKey) {
		at, err = CosignatureIn(msg, c, k.CosignerPQ)
	}
	return statement{c, at}, err
}

// Format writes the accusation as a text file.
func (a Accusation) Format() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\n%s\n%s%s%s%s%s", accusationLine, a.Kind, separator, a.First, separator, a.Second, separator)
	if a.Kind == kindInconsistent {
		for _, h := range append([][32]byte{a.Root}, a.Proof...) {
			fmt.Fprintf(&b, "%s\n", encodeHash(h))
		}
	}
	return b.Bytes()
}

// ParseAccusation reads what Format writes, and nothing else.
func ParseAccusation(b []byte) (Accusation, error) {
	if len(b) > maxAccusation {
		return Accusation{}, fmt.Errorf("parse accusation: larger than %d bytes", maxAccusation)
	}
	parts := strings.Split(string(b), separator)
	if len(parts) != 4 {
		return Accusation{}, errors.New("parse accusation: not three dashed lines around two notes")
	}
	kind, ok := strings.CutPrefix(parts[0], accusationLine+"\n")
	if !ok {
		return Accusation{}, fmt.Errorf("parse accusation: does not begin with %q", accusationLine)
	}
	a := Accusation{Kind: strings.TrimSuffix(kind, "\n"), First: []byte(parts[1]), Second: []byte(parts[2])}
	if err := a.parseHashes(strings.Fields(parts[3])); err != nil {
		return Accusation{}, fmt.Errorf("parse accusation: %w", err)
	}
	if !bytes.Equal(a.Format(), b) {
		return Accusation{}, errors.New("parse accusation: not in its one spelling")
	}
	return a, nil
}

func (a *Accusation) parseHashes(lines []string) error {
	switch a.Kind {
	case kindTwoRoots, kindSizeFell:
		return nil
	case kindInconsistent:
	default:
		return fmt.Errorf("unknown kind %.80q", a.Kind)
	}
	if len(lines) == 0 || len(lines) > 1+maxProof {
		return fmt.Errorf("a root and at most %d hashes follow, not %d lines", maxProof, len(lines))
	}
	for i, l := range lines {
		h, ok := decodeHash(l)
		if !ok {
			return fmt.Errorf("hash %d is not 32 bytes in base64", i)
		}
		if i == 0 {
			a.Root = h
			continue
		}
		a.Proof = append(a.Proof, h)
	}
	return nil
}
