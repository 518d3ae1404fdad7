// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"slices"
	"time"

	"openline/record"
)

// Who may send a phrase, at the least; a party's own mandates may ask more.
type Who uint8

// The zero value is unknown.
const (
	Machine Who = iota + 1
	Watch
	Officer
	Principal
	TwoPersons
)

var whoNames = []string{"", "machine", "watch", "officer", "principal", "two persons"}

func (w Who) String() string {
	if w > 0 && int(w) < len(whoNames) {
		return whoNames[w]
	}
	return "unknown"
}

// Param is one typed parameter of a phrase.
type Param struct {
	Name     string
	Kind     Kind
	Optional bool
	Values   []string // of an enum or of choices
}

// Phrase is one thing that can be said. Its lists are not to be changed.
type Phrase struct {
	Code       string
	Gloss      string
	Marker     string // information, question, answer, request, intention, warning, advice
	Class      string // what is suspended together: test, receipt, talks, notice, …
	Params     []Param
	OneOf      []string      // at least one of these parameters is given
	Permits    []string      // codes that may answer it
	Clock      time.Duration // suggested; 0: none
	Who        Who
	Opens      bool   // it may open a thing
	About      bool   // it may be about one
	Re         string // none, one, one?, many or many?: what it answers or replaces
	Replies    bool   // it counts as a reply to what it names
	Withdraws  bool
	Corrects   bool
	Confirms   bool
	Holds      bool // it holds the answer until the time in its parameter "until"
	AlwaysRuns bool // its clock runs in closed hours too
	NeedsText  bool // free text is what it says
	Precedence record.Precedence

	asks bool
}

// Asks reports whether the phrase asks for a reply: some code it permits
// counts as one. What permits only a noting (RC01) is noted, not awaited.
func (p Phrase) Asks() bool { return p.asks }

// Permitted reports whether a code may answer the phrase. The set is closed
// for what counts as a reply; receipts, reminders, corrections and
// withdrawals may be about anything.
func (p Phrase) Permitted(code string) bool { return slices.Contains(p.Permits, code) }

// Param finds a parameter by name.
func (p Phrase) Param(name string) (Param, bool) {
	for _, q := range p.Params {
		if q.Name == name {
			return q, true
		}
	}
	return Param{}, false
}
