// SPDX-License-Identifier: Apache-2.0

// Package store says what a station keeps on disk: the types of a batch that
// is saved as one transaction, and of what is read back.
//
// It holds no disk itself. [openline/internal/store/sqlite] keeps it in a
// file, [openline/internal/station/stationtest] has a model of it for
// simulations; both pass the contract suite of
// [openline/internal/store/storetest].
//
// Invariants every implementation holds:
//
//   - A [Batch] is saved whole or not at all. Once Save has returned nil it
//     survives a power cut.
//   - Numbers, leaf times and signed times come from one locked [Row] of the
//     line. Save carries the row its batch was built on and refuses with
//     [ErrConflict] when another one is stored.
//   - A log only grows, without a gap, and every entry comes with the hashes
//     of the tree that it adds.
//   - Header and body of an entry are taken away only by a [Removal] whose
//     record names what the entry concerns; the leaf and all hashes stay, it is
//     marked by which record, and the bytes are wiped from the disk.
//   - A token is stored once: what was recorded under it is never recorded
//     again.
//   - Readers see saved batches only.
//   - After [ErrSick] or [ErrCorrupt] nothing more is saved until the store
//     was opened anew: an error from a flush leaves the outcome unknown.
//
// It judges no signature and no meaning: what is saved was verified before.
//
// Specification: spec/log.md, spec/mirror.md, spec/station.md.
package store
