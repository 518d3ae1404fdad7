// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"errors"
	"fmt"
	"syscall"

	sqlite3 "github.com/ncruces/go-sqlite3"

	"openline/internal/store"
)

// fault makes an error of SQLite one of package store. An I/O error it does
// not know is the worst: the outcome is unknown.
func fault(err error) error {
	var e *sqlite3.Error
	var code sqlite3.ExtendedErrorCode
	switch {
	case err == nil:
		return nil
	case errors.As(err, &e):
		code = e.ExtendedCode()
	case !errors.As(err, &code):
		return err
	}
	return fmt.Errorf("%w: %v", faultOf(err, code), err)
}

func faultOf(err error, code sqlite3.ExtendedErrorCode) error {
	switch code {
	case sqlite3.IOERR_DATA, sqlite3.IOERR_CORRUPTFS:
		return store.ErrCorrupt
	case sqlite3.IOERR_FSYNC, sqlite3.IOERR_DIR_FSYNC:
		// A full disk that shows only at the flush leaves the outcome unknown.
		return store.ErrSick
	}
	switch code.Code() {
	case sqlite3.CORRUPT, sqlite3.NOTADB:
		return store.ErrCorrupt
	case sqlite3.FULL:
		return store.ErrFull
	case sqlite3.READONLY, sqlite3.PERM:
		return store.ErrReadOnly
	case sqlite3.BUSY, sqlite3.LOCKED:
		return store.ErrLocked
	case sqlite3.CANTOPEN:
		return cantOpen(err)
	}
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return store.ErrFull
	case errors.Is(err, syscall.EROFS):
		return store.ErrReadOnly
	}
	return store.ErrSick
}

func cantOpen(err error) error {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return store.ErrFull
	case errors.Is(err, syscall.EROFS), errors.Is(err, syscall.EACCES), errors.Is(err, syscall.EPERM):
		return store.ErrReadOnly
	}
	return store.ErrSick
}

// final reports whether nothing may be saved after an error.
func final(err error) bool {
	return errors.Is(err, store.ErrSick) || errors.Is(err, store.ErrCorrupt)
}
