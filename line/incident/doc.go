// SPDX-License-Identifier: Apache-2.0

// Package incident is an incident or a danger under its one number: where and
// when, what is held for sure and what is not, who was asked to explain and
// what came.
//
// The number is the name of the record that opened it; every later word on
// either side is about that record.
//
// Invariants:
//
//   - Nothing is said about whose doing it was but by the party itself, in one
//     of three words (ours, not ours, we do not say).
//   - A holding reply carries the hour of the next word; it is not an answer.
//   - The suggested hours of an explanation are shown beside the clock that
//     the answering side declared, and move nothing.
//   - The newest 1024 of each party are listed, the lists in one are bounded.
//
// Specification: spec/line.md section 14.
package incident
