// SPDX-License-Identifier: Apache-2.0

package station

import (
	"time"

	"openline/internal/store"
	"openline/internal/store/mark"
	"openline/record"
)

// Now is the time an event happened: the wall clock, which is only a claim,
// and the monotonic clock since any fixed origin, which timers use.
type Now struct {
	Wall time.Time
	Mono time.Duration
}

func (n Now) stamp() record.Stamp { return record.Stamp(max(0, n.Wall.Unix())) }

// BearerID names one live connection of one bearer.
type BearerID uint64

// Event is something that happened to the station.
type Event interface{ event() }

// Say asks to put drafts on the line, all or none, in this order. Token makes
// it safe to ask again after an unknown outcome; it is time-ordered text (a
// ULID) chosen by the asker.
type Say struct {
	Token  string
	Drafts []Draft
	// ByStation has the station itself say it, from its own post, so that it
	// stands for no person's word: that the desk is attended or not (LT03),
	// and nothing else.
	ByStation bool
}

// BearerUp reports a connection to a peer whose card was accepted.
type BearerUp struct {
	ID       BearerID
	Peer     record.PartyNo
	Name     string // of the bearer, as it is shown: "tls"
	Dialer   bool
	Exporter []byte
	PeerCard []byte // station card the peer presented
	Rate     int    // bytes a second of a narrow bearer; 0: wide
}

// Frame is one frame that came over a bearer.
type Frame struct {
	ID    BearerID
	Bytes []byte
}

// BearerDown reports that a connection is gone.
type BearerDown struct {
	ID  BearerID
	Why string
}

// SaveDone answers [Save]. A nil Err means durable; [store.ErrConflict]
// that another replica was first; anything else that the outcome is unknown.
type SaveDone struct {
	ID  uint64
	Err error
}

// MarkDone answers [SaveMark].
type MarkDone struct {
	ID  uint64
	Err error
}

// Tick tells the time; it is due at [Station.Next].
type Tick struct{}

// Export asks to sign what an extract about a request needs: a receipt over
// exactly the newest head of the party that is asked, and a timed head of
// our own, both classical and post-quantum. Two persons sign the act that
// [Station.PrepareExport] gives. It is answered by [Exported].
type Export struct {
	Token   string
	Request record.Ref
	Peer    record.PartyNo
	Cut     [32]byte // as PrepareExport gave it
	People  []Signature
}

// AcceptClock is the decision of two persons that the wall clock is right
// after a step the monotonic clock does not explain.
type AcceptClock struct{ People []Signature }

func (Say) event()         {}
func (BearerUp) event()    {}
func (Frame) event()       {}
func (BearerDown) event()  {}
func (SaveDone) event()    {}
func (MarkDone) event()    {}
func (Tick) event()        {}
func (AcceptClock) event() {}
func (Export) event()      {}

// Effect is something the host must do, in the order given.
type Effect interface{ effect() }

// Save asks for a batch to be made durable; answered by [SaveDone].
type Save struct {
	ID    uint64
	Batch store.Batch
}

// SaveMark asks for the high-water mark to be made durable on its second
// path; answered by [MarkDone].
type SaveMark struct {
	ID   uint64
	Mark mark.Mark
}

// Send writes frames to a bearer, in order, in one write.
type Send struct {
	ID     BearerID
	Frames [][]byte
}

// Hangup closes a bearer after what was sent.
type Hangup struct {
	ID  BearerID
	Why string
}

// Told answers a [Say]: durable here, or refused, or kept in the queue.
type Told struct {
	Token   string
	Results []Result
	Err     error
}

// Result is what became of one draft. Number is 0 while it waits in the
// queue of a station that does not sign.
type Result struct {
	Party      record.PartyNo
	Generation uint32
	Number     uint64
	Leaf       [32]byte
	Time       record.Stamp
	Changed    bool // what it is about changed after two persons released it; it went all the same
}

// Exported answers an [Export] once its statements are durable and on their
// way: whoever builds the extract reads them back from the store. Err says
// why nothing was signed.
type Exported struct {
	Token                  string
	Request                record.Ref
	Receipt, ReceiptPQ     store.Statement // ours, over exactly their newest head
	TimedHead, TimedHeadPQ store.Statement // ours, over our own
	Err                    error
}

// Happened tells whoever watches that something was made durable or changed:
// the console, the alarm, the event stream.
type Happened struct {
	Kind   string // "record", "receipt", "ahead", "wire", "hold", "alarm", "accusation", "claim", "mandates", "note", "removed"
	Party  record.PartyNo
	Number uint64
	Code   string
	Text   string
}

// Logged is a line for the operator's log.
type Logged struct {
	Level string // "info", "warn", "error"
	Text  string
}

// Stop ends the station: the outcome of a save is unknown or its store is
// sick. The host exits; the next start re-reads what is stored. With Reload
// the outcome is known: another replica was first and nothing was saved. The
// host then loads what is stored into a new station and goes on.
type Stop struct {
	Why    error
	Reload bool
}

func (Save) effect()     {}
func (SaveMark) effect() {}
func (Send) effect()     {}
func (Hangup) effect()   {}
func (Told) effect()     {}
func (Exported) effect() {}
func (Happened) effect() {}
func (Logged) effect()   {}
func (Stop) effect()     {}

// Hold is why a station does not sign. The zero value means it signs.
type Hold string

// The reasons, each a sentence an operator can act on.
const (
	HoldNone      Hold = ""
	HoldHandshake Hold = "no high-water mark is kept; waiting for the first handshake to learn whether this is the newest copy"
	HoldOlder     Hold = "this disk is older than what this station has signed; open a new generation (openline keys renew, or openline restore)"
	HoldClone     Hold = "another running copy of this station was seen; stop one of them, then open a new generation"
	HoldClock     Hold = "the clock stepped further than can be explained; two persons must confirm it"
	HoldLeaves    Hold = "own records on disk do not match the signed head; restore from a backup"
)
