// SPDX-License-Identifier: Apache-2.0

package extract_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"openline/extract"
	"openline/extract/gather"
	"openline/record"
)

// A forger has the true logs and every statement ever made, and chooses what
// to show: where each log ends, which statements, cards and generations, and
// how deep. Never does the sentence stand where blue had receipted a reply or
// had withdrawn before t3.
func TestForgers(t *testing.T) {
	stood := 0
	rapid.Check(t, func(rt *rapid.T) {
		w, q := newWorldOf(t, false, must(loadAffairs())(t)).ask()
		for _, do := range rapid.SliceOfN(rapid.IntRange(0, 16), 2, 10).Draw(rt, "deeds") {
			w.deed(do, q)
		}
		c := w.export(q)
		pick := func(name string, n int) int { return rapid.IntRange(0, n-1).Draw(rt, name) }
		for range 4 {
			f := *c
			f.Logs = slices.Clone(c.Logs)
			for range pick("changes", 4) {
				l := &f.Logs[pick("log", len(f.Logs))]
				switch pick("change", 6) {
				case 0, 1:
					if l.Depth != nil {
						cut(w, l, uint64(pick("size", len(w.logs[l.ID].entries)+1)))
					}
				case 2:
					by, late := record.PartyNo(1+pick("by", 2)), pick("late", 2) == 1
					drop(l, func(s extract.Statement) bool { return s.By.Party == by && (s.At == w.now) == late })
				case 3:
					if l.Depth != nil && l.Size > 0 {
						at(l, uint64(pick("index", int(l.Size))), extract.Depth(pick("depth", 4)))
					}
				case 4:
					l.Depth, l.Heads = nil, nil
				case 5:
					if len(f.Logs) > 2 {
						f.Logs = slices.DeleteFunc(f.Logs, func(x gather.Log) bool { return x.ID == l.ID })
					}
				}
			}
			zip, err := f.Write()
			if err != nil {
				continue
			}
			if r, err := extract.Verify(zip, extract.Options{}); err == nil && r.Holds() {
				stood++
				w.truthful(rt, q, r.NoReply)
			}
		}
	})
	if stood == 0 {
		t.Error("no forger made any sentence: the test finds nothing")
	}
}

// deed is one thing that happens on the line.
func (w *world) deed(do int, q record.Ref) {
	switch w.now += record.Stamp(do % 3); do {
	case 0:
		w.put(red, say{code: "TX01"})
	case 1, 2:
		w.put(red, say{code: "AF01", about: q, re: []record.Ref{q}})
	case 3:
		w.put(blue, say{code: "WD01", about: q})
	case 4, 5:
		w.tookFirst(blue)
		w.meet(blue)
	case 6:
		w.meet(red)
	case 7:
		w.timed(red)
		w.timed(blue)
	case 8: // red is restored, from a backup that may lack a record
		l := w.own(red)
		n := uint64(len(l.entries))
		w.open(red, l.card.Base+n+10, l.held(n-min(n, uint64(w.now%2))))
	case 9:
		w.put(blue, say{code: "TX01"})
	default:
		w.hide(do, q)
	}
}

// hide is one of the ways in which a reply could be hidden, or something that
// is none look like one.
func (w *world) hide(do int, q record.Ref) {
	hash := record.LeafHash(w.logs[extract.LogID{Party: blue, Generation: 1}].entries[q.Number-1].Leaf)
	switch do {
	case 10: // under what was asked inside
		w.put(red, say{code: "AF01", about: q, re: []record.Ref{w.put(blue, say{code: "CP04", about: q, re: []record.Ref{q}})}})
	case 11: // by the hash of the request
		w.put(red, say{code: "HD05", about: record.ByHash(blue, hash), re: []record.Ref{record.ByHash(blue, hash)}})
	case 12: // in another matter, which both say is the same
		other := w.put(blue, invite())
		w.put(red, say{code: "AF01", about: other, re: []record.Ref{other}})
		for _, no := range []record.PartyNo{blue, red} {
			w.put(no, say{code: "SM01", about: q, re: []record.Ref{q}})
			w.put(no, say{code: "SM01", about: other, re: []record.Ref{other}})
		}
	case 13: // and its content to be removed, so that a leaf could pass for what is left
		w.put(red, say{code: "AF01", about: q, re: []record.Ref{q}})
		w.meet(blue)
		w.put(red, say{code: "RT01", params: map[string]record.Value{"records": record.Array(record.Array(record.Uint(uint64(q.Party)), record.Uint(q.Number)))}})
	case 14: // the machine's word on the attachments of the request
		w.put(red, say{code: "AT01", about: q, re: []record.Ref{q}})
	case 15: // the station's own word on its desk, about the request
		w.put(red, say{code: "LT03", about: q})
	case 16: // as an answer to a question how it stands
		w.put(red, say{code: "HD03", about: q, re: []record.Ref{w.put(blue, say{code: "RQ01", about: q, re: []record.Ref{q}})}})
	}
}

// replies are the phrases of what is said here that count as a reply.
var replies = []string{"AF01", "HD03", "HD05"}

// tookFirst names the other side's newest card before the first receipt for
// its generation, as an honest station does: its leaf says in seen that the
// generation is there, and nobody can show the log without it.
func (w *world) tookFirst(no record.PartyNo) {
	newest := w.own(other(no)).card.Generation
	for _, e := range w.own(no).entries {
		d := e.Decode()
		if d.Header == nil || d.Header.Code != "KY01" {
			continue
		}
		if g, _ := d.Body.Params["generation"].AsUint(); g == uint64(newest) {
			return
		}
	}
	if newest > 1 {
		w.took(no)
	}
}

// truthful holds a sentence to the true logs.
func (w *world) truthful(t *rapid.T, q record.Ref, n *extract.NoReply) {
	hash := record.LeafHash(w.logs[extract.LogID{Party: blue, Generation: 1}].entries[q.Number-1].Leaf)
	for id, l := range w.logs {
		for i, e := range l.entries {
			d := e.Decode()
			if d.Leaf.About != q && d.Leaf.About != record.ByHash(blue, hash) {
				continue
			}
			code := w.said[record.ByNumber(id.Party, l.card.Base+uint64(i))]
			receipted := slices.ContainsFunc(w.signed, func(s extract.Statement) bool {
				return s.Log == id && s.By.Party == blue && s.Size > uint64(i) && s.At < n.Words.Ours
			})
			if slices.Contains(replies, code) && receipted || code == "WD01" && d.Leaf.Time < n.Words.Ours {
				t.Fatalf("%s stands at %d of log %v\n%s", code, i, id, n.Sentence)
			}
		}
	}
}
