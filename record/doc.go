// SPDX-License-Identifier: Apache-2.0

// Package record is one thing said on a line, and its only spelling.
//
// A record has three layers, each holding the digest of the next, so that a
// party can show just as much as it must:
//
//   - [Leaf]: when, about what, knowing what. The log hashes it.
//   - [Header]: what kind, by and to which office, answering what.
//   - [Body]: salt, parameters, free text, translations, attachments.
//
// Stored, counted and receipted is only the whole [Entry].
//
// Invariants:
//
//   - Deterministic CBOR (RFC 8949 section 4.2.1): shortest heads, definite
//     lengths, map keys in bytewise order, no tags, floats, null or
//     undefined. What [DecodeLeaf], [DecodeHeader] and [DecodeBody] accept,
//     Encode writes back byte for byte; anything else is a [*SyntaxError].
//   - Every count and length is bounded before anything is allocated.
//   - A matching digest makes an entry whole; validity does not. A layer
//     that does not parse has nothing beneath it.
//
// It has its own small [Reader] and [Writer] because the decoder of the CBOR
// library checks neither key order nor shortest form.
//
// Specification: spec/record.md, spec/record.cddl.
package record
