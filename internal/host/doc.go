// SPDX-License-Identifier: Apache-2.0

// Package host runs one party's station on its lines: it gives the pure
// machine of package station a clock, a disk and connections.
//
// Each line's station is stepped under the line's lock by whoever has an
// event for it: a saver per line with the outcome of a save, a reader per
// connection with a frame, callers, and the alarm. What the station asks for
// is handed on under the same lock, so that its order is kept: to the saver,
// and to a writer per connection, which alone wait for disks and peers. A
// dialer per peer and one listener for all lines bring connections.
//
// Invariants:
//
//   - Effects are carried out in the order the station gives them. At most
//     one batch of a line is being saved, and the station hears of it before
//     anything that stands on it is sent.
//   - A station that stops (an unknown outcome of a save, a sick disk) ends
//     [Host.Run] with a [*StopError]; nothing is retried over it.
//   - Every queue is bounded. A connection that does not take what is written
//     to it is dropped; it never holds up the station. A peer that sends
//     faster than the station reads waits in its own connection.
//   - While a peer is not connected a new dial is begun every 200 to 400 ms,
//     however long the outage; attempts overlap, each with its own deadline.
//   - When Run returns no goroutine of the host is left and no save is under
//     way.
//
// Time that a station signs comes from [Clock]; the network's own deadlines
// and the pace of dialing are real time, so that a station may live in a
// told story while its connections do not.
//
// Specification: spec/link.md sections 4 and 7; spec/station.md.
package host
