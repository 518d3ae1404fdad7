// SPDX-License-Identifier: Apache-2.0

package line

import (
	"crypto/sha256"

	"openline/record"
)

// encode writes the shared state of a thing: the bytes both sides must have
// alike (spec/line.md section 6, spec/line.cddl).
func (t *Thing) encode() []byte {
	w := record.NewWriter()
	if t.Removed || t.missing {
		t.encodeBare(w)
		return w.Finish()
	}
	w.Array(6)
	writeRef(w, t.Opening)
	w.Bytes(t.Opening.Hash[:])
	writeRef(w, t.Ended)
	w.Bool(t.Crossed)
	w.Array(len(t.Asked))
	for _, a := range t.Asked {
		w.Array(2)
		writeRef(w, a.Act)
		w.Array(len(a.Sides))
		for _, s := range a.Sides {
			s.encode(w)
		}
	}
	w.Array(len(t.Acts))
	for _, a := range t.Acts {
		w.Array(4)
		writeRef(w, a)
		w.Text(a.Code)
		w.Uint(uint64(t.of[a].standing))
		w.Array(len(t.of[a].answers))
		for _, b := range t.of[a].answers {
			writeRef(w, b)
		}
	}
	return w.Finish()
}

// encodeBare writes a thing whose content is removed: its leaves.
func (t *Thing) encodeBare(w *record.Writer) {
	w.Array(3)
	w.Array(2)
	w.Uint(uint64(t.Name.Party))
	w.Uint(t.Name.Number)
	w.Text("removed")
	w.Array(len(t.Acts))
	for _, a := range t.Acts {
		w.Array(2)
		writeRef(w, a)
		w.Bytes(a.Hash[:])
	}
}

func (s Side) encode(w *record.Writer) {
	w.Array(8)
	w.Uint(uint64(s.Party))
	w.Uint(uint64(s.Outcome))
	writeRef(w, s.By)
	w.Uint(uint64(s.Until))
	w.Bool(s.Crossed)
	w.Uint(s.Clocks.Number)
	w.Array(len(s.Replies))
	for _, a := range s.Replies {
		writeRef(w, a)
	}
	w.Array(5)
	w.Uint(s.Ladder.Watch.Number)
	w.Uint(s.Ladder.Office.Number)
	w.Uint(s.Ladder.Units.Number)
	w.Uint(s.Ladder.K)
	w.Uint(s.Ladder.N)
}

func writeRef(w *record.Writer, a *Act) {
	if a == nil {
		w.Array(0)
		return
	}
	w.Array(2)
	w.Uint(uint64(a.Ref.Party))
	w.Uint(a.Ref.Number)
}

func (t *Thing) seal() {
	t.digest = sha256.Sum256(append([]byte("openline/thing/v2\n"), t.encode()...))
	t.weight = 512
	for _, a := range t.Acts {
		t.weight += a.weight + 160
	}
}
