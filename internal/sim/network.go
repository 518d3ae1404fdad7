// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"fmt"
	"slices"
	"time"

	"openline/internal/station"
)

// conn is one connection between two nodes. What crosses it is whole or does
// not come: integrity is the bearer's, so that a corrupted frame ends it.
type conn struct {
	ends    [2]*node
	ids     [2]station.BearerID
	up      bool
	sent    [2]int
	arrives [2]time.Duration // of the newest frame each way
	cut     [2]bool          // what the first, or the second, sends does not arrive
}

func (w *world) dialLater() {
	w.after(300*time.Millisecond, func() {
		if w.failed == "" {
			w.dial()
			w.dialLater()
		}
	})
}

// dial connects every copy of blue with red where no connection is.
func (w *world) dial() {
	red := w.nodes[1]
	for _, n := range w.nodes {
		if n.party.Number == red.party.Number && n != red || n == red || n.st == nil || red.st == nil || w.plan.Cuts < 0 {
			continue
		}
		if !slices.ContainsFunc(w.conns, func(c *conn) bool { return c.ends == [2]*node{n, red} }) {
			w.connect(n, red)
		}
	}
	for _, n := range w.nodes[2:] {
		blue := w.nodes[0]
		if n.party.Number == red.party.Number && n.st != nil && blue.st != nil &&
			!slices.ContainsFunc(w.conns, func(c *conn) bool { return c.ends == [2]*node{blue, n} }) {
			w.connect(blue, n)
		}
	}
}

func (w *world) connect(a, b *node) {
	c := &conn{ends: [2]*node{a, b}, ids: [2]station.BearerID{w.nextID + 1, w.nextID + 2}, up: true}
	w.nextID += 2
	w.conns = append(w.conns, c)
	exporter := fmt.Appendf(nil, "connection %d", c.ids[0])
	for i, n := range c.ends {
		if c.up {
			n.step(station.BearerUp{ID: c.ids[i], Peer: c.ends[1-i].party.Number, Name: "tls", Dialer: i == 0, Exporter: exporter, PeerCard: c.ends[1-i].issued.Note, Rate: w.rate})
		}
	}
}

func (w *world) connOf(n *node, id station.BearerID) (*conn, int) {
	for _, c := range w.conns {
		for i := range c.ends {
			if c.ends[i] == n && c.ids[i] == id {
				return c, i
			}
		}
	}
	return nil, 0
}

// close ends a connection; each end that still has it is told.
func (w *world) close(c *conn, why string, except *node) {
	if !c.up {
		return
	}
	c.up = false
	w.conns = slices.DeleteFunc(w.conns, func(o *conn) bool { return o == c })
	for i, n := range c.ends {
		if n != except {
			id, life := c.ids[i], n.life
			w.after(w.between(0, 50*time.Millisecond), func() {
				if n.life == life {
					n.step(station.BearerDown{ID: id, Why: why})
				}
			})
		}
	}
}

func (w *world) hangup(n *node, id station.BearerID) {
	if c, _ := w.connOf(n, id); c != nil {
		w.close(c, "the other side hung up", n)
	}
}

func (w *world) dropConns(n *node) {
	for _, c := range slices.Clone(w.conns) {
		if c.ends[0] == n || c.ends[1] == n {
			w.close(c, "connection reset", n)
		}
	}
}

func (w *world) send(n *node, e station.Send) {
	c, i := w.connOf(n, e.ID)
	if c == nil {
		return
	}
	frames := e.Frames
	w.leaves(n, frames)
	if n.liar && !w.healing {
		frames = w.lie(n, c.ends[1-i], frames, c.sent[i] == 0)
	}
	for _, f := range frames {
		w.transmit(c, i, f)
	}
}

// transmit puts a frame on the wire. The first one, the hello, comes or the
// connection is none.
func (w *world) transmit(c *conn, i int, f []byte) {
	p := &w.plan
	first := c.sent[i] == 0
	c.sent[i]++
	if w.healing {
		w.deliver(c, i, f, w.between(0, 20*time.Millisecond), true)
		return
	}
	switch {
	case c.cut[i]:
		return
	case !first && w.chance(p.Loss):
		return
	case !first && w.chance(p.Corrupt):
		w.close(c, "bad record", nil)
		return
	}
	delay := w.between(0, p.Delay)
	w.deliver(c, i, f, delay, first || !w.chance(p.Reorder))
	if !first && w.chance(p.Double) {
		w.deliver(c, i, f, delay+w.between(0, p.Delay), false)
	}
}

func (w *world) deliver(c *conn, i int, f []byte, delay time.Duration, inOrder bool) {
	at := w.now + delay
	if w.rate > 0 {
		at = max(w.now, c.arrives[i]) + time.Duration(len(f))*time.Second/time.Duration(w.rate)
		c.arrives[i] = at
	} else if inOrder {
		at = max(at, c.arrives[i])
		c.arrives[i] = at
	} else {
		at = max(at, c.arrives[i]-w.plan.Delay, w.now)
	}
	to, id := c.ends[1-i], c.ids[1-i]
	w.after(at-w.now, func() {
		if c.up {
			to.step(station.Frame{ID: id, Bytes: f})
		}
	})
}
