// SPDX-License-Identifier: Apache-2.0

// Command openline runs one party's station on its lines, and does by hand
// what is done by hand: cards, agreements, people, keys, backups, extracts.
//
// Every command is a file of its own. A command is flags, one call into the
// rooms below, and what it prints; main and run alone know the process.
//
// Invariants:
//
//   - Errors are one line on standard error that says what to do. The exit
//     status is 0 for done, 1 for an error, 2 for wrong usage, 3 for an
//     extract that holds while keys in it are not vouched for.
//   - Secrets come from the environment, a file, a file descriptor or a
//     prompt; never from an argument, which others could read.
//   - Standard output is what was asked for and nothing else.
//
// Specification: docs/reference/cli.md.
package main
