// SPDX-License-Identifier: Apache-2.0

package tlog

import (
	"bytes"
	"fmt"
)

// Kinds of accusation.
const (
	KindTwoRoots     = "two roots at one size"
	KindInconsistent = "a head that does not extend an earlier one"
	KindSizeFell     = "a size that falls while time rises"
)

// How an accusation is written (spec/log.md).
const (
	AccusationLine = "openline accusation 1"
	Separator      = "----\n"
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
	return Accusation{Kind: KindTwoRoots, First: first, Second: second}
}

// Inconsistent accuses with a signed head, and another at a smaller size
// where the first log had another root, proven.
func Inconsistent(first, second []byte, root [32]byte, proof [][32]byte) Accusation {
	return Accusation{Kind: KindInconsistent, First: first, Second: second, Root: root, Proof: proof}
}

// SizeFell accuses with two cosignatures: a later time over a smaller size.
func SizeFell(first, second []byte) Accusation {
	return Accusation{Kind: KindSizeFell, First: first, Second: second}
}

// Format writes the accusation as a text file.
func (a Accusation) Format() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\n%s\n%s%s%s%s%s", AccusationLine, a.Kind, Separator, a.First, Separator, a.Second, Separator)
	if a.Kind == KindInconsistent {
		for _, h := range append([][32]byte{a.Root}, a.Proof...) {
			fmt.Fprintf(&b, "%s\n", FormatHash(h))
		}
	}
	return b.Bytes()
}
