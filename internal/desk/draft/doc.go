// SPDX-License-Identifier: Apache-2.0

// Package draft is what a party has written and not said yet: each wording of
// a draft as it would be recorded, who signed which, and what became of it.
//
// Invariants:
//
//   - A wording does not change: another one is another version, and what was
//     signed before is signed no more.
//   - A version is the very header and body that would be recorded; a
//     signature is over their digest.
//   - Who changes, signs or sends a draft names the version they read; of two
//     who do so at once one is told that it has changed.
//   - It is a fold of journal entries. A note written twice counts once.
//
// Specification: spec/desk.md section 6.
package draft
