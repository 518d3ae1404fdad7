// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"errors"
	"sync"
	"syscall"

	sqlite3 "github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/vfs"
)

// systemFiles are the system's files, as SQLite sees them, but for one thing:
// a full disk is told as a full disk. The driver looks for it in a form that
// the system's error does not have, and SQLite then takes it for a failing
// disk, which would stop the station for good.
const systemFiles = "openline"

var register = sync.OnceFunc(func() { vfs.Register(systemFiles, system{vfs.Find("")}) })

type system struct{ vfs.VFS }

// OpenFilename implements [vfs.VFSFilename].
func (s system) OpenFilename(name *vfs.Filename, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	f, out, err := s.VFS.(vfs.VFSFilename).OpenFilename(name, flags)
	if err != nil {
		return nil, out, err
	}
	if of, ok := f.(systemFile); ok {
		return file{of}, out, nil
	}
	return f, out, nil
}

// systemFile is all that a file of the system can do.
type systemFile interface {
	vfs.FileLockState
	vfs.FileHasMoved
	vfs.FileSizeHint
	vfs.FilePersistWAL
	vfs.FilePowersafeOverwrite
	vfs.FileSharedMemory
}

type file struct{ systemFile }

// WriteAt implements [vfs.File].
func (f file) WriteAt(p []byte, off int64) (int, error) {
	n, err := f.systemFile.WriteAt(p, off)
	return n, full(err)
}

// full marks an error of a disk without room.
func full(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return vfs.SystemError(err, sqlite3.FULL)
	}
	return err
}
