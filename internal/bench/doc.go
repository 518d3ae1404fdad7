// SPDX-License-Identifier: Apache-2.0

// Package bench measures two real stations on loopback, each figure beside
// the physical limit measured in the same run.
//
// Invariants:
//
//   - One station is a process of its own; the other runs beside the driver.
//     Both are what `openline serve` runs: SQLite, TLS, real signatures.
//   - A ratio compares what was measured in one run on one machine. Nothing
//     here passes or fails by a time.
//
// Specification: docs/explanation/performance.md.
package bench
