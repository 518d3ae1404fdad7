// SPDX-License-Identifier: Apache-2.0

// Package tls carries frames over TLS 1.3: a pipe without opinions.
//
// Invariants:
//
//   - TLS 1.3 with X25519MLKEM768 and nothing else; both ends present one
//     certificate, of an Ed25519 key and with a card, and Config.VerifyPeer,
//     not any CA, decides whether it is the peer's. Session tickets are off,
//     so that it is asked every time.
//   - A frame is a length of four bytes and that many bytes; a larger length
//     than agreed ends the connection before anything is allocated, and
//     memory follows the bytes that come, not the length that was announced.
//   - A stranger costs little: handshakes are bounded in number, by source
//     and in time, and strangers cannot take the slots of sources that have
//     proven themselves. Proven connections are bounded too.
//
// The certificate is self-signed and carries an opaque extension: the
// station card that says whose key it is.
//
// Specification: spec/link.md section 4.
package tls
