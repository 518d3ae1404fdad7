// SPDX-License-Identifier: Apache-2.0

package api

import "time"

// Status is how a line stands.
type Status struct {
	Line     string     `json:"line" doc:"Line id" example:"dtl-5e3f2272"`
	At       time.Time  `json:"at"`
	Standing string     `json:"standing" enum:"actual,exercise"`
	Me       string     `json:"me" doc:"Short name of this party"`
	Hold     string     `json:"hold,omitempty" doc:"Why this station does not sign; absent: it signs"`
	Own      Own        `json:"own"`
	Peers    []Peer     `json:"peers"`
	Awaiting []Await    `json:"awaiting" doc:"What awaits a reply, from either side"`
	HoursEnd *time.Time `json:"hours_end,omitempty" doc:"When what this party declared of its hours ends; absent: it names no end"`
	Waiting  int        `json:"waiting" doc:"Drafts taken and not yet recorded"`
}

// Own is this party's own log.
type Own struct {
	Generation uint32     `json:"generation"`
	Size       uint64     `json:"size"`
	Last       string     `json:"last,omitempty" doc:"Newest record"`
	LastSigned *time.Time `json:"last_signed,omitempty"`
	Root       string     `json:"root" doc:"Root hash, hex"`
	Tests      uint64     `json:"tests" doc:"Number of the newest own line test"`
}

// Peer is what this station knows of another party.
type Peer struct {
	Party      string     `json:"party"`
	Name       string     `json:"name"`
	Generation uint32     `json:"generation" doc:"0: no card known yet"`
	Size       uint64     `json:"size" doc:"Records held whole"`
	Last       string     `json:"last,omitempty" doc:"Newest record held"`
	Pending    uint64     `json:"pending,omitempty" doc:"Size of a head they signed whose records have not come"`
	Ahead      int        `json:"ahead,omitempty" doc:"Records shown ahead of their place, not yet receipted"`
	Receipt    *Signed    `json:"receipt,omitempty" doc:"Their newest receipt for our log"`
	ReceiptPQ  *Signed    `json:"receipt_pq,omitempty" doc:"Their newest post-quantum receipt"`
	TimedHead  *Signed    `json:"timed_head,omitempty" doc:"Their newest word on where their log ended"`
	Trouble    string     `json:"trouble,omitempty" doc:"Why their log is not receipted any further"`
	Histories  bool       `json:"two_histories,omitempty"`
	Bearers    []Bearer   `json:"bearers"`
	Wire       Sentence   `json:"wire"`
	Watch      Sentence   `json:"watch"`
	Offices    Sentence   `json:"offices"`
	TestsHeard uint64     `json:"tests_heard" doc:"Line tests of theirs since this station started"`
	TestAt     *time.Time `json:"test_at,omitempty"`
	Differs    string     `json:"differs,omitempty" doc:"A difference of reading the last line test showed"`
	InPerson   InPerson   `json:"in_person"`
	Missed     Missed     `json:"missed"`
	Claims     int        `json:"claims,omitempty" doc:"Statements of theirs, kept in the journal since this station started, that others of theirs deny"`
	Accused    int        `json:"accusations,omitempty" doc:"Pairs of statements of theirs, kept, that cannot both be true; GET accusations gives them"`
}

// InPerson is how the line tests stand that persons answer at set minutes.
type InPerson struct {
	Minute       *time.Time `json:"minute,omitempty" doc:"The newest set minute; absent: none has come yet"`
	Ours         bool       `json:"ours" doc:"A person of theirs has answered our test since"`
	Theirs       bool       `json:"theirs" doc:"A person of ours has answered theirs since"`
	OursAt       *time.Time `json:"ours_at,omitempty" doc:"When a person of theirs last answered a test of ours"`
	TheirsAt     *time.Time `json:"theirs_at,omitempty"`
	OursMissed   uint64     `json:"ours_missed" doc:"Set minutes since this station started that passed without an answer of theirs"`
	TheirsMissed uint64     `json:"theirs_missed"`
	OursSaid     string     `json:"ours_said,omitempty" doc:"What they said of its quality: legible, partly, not; groups lost"`
	TheirsSaid   string     `json:"theirs_said,omitempty"`
}

// Missed is how line tests go by the agreed minutes.
type Missed struct {
	Theirs int        `json:"theirs" doc:"Agreed minutes in a row at which their test had not come"`
	Ours   int        `json:"ours" doc:"Agreed minutes in a row at which ours was not receipted"`
	Since  *time.Time `json:"since,omitempty" doc:"The first of them"`
	Doubt  bool       `json:"doubt" doc:"Three or more in a row, in both directions: the line is in doubt"`
	Called *time.Time `json:"called,omitempty" doc:"Newest call-up, three minutes before a test"`
	Up     int        `json:"up" doc:"Bearers that answered it"`
}

// Accusation is two statements of one signer that cannot both be true.
type Accusation struct {
	Party      string `json:"party"`
	Generation uint32 `json:"generation"`
	Kind       string `json:"kind"`
	Accusation []byte `json:"accusation" doc:"As spec/log.md writes it, base64"`
	Card       []byte `json:"card" doc:"Station card of the generation whose keys signed both, base64"`
}

// Signed is a signature over a log: up to which record, at what time.
type Signed struct {
	Size uint64    `json:"size"`
	Last string    `json:"last"`
	At   time.Time `json:"at"`
}

// Bearer is one live connection.
type Bearer struct {
	Name  string    `json:"name"`
	Since time.Time `json:"since"`
	RTT   float64   `json:"rtt_ms"`
}

// Sentence is one of the three that say how a line stands.
type Sentence struct {
	State string     `json:"state" example:"wire.carried"`
	Since *time.Time `json:"since,omitempty"`
	Text  string     `json:"text"`
}

// Await is a matter that awaits a reply.
type Await struct {
	Ref     string     `json:"ref"`
	About   string     `json:"about,omitempty" doc:"The matter it was asked in; absent: it opened one"`
	Code    string     `json:"code"`
	Gloss   string     `json:"gloss"`
	From    string     `json:"from" doc:"Who is asked"`
	Ours    bool       `json:"ours" doc:"We are asked"`
	Asked   time.Time  `json:"asked"`
	Outcome string     `json:"outcome"`
	Until   *time.Time `json:"until,omitempty" doc:"Held until"`
	Wished  *time.Time `json:"wished,omitempty" doc:"Answer wished by; a courtesy"`
	Crossed bool       `json:"crossed,omitempty"`
	Clock   Clock      `json:"clock"`

	Suspended []string `json:"suspended,omitempty" doc:"Records that had suspended its class, as its author knew"`
}

// Clock is how the answering side's own clock stands.
type Clock struct {
	State       string     `json:"state" enum:"not receipted,running,past,unsigned,records missing,replied,unknown"`
	Started     *time.Time `json:"started,omitempty"`
	Ground      string     `json:"ground,omitempty" doc:"The signature it starts from"`
	Due         *time.Time `json:"due,omitempty"`
	Declaration string     `json:"declaration,omitempty" doc:"Whose declared clock; absent: the agreement's cap"`
	Capped      bool       `json:"capped,omitempty" doc:"The agreement's cap ends it before the declared hours and clock would"`
	Shown       string     `json:"shown,omitempty" doc:"Their signature after the hour"`
	Missing     uint64     `json:"missing,omitempty"`
}

// Draft is something to be said.
type Draft struct {
	Code         string            `json:"code,omitempty" maxLength:"16" example:"TX01"`
	Act          string            `json:"act,omitempty" maxLength:"40" doc:"Instead of the code: the everyday name of the phrase, as GET names has them"`
	Params       map[string]any    `json:"params,omitempty" doc:"Parameters as a person types them, or as JSON numbers, booleans and lists"`
	From         string            `json:"from,omitempty" maxLength:"64" doc:"Post that speaks; default: watch"`
	To           []string          `json:"to,omitempty" maxItems:"60" doc:"Offices, as party:post or party; default: the watch of every other party"`
	Re           []string          `json:"re,omitempty" maxItems:"16" doc:"Records it answers"`
	About        string            `json:"about,omitempty" maxLength:"160" doc:"The matter it is about; default: that of the first of re"`
	Text         string            `json:"text,omitempty" doc:"Free text, in its author's own language"`
	Language     string            `json:"language,omitempty" maxLength:"35"`
	Translations map[string]string `json:"translations,omitempty"`
	Status       string            `json:"status,omitempty" enum:"actual,exercise,test"`
	Precedence   string            `json:"precedence,omitempty" doc:"flash, immediate, priority or routine; default: the phrase's"`
	Written      *time.Time        `json:"written,omitempty" doc:"Hour of writing; default: now"`
	Wished       *time.Time        `json:"wished,omitempty" doc:"Answer wished by"`
	Prepared     *Prepared         `json:"prepared,omitempty" doc:"As prepare gave it, for what needs two persons"`
	People       []PersonSigned    `json:"people,omitempty" maxItems:"8"`
	Attachments  []Attachment      `json:"attachments,omitempty" maxItems:"16" doc:"Files taken in before, as attach named them"`
}

// Prepared is what prepare fixed of a draft, so that the very record two
// persons signed is said.
type Prepared struct {
	Salt    string    `json:"salt" doc:"Hex"`
	Cut     string    `json:"cut" doc:"Hex"`
	Clocks  string    `json:"clocks,omitempty"`
	Written time.Time `json:"written"`
}

// PersonSigned is one person's signature over the act prepare gave.
type PersonSigned struct {
	Person    string `json:"person" maxLength:"64"`
	Signature []byte `json:"signature,omitempty" doc:"Base64; absent: they are only named, by the desk they sit at"`
}

// Act is what persons sign.
type Act struct {
	Line   string `json:"line"`
	Party  string `json:"party"`
	Kind   string `json:"kind"`
	Header string `json:"header" doc:"Hex"`
	About  string `json:"about"`
	Cut    string `json:"cut" doc:"Hex"`
}

// Say asks for drafts to be put on the line, all or none.
type Say struct {
	Token  string  `json:"token,omitempty" maxLength:"64" doc:"Time-ordered text (a ULID); repeated with the same token it is said once"`
	Drafts []Draft `json:"drafts" minItems:"1" maxItems:"1000"`
	Wait   float64 `json:"wait,omitempty" minimum:"0" maximum:"60" doc:"Seconds to wait for receipts"`
}

// Said is what became of a say.
type Said struct {
	Token   string       `json:"token"`
	Records []SaidRecord `json:"records"`
}

// SaidRecord is what became of one draft.
type SaidRecord struct {
	Ref      string     `json:"ref,omitempty" doc:"Absent while the station does not sign and keeps the draft in its queue"`
	Code     string     `json:"code"`
	Queued   bool       `json:"queued,omitempty"`
	Changed  bool       `json:"changed,omitempty" doc:"What it is about changed after it was released; FLASH and the safety of life go all the same"`
	At       *time.Time `json:"at,omitempty"`
	Leaf     string     `json:"leaf,omitempty" doc:"Hash of its leaf, hex"`
	Asks     bool       `json:"asks" doc:"It asks for a reply"`
	Receipts []Receipt  `json:"receipts"`
}

// Receipt is another party's signed word that it holds a record durably.
type Receipt struct {
	By   string     `json:"by"`
	Size uint64     `json:"size" doc:"Size of the log it was made over"`
	At   time.Time  `json:"at"`
	PQ   *time.Time `json:"pq,omitempty" doc:"First ML-DSA cosignature; absent: classical only"`
}

// Record is one record as it is shown.
type Record struct {
	Ref        string            `json:"ref"`
	Spoken     string            `json:"spoken" doc:"As it is said aloud"`
	Party      string            `json:"party"`
	Number     uint64            `json:"number"`
	Generation uint32            `json:"generation"`
	Index      uint64            `json:"index"`
	At         *time.Time        `json:"at,omitempty" doc:"Time in its leaf"`
	Code       string            `json:"code,omitempty"`
	Marker     string            `json:"marker,omitempty"`
	Status     string            `json:"status,omitempty"`
	Precedence string            `json:"precedence,omitempty"`
	From       string            `json:"from,omitempty"`
	To         []string          `json:"to,omitempty"`
	Re         []string          `json:"re,omitempty"`
	About      string            `json:"about,omitempty"`
	Written    *time.Time        `json:"written,omitempty"`
	Wished     *time.Time        `json:"wished,omitempty"`
	Language   string            `json:"language,omitempty"`
	Rendering  string            `json:"rendering" doc:"In the language asked for"`
	Params     map[string]string `json:"params,omitempty" doc:"In the language asked for"`
	Text       string            `json:"text,omitempty" doc:"The author's own words"`
	Quality    string            `json:"quality,omitempty" doc:"Of a line test that a person read (LT02): legible, partly, not"`
	Trans      map[string]string `json:"translations,omitempty"`
	Leaf       string            `json:"leaf" doc:"Hash of its leaf, hex"`
	Removed    string            `json:"removed,omitempty" doc:"The record (RT01) under which its content was removed from this station's disk"`
	Fault      string            `json:"fault,omitempty"`
	Effect     *Effect           `json:"effect,omitempty" doc:"What it does in its matter; only where one record is asked for"`
	Receipts   []Receipt         `json:"receipts"`

	Attachments []AttachmentShown `json:"attachments,omitempty"`
	CompleteAt  []CompleteThere   `json:"complete_at,omitempty" doc:"Who said that its attachments are complete there; a party that is not in it has not"`
}

// Effect is what one record does in its matter.
type Effect struct {
	Standing  string    `json:"standing" enum:"none,replaced,stands"`
	Why       string    `json:"why,omitempty" doc:"Why it has none, or what is odd about it"`
	Thing     string    `json:"thing,omitempty" doc:"The matter it belongs to"`
	RemovedBy []string  `json:"removed_by,omitempty" doc:"Records (RT01) that removed the content of its matter"`
	Removes   []Removal `json:"removes,omitempty" doc:"Of an RT01: what it names"`
}

// Removal is one matter that an RT01 names.
type Removal struct {
	Thing string `json:"thing"`
	Why   string `json:"why,omitempty" doc:"Why its content stays; absent: it is removed"`
}

// Page is a part of the transcript of a line.
type Page struct {
	Records []Record `json:"records"`
	Before  string   `json:"before" doc:"Place of its first record: ask with before= for the page that precedes it"`
	After   string   `json:"after" doc:"Place behind its last record: ask with after= for what follows"`
}

// Event is something that happened on a line, told after it was durable.
type Event struct {
	Seq   uint64    `json:"seq"`
	Line  string    `json:"line"`
	At    time.Time `json:"at"`
	Kind  string    `json:"kind" doc:"record, receipt, ahead, wire, hold, alarm, accusation, claim, mandates, note (of the journal) or removed (content, from this disk)"`
	Party string    `json:"party,omitempty"`
	Ref   string    `json:"ref,omitempty" doc:"Of a receipt: the newest record it covers"`
	Code  string    `json:"code,omitempty"`
	Text  string    `json:"text,omitempty"`
}

// Health says whether the station runs and signs.
type Health struct {
	OK    bool          `json:"ok" doc:"Every line signs"`
	Party string        `json:"party"`
	Lines []LineSummary `json:"lines"`
}

// LineSummary is a line in one look.
type LineSummary struct {
	Line string `json:"line"`
	Hold string `json:"hold,omitempty"`
	Up   int    `json:"up" doc:"Other parties connected"`
	Of   int    `json:"of" doc:"Other parties"`
}

// Version says what runs.
type Version struct {
	Version string `json:"version"`
	Go      string `json:"go"`
}

// Phrase is something that can be said on a line.
type Phrase struct {
	Code    string        `json:"code"`
	Gloss   string        `json:"gloss"`
	Marker  string        `json:"marker"`
	Who     string        `json:"who" doc:"machine, watch, officer, principal or two persons"`
	Asks    bool          `json:"asks" doc:"It asks for a reply"`
	Opens   bool          `json:"opens" doc:"It may open a matter of its own"`
	Replies bool          `json:"replies" doc:"It counts as a reply"`
	Re      string        `json:"re" doc:"What it answers: none, one, one?, many or many?"`
	Text    bool          `json:"text" doc:"Free text is what it says"`
	Params  []PhraseParam `json:"params"`
	Permits []string      `json:"permits" doc:"Codes that may answer it"`
}

// PhraseParam is one typed parameter of a phrase.
type PhraseParam struct {
	Name     string   `json:"name"`
	Kind     string   `json:"kind"`
	Optional bool     `json:"optional,omitempty"`
	Values   []string `json:"values,omitempty"`
}
