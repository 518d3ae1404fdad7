// SPDX-License-Identifier: Apache-2.0

package line

import (
	"maps"
	"testing"

	"openline/record"
)

// Scene is a request of blue (party 1) to red (party 2), for the tests of
// clocks, which stand outside because the words stand on this room.
type Scene struct {
	w       *world
	start   record.Stamp
	Request Entry
}

// Asking is how the request is made.
type Asking struct {
	Code                  string
	Wished, Time, Written record.Stamp
	Clocks                record.Ref
	Level                 record.Precedence
	SeenOnly              int // so many of red's records; 0: all; -1: none
	Reminders, Queries    int
	Hours                 map[string]record.Value // red's
}

// Draft is a record to be said.
type Draft = draft

// NewScene has red declare a clock of one hour, then one of secs, and blue
// ask at the start.
func NewScene(t testing.TB, start record.Stamp, secs uint64, change func(*Asking)) *Scene {
	a := Asking{Code: "CR01", Level: record.Priority}
	if change != nil {
		change(&a)
	}
	s := &Scene{w: newWorld(t, 1, 2), start: start}
	s.w.now = start - 30*86400
	for _, secs := range []uint64{3600, secs} {
		clocks := record.Array(record.Array(record.Text(a.Code), record.Uint(0), record.Uint(secs)))
		p := map[string]record.Value{"valid_from": record.Uint(0)}
		if secs != 3600 || a.Hours["valid_from"].Kind() == record.KindNone {
			maps.Copy(p, a.Hours)
		}
		p["clocks"] = clocks
		s.w.say(1, draft{code: "CK01", params: p})
		s.w.now++
	}
	s.w.now = start
	if a.SeenOnly >= 0 {
		s.w.deliver(0, Log{2, 1}, uint64(a.SeenOnly))
	}
	d := draft{code: a.Code, to: []record.PartyNo{2}, level: a.Level, clocks: a.Clocks, time: a.Time, wished: a.Wished, written: a.Written}
	d.params = map[string]record.Value{
		"caller": record.Array(record.Uint(1), record.Text("minister")), "called": record.Array(record.Uint(2), record.Text("minister")),
		"subject": record.Text("a call"), "urgency": record.Text("ordinary"), "medium": record.Text("voice"),
	}
	if a.Code == "DS01" {
		d.params = map[string]record.Value{"position": record.Array(record.Uint(0), record.Uint(0)), "kind": record.Text("ship"), "help": record.Text("asked")}
	}
	s.Request = s.w.say(0, d)
	s.w.deliver(0, Log{2, 1}, 0)
	for i := range a.Reminders + a.Queries {
		code := "RM01"
		if i >= a.Reminders {
			code = "RQ01"
		}
		s.w.say(0, draft{code: code, to: []record.PartyNo{2}, about: s.Request.Ref(), re: []record.Ref{s.Request.Ref()}})
	}
	return s
}

// Red says something so long after the start, having seen all.
func (s *Scene) Red(after int64, d Draft) {
	s.w.deliver(1, Log{1, 1}, 0)
	s.RedBlind(after, d)
}

// RedBlind says something without having seen more than before.
func (s *Scene) RedBlind(after int64, d Draft) {
	s.w.now = record.Stamp(int64(s.start) + after)
	s.w.say(1, d)
}

// RedAhead says something about what came ahead of its place.
func (s *Scene) RedAhead(after int64, d Draft) { s.RedBlind(after, d) }

// Folds are blue's fold and red's.
func (s *Scene) Folds(t testing.TB) [2]*Fold {
	a, b := s.w.fold(t), s.w.fold(t)
	s.w.add(t, a, s.w.cut(), first)
	s.w.add(t, b, s.w.cut(), func(n int) int { return n - 1 })
	if a.Digest() != b.Digest() {
		t.Fatal("the two sides read differently")
	}
	return [2]*Fold{a, b}
}

func (s *Scene) about(code string, params map[string]record.Value) Draft {
	return draft{code: code, about: s.Request.Ref(), re: []record.Ref{s.Request.Ref()}, params: params}
}

func (s *Scene) Hold(to record.Stamp) Draft { return s.about("HD01", until(to)) }
func (s *Scene) Ack() Draft                 { return s.about("RC01", nil) }
func (s *Scene) Yes() Draft                 { return s.about("AF01", nil) }
func (s *Scene) Decline() Draft {
	return s.about("HD05", map[string]record.Value{"reason": record.Uint(1)})
}

// Note is a record about nothing.
func Note() Draft { return draft{} }

// AckByHash names a request that has no place yet.
func AckByHash(e Entry) Draft {
	r := record.ByHash(e.Party, e.Hash)
	return draft{code: "RC01", about: r, re: []record.Ref{r}}
}

// Clocks declares a clock for call requests.
func Clocks(secs uint64, more map[string]record.Value) Draft {
	p := map[string]record.Value{"clocks": record.Array(record.Array(record.Text("CR01"), record.Uint(0), record.Uint(secs))), "valid_from": record.Uint(0)}
	maps.Copy(p, more)
	return draft{code: "CK01", params: p}
}
