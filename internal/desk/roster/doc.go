// SPDX-License-Identifier: Apache-2.0

// Package roster is who keeps the watch and when, how each person is reached,
// the hand-overs between them, and the alarms of the watch with what was done
// about them until a person acknowledged.
//
// Invariants:
//
//   - It tells who is to be on watch, and who took it over last; where nobody
//     is entered it says so and names nobody.
//   - Nothing is erased: what is replaced or dropped stays in the journal.
//   - It is a fold of journal entries. A note written twice counts once.
//
// Specification: spec/desk.md section 4.
package roster
