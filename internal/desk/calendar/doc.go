// SPDX-License-Identifier: Apache-2.0

// Package calendar gives the invitations, forums, reviews and closed hours of
// a line to the calendars of aides (RFC 5545), and reads what they answer
// there (iTIP, RFC 5546) into drafts.
//
// Invariants:
//
//   - The UID of an event is the name of its record and the line, and its
//     SEQUENCE and DTSTAMP follow from the newest act about it: importing a
//     newer file updates, importing the same changes nothing.
//   - A meeting is CONFIRMED once it is confirmed on the line, agenda
//     included; what was declined, withdrawn or called off is CANCELLED; all
//     else is TENTATIVE.
//   - Addresses end in .invalid, so that no calendar program sends anything to
//     anybody.
//   - What is read becomes drafts; nothing is said by reading.
//   - It is pure: no clock, no file; zones come in as an argument.
//
// Specification: docs/reference/calendar.md.
package calendar
