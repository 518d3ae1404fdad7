// SPDX-License-Identifier: Apache-2.0

// Package home is one station's directory: what lies where, and how it comes
// to be there.
//
//	station.toml                    who we are, where to listen and dial, where the mark lies
//	party.card                      this party's card, for carrying by hand
//	cards/<party>.card              the cards of others, taken in
//	keys/                           sealed keys (package keys)
//	people/<name>.pub               the public keys of the persons of this party
//	lines/<line>/agreement-<n>.note each version of the agreement, signed by all
//	lines/<line>/catalogue-<n>/     the catalogue that version names
//	lines/<line>/card-<g>.note      our own station card of each generation
//	openline.db                     the logs and the journal (package sqlite)
//
// Invariants:
//
//   - Start-up refuses to guess: what is missing is an error; creating it is a
//     separate, deliberate act.
//   - A file is written whole or not at all, for its owner alone, and flushed.
//     A signed file is never overwritten by another.
//   - What others wrote is verified before it is taken in.
//   - The party's key is needed for opening lines and generations only; the
//     station runs without it.
//
// Specification: docs/reference/directory.md.
package home
