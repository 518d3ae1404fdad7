// SPDX-License-Identifier: Apache-2.0

// Package mapping writes incidents and notices of a line as GeoJSON (RFC 7946)
// and as Common Alerting Protocol 1.2, and reads both into drafts.
//
// Invariants:
//
//   - A position keeps its hundred-thousandths of a degree exactly, both ways;
//     GeoJSON has the longitude first, CAP and the line the latitude.
//   - A zone carries the party that declared it. An exercise is an exercise in
//     every format.
//   - What is not known stays unknown: urgency, severity and certainty of CAP
//     are Unknown, since no phrase says them.
//   - Files are bounded before they are parsed: 1 MiB, 1,000 features, 256
//     corners, 32 levels. No input panics.
//   - What is read becomes drafts; nothing is said by reading.
//   - It is pure.
//
// Specification: docs/reference/maps.md.
package mapping
