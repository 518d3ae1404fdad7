// SPDX-License-Identifier: Apache-2.0

package tls

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"
)

// Bounds that keep strangers cheap.
const (
	maxHandshakes = 16 // under way at once
	reserved      = 4  // of them for sources that proved themselves before
	maxPerSource  = 4
	maxSources    = 1024 // remembered
	penalty       = 2 * time.Second
	acceptPause   = 50 * time.Millisecond
)

// Listener accepts connections whose certificate VerifyPeer accepts.
type Listener struct {
	l   net.Listener
	cfg Config

	shaking sync.WaitGroup
	mu      sync.Mutex
	under   int                  // handshakes under way
	conns   int                  // proven connections held
	busy    map[string]int       // handshakes under way by source
	until   map[string]time.Time // sources that failed a moment ago
	proven  map[string]bool      // sources that proved themselves
}

// Listen opens a port.
func Listen(addr string, cfg Config) (*Listener, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	return &Listener{l: l, cfg: cfg.withDefaults(), busy: map[string]int{}, until: map[string]time.Time{}, proven: map[string]bool{}}, nil
}

// Addr is the address listened on.
func (l *Listener) Addr() string { return l.l.Addr().String() }

// Close stops listening.
func (l *Listener) Close() error { return l.l.Close() }

// Serve hands every proven connection to accept, in a goroutine of its own,
// until ctx ends or the listener is closed; it then returns nil, after the
// handshakes under way were given up. Handshakes that fail are told to
// failed.
func (l *Listener) Serve(ctx context.Context, accept func(*Conn), failed func(source string, err error)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer l.shaking.Wait()
	defer cancel()
	defer context.AfterFunc(ctx, func() {
		// A listener that cannot be closed is closed already.
		_ = l.l.Close()
	})()
	for {
		raw, err := l.l.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return nil
		case err != nil:
			// Out of file descriptors, or the caller went away meanwhile:
			// neither is a reason to stop listening.
			failed("listener", err)
			select {
			case <-ctx.Done():
				return nil
			case <-time.After(acceptPause):
			}
			continue
		}
		source := sourceOf(raw.RemoteAddr())
		if !l.enter(source) {
			// It has been told nothing and is owed no answer.
			_ = raw.Close()
			continue
		}
		l.shaking.Add(1)
		go l.shake(ctx, raw, source, accept, failed)
	}
}

func (l *Listener) shake(ctx context.Context, raw net.Conn, source string, accept func(*Conn), failed func(string, error)) {
	hctx, cancel := context.WithTimeout(ctx, l.cfg.Handshake)
	c, err := handshake(hctx, tls.Server(raw, l.cfg.tls()), l.cfg)
	cancel()
	if !l.leave(source, err) && err == nil {
		_ = c.c.Close()
		err = errors.New("more proven connections than are held at once")
	}
	l.shaking.Done()
	if err != nil {
		failed(source, err)
		return
	}
	c.freed = l.free
	accept(c)
}

// sourceOf names who dials: an IPv4 address, or the IPv6 network of 64 bits
// within which one caller may have any address.
func sourceOf(addr net.Addr) string {
	ap, err := netip.ParseAddrPort(addr.String())
	if err != nil {
		return addr.String()
	}
	ip := ap.Addr().Unmap().WithZone("")
	if ip.Is6() {
		if p, err := ip.Prefix(64); err == nil {
			return p.String()
		}
	}
	return ip.String()
}

// enter takes a handshake slot, unless there are too many, or this source
// has too many or failed a moment ago while others wait. The last slots are
// for sources that proved themselves before, so that strangers who fill the
// rest do not keep out a peer.
func (l *Listener) enter(source string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	most := maxHandshakes
	if !l.proven[source] {
		most -= reserved
	}
	crowded := l.under > maxHandshakes/2
	if l.under >= most || l.busy[source] >= maxPerSource || crowded && time.Now().Before(l.until[source]) {
		return false
	}
	l.under++
	l.busy[source]++
	return true
}

// leave gives the slot back and reports whether a connection that was proven
// can be held.
func (l *Listener) leave(source string, err error) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.under--
	if l.busy[source]--; l.busy[source] == 0 {
		delete(l.busy, source)
	}
	if err != nil {
		if len(l.until) >= maxSources {
			clear(l.until)
		}
		l.until[source] = time.Now().Add(penalty)
		return false
	}
	delete(l.until, source)
	if len(l.proven) >= maxSources {
		clear(l.proven)
	}
	l.proven[source] = true
	if l.conns >= l.cfg.MaxConns {
		return false
	}
	l.conns++
	return true
}

func (l *Listener) free() {
	l.mu.Lock()
	l.conns--
	l.mu.Unlock()
}
