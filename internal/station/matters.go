// SPDX-License-Identifier: Apache-2.0

package station

import (
	"iter"

	"openline/agreement"
	"openline/line"
	"openline/record"
)

// Matter is a thing as the records and the clock show it, ended or not: for
// the brief and the table asked / came.
type Matter struct {
	AwaitView
	Header record.Header // of the opening record
	Params map[string]record.Value
	By     record.Ref // the record the outcome stands on; zero: none
	ByCode string
	ByTime record.Stamp
	Asks   bool
}

// Matters gives the things that were opened by any of the phrases, oldest
// first as they are stored.
func (s *Station) Matters(now Now, codes ...string) ([]Matter, error) {
	return mattersOf(s.fold, s.shelf.things(codes...), signed{s}, s.me, now.stamp())
}

// MattersOf gives the things of any fold, as the signed times and the hour
// given show them to a party.
func MattersOf(f *line.Fold, signed line.Signed, me record.PartyNo, now record.Stamp, codes ...string) ([]Matter, error) {
	return mattersOf(f, f.Things(codes...), signed, me, now)
}

func mattersOf(f *line.Fold, things iter.Seq2[*line.Thing, error], signed line.Signed, me record.PartyNo, now record.Stamp) ([]Matter, error) {
	var out []Matter
	for t, err := range things {
		if err != nil {
			return nil, err
		}
		if t.Opening == nil || t.Opening.Header == nil {
			continue
		}
		m := Matter{AwaitView: awaitView(f, t, signed, me, now), Header: *t.Opening.Header, Params: t.Opening.Params, Asks: t.Asks()}
		if t.By != nil {
			m.By, m.ByCode, m.ByTime = t.By.Ref, t.By.Code, t.By.Time
		}
		out = append(out, m)
	}
	return out, nil
}

func (s *Station) awaitView(t *line.Thing, now Now) AwaitView {
	return awaitView(s.fold, t, signed{s}, s.me, now.stamp())
}

func awaitView(f *line.Fold, t *line.Thing, signed line.Signed, me record.PartyNo, now record.Stamp) AwaitView {
	return AwaitView{
		Thing: t.Name, Code: t.Opening.Code, Answerer: t.Answerer, Ours: t.Answerer == me, Asked: t.Opening.Time,
		Outcome: t.Outcome, Until: t.Until, Wished: t.Opening.Header.Wished, Crossed: t.Crossed, Ladder: t.Ladder,
		Clock: f.Reckon(t, signed, now),
	}
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
