// SPDX-License-Identifier: Apache-2.0

// Package story is the affair that `openline demo` plays, as data: what was
// said on the demonstration line and when, and what the public record knows.
//
// Invariants:
//
//   - Every event is labelled reported, reported differently, or supplied for
//     the demonstration. What happens on the line is always supplied: the
//     parties named never used it.
//   - No personal names; parties and posts by office.
//   - With neutral names nothing of the public record remains but its shape.
//
// Specification: docs/explanation/story.md.
package story
