// SPDX-License-Identifier: Apache-2.0

// Package mandate is what the watch may send alone, per alert state, as its
// party has settled it; everything else needs release by a second person. The
// table is data, the alert states are named by the party, and both are
// changed by two persons only.
//
// Invariants:
//
//   - A mandate only ever asks for more than the catalogue: what the catalogue
//     gives to two persons, or to the machine, no table gives to the watch.
//   - What no rule allows needs a second person.
//   - It is a fold of journal entries; it is never sent.
//
// Specification: spec/desk.md section 2.
package mandate
