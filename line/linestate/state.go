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

// Kind is how one of the three stands.
type Kind string

// The kinds of wire, watch and offices.
const (
	WireCarried   Kind = "wire.carried"
	WireUnsigned  Kind = "wire.unsigned"
	WireCut       Kind = "wire.cut"
	WireNever     Kind = "wire.never"
	WireHistories Kind = "wire.histories"

	WatchPerson  Kind = "watch.person"
	WatchMachine Kind = "watch.machine"
	WatchClosed  Kind = "watch.closed"
	WatchUnknown Kind = "watch.unknown"

	OfficesQuiet   Kind = "offices.quiet"
	OfficesAwait   Kind = "offices.await"
	OfficesNoReply Kind = "offices.noreply"
	OfficesNever   Kind = "offices.never"
)

// Sentence is one of the three, with what it needs to be said.
type Sentence struct {
	Kind  Kind
	Since record.Stamp
	N, M  int
}

// State is the state of a line.
type State struct{ Wire, Watch, Offices Sentence }

// Of finds the three sentences.
func Of(in Input) State {
	return State{Wire: wire(in), Watch: watch(in), Offices: offices(in)}
}

func wire(in Input) Sentence {
	up := 0
	for _, b := range in.Bearers {
		if b.Up {
			up++
		}
	}
	switch {
	case in.TwoHistories:
		return Sentence{Kind: WireHistories}
	case up == 0 && in.CutSince == 0:
		return Sentence{Kind: WireNever}
	case up == 0:
		return Sentence{Kind: WireCut, Since: in.CutSince}
	case in.Unreceipted:
		return Sentence{Kind: WireUnsigned, Since: in.ReceiptSince}
	}
	return Sentence{Kind: WireCarried, N: up, M: len(in.Bearers)}
}

// personFresh is how long a person's word stands before the machine's is
// told beside it: a day, the rhythm of person-answered tests.
const personFresh = 24 * 3600

func watch(in Input) Sentence {
	switch {
	case in.Declared && !in.DeskOpen:
		return Sentence{Kind: WatchClosed, Since: in.DeskUntil}
	case in.Person == 0 && in.Machine == 0:
		return Sentence{Kind: WatchUnknown}
	case in.Person == 0 || in.Machine > in.Person+personFresh:
		return Sentence{Kind: WatchMachine, Since: in.Person}
	}
	return Sentence{Kind: WatchPerson, Since: in.Person}
}

func offices(in Input) Sentence {
	s := Sentence{N: in.AwaitThem, M: in.AwaitUs, Since: in.OldestOurs}
	switch {
	case in.AwaitThem == 0 && in.AwaitUs == 0:
		s.Kind = OfficesQuiet
	case in.AwaitThem > 0 && !in.Reason && in.LastReply == 0:
		s.Kind = OfficesNever
	case in.AwaitThem > 0 && !in.Reason && in.LastReply < in.OldestOurs:
		s.Kind, s.Since = OfficesNoReply, in.LastReply
	default:
		s.Kind = OfficesAwait
	}
	return s
}
