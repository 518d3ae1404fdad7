// SPDX-License-Identifier: Apache-2.0

// Package hours turns the hours a desk keeps by its own clocks and holidays
// into what is declared of them on a line (CK01): weekly intervals in UTC with
// dated exceptions, so that nobody else needs its time zone or its holidays.
//
// Invariants:
//
//   - What is declared opens and closes at the very second at which the local
//     rules do, over the whole period declared for: each declaration holds for
//     a stretch without a change of offset, and every difference that is left
//     between its weekly pattern and the rules is an exception.
//   - A shift belongs to the day on which it begins: a holiday closes the
//     shifts that begin on it, whole, and no other.
//   - A local time that a change of offset skips is the moment of the change;
//     one that occurs twice is the first.
//   - At most seven declarations, the number a fold looks back to; a period
//     that needs more is an error.
//   - It is pure: the zone and the holidays come in as arguments.
//
// Specification: docs/reference/hours.md, spec/line.md.
package hours
