// SPDX-License-Identifier: Apache-2.0

package extract_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"openline/extract"
	"openline/extract/gather"
	"openline/record"
)

// took is KY01: the other side's newest card was taken.
func (w *world) took(no record.PartyNo) record.Ref {
	card := w.own(other(no)).card
	digest := card.Digest()
	return w.put(no, say{code: "KY01", params: map[string]record.Value{"party": record.Uint(uint64(other(no))),
		"generation": record.Uint(uint64(card.Generation)), "card": record.Bytes(digest[:])}})
}

func TestReplyInANewerGeneration(t *testing.T) {
	w, q := asked(t)
	old := w.own(red)
	w.open(red, 10, old.held(3))
	w.put(red, say{code: "AF01", about: q, re: []record.Ref{q}})
	w.took(blue)
	w.meet(blue)
	w.timed(red)
	c := w.export(q)
	w.refused(c, 12, "red/10, AF01")
	// Blue leaves the newer generation out, its card stays.
	l := logOf(c, red, 2)
	l.Depth, l.Heads = nil, nil
	w.refused(c, 9, "generation 2 of red's log is not shown")
	// And its card too: blue's own leaves name it.
	c.Logs = slices.DeleteFunc(c.Logs, func(l gather.Log) bool { return l.ID == extract.LogID{Party: red, Generation: 2} })
	for i := range c.Logs {
		drop(&c.Logs[i], func(s extract.Statement) bool { return s.By.Party == red && s.By.Generation == 2 })
	}
	w.refused(c, 10, "generation 2; they are not all shown")
}

func TestNewerGenerationWithoutReply(t *testing.T) {
	w, q := asked(t)
	old := w.own(red)
	w.open(red, 10, old.held(2)) // its third record is lost
	w.put(red, say{code: "TX01"})
	w.meet(blue)
	w.timed(red)
	r := w.verify(w.export(q))
	if !r.Holds() || r.NoReply.Records != 3 || r.NoReply.PostQuantum == nil {
		t.Fatalf("%+v", r.NoReply)
	}
	// A receipt over the newest generation only leaves the edge of the older
	// one open.
	c := w.export(q)
	drop(logOf(c, red, 1), func(s extract.Statement) bool { return s.By.Party == blue && s.At >= w.now })
	drop(logOf(c, red, 1), func(s extract.Statement) bool { return s.By.Party == blue })
	w.refused(c, 9, "each earlier generation")
}

// The asker claims to have seen a generation before there is one: the root
// of an empty log is known beforehand (docs/decisions/0006).
func TestEmptyGenerationMovesNoEdge(t *testing.T) {
	w := newWorld(t, false)
	w.put(red, say{code: "TX01"})
	w.meet(blue)
	s := invite()
	s.seen = func(seen []record.Seen) []record.Seen {
		empty := record.Seen{Party: red, Generation: 2, Root: w.own(red).root(0)}
		return append(seen, empty)
	}
	q := w.put(blue, s)
	w.meet(red)
	w.put(red, say{code: "AF01", about: q, re: []record.Ref{q}})
	w.meet(blue)
	w.now += 10
	old := w.own(red)
	w.open(red, 10, old.held(1)) // the reply is lost by its author; blue holds it
	w.put(red, say{code: "TX01"})
	w.meet(blue)
	w.timed(red)
	w.refused(w.export(q), 12, "red/2, AF01")
}

// Red's newest card holds more of its earlier generation than is shown.
func TestCardHoldsMore(t *testing.T) {
	w, q := asked(t)
	old := w.own(red)
	w.put(red, say{code: "AF01", about: q, re: []record.Ref{q}}) // never reaches blue
	w.holds[blue][w.open(red, 10, old.held(4)).id] = 1
	w.put(red, say{code: "TX01"})
	w.timed(red)
	w.refused(w.export(q), 9, "holds 4 records of generation 1")
}

// The asker was restored and lost its withdrawal: what red holds of it
// decides, and red says which card it took.
func TestAskerRestored(t *testing.T) {
	w, q := asked(t)
	old := w.own(blue)
	w.put(blue, say{code: "WD01", about: q, re: []record.Ref{q}})
	w.open(blue, 10, old.held(3))
	old.entries, old.stored = old.entries[:3], old.stored[:len(old.stored)-3] // what the backup held
	w.now += 10
	w.refused(w.export(q), 9, "open the record by which red took blue's card of generation 2")
	w.took(red)
	w.timed(red)
	w.meet(blue)
	if r := w.verify(w.export(q)); !r.Holds() {
		t.Fatalf("%+v", r.NoReply)
	}
	// A second card for the same generation is not the one red took.
	l := w.own(blue)
	l.card.Issued++
	l.note = must(w.secrets[blue].SignStationCard(l.card))(t)
	w.refused(w.export(q), 9, "open the record by which red took")
}

func TestRequestLostByItsAuthor(t *testing.T) {
	w, q := asked(t)
	w.open(blue, 10, w.own(blue).held(1))
	w.took(red)
	w.timed(red)
	w.meet(blue)
	w.refused(w.export(q), 9, "lost by its author")
}

func TestTakenBackIsShown(t *testing.T) {
	w, q := asked(t)
	old := w.own(blue)
	w.open(blue, 10, old.held(2))
	w.took(red)
	w.timed(red)
	w.meet(blue)
	w.put(blue, say{code: "KY02", params: map[string]record.Value{"generation": record.Uint(1), "number": record.Uint(3)}})
	c := w.export(q)
	if r := w.verify(c); !r.Holds() {
		t.Fatalf("%+v", r.NoReply)
	}
	cut(w, logOf(c, blue, 1), 2)
	w.refused(c, 9, "blue/10 takes back records up to 3 of generation 1")
}

// Blue lost its withdrawal, and red had it: red's leaves say so, whatever
// blue took back or did not.
func TestLostWithdrawalThatRedHad(t *testing.T) {
	w, q := asked(t)
	old := w.own(blue)
	w.put(blue, say{code: "WD01", about: q, re: []record.Ref{q}})
	w.meet(red)
	w.open(blue, 10, old.held(3))
	w.took(red)
	w.timed(red)
	w.meet(blue)
	c := w.export(q)
	w.refused(c, 13, "WD01")
	cut(w, logOf(c, blue, 1), 3)
	w.refused(c, 9, "names 4 records of blue's log, generation 1")
}

// Whatever is said, lost, restored and exported: never the sentence where
// blue holds a reply or has withdrawn.
func TestNeverWhereThereIsAReply(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w, q := asked(t)
		replied, withdrawn := false, false
		for _, do := range rapid.SliceOfN(rapid.IntRange(0, 8), 1, 12).Draw(rt, "deeds") {
			switch w.now += record.Stamp(do % 2); do {
			case 0:
				w.put(red, say{code: "TX01"})
			case 1:
				w.put(red, say{code: "HD01", about: q, re: []record.Ref{q}})
			case 2:
				w.put(blue, say{code: "WD01", about: q})
				withdrawn = true
			case 3, 4:
				w.meet(blue)
			case 5:
				w.meet(red)
			case 6:
				w.timed(red)
			case 7:
				w.open(red, uint64(w.own(red).card.Base)+100, w.own(red).held(uint64(len(w.own(red).entries))))
			case 8:
				w.put(blue, say{code: "TX01"})
			}
		}
		for id, size := range w.holds[blue] {
			for _, e := range w.logs[id].entries[:size] {
				d := e.Decode()
				replied = replied || d.Header.Code == "HD01" && !d.Leaf.About.IsZero()
			}
		}
		r := w.verify(w.export(q))
		if r.Holds() && (replied || withdrawn) || (r.NoReply.Sentence == "") == r.Holds() {
			rt.Fatalf("replied %v, withdrawn %v: %+v", replied, withdrawn, r.NoReply)
		}
		if !r.Holds() && !replied && !withdrawn && !slices.ContainsFunc(
			[]string{"timed head", "later than its word", "they are not all shown"}, func(s string) bool { return strings.Contains(r.NoReply.Reason, s) }) {
			rt.Fatalf("nothing was said, and there is no sentence: %+v", r.NoReply)
		}
	})
}
