// SPDX-License-Identifier: Apache-2.0

package line

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"openline/record"

	"pgregory.net/rapid"
)

// op is one step of a history; parties are places, not numbers, so that the
// same history can be played under any numbering.
type op struct{ Do, P, Q, N, M int }

type script struct {
	Parties int
	Liar    int // the place of a party that lies in its seen; beyond: none
	Ops     []op
}

var deeds = []string{"ask", "ask", "ask both", "reply", "reply", "reply", "reply by hash", "hold", "ack", "withdraw", "own error", "elsewhere", "trace", "remind", "aside", "aside", "answer aside", "answer aside",
	"clocks", "note", "test", "stray", "deliver", "deliver", "meet", "meet", "meet", "backup", "restore", "take back", "tick", "tick", "garbage"}

func scripts() *rapid.Generator[script] {
	n := rapid.IntRange(0, 7)
	one := rapid.Custom(func(t *rapid.T) op {
		return op{rapid.IntRange(0, len(deeds)-1).Draw(t, "do"), n.Draw(t, "p"), n.Draw(t, "q"), n.Draw(t, "n"), n.Draw(t, "m")}
	})
	return rapid.Custom(func(t *rapid.T) script {
		s := script{rapid.IntRange(2, 4).Draw(t, "parties"), rapid.IntRange(0, 5).Draw(t, "liar"), rapid.SliceOfN(one, 10, 60).Draw(t, "ops")}
		if dense := rapid.Uint64().Draw(t, "dense"); dense%3 > 0 { // every deed as likely as any other
			rng := rand.New(rand.NewPCG(dense, 2))
			for i := range s.Ops {
				s.Ops[i] = op{rng.IntN(len(deeds)), rng.IntN(8), rng.IntN(8), rng.IntN(8), rng.IntN(24)}
			}
		}
		return s
	})
}

func (s script) play(t testing.TB, turn int) *world {
	numbers := make([]record.PartyNo, s.Parties)
	for i := range numbers {
		numbers[i] = record.PartyNo(1 + (i+turn)%s.Parties)
	}
	w := newWorld(t, numbers...)
	for _, o := range s.Ops {
		s.step(w, o)
	}
	return w
}

// lie bends one item of a seen: a size to come, a wrong root, an item left
// out, another's generation to come, its own log.
func (s script) lie(w *world, i int, o op) func([]record.Seen) []record.Seen {
	if i != s.Liar || o.M > 4 {
		return nil
	}
	return func(seen []record.Seen) []record.Seen {
		other := w.at[(i+1)%s.Parties]
		l := other.own()
		n := uint64(len(w.logs[l].entries))
		seen = slices.DeleteFunc(slices.Clone(seen), func(x record.Seen) bool { return x.Party == l.Party })
		switch o.M {
		case 0:
			return append(seen, record.Seen{Party: l.Party, Generation: l.Generation, Size: n + 1, Root: [32]byte{1}})
		case 1:
			return append(seen, record.Seen{Party: l.Party, Generation: l.Generation, Size: max(n, 1), Root: [32]byte{2}})
		case 2:
			return seen
		case 3:
			return append(seen, record.Seen{Party: l.Party, Generation: l.Generation + 1, Size: 1, Root: [32]byte{3}})
		}
		own := w.at[i].own()
		return append(seen, record.Seen{Party: own.Party, Generation: own.Generation, Size: 99, Root: [32]byte{4}})
	}
}

func (s script) step(w *world, o op) {
	i, j := o.P%s.Parties, o.Q%s.Parties
	if i == j {
		j = (j + 1) % s.Parties
	}
	st := w.at[i]
	var about Entry
	held := false
	if n := len(w.asks); n > 0 {
		about = w.asks[max(0, n-1-o.N%4)]
		held = st.holds[about.Log()] > about.Index
	}
	d := draft{about: about.Ref(), re: []record.Ref{about.Ref()}, seen: s.lie(w, i, o)}
	mine := held && about.Party == st.me
	theirs := held && about.Party != st.me
	newest := func(ok func(Entry) bool) bool { // the newest act about it that is held
		for _, e := range slices.Backward(w.said) {
			if e.Leaf != nil && e.Leaf.About == about.Ref() && st.holds[e.Log()] > e.Index && ok(e) {
				d.re = []record.Ref{e.Ref()}
				return true
			}
		}
		return false
	}
	code := func(c string) bool { d.code = c; return true }
	own := func(e Entry) bool { return e.Party == st.me }
	say := false
	switch deeds[o.Do] {
	case "ask":
		w.ask(i, w.at[j].me)
	case "ask both":
		w.ask(i, w.at[j].me, w.at[(j+1)%s.Parties].me, w.at[j].me)
	case "reply":
		say = theirs && code([]string{"HD05", "HD03", "AN01", "CR03", "PR01", "PR02", "CR02", "AF01"}[o.N])
	case "reply by hash":
		d.about, d.re = record.ByHash(about.Party, about.Hash), []record.Ref{record.ByHash(about.Party, about.Hash)}
		say = about.Number > 0 && about.Party != st.me && code("HD03")
	case "hold":
		say = theirs && code("HD01")
		d.params = until(w.now + 3600)
	case "ack":
		say = theirs && code("RC01")
	case "withdraw":
		say = mine && code("WD01")
	case "own error":
		say = held && newest(own) && code("ER01")
	case "elsewhere":
		say = theirs && code("AN01")
	case "trace":
		say = mine && newest(func(e Entry) bool { return e.Header.Code == "AN01" }) && code([]string{"AN02", "AN03"}[o.M%2])
	case "remind":
		say = mine && code([]string{"RM01", "RQ01"}[o.M%2])
	case "aside":
		d.to = []record.PartyNo{w.at[j].me}
		say = held && code([]string{"CP04", "CR05", "RC04", "RC05", "CR05"}[o.N%5]) && (o.M%2 > 0 || newest(func(e Entry) bool { return e.Header != nil }))
	case "answer aside":
		say = held && newest(func(e Entry) bool { return e.Header != nil && e.Party != st.me && e.Header.Code != "TX01" }) && code([]string{"AF01", "AF02", "HD01", "HD01", "TX01", "CR05", "RM01", "RQ01"}[o.N])
	case "stray":
		d.re = []record.Ref{record.ByNumber(w.at[j].me, uint64(1+o.N))}
		say = held && code("RC01")
	case "clocks":
		w.clocks(i, "CR01", uint64(600*(1+o.N)), nil)
	case "note", "test":
		w.say(i, draft{seen: d.seen})
	case "deliver":
		w.deliver(i, w.at[j].own(), uint64(o.N+1))
	case "meet":
		w.meet(i, j)
	case "backup":
		st.backup = clone(st.holds)
	case "restore":
		if len(w.logs[st.own()].entries) > 0 && st.gen < 4 {
			w.restore(i)
		}
	case "take back":
		s.takeBack(w, i)
	case "tick":
		w.now += record.Stamp(1 + o.N*600)
	case "garbage":
		w.append(st, record.Entry{Leaf: []byte{byte(o.N), byte(w.salt)}})
	}
	switch d.code {
	case "TX01":
		d.text = "a word"
	case "HD01":
		d.params = until(w.now + 3600)
	case "PR02":
		d.params = map[string]record.Value{"condition": record.Text("on a Tuesday")}
	case "RC04":
		d.params = map[string]record.Value{"reading": record.Text("that")}
	case "RC05":
		d.params = map[string]record.Value{"part": record.Text("this")}
	case "CR05":
		d.params = map[string]record.Value{"ended": record.Uint(1), "points": record.Text("none"), "asked": record.Text("unsaid"), "release": record.Uint(2)}
	case "HD05":
		d.params = map[string]record.Value{"reason": record.Uint(1)}
	case "AN01":
		d.params = map[string]record.Value{"channel": record.Text("mail"), "when": record.Uint(uint64(w.now))}
	case "CR03":
		d.params = map[string]record.Value{"proposal": record.Text("another day")}
	case "CR02":
		d.params = map[string]record.Value{"window": record.Array(record.Uint(1), record.Uint(2))}
	}
	if say {
		w.say(i, d)
	}
}

func clone(m map[Log]uint64) map[Log]uint64 {
	out := map[Log]uint64{}
	for k, v := range m {
		out[k] = v
	}
	return out
}

// takeBack is KY02 of everything the party said in the generation before.
func (s script) takeBack(w *world, i int) {
	st := w.at[i]
	if st.gen == 1 {
		return
	}
	prev := w.logs[Log{st.me, st.gen - 1}]
	if len(prev.entries) == 0 {
		return
	}
	w.deliver(i, Log{st.me, st.gen - 1}, 0)
	w.say(i, draft{code: "KY02", from: machinePost, params: map[string]record.Value{
		"generation": record.Uint(uint64(st.gen - 1)), "number": record.Uint(prev.base + uint64(len(prev.entries)) - 1)}})
}

// TestEveryOrderIsOne: fifty random orders of each history, records waiting
// or not, and every numbering of the parties give equal state.
func TestEveryOrderIsOne(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := scripts().Draw(rt, "history")
		w := s.play(t, 0)
		f := w.folded(t)
		want, page := f.Digest(), w.page(t, f, nil)
		rng := rand.New(rand.NewPCG(uint64(len(s.Ops)), uint64(s.Parties)))
		for range 50 {
			g := w.fold(t)
			w.add(t, g, w.cut(), rng.IntN)
			if got := g.Digest(); got != want {
				rt.Fatalf("another order gives\n%s", difference(w.page(t, g, nil), page))
			}
		}
		for turn := 1; turn < s.Parties; turn++ {
			again := s.play(t, turn)
			if got := again.page(t, again.folded(t), nil); got != page {
				rt.Fatalf("other numbers give\n%s", difference(got, page))
			}
		}
	})
}

// TestTheDigestAtACut is the one a fold of that cut alone gives, at the cut
// of every record and at cuts nobody wrote at; and every author's digest is
// the one it made when it knew no more.
func TestTheDigestAtACut(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := scripts().Draw(rt, "history")
		w := s.play(t, 0)
		f := w.folded(t)
		check := func(cut Cut, what string) {
			g := w.fold(t)
			w.add(t, g, cut, first)
			got, err := f.DigestAt(cut)
			if err != nil || got != g.Digest() {
				rt.Fatalf("%s %v: %v\nfolded alone it is\n%s", what, cut, err, w.page(t, g, nil))
			}
		}
		for _, e := range w.said {
			if cut := f.CutOf(e); cut != nil {
				check(cut, "the cut of "+refText(&Act{Ref: e.Ref()}))
			} else if e.Leaf != nil && f.Waiting(e.Party) == 0 {
				rt.Fatal("a record has no cut and does not wait")
			}
		}
		for range 5 {
			cut := Cut{}
			for _, l := range w.order() {
				if n := rapid.IntRange(0, len(w.logs[l].entries)).Draw(rt, "size"); n > 0 {
					cut[l] = uint64(n)
				}
			}
			check(cut, "a cut")
		}
	})
}

// TestSnapshotAnywhere: stop and go on at any point, and nothing differs.
func TestSnapshotAnywhere(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := scripts().Draw(rt, "history")
		w := s.play(t, 0)
		f := w.fold(t)
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1))
		for range w.said {
			var next []Entry
			for _, l := range w.order() {
				if at := f.Position(l.Party, l.Generation); at < uint64(len(w.logs[l].entries)) {
					next = append(next, w.logs[l].entries[at])
				}
			}
			if err := f.Add(next[rng.IntN(len(next))]); err != nil {
				rt.Fatal(err)
			}
			if rng.IntN(3) > 0 {
				continue
			}
			g := w.fold(t)
			if err := g.Restore(f.Snapshot()); err != nil {
				rt.Fatal(err)
			}
			if g.Digest() != f.Digest() || string(g.Snapshot()) != string(f.Snapshot()) {
				rt.Fatal("restored, and not equal")
			}
			f = g
		}
		straight := w.folded(t)
		if f.Digest() != straight.Digest() || w.page(t, f, nil) != w.page(t, straight, nil) {
			rt.Fatalf("a fold restored along the way differs from one folded straight:\n%s", difference(w.page(t, f, nil), w.page(t, straight, nil)))
		}
		if len(f.Awaiting()) != len(straight.Awaiting()) {
			rt.Fatal("what awaits differs")
		}
		for _, a := range w.numbers {
			for _, b := range w.numbers {
				if f.Await(a, b) != straight.Await(a, b) || f.PersonAt(a) != straight.PersonAt(a) {
					rt.Fatal("counts differ")
				}
			}
		}
	})
}

// TestReadBack: a thing read back from the log is the very one folded first.
func TestReadBack(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := scripts().Draw(rt, "history").play(t, 0)
		f := w.folded(t)
		total := sum{}
		for thing, err := range f.Things() {
			if err != nil {
				rt.Fatal(err)
			}
			if kept := f.cache.get(thing.Name); kept != nil && kept.digest != thing.digest {
				rt.Fatalf("%v was folded otherwise", thing.Name)
			}
			total.add(thing.digest)
		}
		if total != f.sum {
			rt.Fatal("the sum is not that of all things")
		}
	})
}

// TestMirrorImage: swap two parties, and each sees the other's page.
func TestMirrorImage(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := scripts().Draw(rt, "history")
		s.Parties = 2
		swapped := script{2, 1 - s.Liar, slices.Clone(s.Ops)}
		if s.Liar > 1 {
			swapped.Liar = s.Liar
		}
		for i, o := range s.Ops {
			p, q := o.P%2, o.Q%2
			swapped.Ops[i].P, swapped.Ops[i].Q = 1-p, 1-q
		}
		w, m := s.play(t, 0), swapped.play(t, 0)
		a := w.page(t, w.folded(t), nil)
		b := m.page(t, m.folded(t), map[string]string{"blue": "red", "red": "blue"})
		if a != b {
			rt.Fatalf("not a mirror image:\n%s", difference(a, b))
		}
	})
}

// TestWaitingAgainstTheModel: what waits and what is lost is what the rules
// say, reckoned the slow way.
func TestWaitingAgainstTheModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := scripts().Draw(rt, "history").play(t, 0)
		f := w.folded(t)
		waits := naiveWaiting(w)
		for _, c := range f.order {
			if c.size-c.done != waits[c.log] {
				rt.Fatalf("%v: %d wait, the rules say %d", c.log, c.size-c.done, waits[c.log])
			}
		}
	})
}

// difference gives the lines of one page that are not on the other.
func difference(a, b string) string {
	left, right := strings.Split(a, "\n"), strings.Split(b, "\n")
	var out []string
	for _, l := range left {
		if !slices.Contains(right, l) {
			out = append(out, "+ "+l)
		}
	}
	for _, l := range right {
		if !slices.Contains(left, l) {
			out = append(out, "- "+l)
		}
	}
	return strings.Join(out, "\n")
}

// naiveWaiting counts, for each log, the records whose author says it had
// seen more than there is.
func naiveWaiting(w *world) map[Log]uint64 {
	eff := map[Log][]map[Log]uint64{}
	out := map[Log]uint64{}
	for _, l := range w.order() { // earlier generations first
		s := w.logs[l]
		now := map[Log]uint64{}
		if s.previous != nil {
			from := Log{l.Party, s.previous.Generation}
			if s.previous.Size > 0 {
				now = clone(eff[from][s.previous.Size-1])
			}
			now[from] = s.previous.Size
		}
		for _, e := range s.entries {
			now = clone(now)
			if e.Leaf != nil {
				for _, x := range e.Leaf.Seen {
					other := Log{x.Party, x.Generation}
					if x.Party == l.Party {
						continue
					}
					if have := w.logs[other]; have != nil && x.Size < uint64(len(have.roots)) && have.roots[x.Size] != x.Root {
						continue
					}
					now[other] = max(now[other], x.Size)
				}
				if e.Header != nil && e.Header.Code == "KY02" {
					n, _ := e.Body.Params["number"].AsUint()
					from := Log{l.Party, l.Generation - 1}
					now[from] = max(now[from], n-w.logs[from].base+1)
				}
			}
			eff[l] = append(eff[l], now)
			for x, n := range now {
				if have := w.logs[x]; have == nil || n > uint64(len(have.entries)) {
					out[l]++
					break
				}
			}
		}
	}
	return out
}

func TestAddRefuses(t *testing.T) {
	w := newWorld(t, 1, 2)
	e := w.say(0, draft{})
	f := w.fold(t)
	late := e
	late.Index = 1
	if err := f.Add(late); !errors.Is(err, ErrOrder) {
		t.Fatalf("an entry ahead of its place: %v", err)
	}
	late = e
	late.Generation = 9
	if err := f.Add(late); !errors.Is(err, ErrUnknown) {
		t.Fatalf("an entry of no card: %v", err)
	}
	if err := f.Add(e); err != nil {
		t.Fatal(err)
	}
}
