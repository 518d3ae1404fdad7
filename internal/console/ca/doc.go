// SPDX-License-Identifier: Apache-2.0

// Package ca vouches for the names by which a party's own people open its
// console: a small certification authority of the station, or a certificate
// that the party brings.
//
// Invariants:
//
//   - The authority can vouch for the names it was made for and for no others
//     (name constraints), so that whoever imports it trusts this station's
//     names and nothing more, even should its key be lost.
//   - Its key lies sealed, as the station's keys do; keys of server
//     certificates lie nowhere and end with the process.
//   - A certificate is renewed long before it ends, by the handshake that
//     finds it old. Nothing waits for a person.
//   - TLS 1.3 alone is spoken, with X25519MLKEM768 wherever the browser has it.
//
// Specification: docs/explanation/console.md.
package ca
