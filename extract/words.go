// SPDX-License-Identifier: Apache-2.0

package extract

import (
	"openline/record"
)

// Words are the four signed times a no-reply sentence stands on.
type Words struct {
	Held  record.Stamp // t1: the answering side's receipt that covers the request
	Log   record.Stamp // t2: its word on its own log
	Ours  record.Stamp // t3: the asker's receipt over exactly that log
	Asker record.Stamp // tA: the asker's word on its own log, not before t3
}

// afterwards is what can be said once both ranges were walked: k, the cards
// and the hashes.
func (n *noReply) afterwards() {
	first := n.theirs[0]
	if first.id.Generation != n.from.Generation || n.from.Size > first.size || n.from.Size > 0 && first.roots[n.from.Size] != n.from.Root {
		n.no(4, "what the request's own leaf says it had seen of %s's log is not how this log begins", n.v.short(n.v.t.Answering))
	}
	for hash, met := range n.byHash {
		if !met {
			n.no(10, "a record about the request names a record of %s by its hash, %x…, which is not shown", n.v.short(n.v.t.Answering), hash[:8])
		}
	}
	n.continued(n.ours)
	n.continued(n.theirs)
	if newest := n.ours[len(n.ours)-1]; newest != n.asked {
		if !n.taken {
			n.no(9, "open the record by which %s took %s's card of generation %d", n.v.short(n.v.t.Answering), n.v.short(n.v.t.Exporter), newest.id.Generation)
		}
		n.lost()
	}
	n.count()
}

// continued asks that everything a card says was held of a generation shown
// is shown.
func (n *noReply) continued(logs []*log) {
	for _, l := range logs {
		p := l.card.Previous
		if p == nil {
			continue
		}
		if earlier := n.v.logs[LogID{Party: l.id.Party, Generation: p.Generation}]; p.Generation >= logs[0].id.Generation && (earlier == nil || p.Size > earlier.size) {
			n.no(9, "the card of %s's generation %d holds %d records of generation %d; they are not all shown", n.v.short(l.id.Party), l.id.Generation, p.Size, p.Generation)
		}
	}
}

// lost asks whether a later card of the asker leaves the request itself out.
func (n *noReply) lost() {
	for _, l := range n.ours[1:] {
		p, at := l.card.Previous, n.v.t.Request
		if p.Generation < at.Log.Generation || p.Generation == at.Log.Generation && p.Size <= at.Index {
			n.no(9, "the card of generation %d says the request was lost by its author", l.id.Generation)
		}
	}
}

// count is how many records the other side's log held: those of its newest
// generation and of each that the cards say it continues.
func (n *noReply) count() {
	l := n.theirs[len(n.theirs)-1]
	n.out.Records = l.size
	for p := l.card.Previous; p != nil; p = l.card.Previous {
		n.out.Records += p.Size
		if l = n.v.logs[LogID{Party: l.id.Party, Generation: p.Generation}]; l == nil {
			n.no(9, "the card of %s's generation %d is not shown", n.v.short(n.v.t.Answering), p.Generation)
			return
		}
	}
}

// speak is steps 8, 9, 14 and 15.
func (n *noReply) speak() {
	words, step, why := n.words(false)
	if step > 0 {
		n.no(step, "%s", why)
	}
	if n.out.Step > 0 {
		return
	}
	n.out.Words = words
	if pq, step, _ := n.words(true); step == 0 {
		n.out.PostQuantum = &pq
	}
	n.out.Pending = n.theirs[len(n.theirs)-1].pending
	n.out.write(n.v)
}

// words finds the four times, by one kind of signature. Of several that
// would do it takes the earliest t1 and the latest t2, t3 and tA.
func (n *noReply) words(pq bool) (w Words, step int, why string) {
	us, them := n.v.short(n.v.t.Exporter), n.v.short(n.v.t.Answering)
	a, r := n.ours[len(n.ours)-1], n.theirs[len(n.theirs)-1]
	for _, s := range n.asked.statements {
		if s.By.Party == n.v.t.Answering && s.PQ == pq && s.Size > n.v.t.Request.Index && (w.Held == 0 || s.At < w.Held) {
			w.Held = s.At
		}
	}
	if w.Held == 0 {
		return w, 8, "no receipt of " + them + " that covers the request is shown"
	}
	w.Log = latest(r.statements, r.id, r.size, pq, 1<<63)
	if w.Log == 0 && !pq && r.size > 0 {
		w.Log = n.lastLeaf
	}
	if w.Log == 0 {
		return w, 8, "no timed head of " + them + " over the end of its log is shown"
	}
	if w.Held > w.Log {
		return w, 8, them + "'s receipt of the request is later than its word on its own log"
	}
	w.Asker = latest(a.statements, a.id, a.size, pq, 1<<63)
	if w.Asker == 0 {
		return w, 9, "no timed head of " + us + " over the end of its log is shown"
	}
	least := w.Asker
	for _, l := range n.theirs[:len(n.theirs)-1] {
		at := latest(l.statements, a.id, l.size, pq, 1<<63)
		least = min(least, at)
	}
	if w.Ours = latest(r.statements, a.id, r.size, pq, least); w.Ours == 0 {
		return w, 9, "no receipt of " + us + " over exactly the end of " + them + "'s log, and over each earlier generation then or later, is shown that is not later than " + us + "'s word on its own log"
	}
	return w, 0, ""
}

// latest is the latest time, not after most, at which a key signed a log at
// exactly a size; 0 if it did not.
func latest(list []Statement, by LogID, size uint64, pq bool, most record.Stamp) (at record.Stamp) {
	for _, s := range list {
		if s.By == by && s.Size == size && s.PQ == pq && s.At <= most {
			at = max(at, s.At)
		}
	}
	return at
}
