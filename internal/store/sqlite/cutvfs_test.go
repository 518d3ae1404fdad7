// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"

	sqlite3 "github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/vfs"
)

// cutDisk is a disk in memory that forgets, when the power is cut, any of
// what was written since the last flush, and that fails when it is told to.
type cutDisk struct {
	mu    sync.Mutex
	dir   string // of the shared memory, which no disk holds
	files map[string]*cutFile
	ops   int // writes, truncations, flushes and deletions so far

	cutAt int   // the power is cut at this operation; 0: never
	dead  bool  // it was
	err   error // what the operation failAt answers
	kind  string
	nth   int // which operation of a kind fails
	short bool
	fell  bool // it has
}

type cutFile struct {
	durable []byte
	data    []byte
	pending []pending
	shared  int
	top     vfs.LockLevel // RESERVED or above held by one
}

// pending is a write that was not flushed; without bytes, a truncation.
type pending struct {
	off  int64
	data []byte
}

func newCutDisk(t testing.TB, name string) *cutDisk {
	d := &cutDisk{dir: t.TempDir(), files: map[string]*cutFile{}}
	vfs.Register(name, d)
	t.Cleanup(func() { vfs.Unregister(name) })
	return d
}

// op counts an operation and tells whether it happens.
func (d *cutDisk) op(kind string) error {
	d.ops++
	switch {
	case d.dead || d.ops == d.cutAt:
		d.dead = true
		return syscall.EIO
	case d.err != nil && d.kind == kind:
		if d.nth--; d.nth == 0 {
			d.fell = true
			return d.err
		}
	}
	return nil
}

// apply does one pending operation to bytes.
func (p pending) apply(b []byte) []byte {
	if p.data == nil {
		return append(b[:min(int64(len(b)), p.off):min(int64(len(b)), p.off)], make([]byte, max(0, p.off-int64(len(b))))...)
	}
	if end := p.off + int64(len(p.data)); end > int64(len(b)) {
		b = append(b, make([]byte, end-int64(len(b)))...)
	}
	copy(b[p.off:], p.data)
	return b
}

const (
	sector  = 512
	cutRoom = 5 * pageSize // by which its write-ahead log grows
)

// cut brings the disk back after the power was: of what was not flushed each
// file keeps nothing, all, some in any order, or some with single sectors of
// each write lost.
func (d *cutDisk) cut(rng *rand.Rand, how int) {
	for _, name := range slices.Sorted(maps.Keys(d.files)) {
		f := d.files[name]
		kept := f.pending
		switch how {
		case 0:
			kept = nil
		case 1:
		case 2:
			kept = slices.DeleteFunc(slices.Clone(kept), func(pending) bool { return rng.IntN(2) == 0 })
			rng.Shuffle(len(kept), func(i, j int) { kept[i], kept[j] = kept[j], kept[i] })
		default:
			kept = torn(rng, kept)
		}
		b := slices.Clone(f.durable)
		for _, p := range kept {
			b = p.apply(b)
		}
		d.files[name] = &cutFile{durable: b, data: slices.Clone(b)}
	}
	d.dead, d.cutAt = false, 0
}

func torn(rng *rand.Rand, all []pending) (kept []pending) {
	for _, p := range all {
		for at := 0; at < len(p.data); at += sector {
			if rng.IntN(4) > 0 {
				kept = append(kept, pending{p.off + int64(at), p.data[at:min(at+sector, len(p.data))]})
			}
		}
		if p.data == nil && rng.IntN(2) == 0 {
			kept = append(kept, p)
		}
	}
	return kept
}

// Open implements [vfs.VFS].
func (d *cutDisk) Open(name string, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.dead {
		return nil, flags, syscall.EIO
	}
	f := d.files[name]
	if f == nil {
		if flags&vfs.OPEN_CREATE == 0 {
			return nil, flags, sqlite3.CANTOPEN
		}
		f = &cutFile{}
		d.files[name] = f
	}
	h := &cutHandle{d: d, f: f}
	if shm := vfs.NewSharedMemory(filepath.Join(d.dir, filepath.Base(name)+"-shm"), flags); shm != nil {
		h.shm = shm
	}
	if flags&vfs.OPEN_WAL == 0 {
		return h, flags, nil
	}
	return &gathered{File: h, room: cutRoom, end: int64(len(f.data))}, flags, nil
}

// Delete implements [vfs.VFS].
func (d *cutDisk) Delete(name string, _ bool) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.op("delete"); err != nil {
		return err
	}
	if d.files[name] == nil {
		return sqlite3.IOERR_DELETE_NOENT
	}
	delete(d.files, name)
	return nil
}

// Access implements [vfs.VFS].
func (d *cutDisk) Access(name string, _ vfs.AccessFlag) (bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.files[name] != nil, nil
}

// FullPathname implements [vfs.VFS].
func (d *cutDisk) FullPathname(name string) (string, error) { return name, nil }

type cutHandle struct {
	d    *cutDisk
	f    *cutFile
	shm  vfs.SharedMemory
	lock vfs.LockLevel
}

// SharedMemory implements [vfs.FileSharedMemory].
func (h *cutHandle) SharedMemory() vfs.SharedMemory { return h.shm }

// Close implements [vfs.File].
func (h *cutHandle) Close() error {
	if h.shm != nil {
		h.shm.Close()
	}
	return h.Unlock(vfs.LOCK_NONE)
}

// ReadAt implements [vfs.File].
func (h *cutHandle) ReadAt(p []byte, off int64) (int, error) {
	h.d.mu.Lock()
	defer h.d.mu.Unlock()
	if h.d.dead {
		return 0, syscall.EIO
	}
	if off >= int64(len(h.f.data)) {
		return 0, io.EOF
	}
	n := copy(p, h.f.data[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// WriteAt implements [vfs.File]. A short write leaves its first half.
func (h *cutHandle) WriteAt(p []byte, off int64) (int, error) {
	h.d.mu.Lock()
	defer h.d.mu.Unlock()
	err := h.d.op("write")
	if err != nil && !h.d.dead && h.d.short {
		p = p[:len(p)/2]
	} else if err != nil && !h.d.dead {
		return 0, full(err)
	}
	h.change(pending{off, append([]byte{}, p...)}) // a cut in its middle: any part of it may last
	return len(p), full(err)
}

func (h *cutHandle) change(p pending) {
	h.f.pending = append(h.f.pending, p)
	h.f.data = p.apply(h.f.data)
}

// Truncate implements [vfs.File].
func (h *cutHandle) Truncate(size int64) error {
	h.d.mu.Lock()
	defer h.d.mu.Unlock()
	if err := h.d.op("truncate"); err != nil {
		return err
	}
	h.change(pending{off: size})
	return nil
}

// Sync implements [vfs.File]. After it failed, what it should have flushed
// counts as clean and never reaches the disk by itself: so do real systems.
func (h *cutHandle) Sync(vfs.SyncFlag) error {
	h.d.mu.Lock()
	defer h.d.mu.Unlock()
	if err := h.d.op("sync"); err != nil {
		if !h.d.dead {
			h.f.pending = nil
		}
		return err
	}
	for _, p := range h.f.pending {
		h.f.durable = p.apply(h.f.durable)
	}
	h.f.pending = nil
	return nil
}

// Size implements [vfs.File].
func (h *cutHandle) Size() (int64, error) {
	h.d.mu.Lock()
	defer h.d.mu.Unlock()
	return int64(len(h.f.data)), nil
}

// Lock implements [vfs.File].
func (h *cutHandle) Lock(lock vfs.LockLevel) error {
	h.d.mu.Lock()
	defer h.d.mu.Unlock()
	switch {
	case h.lock >= lock:
		return nil
	case lock == vfs.LOCK_SHARED:
		if h.f.top >= vfs.LOCK_PENDING {
			return sqlite3.BUSY
		}
		h.f.shared++
	case h.lock < vfs.LOCK_RESERVED && h.f.top >= vfs.LOCK_RESERVED, lock == vfs.LOCK_EXCLUSIVE && h.f.shared > 1:
		return sqlite3.BUSY
	default:
		h.f.top = lock
	}
	h.lock = lock
	return nil
}

// Unlock implements [vfs.File].
func (h *cutHandle) Unlock(lock vfs.LockLevel) error {
	h.d.mu.Lock()
	defer h.d.mu.Unlock()
	if h.lock <= lock {
		return nil
	}
	if h.lock >= vfs.LOCK_RESERVED {
		h.f.top = vfs.LOCK_NONE
	}
	if lock < vfs.LOCK_SHARED {
		h.f.shared--
	}
	h.lock = lock
	return nil
}

// CheckReservedLock implements [vfs.File].
func (h *cutHandle) CheckReservedLock() (bool, error) {
	h.d.mu.Lock()
	defer h.d.mu.Unlock()
	return h.f.top >= vfs.LOCK_RESERVED, nil
}

// SectorSize implements [vfs.File].
func (h *cutHandle) SectorSize() int { return 4096 }

// DeviceCharacteristics implements [vfs.File]: those of the system's files.
func (h *cutHandle) DeviceCharacteristics() vfs.DeviceCharacteristic {
	return vfs.IOCAP_POWERSAFE_OVERWRITE | vfs.IOCAP_SUBPAGE_READ
}

func vfsName(t testing.TB, i int) string { return fmt.Sprintf("%s-%d", t.Name(), i) }
