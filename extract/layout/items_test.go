// SPDX-License-Identifier: Apache-2.0

package layout

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"openline/record"
)

// What parses as entries is written again as the same bytes.
func FuzzItems(f *testing.F) {
	w := record.NewWriter()
	for d := LeafOnly; d <= Whole; d++ {
		Item{Depth: d, Entry: record.Entry{Leaf: []byte("leaf"), Header: []byte("header"), Body: []byte("body")}}.Append(w)
	}
	Item{Level: 3, Root: [32]byte{1}}.Append(w)
	f.Add(w.Finish())
	f.Fuzz(func(t *testing.T, b []byte) {
		in, out := NewItems(bytes.NewReader(b), int64(len(b))), record.NewWriter()
		for {
			it, err := in.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return
			}
			it.Append(out)
		}
		if !bytes.Equal(out.Finish(), b) {
			t.Fatalf("%x is read and written as %x", b, out.Finish())
		}
	})
}

// Items are read through a window: a file of many is read as it was written,
// however the reader hands it over.
func TestItemsThroughAWindow(t *testing.T) {
	w := record.NewWriter()
	const n = 9
	for i := range n {
		body := bytes.Repeat([]byte{byte(i)}, record.MaxBody-i)
		Item{Depth: Whole, Entry: record.Entry{Leaf: []byte{byte(i)}, Body: body}}.Append(w)
	}
	in := NewItems(onlyReader{bytes.NewReader(w.Finish())}, int64(len(w.Finish())))
	for i := range n {
		it, err := in.Next()
		if err != nil || it.Entry.Leaf[0] != byte(i) || len(it.Entry.Body) != record.MaxBody-i {
			t.Fatalf("item %d: %v", i, err)
		}
	}
	if _, err := in.Next(); !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	if cap(in.buf) > window {
		t.Fatalf("the window is %d bytes", cap(in.buf))
	}
}

// onlyReader gives a few bytes at a time.
type onlyReader struct{ r io.Reader }

func (o onlyReader) Read(b []byte) (int, error) { return o.r.Read(b[:min(len(b), 4093)]) }

func TestTitles(t *testing.T) {
	good := Title{Kind: NoReplyFor, Line: "dtl-0a1b2c3d", Exporter: 1, Request: Place{LogID{1, 2}, 410}, Answering: 2}
	if got, err := ParseTitle([]byte(good.String())); err != nil || got != good {
		t.Fatal(got, err)
	}
	for _, bad := range []string{"", "openline extract 2\n", titleLine + "\n\n\n\n", titleLine + "\nkind records\nline dtl-0a1b2c3d\nexporter 01\n",
		titleLine + "\nkind records\nline dtl-0a1b2c3d\nexporter 70000\n", titleLine + "\nkind other\nline dtl-0a1b2c3d\nexporter 1\n",
		titleLine + "\nkind no-reply\nline dtl-0a1b2c3d\nexporter 1\n", good.String() + "\n", good.String()[1:]} {
		if _, err := ParseTitle([]byte(bad)); err == nil {
			t.Errorf("%q is read", bad)
		}
	}
}
