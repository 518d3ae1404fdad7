// SPDX-License-Identifier: Apache-2.0

// Package storetest holds the contract suite every store passes, and makes
// the batches it and the stores' own tests save.
//
// Invariants:
//
//   - A batch of a [Source] is one a station could make: its entries are
//     whole, its hashes are those of the tree, its row follows the last.
//   - The same seed makes the same batches.
//
// Specification: the contract of package store.
package storetest
