// SPDX-License-Identifier: Apache-2.0

// Package acts gives the acts of a line their everyday names: remind, meet,
// incident report. It is a table beside the catalogue, which alone says what
// an act means; the commands and the local interface are made from it.
//
// Invariants:
//
//   - Every phrase a person can say has a name, and one meaning has one name;
//     a test holds the table to the catalogue, parameter by parameter.
//   - What is named is said as any other phrase: checked by the same rules.
//   - It is pure data.
//
// Specification: docs/reference/cli.md, spec/catalogue.md.
package acts
