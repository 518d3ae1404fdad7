// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"bytes"
	"crypto/sha256"
	"slices"

	"openline/line"
	"openline/record"
)

// Item is one item of an agenda: its own agreement.
type Item struct {
	Text  string      `json:"text"`
	State string      `json:"state"` // agreed, listed, withdrawn; open: proposed, not agreed
	Words []line.Said `json:"words"` // each party's newest on it
}

// Open reports whether an item has yet to be settled.
func (i Item) Open() bool { return i.State == "proposed" || i.State == "not agreed" }

// agenda reads the first items named (MT02). An item is agreed once the asker
// and every asked party have said so by its own act.
func agenda(t *line.Thing) []Item {
	stands := map[string]map[record.PartyNo]*line.Act{}
	var order []string
	note := func(item string, a *line.Act) {
		if stands[item] == nil && len(order) < lists {
			stands[item], order = map[record.PartyNo]*line.Act{}, append(order, item)
		}
		if by := stands[item]; by != nil && (by[a.Ref.Party] == nil || a.After(by[a.Ref.Party])) {
			by[a.Ref.Party] = a
		}
	}
	for _, a := range t.SaidActs("MT02", "AF01", "AF02") {
		if a.Code == "MT02" {
			note(a.Text("item"), a)
			continue
		}
		for _, b := range t.Answers(a) {
			if b.Code == "MT02" && b.Ref.Party != a.Ref.Party {
				note(b.Text("item"), a)
			}
		}
	}
	slices.Sort(order)
	out := []Item{}
	for _, item := range order {
		i := Item{Text: item, State: "withdrawn", Words: []line.Said{}}
		n := map[string]int{}
		for _, a := range t.Acts {
			if stands[item][a.Ref.Party] == a {
				i.Words = append(i.Words, a.Said())
				n[map[string]string{"AF01": "agreed", "AF02": "not_agreed", "MT02": a.Text("stand")}[a.Code]]++
			}
		}
		switch yes := n["agreed"] + n["proposed"]; {
		case n["listed"] > 0:
			i.State = "listed"
		case n["not_agreed"] > 0:
			i.State = "not agreed"
		case yes == len(t.Sides)+1 && yes > 1:
			i.State = "agreed"
		case yes > 0:
			i.State = "proposed"
		}
		out = append(out, i)
	}
	return out
}

// Off says that a call or meeting cannot be held (MT03).
type Off struct {
	By       line.Said   `json:"by"`
	Whose    string      `json:"whose"` // ours: of who says it; host; organiser
	Fallback line.Window `json:"fallback,omitzero"`
	Taken    bool        `json:"taken"` // the fallback was accepted

	past bool // it was accepted since
}

func off(t *line.Thing) []Off {
	out := []Off{}
	for _, a := range t.StandingActs("MT03") {
		o := Off{By: a.Said(), Whose: a.Text("by"), Taken: t.Told(a, "AF01")}
		for _, s := range t.Sides {
			o.past = o.past || s.By != nil && s.By.Saw(a) && onRequest(t, s.By)
		}
		if w := a.Windows("fallback"); len(w) > 0 {
			o.Fallback = w[0]
		}
		out = last(append(out, o))
	}
	return out
}

// Closing is what one side says of a call that ended (CR05).
type Closing struct {
	By      line.Said    `json:"by"`
	Ended   record.Stamp `json:"ended"`
	Release record.Stamp `json:"release"`
	Asked   string       `json:"asked"` // who is said to have asked: ours, yours, both, unsaid
	Agreed  bool         `json:"agreed"`
}

func closings(t *line.Thing) []Closing {
	out := []Closing{}
	for _, a := range t.StandingActs("CR05") {
		out = last(append(out, Closing{a.Said(), record.Stamp(a.Uint("ended")), record.Stamp(a.Uint("release")), a.Text("asked"), t.Told(a, "AF01")}))
	}
	return out
}

// ReadOut is one party's public text: its digest first, its words once every
// party that sealed one has opened it.
type ReadOut struct {
	Sealed line.Said    `json:"sealed"`
	Opens  record.Stamp `json:"opens"`
	Opened line.Said    `json:"opened,omitzero"`
	Text   string       `json:"text,omitempty"`
}

// readOuts pairs each party's newest seal (RO01 without a text) with the text
// of that digest.
func readOuts(t *line.Thing) []ReadOut {
	type pair struct{ sealed, opened *line.Act }
	of := map[record.PartyNo]pair{}
	for _, a := range t.SaidActs("RO01") {
		if _, open := a.Params["readout"]; !open {
			of[a.Ref.Party] = pair{sealed: a}
		}
	}
	whole := len(of) > 1
	for p, x := range of {
		want, _ := x.sealed.Params["digest"].AsBytes()
		for _, a := range t.SaidActs("RO01") {
			if sum := sha256.Sum256([]byte(a.Text("readout"))); a.Ref.Party == p && bytes.Equal(sum[:], want) {
				of[p] = pair{x.sealed, a}
			}
		}
		whole = whole && of[p].opened != nil
	}
	out := []ReadOut{}
	for _, a := range t.Acts {
		if x := of[a.Ref.Party]; x.sealed == a {
			r := ReadOut{Sealed: a.Said(), Opens: record.Stamp(a.Uint("opens")), Opened: x.opened.Said()}
			if whole {
				r.Text = x.opened.Text("readout")
			}
			out = append(out, r)
		}
	}
	return out
}

// Joined is another matter that is said to be one with this.
type Joined struct {
	Party  record.PartyNo `json:"party"` // name of the other
	Number uint64         `json:"number"`
	One    bool           `json:"one"` // an act in each says so, and no party has said no
	By     []line.Said    `json:"by"`  // in this one
}

type half struct {
	other record.Ref
	by    line.Said
	no    bool
}

func halvesOf(t *line.Thing) (out []half) {
	for _, a := range t.StandingActs("SM01") {
		p := a.Post("other") // a name is of the same shape: party, then number
		list, _ := a.Params["other"].AsArray()
		number, _ := list[1].AsUint()
		out = last(append(out, half{record.ByNumber(p.Party, number), a.Said(), t.Told(a, "AF02")}))
	}
	return out
}

// join matches the halves: one act in each of two matters.
func join(rows []Dossier) {
	at := map[record.Ref]*Dossier{}
	for i := range rows {
		at[rows[i].act.Ref] = &rows[i]
	}
	for i := range rows {
		d := &rows[i]
		for _, h := range d.halves {
			j := slices.IndexFunc(d.Joined, func(j Joined) bool { return j.Party == h.other.Party && j.Number == h.other.Number })
			if j < 0 {
				d.Joined = append(d.Joined, Joined{Party: h.other.Party, Number: h.other.Number, One: at[h.other] != nil && at[h.other] != d && answers(at[h.other].halves, d.act.Ref)})
				j = len(d.Joined) - 1
			}
			d.Joined[j].By = append(d.Joined[j].By, h.by)
			d.Joined[j].One = d.Joined[j].One && !h.no
		}
	}
}

// answers reports whether some half names a matter and none was denied.
func answers(halves []half, name record.Ref) bool {
	named := false
	for _, h := range halves {
		if h.other == name {
			named = true
			if h.no {
				return false
			}
		}
	}
	return named
}
