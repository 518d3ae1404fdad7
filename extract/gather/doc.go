// SPDX-License-Identifier: Apache-2.0

// Package gather makes extracts: it collects chosen records, a whole line or
// a no-reply extract from a station's store, and writes them as one canonical
// zip.
//
// Follow one through it: a station's store stands behind [Source]; [Choose]
// and [NoReplyTo] gather a [Contents] from it; [Contents.Stream] puts it into
// bytes. Nothing here has to be trusted: whoever exports verifies the result
// with package extract before it is handed out, as its reader will.
//
// Invariants:
//
//   - A log is read in pieces: memory does not grow with it.
//   - The same contents give the same bytes.
//
// Pure: no clock, no randomness, no file.
//
// Specification: spec/extract.md.
package gather
