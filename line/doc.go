// SPDX-License-Identifier: Apache-2.0

// Package line is what records mean, folded alike on both sides.
//
// Shared state ([Fold.Thing], [Fold.Digest]) follows from the records alone:
// it is a function of the partial order of acts that the leaves' seen makes
// of them, and has equal bytes on both sides at equal positions. Reckoned
// state ([Fold.Reckon], package linestate) adds the signed times a side holds
// and the hour; each of its findings names the signature it stands on.
//
// Invariants:
//
//   - Any order of [Fold.Add] that keeps each log's own order gives the same
//     state. Ties only sort the printed page.
//   - Acts that crossed on the way both stand.
//   - What an act meant is judged in its own causal past; a late record may
//     complete that past and never overturns what was judged.
//   - A malformed, forbidden or absurd record breaks nothing: it is an entry
//     that says so.
//   - Memory follows open things. A thing that awaits nothing is folded into
//     a sum and read back through [Source] if it is touched again.
//
// Specification: spec/line.md.
package line
