// SPDX-License-Identifier: Apache-2.0

// Package contact is what a party knows of contacts between posts, imported
// from CSV or JSON: when, who, at which level, by which channel, on whose
// word, when it was published and when it was learned.
//
// Invariants:
//
//   - An import with a fault imports nothing. Every fault has its line and
//     column.
//   - Importing the same rows twice changes nothing: a contact is its own
//     name ([Contact.ID]).
//   - Contradictions stand side by side; nothing is merged away.
//
// Specification: docs/reference/contacts.md.
package contact
