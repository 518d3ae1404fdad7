// SPDX-License-Identifier: Apache-2.0

// Package counterpart is who talks to whom: which posts the parties see as
// counterparts, for which subject, on what grounds.
//
// A pair is of posts and a subject, never of persons. Each party has at most
// one newest word on a pair; the pair is agreed, stated by one side, seen
// differently, or nobody has said anything. Practice (calls accepted,
// requests redirected) is shown beside it and decides nothing; what was
// accepted this once and without prejudice (CP04) is no precedent.
//
// Invariants:
//
//   - A party speaks for its own posts: a statement that names another's post
//     as its own, or its own as another's, is shown and counts for nothing.
//   - A redirection states nothing about a pair: nothing else is meant by it.
//   - Equal things give equal tables on both sides; a party's number decides
//     nothing but the order of the page.
//   - The newest thousand statements and requests of each party are read; what
//     is left out is counted.
//
// Specification: spec/line.md section 10.
package counterpart
