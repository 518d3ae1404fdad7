// SPDX-License-Identifier: Apache-2.0

// Package model is the protocol without cryptography: a few hundred lines to
// find out, before bytes are fixed, what they must carry. A hash is a short
// string, a root is a chain of them, and a signature is the fact that a
// statement stands in [World.Signed]; so nobody forges, and everybody may
// lie in what they sign themselves.
//
// Parts: what a leaf, a card and a `seen` say, and how a view is read at a
// cut and folded (model.go); the no-reply extract as a choice among signed
// statements (noreply.go); stations that speak, exchange, lie, are restored
// and heal (world.go).
//
// Invariants, held by the tests:
//
//   - After healing, all parties derive equal shared state; it is the same
//     for every linear order that respects the partial order, and for any
//     renumbering of the parties.
//   - The digest an author made at a record is the one any other party makes
//     at the same cut, whatever it holds beyond it.
//   - A lie in `seen` makes no cycle and holds up nobody but the liar.
//   - No announced restore yields two statements that contradict each other.
//   - The no-reply sentence is only printed where it is true.
//
// [Rules] holds one switch for each rule that may be left out; the tests show
// that each such omission is found. What the model settled about the bytes is
// in docs/decisions/0001-model-first.md.
//
// Specification: spec/record.md (seen), spec/identity.md (cards), spec/log.md
// (receipts and timed heads).
package model
