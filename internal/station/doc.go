// SPDX-License-Identifier: Apache-2.0

// Package station is one party on one line, as a pure machine: events and
// the time go in; what must be saved and what may be sent come out, in that
// order.
//
// Follow one message through it: a [Say] is checked and waits ([Station.Step],
// say.go); gather.go and number.go number what waits, sign the new head and
// put own records, what was received, and the receipts for it (sign.go) into
// one batch; after [SaveDone] (and [MarkDone] where a high-water mark is
// kept) release.go shows it and bearers.go sends it; the other station's
// intake.go verifies it and its next batch holds the cosignature; that comes
// back here as a statement, is verified, saved in its turn, and only then
// shown as a receipt.
//
// Invariants:
//
//   - Nothing leaves before the batch that holds it is durable: signatures
//     are made when a batch is built, bytes are sent, told or shown only
//     after [SaveDone].
//   - At most one batch is being saved. What comes meanwhile is gathered into
//     the next one.
//   - A signed time is a whole second, never smaller than the last one signed,
//     and saved before it is used.
//   - What two persons released, and what a party signed that its other
//     statements deny, is kept in the journal, in the batch it belongs to.
//   - Whatever a peer says is bounded: records by the agreed rate, everything
//     else by config.go. A store that moved on under us ([store.ErrConflict])
//     ends this machine with [Stop].Reload: every number and time in it rests
//     on the row that moved, so a new one is built from what is stored.
//   - While anything makes it doubtful that this is the only and newest copy
//     of the station ([Hold]) nothing is signed: what people say is queued.
//   - No goroutine, lock, clock, random source or disk. Reads of what is
//     stored go through [Reader], which only ever sees committed state.
//
// Specification: spec/log.md, spec/mirror.md, spec/link.md, spec/station.md.
package station
