// SPDX-License-Identifier: Apache-2.0

package extract

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
	centralLen   = 46
	endLen       = 22
	zipVersion   = 10 // stored files need version 1.0

	maxFiles     = 4096
	maxNameLen   = 200
	maxContainer = 1<<32 - 2 // what the 32-bit fields of a zip can say
)

// file is one file in the container.
type file struct {
	name string
	head int64 // where its local header begins
	size int64
	crc  uint32
}

func (f file) data() int64 { return f.head + localLen + int64(len(f.name)) }

// common is what both headers of a file hold alike: version, flags, method,
// time and date are fixed.
func (f file) common(b []byte) []byte {
	le := binary.LittleEndian
	b = le.AppendUint16(b, zipVersion)
	b = append(b, 0, 0, 0, 0, 0, 0, 0, 0)
	b = le.AppendUint32(b, f.crc)
	b = le.AppendUint32(b, uint32(f.size))
	b = le.AppendUint32(b, uint32(f.size))
	b = le.AppendUint16(b, uint16(len(f.name)))
	return append(b, 0, 0)
}

func (f file) local() []byte {
	b := binary.LittleEndian.AppendUint32(nil, localMagic)
	return append(f.common(b), f.name...)
}

func (f file) central() []byte {
	le := binary.LittleEndian
	b := le.AppendUint32(nil, centralMagic)
	b = f.common(le.AppendUint16(b, zipVersion))
	b = append(b, make([]byte, 10)...)
	return append(le.AppendUint32(b, uint32(f.head)), f.name...)
}

func endRecord(files, size, offset int64) []byte {
	le := binary.LittleEndian
	b := le.AppendUint32(nil, endMagic)
	b = append(b, 0, 0, 0, 0)
	b = le.AppendUint16(le.AppendUint16(b, uint16(files)), uint16(files))
	return append(le.AppendUint32(le.AppendUint32(b, uint32(size)), uint32(offset)), 0, 0)
}

// archive reads a container.
type archive struct {
	r     io.ReaderAt
	files []file
}

// openArchive reads the directory of a container and holds every header to
// the one spelling: they are written anew and compared.
func openArchive(r io.ReaderAt, size int64) (*archive, error) {
	if size < endLen || size > maxContainer {
		return nil, fault("", 1, "%d bytes are not an extract", size)
	}
	end, err := readAt(r, size-endLen, endLen)
	if err != nil {
		return nil, err
	}
	le := binary.LittleEndian
	count, dirLen, dirAt := int64(le.Uint16(end[10:])), int64(le.Uint32(end[12:])), int64(le.Uint32(end[16:]))
	if !bytes.Equal(end, endRecord(count, dirLen, dirAt)) || dirAt+dirLen+endLen != size {
		return nil, fault("", 1, "it does not end as an extract does: the end of the zip is missing, has a comment or something follows it")
	}
	if count > maxFiles || dirLen > count*(centralLen+maxNameLen) {
		return nil, fault("", 1, "more than %d files, or their names are too long", maxFiles)
	}
	dir, err := readAt(r, dirAt, dirLen)
	if err != nil {
		return nil, err
	}
	a := &archive{r: r}
	at := int64(0)
	for len(dir) > 0 {
		var f file
		if f, dir, err = a.next(dir, at); err != nil {
			return nil, err
		}
		a.files = append(a.files, f)
		at = f.data() + f.size
	}
	if int64(len(a.files)) != count || at != dirAt {
		return nil, fault("", 1, "something lies between the files and the directory of the zip, or files are not listed")
	}
	return a, nil
}

// next reads one file's entry of the directory and its local header, which
// must begin where the file before ended.
func (a *archive) next(dir []byte, at int64) (file, []byte, error) {
	if len(dir) < centralLen {
		return file{}, nil, fault("", 1, "the directory of the zip is cut off")
	}
	le := binary.LittleEndian
	f := file{head: at, crc: le.Uint32(dir[16:]), size: int64(le.Uint32(dir[20:]))}
	n := int(le.Uint16(dir[28:]))
	if n == 0 || n > maxNameLen || len(dir) < centralLen+n {
		return f, nil, fault("", 1, "the name of file %d has no place in the directory of the zip", len(a.files)+1)
	}
	f.name = string(dir[centralLen : centralLen+n])
	if !plainName(f.name) {
		return f, nil, fault("", 1, "file %d has the name %q, which no file of an extract has", len(a.files)+1, f.name)
	}
	if last := len(a.files); last > 0 && a.files[last-1].name >= f.name {
		return f, nil, fault(f.name, 1, "it stands after %s: files are doubled or out of order", a.files[last-1].name)
	}
	if central := f.central(); !bytes.Equal(central, dir[:len(central)]) {
		return f, nil, fault(f.name, 1, "its entry in the zip is not canonical (stored, no time, no extra field, in its place)")
	}
	local, err := readAt(a.r, at, localLen+int64(n))
	if err != nil {
		return f, nil, err
	}
	if !bytes.Equal(local, f.local()) {
		return f, nil, fault(f.name, 1, "its header in the zip is not canonical or not where it should be")
	}
	return f, dir[centralLen+n:], nil
}

func plainName(s string) bool {
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
			return nil, fault("", 1, "it is cut off at byte %d", at+int64(k))
		}
		return nil, fmt.Errorf("read extract: %w", err)
	}
	return b, nil
}

// open gives the bytes of a file, from the start.
func (a *archive) open(f file) *io.SectionReader { return io.NewSectionReader(a.r, f.data(), f.size) }

// sums reads a file once for its checksum and digest.
func (a *archive) sums(f file, digest hash.Hash) error {
	crc := crc32.NewIEEE()
	if n, err := io.Copy(io.MultiWriter(crc, digest), a.open(f)); err != nil || n != f.size {
		return fmt.Errorf("read %s: it ends after %d bytes: %w", f.name, n, errors.Join(err, io.ErrUnexpectedEOF))
	}
	if crc.Sum32() != f.crc {
		return fault(f.name, 1, "its bytes do not have the checksum that the zip states")
	}
	return nil
}

// part is one file to be written. It is written twice: to learn its length
// and digest, then for good; both times it gives the same bytes.
type part struct {
	name  string
	write func(io.Writer) error
}

type measure struct {
	size   int64
	crc    hash.Hash32
	digest hash.Hash
}

func (m *measure) Write(b []byte) (int, error) {
	m.size += int64(len(b))
	m.crc.Write(b)
	m.digest.Write(b)
	return len(b), nil
}

// writeArchive writes the parts, which stand in order, as a container.
func writeArchive(w io.Writer, parts []part, measured []measure) error {
	at := int64(0)
	var dir []byte
	for i, p := range parts {
		f := file{p.name, at, measured[i].size, measured[i].crc.Sum32()}
		if at = f.data() + f.size; at > maxContainer-maxFiles*(centralLen+maxNameLen) {
			return errors.New("the extract would be larger than 4 GiB; choose fewer records or less depth")
		}
		if _, err := w.Write(f.local()); err != nil {
			return err
		}
		again := measure{crc: crc32.NewIEEE(), digest: crc32.NewIEEE()}
		if err := p.write(io.MultiWriter(w, &again)); err != nil {
			return fmt.Errorf("write %s: %w", p.name, err)
		}
		if again.size != f.size || again.crc.Sum32() != f.crc {
			return fmt.Errorf("write %s: what it holds changed meanwhile", p.name)
		}
		dir = append(dir, f.central()...)
	}
	if _, err := w.Write(dir); err != nil {
		return err
	}
	_, err := w.Write(endRecord(int64(len(parts)), int64(len(dir)), at))
	return err
}
