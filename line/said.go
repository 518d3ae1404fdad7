// SPDX-License-Identifier: Apache-2.0

package line

import (
	"iter"
	"slices"

	"openline/record"
)

// Said names an act on a page of the affairs. The zero value is none.
type Said struct {
	Party  record.PartyNo `json:"party"`
	Number uint64         `json:"number"`
	Code   string         `json:"code"`
	From   string         `json:"from"` // the post that spoke
	Time   record.Stamp   `json:"time"`
}

// Post is an office of a party, by the name it is addressed by.
type Post struct {
	Party record.PartyNo `json:"party"`
	Post  string         `json:"post"`
}

// Window is a stretch of time, [From, To].
type Window struct {
	From record.Stamp `json:"from"`
	To   record.Stamp `json:"to"`
}

// Said names the act; nil names none.
func (a *Act) Said() Said {
	if a == nil {
		return Said{}
	}
	s := Said{Party: a.Ref.Party, Number: a.Ref.Number, Code: a.Code, Time: a.Time}
	if a.Header != nil {
		s.From = a.Header.From
	}
	return s
}

// Saw reports whether the author of a had b when it numbered a.
func (a *Act) Saw(b *Act) bool { return a.saw(b) }

// After reports whether a stands after b in their author's log, by
// generation and place.
func (a *Act) After(b *Act) bool { return comparePlaces(a, b) > 0 }

// Crossed reports whether neither author knew of the other's act.
func Crossed(a, b *Act) bool { return crossed(a, b) }

// Text is a parameter that is a text; empty where it is not given, or longer
// than an act keeps: then it is in the record.
func (a *Act) Text(name string) string {
	s, _ := a.Params[name].AsText()
	return s
}

// Uint is a parameter that is a number.
func (a *Act) Uint(name string) uint64 {
	n, _ := a.Params[name].AsUint()
	return n
}

// Post is a parameter that is a post.
func (a *Act) Post(name string) Post {
	v, _ := a.Params[name].AsArray()
	if len(v) != 2 {
		return Post{}
	}
	party, _ := v[0].AsUint()
	post, _ := v[1].AsText()
	return Post{record.PartyNo(party), post}
}

// Windows is a parameter that is a window or several.
func (a *Act) Windows(name string) (out []Window) {
	list, _ := a.Params[name].AsArray()
	if len(list) == 2 && list[0].Kind() == record.KindUint {
		list = []record.Value{a.Params[name]}
	}
	for _, w := range list {
		if v, _ := w.AsArray(); len(v) == 2 {
			from, _ := v[0].AsUint()
			to, _ := v[1].AsUint()
			out = append(out, Window{record.Stamp(from), record.Stamp(to)})
		}
	}
	return out
}

// StandingActs are the acts that take effect and that nothing replaced, with
// one of the codes (none given: of any), the opening one included.
func (t *Thing) StandingActs(codes ...string) (out []*Act) {
	for a := range t.stand {
		if len(codes) == 0 || slices.Contains(codes, a.Code) {
			out = append(out, a)
		}
	}
	return out
}

// SaidActs are the acts that take effect, with one of the codes (none given:
// of any), whatever their author said later, but not what it took back.
func (t *Thing) SaidActs(codes ...string) (out []*Act) {
	for _, a := range t.Acts {
		back := func(b *Act) bool {
			return t.of[b].standing == Stands && (b.Phrase.Corrects || b.Phrase.Withdraws) && b.Ref.Party == a.Ref.Party && slices.Contains(t.of[b].answers, a)
		}
		if t.of[a].standing != NoEffect && (len(codes) == 0 || slices.Contains(codes, a.Code)) && !slices.ContainsFunc(t.Acts, back) {
			out = append(out, a)
		}
	}
	return out
}

// Meaning is what one reply makes of a thing, with the asker's word on it.
func (t *Thing) Meaning(reply *Act) Outcome { return t.meaning(reply) }

// Told reports whether another party has answered an act by a code.
func (t *Thing) Told(a *Act, code string) bool {
	return slices.ContainsFunc(t.SaidActs(code), func(b *Act) bool { return b.Ref.Party != a.Ref.Party && slices.Contains(t.of[b].answers, a) })
}

// Newest are the acts that the author of no other of them had seen: one, or
// several that crossed.
func Newest(acts []*Act) (out []*Act) {
	for _, a := range acts {
		if !slices.ContainsFunc(acts, func(b *Act) bool { return b != a && b.saw(a) }) {
			out = append(out, a)
		}
	}
	return out
}

// Gather makes a row of each thing and keeps, of each party that opened
// them, the newest max by its own log, so that all sides keep alike. It
// counts those it left out.
func Gather[T any](things iter.Seq2[*Thing, error], max int, row func(*Thing) (T, bool)) (rows []T, left map[record.PartyNo]int, err error) {
	of, left := map[record.PartyNo][]T{}, map[record.PartyNo]int{}
	var order []record.PartyNo
	for t, err := range things {
		if err != nil {
			return nil, nil, err
		}
		r, ok := row(t)
		if !ok {
			continue
		}
		p := t.Asker()
		if of[p] == nil {
			order = append(order, p)
		}
		if of[p] = append(of[p], r); len(of[p]) > max {
			of[p], left[p] = of[p][1:], left[p]+1
		}
	}
	for _, p := range order {
		rows = append(rows, of[p]...)
	}
	return rows, left, nil
}

// ThingsAt is Things at a past cut, which must be held whole.
func (f *Fold) ThingsAt(cut Cut, codes ...string) iter.Seq2[*Thing, error] {
	return func(yield func(*Thing, error) bool) {
		for l, n := range cut {
			if c := f.chains[l]; c == nil || n > c.size {
				yield(nil, ErrNotComparable)
				return
			}
		}
		reach, err := f.reachAt(cut)
		if err != nil {
			yield(nil, err)
			return
		}
		f.things(reach, codes, yield)
	}
}
