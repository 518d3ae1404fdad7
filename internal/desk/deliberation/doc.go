// SPDX-License-Identifier: Apache-2.0

// Package deliberation is how a party makes up its mind, kept to itself: a
// question, its options, who favours or opposes them and how strongly, with
// the arguments and whose word that is, the decision, and the records on the
// line it led to.
//
// Invariants:
//
//   - Nothing is erased: a later decision stands beside the earlier one, a
//     later position of the same person or body beside the earlier.
//   - What becomes known to the other side is a record somebody says on the
//     line; a deliberation only names it.
//   - It is a fold of journal entries. A note written twice counts once.
//
// Specification: spec/desk.md section 3.
package deliberation
