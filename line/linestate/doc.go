// SPDX-License-Identifier: Apache-2.0

// Package linestate says how a line stands in three sentences: wire, watch
// and offices, kept apart because that is what nobody could tell.
//
// Invariants:
//
//   - Each sentence has its reasons and since when; what is not known is said
//     to be unknown, never zero.
//   - No sentence evaluates. Swap the parties and watch and offices are each
//     other's mirror image; the wire is each side's own measurement.
//   - Words are data, one file per language.
//
// Specification: spec/line.md section 7.
package linestate
