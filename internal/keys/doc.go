// SPDX-License-Identifier: Apache-2.0

// Package keys keeps secrets at rest: sealed under a passphrase or an
// unattended secret, one to a file, and gives them back.
//
// Invariants:
//
//   - A secret touches the disk sealed only. The format is age, armored, so
//     that the age tool opens a file too when all else is lost.
//   - A passphrase costs scrypt, and the memory it took is given back before
//     the call returns. An unattended secret is 32 random bytes and costs no
//     scrypt: a station starts with it in milliseconds.
//   - A key file is for its owner alone (0600); one that others may read is
//     refused, not repaired: who has read it is no longer known.
//   - A file is whole or absent, and a key is never overwritten by another:
//     ReplaceFile seals the same secret anew.
//   - The party's key is a file of its own, in no backup; the station runs
//     without it.
//
// The package reads no environment and asks no one: the caller hands in the
// values (Source). New keys are drawn here, from the system's random source;
// what they are is package identity's word.
//
// Specification: spec/identity.md section 8.
package keys
