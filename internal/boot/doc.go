// SPDX-License-Identifier: Apache-2.0

// Package boot starts a station from its directory: it opens the store, the
// high-water marks and the station keys, and gives them to a host and its
// local interface.
//
// Invariants:
//
//   - Nothing is created here: what is missing is an error that says how it
//     is made.
//   - The party's key is not touched.
//   - What was opened is closed, also when starting fails half way.
//
// Specification: docs/reference/directory.md.
package boot
