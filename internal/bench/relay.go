// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
)

// relay is a wire between two stations that counts what it carries and can be
// cut.
type relay struct {
	l      net.Listener
	target string
	up     atomic.Bool
	bytes  atomic.Int64 // both ways

	mu    sync.Mutex
	conns map[net.Conn]bool
	group sync.WaitGroup
}

func newRelay(target string) (*relay, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &relay{l: l, target: target, conns: map[net.Conn]bool{}}
	r.up.Store(true)
	r.group.Go(r.serve)
	return r, nil
}

func (r *relay) addr() string { return r.l.Addr().String() }

func (r *relay) serve() {
	for {
		in, err := r.l.Accept()
		if err != nil {
			return
		}
		if !r.up.Load() {
			in.Close()
			continue
		}
		out, err := net.Dial("tcp", r.target)
		if err != nil {
			in.Close()
			continue
		}
		r.hold(in, out)
		r.group.Go(func() { r.copy(out, in) })
		r.group.Go(func() { r.copy(in, out) })
	}
}

func (r *relay) hold(list ...net.Conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range list {
		r.conns[c] = true
	}
}

func (r *relay) copy(to, from net.Conn) {
	// Either end may close at any time; that is what a wire does.
	_, _ = io.Copy(counted{to, &r.bytes}, from)
	to.Close()
	from.Close()
	r.mu.Lock()
	delete(r.conns, to)
	delete(r.conns, from)
	r.mu.Unlock()
}

type counted struct {
	io.Writer
	n *atomic.Int64
}

func (c counted) Write(b []byte) (int, error) {
	n, err := c.Writer.Write(b)
	c.n.Add(int64(n))
	return n, err
}

// cut ends every connection and takes no new one until restore.
func (r *relay) cut() {
	r.up.Store(false)
	r.mu.Lock()
	defer r.mu.Unlock()
	for c := range r.conns {
		c.Close()
	}
}

func (r *relay) restore() { r.up.Store(true) }

func (r *relay) close() {
	r.l.Close()
	r.cut()
	r.group.Wait()
}
