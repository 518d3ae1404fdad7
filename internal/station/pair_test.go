// SPDX-License-Identifier: Apache-2.0

package station_test

import (
	"slices"
	"testing"
	"time"

	"openline/catalogue"
	"openline/identity"
	"openline/identity/secret"
	"openline/internal/station"
	"openline/internal/station/stationtest"
	"openline/internal/store"
	"openline/internal/store/mark"
	"openline/record"
)

// bench is two stations on a table: their effects are carried out one by one
// by the test, or all at once by settle.
type bench struct {
	t     *testing.T
	line  *stationtest.Line
	auth  *stationtest.Authority
	now   time.Duration
	sides [2]*side
	up    bool
	conn  station.BearerID
	// filter, if set, may change what a side's frames become on the wire.
	filter func(from int, frame []byte) [][]byte
}

// side is one station with its disk.
type side struct {
	b        *bench
	i        int
	party    stationtest.Party
	issued   stationtest.Issued
	disk     *stationtest.Disk
	mark     *mark.Mark
	marked   bool
	st       *station.Station
	boot     byte
	skew     time.Duration
	todo     []station.Effect
	told     []station.Told
	seen     []station.Happened
	logged   []station.Logged
	export   []station.Exported
	attached []station.AttachDone
	removed  []station.Removed
	stop     *station.Stop
	tweak    func(*station.Config)
}

func newBench(t *testing.T, terms stationtest.Terms) *bench {
	t.Helper()
	line, err := stationtest.NewLine(terms)
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, line: line, auth: stationtest.NewAuthority(line.Agreements.Line(), false)}
	for i, p := range line.Parties {
		issued, err := b.auth.Issue(p, 1, 1, nil)
		if err != nil {
			t.Fatal(err)
		}
		b.sides[i] = &side{b: b, i: i, party: p, issued: issued, disk: stationtest.NewDisk(), mark: &mark.Mark{}, marked: true}
	}
	return b
}

// opened is a bench with both stations started, connected and at rest.
func opened(t *testing.T, terms stationtest.Terms) *bench {
	t.Helper()
	b := newBench(t, terms)
	b.start()
	return b
}

func (b *bench) start() {
	b.t.Helper()
	b.sides[0].start()
	b.sides[1].start()
	b.connect()
	b.settle()
}

const epoch = 1_790_000_000

func (s *side) clock() station.Now {
	return station.Now{Wall: time.Unix(epoch, 0).Add(s.b.now + s.skew), Mono: s.b.now}
}

func (s *side) config() station.Config {
	s.boot++
	cfg := station.Config{
		Me: s.party.Name, Agreements: s.b.line.Agreements, Catalogue: func(uint32) *catalogue.Catalogue { return s.b.line.Catalogue },
		Signers: s.issued.Signers, Card: s.issued.Note, OpenCard: s.b.auth.Open, KeysOf: s.b.auth.KeysOf, VerifySession: s.b.auth.VerifySession,
		People: person, Reader: s.disk, Boot: [16]byte{byte(s.i + 1), s.boot}, Salt: func() [16]byte { return [16]byte{1} }, Mark: s.marked,
	}
	if s.tweak != nil {
		s.tweak(&cfg)
	}
	return cfg
}

func (s *side) start() {
	s.b.t.Helper()
	st, err := station.New(s.config(), s.disk.Load(), s.mark, s.clock())
	if err != nil {
		s.b.t.Fatalf("%s does not start: %v", s.party.Short, err)
	}
	s.st, s.stop, s.todo = st, nil, nil
	s.step(station.Tick{})
}

// step gives an event and queues what is to be done.
func (s *side) step(ev station.Event) {
	s.todo = append(s.todo, s.st.Step(ev, s.clock())...)
}

// next carries out one effect and gives it.
func (s *side) next() station.Effect {
	e := s.todo[0]
	s.todo = s.todo[1:]
	switch e := e.(type) {
	case station.Save:
		s.step(station.SaveDone{ID: e.ID, Err: s.disk.Save(e.Batch)})
	case station.SaveMark:
		m := e.Mark
		s.mark = &m
		s.step(station.MarkDone{ID: e.ID})
	case station.Send:
		s.b.carry(s, e)
	case station.Hangup:
		if e.ID == s.b.conn+station.BearerID(s.i) {
			s.b.up = false
			other := s.b.sides[1-s.i]
			if other.st != nil {
				other.step(station.BearerDown{ID: s.b.conn + station.BearerID(other.i), Why: "hung up"})
			}
		}
	case station.Told:
		s.told = append(s.told, e)
	case station.AttachDone:
		s.attached = append(s.attached, e)
	case station.Exported:
		s.export = append(s.export, e)
	case station.Removed:
		s.removed = append(s.removed, e)
	case station.Happened:
		s.seen = append(s.seen, e)
	case station.Logged:
		s.logged = append(s.logged, e)
	case station.Stop:
		s.stop = &e
	}
	return e
}

func (b *bench) carry(s *side, e station.Send) {
	other := b.sides[1-s.i]
	if !b.up || other.st == nil || e.ID != b.conn+station.BearerID(s.i) {
		return
	}
	for _, f := range e.Frames {
		frames := [][]byte{f}
		if b.filter != nil {
			frames = b.filter(s.i, f)
		}
		for _, f := range frames {
			other.step(station.Frame{ID: b.conn + station.BearerID(other.i), Bytes: f})
		}
	}
}

// settle carries everything out until both rest.
func (b *bench) settle() {
	b.t.Helper()
	for range 100_000 {
		busy := false
		for _, s := range b.sides {
			if len(s.todo) > 0 {
				s.next()
				busy = true
			}
		}
		if !busy {
			return
		}
	}
	b.t.Fatal("the stations never rest")
}

// pass lets time go by, with the ticks that fall due.
func (b *bench) pass(d time.Duration) {
	b.t.Helper()
	for end := b.now + d; b.now < end; {
		next := end
		for _, s := range b.sides {
			if s.st != nil && s.stop == nil {
				next = min(next, max(s.st.Next(), b.now+time.Millisecond))
			}
		}
		b.now = next
		for _, s := range b.sides {
			if s.st != nil && s.stop == nil {
				s.step(station.Tick{})
			}
		}
		b.settle()
	}
}

func (b *bench) connect() {
	b.conn += 2
	b.up = true
	for i, s := range b.sides {
		other := b.sides[1-i]
		s.step(station.BearerUp{ID: b.conn + station.BearerID(i), Peer: other.party.Number, Name: "tls", Dialer: i == 0,
			Exporter: []byte{byte(b.conn)}, PeerCard: other.issued.Note})
	}
}

func (b *bench) cut() {
	b.up = false
	for i, s := range b.sides {
		s.step(station.BearerDown{ID: b.conn + station.BearerID(i), Why: "cut"})
	}
	b.settle()
}

func (s *side) say(token string, drafts ...station.Draft) {
	s.step(station.Say{Token: token, Drafts: drafts})
}

func text(words string) station.Draft {
	return station.Draft{Code: "TX01", From: "secretary", Text: words, Salt: [16]byte{9}}
}

func (s *side) log() store.LogID {
	return store.LogID{Party: s.party.Number, Generation: s.issued.Card.Generation}
}

// lastTold is the newest answer to a token.
func (s *side) lastTold(token string) station.Told {
	s.b.t.Helper()
	for _, e := range slices.Backward(s.told) {
		if e.Token == token {
			return e
		}
	}
	s.b.t.Fatalf("%s was told nothing of %q", s.party.Short, token)
	return station.Told{}
}

func (s *side) happened(kind string) (out []station.Happened) {
	for _, e := range s.seen {
		if e.Kind == kind {
			out = append(out, e)
		}
	}
	return out
}

// receipted is how much of a side's log the other has receipted, as it shows.
func (s *side) receipted() uint64 { return s.st.View(s.clock()).Peers[0].Receipt.Size }

func (s *side) size() uint64 {
	l, _ := s.disk.Log(s.log())
	return l.Size
}

// holdsOf is how much a side holds of the other's log.
func (s *side) holdsOf(o *side) uint64 {
	l, _ := s.disk.Log(o.log())
	return l.Size
}

var persons = map[string]*secret.Person{
	"ann": secret.NewPerson([32]byte{1}), "ben": secret.NewPerson([32]byte{2}), "ann2": secret.NewPerson([32]byte{1}),
}

func person(name string) (identity.PersonKey, bool) {
	p, ok := persons[name]
	if !ok {
		return identity.PersonKey{}, false
	}
	return p.Public(), true
}

func signed(act identity.Act, names ...string) (out []station.Signature) {
	for _, n := range names {
		out = append(out, station.Signature{Person: n, Bytes: persons[n].SignAct(act)})
	}
	return out
}

func ref(s *side, number uint64) record.Ref { return record.ByNumber(s.party.Number, number) }
