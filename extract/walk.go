// SPDX-License-Identifier: Apache-2.0

package extract

import (
	"errors"
	"fmt"
	"io"

	"openline/extract/layout"
	"openline/record"
	"openline/tlog"
)

// shown is one record as the walk meets it. Its layers are good until the
// next one is met.
type shown struct {
	log    *log
	index  uint64
	hash   [32]byte
	depth  Depth
	entry  record.Entry
	leaf   *record.Leaf   // nil: it does not parse
	header *record.Header // nil: not shown, or it does not parse
}

func (s *shown) number() uint64 { return s.log.card.Base + s.index }

// walk goes through a log from its beginning: it holds each layer to its
// digest and the whole to the wanted roots, and gives every record shown to
// visit. It stops early where visit says so.
func (v *verifier) walk(l *log, visit func(*shown) (bool, error)) error {
	name := layout.LogName(l.id, "entries.cbor")
	f := v.entries(l)
	in := layout.NewItems(v.a.Open(f), f.Size)
	tree, err := tlog.OpenTree(0, nil)
	if err != nil {
		return err
	}
	for {
		if _, ok := l.roots[tree.Size()]; ok {
			l.roots[tree.Size()] = tree.Root()
		}
		it, err := in.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return layout.Faultf(name, 4, "%v", err)
		}
		if it.Depth == Withheld {
			if err := l.skip(tree, it); err != nil {
				return layout.Faultf(name, 4, "%v", err)
			}
			continue
		}
		s, err := open(l, tree.Size(), it)
		if err != nil {
			return layout.Faultf(name, 4, "record %d: %v", l.card.Base+tree.Size(), err)
		}
		if more, err := visit(s); err != nil || !more {
			return err
		}
		tree.Append(s.hash)
	}
	if tree.Size() != l.size {
		return layout.Faultf(name, 4, "it holds %d records, the head that ends it has %d", tree.Size(), l.size)
	}
	l.walked = true
	return v.compare(l)
}

// skip takes a subtree that is withheld. It must not reach across a size at
// which a root is needed.
func (l *log) skip(tree *tlog.Tree, it layout.Item) error {
	from := tree.Size()
	if err := tree.AppendSubtree(it.Level, it.Root); err != nil {
		return err
	}
	for size := range l.roots {
		if from < size && size < tree.Size() {
			return fmt.Errorf("the records from %d on are withheld across %d, where a root is signed", l.card.Base+from, size)
		}
	}
	return nil
}

// open holds the layers of a record to their digests.
func open(l *log, index uint64, it layout.Item) (*shown, error) {
	s := &shown{log: l, index: index, hash: record.LeafHash(it.Entry.Leaf), depth: it.Depth, entry: it.Entry}
	leaf, err := record.DecodeLeaf(it.Entry.Leaf)
	if err != nil {
		if len(it.Entry.Header)+len(it.Entry.Body) > 0 {
			return nil, errors.New("something lies beneath a leaf that does not parse")
		}
		return s, nil
	}
	if s.leaf = leaf; it.Depth < WithHeader {
		return s, nil
	}
	if record.HeaderDigest(it.Entry.Header) != leaf.Header {
		return nil, errors.New("the header is not the one the leaf names")
	}
	header, err := record.DecodeHeader(it.Entry.Header)
	if err != nil {
		if len(it.Entry.Body) > 0 {
			return nil, errors.New("a body lies beneath a header that does not parse")
		}
		return s, nil
	}
	if s.header = header; it.Depth == Whole && record.BodyDigest(it.Entry.Body) != header.Body {
		return nil, errors.New("the body is not the one the header names")
	}
	return s, nil
}

// compare holds the roots of the walk to every signed one.
func (v *verifier) compare(l *log) error {
	for _, h := range l.heads {
		if l.roots[h.Size] != h.Root {
			return layout.Faultf(h.file, 4, "the records shown do not lead to this head")
		}
	}
	for _, later := range v.order {
		p := later.card.Previous
		if p == nil || later.id.Party != l.id.Party || p.Generation != l.id.Generation || p.Size > l.size {
			continue
		}
		if l.roots[p.Size] != p.Root {
			return layout.Faultf(layout.LogName(later.id, "card.txt"), 4, "the records shown do not lead to the root that this card names")
		}
	}
	return nil
}

func (v *verifier) entries(l *log) layout.File {
	name := layout.LogName(l.id, "entries.cbor")
	for _, f := range v.a.Files {
		if f.Name == name {
			return f
		}
	}
	return layout.File{Name: name}
}

// course follows what must never fall along the logs of one party.
type course struct {
	v    *verifier
	last record.Stamp
	seen map[LogID]uint64
}

func (v *verifier) newCourse() *course { return &course{v: v, seen: map[LogID]uint64{}} }

// note writes down where a record breaks the order; that is printed, and
// judged by nobody.
func (c *course) note(s *shown) {
	if s.leaf == nil {
		c.v.breach("%s/%d does not parse; it says nothing and replies to nothing", c.v.short(s.log.id.Party), s.number())
		return
	}
	name := func() string { return fmt.Sprintf("%s/%d", c.v.short(s.log.id.Party), s.number()) }
	if s.leaf.Author != s.log.id.Party || s.leaf.Generation != s.log.id.Generation {
		c.v.breach("%s says it is of party %d, generation %d", name(), s.leaf.Author, s.leaf.Generation)
	}
	if s.leaf.Time < c.last {
		c.v.breach("%s has the time %s, earlier than the record before it", name(), stamp(s.leaf.Time))
	}
	c.last = max(c.last, s.leaf.Time)
	for _, x := range s.leaf.Seen {
		id := LogID{Party: x.Party, Generation: x.Generation}
		if x.Size < c.seen[id] {
			c.v.breach("%s had seen %d records of %s, generation %d, and an earlier one %d", name(), x.Size, c.v.short(x.Party), x.Generation, c.seen[id])
		}
		if _, known := c.seen[id]; known || len(c.seen) < maxCourse {
			c.seen[id] = max(c.seen[id], x.Size)
		}
	}
}
