// SPDX-License-Identifier: Apache-2.0

// Package flock keeps a file or directory to one process.
//
// The lock is the system's own: it ends with the process, however that ends,
// so that there is nothing to clean up. It does not reach across machines
// over every network file system.
//
// Specification: none; it is the party's own business.
package flock
