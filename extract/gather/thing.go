// SPDX-License-Identifier: Apache-2.0

package gather

import (
	"fmt"

	"openline/extract/layout"
	"openline/record"
)

// maxAbout bounds how many records about one thing an extract shows: what the
// line itself folds of each of many parties.
const maxAbout = 8192

// about chooses every record held about a thing, by its number or its hash,
// under a signed head.
func (g *gather) about() error {
	thing := g.wish.Thing
	at, err := g.place(thing)
	if err != nil {
		return err
	}
	first, err := g.src.Entries(at.Log, at.Index, 1, 1<<30)
	if err != nil {
		return err
	}
	if len(first) == 0 {
		return fmt.Errorf("record %d of party %d is not held here", thing.Number, thing.Party)
	}
	if removed(first[0]) {
		return errRemoved(thing.Party, thing.Number)
	}
	hash := record.LeafHash(first[0].Leaf)
	leaf, err := record.DecodeLeaf(first[0].Leaf)
	if err != nil || !leaf.About.IsZero() {
		return fmt.Errorf("record %d of party %d opens nothing; name the record that opened what it is about", thing.Number, thing.Party)
	}
	g.out.Request, g.wish.Depth = at, layout.Whole
	g.wish.Records = []record.Ref{thing}
	for _, h := range g.held {
		end, err := g.end(&h)
		if err != nil {
			return err
		}
		for i := uint64(0); i < end.Size; {
			page, err := g.src.Entries(h.Log, i, 512, 4<<20)
			if err != nil {
				return err
			}
			if len(page) == 0 {
				return fmt.Errorf("record %d of party %d cannot be read back", h.Base+i, h.Log.Party)
			}
			for _, e := range page {
				leaf, err := record.DecodeLeaf(e.Leaf)
				if about := leafAbout(leaf, err); i < end.Size && !about.IsZero() && (about == thing || about == record.ByHash(thing.Party, hash)) {
					g.wish.Records = append(g.wish.Records, record.ByNumber(h.Log.Party, h.Base+i))
				}
				i++
			}
		}
	}
	if len(g.wish.Records) > maxAbout {
		return fmt.Errorf("%d records are about it, at most %d are shown; name those that matter", len(g.wish.Records), maxAbout)
	}
	return nil
}

func leafAbout(l *record.Leaf, err error) record.Ref {
	if err != nil {
		return record.Ref{}
	}
	return l.About
}
