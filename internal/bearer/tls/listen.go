// SPDX-License-Identifier: Apache-2.0

package tls

import (
	"context"
	"crypto/tls"
	"net"
	"sync"
	"time"
)

// Bounds that keep strangers cheap.
const (
	maxHandshakes = 16
	maxPerSource  = 4
	penalty       = 2 * time.Second
)

// Listener accepts connections whose certificate VerifyPeer accepts.
type Listener struct {
	l   net.Listener
	cfg Config

	slots chan struct{}
	mu    sync.Mutex
	busy  map[string]int       // handshakes under way by source
	until map[string]time.Time // sources that failed a moment ago
}

// Listen opens a port.
func Listen(addr string, cfg Config) (*Listener, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	return &Listener{l: l, cfg: cfg.withDefaults(), slots: make(chan struct{}, maxHandshakes), busy: map[string]int{}, until: map[string]time.Time{}}, nil
}

// Addr is the address listened on.
func (l *Listener) Addr() string { return l.l.Addr().String() }

// Close stops listening.
func (l *Listener) Close() error { return l.l.Close() }

// Serve hands every proven connection to accept, until the listener is
// closed. Handshakes that fail are told to failed.
func (l *Listener) Serve(ctx context.Context, accept func(*Conn), failed func(source string, err error)) error {
	for {
		raw, err := l.l.Accept()
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		source := sourceOf(raw)
		if !l.enter(source) {
			raw.Close()
			continue
		}
		go l.shake(ctx, raw, source, accept, failed)
	}
}

func (l *Listener) shake(ctx context.Context, raw net.Conn, source string, accept func(*Conn), failed func(string, error)) {
	hctx, cancel := context.WithTimeout(ctx, l.cfg.Handshake)
	c, err := handshake(hctx, tls.Server(raw, l.cfg.tls()), l.cfg)
	cancel()
	l.leave(source, err)
	if err != nil {
		failed(source, err)
		return
	}
	accept(c)
}

func sourceOf(c net.Conn) string {
	host, _, err := net.SplitHostPort(c.RemoteAddr().String())
	if err != nil {
		return c.RemoteAddr().String()
	}
	return host
}

// enter takes a handshake slot, unless there are too many, or this source
// has too many or failed a moment ago while others wait.
func (l *Listener) enter(source string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	crowded := len(l.slots) > maxHandshakes/2
	if l.busy[source] >= maxPerSource || crowded && time.Now().Before(l.until[source]) {
		return false
	}
	select {
	case l.slots <- struct{}{}:
		l.busy[source]++
		return true
	default:
		return false
	}
}

func (l *Listener) leave(source string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	<-l.slots
	if l.busy[source]--; l.busy[source] == 0 {
		delete(l.busy, source)
	}
	if err == nil {
		delete(l.until, source)
		return
	}
	if len(l.until) > 1024 {
		clear(l.until)
	}
	l.until[source] = time.Now().Add(penalty)
}
