// SPDX-License-Identifier: Apache-2.0

package extract

import (
	"fmt"
	"slices"

	"openline/catalogue"
	"openline/extract/layout"
	"openline/record"
)

// noReply holds a no-reply extract to steps 4 to 15.
type noReply struct {
	v        *verifier
	asked    *log              // the generation that holds the request
	ask      shown             // the request
	number   uint64            // its record number
	from     record.Seen       // k: where the other side's range begins
	ours     []*log            // the asker's generations from the request's on
	theirs   []*log            // the other side's from k's on
	byHash   map[[32]byte]bool // their records the asker named by hash; true once met
	lastLeaf record.Stamp      // time of the last leaf of their newest generation, 0 if it does not parse
	taken    bool              // they took the asker's newest card
	out      *NoReply
}

// no says why the sentence cannot stand; the earliest step counts.
func (n *noReply) no(step int, format string, args ...any) {
	if n.out.Step == 0 || step < n.out.Step {
		n.out.Step, n.out.Reason = step, fmt.Sprintf(format, args...)
	}
}

func (v *verifier) noReply() error {
	n := &noReply{v: v, byHash: map[[32]byte]bool{}, out: &NoReply{Asking: v.t.Exporter, Answering: v.t.Answering}}
	v.report.NoReply = n.out
	if err := n.find(); err != nil {
		return err
	}
	n.request()
	if err := n.edges(); err != nil {
		return err
	}
	last := v.newCourse()
	for _, l := range n.ours {
		if err := n.walk(l, n.start(l), last, n.own); err != nil {
			return err
		}
	}
	last = v.newCourse()
	for _, l := range n.theirs {
		if err := n.walk(l, n.start(l), last, n.other); err != nil {
			return err
		}
	}
	n.afterwards()
	n.speak()
	return nil
}

// find reads the request itself.
func (n *noReply) find() error {
	t := n.v.t
	if n.asked = n.v.logs[t.Request.Log]; t.Request.Log.Party != t.Exporter || t.Answering == t.Exporter || n.asked == nil || !n.asked.shown {
		return layout.Faultf(layout.TitleName, 3, "the request is not in a log of the exporter that is shown, or is to itself")
	}
	err := n.v.walk(n.asked, func(s *shown) (bool, error) {
		if s.index == t.Request.Index {
			n.ask = *s
		}
		return s.index < t.Request.Index, nil
	})
	if err == nil && n.ask.log == nil {
		err = layout.Faultf(layout.TitleName, 4, "the request itself is withheld")
	}
	n.number = n.asked.card.Base + t.Request.Index
	n.out.Request = record.ByNumber(t.Exporter, n.number)
	return err
}

// request is steps 6 and 7: it opens a thing and asks the other side for a
// reply.
func (n *noReply) request() {
	leaf, h := n.ask.leaf, n.ask.header
	if leaf == nil || !leaf.About.IsZero() {
		n.no(6, "the request does not open its thing: show the opening record")
		return
	}
	if h == nil {
		n.no(7, "the request is not opened to its header")
		return
	}
	n.out.Code, n.out.Clocks = h.Code, h.Clocks
	c := n.v.of(leaf.Agreement)
	if c == nil {
		n.no(7, "version %d of the agreement, by which the request was made, is not shown", leaf.Agreement)
		return
	}
	if p, ok := c.Phrase(h.Code); !ok || !p.Asks() {
		n.no(7, "%s asks for no reply", h.Code)
	}
	if to := func(a record.Address) bool { return a.Party == n.v.t.Answering }; len(h.To) > 0 && !slices.ContainsFunc(h.To, to) {
		n.no(7, "the request is not to %s", n.v.short(n.v.t.Answering))
	}
}

// edges fixes both ranges. k is the largest seen of the request that is not
// of an empty log: the root of an empty log is known before there is one
// (docs/decisions/0006).
func (n *noReply) edges() error {
	t := n.v.t
	n.from = record.Seen{Party: t.Answering, Generation: 1}
	if n.ask.leaf != nil {
		for _, s := range n.ask.leaf.Seen {
			if s.Party == t.Answering && s.Size > 0 && s.Generation >= n.from.Generation {
				n.from = s
			}
		}
	}
	if l := n.v.logs[LogID{Party: t.Answering, Generation: n.from.Generation}]; l != nil && n.from.Size <= l.size {
		l.roots[n.from.Size] = [32]byte{}
	}
	n.ours = n.generations(t.Exporter, t.Request.Log.Generation)
	n.theirs = n.generations(t.Answering, n.from.Generation)
	if len(n.ours) == 0 || len(n.theirs) == 0 {
		return layout.Faultf(layout.TitleName, 4, "the logs of both sides have to be shown")
	}
	return nil
}

// generations lists the logs of a party from one generation on; every one up
// to the newest whose card is here has to be shown.
func (n *noReply) generations(party record.PartyNo, from uint32) (list []*log) {
	next := from
	for _, l := range n.v.order {
		if l.id.Party != party || l.id.Generation < from {
			continue
		}
		if l.id.Generation != next || !l.shown {
			n.no(9, "generation %d of %s's log is not shown", next, n.v.short(party))
		}
		if l.shown {
			list = append(list, l)
		}
		next = l.id.Generation + 1
	}
	return list
}

// start is where the range begins in a log.
func (n *noReply) start(l *log) uint64 {
	switch l.id {
	case n.v.t.Request.Log:
		return n.v.t.Request.Index
	case LogID{Party: n.v.t.Answering, Generation: n.from.Generation}:
		return n.from.Size
	}
	return 0
}

// walk goes through one log of a range. Nothing of a range is withheld.
func (n *noReply) walk(l *log, from uint64, c *course, each func(*shown)) error {
	from = min(from, l.size) // a k beyond the log is step 4's to name
	met := uint64(0)
	err := n.v.walk(l, func(s *shown) (bool, error) {
		n.v.list(s)
		if s.index < from {
			return true, nil
		}
		met++
		c.note(s)
		if s.leaf != nil {
			n.named(s)
		}
		each(s)
		return true, nil
	})
	if err == nil && from+met != l.size {
		err = layout.Faultf(layout.LogName(l.id, "entries.cbor"), 4, "of the records from %d to %d, %d are withheld", l.card.Base+from, l.card.Base+l.size-1, l.size-from-met)
	}
	return err
}

// named is the half of steps 9 and 10 that concerns seen: no leaf names a
// head of the other side's log beyond what is shown of it. What a leaf says
// of its own party's logs is void (spec/line.md).
func (n *noReply) named(s *shown) {
	logs, party, step := n.theirs, n.v.t.Answering, 10
	if s.log.id.Party == party {
		logs, party, step = n.ours, n.v.t.Exporter, 9
	}
	for _, x := range s.leaf.Seen {
		if x.Party == party && x.Generation >= logs[0].id.Generation && !covers(logs, x.Generation, x.Size) {
			n.no(step, "%s names %d records of %s's log, generation %d; they are not all shown", n.name(s), x.Size, n.v.short(party), x.Generation)
		}
	}
}

// covers reports whether a generation is shown up to a size.
func covers(logs []*log, generation uint32, size uint64) bool {
	i := slices.IndexFunc(logs, func(l *log) bool { return l.id.Generation == generation })
	return i >= 0 && size <= logs[i].size
}

func (n *noReply) name(s *shown) string {
	return fmt.Sprintf("%s/%d", n.v.short(s.log.id.Party), s.number())
}

// about reports whether a leaf names the request as its thing.
func (n *noReply) about(l *record.Leaf) bool {
	return l != nil && l.About.Party == n.v.t.Exporter && (l.About.Number == n.number || l.About.Number == 0 && l.About.Hash == n.ask.hash)
}

// own judges a record of the asking side: steps 11 and 13, and the hashes of
// step 10.
func (n *noReply) own(s *shown) {
	if s.depth == LeafOnly {
		n.out.ClosedOurs++
	}
	if s.leaf == nil && newer(s.entry.Leaf) {
		n.no(13, "%s is of a newer format than this program reads", n.name(s))
	}
	if generation, number := n.takesBack(s); number > 0 && generation >= uint64(n.asked.id.Generation) {
		l := n.v.logs[LogID{Party: n.v.t.Exporter, Generation: uint32(generation)}]
		if l == nil || number >= l.card.Base+l.size {
			n.no(9, "%s takes back records up to %d of generation %d; they are not all shown", n.name(s), number, generation)
		}
	}
	if !n.about(s.leaf) || !n.opened(s) {
		return
	}
	for _, r := range s.header.Re {
		if r.Party == n.v.t.Answering && r.Number == 0 {
			if len(n.byHash) == maxNamed {
				n.no(10, "more than %d records are named by their hashes", maxNamed)
				return
			}
			if _, named := n.byHash[r.Hash]; !named {
				n.byHash[r.Hash] = false
			}
		}
	}
	n.weigh(s, 13, func(p catalogue.Phrase) bool { return p.Withdraws || p.Corrects || p.Confirms })
}

// other judges a record of the answering side: steps 11 and 12.
func (n *noReply) other(s *shown) {
	if _, ok := n.byHash[s.hash]; ok {
		n.byHash[s.hash] = true
	}
	if s.depth == LeafOnly {
		n.out.ClosedTheirs++
	}
	if s.leaf == nil && newer(s.entry.Leaf) {
		n.no(12, "%s is of a newer format than this program reads", n.name(s))
	}
	if s.log == n.theirs[len(n.theirs)-1] {
		n.lastLeaf = 0 // the time of an earlier leaf is no word on this size
		if s.leaf != nil {
			n.lastLeaf = s.leaf.Time
		}
	}
	n.taken = n.taken || n.takes(s)
	if n.about(s.leaf) && n.opened(s) {
		n.weigh(s, 12, func(p catalogue.Phrase) bool { return p.Replies })
	}
}

func (n *noReply) opened(s *shown) bool {
	if s.header == nil {
		n.no(11, "%s is about the request and is not opened to a header that can be read", n.name(s))
	}
	return s.header != nil
}

// weigh asks what a record about the request is under both versions: its own
// and the request's. One that neither side can look up counts.
func (n *noReply) weigh(s *shown, step int, counts func(catalogue.Phrase) bool) {
	if s.hash == n.ask.hash {
		return
	}
	for _, version := range []uint32{s.leaf.Agreement, n.ask.leaf.Agreement} {
		p, known := catalogue.Phrase{}, false
		if c := n.v.of(version); c != nil {
			p, known = c.Phrase(s.header.Code)
		}
		if known && counts(p) || !known && version == s.leaf.Agreement {
			n.no(step, "%s, %s: %s", n.name(s), s.header.Code, gloss(p, known))
			return
		}
	}
	if len(n.out.Named) == maxNamed {
		n.out.MoreNamed++
		return
	}
	n.out.Named = append(n.out.Named, NamedRecord{record.ByNumber(s.log.id.Party, s.number()), s.header.Code})
}

func gloss(p catalogue.Phrase, known bool) string {
	if !known {
		return "a phrase that the agreement it names, as shown here, does not have"
	}
	return p.Gloss
}

// takes reports whether a record is the other side's KY01 for the asker's
// newest card: only it says which of two cards of one generation was taken.
func (n *noReply) takes(s *shown) bool {
	b := s.body("KY01")
	if b == nil {
		return false
	}
	newest := n.ours[len(n.ours)-1]
	party, _ := b.Params["party"].AsUint()
	generation, _ := b.Params["generation"].AsUint()
	card, _ := b.Params["card"].AsBytes()
	digest := newest.card.Digest()
	return party == uint64(newest.id.Party) && generation == uint64(newest.id.Generation) && string(card) == string(digest[:])
}

// takesBack gives what a record of the asker takes back, if it is a KY02
// shown whole: up to which number of which generation.
func (n *noReply) takesBack(s *shown) (generation, number uint64) {
	if b := s.body("KY02"); b != nil {
		generation, _ = b.Params["generation"].AsUint()
		number, _ = b.Params["number"].AsUint()
	}
	return generation, number
}

// body gives the body of a record of a phrase, if it is shown and parses.
func (s *shown) body(code string) *record.Body {
	if s.depth != Whole || s.header == nil || s.header.Code != code {
		return nil
	}
	b, err := record.DecodeBody(s.entry.Body)
	if err != nil {
		return nil
	}
	return b
}

// newer reports whether a leaf that does not parse says it is of a later
// format.
func newer(leaf []byte) bool {
	r := record.NewReader(leaf)
	if _, err := r.MapLen(64); err != nil {
		return false
	}
	key, err := r.Uint()
	if err != nil || key != 1 {
		return false
	}
	format, err := r.Uint()
	return err == nil && format > record.FormatVersion
}
