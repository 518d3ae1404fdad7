// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"cmp"
	"iter"
	"slices"

	"openline/line"
	"openline/line/counterpart"
	"openline/record"
)

// State is how one asked party stands to an invitation: an outcome of the
// line by its name, or one of these.
type State string

// The states that are a dossier's own.
const (
	Accepted   State = "accepted"
	AgendaOpen State = "accepted, agenda open" // a meeting
	Confirmed  State = "confirmed"             // a meeting with nothing open
	CalledOff  State = "called off"            // it cannot be held
	Countered  State = "counter-proposal"
	Circle     State = "redirected in a circle"
	SaidNo     State = "answered no"
)

// Dossier is one invitation.
type Dossier struct {
	Opening   line.Said     `json:"opening"` // its name is the dossier's number
	Kind      string        `json:"kind"`    // call, video call, meeting, sounding
	Subject   string        `json:"subject"` // of a meeting: the series
	From      line.Post     `json:"from"`
	Foreign   bool          `json:"foreign"` // the calling post is not one of who asks
	Windows   []line.Window `json:"windows"`
	Wished    record.Stamp  `json:"wished,omitzero"` // a courtesy
	Sides     []Side        `json:"sides"`
	Reminders []line.Said   `json:"reminders"`
	Renewed   []line.Said   `json:"renewed"` // reminders after the last window
	Ended     line.Said     `json:"ended,omitzero"`
	Agenda    []Item        `json:"agenda"`
	Off       []Off         `json:"off"`
	Holders   []line.Said   `json:"holders"` // changes of holder that who asked had not seen
	Joined    []Joined      `json:"joined"`
	Closings  []Closing     `json:"closings"`
	ReadOuts  []ReadOut     `json:"read_outs"`
	Over      bool          `json:"over"`  // every window it offers had ended at its own hour
	Asked     []Inside      `json:"asked"` // what was asked inside, and how it stands
	Marks     []line.Mark   `json:"marks"` // what has no effect in it, or is dated oddly

	act    *line.Act
	posts  []line.Post
	halves []half
}

// Side is what one asked party made of it.
type Side struct {
	Party    record.PartyNo `json:"party"`
	State    State          `json:"state"`
	By       line.Said      `json:"by,omitzero"`
	Until    record.Stamp   `json:"until,omitzero"`
	Reason   uint64         `json:"reason,omitempty"` // reason code
	Words    string         `json:"words,omitempty"`  // condition, proposal or cause as given
	Window   line.Window    `json:"window,omitzero"`  // accepted or proposed
	Office   line.Post      `json:"office"`           // with which it lies now
	Route    []line.Post    `json:"route"`            // offices it was moved to, in order
	Holds    int            `json:"holds"`
	Receipts []line.Said    `json:"receipts"` // of the watch, the office, the units; none is agreement
	Crossed  []line.Said    `json:"crossed"`  // acts that did not know of the one the state stands on
	Awaits   record.PartyNo `json:"awaits,omitempty"`
}

// Count is one line of the table asked / came.
type Count struct {
	Asker     record.PartyNo `json:"asker"`
	Answerer  record.PartyNo `json:"answerer"`
	Asked     int            `json:"asked"`
	Reminders int            `json:"reminders"`
	Came      map[State]int  `json:"came"`
}

// Table is all invitations on a line.
type Table struct {
	Dossiers []Dossier              `json:"dossiers"`
	Counts   []Count                `json:"counts"`
	Void     []line.Mark            `json:"void"` // invitations and changes of holder that count for nothing; of each party the first 64
	Left     map[record.PartyNo]int `json:"left,omitempty"`
}

// Codes are the phrases that open what the table is made of: invitations, and
// the posts whose holders change.
func Codes() []string { return []string{"CR01", "MT01", "SD01", "PO01"} }

const (
	most  = 4096 // invitations of each party
	lists = 64   // entries of one list in one of them
)

// Of makes the table of the things on a line; they may be more than those
// opened by [Codes].
func Of(things iter.Seq2[*line.Thing, error]) (Table, error) {
	holders, counts := map[line.Post][]*line.Act{}, map[[2]record.PartyNo]*Count{}
	v := voids{of: map[record.PartyNo]int{}, list: []line.Mark{}}
	rows, left, err := line.Gather(things, most, func(t *line.Thing) (Dossier, bool) {
		if t.Opening.Code == "PO01" {
			v.add(change(holders, t)...)
		}
		if !slices.Contains([]string{"CR01", "MT01", "SD01"}, t.Opening.Code) {
			return Dossier{}, false
		}
		if t.Standing(t.Opening) == line.NoEffect {
			v.add(line.Mark{By: t.Opening.Said(), Why: t.Why(t.Opening)})
			return Dossier{}, false
		}
		d := read(t)
		for _, s := range d.Sides {
			k := [2]record.PartyNo{t.Asker(), s.Party}
			if counts[k] == nil {
				counts[k] = &Count{Asker: k[0], Answerer: k[1], Came: map[State]int{}}
			}
			counts[k].Asked++
			counts[k].Reminders += len(d.Reminders)
			counts[k].Came[s.State]++
		}
		return d, true
	})
	if err != nil {
		return Table{}, err
	}
	out := Table{Dossiers: rows, Counts: []Count{}, Void: v.list, Left: left}
	for _, c := range counts {
		out.Counts = append(out.Counts, *c)
	}
	slices.SortFunc(out.Counts, func(a, b Count) int {
		return cmp.Or(cmp.Compare(a.Asker, b.Asker), cmp.Compare(a.Answerer, b.Answerer))
	})
	join(rows)
	for i := range rows {
		for _, p := range rows[i].posts {
			for _, c := range holders[p] {
				if !rows[i].act.Saw(c) {
					rows[i].Holders = append(rows[i].Holders, c.Said())
				}
			}
		}
	}
	return out, nil
}

// change notes the changes of holder (PO02) of a party's own post.
func change(holders map[line.Post][]*line.Act, t *line.Thing) (void []line.Mark) {
	void = t.Marks()
	for _, a := range t.StandingActs("PO02") {
		if p := (line.Post{Party: t.Asker(), Post: t.Opening.Text("post")}); a.Ref.Party == t.Asker() {
			holders[p] = last(append(holders[p], a))
		} else {
			void = append(void, line.Mark{By: a.Said(), Why: "it names the holder of another party's post"})
		}
	}
	return void
}

// voids lists of each party the first that count for nothing.
type voids struct {
	of   map[record.PartyNo]int
	list []line.Mark
}

func (v *voids) add(marks ...line.Mark) {
	for _, m := range marks {
		if v.of[m.By.Party]++; v.of[m.By.Party] <= lists {
			v.list = append(v.list, m)
		}
	}
}

// last bounds a list to its newest entries.
func last[T any](list []T) []T { return list[max(0, len(list)-lists):] }

// Lapsed reports whether at an hour every window offered is over and nothing
// came of it, nor was it renewed since.
func (d Dossier) Lapsed(at record.Stamp) bool {
	came := func(s Side) bool { return s.Awaits == 0 || len(s.Route) > 0 && s.Awaits != d.act.Ref.Party }
	return len(d.Windows) > 0 && at > d.end() && len(d.Renewed) == 0 && d.Ended.Number == 0 && !slices.ContainsFunc(d.Sides, came)
}

// end is the end of the last window that was offered.
func (d Dossier) end() (end record.Stamp) {
	for _, w := range d.Windows {
		end = max(end, w.To)
	}
	return end
}

// read makes the dossier of one invitation.
func read(t *line.Thing) Dossier {
	o := t.Opening
	d := Dossier{Opening: o.Said(), Kind: "call", Subject: o.Text("subject"), From: line.Post{Party: t.Asker(), Post: o.Header.From}, Wished: o.Header.Wished,
		Windows: []line.Window{}, Sides: []Side{}, Reminders: []line.Said{}, Renewed: []line.Said{}, Ended: t.Ended.Said(), Agenda: agenda(t), Off: off(t),
		Holders: []line.Said{}, Joined: []Joined{}, Closings: closings(t), ReadOuts: readOuts(t), Asked: inside(t), Marks: t.Marks(), act: o, halves: halvesOf(t)}
	for _, name := range []string{"windows", "window", "dates"} {
		d.Windows = append(d.Windows, o.Windows(name)...)
	}
	d.Over = len(d.Windows) > 0 && d.end() < o.Time
	switch {
	case o.Code == "MT01":
		d.Kind, d.Subject = "meeting", o.Text("series")
	case o.Code == "SD01":
		d.Kind = "sounding"
	case o.Text("medium") == "video":
		d.Kind = "video call"
	}
	if o.Code == "CR01" {
		d.From = o.Post("caller")
	}
	d.Foreign = d.From.Party != t.Asker()
	d.posts = []line.Post{d.From}
	for _, r := range t.SaidActs("RM01") {
		if r.Ref.Party != t.Asker() {
			continue
		}
		d.Reminders = last(append(d.Reminders, r.Said()))
		if len(d.Windows) > 0 && r.Time > d.end() {
			d.Renewed = last(append(d.Renewed, r.Said()))
		}
	}
	for _, s := range t.Sides {
		side := sideOf(t, s)
		side.State = d.refine(side.State)
		d.posts = append(d.posts, counterpart.Asked(t, s.Party))
		d.Sides = append(d.Sides, side)
	}
	return d
}

// refine looks at what an acceptance still lacks.
func (d *Dossier) refine(s State) State {
	switch {
	case s != Accepted:
	case slices.ContainsFunc(d.Off, func(o Off) bool { return !o.past }):
		return CalledOff
	case d.Kind == "meeting" && slices.ContainsFunc(d.Agenda, Item.Open):
		return AgendaOpen
	case d.Kind == "meeting":
		return Confirmed
	}
	return s
}

// Places are where a meeting was to be: place, host and series by name.
func (d Dossier) Places() []string {
	return []string{d.act.Text("place"), d.act.Text("host"), d.act.Text("series")}
}

// Saw reports whether who asked knew of an act when it asked.
func (d Dossier) Saw(a *line.Act) bool { return d.act.Saw(a) }
