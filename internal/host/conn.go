// SPDX-License-Identifier: Apache-2.0

package host

import (
	"sync"

	"openline/internal/station"
)

// conn is one bearer of a line with its writer's queue.
type conn struct {
	id     station.BearerID
	peer   *peer
	dialed bool // we dialed it
	b      Bearer

	// Owned by the line.
	up              bool   // the station has accepted its hello
	session         string // the same at both ends
	sent, delivered uint64 // frames

	mu     sync.Mutex
	queue  [][]byte
	bytes  int
	ending bool
	why    string // it was closed; the first reason
	wake   chan struct{}
	gone   chan struct{} // closed with the connection
}

func newConn(id station.BearerID, p *peer, dialed bool, b Bearer) *conn {
	return &conn{id: id, peer: p, dialed: dialed, b: b, wake: make(chan struct{}, 1), gone: make(chan struct{})}
}

// send queues frames for the writer; false: the peer does not take what is
// written, and the connection must go.
func (c *conn) send(frames [][]byte) bool {
	c.mu.Lock()
	for _, f := range frames {
		c.bytes += len(f)
	}
	c.queue = append(c.queue, frames...)
	ok := c.bytes <= maxUnwritten
	c.mu.Unlock()
	c.nudge()
	return ok
}

// finish closes the connection once what is queued has been written.
func (c *conn) finish() {
	c.mu.Lock()
	c.ending = true
	c.mu.Unlock()
	c.nudge()
}

func (c *conn) nudge() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// unwritten reports whether anything still waits to be written.
func (c *conn) unwritten() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.bytes > 0
}

// write is the writer's goroutine: all that waits goes out in one write. It
// tells idle when nothing waits any more.
func (c *conn) write(idle func()) {
	for {
		c.mu.Lock()
		frames, ending := c.queue, c.ending
		c.queue = nil
		c.mu.Unlock()
		if len(frames) == 0 {
			if ending {
				c.close("closed here")
				return
			}
			select {
			case <-c.wake:
				continue
			case <-c.gone:
				return
			}
		}
		if err := c.b.WriteFrames(frames); err != nil {
			c.close(err.Error())
			return
		}
		c.mu.Lock()
		for _, f := range frames {
			c.bytes -= len(f)
		}
		all := c.bytes == 0
		c.mu.Unlock()
		if all {
			idle()
		}
	}
}

// close ends the connection; the reader then tells the station why.
func (c *conn) close(why string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.why != "" {
		return
	}
	c.why = why
	close(c.gone)
	// A connection that is given up has nothing more to tell.
	_ = c.b.Close()
}

// read is the reader's goroutine: it takes each frame to the station itself,
// so that a flood waits in the peer's own connection. take gives false when
// the station has ended.
func (c *conn) read(take func(station.Event) bool) {
	for {
		f, err := c.b.ReadFrame()
		if err != nil {
			c.close(err.Error())
			take(station.BearerDown{ID: c.id, Why: c.why})
			return
		}
		if !take(station.Frame{ID: c.id, Bytes: f}) {
			return
		}
	}
}
