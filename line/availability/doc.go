// SPDX-License-Identifier: Apache-2.0

// Package availability is how a line was kept, by day and by month: the line
// tests each side said, those the other side's records show it had, those
// that persons read at the set minutes, what was explained, and when desks
// opened and closed.
//
// Invariants:
//
//   - It is a function of the records at a cut alone: both stations give
//     equal values at equal cuts, and the mirror image when the parties are
//     exchanged. Receipts and clocks of a station do not enter.
//   - A set minute counts as missed only once the reading side itself said
//     something after the next one: by its own word that hour had passed.
//   - What is not shown yet is counted as not shown, never as lost.
//   - One stretch of at most [MaxDays] days is made at a time.
//
// Specification: spec/line.md section 16.
package availability
