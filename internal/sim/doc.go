// SPDX-License-Identifier: Apache-2.0

// Package sim runs two whole stations in a hostile world from one seed: for
// tests only.
//
// The network loses, delays, doubles, reorders and corrupts frames, and cuts
// one way; disks crash at every boundary of a save, run full and fail;
// stations are restored from old backups and cloned; clocks jump; a
// counterpart lies. What a seed draws, it draws again: a run replays exactly
// and prints its transcript.
//
// Invariants held after every step:
//
//   - No two statements of one generation that cannot both be true, for
//     announced restores and wherever a mark is configured; otherwise the
//     contradiction is kept as an accusation or the copies stop.
//   - Nothing is shown as receipted that is not durable, whole, on both sides.
//   - What was acknowledged to an asker is never lost or doubled.
//   - Nobody signs a time its own clock has not shown.
//   - After healing, both sides hold the same logs and read them alike within
//     a bounded time.
//
// Signatures are keyed tags, real ones in every tenth seed. The disk is a
// model of a store's Save ([openline/internal/station/stationtest]). With
// the build tag faults, six bugs seeded on purpose test the tester.
//
// Specification: spec/station.md.
package sim
