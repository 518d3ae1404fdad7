// SPDX-License-Identifier: Apache-2.0

// Package brief is the state of a line on one page, for whoever has ten
// minutes: what we owe, what we await, when the posts last really spoke, what
// was asked and what came, and what each sentence rests on.
//
// Invariants:
//
//   - It knows only what was known at its hour: a contact counts from when it
//     was learned, a record from when it was held here.
//   - Unknown is null, or said to be unknown; never zero.
//   - Every sentence names the records or sources it rests on.
//   - No sentence of ours evaluates; words that do stand in quotes with their
//     source. Swap the parties and the page is its mirror image.
//   - Rows between posts that are not posts of the line are context: shown,
//     never counted.
//
// Specification: docs/reference/brief.md.
package brief
