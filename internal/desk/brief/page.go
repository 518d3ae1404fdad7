// SPDX-License-Identifier: Apache-2.0

package brief

import "time"

// Brief is the page as data. Its JSON is a contract others build on.
type Brief struct {
	Line          string           `json:"line"`
	Exercise      bool             `json:"exercise"`
	AsOf          AsOf             `json:"as_of"`
	Wire          State            `json:"wire"`
	Watch         State            `json:"watch"`
	Offices       Offices          `json:"offices"`
	Owed          []Owed           `json:"owed"`    // requests that await us, the first due first
	Awaited       []Owed           `json:"awaited"` // requests that await them
	Suspended     []Suspended      `json:"suspensions"`
	LastContact   map[string]*Last `json:"last_contact"` // by level; nil: none known
	Pairs         []Pair           `json:"pairs"`
	Invitations   Invitations      `json:"invitations"`
	Counterparts  []Counterpart    `json:"counterparts"`
	Stances       []Stance         `json:"positions"` // what each side says its position is
	Opportunities []Opportunity    `json:"opportunities"`
	Dialogues     []Dialogue       `json:"dialogues"`
	Incidents     Incidents        `json:"incidents"`
	Tests         Tests            `json:"tests"`
	New           *New             `json:"new"` // since the hour asked for; nil: none was
	Sentences     []Sentence       `json:"sentences"`
}

// Owed is a request that awaits a reply.
type Owed struct {
	Record  string  `json:"record"`
	Code    string  `json:"code"`
	From    string  `json:"from"`
	To      string  `json:"to"`
	Subject string  `json:"subject"`
	Asked   string  `json:"asked"`   // time
	Due     *string `json:"due"`     // the hour the answering side gave; nil: none runs
	Held    *string `json:"held"`    // it asked for time until then
	Past    *string `json:"past"`    // a time the answering side signed past its hour, under which no reply stood
	Outcome string  `json:"outcome"` // open, held, no word yet, …
	Crossed bool    `json:"crossed"`
}

// Suspended is a class of traffic that is suspended at the hour.
type Suspended struct {
	Class  string  `json:"class"`
	By     string  `json:"by"` // ours, theirs, other
	From   string  `json:"from"`
	Review *string `json:"review"`
	Cause  string  `json:"cause,omitempty"`
	Source string  `json:"source"`
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
	Last   *Last  `json:"last"` // nil: none known
	// Channels are the newest contact by each channel, the newest first.
	Channels  []Channel `json:"channels"`
	AwaitUs   int       `json:"await_us"`
	AwaitThem int       `json:"await_them"`
}

// Channel is the newest contact by one channel.
type Channel struct {
	Channel string  `json:"channel"`
	Date    *string `json:"date"`
	Days    *int    `json:"days"`
	Source  string  `json:"source"`
}

// Invitations is the table asked / came, counted. Nil is unknown.
type Invitations struct {
	Sent       *int      `json:"sent"`
	Delivered  *int      `json:"delivered"`
	Answered   *int      `json:"answered"`
	Declined   *int      `json:"declined"`
	Redirected *int      `json:"redirected"`
	Received   *int      `json:"received"` // theirs to us
	FromThem   Came      `json:"from_them"`
	Soundings  Soundings `json:"soundings"` // no invitations: they commit nobody
	Open       []Attempt `json:"open"`
	All        []Attempt `json:"all"`
}

// Came counts what came of the invitations of one side.
type Came struct {
	Sent       *int `json:"sent"`
	Delivered  *int `json:"delivered"`
	Answered   *int `json:"answered"`
	Declined   *int `json:"declined"`
	Redirected *int `json:"redirected"`
}

// Soundings counts what was sounded out.
type Soundings struct {
	Sent     *int `json:"sent"`
	Received *int `json:"received"`
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

	Record     string   `json:"record,omitempty"` // on this line; none: imported
	By         string   `json:"reported_by,omitempty"`
	Kind       string   `json:"kind"` // call, video call, meeting, sounding, invitation
	Reminders  int      `json:"reminders,omitempty"`
	Route      []string `json:"route,omitempty"` // offices it was moved to, in order
	Words      string   `json:"words,omitempty"` // condition, proposal or cause, as given
	AgendaOpen int      `json:"agenda_open,omitempty"`
	Window     *string  `json:"window,omitempty"` // accepted or proposed
	Crossed    bool     `json:"crossed"`
	Awaits     string   `json:"awaits"` // whose word is next: ours, theirs; empty: nobody's
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
	Ours      string   `json:"ours"` // where several posts of ours are named, all of them
	OursPosts []string `json:"ours_posts"`
	Theirs    []string `json:"theirs"`
	Subject   string   `json:"subject"`
	State     string   `json:"state"`
	OnLine    bool     `json:"on_line"` // said on this line; else told elsewhere
	Crossed   bool     `json:"crossed"`
	Grounds   []Ground `json:"grounds"`
}

// Stance is a position a side stated on the line.
type Stance struct {
	Side    string `json:"side"`
	Subject string `json:"subject"`
	Text    string `json:"text"`
	Date    string `json:"date"`
	Source  string `json:"source"`
}

// Ground is what a view of a pair rests on: a statement, or practice.
type Ground struct {
	Kind        string  `json:"kind"` // statement, practice, record, precedent
	By          string  `json:"by"`
	Side        string  `json:"side"` // ours, theirs, other
	For         bool    `json:"for"`  // it names the pair; else it sees it differently
	Ours        string  `json:"ours"`
	Theirs      string  `json:"theirs"`
	Standing    string  `json:"standing,omitempty"` // of a precedent
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
	State   string `json:"state"` // planned, cancelled, declined, accepted, confirmed, …
	Note    string `json:"note,omitempty"`
	Source  string `json:"source"`

	OnLine   bool    `json:"on_line"`
	Forum    bool    `json:"forum,omitempty"`    // run by others
	Fallback *string `json:"fallback,omitempty"` // offered instead, or the hour that is free for a call
	Crossed  bool    `json:"crossed,omitempty"`
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

	OnLine     bool        `json:"on_line"`
	Review     *string     `json:"review,omitempty"`
	Conditions []Condition `json:"conditions,omitempty"`
	Crossed    bool        `json:"crossed,omitempty"`
}

// Condition is what a side made its yes depend on.
type Condition struct {
	Side   string `json:"side"`
	Text   string `json:"text"`
	Source string `json:"source"`
}

// Account is one telling of an event.
type Account struct {
	By          string `json:"by"`
	Side        string `json:"side,omitempty"` // of a record: ours, theirs, other
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
	Items   []Item  `json:"items"` // those on this line, the newest first
}

// Item is an incident on this line.
type Item struct {
	Record    string  `json:"record"` // its shared number
	By        string  `json:"by"`     // who opened it: ours, theirs
	Kind      string  `json:"kind"`
	Area      string  `json:"area"`
	Date      string  `json:"date"`
	State     string  `json:"state"`    // open, closed
	AskedUs   int     `json:"asked_us"` // explanations asked of us that nothing came to
	AskedThem int     `json:"asked_them"`
	NextBy    string  `json:"next_by"` // who promised the next word: ours, theirs, other; empty: nobody
	Next      *string `json:"next"`
	Unmeant   string  `json:"not_intended,omitempty"` // ours, theirs, both: said so
	Crossed   bool    `json:"crossed"`
}

// New is what became known since an hour.
type New struct {
	Since    string    `json:"since"`
	Requests int       `json:"requests"` // asked on this line, by either side
	Replies  int       `json:"replies"`
	Accounts int       `json:"accounts"` // learned from elsewhere
	Items    []NewItem `json:"items"`    // the newest first
}

// NewItem is one of them.
type NewItem struct {
	Known  string `json:"known"` // when it became known
	Kind   string `json:"kind"`  // request, reply, or the kind of an account
	Ours   string `json:"ours"`
	Theirs string `json:"theirs"`
	What   string `json:"what"` // outcome
	Date   string `json:"date"` // when it happened; empty: not known
	Source string `json:"source"`
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
	Part    string   `json:"part"` // where on the page: owed, awaited, contact, asked, counterpart, ahead, dialogue, incident, wire, watch, offices, test, suspended, new

	table  bool // the page has it in a table
	detail bool // only the whole page has it
}
