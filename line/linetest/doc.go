// SPDX-License-Identifier: Apache-2.0

// Package linetest is a line for the tests of the rooms of the affairs: what
// several parties ever said, with the phrases of the extension "affairs",
// what each holds of it, and random histories that can be played under any
// numbering of the parties.
//
// Purpose: the rooms stand on package line from outside; they are tested from
// outside, too.
//
// Invariants: it keeps everything, draws nothing itself and knows no clock; a
// history is played the same whatever the parties are numbered.
//
// Specification: spec/line.md.
package linetest
