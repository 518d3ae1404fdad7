// SPDX-License-Identifier: Apache-2.0

// Package boot starts a station from its directory: it opens the store, the
// high-water marks and the station keys, and gives them to a host and its
// local interface. What needs the store of a station at rest and persons'
// signatures at once is here too: a new generation (Renew) and an extract
// (Certify).
//
// Invariants:
//
//   - Starting creates nothing: what is missing is an error that says how it
//     is made.
//   - Starting does not touch the party's key; only a new generation does.
//   - What takes two persons is in the journal before it takes effect.
//   - What was opened is closed, also when starting fails half way.
//
// Specification: docs/reference/directory.md.
package boot
