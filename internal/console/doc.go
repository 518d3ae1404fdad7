// SPDX-License-Identifier: Apache-2.0

// Package console is the face of a running station in a browser: how each
// line stands in words, what is owed and awaited, the transcript, and what a
// person may say.
//
// Invariants:
//
//   - Everything is in the binary; a page loads nothing from elsewhere and
//     runs no inline script or style.
//   - Who may do what is data (data/routes). What is not in it, nobody
//     may.
//   - What came from the other side is text, never markup, on every page.
//   - A page that hears nothing from its station says so; it never shows an
//     old state as a new one.
//   - A person acts under their own name. What needs two persons is signed
//     with the keys of two, over the very draft both read.
//
// Specification: docs/explanation/console.md.
package console
