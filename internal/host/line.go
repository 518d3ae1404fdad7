// SPDX-License-Identifier: Apache-2.0

package host

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"openline/identity"
	"openline/internal/station"
	"openline/record"
)

// line is one line's station. Whoever has an event for it steps it, under
// its lock: a reader with a frame, the saver with the outcome of a save, a
// caller, the alarm. Handing events to one goroutine instead costs a record
// on its way eight changes of thread, at some 15 µs each.
type line struct {
	id    identity.LineID
	cfg   Line
	clock Clock
	log   *slog.Logger
	st    *station.Station
	me    record.PartyNo
	peers map[record.PartyNo]*peer
	read  Reader
	index logIndex
	news  news

	saves  chan job
	alarm  Alarm
	begun  chan struct{} // closed when the line runs
	failed chan struct{} // closed when the station has stopped by itself
	done   chan struct{} // closed when the line has ended

	watched atomic.Bool // someone waits for rest
	offices atomic.Pointer[map[record.Address]string]
	worked  atomic.Uint64 // steps and the records they moved, for tidy

	mu       sync.Mutex // for st and all below; never held while a disk is flushed or a peer written to
	ended    bool
	conns    map[station.BearerID]*conn
	nextID   station.BearerID
	waiting  map[string][]chan<- station.Told
	exports  map[string]chan<- station.Exported
	notes    map[string]chan<- station.Noted
	removals map[string]chan<- station.Removed
	attached map[string]chan<- station.AttachDone
	settled  []chan<- struct{}
	alarmAt  time.Duration
	ticked   bool // the alarm has just been heard
	steps    uint64
	why      error
	reloads  int // since the last save that was done
	turned   turnedAway

	spawn  func(func()) // starts a goroutine of the host
	around func(Bearer) Bearer
	open   func() error // makes the station from what is stored
}

// job is what the saver does next: a batch, or a mark.
type job struct {
	save station.Save
	mark *station.SaveMark
}

// run is the line's life. It returns nil when ctx ends and why the station
// stopped otherwise.
func (l *line) run(ctx context.Context) error {
	tick := func() {
		l.alarmAt, l.ticked = never, true
		l.step(station.Tick{})
	}
	defer l.end()
	l.within(tick)
	close(l.begun)
	for {
		select {
		case <-l.alarm.C():
			l.within(tick)
		case <-l.failed:
			return &StopError{l.id, l.why}
		case <-ctx.Done():
			return nil
		}
	}
}

// within runs f, which may step the station, and sees to what follows from
// it; false: the line has ended or is about to, and f was not run.
func (l *line) within(f func()) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended || l.why != nil {
		return false
	}
	f()
	if l.why != nil {
		close(l.failed)
		return true
	}
	l.rearm()
	l.tellSettled()
	return true
}

// end closes what the line holds and tells everybody who waits.
func (l *line) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended = true
	l.alarm.Stop()
	for _, c := range l.conns {
		c.close("the station stops")
	}
	close(l.saves)
	close(l.done)
	for _, waits := range l.waiting {
		for _, w := range waits {
			w <- station.Told{Err: ErrStopped}
		}
	}
	for _, w := range l.exports {
		w <- station.Exported{Err: ErrStopped}
	}
	for _, w := range l.notes {
		w <- station.Noted{Err: ErrStopped}
	}
	for _, w := range l.removals {
		w <- station.Removed{Err: ErrStopped}
	}
	l.endAttached()
	l.waiting, l.exports, l.notes, l.removals = nil, nil, nil, nil
	l.news.close()
}

// save is the saver's goroutine. It steps the station with each outcome;
// there is room for the one job that this may give.
func (l *line) save(st Store) {
	for j := range l.saves {
		if j.mark != nil {
			done := station.MarkDone{ID: j.mark.ID, Err: l.cfg.Mark.Write(j.mark.Mark)}
			l.within(func() { l.tried(done) })
			continue
		}
		err := st.Save(j.save.Batch)
		if err == nil {
			l.index.saved(&j.save.Batch)
		}
		l.within(func() { l.tried(station.SaveDone{ID: j.save.ID, Err: err}) })
	}
}

// tried takes the outcome of a save.
func (l *line) tried(ev station.Event) {
	l.step(ev)
	if l.why == nil && l.reloads > 0 {
		l.reloads--
	}
}

// minAlarm keeps a station whose hour has come, but that cannot act on it
// yet, from ringing without end.
const minAlarm = 10 * time.Millisecond

func (l *line) rearm() {
	at := l.st.Next()
	if l.ticked {
		at = max(at, l.clock.Now().Mono+minAlarm)
		l.ticked = false
	}
	if at != l.alarmAt {
		l.alarmAt = at
		l.alarm.Set(at)
	}
}

// step hands the station one event and carries out what it asks for.
func (l *line) step(ev station.Event) {
	l.steps++
	l.worked.Add(1)
	for _, fx := range l.st.Step(ev, l.clock.Now()) {
		l.carryOut(fx)
	}
}

func (l *line) carryOut(fx station.Effect) {
	switch fx := fx.(type) {
	case station.Save:
		for i := range fx.Batch.Logs {
			l.worked.Add(uint64(len(fx.Batch.Logs[i].Entries)))
		}
		l.saves <- job{save: fx}
	case station.SaveMark:
		l.saves <- job{mark: &fx}
	case station.Send:
		if c := l.conns[fx.ID]; c != nil {
			c.sent += uint64(len(fx.Frames))
			if !c.send(fx.Frames) {
				c.close(fmt.Sprintf("it did not take %d bytes that waited for it", maxUnwritten))
			}
		}
	case station.Hangup:
		if c := l.conns[fx.ID]; c != nil {
			l.forget(c)
			c.finish()
		}
	case station.Told:
		for _, w := range l.waiting[fx.Token] {
			w <- fx
		}
		delete(l.waiting, fx.Token)
	case station.Happened:
		if fx.Kind == "record" && (fx.Code == "PO01" || fx.Code == "PO02") {
			l.noteOffices()
		}
		l.news.publish(fx)
	case station.Logged:
		l.log.Log(context.Background(), level(fx.Level), fx.Text)
	case station.Exported:
		if w := l.exports[fx.Token]; w != nil {
			w <- fx
			delete(l.exports, fx.Token)
		}
	case station.AttachDone:
		l.attachDone(fx)
	case station.Noted:
		if fx.Err == nil {
			l.news.publish(station.Happened{Kind: "note"})
		}
		if w := l.notes[fx.Token]; w != nil {
			w <- fx
			delete(l.notes, fx.Token)
		}
	case station.Removed:
		if w := l.removals[fx.Token]; w != nil {
			w <- fx
			delete(l.removals, fx.Token)
		}
	case station.Stop:
		l.why = fx.Why
		if fx.Reload {
			l.reload()
		}
	}
}

// maxReloads is how often in a row another writer may be first.
const maxReloads = 8

// reload goes on from what another writer has stored: with a new station,
// and connections that begin anew.
func (l *line) reload() {
	if l.reloads++; l.reloads > maxReloads {
		return
	}
	l.log.Warn("what is stored is read again", "why", l.why)
	for _, c := range l.conns {
		l.forget(c)
		c.close("the station begins anew")
	}
	if err := l.open(); err != nil {
		l.why = errors.Join(l.why, err)
		return
	}
	l.why = nil
	l.step(station.Tick{})
}

// fromConn takes what a connection brings, unless it is forgotten already.
func (l *line) fromConn(c *conn, ev station.Event) {
	if l.conns[c.id] != c {
		return
	}
	if _, down := ev.(station.BearerDown); down {
		l.forget(c)
		l.step(ev)
		return
	}
	c.delivered++
	l.step(ev)
	if !c.up && l.st.IsUp(c.id) {
		c.up = true
		l.oneOf(c)
	}
}

// admit takes a proven connection into the station, or closes it.
func (l *line) admit(b Bearer, who Peer, dialed bool) {
	p := l.peers[who.No]
	if p == nil || p.away.Load() || l.crowded(p, dialed) {
		if p != nil && !dialed && !p.away.Load() {
			l.turned.tell(who.From, fmt.Errorf("%d connections of %s are open already", maxConns, p.name))
		}
		// Nothing was said over it.
		_ = b.Close()
		return
	}
	if l.around != nil {
		b = l.around(b)
	}
	l.nextID++
	c := newConn(l.nextID, p, dialed, b)
	c.session = string(who.Exporter)
	l.conns[c.id] = c
	p.live.Add(1)
	l.spawn(func() { c.write(l.wroteAll) })
	l.spawn(func() {
		c.read(func(ev station.Event) bool { return l.within(func() { l.fromConn(c, ev) }) })
	})
	l.step(station.BearerUp{ID: c.id, Peer: who.No, Name: p.carrier, Dialer: dialed, Exporter: who.Exporter, PeerCard: who.Card})
	if l.conns[c.id] != nil {
		p.proven(who.Card)
	}
}

// crowded reports whether a connection would be one too many: dials that
// overlapped give one, and a peer that opens them without end a few.
func (l *line) crowded(p *peer, dialed bool) bool {
	conns := l.connsOf(p)
	return len(conns) >= maxConns || dialed && slices.ContainsFunc(conns, func(c *conn) bool { return c.dialed })
}

// oneOf keeps one connection where both sides dialed at once: the one that
// the party with the lower number dialed. Both sides choose alike, and only
// between connections both have greeted.
func (l *line) oneOf(fresh *conn) {
	byLower := func(c *conn) bool { return c.dialed == (l.me < c.peer.no) }
	conns := l.connsOf(fresh.peer)
	if !slices.ContainsFunc(conns, func(c *conn) bool { return c.up && byLower(c) }) {
		return
	}
	for _, c := range conns {
		if c.up && !byLower(c) {
			l.drop(c, "both sides dialed; the other connection is kept")
		}
	}
}

// drop ends a connection from this side.
func (l *line) drop(c *conn, why string) {
	l.forget(c)
	c.finish()
	l.step(station.BearerDown{ID: c.id, Why: why})
}

// forget takes a connection out of the line's books; its goroutines end by
// themselves.
func (l *line) forget(c *conn) {
	delete(l.conns, c.id)
	c.peer.live.Add(-1)
	c.peer.nudge()
}

// wroteAll is told by writers that are done for now.
func (l *line) wroteAll() {
	if l.watched.Load() {
		l.within(func() {})
	}
}

func (l *line) connsOf(p *peer) (out []*conn) {
	for _, c := range l.conns {
		if c.peer == p {
			out = append(out, c)
		}
	}
	return out
}

// ask runs f within the line once it runs.
func (l *line) ask(ctx context.Context, f func()) error {
	select {
	case <-l.begun:
	case <-l.done:
		return ErrStopped
	case <-ctx.Done():
		return ctx.Err()
	}
	if !l.within(f) {
		return ErrStopped
	}
	return nil
}
