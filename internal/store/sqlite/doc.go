// SPDX-License-Identifier: Apache-2.0

// Package sqlite keeps a station's lines in one SQLite file.
//
// Invariants:
//
//   - One batch is one transaction in WAL mode with synchronous=FULL: Save
//     returns after the flush and never before.
//   - After a failed write or flush nothing more is saved. Checkpoints of the
//     WAL are made here and not by SQLite, which keeps silent when their
//     flush fails and would then drop the WAL.
//   - Keys on the hot path are integers that grow; there is no index over
//     hashes.
//   - Every page carries a checksum that is verified when it is read.
//   - One process has a data directory open: it is locked by the system.
//   - One connection writes and one reads; neither maps the file into memory,
//     and both keep a small cache.
//
// The design and its measured costs are told in docs/explanation/storage.md.
//
// Specification: the contract of package store; spec/log.md, spec/mirror.md.
package sqlite
