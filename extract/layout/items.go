// SPDX-License-Identifier: Apache-2.0

package layout

import (
	"errors"
	"fmt"
	"io"

	"openline/record"
)

// Depth says how much of a record is shown.
type Depth uint8

// The depths. Nothing of a withheld record is shown but what the tree needs.
const (
	Withheld Depth = iota
	LeafOnly
	WithHeader
	Whole
)

func (d Depth) String() string {
	return [...]string{"withheld", "leaf", "header", "body"}[min(d, Whole)]
}

// ParseDepth reads leaf, header or body.
func ParseDepth(s string) (Depth, error) {
	for d := LeafOnly; d <= Whole; d++ {
		if d.String() == s {
			return d, nil
		}
	}
	return 0, fmt.Errorf("%q is not a depth; write leaf, header or body", s)
}

// Item is one element of a file of entries: a record as deep as it is shown,
// or the root of a whole subtree of 1<<level records that are not.
type Item struct {
	Depth Depth
	Entry record.Entry
	Level int
	Root  [32]byte
}

const (
	maxLevel = 61
	// maxItem bounds an item: three layers and their heads.
	maxItem = record.MaxLeaf + record.MaxHeader + record.MaxBody + 32
	window  = 4 << 20
)

// Append writes the item.
func (it Item) Append(w *record.Writer) {
	layers := [][]byte{it.Entry.Leaf, it.Entry.Header, it.Entry.Body}[:it.Depth]
	if it.Depth == Withheld {
		w.Array(3)
		w.Uint(0)
		w.Uint(uint64(it.Level))
		w.Bytes(it.Root[:])
		return
	}
	w.Array(len(layers) + 1)
	w.Uint(uint64(it.Depth))
	for _, layer := range layers {
		w.Bytes(layer)
	}
}

// readItem reads what Append writes; the layers alias the input.
func readItem(r *record.Reader) (it Item, err error) {
	n, err := r.ArrayLen(int(Whole) + 1)
	if err != nil {
		return it, err
	}
	depth, err := r.Uint()
	if err != nil {
		return it, err
	}
	if depth == 0 && n == 3 {
		return it, it.readSubtree(r)
	}
	if depth == 0 || depth > uint64(Whole) || int(depth)+1 != n {
		return it, fmt.Errorf("an item of %d elements cannot have the depth %d", n, depth)
	}
	it.Depth = Depth(depth)
	bounds := [...]int{record.MaxLeaf, record.MaxHeader, record.MaxBody}
	for i, layer := range []*[]byte{&it.Entry.Leaf, &it.Entry.Header, &it.Entry.Body}[:it.Depth] {
		if *layer, err = r.Bytes(bounds[i]); err != nil {
			return it, err
		}
	}
	return it, nil
}

func (it *Item) readSubtree(r *record.Reader) error {
	level, err := r.Uint()
	if err != nil {
		return err
	}
	root, err := r.Bytes(32)
	if err != nil {
		return err
	}
	if level > maxLevel || len(root) != 32 {
		return fmt.Errorf("a subtree has a level up to %d and a root of 32 bytes", maxLevel)
	}
	it.Level, it.Root = int(level), [32]byte(root)
	return nil
}

// Items reads a file of entries through a window: what it gives is good
// until it is called again.
type Items struct {
	r      io.Reader
	buf    []byte
	at     int   // read so far of buf
	before int64 // bytes of the file before buf
	end    bool
}

// NewItems reads a file of a size.
func NewItems(r io.Reader, size int64) *Items {
	return &Items{r: r, buf: make([]byte, 0, min(window, size+1))}
}

// Next gives the next item; io.EOF after the last one.
func (s *Items) Next() (Item, error) {
	if err := s.fill(); err != nil {
		return Item{}, err
	}
	if s.at == len(s.buf) {
		return Item{}, io.EOF
	}
	r := record.NewReader(s.buf[s.at:])
	it, err := readItem(r)
	if err != nil {
		return Item{}, fmt.Errorf("item at byte %d: %w", s.before+int64(s.at), err)
	}
	s.at += r.Offset()
	return it, nil
}

// fill keeps a whole item in the window, as long as the file has one.
func (s *Items) fill() error {
	if s.end || len(s.buf)-s.at >= maxItem {
		return nil
	}
	s.before += int64(s.at)
	s.buf = s.buf[:copy(s.buf, s.buf[s.at:])]
	s.at = 0
	n, err := io.ReadFull(s.r, s.buf[len(s.buf):cap(s.buf)])
	s.buf = s.buf[:len(s.buf)+n]
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		s.end = true
		return nil
	}
	return err
}
