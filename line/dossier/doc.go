// SPDX-License-Identifier: Apache-2.0

// Package dossier is what became of an invitation: to a call, a video call, a
// meeting, or a sounding whether a call would be convenient.
//
// One number holds attempts, reminders, redirections, counter-proposals,
// delegation, conditions, withdrawal, lapse and renewal together, over years
// and changes of office-holder. Side by side stand the acts that crossed.
//
// Invariants:
//
//   - A redirected request keeps its number, its clock and its courtesy, and
//     awaits the office that was named. In a circle of redirections it awaits
//     the party that made the circle.
//   - A meeting is not confirmed while an item of its agenda is open, and no
//     party agrees an item alone.
//   - That two matters are one takes an act in each; it ends and changes
//     neither of them.
//   - Read-outs are shown once each party that sealed one has opened it.
//   - Lapse is reckoned from the windows that were offered, at an hour.
//   - The newest 4096 of each party are listed, all are counted; the lists in
//     one are bounded.
//
// Specification: spec/line.md section 11.
package dossier
