// SPDX-License-Identifier: Apache-2.0

package linestate

import "openline/record"

// Bearer is one way between two stations, as this side measures it.
type Bearer struct {
	Name string
	Up   bool
}

// Input is what the three sentences are made of, for one pair of parties.
// Zero times are unknown.
type Input struct {
	Bearers      []Bearer
	CutSince     record.Stamp // when the last bearer went down
	Unreceipted  bool         // records of ours are not receipted
	ReceiptSince record.Stamp // time of the newest receipt they signed
	TwoHistories bool

	Person     record.Stamp // when a person of theirs last said something
	Machine    record.Stamp // newest time their station signed
	DeskOpen   bool
	Declared   bool // they declared hours
	DeskUntil  record.Stamp
	AwaitThem  int // requests of ours that await them
	AwaitUs    int
	OldestOurs record.Stamp // oldest request of ours that awaits them
	LastReply  record.Stamp // newest reply by an office of theirs
	Reason     bool         // some reply to what awaits gave a reason
}

// Kind is how one of the three stands, or one reason for it.
type Kind string

// The kinds of wire, watch and offices.
const (
	WireCarried   Kind = "wire.carried"
	WireUnsigned  Kind = "wire.unsigned" // their station answers; no receipt signed since
	WireUnknown   Kind = "wire.unreceipted"
	WireCut       Kind = "wire.cut"
	WireNever     Kind = "wire.never"
	WireHistories Kind = "wire.histories"

	WatchPerson  Kind = "watch.person"
	WatchMachine Kind = "watch.machine"      // only the machine has answered since a person did
	WatchNobody  Kind = "watch.machine.only" // only the machine has ever answered
	WatchClosed  Kind = "watch.closed"
	WatchShut    Kind = "watch.closed.open-ended"
	WatchUnknown Kind = "watch.unknown"

	OfficesQuiet     Kind = "offices.quiet"
	OfficesAwait     Kind = "offices.await"
	OfficesAwaitThem Kind = "offices.await.them"
	OfficesAwaitUs   Kind = "offices.await.us"
	OfficesNoReply   Kind = "offices.noreply"
	OfficesNever     Kind = "offices.never"
)

// The reasons.
const (
	ReasonBearerUp   Kind = "reason.bearer.up"
	ReasonBearerDown Kind = "reason.bearer.down"
	ReasonReceipt    Kind = "reason.receipt"
	ReasonPerson     Kind = "reason.person"
	ReasonMachine    Kind = "reason.machine"
	ReasonOpen       Kind = "reason.hours.open"
	ReasonClosed     Kind = "reason.hours.closed"
	ReasonAwaitThem  Kind = "reason.await.them"
	ReasonAwaitUs    Kind = "reason.await.us"
	ReasonReply      Kind = "reason.reply"
)

// Sentence is one of the three, with what it needs to be said and what it
// stands on. Since is 0 where it is not known.
type Sentence struct {
	Kind    Kind
	Since   record.Stamp
	N, M    int
	Oldest  record.Stamp // the oldest request that awaits them
	Reasons []Reason
}

// Reason is one ground of a sentence.
type Reason struct {
	Kind Kind
	At   record.Stamp
	N    int
	Name string // of a bearer
}

// State is the state of a line.
type State struct{ Wire, Watch, Offices Sentence }

// Of finds the three sentences.
func Of(in Input) State {
	return State{Wire: wire(in), Watch: watch(in), Offices: offices(in)}
}

func wire(in Input) Sentence {
	s := Sentence{M: len(in.Bearers)}
	for _, b := range in.Bearers {
		kind := ReasonBearerDown
		if b.Up {
			kind = ReasonBearerUp
			s.N++
		}
		s.Reasons = append(s.Reasons, Reason{Kind: kind, Name: b.Name})
	}
	s.because(ReasonReceipt, in.ReceiptSince)
	switch {
	case in.TwoHistories:
		s.Kind = WireHistories
	case s.N == 0 && in.CutSince == 0:
		s.Kind = WireNever
	case s.N == 0:
		s.Kind, s.Since = WireCut, in.CutSince
	case in.Unreceipted && in.ReceiptSince == 0:
		s.Kind = WireUnknown
	case in.Unreceipted:
		s.Kind, s.Since = WireUnsigned, in.ReceiptSince
	default:
		s.Kind, s.Since = WireCarried, in.ReceiptSince
	}
	return s
}

// because adds a reason if its hour is known.
func (s *Sentence) because(k Kind, at record.Stamp) {
	if at > 0 {
		s.Reasons = append(s.Reasons, Reason{Kind: k, At: at})
	}
}

// personFresh is how long a person's word stands before the machine's is
// told beside it: a day, the rhythm of person-answered tests.
const personFresh = 24 * 3600

func watch(in Input) Sentence {
	var s Sentence
	s.because(ReasonPerson, in.Person)
	s.because(ReasonMachine, in.Machine)
	if in.Declared {
		kind := ReasonClosed
		if in.DeskOpen {
			kind = ReasonOpen
		}
		s.because(kind, in.DeskUntil)
	}
	switch {
	case in.Declared && !in.DeskOpen && in.DeskUntil == 0:
		s.Kind = WatchShut
	case in.Declared && !in.DeskOpen:
		s.Kind, s.Since = WatchClosed, in.DeskUntil
	case in.Person == 0 && in.Machine == 0:
		s.Kind = WatchUnknown
	case in.Person == 0:
		s.Kind = WatchNobody
	case in.Machine > in.Person+personFresh:
		s.Kind, s.Since = WatchMachine, in.Person
	default:
		s.Kind, s.Since = WatchPerson, in.Person
	}
	return s
}

func offices(in Input) Sentence {
	s := Sentence{N: in.AwaitThem, M: in.AwaitUs, Since: in.OldestOurs, Oldest: in.OldestOurs}
	if in.AwaitThem > 0 {
		s.Reasons = append(s.Reasons, Reason{Kind: ReasonAwaitThem, At: in.OldestOurs, N: in.AwaitThem})
	}
	if in.AwaitUs > 0 {
		s.Reasons = append(s.Reasons, Reason{Kind: ReasonAwaitUs, N: in.AwaitUs})
	}
	s.because(ReasonReply, in.LastReply)
	switch {
	case in.AwaitThem == 0 && in.AwaitUs == 0:
		s.Kind = OfficesQuiet
	case in.AwaitThem > 0 && !in.Reason && in.LastReply == 0:
		s.Kind = OfficesNever
	case in.AwaitThem > 0 && !in.Reason && in.LastReply < in.OldestOurs:
		s.Kind, s.Since = OfficesNoReply, in.LastReply
	case in.AwaitUs == 0:
		s.Kind = OfficesAwaitThem
	case in.AwaitThem == 0:
		s.Kind = OfficesAwaitUs
	default:
		s.Kind = OfficesAwait
	}
	return s
}
