// SPDX-License-Identifier: Apache-2.0

package host

import (
	"errors"
	"sync"
	"time"

	"openline/identity"
	"openline/internal/station"
)

// News is one thing that happened on a line, told after it was durable.
type News struct {
	Seq  uint64 // counts the news of this run of this line
	Line identity.LineID
	At   time.Time
	station.Happened
}

// ErrTooMany is the answer to one subscriber more than a line has room for.
var ErrTooMany = errors.New("too many are listening to this line; close another listener first")

// news hands what happened to whoever listens. A listener that does not keep
// up loses its channel, and sees so by its end; it never holds up the line.
type news struct {
	line  identity.LineID
	clock Clock

	mu     sync.Mutex
	seq    uint64
	ended  bool
	listen map[chan News]struct{}
}

func (n *news) publish(h station.Happened) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.seq++
	if len(n.listen) == 0 {
		return
	}
	item := News{Seq: n.seq, Line: n.line, At: n.clock.Now().Wall, Happened: h}
	for ch := range n.listen {
		select {
		case ch <- item:
		default:
			delete(n.listen, ch)
			close(ch)
		}
	}
}

func (n *news) subscribe(room int) (<-chan News, func(), error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	ch := make(chan News, room)
	if n.ended {
		close(ch)
		return ch, func() {}, nil
	}
	if len(n.listen) >= maxSubscribed {
		return nil, nil, ErrTooMany
	}
	if n.listen == nil {
		n.listen = map[chan News]struct{}{}
	}
	n.listen[ch] = struct{}{}
	return ch, func() { n.leave(ch) }, nil
}

func (n *news) leave(ch chan News) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if _, ok := n.listen[ch]; ok {
		delete(n.listen, ch)
		close(ch)
	}
}

func (n *news) close() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.ended = true
	for ch := range n.listen {
		close(ch)
	}
	clear(n.listen)
}
