// SPDX-License-Identifier: Apache-2.0

// Package secret holds the secret halves of the keys of package identity and
// signs with them: a party's, a generation's, a person's.
//
// Invariants:
//
//   - Secrets never print, whatever the verb; Encode is the one way out.
//   - Keys come from seeds handed in; nothing here draws randomness. Signing is
//     deterministic: a replay makes the same bytes.
//   - A card that would not be accepted is not signed.
//
// Specification: spec/identity.md; C2SP signed-note.
package secret
