// SPDX-License-Identifier: Apache-2.0

// Package demo plays a story on a line between two real stations: their own
// directories, keys, SQLite stores and TLS on loopback, in one virtual time
// that goes on only when both rest.
//
// Invariants:
//
//   - Nothing is shown that did not happen: every line printed is read back
//     from a station or from the story's own data, with its label.
//   - The line's agreement is an exercise for good; its extracts say that the
//     parties named never used this line.
//   - It listens on loopback only.
//
// Specification: docs/explanation/story.md.
package demo
