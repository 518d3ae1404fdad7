// SPDX-License-Identifier: Apache-2.0

package layout

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
)

// The container is a zip of stored files with nothing left to choose: the
// headers below are all there is, in this order, without gaps.
const (
	localMagic   = 0x04034b50
	centralMagic = 0x02014b50
	endMagic     = 0x06054b50
	localLen     = 30
	endLen       = 22
	zipVersion   = 10 // stored files need version 1.0
)

// Bounds of a container; CentralLen is the least a file takes in the
// directory.
const (
	CentralLen   = 46
	MaxFiles     = 4096
	MaxNameLen   = 200
	MaxContainer = 1<<32 - 2 // what the 32-bit fields of a zip can say
)

// File is one file in the container, at whose Head its local header begins.
type File struct {
	Name string
	Head int64
	Size int64
	CRC  uint32
}

// Data is where its bytes begin.
func (f File) Data() int64 { return f.Head + localLen + int64(len(f.Name)) }

// common is what both headers of a file hold alike: version, flags, method,
// time and date are fixed.
func (f File) common(b []byte) []byte {
	le := binary.LittleEndian
	b = le.AppendUint16(b, zipVersion)
	b = append(b, 0, 0, 0, 0, 0, 0, 0, 0)
	b = le.AppendUint32(b, f.CRC)
	b = le.AppendUint32(b, uint32(f.Size))
	b = le.AppendUint32(b, uint32(f.Size))
	b = le.AppendUint16(b, uint16(len(f.Name)))
	return append(b, 0, 0)
}

// Local is its header before its bytes.
func (f File) Local() []byte {
	b := binary.LittleEndian.AppendUint32(nil, localMagic)
	return append(f.common(b), f.Name...)
}

// Central is its entry in the directory.
func (f File) Central() []byte {
	le := binary.LittleEndian
	b := le.AppendUint32(nil, centralMagic)
	b = f.common(le.AppendUint16(b, zipVersion))
	b = append(b, make([]byte, 10)...)
	return append(le.AppendUint32(b, uint32(f.Head)), f.Name...)
}

// EndRecord is the end of a container with a directory of a size at an offset.
func EndRecord(files, size, offset int64) []byte {
	le := binary.LittleEndian
	b := le.AppendUint32(nil, endMagic)
	b = append(b, 0, 0, 0, 0)
	b = le.AppendUint16(le.AppendUint16(b, uint16(files)), uint16(files))
	return append(le.AppendUint32(le.AppendUint32(b, uint32(size)), uint32(offset)), 0, 0)
}

// Archive reads a container.
type Archive struct {
	r     io.ReaderAt
	Files []File
}

// Open reads the directory of a container and holds every header to
// the one spelling: they are written anew and compared.
func Open(r io.ReaderAt, size int64) (*Archive, error) {
	if size < endLen || size > MaxContainer {
		return nil, Faultf("", 1, "%d bytes are not an extract", size)
	}
	end, err := readAt(r, size-endLen, endLen)
	if err != nil {
		return nil, err
	}
	le := binary.LittleEndian
	count, dirLen, dirAt := int64(le.Uint16(end[10:])), int64(le.Uint32(end[12:])), int64(le.Uint32(end[16:]))
	if !bytes.Equal(end, EndRecord(count, dirLen, dirAt)) || dirAt+dirLen+endLen != size {
		return nil, Faultf("", 1, "it does not end as an extract does: the end of the zip is missing, has a comment or something follows it")
	}
	if count > MaxFiles || dirLen > count*(CentralLen+MaxNameLen) {
		return nil, Faultf("", 1, "more than %d files, or their names are too long", MaxFiles)
	}
	dir, err := readAt(r, dirAt, dirLen)
	if err != nil {
		return nil, err
	}
	a := &Archive{r: r}
	at := int64(0)
	for len(dir) > 0 {
		var f File
		if f, dir, err = a.next(dir, at); err != nil {
			return nil, err
		}
		a.Files = append(a.Files, f)
		at = f.Data() + f.Size
	}
	if int64(len(a.Files)) != count || at != dirAt {
		return nil, Faultf("", 1, "something lies between the files and the directory of the zip, or files are not listed")
	}
	return a, nil
}

// next reads one file's entry of the directory and its local header, which
// must begin where the file before ended.
func (a *Archive) next(dir []byte, at int64) (File, []byte, error) {
	if len(dir) < CentralLen {
		return File{}, nil, Faultf("", 1, "the directory of the zip is cut off")
	}
	le := binary.LittleEndian
	f := File{Head: at, CRC: le.Uint32(dir[16:]), Size: int64(le.Uint32(dir[20:]))}
	n := int(le.Uint16(dir[28:]))
	if n == 0 || n > MaxNameLen || len(dir) < CentralLen+n {
		return f, nil, Faultf("", 1, "the name of file %d has no place in the directory of the zip", len(a.Files)+1)
	}
	f.Name = string(dir[CentralLen : CentralLen+n])
	if !PlainName(f.Name) {
		return f, nil, Faultf("", 1, "file %d has the name %q, which no file of an extract has", len(a.Files)+1, f.Name)
	}
	if last := len(a.Files); last > 0 && a.Files[last-1].Name >= f.Name {
		return f, nil, Faultf(f.Name, 1, "it stands after %s: files are doubled or out of order", a.Files[last-1].Name)
	}
	if central := f.Central(); !bytes.Equal(central, dir[:len(central)]) {
		return f, nil, Faultf(f.Name, 1, "its entry in the zip is not canonical (stored, no time, no extra field, in its place)")
	}
	local, err := readAt(a.r, at, localLen+int64(n))
	if err != nil {
		return f, nil, err
	}
	if !bytes.Equal(local, f.Local()) {
		return f, nil, Faultf(f.Name, 1, "its header in the zip is not canonical or not where it should be")
	}
	return f, dir[CentralLen+n:], nil
}

// PlainName reports whether a file of an extract may have a name.
func PlainName(s string) bool {
	for _, c := range []byte(s) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' && c != '.' && c != '/' {
			return false
		}
	}
	return true
}

func readAt(r io.ReaderAt, at, n int64) ([]byte, error) {
	b := make([]byte, n)
	if k, err := r.ReadAt(b, at); int64(k) < n {
		if err == nil || errors.Is(err, io.EOF) {
			return nil, Faultf("", 1, "it is cut off at byte %d", at+int64(k))
		}
		return nil, fmt.Errorf("read extract: %w", err)
	}
	return b, nil
}

// Bytes reads a file whole.
func (a *Archive) Bytes(f File) ([]byte, error) { return readAt(a.r, f.Data(), f.Size) }

// Open gives the bytes of a file, from the start.
func (a *Archive) Open(f File) *io.SectionReader { return io.NewSectionReader(a.r, f.Data(), f.Size) }

// Sums reads a file once for its checksum and digest.
func (a *Archive) Sums(f File, digest hash.Hash) error {
	crc := crc32.NewIEEE()
	if n, err := io.Copy(io.MultiWriter(crc, digest), a.Open(f)); err != nil || n != f.Size {
		return fmt.Errorf("read %s: it ends after %d bytes: %w", f.Name, n, errors.Join(err, io.ErrUnexpectedEOF))
	}
	if crc.Sum32() != f.CRC {
		return Faultf(f.Name, 1, "its bytes do not have the checksum that the zip states")
	}
	return nil
}
