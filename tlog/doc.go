// SPDX-License-Identifier: Apache-2.0

// Package tlog is the append-only log: tree, checkpoints, proofs and
// cosignatures.
//
// A receipt is a cosignature by the other party over a checkpoint; a timed
// head is the same over one's own. Both are C2SP tlog-cosignature, so that
// standard tools verify them.
//
// Invariants:
//
//   - The tree is that of RFC 6962 section 2.1. A [Tree] keeps its right edge
//     only: memory does not grow with the log, and opening one reads a few
//     hashes.
//   - A checkpoint has an origin, a size and a root, and nothing else:
//     meaning never goes into extension lines, which ML-DSA cosignatures do
//     not cover.
//   - Statements that cannot both be true become an [Accusation], which
//     verifies by itself with nothing but the signer's public key.
//
// Specification: spec/log.md; C2SP tlog-checkpoint, tlog-cosignature,
// tlog-proof, signed-note.
package tlog
