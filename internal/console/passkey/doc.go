// SPDX-License-Identifier: Apache-2.0

// Package passkey lets people enter the console by a passkey (WebAuthn) and
// keeps what is public of each in a file.
//
// Invariants:
//
//   - A passkey is made and used with the person verified (PIN, finger), for
//     one name, from that name's pages alone, and lies in the authenticator so
//     that entering is one touch.
//   - A challenge is used once, for what it was asked for, within minutes.
//   - A counter that does not rise is a copy until a person has looked: the
//     passkey opens nothing more.
//   - A revocation is a file of its own, which nothing takes back: a use that
//     was under way cannot write over it.
//
// Specification: https://www.w3.org/TR/webauthn-3/; docs/explanation/console.md.
package passkey
