// SPDX-License-Identifier: Apache-2.0

package station

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"time"

	"openline/internal/store"
	"openline/link"
	"openline/mirror"
	"openline/tlog"
)

// bearer is one live connection to a peer.
type bearer struct {
	id      BearerID
	name    string
	peer    *peer
	session *link.Session
	upAt    Now
	rtt     time.Duration
	has     map[mirror.LogID]uint64 // what the peer said it holds
	sent    map[mirror.LogID]uint64 // how far packages on this bearer reach
	refused int
}

// maxRefused is how many packages in a row that lead nowhere a bearer may
// bring before it is closed.
const maxRefused = 8

func (s *Station) bearerUp(ev BearerUp) {
	p := s.peer(ev.Peer)
	if p == nil {
		s.do(Hangup{ev.ID, "no such party on this line"})
		return
	}
	if err := s.takeCard(p, ev.PeerCard); err != nil {
		s.log("warn", "%s: %v", p.party.Name, err)
		s.do(Hangup{ev.ID, err.Error()})
		return
	}
	card, _, _ := p.mirror.Card(p.mirror.Newest())
	b := &bearer{id: ev.ID, name: ev.Name, peer: p, upAt: s.now, has: map[mirror.LogID]uint64{}, sent: map[mirror.LogID]uint64{}}
	cfg := link.Config{
		Line: s.line, Me: s.me, Peer: p.no, Dialer: ev.Dialer, Generation: s.card.Generation, Exporter: ev.Exporter,
		Sign: s.cfg.Signers.SignSession,
		Verify: func(role byte, exporter, sig []byte) bool {
			return s.cfg.VerifySession(card, role, exporter, sig)
		},
		PingEvery: s.cfg.PingEvery,
	}
	b.session = link.New(cfg, link.Hello{
		Boot: link.Boot(s.cfg.Boot), Echo: p.boot, Yours: s.theirHead(p), Holds: s.holds(),
	}, s.now.Mono)
	s.bearers[ev.ID] = b
}

// IsUp reports whether a bearer's peer has greeted and was accepted.
func (s *Station) IsUp(id BearerID) bool {
	b := s.bearers[id]
	return b != nil && b.session.IsUp()
}

// theirHead is the newest head of the peer's own log we know, in its own
// signature: the word by which a restored station learns that it is old.
func (s *Station) theirHead(p *peer) []byte {
	gen := p.mirror.Newest()
	if _, note, ok := p.mirror.Pending(gen); ok {
		return note
	}
	_, note, _ := p.mirror.Head(gen)
	return note
}

// holds says what is durable here.
func (s *Station) holds() []link.Have {
	out := []link.Have{{Party: s.me, Generation: s.card.Generation, Size: s.row.Size}}
	for _, p := range s.peers {
		for _, gen := range p.mirror.Generations() {
			out = append(out, link.Have{Party: p.no, Generation: gen, Size: p.durable[gen]})
		}
	}
	return out
}

func (s *Station) bearerDown(id BearerID, why string) {
	b := s.bearers[id]
	if b == nil {
		return
	}
	delete(s.bearers, id)
	if b.session.IsUp() {
		s.log("info", "%s to %s is down: %s", b.name, b.peer.party.Name, why)
		s.do(Happened{Kind: "wire", Party: b.peer.no, Text: why})
		b.peer.cutSince = s.now.stamp()
	}
}

func (s *Station) frame(ev Frame) {
	b := s.bearers[ev.ID]
	if b == nil {
		return
	}
	events, err := b.session.Receive(ev.Bytes, s.now.Mono)
	for _, e := range events {
		s.linkEvent(b, e)
	}
	if err != nil {
		s.dropBearer(b, err)
	}
}

func (s *Station) dropBearer(b *bearer, err error) {
	var le *link.Error
	if errors.As(err, &le) && le.Code != link.CodeSilent {
		s.log("warn", "%s to %s: %v", b.name, b.peer.party.Name, err)
	}
	if out := b.session.Out(); len(out) > 0 {
		s.do(Send{b.id, out})
	}
	s.do(Hangup{b.id, err.Error()})
	s.bearerDown(b.id, err.Error())
}

func (s *Station) linkEvent(b *bearer, e link.Event) {
	switch e.Kind {
	case link.Up:
		s.greeted(b, e.Hello)
	case link.HaveMoved:
		for _, h := range e.Holds {
			b.has[mirror.LogID{Party: h.Party, Generation: h.Generation}] = h.Size
		}
		s.push(b)
	case link.Package:
		s.takePackage(b, e.Payload)
	case link.Ahead:
		s.takeAhead(b, e.Payload)
	case link.Statement:
		s.takeStatement(b, e.Payload)
	case link.Card:
		if err := s.takeCard(b.peer, e.Payload); err != nil {
			s.log("warn", "%s: %v", b.peer.party.Name, err)
		}
	case link.AskPQ:
		s.duties.pqDirty = true
	case link.Alive:
		b.rtt = e.RTT
		s.tests.alive(b.name)
	case link.Echoed:
		s.sawEcho(b.peer, e.Boot)
	case link.Stalled:
		if !s.faulty(FaultLostResend) {
			clear(b.sent)
			s.push(b)
		}
	case link.Closed:
		s.do(Hangup{b.id, e.Code.String()})
		s.bearerDown(b.id, "closed by the other side: "+e.Code.String())
	}
}

// greeted takes the hello of a proven peer.
func (s *Station) greeted(b *bearer, h link.Hello) {
	s.log("info", "%s to %s is up", b.name, b.peer.party.Name)
	s.do(Happened{Kind: "wire", Party: b.peer.no})
	b.peer.boot = h.Boot
	for _, other := range s.bearers {
		if other.peer == b.peer {
			other.session.SawPeerBoot(h.Boot)
		}
	}
	if b.peer.echoed {
		s.sawEcho(b.peer, h.Echo)
	}
	s.judgeOwnHead(h.Yours)
	if s.hold == HoldHandshake {
		s.startSigning()
	}
	s.duties.timedHeadSoon(s)
	s.resendStatements(b)
}

// resendStatements repeats the newest saved receipts for the peer's logs and
// our newest timed head: saved bytes, never signed anew because a send failed.
func (s *Station) resendStatements(b *bearer) {
	if s.faulty(FaultLostResend) {
		return
	}
	resend := func(log store.LogID) {
		for _, pq := range []bool{false, true} {
			st, ok, err := s.cfg.Reader.NewestStatement(log, s.ownLog(), pq)
			if err != nil || !ok {
				continue
			}
			b.session.SendStatement(mirror.Statement{Log: mirror.LogID(log), By: mirror.LogID(st.By), Size: st.Size, Line: st.Bytes, PQ: pq}.Encode())
		}
	}
	for _, gen := range b.peer.mirror.Generations() {
		resend(store.LogID{Party: b.peer.no, Generation: gen})
	}
	resend(s.ownLog())
}

// push sends the peer what it does not hold, as far as the window allows.
func (s *Station) push(b *bearer) {
	if !b.session.IsUp() {
		return
	}
	id := mirror.LogID(s.ownLog())
	for s.row.Checkpoint != nil {
		from := max(b.has[id], b.sent[id])
		if from >= s.row.Size {
			return
		}
		pkg, through, err := s.packageFrom(from)
		if err != nil {
			s.log("error", "own records cannot be read: %v", err)
			return
		}
		if !b.session.SendPackage(through, pkg, s.now.Mono) {
			return
		}
		b.sent[id] = through.Size
	}
}

// packageFrom is the next package of our own log from an index on.
func (s *Station) packageFrom(from uint64) ([]byte, link.Have, error) {
	entries := s.recent.get(from, maxPackageEntries, maxPackageBytes)
	if entries == nil {
		var err error
		if entries, err = s.cfg.Reader.Entries(s.ownLog(), from, maxPackageEntries, maxPackageBytes); err != nil {
			return nil, link.Have{}, err
		}
		if len(entries) == 0 {
			return nil, link.Have{}, errors.New("the log ends before its head")
		}
	}
	end := from + uint64(len(entries))
	p := mirror.Package{Log: mirror.LogID(s.ownLog()), From: from, Entries: entries, Checkpoint: s.row.Checkpoint}
	if end < s.row.Size {
		proof, err := tlog.ProveConsistency(s.row.Size, end, s.cfg.Reader.Hashes(s.ownLog()))
		if err != nil {
			return nil, link.Have{}, err
		}
		p.Proof = proof
	}
	return p.Encode(), link.Have{Party: s.me, Generation: s.card.Generation, Size: end}, nil
}

func (s *Station) tickBearers() {
	for _, b := range s.sortedBearers() {
		events, err := b.session.Tick(s.now.Mono)
		for _, e := range events {
			s.linkEvent(b, e)
		}
		if err != nil {
			s.dropBearer(b, err)
		}
	}
}

// flush hands every bearer's frames to the host, in one write each.
func (s *Station) flush() {
	for _, b := range s.sortedBearers() {
		if out := b.session.Out(); len(out) > 0 {
			s.do(Send{b.id, out})
		}
	}
}

// sortedBearers gives the bearers in a fixed order, so that a simulation
// replays exactly.
func (s *Station) sortedBearers() []*bearer {
	return slices.SortedFunc(maps.Values(s.bearers), func(a, b *bearer) int { return cmp.Compare(a.id, b.id) })
}
