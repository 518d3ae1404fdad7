// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"errors"
	"sync"
	"syscall"

	sqlite3 "github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/vfs"
)

// systemFiles are the system's files, as SQLite sees them, but for two things.
// A full disk is told as a full disk: the driver looks for it in a form that
// the system's error does not have, and SQLite then takes it for a failing
// disk, which would stop the station for good. And the write-ahead log is
// written in few pieces: see gathered.
const systemFiles = "openline"

var register = sync.OnceFunc(func() { vfs.Register(systemFiles, system{vfs.Find("")}) })

type system struct{ vfs.VFS }

// OpenFilename implements [vfs.VFSFilename].
func (s system) OpenFilename(name *vfs.Filename, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	f, out, err := s.VFS.(vfs.VFSFilename).OpenFilename(name, flags)
	if err != nil {
		return nil, out, err
	}
	of, ok := f.(systemFile)
	if !ok {
		return f, out, nil
	}
	if flags&vfs.OPEN_WAL == 0 {
		return file{of}, out, nil
	}
	wal, err := gather(file{of}, walRoom)
	if err != nil {
		return nil, out, errors.Join(err, f.Close())
	}
	return wal, out, nil
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
