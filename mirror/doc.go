// SPDX-License-Identifier: Apache-2.0

// Package mirror keeps a verified copy of another party's logs on one line
// and decides what may be cosigned.
//
// Invariants:
//
//   - Nothing is taken that is not under a head the other party signed, and
//     nothing less than whole entries: leaf, header and body, each matching
//     the digest above it. Validity is not asked: a malformed record is
//     taken, receipted and shown as such, so that one bad record never
//     blocks the good ones behind it.
//   - Never two histories, never backwards, never what is not stored whole:
//     [Mirror.Cosignable] offers only the newest head whose every entry has
//     been taken and which extends all it offered before.
//   - Statements that cannot both be true become a [tlog.Accusation], which
//     proves itself to anyone; from then on that generation is not cosigned.
//     Heads whose entries have not come are remembered, never cosigned, and
//     block nothing.
//   - It applies what it takes in memory at once. Its owner saves the same
//     batch before any byte leaves; if the save fails the owner stops and
//     begins again from what is stored.
//   - What a party lost of its own ended generations is given back under its
//     own signed head ([Mirror.GiveBack]); it takes it in a mirror of its own
//     logs (Config.Own), by the same rules.
//   - No clock, no disk: hashes already stored are read through a
//     [tlog.HashReader].
//
// Specification: spec/mirror.md; what a receipt says, in spec/log.md.
package mirror
