// SPDX-License-Identifier: Apache-2.0

package line

import "openline/record"

// Outcome is how a thing stands, from the records alone.
type Outcome uint8

// The outcomes; the zero value is unknown. Their numbers are part of the
// digest of shared state.
const (
	Open              Outcome = iota + 1 // nothing came
	Noted                                // asks for nothing
	Held                                 // until the hour they gave
	NoWord                               // received, no word yet
	Redirected                           // another office is competent
	Declined                             // with a reason
	Elsewhere                            // answered elsewhere, they say
	ElsewhereTraced                      // and the asker confirms
	ElsewhereUntraced                    // the asker cannot trace it
	Conditional                          // agreed on a condition, or counter-proposed
	InPrinciple                          // agreed in principle
	Answered
	Withdrawn
	Corrected
)

var outcomeNames = [...]string{"unknown", "open", "noted", "held", "no word yet", "redirected", "declined", "answered elsewhere",
	"answered elsewhere, confirmed", "answered elsewhere, not traced", "on condition", "in principle", "answered", "withdrawn", "corrected"}

func (o Outcome) String() string {
	if int(o) < len(outcomeNames) {
		return outcomeNames[o]
	}
	return outcomeNames[0]
}

// Ended reports whether the thing awaits nothing more.
func (o Outcome) Ended() bool {
	switch o {
	case Noted, Redirected, Declined, ElsewhereTraced, Answered, Withdrawn, Corrected:
		return true
	}
	return false
}

// rank is how much an outcome says: of two replies that both stand, the one
// that says more counts, an end before a hold.
func (o Outcome) rank() int {
	switch {
	case o.Ended():
		return 3
	case o == NoWord, o == ElsewhereUntraced:
		return 1
	}
	return 2
}

// outcomeOf is what one reply makes of the thing; any other is an answer.
var outcomeOf = map[string]Outcome{
	"HD03": NoWord, "HD04": Redirected, "HD05": Declined, "AN01": Elsewhere, "PR01": InPrinciple, "PR02": Conditional, "CR03": Conditional,
}

// Ladder is the receipt ladder above the station: each rung its own record,
// none of them agreement.
type Ladder struct {
	Watch, Office, Units record.Ref
	K, N                 uint64
}

// Side is what one asked party made of an ask. Everything is per pair
// (asking, answering), also on a line of many.
type Side struct {
	Party   record.PartyNo
	Outcome Outcome
	By      *Act         // the act the outcome stands on; nil if none
	Until   record.Stamp // for Held: the hour they gave
	Crossed bool
	Clocks  record.Ref // their newest declaration of clocks that the asker had seen when it asked; zero: none
	Replies []*Act     // those that stand
	Holds   []*Act     // every hold they gave, replaced ones included, in order
	Ladder  Ladder
	Awaits  record.PartyNo // whose word is next; 0: nobody's

	of *Act // the ask
}
