// SPDX-License-Identifier: Apache-2.0

// Package draft is what the parties do before an agreement is in force: they
// write a text to negotiate from, read what a next version changes, print the
// copy that names each of them first, and sign.
//
// Invariants:
//
//   - A draft parses as it stands, and says all that the version before it
//     said but for what was asked.
//   - Only a text that parses and names the signer with this very key is
//     signed.
//
// Specification: spec/agreement.md.
package draft
