// SPDX-License-Identifier: Apache-2.0

package host

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"openline/identity"
	"openline/record"
)

// peer is another party of a line, as the host reaches it.
type peer struct {
	no      record.PartyNo
	name    identity.Party
	key     identity.PartyKey
	addrs   []string
	carrier string

	live       atomic.Int32  // connections, greeted or not
	generation atomic.Uint32 // newest one known here
	wake       chan struct{}

	away  atomic.Bool // taken off the line by hand
	tried atomic.Uint64
}

func (p *peer) nudge() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// proven notes the generation of a card the station has taken.
func (p *peer) proven(card []byte) {
	if c, err := identity.UnsafeParseStationCard(card); err == nil {
		p.generation.Store(max(p.generation.Load(), c.Generation))
	}
}

// dialer keeps a peer connected: "a new dial every 200-400 ms while down,
// attempts overlapping, each with its own deadline".
type dialer struct {
	line    *line
	peer    *peer
	carrier Carrier
	log     *slog.Logger

	mu   sync.Mutex
	told string    // what was logged of it last
	at   time.Time // and when
}

func (d *dialer) run(ctx context.Context) {
	var attempts sync.WaitGroup
	defer attempts.Wait()
	room := make(chan struct{}, maxAttempts)
	pause := time.NewTimer(0)
	defer pause.Stop()
	next := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-d.peer.wake:
		case <-pause.C:
		}
		if d.peer.live.Load() > 0 || d.peer.away.Load() {
			continue // it wakes us when it goes down
		}
		// A peer that hangs up at once is not dialed more often for it.
		if wait := time.Until(next); wait > 0 {
			pause.Reset(wait)
			continue
		}
		wait := dialEvery + rand.N(dialEvery)
		next = time.Now().Add(wait)
		pause.Reset(wait)
		select {
		case room <- struct{}{}:
			attempts.Go(func() {
				defer func() { <-room }()
				d.attempt(ctx)
			})
		default: // as many as may be are under way
		}
	}
}

func (d *dialer) attempt(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, dialWithin)
	defer cancel()
	addr := d.peer.addrs[d.peer.tried.Add(1)%uint64(len(d.peer.addrs))]
	b, who, err := d.carrier.Dial(ctx, d.line.id, d.peer.no, addr)
	if err != nil {
		if !errors.Is(ctx.Err(), context.Canceled) {
			d.tell(addr, err)
		}
		return
	}
	if d.line.ask(ctx, func() { d.line.admit(b, who, true) }) != nil {
		// The host is ending; nothing was said over it.
		_ = b.Close()
	}
}

// tell logs why a dial came to nothing: a new reason after ten seconds, the
// same one after a minute.
func (d *dialer) tell(addr string, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	since := time.Since(d.at)
	if since > time.Minute || since > 10*time.Second && d.told != err.Error() {
		d.told, d.at = err.Error(), time.Now()
		d.log.Info("not connected; dialing on", "peer", d.peer.name, "address", addr, "why", err)
	}
}
