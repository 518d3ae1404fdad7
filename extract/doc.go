// SPDX-License-Identifier: Apache-2.0

// Package extract verifies certified extracts of the record offline: chosen
// records or a whole line at the depth wished, and the no-reply extract,
// which shows what was asked, when the other side says it received it, and
// that at a later time it signed, its log held nothing that names the request
// as what it replies to.
//
// Follow one through it: package gather collects an extract and package
// layout spells it; [Verify] takes it apart again: container and digests,
// agreement, catalogue and cards (verify.go), signed heads (heads.go), the
// logs leaf by leaf (walk.go), and for a no-reply extract the fifteen steps
// (noreply.go, words.go). What holds stands in a [Report].
//
// Invariants:
//
//   - An extract has one spelling: every byte of the container follows from
//     the names and the bytes of its files, and a digest list covers these.
//   - Everything is bounded before it is parsed, and verified before it is
//     shown. A log is walked in pieces: memory does not grow with it.
//   - What does not hold is a [*Fault] that names the file and the step. What
//     holds but does not carry the sentence is in the report, with the step.
//   - The no-reply sentence is printed only where the exporter signed that it
//     held nothing later; it claims no hour and imputes nothing.
//
// Pure: bytes in, bytes out; no clock, no randomness, no file.
//
// Specification: spec/extract.md.
package extract
