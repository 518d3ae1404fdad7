// SPDX-License-Identifier: Apache-2.0

package model

import (
	"maps"
	"slices"
)

// Station is one party's running copy of itself.
type Station struct {
	Me Party
	View
	Gen    int
	ahead  map[string]Leaf // entries ahead of their place, by leaf hash
	listed Cut             // the sizes its leaves of this generation have named
}

func (s *Station) own() Log { return Log{s.Me, s.Gen} }

func (s *Station) clone() *Station {
	t := &Station{Me: s.Me, Gen: s.Gen, ahead: map[string]Leaf{}, listed: maps.Clone(s.listed)}
	t.Cards, t.Logs = maps.Clone(s.Cards), map[Log]*Copy{}
	for log, c := range s.Logs {
		t.Logs[log] = c.clone(len(c.Leaves))
	}
	return t
}

// Said is the truth about one record: what its author meant by it.
type Said struct {
	Leaf
	Place Place
	Names Place // the record it is about; zero if none
}

// World is the stations and, for the tests alone, the truth: all that was
// ever numbered and signed.
type World struct {
	Rules
	Now      int
	Stations []*Station
	Signed   []Statement
	Truth    []Said
	Asks     []Place
	Tests    map[Place]Tested
	label    func(Party) string
	backups  []*Station
	cards    map[Party][]Card // what each party key has signed
	refused  map[Party]int    // a number the next base must lie above
	flight   []*Station
	salt     int
}

// Tested is the cut of a record, the digest its author made of it, and the
// record its author was about.
type Tested struct {
	Cut    Cut
	Digest string
	About  Place
}

// NewWorld opens a line between parties with these numbers.
func NewWorld(r Rules, parties []Party) *World {
	w := &World{Rules: r, Tests: map[Place]Tested{}, cards: map[Party][]Card{}, refused: map[Party]int{}}
	labels := map[Party]string{}
	for i, p := range parties {
		labels[p] = string(rune('a' + i))
		w.cards[p] = []Card{{Log: Log{p, 1}, Base: 1}}
	}
	w.label = func(p Party) string { return labels[p] }
	for _, p := range parties {
		s := &Station{Me: p, Gen: 1, ahead: map[string]Leaf{}, listed: Cut{}, View: View{map[Log]Card{}, map[Log]*Copy{}}}
		for _, q := range parties {
			s.Cards[Log{q, 1}], s.Logs[Log{q, 1}] = w.cards[q][0], &Copy{}
		}
		w.Stations, w.backups = append(w.Stations, s), append(w.backups, s.clone())
	}
	return w
}

func (w *World) sign(s *Station, log Log) {
	w.Signed = append(w.Signed, Statement{s.own(), s.Head(log, len(s.Logs[log].Leaves)), w.Now})
}

// number appends a leaf to its author's log, signs the head and makes the
// digest of the cut it stands for.
func (w *World) number(s *Station, l Leaf, names Place, lie func([]Head) []Head) {
	for log, c := range s.Logs {
		size, told := s.listed[log]
		if log.Party == s.Me || told && size == len(c.Leaves) && l.Kind != Ask {
			continue
		}
		s.listed[log] = len(c.Leaves)
		l.Seen = append(l.Seen, s.Head(log, len(c.Leaves)))
	}
	slices.SortFunc(l.Seen, func(a, b Head) int {
		if a.Log.Party != b.Log.Party {
			return int(a.Log.Party - b.Log.Party)
		}
		return a.Log.Gen - b.Log.Gen
	})
	if l.Kind == Back {
		l.Seen = append(l.Seen, l.Back)
	}
	if lie != nil {
		l.Seen = lie(l.Seen)
	}
	w.salt++
	l.Log, l.Time, l.Salt = s.own(), w.Now, w.salt
	own := s.Logs[s.own()]
	own.Add(l)
	at := Place{s.own(), len(own.Leaves) - 1}
	w.Truth = append(w.Truth, Said{l, at, names})
	if l.Kind == Ask {
		w.Asks = append(w.Asks, at)
	}
	w.sign(s, s.own())
	w.test(s, at, lie != nil)
}

func (w *World) test(s *Station, at Place, lied bool) {
	d := w.Read(s.View, s.All())
	cut := maps.Clone(d.seen[at])
	if lied || cut == nil || d.waiting[at] {
		return
	}
	cut[at.Log] = at.Index + 1
	about, _ := d.target(d.leaf(at).About, at)
	w.Tests[at] = Tested{cut, w.Digest(s.View, cut), about}
}

// Digest is the digest of shared state at a cut.
func (w *World) Digest(v View, cut Cut) string {
	d := w.Read(v, cut)
	order, err := d.Order(func(int) int { return 0 })
	if err != nil {
		return err.Error()
	}
	return digest(d.Fold(order, w.label))
}

// ref names a place as its author can: by number if it holds it in place, by
// leaf hash if it holds it ahead of its place.
func (s *Station) ref(p Place, byHash bool) (Ref, bool) {
	c := s.Logs[p.Log]
	if c != nil && p.Index < len(c.Leaves) {
		if byHash {
			return Ref{Party: p.Log.Party, Leaf: c.Hashes[p.Index]}, true
		}
		return Ref{Party: p.Log.Party, Number: s.Cards[p.Log].Base + p.Index}, true
	}
	return Ref{}, false
}

// Say numbers a record; about names one of the requests, re asks for the
// author's newest act about it to be replaced.
func (w *World) Say(s *Station, kind Kind, to Party, about Place, byHash, re bool, lie func([]Head) []Head) {
	l := Leaf{Kind: kind}
	switch kind {
	case Ask:
		l.To = to
	case Reply, Withdraw:
		ref, ok := s.ref(about, byHash)
		for hash, a := range s.ahead {
			if !ok && a.Log == about.Log && w.truth(about).Hash() == hash {
				ref, ok = Ref{Party: about.Log.Party, Leaf: hash}, true
			}
		}
		if !ok || (kind == Withdraw) != (about.Log.Party == s.Me) || kind == Reply && w.truth(about).To != s.Me {
			return
		}
		l.About = ref
		for _, t := range w.Truth {
			if re && t.Names == about && t.Log == s.own() && t.Place.Index < len(s.Logs[s.own()].Leaves) {
				l.Re, _ = s.ref(t.Place, byHash)
			}
		}
	}
	w.number(s, l, about, lie)
}

func (w *World) truth(p Place) Leaf {
	for _, t := range w.Truth {
		if t.Place == p {
			return t.Leaf
		}
	}
	return Leaf{}
}

// Send puts all a station may pass on into flight: its own generations, and
// ended ones of others, which it offers back.
func (w *World) Send(s *Station) { w.flight = append(w.flight, s.clone()) }

// Deliver takes a bundle in: cards, entries, then receipts.
func (w *World) Deliver(from, to *Station) (changed bool) {
	if from.Me == to.Me {
		return false
	}
	logs := slices.SortedFunc(maps.Keys(from.Logs), func(a, b Log) int { return b.Gen - a.Gen })
	for taken := true; taken; changed = changed || taken {
		taken = false
		for _, log := range logs {
			taken = w.take(to, from.Cards[log]) || taken
		}
	}
	for _, log := range slices.Backward(logs) {
		mine, theirs := to.Logs[log], from.Logs[log]
		n := 0
		if mine != nil {
			n = len(mine.Leaves)
		}
		if mine == nil || len(theirs.Leaves) <= n || theirs.Root(n) != mine.Root(n) || log == to.own() {
			continue
		}
		to.Logs[log], changed = theirs.clone(len(theirs.Leaves)), true
		if log.Party != to.Me {
			w.sign(to, log)
		}
	}
	return changed
}

// take takes a card, unless its numbers could be mistaken for earlier ones or
// it continues a generation whose card is not taken; such a card is taken
// once a later one has passed it over.
func (w *World) take(s *Station, c Card) bool {
	if _, ok := s.Cards[c.Log]; ok {
		return false
	}
	if _, ok := s.Cards[c.Held.Log]; !ok && c.Held.Log.Gen > 0 {
		return false
	}
	passed, highest := false, 0
	for log, other := range s.Cards {
		switch {
		case log.Party != c.Log.Party:
		case log.Gen > c.Log.Gen:
			passed = passed || other.Held.Log.Gen < c.Log.Gen
		default:
			highest = max(highest, other.Base+len(s.Logs[log].Leaves)-1)
		}
	}
	if c.Base <= highest && !passed {
		w.refused[c.Log.Party] = max(highest, w.refused[c.Log.Party])
		return false
	}
	s.Cards[c.Log], s.Logs[c.Log] = c, &Copy{}
	if c.Log.Party != s.Me {
		w.number(s, Leaf{Kind: Took, Card: c.Digest()}, Place{}, nil)
	}
	return true
}

// Backup copies a station's disk.
func (w *World) Backup(i int) { w.backups[i] = w.Stations[i].clone() }

// Restore brings a station back from its backup, as a new generation.
func (w *World) Restore(i, gap int) {
	s := w.backups[i].clone()
	w.Stations[i] = s
	if w.SameKeys {
		return
	}
	w.open(s, s.Head(s.own(), len(s.Logs[s.own()].Leaves)), gap)
}

func (w *World) open(s *Station, held Head, gap int) {
	signed := w.cards[s.Me]
	gen := signed[len(signed)-1].Log.Gen + 1
	if w.BackupCount {
		gen = s.Gen + 1
	} else {
		for _, c := range signed { // the party key's holder brings every card
			if _, ok := s.Cards[c.Log]; !ok {
				s.Cards[c.Log], s.Logs[c.Log] = c, &Copy{}
			}
		}
	}
	c := Card{Log{s.Me, gen}, s.Cards[held.Log].Base + held.Size + gap, held}
	w.cards[s.Me] = append(signed, c)
	s.Gen, s.listed = gen, Cut{}
	s.Cards[c.Log], s.Logs[c.Log] = c, &Copy{}
}

// TakeBack says that what was offered back of the generation before is ours
// again, if all that it had seen is held too.
func (w *World) TakeBack(s *Station) {
	log := s.Cards[s.own()].Held.Log
	c := s.Logs[log]
	if c == nil || len(c.Leaves) <= s.Cards[s.own()].Held.Size {
		return
	}
	for _, l := range c.Leaves {
		for _, h := range l.Seen {
			if held := s.Logs[h.Log]; held == nil || len(held.Leaves) < h.Size {
				return
			}
		}
	}
	w.number(s, Leaf{Kind: Back, Back: s.Head(log, len(c.Leaves))}, Place{}, nil)
}

// Export makes the asker's own words for a no-reply extract: a receipt over
// each log it holds, and its own timed head.
func (w *World) Export(s *Station) {
	for log := range s.Logs {
		if log.Party != s.Me || log == s.own() {
			w.sign(s, log)
		}
	}
}

// Heal exchanges everything until nothing changes.
func (w *World) Heal() bool {
	for range 40 {
		changed := false
		for _, from := range w.Stations {
			for _, to := range w.Stations {
				changed = w.Deliver(from.clone(), to) || changed
			}
		}
		for _, s := range w.Stations {
			if held, ok := w.passOver(s); !changed && ok {
				w.open(s, held, max(0, w.refused[s.Me]+1-s.Cards[held.Log].Base-held.Size))
				changed = true
			}
		}
		if !changed {
			return true
		}
	}
	return false
}

// passOver is what a new generation continues where others do not take the
// newest card: what was held before the first card they do not take.
func (w *World) passOver(s *Station) (held Head, ok bool) {
	taken := func(log Log) bool {
		return !slices.ContainsFunc(w.Stations, func(o *Station) bool { _, known := o.Cards[log]; return !known })
	}
	for log := s.own(); log.Gen > 0 && !taken(log); log = held.Log {
		held, ok = s.Cards[log].Held, true
	}
	return held, ok
}
