// SPDX-License-Identifier: Apache-2.0

package mark

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"openline/identity"
	"openline/internal/store/flock"
)

// Errors a caller decides upon.
var (
	ErrMissing = errors.New("the high-water mark is not there; if its disk cannot be brought back, open a new generation (openline keys renew)")
	ErrDamaged = errors.New("the high-water mark is damaged; open a new generation (openline keys renew)")
	ErrExists  = errors.New("there is a high-water mark already")
	ErrHeld    = errors.New("another process has the high-water mark open")
)

// A file is two slots: magic, sequence number, length and SHA-256 of what
// follows, then the mark. The rest of a slot is not looked at.
const (
	magic    = "opnlmrk1"
	headLen  = 8 + 8 + 4 + sha256.Size
	slotLen  = 64 << 10
	fileLen  = 2 * slotLen
	maxBytes = slotLen - headLen
)

// File is an open mark. Its methods are safe for concurrent use.
type File struct {
	mu   sync.Mutex
	f    *os.File
	lock *flock.Lock
	seq  uint64
	cur  Mark
	down error
	sync func(*os.File) error
}

// Create makes the mark of a line of which nothing was signed yet. It refuses
// with [ErrExists] where there is a file.
func Create(path string, line identity.LineID) error { return CreateAt(path, Mark{Line: line}) }

// CreateAt makes a mark that begins at m: that of a station whose newest
// generation begins anew. It has its name only once it is whole and durable.
func CreateAt(path string, m Mark) (err error) {
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("%w: %s", ErrExists, path)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	payload, err := m.encode()
	if err != nil {
		return err
	}
	fresh := path + ".new"
	if err := writeNew(fresh, slot(1, payload)); err != nil {
		return errors.Join(err, os.Remove(fresh))
	}
	if err := os.Rename(fresh, path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

func writeNew(path string, first []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	b := make([]byte, fileLen)
	copy(b, first)
	if _, err = f.Write(b); err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Open opens a mark and locks it. A mark that is missing is an error.
func Open(path string) (*File, error) {
	lock, err := flock.Acquire(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%w: %s", ErrMissing, path)
	case errors.Is(err, flock.ErrHeld):
		return nil, fmt.Errorf("%w: %s", ErrHeld, path)
	case err != nil:
		return nil, err
	}
	m := &File{lock: lock, sync: flush}
	if m.f, err = os.OpenFile(path, os.O_RDWR, 0); err == nil {
		err = m.load()
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), m.Close())
	}
	return m, nil
}

func (m *File) load() error {
	info, err := m.f.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() || info.Size() != fileLen {
		return ErrDamaged
	}
	b := make([]byte, fileLen)
	if _, err := m.f.ReadAt(b, 0); err != nil {
		return err
	}
	for i := range 2 {
		seq, payload, ok := readSlot(b[i*slotLen : (i+1)*slotLen])
		if !ok || seq%2 != uint64(i+1)%2 || seq <= m.seq {
			continue
		}
		if cur, err := decode(payload); err == nil {
			m.seq, m.cur = seq, cur
		}
	}
	if m.seq == 0 {
		return ErrDamaged
	}
	return nil
}

// slot writes one slot; sequence number 1 goes into the first, 2 into the
// second, and so on in turn.
func slot(seq uint64, payload []byte) []byte {
	b := make([]byte, 0, headLen+len(payload))
	b = append(b, magic...)
	b = binary.BigEndian.AppendUint64(b, seq)
	b = binary.BigEndian.AppendUint32(b, uint32(len(payload)))
	sum := sha256.Sum256(append(bytes.Clone(b), payload...))
	return append(append(b, sum[:]...), payload...)
}

func readSlot(b []byte) (seq uint64, payload []byte, ok bool) {
	if string(b[:8]) != magic {
		return 0, nil, false
	}
	seq = binary.BigEndian.Uint64(b[8:])
	n := binary.BigEndian.Uint32(b[16:])
	if n > maxBytes {
		return 0, nil, false
	}
	payload = b[headLen : headLen+int(n)]
	sum := sha256.Sum256(append(bytes.Clone(b[:20]), payload...))
	return seq, payload, bytes.Equal(sum[:], b[20:headLen])
}

// Read gives the mark as it was last written. A line of which nothing was
// signed has one with generation 0.
func (m *File) Read() (*Mark, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.down != nil {
		return nil, m.down
	}
	cur := m.cur
	return &cur, nil
}

// Write makes a mark durable in the older slot. After an error nothing more
// is written: what the disk holds is not known.
func (m *File) Write(next Mark) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.down != nil {
		return m.down
	}
	if next.Line != m.cur.Line {
		return fmt.Errorf("a mark of line %s is not one of %s", next.Line, m.cur.Line)
	}
	payload, err := next.encode()
	if err != nil {
		return err
	}
	seq := m.seq + 1
	if _, err := m.f.WriteAt(slot(seq, payload), int64((seq+1)%2)*slotLen); err != nil {
		m.down = fmt.Errorf("write the high-water mark: %w", err)
		return m.down
	}
	if err := m.sync(m.f); err != nil {
		m.down = fmt.Errorf("flush the high-water mark: %w", err)
		return m.down
	}
	m.seq, m.cur = seq, next
	return nil
}

// Close closes the file and lets go of its lock.
func (m *File) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	var errs []error
	if m.f != nil {
		errs = append(errs, m.f.Close())
	}
	if m.lock != nil {
		errs = append(errs, m.lock.Close())
	}
	m.f, m.lock, m.down = nil, nil, os.ErrClosed
	return errors.Join(errs...)
}
