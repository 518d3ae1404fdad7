// SPDX-License-Identifier: Apache-2.0

package station

import (
	"time"

	"openline/identity"
	"openline/line"
	"openline/line/linestate"
	"openline/line/suspension"
	"openline/record"
)

// View is how the line stands, for whoever shows it. It is a copy.
type View struct {
	At       time.Time
	Line     identity.LineID
	Standing record.Status
	Me       record.PartyNo
	Short    string
	Hold     Hold
	Own      OwnView
	Peers    []PeerView
	Awaiting []AwaitView
	Waiting  int // drafts not yet numbered, the queue included
}

// OwnView is our own log.
type OwnView struct {
	Generation uint32
	Size       uint64
	Last       uint64 // number of the newest record
	LastSigned record.Stamp
	Root       [32]byte
	Tests      uint64
}

// PeerView is what this station knows of another party.
type PeerView struct {
	No         record.PartyNo
	Short      string
	Name       identity.Party
	Generation uint32
	Size       uint64
	Last       uint64
	Root       [32]byte
	Pending    uint64 // size of a head they signed whose records have not come
	Receipt    StatementView
	ReceiptPQ  StatementView
	TimedHead  StatementView
	Trouble    string
	Forked     bool
	Bearers    []BearerView
	State      linestate.State
	TestsHeard uint64
	TestAt     time.Time
	Differs    string
	InPerson   InPersonView
	Tests      TestsView
	Ahead      int // entries kept ahead of their place
	Claims     int // claims kept of it since this station started
	Accused    int // contradictions of it found since this station started
}

// StatementView is a cosignature: up to which record, at what time.
type StatementView struct {
	Size uint64
	Last uint64
	At   record.Stamp
}

// BearerView is one bearer.
type BearerView struct {
	Name  string
	Since time.Time
	RTT   time.Duration
}

// AwaitView is something that awaits a reply.
type AwaitView struct {
	Thing    record.Ref
	Ref      record.Ref // the ask: the thing's opening record, or one made inside it
	Code     string
	Asker    record.PartyNo
	Answerer record.PartyNo
	Ours     bool // we are asked
	Asked    record.Stamp
	Outcome  line.Outcome
	Until    record.Stamp
	Wished   record.Stamp
	Crossed  bool
	Ladder   line.Ladder
	Clock    line.Reckoned

	Suspended []line.Said // what had suspended its class, as its author knew
}

// Digest is that of shared state as it stands here: equal on both sides at
// equal positions.
func (s *Station) Digest() [32]byte { return s.fold.Digest() }

// Hold is why the station does not sign now.
func (s *Station) Hold() Hold { return s.hold }

// View shows how the line stands now.
func (s *Station) View(now Now) View {
	v := View{
		At: now.Wall, Line: s.line, Standing: s.text.Standing, Me: s.me, Hold: s.hold,
		Own: OwnView{Generation: s.card.Generation, Size: s.row.Size, Last: s.card.Base + s.row.Size - 1,
			LastSigned: s.row.LastSigned, Root: s.row.Root, Tests: s.tests.number},
		Waiting: s.waitingCount(),
	}
	if p, ok := s.text.Party(s.me); ok {
		v.Short = p.Short
	}
	held := s.signedNow()
	suspended, err := s.Suspensions()
	if err != nil {
		s.log("warn", "what is suspended cannot be read: %v", err)
	}
	for _, w := range s.fold.Waits() {
		v.Awaiting = append(v.Awaiting, awaitView(s.fold, w, held, s.me, now.stamp()))
		v.Awaiting[len(v.Awaiting)-1].Suspended = suspension.Marks(suspended, w.Ask.Act)
	}
	for _, p := range s.peers {
		v.Peers = append(v.Peers, s.peerView(p, v.Awaiting, now))
	}
	return v
}

func (s *Station) peerView(p *peer, awaiting []AwaitView, now Now) PeerView {
	gen := p.mirror.Newest()
	_, root := p.mirror.Position(gen)
	v := PeerView{No: p.no, Short: p.party.Short, Name: p.party.Name, Generation: gen, Size: p.durable[gen], Root: root,
		Trouble: p.trouble, Forked: p.mirror.Forked(gen), TestsHeard: p.tests.number, TestAt: p.tests.at, Differs: p.tests.differs,
		InPerson: s.inPersonView(p), Tests: p.testsView(), Claims: min(p.claims, maxClaims)}
	for _, n := range p.accused {
		v.Accused += min(n, maxAccusations)
	}
	for _, m := range p.ahead {
		v.Ahead += len(m)
	}
	if base, ok := s.fold.Base(p.no, gen); ok {
		v.Last = base + v.Size - 1
		if h, ok := p.heads[gen]; ok {
			v.TimedHead = StatementView{h.Size, base + h.Size - 1, h.At}
		}
	}
	if c, _, ok := p.mirror.Pending(gen); ok {
		v.Pending = c.Size
	}
	if r := p.receipts[s.card.Generation]; r != nil {
		v.Receipt = StatementView{r.classical.Size, s.card.Base + r.classical.Size - 1, r.classical.At}
		v.ReceiptPQ = StatementView{r.pq.Size, s.card.Base + r.pq.Size - 1, r.pq.At}
	}
	for _, b := range s.sortedBearers() {
		if b.peer == p && b.session.IsUp() {
			v.Bearers = append(v.Bearers, BearerView{b.name, b.upAt.Wall, b.rtt})
		}
	}
	v.State = linestate.Of(s.stateInput(p, v, awaiting, now))
	return v
}

func (s *Station) stateInput(p *peer, v PeerView, awaiting []AwaitView, now Now) linestate.Input {
	in := linestate.Input{
		CutSince: p.cutSince, Unreceipted: v.Receipt.Size < s.row.Size, ReceiptSince: v.Receipt.At, TwoHistories: v.Forked,
		Person: s.fold.PersonAt(p.no), LastReply: s.fold.ReplyAt(p.no),
	}
	for _, b := range v.Bearers {
		in.Bearers = append(in.Bearers, linestate.Bearer{Name: b.Name, Up: true})
	}
	if newest, ok := s.signedNow().Newest(p.no); ok {
		in.Machine = newest.At
	}
	if _, ok := s.fold.Declaration(p.no); ok {
		open, until := s.fold.HoursOf(p.no).Open(now.Wall)
		in.Declared, in.DeskOpen = true, open
		if !until.IsZero() {
			in.DeskUntil = record.Stamp(until.Unix())
		}
	}
	for _, a := range awaiting {
		switch {
		case a.Asker == s.me && a.Answerer == p.no:
			in.AwaitThem++
			if in.OldestOurs == 0 || a.Asked < in.OldestOurs {
				in.OldestOurs = a.Asked
			}
		case a.Ours && a.Asker == p.no:
			in.AwaitUs++
		}
	}
	return in
}
