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
	Record     string // blue/208
	Code       string
	Invitation bool // to a call, a meeting, a visit
	Ours       bool // we asked
	Inside     bool // within another matter: a condition, an item of an agenda, a question in an incident
	Moved      bool // the next word is not that of who was asked
	From, To   string
	Subject    string
	Asked      time.Time
	Receipt    time.Time // their signed receipt; zero: none held
	Due        time.Time // the hour the answering side declared; zero: none runs
	NoReplyAt  time.Time // signed time of theirs past Due under which no reply stood; zero: none
	Outcome    string    // as package line names it: open, held, redirected, declined, answered, …
	Came       string    // what came, as it reads; empty: nothing
	By         string    // the record it came by
	Until      time.Time // held until
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
}

// Brief is the page as data. Its JSON is a contract others build on.
type Brief struct {
	Line          string           `json:"line"`
	Exercise      bool             `json:"exercise"`
	AsOf          AsOf             `json:"as_of"`
	Wire          State            `json:"wire"`
	Watch         State            `json:"watch"`
	Offices       Offices          `json:"offices"`
	LastContact   map[string]*Last `json:"last_contact"` // by level; nil: none known
	Pairs         []Pair           `json:"pairs"`
	Invitations   Invitations      `json:"invitations"`
	Counterparts  []Counterpart    `json:"counterparts"`
	Opportunities []Opportunity    `json:"opportunities"`
	Dialogues     []Dialogue       `json:"dialogues"`
	Incidents     Incidents        `json:"incidents"`
	Tests         Tests            `json:"tests"`
	Sentences     []Sentence       `json:"sentences"`
}

// AsOf says of what part of the record and which hour the brief is.
type AsOf struct {
	Time      time.Time         `json:"time"`
	Positions map[string]uint64 `json:"positions"`
}

// State is one of wire and watch.
type State struct {
	State   string     `json:"state"`
	Since   *time.Time `json:"since"`
	Reasons []string   `json:"reasons"`
}

// Offices is the third sentence with what it counts.
type Offices struct {
	State     string     `json:"state"`
	Since     *time.Time `json:"since"`
	AwaitUs   int        `json:"await_us"`
	AwaitThem int        `json:"await_them"`
	Reasons   []string   `json:"reasons"`
}

// Last is when two posts of a level last really spoke. Date and Days are nil
// where the day is not known.
type Last struct {
	Date    *string `json:"date"`
	Days    *int    `json:"days"` // calendar days in UTC
	Ours    string  `json:"ours"`
	Theirs  string  `json:"theirs"`
	Channel string  `json:"channel"`
	Source  string  `json:"source"`
	Differs bool    `json:"differs,omitempty"` // another account says that it did not come to it
}

// Pair is the last contact of one pair of posts, with how often they spoke.
type Pair struct {
	Level  string `json:"level"`
	Ours   string `json:"ours"`
	Theirs string `json:"theirs"`
	Held   int    `json:"held"`
	Last   *Last  `json:"last"`
}

// Invitations is the table asked / came, counted. Nil is unknown.
type Invitations struct {
	Sent       *int      `json:"sent"`
	Delivered  *int      `json:"delivered"`
	Answered   *int      `json:"answered"`
	Declined   *int      `json:"declined"`
	Redirected *int      `json:"redirected"`
	Received   *int      `json:"received"` // theirs to us
	Open       []Attempt `json:"open"`
	All        []Attempt `json:"all"`
}

// Attempt is one line of the table asked / came.
type Attempt struct {
	Ours    bool    `json:"ours"`  // we asked
	Asker   string  `json:"asker"` // ours, theirs, unknown
	From    string  `json:"from"`
	To      string  `json:"to"`
	Subject string  `json:"subject"`
	Asked   *string `json:"asked"`   // day; nil: not known
	Receipt *string `json:"receipt"` // time of their station's receipt; nil: none held
	Due     *string `json:"due"`     // hour they declared; nil: none
	Outcome string  `json:"outcome"`
	Came    *string `json:"came"` // nil: none known to this station
	Source  string  `json:"source"`
	Quote   string  `json:"quote,omitempty"`
}

// The states of a pair of counterparts.
const (
	PairAgreed   = "agreed"
	PairOurs     = "stated by ours"
	PairTheirs   = "stated by theirs"
	PairOthers   = "stated by others" // by neither side
	PairDiffers  = "seen differently"
	PairPractice = "practice only"
)

// Counterpart is how a pair of posts is seen for a subject.
type Counterpart struct {
	Ours    string   `json:"ours"`
	Theirs  []string `json:"theirs"`
	Subject string   `json:"subject"`
	State   string   `json:"state"`
	Grounds []Ground `json:"grounds"`
}

// Ground is what a view of a pair rests on: a statement, or practice.
type Ground struct {
	Kind        string  `json:"kind"` // statement, practice, record
	By          string  `json:"by"`
	Side        string  `json:"side"` // ours, theirs, other
	Theirs      string  `json:"theirs"`
	Date        *string `json:"date"`
	Times       int     `json:"times,omitempty"` // of practice
	Attribution string  `json:"attribution,omitempty"`
	Quote       string  `json:"quote,omitempty"`
	Source      string  `json:"source"`
}

// Opportunity is a coming occasion.
type Opportunity struct {
	Date    string `json:"date"`
	Ours    string `json:"ours"`
	Theirs  string `json:"theirs"`
	Subject string `json:"subject"`
	Area    string `json:"area"`
	State   string `json:"state"` // planned, cancelled, declined
	Note    string `json:"note,omitempty"`
	Source  string `json:"source"`
}

// Dialogue is a series of meetings, or what was said of one.
type Dialogue struct {
	Subject  string    `json:"subject"`
	Ours     string    `json:"ours"`
	Theirs   string    `json:"theirs"`
	State    string    `json:"state"` // held, not held, told differently, said
	Date     *string   `json:"date"`
	Context  bool      `json:"context"` // between posts that are not of the line
	Next     *string   `json:"next"`    // who moves next: ours, theirs; nil: not known
	Accounts []Account `json:"accounts"`
}

// Account is one telling of an event.
type Account struct {
	By          string `json:"by"`
	Outcome     string `json:"outcome"`
	Attribution string `json:"attribution"`
	Quote       string `json:"quote,omitempty"`
	Note        string `json:"note,omitempty"`
	Source      string `json:"source"`
}

// Incidents counts events, each once however many tell of it.
type Incidents struct {
	Count   *int    `json:"count"`
	Open    *int    `json:"open"`
	Trend   *string `json:"trend"` // rising, falling, steady: the last 30 days beside the 30 before, whatever --since
	Recent  int     `json:"recent"`
	Before  int     `json:"before"`
	ByMonth []Month `json:"by_month"`
}

// Month counts the events of one calendar month.
type Month struct {
	Month string `json:"month"`
	Count int    `json:"count"`
}

// Sentence is one sentence of the page and what it rests on.
type Sentence struct {
	Text    string   `json:"text"`
	Lang    string   `json:"lang"`
	Sources []string `json:"sources"`
	Part    string   `json:"part"` // where on the page: owed, awaited, contact, asked, counterpart, ahead, dialogue, incident, wire, watch, offices, test
}
