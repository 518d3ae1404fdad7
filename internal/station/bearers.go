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
	ahead   map[uint64]bool         // own records sent ahead of their place on this bearer
	resend  bool                    // statements are to be repeated once the save under way is done
	refused int
	stalls  int

	packageBytes int
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
	b := &bearer{id: ev.ID, name: ev.Name, peer: p, upAt: s.now, has: map[mirror.LogID]uint64{}, sent: map[mirror.LogID]uint64{},
		ahead: map[uint64]bool{}, packageBytes: maxPackageBytes}
	cfg := link.Config{
		Line: s.line, Me: s.me, Peer: p.no, Dialer: ev.Dialer, Generation: s.card.Generation, PeerGeneration: card.Generation, Exporter: ev.Exporter,
		Sign: s.cfg.Signers.SignSession,
		Verify: func(role byte, exporter, sig []byte) bool {
			return s.cfg.VerifySession(card, role, exporter, sig)
		},
		PingEvery: s.cfg.PingEvery,
	}
	if ev.Rate > 0 {
		b.slow(&cfg, ev.Rate)
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

// slow fits packages, window and patience to a narrow bearer: a FLASH waits
// for no more than the package that is being written.
func (b *bearer) slow(cfg *link.Config, bytesPerSecond int) {
	b.packageBytes = max(512, min(maxPackageBytes, 2*bytesPerSecond))
	cfg.Window = 2 * b.packageBytes
	cfg.StallAfter = time.Minute
	cfg.PingEvery = max(cfg.PingEvery, 20*time.Second)
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
	for _, gen := range s.own.mirror.Generations() {
		out = append(out, link.Have{Party: s.me, Generation: gen, Size: s.own.durable[gen]})
	}
	for _, p := range s.peers {
		for _, gen := range p.mirror.Generations() {
			out = append(out, link.Have{Party: p.no, Generation: gen, Size: p.durable[gen]})
		}
	}
	return out[:min(len(out), link.MaxHolds)]
}

func (s *Station) bearerDown(id BearerID, why string) {
	b := s.bearers[id]
	if b == nil {
		return
	}
	delete(s.bearers, id)
	s.fetchFrom(id)
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
	if le != nil {
		b.session.Close(le.Code) // no effect on one that has ended by itself
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
		s.haveMoved(b, e.Holds)
	case link.Package:
		s.takePackage(b, e.Payload)
	case link.Ahead:
		s.takeAhead(b, e.Payload)
	case link.Statement:
		s.takeStatement(b, e.Payload)
	case link.Card:
		s.cardCame(b, e.Payload)
	case link.AskPQ:
		s.duties.wantPQ(s)
	case link.Alive:
		b.rtt = e.RTT
		s.tests.alive(b.name)
	case link.Echoed:
		s.sawEcho(e.Boot)
	case link.Stalled:
		if !s.faulty(FaultLostResend) {
			clear(b.sent)
			clear(b.ahead)
			b.stalls++
			s.push(b)
		}
	case link.Want:
		s.answerWant(b, e)
	case link.Piece:
		s.takePiece(b, e)
	case link.Unanswered:
		s.unanswered(b, e)
	case link.Closed:
		s.do(Hangup{b.id, e.Code.String()})
		s.bearerDown(b.id, "closed by the other side: "+e.Code.String())
	}
}

// haveMoved notes what the peer says it holds of the logs both know; a claim
// about any other is left aside, so that nobody fills our memory with them.
func (s *Station) haveMoved(b *bearer, holds []link.Have) {
	s.noteHas(b, holds)
	s.push(b)
}

func (s *Station) noteHas(b *bearer, holds []link.Have) {
	for _, h := range holds {
		id := mirror.LogID{Party: h.Party, Generation: h.Generation}
		if s.knows(b.peer, id) {
			b.has[id] = h.Size
		}
	}
}

func (s *Station) knows(p *peer, id mirror.LogID) bool {
	switch id.Party {
	case s.me:
		return id.Generation <= s.card.Generation
	case p.no:
		_, _, ok := p.mirror.Card(id.Generation)
		return ok
	}
	return false
}

// cardCame takes a card of the peer's, or gives it one of our own back.
func (s *Station) cardCame(b *bearer, note []byte) {
	if c, err := s.cfg.OpenCard(note, b.peer.party.Key); err != nil || c.Party != b.peer.party.Name {
		s.takeOwnCard(b, note)
		return
	}
	if err := s.takeCard(b.peer, note); err != nil {
		s.log("warn", "%s: %v", b.peer.party.Name, err)
	}
}

// greeted takes the hello of a proven peer.
func (s *Station) greeted(b *bearer, h link.Hello) {
	s.log("info", "%s to %s is up", b.name, b.peer.party.Name)
	s.do(Happened{Kind: "wire", Party: b.peer.no})
	b.peer.boot = h.Boot
	b.peer.lookAgain()
	for _, other := range s.bearers {
		if other.peer == b.peer {
			other.session.SawPeerBoot(h.Boot)
		}
	}
	s.judgeOwnHead(h.Yours)
	s.greetedFirst()
	s.duties.timedHeadSoon(s)
	// FLASH and its proof before everything else, on every bearer.
	s.noteHas(b, h.Holds)
	s.push(b)
	s.offerCards(b, h.Holds)
	s.resendStatements(b)
}

// resendStatements repeats the newest saved receipts for the peer's logs and
// our newest timed head: saved bytes, never signed anew because a send failed.
func (s *Station) resendStatements(b *bearer) {
	if s.faulty(FaultLostResend) {
		return
	}
	// What is committed may not leave before its mark is: wait for the end of
	// the save under way.
	if b.resend = s.saving != nil; b.resend || !b.session.IsUp() {
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

// push sends the peer what it does not hold, as far as the window allows:
// FLASH ahead of its place, then our log in order, then what the peer lost
// of its own older generations.
func (s *Station) push(b *bearer) {
	if !b.session.IsUp() || s.saving != nil && s.saving.silent {
		return
	}
	s.pushFlash(b)
	s.pushLog(b)
	if b.stalls >= maxGiveBack {
		return
	}
	for _, gen := range s.own.mirror.Generations() {
		id := mirror.LogID{Party: s.me, Generation: gen}
		c, _, ok := s.own.mirror.Head(gen)
		if has, told := b.has[id]; told && ok && has < c.Size && c.Size <= s.own.durable[gen] {
			s.giveBack(b, s.own.mirror, id, c.Size)
		}
	}
	for _, gen := range b.peer.mirror.Generations() {
		id := mirror.LogID{Party: b.peer.no, Generation: gen}
		has, told := b.has[id]
		if size, ok := b.peer.mirror.Lost(gen, has); told && ok && size <= b.peer.durable[gen] {
			s.giveBack(b, b.peer.mirror, id, size)
		}
	}
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
