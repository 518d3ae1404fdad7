// SPDX-License-Identifier: Apache-2.0

// Package alert calls the watch: what awaits a person here rings the console
// at once, and then, rung by rung, a local command (siren, lamp), e-mail, a
// webhook or ntfy, and a browser's push service, until a person acknowledges.
//
// Invariants:
//
//   - Every alarm, every rung tried and every acknowledgement stands in the
//     journal; a station that starts anew goes on where the journal stops.
//   - It is quiet as soon as anybody acknowledges, anywhere, or a person here
//     has replied. What was acknowledged and then left is raised once more.
//   - A way that does not answer holds up no other, nor the station: each try
//     ends by itself and is written down with what came of it.
//   - What is sent out says that something awaits, never its words: mail and
//     push pass through others' hands.
//
// Specification: docs/reference/alerts.md.
package alert
