// SPDX-License-Identifier: Apache-2.0

// Package ical reads and writes iCalendar files (RFC 5545) for the rooms of
// the desk: bounded before anything is parsed, folded when written.
//
// The model and the grammar are those of github.com/emersion/go-ical. It does
// not fold long lines, reads a time zone from the machine's disk, loses RDATE,
// and gives way on some faulty lines; so this room folds, takes zones as an
// argument, expands recurrences itself and stands around the parser.
//
// Invariants:
//
//   - A file of at most 4 MiB, 100,000 lines, 5,000 components, 500 rules of
//     recurrence and 8 levels is read; more is an error before the parser sees
//     it. No input panics.
//   - What is written has CRLF line ends and no line above 75 octets, and no
//     character of UTF-8 is parted.
//   - A zone is one the caller knows, or one the file itself defines
//     (VTIMEZONE); nothing is guessed.
//   - It is pure: no clock, no file.
//
// Specification: docs/reference/calendar.md.
package ical
