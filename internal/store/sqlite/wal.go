// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"github.com/ncruces/go-sqlite3/vfs"
)

const (
	walRoom   = 1 << 20   // bytes by which the write-ahead log grows at once
	maxGather = 256 << 10 // bytes of it held in memory before they are written
)

// gathered is a write-ahead log that is written in few pieces. SQLite writes
// each page and its head by itself, thirteen or more system calls for one
// small batch; here they are put together until the flush, or whatever else
// looks at the file. Nothing is flushed less: what was written before a flush
// is in the file before it.
//
// The file grows by more than was asked for, with zeros, which are no frame
// of any log: a flush that need not write the file's new length as well costs
// a third less. Where there is no room for that it grows as it is written.
type gathered struct {
	vfs.File
	room    int64
	buf     []byte
	at, end int64 // where buf belongs; the length of the file
}

// gather makes a write-ahead log one that is written in few pieces.
func gather(f vfs.File, room int64) (vfs.File, error) {
	end, err := f.Size()
	if err != nil {
		return nil, err
	}
	return &gathered{File: f, room: room, end: end}, nil
}

// write puts what was gathered into the file. What could not be written is
// forgotten, as it is by a file: SQLite takes back or repeats what it belongs
// to.
func (g *gathered) write() error {
	if len(g.buf) == 0 {
		return nil
	}
	buf, to := g.buf, g.at+int64(len(g.buf))
	g.buf = g.buf[:0]
	if _, err := g.File.WriteAt(buf, g.at); err != nil {
		return err
	}
	if to > g.end {
		g.end = to
		g.grow()
	}
	return nil
}

// zeros are what the file grows by, piece by piece.
var zeros [64 << 10]byte

func (g *gathered) grow() {
	for until := (g.end + g.room - 1) / g.room * g.room; g.end < until; {
		n := min(until-g.end, int64(len(zeros)))
		if _, err := g.File.WriteAt(zeros[:n], g.end); err != nil {
			return // no room for more than what was written; that suffices
		}
		g.end += n
	}
}

// WriteAt implements [vfs.File].
func (g *gathered) WriteAt(p []byte, off int64) (int, error) {
	if len(g.buf) > 0 && off != g.at+int64(len(g.buf)) || len(g.buf)+len(p) > maxGather {
		if err := g.write(); err != nil {
			return 0, err
		}
	}
	if len(g.buf) == 0 {
		g.at = off
	}
	g.buf = append(g.buf, p...)
	return len(p), nil
}

// ReadAt implements [vfs.File].
func (g *gathered) ReadAt(p []byte, off int64) (int, error) {
	if err := g.write(); err != nil {
		return 0, err
	}
	return g.File.ReadAt(p, off)
}

// Sync implements [vfs.File].
func (g *gathered) Sync(flags vfs.SyncFlag) error {
	if err := g.write(); err != nil {
		return err
	}
	return g.File.Sync(flags)
}

// Size implements [vfs.File].
func (g *gathered) Size() (int64, error) {
	if err := g.write(); err != nil {
		return 0, err
	}
	return g.File.Size()
}

// Truncate implements [vfs.File].
func (g *gathered) Truncate(size int64) error {
	err := g.write()
	if err == nil {
		err = g.File.Truncate(size)
	}
	g.end = size
	return err
}

// Close implements [vfs.File].
func (g *gathered) Close() error {
	err := g.write()
	if e := g.File.Close(); err == nil {
		err = e
	}
	return err
}
