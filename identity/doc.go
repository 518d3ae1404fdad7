// SPDX-License-Identifier: Apache-2.0

// Package identity says who speaks: parties, their keys by role, the cards
// that carry them, and fingerprints in words.
//
// Invariants:
//
//   - A party key is a pair, Ed25519 and ML-DSA-44. Both sign every card and
//     every agreement; one alone is refused.
//   - Each role has a type and a text prefix of its own, and every statement
//     begins with a domain tag: no signature can be moved to another role.
//   - A station card opens exactly one generation of one party's log on one
//     line; its keys never change within it.
//   - Cards are C2SP signed notes over text with one spelling: what parses
//     formats to the same bytes.
//   - Keys come from seeds handed in; nothing here draws randomness.
//
// Specification: spec/identity.md; C2SP signed-note.
package identity
