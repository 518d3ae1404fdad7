// SPDX-License-Identifier: Apache-2.0

// Package suspension is which classes of traffic a party has suspended, until
// which review, and what of it was resumed.
//
// Invariants:
//
//   - Tests, distress, accidents and resumption are suspended by nobody: a
//     record that says so is listed and has no effect.
//   - Only who suspended resumes.
//   - Whether an act was of a suspended class is judged by what its author had
//     seen and by its own signed time, never by what came later.
//   - The newest 256 statements of each party are read.
//
// Specification: spec/line.md section 13.
package suspension
