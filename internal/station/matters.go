// SPDX-License-Identifier: Apache-2.0

package station

import (
	"iter"
	"slices"

	"openline/agreement"
	"openline/line"
	"openline/line/suspension"
	"openline/record"
)

// Matter is an ask as the records and the clock show it, ended or not, or a
// thing that asks for nothing: for the brief and the table asked / came.
type Matter struct {
	AwaitView
	Header  record.Header // of the ask
	Params  map[string]record.Value
	By      record.Ref // the record the outcome stands on; zero: none
	ByCode  string
	ByTime  record.Stamp
	Asks    bool
	Awaited bool // the word of who is asked is awaited
	// Receipt is, of an ask of ours, the earliest time at which who is asked
	// signed that it holds it; 0: it has not.
	Receipt record.Stamp
}

// Matters gives what was asked by any of the phrases, and the things they
// opened, oldest first as they are stored: one row for each party asked.
func (s *Station) Matters(now Now, codes ...string) ([]Matter, error) {
	things := func(func(*line.Thing, error) bool) {}
	if opening := s.opening(codes); len(codes) == 0 || len(opening) > 0 {
		things = s.shelf.things(opening...)
	}
	suspended, err := s.Suspensions()
	if err != nil {
		return nil, err
	}
	return mattersOf(s.fold, things, s.signedNow(), s.me, now.stamp(), codes, suspended, s.shelf.count(codes))
}

// opening are those of the phrases that may open a thing, by any version.
func (s *Station) opening(codes []string) []string {
	opens := func(code string) bool {
		return slices.ContainsFunc(s.cfg.Agreements.All(), func(a *agreement.Agreement) bool {
			cat := s.cfg.Catalogue(a.Version)
			if cat == nil {
				return false
			}
			p, _ := cat.Phrase(code)
			return p.Opens
		})
	}
	return slices.DeleteFunc(slices.Clone(codes), func(code string) bool { return !opens(code) })
}

// MattersOf gives the matters of any fold, as the signed times and the hour
// given show them to a party. Of what was asked inside a thing that none of
// the phrases opened, it gives only what still awaits a word. It does not say
// what was suspended.
func MattersOf(f *line.Fold, signed line.Signed, me record.PartyNo, now record.Stamp, codes ...string) ([]Matter, error) {
	return mattersOf(f, f.Things(codes...), signed, me, now, codes, nil, 0)
}

// mattersOf expects about so many.
func mattersOf(f *line.Fold, things iter.Seq2[*line.Thing, error], signed line.Signed, me record.PartyNo, now record.Stamp, codes []string, suspended []suspension.Suspension, about int) ([]Matter, error) {
	out := make([]Matter, 0, about)
	wanted := func(a *line.Act) bool { return len(codes) == 0 || slices.Contains(codes, a.Code) }
	take := func(w line.Wait) {
		if !wanted(w.Ask.Act) || w.Ask.Act.Header == nil {
			return
		}
		m := Matter{AwaitView: awaitView(f, w, signed, me, now), Header: *w.Ask.Act.Header, Params: w.Ask.Act.Params, Asks: w.Side.Party != 0, Awaited: w.Side.Awaited()}
		if w.Side.By != nil {
			m.By, m.ByCode, m.ByTime = w.Side.By.Ref, w.Side.By.Code, w.Side.By.Time
		}
		if a := w.Ask.Act; m.Asks && a.Ref.Party == me {
			if sig, ok := signed.FirstShown(m.Answerer, me, a.Generation, a.Index); ok {
				m.Receipt = sig.At
			}
		}
		m.Suspended = suspension.Marks(suspended, w.Ask.Act)
		out = append(out, m)
	}
	for t, err := range things {
		if err != nil {
			return nil, err
		}
		if !t.Asks() {
			take(line.Wait{Thing: t, Ask: line.Ask{Act: t.Opening}, Side: line.Side{Outcome: t.Outcome, By: t.By}})
		}
		for _, a := range t.Asked {
			for _, s := range a.Sides {
				take(line.Wait{Thing: t, Ask: a, Side: s})
			}
		}
	}
	for _, w := range f.Waits() {
		if !wanted(w.Thing.Opening) {
			take(w)
		}
	}
	return out, nil
}

func awaitView(f *line.Fold, w line.Wait, signed line.Signed, me record.PartyNo, now record.Stamp) AwaitView {
	a, s := w.Ask.Act, w.Side
	v := AwaitView{Thing: w.Thing.Name, Ref: a.Ref, Code: a.Code, Asker: a.Ref.Party, Answerer: s.Party, Ours: s.Party == me, Asked: a.Time,
		Outcome: s.Outcome, Until: s.Until, Crossed: s.Crossed, Ladder: s.Ladder}
	if a.Header != nil {
		v.Wished = a.Header.Wished
	}
	if s.Party != 0 {
		v.Clock = f.ReckonSide(w.Thing, s, signed, now)
	}
	return v
}

// Post is an office a party declared on the line (PO01).
type Post struct {
	Party  record.PartyNo
	ID     string // how it is addressed
	Office string
	Record record.Ref
}

// Posts lists the offices declared on the line and not replaced.
func (s *Station) Posts() []Post { return PostsOf(s.fold, s.text.Parties) }

// PostsOf lists the offices the parties declared, as a fold has them.
func PostsOf(f *line.Fold, parties []agreement.Party) []Post {
	var out []Post
	for _, p := range parties {
		for _, e := range f.Posts(p.Number) {
			if e.Body == nil {
				continue
			}
			id, _ := e.Body.Params["post"].AsText()
			office, _ := e.Body.Params["office"].AsText()
			out = append(out, Post{Party: p.Number, ID: id, Office: office, Record: e.Ref()})
		}
	}
	return out
}
