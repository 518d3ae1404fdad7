// SPDX-License-Identifier: Apache-2.0

package store

import "errors"

// Errors a caller decides upon.
var (
	// ErrConflict: another row is stored than the batch was built on. Nothing
	// was saved; reload.
	ErrConflict = errors.New("the store has moved on since this was built")
	// ErrFull: no room on the disk. Nothing was saved; saving again once
	// there is room is safe.
	ErrFull = errors.New("no room left on the disk of the store")
	// ErrReadOnly: the disk takes no writes. Nothing was saved.
	ErrReadOnly = errors.New("the disk of the store is read-only")
	// ErrSick: a write or a flush failed and its outcome is unknown. Nothing
	// more is saved; stop, and re-read at the next start.
	ErrSick = errors.New("the disk of the store failed; stop and start again to re-read it")
	// ErrCorrupt: what is stored is not what was saved.
	ErrCorrupt = errors.New("the store is damaged; restore it from a backup")
	// ErrLocked: another process has the store.
	ErrLocked = errors.New("another process has the store open")
	// ErrMissing: there is no store there. It is never created by opening it.
	ErrMissing = errors.New("there is no store")
	// ErrExists: there is a store already.
	ErrExists = errors.New("there is a store already")
	// ErrFormat: a file that is no store, or one of a newer openline.
	ErrFormat = errors.New("not a store this openline can read")
	// ErrBatch: the batch does not continue what is stored. It is a fault of
	// whoever built it; nothing was saved.
	ErrBatch = errors.New("the batch does not continue what is stored")
	// ErrToken: something is recorded under this token already. Nothing was
	// saved.
	ErrToken = errors.New("recorded already under this token")
	// ErrClosed: the store was closed.
	ErrClosed = errors.New("the store is closed")
)
