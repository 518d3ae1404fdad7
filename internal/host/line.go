// SPDX-License-Identifier: Apache-2.0

package host

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"openline/identity"
	"openline/internal/station"
	"openline/record"
)

// line is one line's station with its owner.
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

	inbox chan station.Event // from connections
	asks  chan func()
	saves chan job
	saved chan station.Event // from the saver
	alarm Alarm
	done  chan struct{} // closed when the owner has ended

	written chan struct{} // a writer has written all, while someone waits for rest
	watched atomic.Bool   // someone waits for rest
	offices atomic.Pointer[map[record.Address]string]
	worked  atomic.Uint64 // steps and the records they moved, for tidy

	// Owned by the owner's goroutine.
	conns   map[station.BearerID]*conn
	nextID  station.BearerID
	waiting map[string][]chan<- station.Told
	exports map[string]chan<- station.Exported
	notes   map[string]chan<- station.Noted
	settled []chan<- struct{}
	alarmAt time.Duration
	steps   uint64
	why     error
	reloads int // since the last save that was done

	spawn func(func()) // starts a goroutine of the host
	open  func() error // makes the station from what is stored
}

// job is what the saver does next: a batch, or a mark.
type job struct {
	save station.Save
	mark *station.SaveMark
}

// run is the owner's goroutine. It returns nil when ctx ends and why the
// station stopped otherwise.
func (l *line) run(ctx context.Context) error {
	defer l.end()
	l.step(station.Tick{})
	l.rearm(true)
	for l.why == nil {
		tick := false
		select {
		case ev := <-l.saved:
			l.step(ev)
			if l.why == nil && l.reloads > 0 {
				l.reloads--
			}
		case ev := <-l.inbox:
			l.fromConn(ev)
		case f := <-l.asks:
			f()
		case <-l.written:
		case <-l.alarm.C():
			l.alarmAt, tick = never, true
			l.step(station.Tick{})
		case <-ctx.Done():
			return nil
		}
		l.rearm(tick)
		l.tellSettled()
	}
	return &StopError{l.id, l.why}
}

// end closes what the owner holds and tells everybody who waits.
func (l *line) end() {
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
	l.waiting, l.exports, l.notes = nil, nil, nil
	l.news.close()
}

// save is the saver's goroutine.
func (l *line) save(st Store) {
	for j := range l.saves {
		// There is room in saved for one, and one is all that is under way.
		if j.mark != nil {
			l.saved <- station.MarkDone{ID: j.mark.ID, Err: l.cfg.Mark.Write(j.mark.Mark)}
			continue
		}
		err := st.Save(j.save.Batch)
		if err == nil {
			l.index.saved(&j.save.Batch)
		}
		l.saved <- station.SaveDone{ID: j.save.ID, Err: err}
	}
}

// minAlarm keeps a station whose hour has come, but that cannot act on it
// yet, from ringing without end.
const minAlarm = 10 * time.Millisecond

func (l *line) rearm(ticked bool) {
	at := l.st.Next()
	if ticked {
		at = max(at, l.clock.Now().Mono+minAlarm)
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
	case station.Noted:
		if w := l.notes[fx.Token]; w != nil {
			w <- fx
			delete(l.notes, fx.Token)
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

func level(name string) slog.Level {
	switch name {
	case "error":
		return slog.LevelError
	case "warn":
		return slog.LevelWarn
	}
	return slog.LevelInfo
}

// fromConn takes what a connection brings, unless it is forgotten already.
func (l *line) fromConn(ev station.Event) {
	switch ev := ev.(type) {
	case station.Frame:
		c := l.conns[ev.ID]
		if c == nil {
			return
		}
		c.delivered++
		l.step(ev)
		if !c.up && l.st.IsUp(ev.ID) {
			c.up = true
			l.oneOf(c)
		}
	case station.BearerDown:
		if c := l.conns[ev.ID]; c != nil {
			l.forget(c)
			l.step(ev)
		}
	}
}

// admit takes a proven connection into the station, or closes it.
func (l *line) admit(b Bearer, who Peer, dialed bool) {
	p := l.peers[who.No]
	if p == nil || p.away.Load() || l.crowded(p, dialed) {
		// Nothing was said over it.
		_ = b.Close()
		return
	}
	l.nextID++
	c := newConn(l.nextID, p, dialed, b)
	c.session = string(who.Exporter)
	l.conns[c.id] = c
	p.live.Add(1)
	l.spawn(func() { c.write(l.wroteAll) })
	l.spawn(func() { c.read(l.inbox, l.done) })
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

// forget takes a connection out of the owner's books; its goroutines end by
// themselves.
func (l *line) forget(c *conn) {
	delete(l.conns, c.id)
	c.peer.live.Add(-1)
	c.peer.nudge()
}

// wroteAll is told by writers that are done for now.
func (l *line) wroteAll() {
	if l.watched.Load() {
		select {
		case l.written <- struct{}{}:
		default:
		}
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

// ask runs f in the owner's goroutine and waits for it.
func (l *line) ask(ctx context.Context, f func()) error {
	ran := make(chan struct{})
	select {
	case l.asks <- func() { f(); close(ran) }:
	case <-l.done:
		return ErrStopped
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-ran:
		return nil
	case <-l.done:
		return ErrStopped
	}
}
