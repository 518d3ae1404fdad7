// SPDX-License-Identifier: Apache-2.0

package station

import (
	"cmp"
	"slices"
	"time"

	"openline/line"
	"openline/record"
)

// DeskHours are the hours one party declared, and how its desk stands by
// them.
type DeskHours struct {
	Party        record.PartyNo
	Declarations []Declaration // newest first; none: nothing is declared
	Open         bool          // attended now, as declared
	Until        record.Stamp  // until when that holds; 0: as far as is declared
	Next         record.Stamp  // when a closed desk is next attended; 0: it is not
	Closes       record.Stamp  // when it closes then
}

// Declaration is one declaration of hours and clocks (CK01).
type Declaration struct {
	Record   record.Ref
	Time     record.Stamp
	From, To record.Stamp // To is 0 where it names no end
	Params   map[string]record.Value
	InForce  bool
}

// maxDeclared is how many declarations of a party are shown: those a fold
// looks back to.
const maxDeclared = 8

// Hours shows what each party declared, by number.
func (s *Station) Hours(now Now) ([]DeskHours, error) {
	of := map[record.PartyNo][]*line.Act{}
	for t, err := range s.fold.Things("CK01") {
		if err != nil {
			return nil, err
		}
		for _, a := range t.SaidActs("CK01") {
			of[a.Ref.Party] = append(of[a.Ref.Party], a)
		}
	}
	out := make([]DeskHours, 0, len(s.text.Parties))
	for _, p := range s.text.Parties {
		list := of[p.Number]
		slices.SortFunc(list, func(a, b *line.Act) int { return cmp.Compare(b.Ref.Number, a.Ref.Number) })
		h := DeskHours{Party: p.Number}
		for _, a := range list[:min(len(list), maxDeclared)] {
			e, ok, err := s.entryOf(a.Ref)
			if err != nil || !ok || e.Body == nil {
				return nil, cmp.Or(err, errRead)
			}
			h.Declarations = append(h.Declarations, declarationOf(a, e.Body.Params))
		}
		if n := len(h.Declarations); n > 0 {
			i := slices.IndexFunc(h.Declarations, func(d Declaration) bool { return d.From <= now.stamp() })
			if i < 0 {
				i = n - 1
			}
			h.Declarations[i].InForce = true
			h.attended(s.fold.HoursOf(p.Number), now)
		}
		out = append(out, h)
	}
	return out, nil
}

func declarationOf(a *line.Act, params map[string]record.Value) Declaration {
	from, _ := params["valid_from"].AsUint()
	to, _ := params["valid_to"].AsUint()
	return Declaration{Record: a.Ref, Time: a.Time, From: record.Stamp(from), To: record.Stamp(to), Params: params}
}

// attended says how a desk stands now and next.
func (h *DeskHours) attended(hours line.Hours, now Now) {
	open, until := hours.Open(now.Wall)
	h.Open, h.Until = open, stampOf(until)
	if open || until.IsZero() {
		return
	}
	if next, closes := hours.Open(until); next {
		h.Next, h.Closes = stampOf(until), stampOf(closes)
	}
}

func stampOf(t time.Time) record.Stamp {
	if t.IsZero() {
		return 0
	}
	return record.Stamp(t.Unix())
}

// HoursEnd is when what this party declared of its hours ends, or is to be
// renewed; 0: it names no end.
func (s *Station) HoursEnd() record.Stamp {
	ref, ok := s.fold.Declaration(s.me)
	if !ok {
		return 0
	}
	e, ok, err := s.entryOf(ref)
	if err != nil || !ok || e.Body == nil {
		return 0
	}
	to, _ := e.Body.Params["valid_to"].AsUint()
	return record.Stamp(to)
}
