// SPDX-License-Identifier: Apache-2.0

package host

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"

	"openline/identity"
	"openline/internal/station"
	"openline/internal/store/mark"
	"openline/record"
	"openline/tlog"
)

// Host runs one party's station on its lines. Its methods are safe for
// concurrent use.
type Host struct {
	cfg     Config
	lines   map[identity.LineID]*line
	order   []identity.LineID
	carrier Carrier
	group   sync.WaitGroup // every goroutine of the host but Run's own
}

// New makes the stations from what is stored and opens the port. A host that
// is not run must be closed.
func New(cfg Config) (*Host, error) {
	cfg = cfg.withDefaults()
	if len(cfg.Lines) == 0 {
		return nil, errors.New("this station has no line to run; open one first (openline agreement open)")
	}
	h := &Host{cfg: cfg, lines: map[identity.LineID]*line{}, carrier: cfg.Carrier}
	for _, lc := range cfg.Lines {
		l, err := h.newLine(lc)
		if err != nil {
			return nil, fmt.Errorf("line %s: %w", lc.Agreements.Line(), err)
		}
		if h.lines[l.id] != nil {
			return nil, fmt.Errorf("line %s is configured twice", l.id)
		}
		h.lines[l.id] = l
		h.order = append(h.order, l.id)
	}
	if h.carrier == nil {
		c, err := newTLS(cfg, h.lines)
		if err != nil {
			return nil, err
		}
		h.carrier = c
	}
	for _, l := range h.lines {
		for _, p := range l.peers {
			p.carrier = h.carrier.Name()
		}
	}
	return h, nil
}

func (h *Host) newLine(lc Line) (*line, error) {
	id := lc.Agreements.Line()
	log := h.cfg.Log.With("line", string(id))
	l := &line{
		id: id, cfg: lc, clock: h.cfg.Clock, alarm: h.cfg.Clock.Alarm(), log: log, turned: turnedAway{log: log}, read: h.cfg.Store.Reader(id),
		saves: make(chan job, 1), begun: make(chan struct{}), failed: make(chan struct{}), done: make(chan struct{}),
		conns: map[station.BearerID]*conn{}, waiting: map[string][]chan<- station.Told{}, exports: map[string]chan<- station.Exported{}, notes: map[string]chan<- station.Noted{}, attached: map[string]chan<- station.AttachDone{}, removals: map[string]chan<- station.Removed{}, alarmAt: never,
		peers: map[record.PartyNo]*peer{}, spawn: h.group.Go, around: h.cfg.Around,
	}
	l.news.line, l.news.clock = id, h.cfg.Clock
	for _, p := range lc.Agreements.Newest().Parties {
		if p.Name == h.cfg.Me {
			l.me = p.Number
			continue
		}
		l.peers[p.Number] = &peer{no: p.Number, name: p.Name, key: p.Key, addrs: lc.Dial[p.Name], wake: make(chan struct{}, 1)}
	}
	l.open = func() error { return h.openStation(l) }
	return l, l.open()
}

// openStation makes a line's station from what is stored.
func (h *Host) openStation(l *line) error {
	saved, err := h.cfg.Store.Load(l.id)
	if err != nil {
		return err
	}
	l.index.load(saved)
	for _, s := range saved.Logs {
		if p := l.peers[s.Log.Party]; p != nil {
			p.proven(s.Card)
		}
	}
	var high *mark.Mark
	if l.cfg.Mark != nil {
		if high, err = l.cfg.Mark.Read(); err != nil {
			return err
		}
	}
	sc, err := h.stationConfig(l)
	if err != nil {
		return err
	}
	if l.st, err = station.New(sc, saved, high, l.clock.Now()); err == nil {
		l.noteOffices()
	}
	return err
}

// stationConfig gives the station its keys and randomness.
func (h *Host) stationConfig(l *line) (station.Config, error) {
	lc := l.cfg
	sc := station.Config{
		Me: h.cfg.Me, Agreements: lc.Agreements, Catalogue: lc.Catalogue, Card: lc.Card,
		OpenCard: identity.OpenStationCard, KeysOf: tlog.KeysOf,
		VerifySession: func(card *identity.StationCard, role byte, exporter, signature []byte) bool {
			return card.Keys.VerifySession(l.id, role, exporter, signature)
		},
		People: lc.People, Mandates: lc.Mandates, Reader: l.read, Salt: newSalt, Mark: lc.Mark != nil,
		PingEvery: h.cfg.PingEvery, PQEvery: h.cfg.PQEvery, Fault: lc.Fault,
	}
	if sc.People == nil {
		sc.People = func(string) (identity.PersonKey, bool) { return identity.PersonKey{}, false }
	}
	sc.Boot = newSalt()
	own, ok := lc.Agreements.Newest().ByName(h.cfg.Me)
	if !ok {
		return sc, fmt.Errorf("%s is not a party of it", h.cfg.Me)
	}
	card, err := identity.OpenStationCard(lc.Card, own.Key)
	if err != nil {
		return sc, fmt.Errorf("own station card: %w", err)
	}
	if card.Keys != lc.Secret.Keys() {
		return sc, fmt.Errorf("own station card: it is not for the keys of generation %d that are here", card.Generation)
	}
	signer, err := lc.Secret.LogSigner(card.Origin())
	if err != nil {
		return sc, err
	}
	classical, pq := lc.Secret.Cosigner()
	sc.Signers = station.Signers{
		Log: signer, Cosigner: tlog.NewCosigner(card.CosignerName(), classical), CosignerPQ: tlog.NewCosignerPQ(card.CosignerName(), pq),
		SignSession: func(role byte, exporter []byte) []byte { return lc.Secret.SignSession(l.id, role, exporter) },
	}
	return sc, nil
}

func newSalt() (salt [16]byte) {
	// crypto/rand never gives an error; it ends the program instead.
	_, _ = rand.Read(salt[:])
	return salt
}

// Run runs the stations until ctx ends, or until one of them stops, which is
// a [*StopError]. It is called once.
func (h *Host) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var lines sync.WaitGroup
	for _, id := range h.order {
		l := h.lines[id]
		h.group.Go(func() { l.save(h.cfg.Store) })
		h.group.Go(func() { l.warm(ctx) })
		lines.Go(func() {
			if err := l.run(ctx); err != nil {
				cancel(err)
			}
		})
		for _, p := range l.peers {
			if len(p.addrs) > 0 {
				d := &dialer{line: l, peer: p, carrier: h.carrier, log: l.log}
				h.group.Go(func() { d.run(ctx) })
			}
		}
	}
	h.group.Go(func() { h.serve(ctx) })
	h.group.Go(func() { h.tidy(ctx) })
	<-ctx.Done()
	lines.Wait()
	closing := h.carrier.Close()
	h.group.Wait()
	if stop := (*StopError)(nil); errors.As(context.Cause(ctx), &stop) {
		return stop
	}
	return closing
}

// serve takes connections that come in.
func (h *Host) serve(ctx context.Context) {
	err := h.carrier.Serve(ctx, func(b Bearer, who Peer) {
		l := h.lines[who.Line]
		if l == nil || l.ask(ctx, func() { l.admit(b, who, false) }) != nil {
			// No line for it, or the host is ending; nothing was said over it.
			_ = b.Close()
		}
	})
	if err != nil && ctx.Err() == nil {
		h.cfg.Log.Error("no more connections are taken; dialing goes on", "why", err)
	}
}

// Close gives back what New took. It is for a host that is not run.
func (h *Host) Close() error { return h.carrier.Close() }
