// SPDX-License-Identifier: Apache-2.0

package gather

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"

	"openline/extract"
	"openline/extract/layout"
	"openline/identity"
	"openline/record"
	"openline/tlog"
	"openline/tlog/evidence"
)

// Wish is what an exporter asks for, and what its store does not hold.
type Wish struct {
	Line       identity.LineID
	Exporter   record.PartyNo
	Agreements [][]byte     // bundles of consecutive versions, from the oldest that a record shown is under
	Catalogues []Catalogue  // of these versions
	Records    []record.Ref // by number; empty: the whole line
	Thing      record.Ref   // in place of them: everything held about this thing, whole
	Depth      layout.Depth // of what is shown
	Summary    string       // empty: a standard text
}

const standardSummary = `This is a certified extract of the record of a line kept with openline.
This page is no proof and nothing in it is signed. What the extract shows is
printed by

    openline verify FILE.zip --fingerprint PARTY=WORDS

with the fingerprints that you had from the parties themselves, and by any
other program written after spec/extract.md.
`

// keep bounds the statements read over one size: timed heads repeat.
const keep = 4096

// gather is an extract being collected from a store.
type gather struct {
	src  Source
	wish Wish
	held []Held // by party and generation
	out  *Contents
}

func newGather(src Source, w Wish, kind layout.Kind) (*gather, error) {
	held, err := src.Logs()
	if err != nil {
		return nil, err
	}
	held = slices.Clone(held)
	slices.SortFunc(held, func(a, b Held) int { return a.Log.Compare(b.Log) })
	if w.Summary == "" {
		w.Summary = standardSummary
	}
	if w.Depth == layout.Withheld {
		w.Depth = layout.Whole
	}
	return &gather{src, w, held, &Contents{Kind: kind, Line: w.Line, Exporter: w.Exporter, Agreements: w.Agreements,
		Catalogues: w.Catalogues, Summary: w.Summary, Source: src}}, nil
}

// Choose gathers chosen records, or the whole line, each log up to its newest
// signed head, with the receipts held. Nothing has to be signed for it.
func Choose(src Source, w Wish) (*Contents, error) {
	kind := layout.Records
	if !w.Thing.IsZero() {
		kind = layout.AboutThing
	}
	g, err := newGather(src, w, kind)
	if err == nil && kind == layout.AboutThing {
		err = g.about()
	}
	if err != nil {
		return nil, fmt.Errorf("gather extract: %w", err)
	}
	chosen := map[layout.LogID]map[uint64]bool{}
	for _, ref := range g.wish.Records {
		at, err := g.place(ref)
		if err != nil {
			return nil, fmt.Errorf("gather extract: %w", err)
		}
		if chosen[at.Log] == nil {
			chosen[at.Log] = map[uint64]bool{}
		}
		chosen[at.Log][at.Index] = true
	}
	for i := range g.held {
		h := &g.held[i]
		l := Log{ID: h.Log, Card: h.Card}
		if len(g.wish.Records) == 0 && h.Size > 0 || chosen[h.Log] != nil {
			if err := g.choose(h, &l, chosen[h.Log]); err != nil {
				return nil, fmt.Errorf("gather extract: %w", err)
			}
		}
		g.out.Logs = append(g.out.Logs, l)
	}
	return g.out, nil
}

func (g *gather) choose(h *Held, l *Log, chosen map[uint64]bool) error {
	end, err := g.end(h)
	if err != nil {
		return err
	}
	l.Size, l.Split = end.Size, g.named(h.Log)
	l.Depth = func(i uint64) layout.Depth {
		if len(g.wish.Records) == 0 || chosen[i] {
			return g.wish.Depth
		}
		return layout.Withheld
	}
	heads := []Head{end}
	for i := range chosen {
		if i >= l.Size {
			return fmt.Errorf("record %d has no signed head yet; wait for the next one", h.Base+i)
		}
		for _, by := range g.held {
			for _, pq := range []bool{false, true} {
				first, err := g.src.Statements(h.Log, by.Log, i+1, pq, 1)
				if err != nil {
					return err
				}
				if len(first) > 0 && first[0].Size <= l.Size && by.Log.Party != h.Log.Party && len(heads) < layout.MaxHeads {
					heads = addHead(heads, end.Origin, first[0])
				}
			}
		}
	}
	l.Heads = heads
	return nil
}

// place finds a record by its number: it belongs to the generation with the
// largest base not above it.
func (g *gather) place(ref record.Ref) (layout.Place, error) {
	var best *Held
	for i, h := range g.held {
		if h.Log.Party == ref.Party && h.Base <= ref.Number && (best == nil || h.Base >= best.Base) {
			best = &g.held[i]
		}
	}
	if best == nil || ref.Number-best.Base >= best.Size {
		return layout.Place{}, fmt.Errorf("record %d of party %d is not held here", ref.Number, ref.Party)
	}
	return layout.Place{Log: best.Log, Index: ref.Number - best.Base}, nil
}

// named lists the sizes of a log that later cards of its party name: the
// verifier needs the roots there.
func (g *gather) named(id layout.LogID) (sizes []uint64) {
	for _, h := range g.held {
		card, err := identity.UnsafeParseStationCard(h.Card)
		if err == nil && h.Log.Party == id.Party && card.Previous != nil && card.Previous.Generation == id.Generation {
			sizes = append(sizes, card.Previous.Size)
		}
	}
	return sizes
}

// end is the head at which what is shown of a log ends, with everything
// signed over exactly that size.
func (g *gather) end(h *Held) (Head, error) {
	card, err := identity.UnsafeParseStationCard(h.Card)
	if err != nil {
		return Head{}, err
	}
	head := Head{Checkpoint: tlog.Checkpoint{Origin: card.Origin(), Size: h.Size, Root: h.Root}}
	if len(h.Checkpoint) > 0 {
		if head.Checkpoint, head.Signature, err = ownLine(h.Checkpoint, card.Origin()); err != nil {
			return Head{}, err
		}
	}
	if head.Size < h.Size && slices.Contains(g.named(h.Log), h.Size) {
		// A later card signs for all that is held, where the log itself did not.
		head = Head{Checkpoint: tlog.Checkpoint{Origin: card.Origin(), Size: h.Size, Root: h.Root}}
	}
	if head.Size > h.Size {
		return Head{}, fmt.Errorf("the newest head of %s covers %d records, and %d are held", head.Origin, head.Size, h.Size)
	}
	for _, by := range g.held {
		for _, pq := range []bool{false, true} {
			list, err := g.src.Statements(h.Log, by.Log, head.Size, pq, keep)
			if err != nil {
				return Head{}, err
			}
			list = slices.DeleteFunc(slices.Clone(list), func(s extract.Statement) bool { return s.Size != head.Size })
			if len(list) > 0 {
				head.Statements = append(head.Statements, list[0])
			}
			if len(list) > 1 {
				head.Statements = append(head.Statements, list[len(list)-1])
			}
		}
	}
	return head, nil
}

// ownLine takes the log's own signature from a checkpoint's note.
func ownLine(note []byte, origin string) (c tlog.Checkpoint, line []byte, err error) {
	text, lines, ok := bytes.Cut(note, []byte("\n\n"))
	if !ok {
		return c, nil, errors.New("a checkpoint without signatures is stored")
	}
	if c, err = tlog.ParseCheckpoint(string(text) + "\n"); err != nil {
		return c, nil, err
	}
	for l := range bytes.Lines(lines) {
		if bytes.HasPrefix(l, []byte("— "+origin+" ")) {
			return c, l, nil
		}
	}
	return c, nil, fmt.Errorf("the stored checkpoint of %s does not bear its own signature", origin)
}

// addHead adds a statement to the head of its size.
func addHead(heads []Head, origin string, s extract.Statement) []Head {
	for i := range heads {
		if heads[i].Size == s.Size {
			heads[i].Statements = append(heads[i].Statements, s)
			return heads
		}
	}
	heads = append(heads, Head{Checkpoint: tlog.Checkpoint{Origin: origin, Size: s.Size, Root: s.Root}, Statements: []extract.Statement{s}})
	slices.SortFunc(heads, func(a, b Head) int { return cmp.Compare(a.Size, b.Size) })
	return heads
}

// Proof gives a C2SP tlog-proof of one record: its inclusion in the newest
// signed head, with every cosignature held over that head.
func Proof(src Source, ref record.Ref) ([]byte, error) {
	g, err := newGather(src, Wish{}, layout.Records)
	if err != nil {
		return nil, err
	}
	at, err := g.place(ref)
	if err != nil {
		return nil, err
	}
	h := g.find(at.Log)
	end, err := g.end(h)
	if err != nil {
		return nil, err
	}
	if end.Signature == nil || at.Index >= end.Size {
		return nil, fmt.Errorf("record %d has no signed head yet; wait for the next one", ref.Number)
	}
	path, err := tlog.ProveInclusion(end.Size, at.Index, src.Hashes(at.Log))
	if err != nil {
		return nil, err
	}
	return evidence.FormatProof(at.Index, path, end.note()), nil
}

func (g *gather) find(id layout.LogID) *Held {
	i := slices.IndexFunc(g.held, func(h Held) bool { return h.Log == id })
	if i < 0 {
		return nil
	}
	return &g.held[i]
}
