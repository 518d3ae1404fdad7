// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"time"

	"openline/record"
)

// Who may send a phrase.
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
	if int(w) < len(whoNames) {
		return whoNames[w]
	}
	return "unknown"
}

// Param is one typed parameter of a phrase.
type Param struct {
	Name     string
	Kind     Kind
	Optional bool
	Values   []string // of an enum
}

// Phrase is one thing that can be said.
type Phrase struct {
	Code       string
	Gloss      string
	Marker     string // information, question, answer, request, intention, warning, advice
	Class      string // test, receipt, talks, notice, incident, distress, key, text: for suspension
	Params     []Param
	Permits    []string      // codes that may answer it
	Clock      time.Duration // suggested; 0: none
	Who        Who
	Opens      bool   // it may open a thing
	About      bool   // it may be about one
	Re         string // none, one, one?, many or many?: what it answers or replaces
	Replies    bool   // it counts as a reply
	Withdraws  bool
	Corrects   bool
	Confirms   bool
	Holds      bool // it holds the answer until a time it names
	AlwaysRuns bool // its clock runs in closed hours too
	NeedsText  bool // free text is what it says
	Precedence record.Precedence

	asks bool
}

// Asks reports whether the phrase asks for a reply: some code it permits
// counts as one. What permits only a noting (RC01) is noted, not awaited.
func (p Phrase) Asks() bool { return p.asks }

// Permitted reports whether a code may answer the phrase.
func (p Phrase) Permitted(code string) bool {
	for _, c := range p.Permits {
		if c == code {
			return true
		}
	}
	return false
}

// Param finds a parameter by name.
func (p Phrase) Param(name string) (Param, bool) {
	for _, q := range p.Params {
		if q.Name == name {
			return q, true
		}
	}
	return Param{}, false
}
