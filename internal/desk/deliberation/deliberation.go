// SPDX-License-Identifier: Apache-2.0

package deliberation

import (
	"time"
)

// Kind is the kind of the journal's entries that this room folds.
const Kind = "deliberation"

// Stance is how somebody stands to an option.
type Stance string

// The stances, from the one end to the other.
const (
	FavoursStrongly Stance = "favours strongly"
	Favours         Stance = "favours"
	Undecided       Stance = "undecided"
	Opposes         Stance = "opposes"
	OpposesStrongly Stance = "opposes strongly"
)

// Stances lists them in order.
var Stances = []Stance{FavoursStrongly, Favours, Undecided, Opposes, OpposesStrongly}

// Attributions are on whose word a position is known; empty: our own notes.
// The words are those of contacts.
var Attributions = []string{"official", "record", "anonymous", "press"}

// What a record on the line is to a deliberation.
const (
	Released = "released" // said as the decision has it
	Led      = "led to"   // something that followed from it
	Stated   = "stated"   // our position, stated to the other side (SP01)
)

// Links lists what a record can be.
var Links = []string{Released, Led, Stated}

// Deliberation is one question and what became of it.
type Deliberation struct {
	No        int        `json:"no"`
	At        time.Time  `json:"at"`
	By        string     `json:"by,omitempty" doc:"Who opened it, by the desk's word"`
	Question  string     `json:"question"`
	Subject   string     `json:"subject,omitempty" doc:"As the line names it: pairs and positions of this subject bear on it"`
	Options   []Option   `json:"options"`
	Positions []Position `json:"positions" doc:"Oldest first; a later one of the same person or body stands beside the earlier"`
	Decisions []Decision `json:"decisions" doc:"Oldest first; the last one holds"`
	Records   []Link     `json:"records"`
}

// Option is one answer to the question.
type Option struct {
	No   int       `json:"no"`
	Text string    `json:"text"`
	At   time.Time `json:"at"`
	By   string    `json:"by,omitempty"`
}

// Position is how somebody stands to an option.
type Position struct {
	Option      int       `json:"option"`
	Who         string    `json:"who" doc:"A post, an office or a body"`
	Stance      Stance    `json:"stance" enum:"favours strongly,favours,undecided,opposes,opposes strongly"`
	Arguments   string    `json:"arguments,omitempty"`
	Attribution string    `json:"attribution,omitempty" enum:"official,record,anonymous,press" doc:"On whose word; absent: not attributed"`
	Source      string    `json:"source,omitempty"`
	Said        string    `json:"said,omitempty" doc:"Day or time it was said, where known"`
	At          time.Time `json:"at" doc:"When it was noted"`
	By          string    `json:"by,omitempty"`
}

// Decision is what was decided.
type Decision struct {
	Option int       `json:"option,omitempty" doc:"Absent: none of the options"`
	Words  string    `json:"words,omitempty"`
	At     time.Time `json:"at"`
	By     string    `json:"by,omitempty"`
}

// Link is a record on the line.
type Link struct {
	Record string    `json:"record" doc:"As party/number"`
	What   string    `json:"what" enum:"released,led to,stated"`
	Words  string    `json:"words,omitempty"`
	At     time.Time `json:"at"`
	By     string    `json:"by,omitempty"`
}

// Decided is the newest decision; nil: none yet.
func (d *Deliberation) Decided() *Decision {
	if len(d.Decisions) == 0 {
		return nil
	}
	return &d.Decisions[len(d.Decisions)-1]
}

// Newest are the newest positions on an option, one of each person or body,
// in the order in which they first took one.
func (d *Deliberation) Newest(option int) []Position {
	var out []Position
	at := map[string]int{}
	for _, p := range d.Positions {
		if p.Option != option {
			continue
		}
		if i, ok := at[p.Who]; ok {
			out[i] = p
			continue
		}
		at[p.Who] = len(out)
		out = append(out, p)
	}
	return out
}
