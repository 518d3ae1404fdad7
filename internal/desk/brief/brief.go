// SPDX-License-Identifier: Apache-2.0

package brief

import (
	"time"

	"openline/internal/desk/contact"
	"openline/line/linestate"
)

// Side is one party as the brief names it.
type Side struct {
	Title string
	Short string
	Posts []string // titles of the posts it declared on the line; none: every post named counts
}

// Request is something asked on the line, by either side, that awaits or
// awaited a reply.
type Request struct {
	Record    string // blue/208
	Code      string
	Ours      bool // we asked
	Inside    bool // within another matter: a condition, an item of an agenda, a question in an incident
	Moved     bool // the next word is not that of who was asked
	From, To  string
	Subject   string
	Asked     time.Time
	Receipt   time.Time // their signed receipt; zero: none held
	Due       time.Time // the hour the answering side declared; zero: none runs
	Crossed   bool
	NoReplyAt time.Time // signed time of theirs past Due under which no reply stood; zero: none
	Outcome   string    // as package line names it: open, held, redirected, declined, answered, …
	By        string    // the record the outcome stands on
	CameAt    time.Time
	Until     time.Time // held until
}

// Awaits reports whether the request still awaits the word of who was asked.
func (r Request) Awaits() bool { return !r.Moved && r.Open() }

// Open reports whether the request has yet to be ended, whoever moves next.
func (r Request) Open() bool {
	switch r.Outcome {
	case "open", "held", "no word yet", "answered elsewhere", "answered elsewhere, not traced", "in principle", "on condition":
		return true
	}
	return false
}

// Tests counts line tests. Nil is unknown.
type Tests struct {
	Due          *int       `json:"due"`
	Answered     *int       `json:"answered"`
	Missed       *int       `json:"missed"`
	LastAnswered *time.Time `json:"last_answered"`
}

// How the wire stood at an hour that is past: which bearers were up is not
// recorded, what was receipted is.
const (
	WireReceipted linestate.Kind = "wire.past.receipted" // all we had said, by the newest receipt at Since
	WireBehind    linestate.Kind = "wire.past.behind"    // not all we had said
	WireSilent    linestate.Kind = "wire.past.none"      // nothing
)

// Input is everything a brief is made from.
type Input struct {
	Line         string
	Ours, Theirs Side
	Exercise     bool
	At           time.Time
	Since        time.Time // zero: no earlier bound is asked for
	Positions    map[string]uint64
	State        linestate.State
	Wire, Watch  []string // reasons, with the records or signatures they name
	Offices      []string
	Requests     []Request // of both sides, as known at At
	Tests        Tests
	Contacts     []contact.Contact
	Rooms        *Rooms // nil: nothing of the line itself is known
}
