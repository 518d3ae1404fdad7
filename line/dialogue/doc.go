// SPDX-License-Identifier: Apache-2.0

// Package dialogue is how a series of meetings stands, and the forums run by
// others at which they were to be.
//
// A series is known by its name. Its meetings are dossiers of package
// dossier; its stage is the newest word on it (MT04), and words that crossed
// stand side by side. A forum called off by its organisers (FM01) takes with
// it the meetings planned there that had not seen it called off; a call at the
// same hour is offered in their place until the parties say otherwise.
//
// Invariants:
//
//   - Held is what a side said was held; due, missed and lapsed are reckoned
//     at an hour.
//   - Who moves next is named only where an act says whose word is awaited.
//   - The newest 1024 words of each party are read, of a series the newest 64
//     meetings.
//
// Specification: spec/line.md section 12.
package dialogue
