// SPDX-License-Identifier: Apache-2.0

// Package layout is the bytes of an extract: the canonical zip, the names of
// its files, its title, and the items of a file of entries.
//
// Invariants:
//
//   - There is one spelling. What is read is written anew and compared.
//   - Everything is bounded before it is allocated.
//
// Specification: spec/extract.md section 3.
package layout
