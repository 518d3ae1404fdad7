// SPDX-License-Identifier: Apache-2.0

package extract_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"openline/extract"
)

func small(t testing.TB) []byte {
	t.Helper()
	w, q := asked(t)
	return must(w.export(q).Write())(t)
}

// span is where one file lies in a container, header included.
type span struct {
	name     string
	from, to int64
}

// spans reads a container with the standard library.
func spans(t testing.TB, b []byte) (list []span) {
	t.Helper()
	r := must(zip.NewReader(bytes.NewReader(b), int64(len(b))))(t)
	at := int64(0)
	for _, f := range r.File {
		from := must(f.DataOffset())(t)
		if f.Method != zip.Store || f.Flags != 0 || len(f.Extra) > 0 || f.Comment != "" {
			t.Fatalf("%s is not stored plainly", f.Name)
		}
		content := must(io.ReadAll(must(f.Open())(t)))(t)
		if !bytes.Equal(content, b[from:from+int64(len(content))]) {
			t.Fatalf("%s has other bytes", f.Name)
		}
		list = append(list, span{f.Name, at, from + int64(len(content))})
		at = from + int64(len(content))
	}
	return list
}

// Every byte of a small extract, changed, makes it fail, and the fault names
// the file that the byte is of; the directory at the end names the file it
// lists, or none.
func TestEveryByte(t *testing.T) {
	b := small(t)
	list := spans(t, b)
	step := 1
	if testing.Short() {
		step = 97
	}
	for at := 0; at < len(b); at += step {
		b[at] ^= 1 << (at % 8)
		_, err := extract.Verify(b, extract.Options{})
		b[at] ^= 1 << (at % 8)
		var f *extract.Fault
		if !errors.As(err, &f) || f.Step != 1 {
			t.Fatalf("byte %d: %v", at, err)
		}
		i := slices.IndexFunc(list, func(s span) bool { return int64(at) >= s.from && int64(at) < s.to })
		if i >= 0 && f.File != list[i].name {
			t.Fatalf("byte %d is of %s, the fault names %q: %v", at, list[i].name, f.File, err)
		}
	}
	if _, err := extract.Verify(b, extract.Options{}); err != nil {
		t.Fatal(err)
	}
}

func TestEveryTruncation(t *testing.T) {
	b := small(t)
	for n := 0; n < len(b); n += 211 {
		if _, err := extract.Verify(b[:n], extract.Options{}); err == nil {
			t.Fatalf("the first %d bytes of %d verify", n, len(b))
		}
	}
}

// rebuild writes the files again as a zip of the standard library, changed.
func rebuild(t testing.TB, b []byte, change func(*zip.FileHeader, []byte) ([]zip.FileHeader, [][]byte)) []byte {
	t.Helper()
	r := must(zip.NewReader(bytes.NewReader(b), int64(len(b))))(t)
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range r.File {
		content := must(io.ReadAll(must(f.Open())(t)))(t)
		h := zip.FileHeader{Name: f.Name, Method: zip.Store, CRC32: f.CRC32, CompressedSize64: uint64(len(content)), UncompressedSize64: uint64(len(content))}
		headers, contents := change(&h, content)
		for i := range headers {
			headers[i].CRC32 = crc32.ChecksumIEEE(contents[i])
			headers[i].CompressedSize64, headers[i].UncompressedSize64 = uint64(len(contents[i])), uint64(len(contents[i]))
			raw := must(w.CreateRaw(&headers[i]))(t)
			must(raw.Write(contents[i]))(t)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func keepAll(h *zip.FileHeader, b []byte) ([]zip.FileHeader, [][]byte) {
	return []zip.FileHeader{*h}, [][]byte{b}
}

// only changes one file.
func only(name string, change func(*zip.FileHeader, []byte) ([]zip.FileHeader, [][]byte)) func(*zip.FileHeader, []byte) ([]zip.FileHeader, [][]byte) {
	return func(h *zip.FileHeader, b []byte) ([]zip.FileHeader, [][]byte) {
		if strings.Contains(h.Name, name) {
			return change(h, b)
		}
		return keepAll(h, b)
	}
}

func TestContainersRefused(t *testing.T) {
	b := small(t)
	refuse := func(name string, b []byte, file, why string) {
		t.Helper()
		_, err := extract.Verify(b, extract.Options{})
		var f *extract.Fault
		if !errors.As(err, &f) || !strings.Contains(f.File, file) || !strings.Contains(f.Msg, why) {
			t.Errorf("%s: %v; wanted %q of %q", name, err, why, file)
		}
	}
	entries := "log/00001-0000000001/entries.cbor"
	gone := func(*zip.FileHeader, []byte) ([]zip.FileHeader, [][]byte) { return nil, nil }
	twice := func(h *zip.FileHeader, b []byte) ([]zip.FileHeader, [][]byte) {
		return []zip.FileHeader{*h, *h}, [][]byte{b, b}
	}
	another := func(h *zip.FileHeader, b []byte) ([]zip.FileHeader, [][]byte) {
		more := *h
		more.Name = "log/00001-0000000001/zz.txt"
		return []zip.FileHeader{*h, more}, [][]byte{b, []byte("x")}
	}
	dated := func(h *zip.FileHeader, b []byte) ([]zip.FileHeader, [][]byte) {
		h.Modified = time.Date(2021, 5, 21, 0, 0, 0, 0, time.UTC)
		return keepAll(h, b)
	}
	longer := func(h *zip.FileHeader, b []byte) ([]zip.FileHeader, [][]byte) {
		return keepAll(h, append(slices.Clone(b), 0x83))
	}
	// Written by the standard library, the container has other versions and
	// flags already; plain makes it canonical again by its fields.
	refuse("not written as agreed", rebuild(t, b, keepAll), "agreement/", "not canonical")
	refuse("dropped", plain(t, rebuild(t, b, only(entries, gone))), "log/", "in its place")
	refuse("doubled", plain(t, rebuild(t, b, only(entries, twice))), entries, "doubled or out of order")
	refuse("one more", plain(t, rebuild(t, b, only(entries, another))), "", "")
	refuse("dated", rebuild(t, b, only(entries, dated)), "", "not canonical")
	refuse("longer", plain(t, rebuild(t, b, only(entries, longer))), entries, "is not the file that digests.txt lists")
	refuse("deflated", deflated(t, b), "", "not canonical")
	refuse("comment", append(b[:len(b)-2:len(b)-2], 1, 0, 'x'), "", "the end of the zip")
	refuse("bytes after", append(slices.Clone(b), 0), "", "the end of the zip")
	refuse("bytes before", append([]byte{0}, b...), "", "")
	refuse("empty", nil, "", "not an extract")
	refuse("zip64", zip64(b), "", "the end of the zip")
	refuse("a gap", gap(b), "", "between the files and the directory")
	list := spans(t, b)
	refuse("wrong order", swapped(t, b, list), "", "out of order")
	if _, err := extract.Verify(plain(t, rebuild(t, b, keepAll)), extract.Options{}); err != nil {
		t.Errorf("the same files, canonical again: %v", err)
	}
}

// content is a file as canonical takes it.
type content struct {
	name string
	b    []byte
}

// plain writes the files of a zip, in their order, with the headers that
// spec/extract.md section 2 asks for: apart from the package.
func plain(t testing.TB, b []byte) []byte {
	t.Helper()
	r := must(zip.NewReader(bytes.NewReader(b), int64(len(b))))(t)
	var list []content
	for _, f := range r.File {
		list = append(list, content{f.Name, must(io.ReadAll(must(f.Open())(t)))(t)})
	}
	return container(list)
}

// canonical puts files into order, lists their digests and makes a container.
func canonical(t testing.TB, files map[string][]byte) []byte {
	t.Helper()
	var digests bytes.Buffer
	var list []content
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if name != "digests.txt" {
			sum := sha256.Sum256(files[name])
			fmt.Fprintf(&digests, "%s  %s\n", hex.EncodeToString(sum[:]), name)
		}
		list = append(list, content{name, files[name]})
	}
	i := slices.IndexFunc(list, func(c content) bool { return c.name == "digests.txt" })
	list[i].b = digests.Bytes()
	return container(list)
}

func container(list []content) []byte {
	var out, dir []byte
	for _, f := range list {
		common := func(b []byte) []byte {
			b = append(b, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0)
			for _, v := range []uint32{crc32.ChecksumIEEE(f.b), uint32(len(f.b)), uint32(len(f.b))} {
				b = binary.LittleEndian.AppendUint32(b, v)
			}
			return append(binary.LittleEndian.AppendUint16(b, uint16(len(f.name))), 0, 0)
		}
		at := uint32(len(out))
		out = append(append(common(append(out, "PK\x03\x04"...)), f.name...), f.b...)
		dir = common(append(dir, "PK\x01\x02\x0a\x00"...))
		dir = append(dir, make([]byte, 10)...)
		dir = append(binary.LittleEndian.AppendUint32(dir, at), f.name...)
	}
	end := append([]byte("PK\x05\x06"), 0, 0, 0, 0, byte(len(list)), 0, byte(len(list)), 0)
	end = binary.LittleEndian.AppendUint32(end, uint32(len(dir)))
	end = append(binary.LittleEndian.AppendUint32(end, uint32(len(out))), 0, 0)
	return slices.Concat(out, dir, end)
}

func deflated(t testing.TB, b []byte) []byte {
	t.Helper()
	r := must(zip.NewReader(bytes.NewReader(b), int64(len(b))))(t)
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range r.File {
		content := must(io.ReadAll(must(f.Open())(t)))(t)
		must(must(w.Create(f.Name))(t).Write(content))(t)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// zip64 puts the records of a zip64 before the end.
func zip64(b []byte) []byte {
	end := b[len(b)-22:]
	locator := append([]byte("PK\x06\x07"), make([]byte, 16)...)
	out := append(slices.Clone(b[:len(b)-22]), locator...)
	end = slices.Clone(end)
	binary.LittleEndian.PutUint32(end[16:], 0xffffffff)
	return append(out, end...)
}

// gap puts a byte between the files and the directory.
func gap(b []byte) []byte {
	at := binary.LittleEndian.Uint32(b[len(b)-6:])
	out := slices.Concat(b[:at], []byte{0}, b[at:])
	binary.LittleEndian.PutUint32(out[len(out)-6:], at+1)
	return out
}

func swapped(t testing.TB, b []byte, list []span) []byte {
	t.Helper()
	r := must(zip.NewReader(bytes.NewReader(b), int64(len(b))))(t)
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for i := range r.File {
		f := r.File[len(r.File)-1-i]
		h := zip.FileHeader{Name: f.Name, Method: zip.Store, CRC32: f.CRC32, CompressedSize64: f.UncompressedSize64, UncompressedSize64: f.UncompressedSize64}
		raw := must(w.CreateRaw(&h))(t)
		must(raw.Write(must(io.ReadAll(must(f.Open())(t)))(t)))(t)
	}
	if err := w.Close(); err != nil || len(list) == 0 {
		t.Fatal(err)
	}
	return plain(t, out.Bytes())
}
