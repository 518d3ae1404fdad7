// SPDX-License-Identifier: Apache-2.0

package gather

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"math/bits"
	"slices"
	"strings"

	"openline/agreement"
	"openline/extract/layout"
	"openline/record"
	"openline/tlog"
)

// Pieces of a log as they are read and written.
const (
	readEntries = 1024
	readBytes   = 1 << 20
	flushBytes  = 64 << 10
)

// Write gives the extract as one zip. Whoever exports then verifies it:
// Write puts together what it is given and judges nothing.
func (c *Contents) Write() ([]byte, error) {
	var b bytes.Buffer
	err := c.Stream(&b)
	return b.Bytes(), err
}

// Stream writes the extract in pieces: memory does not grow with the logs.
// Every log is read twice.
func (c *Contents) Stream(w io.Writer) error {
	parts, err := c.parts()
	if err != nil {
		return fmt.Errorf("write extract: %w", err)
	}
	measured := make([]measure, len(parts))
	var list strings.Builder
	digests := -1
	for i, p := range parts {
		if p.name == layout.DigestsName {
			digests = i
			continue
		}
		m := measure{crc: crc32.NewIEEE(), digest: sha256.New()}
		if err := p.write(&m); err != nil {
			return fmt.Errorf("write %s: %w", p.name, err)
		}
		measured[i] = m
		fmt.Fprintf(&list, "%s  %s\n", hex.EncodeToString(m.digest.Sum(nil)), p.name)
	}
	parts[digests].write = text(list.String())
	measured[digests] = measure{crc: crc32.NewIEEE(), digest: sha256.New()}
	if err := parts[digests].write(&measured[digests]); err != nil {
		return err
	}
	return writeArchive(w, parts, measured)
}

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error { _, err := io.WriteString(w, s); return err }
}

// parts lists the files, in order.
func (c *Contents) parts() ([]part, error) {
	t := layout.Title{Kind: c.Kind, Line: c.Line, Exporter: c.Exporter, Request: c.Request, Answering: c.Answering}
	list := []part{{layout.DigestsName, nil}, {layout.TitleName, text(t.String())}, {layout.SummaryName, text(c.Summary)}}
	add := func(name string, b []byte) { list = append(list, part{name, text(string(b))}) }
	for _, bundle := range c.Agreements {
		a, err := agreement.Open(bundle)
		if err != nil {
			return nil, err
		}
		add(layout.AgreementName(a.Version), bundle)
	}
	for _, k := range c.Catalogues {
		digest := sha256.Sum256(k.Manifest)
		add(layout.CatalogueName(digest, "manifest.txt"), k.Manifest)
		for _, name := range slices.Sorted(maps.Keys(k.Files)) {
			add(layout.CatalogueName(digest, name), k.Files[name])
		}
	}
	for _, l := range c.Logs {
		add(layout.LogName(l.ID, "card.txt"), l.Card)
		for _, h := range l.Heads {
			add(layout.HeadName(l.ID, h.Size), h.note())
		}
		if l.Depth != nil {
			list = append(list, part{layout.LogName(l.ID, "entries.cbor"), func(w io.Writer) error { return c.writeLog(w, l) }})
		}
	}
	slices.SortFunc(list, func(a, b part) int { return cmp.Compare(a.name, b.name) })
	for i, p := range list {
		if i > 0 && list[i-1].name == p.name {
			return nil, fmt.Errorf("%s stands twice", p.name)
		}
		if !layout.PlainName(p.name) || len(p.name) > layout.MaxNameLen {
			return nil, fmt.Errorf("%q is not a name of a file in an extract", p.name)
		}
	}
	if len(list) > layout.MaxFiles {
		return nil, fmt.Errorf("%d files are more than %d", len(list), layout.MaxFiles)
	}
	return list, nil
}

// note writes a head with its signature lines: the log's own first, then the
// cosignatures in the order of their bytes, each once.
func (h Head) note() []byte {
	var b bytes.Buffer
	lines := make([]string, len(h.Statements))
	for i, s := range h.Statements {
		lines[i] = string(s.Line)
	}
	slices.Sort(lines)
	b.WriteString(h.Text() + "\n")
	b.Write(h.Signature)
	for _, l := range slices.Compact(lines) {
		b.WriteString(l)
	}
	return b.Bytes()
}

// writeLog writes a file of entries: records at their depth, and between
// them as few subtrees as their sizes allow.
func (c *Contents) writeLog(w io.Writer, l Log) error {
	w1 := record.NewWriter()
	hashes := c.Source.Hashes(l.ID)
	split := l.sizes()
	for at := uint64(0); at < l.Size; {
		if l.Depth(at) == layout.Withheld {
			level, err := l.subtree(at, split)
			if err != nil {
				return err
			}
			root, err := tlog.Subtree(level, at, hashes)
			if err != nil {
				return err
			}
			layout.Item{Level: level, Root: root}.Append(w1)
			at += 1 << level
			continue
		}
		n, err := c.writeEntries(w, w1, l, at)
		if err != nil {
			return err
		}
		at += n
	}
	_, err := w.Write(w1.Finish())
	return err
}

// sizes are those at which the verifier needs a root.
func (l Log) sizes() []uint64 {
	list := append(slices.Clone(l.Split), l.Size)
	for _, h := range l.Heads {
		list = append(list, h.Size)
	}
	slices.Sort(list)
	return slices.DeleteFunc(list, func(s uint64) bool { return s > l.Size })
}

// subtree is the level of the largest subtree of withheld records that
// begins at an index and does not reach across a size that is needed.
func (l Log) subtree(at uint64, split []uint64) (int, error) {
	i := slices.IndexFunc(split, func(s uint64) bool { return s > at })
	if i < 0 || at >= l.Size {
		return 0, errors.New("a size to be split at lies above the log")
	}
	end := at
	for end < split[i] && l.Depth(end) == layout.Withheld {
		end++
	}
	level := bits.Len64(end-at) - 1
	if at > 0 {
		level = min(level, bits.TrailingZeros64(at))
	}
	return level, nil
}

// writeEntries writes a run of records that are shown.
func (c *Contents) writeEntries(w io.Writer, w1 *record.Writer, l Log, at uint64) (n uint64, err error) {
	want := uint64(0)
	for want < readEntries && at+want < l.Size && l.Depth(at+want) != layout.Withheld {
		want++
	}
	list, err := c.Source.Entries(l.ID, at, int(want), readBytes)
	if err != nil {
		return 0, err
	}
	if len(list) == 0 || uint64(len(list)) > want {
		return 0, fmt.Errorf("record %d of the log was asked for, and %d came", at, len(list))
	}
	for i, e := range list {
		d := l.Depth(at + uint64(i))
		if removed(e) {
			d = layout.LeafOnly // what is gone cannot be shown
		}
		layout.Item{Depth: d, Entry: e}.Append(w1)
		if b := w1.Finish(); len(b) >= flushBytes {
			if _, err := w.Write(b); err != nil {
				return 0, err
			}
			*w1 = *record.NewWriter()
		}
	}
	return uint64(len(list)), nil
}
