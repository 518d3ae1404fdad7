// SPDX-License-Identifier: Apache-2.0

package model

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"pgregory.net/rapid"
)

// op is one step of a script; parties are places in the script, not numbers,
// so that the same script can be played under any numbering.
type op struct{ Do, P, Q, N, M int }

type script struct {
	Parties int
	Liar    bool // the second party lies in its seen
	Ops     []op
}

// deeds is what an op does; what is listed twice is done twice as often.
var deeds = []string{"ask", "ask", "reply", "reply", "withdraw", "clocks", "note", "send", "deliver", "deliver", "meet", "meet", "meet",
	"ahead", "backup", "restore", "take back", "export", "tick", "tick", "tick"}

func scripts(parties int) *rapid.Generator[script] {
	one := rapid.Custom(func(t *rapid.T) op {
		n := rapid.IntRange(0, 7)
		return op{rapid.IntRange(0, len(deeds)-1).Draw(t, "do"), n.Draw(t, "p"), n.Draw(t, "q"), n.Draw(t, "n"), n.Draw(t, "m")}
	})
	return rapid.Custom(func(t *rapid.T) script {
		return script{parties, rapid.Bool().Draw(t, "liar"), rapid.SliceOfN(one, 4, 60).Draw(t, "ops")}
	})
}

// lie bends one item of a seen: a size to come, a wrong root, an item left
// out, a generation to come.
func (s script) lie(w *World, st *Station, o op) func([]Head) []Head {
	return func(seen []Head) []Head {
		var others []Head
		for log, c := range st.Logs {
			if log.Party != st.Me {
				others = append(others, st.Head(log, len(c.Leaves)))
			}
		}
		key := func(h Head) string { return fmt.Sprint(w.label(h.Log.Party), h.Log.Gen) }
		slices.SortFunc(others, func(a, b Head) int { return strings.Compare(key(a), key(b)) })
		h := others[o.N%len(others)]
		seen = slices.DeleteFunc(seen, func(x Head) bool { return x.Log == h.Log })
		switch o.M % 4 {
		case 0:
			h.Size, h.Root = h.Size+1+o.N, "a lie"
		case 1:
			h.Size, h.Root = h.Size+1, "a lie"
		case 2:
			return seen
		case 3:
			h = Head{Log{h.Log.Party, h.Log.Gen + 1}, 0, ""}
		}
		return append(seen, h)
	}
}

func (s script) play(r Rules, numbers []Party) *World {
	w := NewWorld(r, numbers)
	for _, o := range s.Ops {
		s.step(w, o)
	}
	return w
}

func (s script) step(w *World, o op) {
	i, j := o.P%s.Parties, o.Q%s.Parties
	if i == j {
		j = (j + 1) % s.Parties
	}
	st, other := w.Stations[i], w.Stations[j]
	var lie func([]Head) []Head
	if s.Liar && i == 1 && o.M < 4 {
		lie = s.lie(w, st, o)
	}
	var about Place
	if n := len(w.Asks); n > 0 {
		about = w.Asks[max(0, n-1-o.N%4)]
	}
	switch do := deeds[o.Do]; do {
	case "ask", "clocks", "note":
		w.Say(st, Kind(do), other.Me, Place{}, false, false, lie)
	case "reply", "withdraw":
		if about.Log.Gen > 0 {
			w.Say(st, Kind(do), 0, about, o.Q%3 == 0, o.Q%2 == 0, lie)
		}
	case "send":
		w.Send(st)
	case "deliver":
		if n := len(w.flight); n > 0 {
			w.Deliver(w.flight[o.N%n].clone(), st)
		}
	case "meet":
		w.Deliver(other.clone(), st)
	case "ahead":
		if own := other.Logs[other.own()].Leaves; len(own) > 0 {
			l := own[len(own)-1]
			st.ahead[l.Hash()] = l
		}
	case "backup":
		w.Backup(i)
	case "restore":
		w.Restore(i, o.N*3)
	case "take back":
		w.TakeBack(st)
	case "export":
		w.Export(st)
	case "tick":
		w.Now++
	}
}

func numbers(n, turn int) []Party {
	out := make([]Party, n)
	for i := range out {
		out[i] = Party(1 + (i+turn)%n)
	}
	return out
}

// check plays a script and holds every invariant to it. It gives the number
// of no-reply sentences printed.
func (s script) check(r Rules) (sentences int, err error) {
	w := s.play(r, numbers(s.Parties, 0))
	if err := statements(w); err != nil {
		return 0, err
	}
	if sentences, err = s.extracts(w); err != nil {
		return 0, err
	}
	if !w.Heal() {
		return 0, errors.New("the line does not heal")
	}
	if err := s.healed(w); err != nil {
		return 0, err
	}
	if err := statements(w); err != nil {
		return 0, err
	}
	again := s.play(r, numbers(s.Parties, 1))
	again.Heal()
	if a, b := w.Digest(w.Stations[0].View, w.Stations[0].All()), again.Digest(again.Stations[0].View, again.Stations[0].All()); a != b {
		return 0, errors.New("other numbers of the parties give other state")
	}
	more, err := s.extracts(w)
	return sentences + more, err
}

func statements(w *World) error {
	for i, a := range w.Signed {
		for _, b := range w.Signed[:i] {
			if a.Contradict(b) {
				return fmt.Errorf("contradict each other: %+v and %+v", b, a)
			}
		}
	}
	return nil
}

// healed: equal state on every side, for fifty linear orders; every digest
// made on the way is made again by all; no honest act is held up.
func (s script) healed(w *World) error {
	first := w.Stations[0]
	d := w.Read(first.View, first.All())
	order, err := d.Order(func(int) int { return 0 })
	if err != nil {
		return err
	}
	want := d.Fold(order, w.label)
	rng := rand.New(rand.NewPCG(uint64(len(order)), 7))
	for range 50 {
		if order, err = d.Order(rng.IntN); err != nil {
			return err
		}
		if got := d.Fold(order, w.label); !slices.Equal(got, want) {
			return fmt.Errorf("two linear orders give\n%s\nand\n%s", strings.Join(want, "\n"), strings.Join(got, "\n"))
		}
	}
	for p := range d.waiting {
		if !s.Liar || p.Log.Party != w.Stations[1].Me {
			return fmt.Errorf("an honest record waits: %+v", p)
		}
	}
	for _, st := range w.Stations {
		if !maps.Equal(st.All(), first.All()) || w.Digest(st.View, st.All()) != digest(want) {
			return errors.New("healed, and not equal")
		}
		for at, t := range w.Tests {
			if st.holds(t.Cut) && w.Digest(st.View, t.Cut) != t.Digest {
				return fmt.Errorf("at the cut of %+v the digest is another's", at)
			}
		}
	}
	return d.steady(w)
}

// steady: what came later turns no act to another thing.
func (d *Reading) steady(w *World) error {
	for at, t := range w.Tests {
		if about := t.About; at.Index < d.size[at.Log] && about.Log.Gen > 0 && about.Index < d.size[about.Log] {
			if now, _ := d.target(d.leaf(at).About, at); now != about {
				return fmt.Errorf("%+v was about %+v and is now about %+v", at, about, now)
			}
		}
	}
	return nil
}

// holds says whether a cut can be compared here; what a restore lost before
// anybody had it cannot.
func (s *Station) holds(cut Cut) bool {
	for log, n := range cut {
		if c := s.Logs[log]; c == nil || len(c.Leaves) < n {
			return false
		}
	}
	return true
}

// archive is the longest copy of every log anywhere: what a forger of
// extracts could get hold of.
func archive(w *World) View {
	v := View{map[Log]Card{}, map[Log]*Copy{}}
	for _, st := range slices.Concat(w.Stations, w.backups, w.flight) {
		for log, c := range st.Logs {
			v.Cards[log] = st.Cards[log]
			if had := v.Logs[log]; had == nil || len(had.Leaves) < len(c.Leaves) {
				v.Logs[log] = c
			}
		}
	}
	return v
}

// extracts makes every extract an exporter could make to leave something out,
// and holds each sentence printed to the truth.
func (s script) extracts(w *World) (printed int, err error) {
	v := archive(w)
	for _, q := range w.Asks {
		if v.Logs[q.Log] == nil || q.Index >= len(v.Logs[q.Log].Leaves) {
			continue
		}
		ask := v.Logs[q.Log].Leaves[q.Index]
		for _, last := range w.Signed {
			if last.By.Party != q.Log.Party || last.Over.Log.Party != ask.To || last.By.Gen < q.Log.Gen {
				continue
			}
			for _, x := range s.forge(w, v, q, ask, last) {
				if w.Verify(v, x) != nil {
					continue
				}
				printed++
				if err := s.untrue(w, v, ask, x); err != nil {
					return 0, fmt.Errorf("%w\n%+v", err, x)
				}
			}
		}
	}
	return printed, nil
}

// pick is the smallest statement that will do.
func pick(w *World, ok func(Statement) bool) (best Statement) {
	for _, x := range w.Signed {
		if ok(x) && (best.At == 0 && best.Over.Size == 0 || x.Over.Size < best.Over.Size) {
			best = x
		}
	}
	return best
}

func (s script) forge(w *World, v View, q Place, ask Leaf, last Statement) []Extract {
	x := Extract{Ask: q, From: last.Over}
	x.Word = pick(w, func(t Statement) bool { return t.By == t.Over.Log && t.Over == last.Over })
	x.Held = pick(w, func(t Statement) bool {
		return t.By.Party == ask.To && t.Over.Log == q.Log && t.Over.Size > q.Index && t.At <= x.Word.At
	})
	x.End = pick(w, func(t Statement) bool {
		return t.By == last.By && t.Over.Log == last.By && (t.At >= last.At || w.EarlyEnd) && (q.Log != last.By || t.Over.Size > q.Index)
	})
	var out []Extract
	for from := last.Over.Log.Gen; from > 0; from-- {
		log := Log{ask.To, from}
		own := last
		if from < last.Over.Log.Gen {
			own = pick(w, func(t Statement) bool { return t.By == last.By && t.Over.Log == log && t.At >= last.At })
		}
		x.Own = slices.Concat([]Statement{own}, x.Own)
		for _, least := range []bool{true, false} {
			x.Older = Cut{}
			for gen := q.Log.Gen; gen < last.By.Gen; gen++ {
				older := Log{q.Log.Party, gen}
				if c := v.Logs[older]; c != nil && !least {
					x.Older[older] = len(c.Leaves)
					continue
				}
				x.Older[older] = 0
				for _, c := range v.Cards {
					if c.Held.Log == older {
						x.Older[older] = c.Held.Size
					}
				}
			}
			out = append(out, x)
		}
	}
	return out
}

// untrue says what the true logs hold that the sentence denies. Times are
// whole seconds: what happened within the second of t3 is not denied. Nor is a
// reply that both sides lost: its author's card leaves it out, and nobody
// receipted it in the generation that signed the extract.
func (s script) untrue(w *World, v View, ask Leaf, x Extract) error {
	t3 := x.Own[len(x.Own)-1].At
	receipted := func(by Party, least int, p Place, before int) bool {
		return slices.ContainsFunc(w.Signed, func(t Statement) bool {
			return t.By.Party == by && t.By.Gen >= least && t.Over.Log == p.Log && t.Over.Size > p.Index && t.At < before
		})
	}
	word := v.Logs[x.Word.By].Leaves
	for _, t := range w.Truth {
		if t.Names != x.Ask || t.Time >= t3 {
			continue
		}
		least := 1
		if t.Kind == Reply && lost(v, t.Place, x.Word.By.Gen) {
			least = x.End.By.Gen
		}
		switch {
		case t.Kind == Reply && receipted(x.Ask.Log.Party, least, t.Place, t3):
			return fmt.Errorf("the asker had receipted the reply %+v", t.Place)
		case t.Kind != Withdraw || t.Place.Log.Gen > x.End.By.Gen:
		case !lost(v, t.Place, x.End.By.Gen):
			return fmt.Errorf("the asker had withdrawn in %+v", t.Place)
		case !s.Liar && x.Word.Over.Size > 0 && receipted(ask.To, 1, t.Place, word[x.Word.Over.Size-1].Time):
			return fmt.Errorf("the asker lost its withdrawal %+v, and the other side had it", t.Place)
		}
	}
	return nil
}

// lost says whether a card up to gen leaves a record out.
func lost(v View, p Place, gen int) bool {
	for log, c := range v.Cards {
		if log.Party == p.Log.Party && log.Gen > p.Log.Gen && log.Gen <= gen && c.Held.Log.Gen <= p.Log.Gen &&
			(c.Held.Log != p.Log || c.Held.Size <= p.Index) {
			return true
		}
	}
	return false
}
