// SPDX-License-Identifier: Apache-2.0

// Package line is what records mean, folded alike on both sides.
//
// Shared state ([Fold.Thing], [Fold.Digest]) follows from the records alone:
// it is a function of the partial order of acts that the leaves' seen makes
// of them, and has equal bytes on both sides at equal positions. Reckoned
// state ([Fold.Reckon], package linestate) adds the signed times a side holds
// and the hour; each of its findings names the signature it stands on.
//
// Parts: what an author's log says up to each record (chain.go), what one
// record means in that past (judge.go), which records are folded at a cut
// (fold.go), what is said about one thing and how it stands (thing.go,
// reply.go), what is asked in it (ask.go), clocks and hours (clock.go, hours.go), digests at any cut
// (digest.go), removal of content (removal.go), and what is kept to be quick (keep.go, snapshot.go).
//
// Invariants:
//
//   - Any order of [Fold.Add] that keeps each log's own order gives the same
//     state, and so does any restart from a [Fold.Snapshot]. Ties only sort
//     the printed page; no party's number decides anything.
//   - Acts that crossed on the way both stand.
//   - What an act meant is judged once, in its own causal past. While that
//     is not held, the act waits with all its author wrote after it.
//   - A reply ends what it answers and no more; what is asked inside a thing
//     awaits its own reply.
//   - A malformed, forbidden or absurd record breaks nothing: it is an entry
//     that says so.
//   - A silence of signatures imputes nothing: an hour is past only by a
//     later time that the answering side signed itself.
//   - Memory is bounded whatever a party says: it follows what was used last
//     and a few thousand names of what is open. The rest is read back through
//     [Source], and what is read back is the very state that was folded
//     first. The bounds that do decide something count along an author's own
//     log, so that all sides count alike.
//
// Specification: spec/line.md.
package line
