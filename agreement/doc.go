// SPDX-License-Identifier: Apache-2.0

// Package agreement is the text that all parties of a line signed: who they
// are, by which keys, in which languages, with which catalogue, schedule,
// ceilings and clauses.
//
// Invariants:
//
//   - The text is TOML a diplomat can read and print, without tabs, carriage
//     returns or control characters, and it is what is signed: nothing is
//     derived from it that is not in it.
//   - It is valid only with both signatures (Ed25519 and ML-DSA-44) of every
//     party it names. Nothing in it is negotiated by machines.
//   - An unknown key, a missing one, a doubled party, an absurd ceiling: each
//     is an [*Error] that names the line and the field.
//   - Standing (actual or exercise), line id and party numbers never change
//     from one version to the next.
//
// Specification: spec/agreement.md.
package agreement
