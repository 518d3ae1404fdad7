// SPDX-License-Identifier: Apache-2.0

// Package desk is a party's private affairs: what it knows from elsewhere and
// what it makes of it. Its rooms are contact (when two posts last really
// spoke, and who says so), brief (the state of a line on one page), mandate
// (what the watch may send alone), deliberation (a question, who favours
// what, the decision) and roster (who is on watch, and the log of a night).
// Here is what they share: entries of the journal, and how notes are written.
//
// Invariants:
//
//   - Nothing of it is ever sent to the other station.
//   - It is pure: contacts, the state of the line and the hour come in as
//     arguments; a page comes out.
//   - Unknown is never zero, and no sentence of ours evaluates.
//
// Specification: docs/reference/contacts.md, docs/reference/brief.md,
// spec/desk.md.
package desk
