// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"openline/mirror"
	"openline/record"
	"openline/tlog"
)

// Frame types of spec/link.md that the liar makes or withholds.
const (
	frameHave      = 2
	framePackage   = 3
	frameStatement = 4
)

// lie is what a dishonest counterpart does to its own frames: it withholds
// signatures, claims sizes, sends records without their words, garbage, and
// now and then a second history.
func (w *world) lie(n, to *node, frames [][]byte, first bool) [][]byte {
	var out [][]byte
	for i, f := range frames {
		kind := frameKind(f)
		switch {
		case first && i == 0:
			out = append(out, f)
		case kind == frameStatement && w.chance(0.3):
		case kind == framePackage && w.chance(0.2):
			out = append(out, withoutWords(f))
		default:
			out = append(out, f)
		}
	}
	if first {
		return out
	}
	switch w.rng.IntN(40) {
	case 0:
		out = append(out, haveFrame(to.party.Number, to.issued.Card.Generation, w.rng.Uint64N(1000)))
	case 1:
		out = append(out, haveFrame(record.PartyNo(w.rng.IntN(9)), w.rng.Uint32N(9), w.rng.Uint64()))
	case 2:
		junk := make([]byte, w.rng.IntN(60))
		for i := range junk {
			junk[i] = byte(w.rng.Uint32())
		}
		out = append(out, junk)
	case 3:
		if w.chance(0.2) {
			out = append(out, w.secondHistory(n)...)
		}
	}
	return out
}

func frameKind(f []byte) uint64 {
	r := record.NewReader(f)
	if _, err := r.ArrayLen(16); err != nil {
		return 0
	}
	kind, err := r.Uint()
	if err != nil {
		return 0
	}
	return kind
}

func haveFrame(p record.PartyNo, gen uint32, size uint64) []byte {
	w := record.NewWriter()
	w.Array(2)
	w.Uint(frameHave)
	w.Array(1)
	w.Array(3)
	w.Uint(uint64(p))
	w.Uint(uint64(gen))
	w.Uint(size)
	return w.Finish()
}

func packageFrame(p mirror.Package) []byte {
	w := record.NewWriter()
	w.Array(5)
	w.Uint(framePackage)
	w.Uint(uint64(p.Log.Party))
	w.Uint(uint64(p.Log.Generation))
	w.Uint(p.From + uint64(len(p.Entries)))
	w.Bytes(p.Encode())
	return w.Finish()
}

// withoutWords takes the body off the last record of a package.
func withoutWords(f []byte) []byte {
	r := record.NewReader(f)
	if _, err := r.ArrayLen(16); err != nil {
		return f
	}
	for range 4 {
		if _, err := r.Uint(); err != nil {
			return f
		}
	}
	b, err := r.Bytes(1 << 20)
	if err != nil {
		return f
	}
	p, err := mirror.DecodePackage(b)
	if err != nil || len(p.Entries) == 0 {
		return f
	}
	last := &p.Entries[len(p.Entries)-1]
	*last = record.Entry{Leaf: last.Leaf, Header: last.Header}
	return packageFrame(p)
}

// secondHistory signs another root at the size of the liar's own log.
func (w *world) secondHistory(n *node) [][]byte {
	id := w.logOf(n)
	st, _ := n.disk.Log(id)
	if st.Size == 0 {
		return nil
	}
	n.log("signs a second history at %d", st.Size)
	note, err := tlog.SignCheckpoint(tlog.Checkpoint{Origin: n.issued.Card.Origin(), Size: st.Size, Root: [32]byte{1}}, n.issued.Signers.Log)
	if err != nil {
		w.fail("the liar cannot sign: %v", err)
		return nil
	}
	w.monitor.forked[id] = "by the liar"
	p := mirror.Package{Log: mirror.LogID(id), From: st.Size - 1, Entries: []record.Entry{{Leaf: []byte{0}}}, Checkpoint: note}
	return [][]byte{packageFrame(p)}
}
