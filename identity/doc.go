// SPDX-License-Identifier: Apache-2.0

// Package identity says who speaks: parties, their keys by role, the cards
// that carry them, and fingerprints in words.
//
// Invariants:
//
//   - A party key is a pair, Ed25519 and ML-DSA-44. Both sign every card and
//     every agreement; one alone is refused.
//   - Each role has a type and a text prefix of its own, every statement
//     begins with a domain tag, and a card in which one key has two roles is
//     refused: no signature can be moved to another role, line or origin.
//   - A station card opens exactly one generation of one party's log on one
//     line; its keys never change within it.
//   - Cards are C2SP signed notes over text with one spelling: what parses
//     formats to the same bytes.
//   - A key under which anyone could sign is no key: it is refused where it
//     is read.
//   - There is no secret here, no randomness and no hour: package secret
//     holds the other halves and signs.
//
// What depends on other cards (is this generation newer, is its base above
// every number held) is judged where the others are known, in package mirror.
//
// Specification: spec/identity.md; C2SP signed-note.
package identity
