// SPDX-License-Identifier: Apache-2.0

// Package evidence reads and judges the two files that carry their own proof:
// a C2SP tlog-proof, that one entry is in a log, and an accusation, that two
// statements of one signer cannot both be true.
//
// Invariants:
//
//   - A file is bounded before it is taken apart.
//   - Nobody's word is needed but the signer's: both are verified with the
//     keys of a station card.
//
// Specification: spec/log.md; C2SP tlog-proof.
package evidence
