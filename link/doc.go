// SPDX-License-Identifier: Apache-2.0

// Package link is one channel between two stations over one bearer: a state
// machine that proves both ends, moves opaque payloads in bounded frames,
// keeps count of what each side holds, and notices silence.
//
// Invariants:
//
//   - It opens no socket, reads no clock and starts no goroutine. Frames and
//     the monotonic time come in as arguments; frames and events go out.
//   - Nothing but a hello is accepted first, and a hello is accepted only
//     with the other station's ML-DSA signature over this very session's
//     exported keying material, bound to line and role, so that no session
//     can be reflected or replayed.
//   - It never looks into a payload. Whether a package may be kept is decided
//     by whoever runs the session (package mirror); until that one says so,
//     by a larger [Have], the package occupies nothing but its window.
//   - Until then nothing but its own hello leaves.
//   - Every frame is bounded before it is parsed: its length, each count,
//     each string, the rate at which frames may come, and the bytes of
//     packages that may come before some of them are said to be held. No
//     input makes a session grow without bound.
//   - Frames may be lost, doubled or come in any order after the hello;
//     the state reached depends only on the largest Have of each log.
//
// Specification: spec/link.md. The bytes are written with package record's
// CBOR cursor, the only thing link takes from another room besides names.
package link
