// SPDX-License-Identifier: Apache-2.0

// Package mark keeps a line's high-water mark on a second path: the newest
// head this station signed, its last signed time, and the receipts it holds
// for it, so that a restored disk is known for what it is.
//
// Invariants:
//
//   - A mark is flushed before Write returns. A failed write or flush is
//     final: the file takes no more.
//   - Two slots are written in turn, each with its sequence number and a
//     checksum, so that a cut in the middle of one leaves the other. The
//     newest whole one counts.
//   - The file is as long on its first day as on its last: writing a mark
//     needs no room on a full disk.
//   - One process has a mark open at a time. A missing mark is an error and
//     never an empty one: a lost mark is a reason for a new generation.
//
// Specification: spec/station.md.
package mark
