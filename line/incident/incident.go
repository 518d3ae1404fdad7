// SPDX-License-Identifier: Apache-2.0

package incident

import (
	"iter"
	"slices"

	"openline/line"
	"openline/record"
)

// Incident is one thread.
type Incident struct {
	Opening   line.Said    `json:"opening"` // its name is the shared number
	Place     []int64      `json:"place"`   // WGS 84, hundred-thousandths of a degree; of an area its corners, one after the other
	Area      string       `json:"area,omitempty"`
	Hour      record.Stamp `json:"hour,omitzero"`
	Kind      string       `json:"kind,omitempty"`
	Units     string       `json:"units,omitempty"`
	Harm      string       `json:"harm,omitempty"`
	Sure      string       `json:"sure,omitempty"`
	Unsure    string       `json:"unsure,omitempty"`
	Asked     []Question   `json:"asked"`
	Replies   []line.Said  `json:"replies"`       // to the report itself
	Next      record.Stamp `json:"next,omitzero"` // latest hour promised for a next word
	Holds     []line.Said  `json:"holds"`         // words that carry an hour, in order of the page
	Unmeant   []line.Said  `json:"unmeant"`       // not intended by us (IN03)
	Closed    []line.Said  `json:"closed"`        // who said it has ended
	Withdrawn line.Said    `json:"withdrawn,omitzero"`
	Crossed   bool         `json:"crossed"`
	Last      record.Stamp `json:"last"`  // newest time of an act in it
	Marks     []line.Mark  `json:"marks"` // what has no effect in it, or is dated oddly
}

// Question is a request for explanation (IN02) and what each other party
// answered to it last.
type Question struct {
	By      line.Said        `json:"by"`
	Wish    record.Stamp     `json:"wish"`  // suggested: a day
	Limit   record.Stamp     `json:"limit"` // suggested: two days, then a meeting
	Answers []line.Said      `json:"answers"`
	Awaits  []record.PartyNo `json:"awaits"` // whose word it awaits
}

// Codes are the phrases that open incidents.
func Codes() []string {
	return []string{"IN01", "IN02", "IN03", "IN04", "IN05", "IN06", "DS01", "DS02"}
}

const (
	most  = 1024
	lists = 64
	day   = 86400
)

// Of lists the incidents among the things on a line, by party and number,
// and how many older ones of each party are left out.
func Of(things iter.Seq2[*line.Thing, error]) ([]Incident, map[record.PartyNo]int, error) {
	return line.Gather(things, most, func(t *line.Thing) (Incident, bool) {
		if !slices.Contains(Codes(), t.Opening.Code) || t.Standing(t.Opening) == line.NoEffect {
			return Incident{}, false
		}
		return read(t), true
	})
}

func last(list []line.Said, a *line.Act) []line.Said {
	return append(list, a.Said())[max(0, len(list)+1-lists):]
}

func read(t *line.Thing) Incident {
	o := t.Opening
	in := Incident{Opening: o.Said(), Area: o.Text("area"), Kind: o.Text("kind") + o.Text("object") + o.Text("service"), Units: o.Text("units") + o.Text("unit"),
		Harm: o.Text("harm"), Sure: o.Text("sure"), Unsure: o.Text("unsure") + o.Text("description") + o.Text("indicators"), Hour: record.Stamp(o.Uint("hour")),
		Place: []int64{}, Asked: []Question{}, Replies: []line.Said{}, Holds: []line.Said{}, Unmeant: []line.Said{}, Closed: []line.Said{}, Crossed: t.Crossed, Marks: t.Marks()}
	for _, name := range []string{"place", "position", "area", "route"} {
		in.Place = corners(in.Place, o.Params[name])
	}
	for _, a := range t.SaidActs() {
		in.Last = max(in.Last, a.Time)
		stands := t.Standing(a) == line.Stands
		if until := record.Stamp(a.Uint("until")); until > 0 && (a.Phrase.Holds || a.Code == "IN06") {
			in.Holds, in.Next = last(in.Holds, a), max(in.Next, until)
		}
		switch {
		case a == o && t.Ended != nil || !stands:
		case a.Code == "IN02":
			in.ask(t, a)
		case a.Code == "IN03":
			in.Unmeant = last(in.Unmeant, a)
		case a.Code == "NT05" && a.Text("state") == "ended":
			in.Closed = last(in.Closed, a)
		case a == t.Ended:
			in.Withdrawn = a.Said()
		case a.Phrase.Replies && slices.Contains(t.Answers(a), o):
			in.Replies = last(in.Replies, a)
		}
	}
	return in
}

// ask adds a request for explanation with each party's newest word on it.
func (in *Incident) ask(t *line.Thing, q *line.Act) {
	out := Question{By: q.Said(), Wish: q.Time + day, Limit: q.Time + 2*day, Answers: []line.Said{}, Awaits: []record.PartyNo{}}
	var by []*line.Act
	for _, a := range t.SaidActs("OW01", "OW02", "OW03", "HD02") {
		if a.Ref.Party != q.Ref.Party && slices.Contains(t.Answers(a), q) {
			by = append(by, a)
		}
	}
	for _, a := range by {
		if !slices.ContainsFunc(by, func(b *line.Act) bool { return b.Ref.Party == a.Ref.Party && b.After(a) }) {
			out.Answers = append(out.Answers, a.Said())
		}
	}
	for _, x := range t.Asked {
		for _, s := range x.Sides {
			if x.Act == q && s.Awaited() {
				out.Awaits = append(out.Awaits, s.Party)
			}
		}
	}
	if len(in.Asked) < lists {
		in.Asked = append(in.Asked, out)
	}
}

// corners reads a position, or the corners of an area.
func corners(out []int64, v record.Value) []int64 {
	list, _ := v.AsArray()
	for _, e := range list {
		if n, ok := e.AsInt(); ok {
			out = append(out, n)
		} else {
			out = corners(out, e)
		}
	}
	return out
}

// Review lists what is to be gone through together: what nobody closed, and
// what was said anything about since the last review.
func Review(list []Incident, since record.Stamp) (out []Incident) {
	for _, in := range list {
		if in.Withdrawn.Number == 0 && (len(in.Closed) == 0 || in.Last > since) {
			out = append(out, in)
		}
	}
	return out
}
