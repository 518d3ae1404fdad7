// SPDX-License-Identifier: Apache-2.0

// Package asof finds how a line stood at an hour, from what is stored: a
// fresh fold over the records that were held here by then, reckoned with the
// signed times that are not later.
//
// Own records count by the time of their leaf. Another party's count from the
// time this station first signed that it had them: by a receipt, or by the
// seen of a leaf of its own.
//
// Invariants:
//
//   - What came after the hour changes nothing of what is found.
//   - It reads stored records only; which bearers were up is not recorded,
//     and not guessed.
//   - Timed heads count for clocks only: of those, the store keeps the ones
//     that ended one.
//   - It changes nothing and needs no running station.
//
// Specification: docs/reference/brief.md.
package asof
