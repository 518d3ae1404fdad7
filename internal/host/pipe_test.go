// SPDX-License-Identifier: Apache-2.0

package host_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"

	"openline/identity"
	"openline/internal/host"
	"openline/internal/host/hosttest"
	"openline/internal/station/stationtest"
	"openline/internal/store"
	"openline/record"
	"openline/tlog"
)

// network is a world of pipes between stations, by their addresses.
type network struct {
	mu      sync.Mutex
	w       *hosttest.World
	accept  map[string]func(host.Bearer, host.Peer)
	open    []*pipe
	healed  chan struct{} // closed while frames and dials go through
	frozen  chan struct{}
	dials   int
	session int
}

func newNetwork(w *hosttest.World) *network {
	n := &network{w: w, accept: map[string]func(host.Bearer, host.Peer){}, healed: make(chan struct{})}
	close(n.healed)
	return n
}

// cut makes every frame vanish and every dial hang, as behind a dead router;
// reset also ends the connections, as behind a dead process.
func (n *network) cut(reset bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.healed = make(chan struct{})
	for _, p := range n.open {
		if reset {
			p.end()
		}
		p.drop()
	}
	n.open = nil
}

// freeze keeps every open connection from being read.
func (n *network) freeze() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.frozen = make(chan struct{})
	for _, p := range n.open {
		p.frozen.Store(&n.frozen)
	}
}

func (n *network) thaw() {
	n.mu.Lock()
	defer n.mu.Unlock()
	close(n.frozen)
}

func (n *network) heal() {
	n.mu.Lock()
	defer n.mu.Unlock()
	close(n.healed)
}

func (n *network) dialed() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.dials
}

// port is one station's carrier.
type port struct {
	n     *network
	short string
}

func (p port) Name() string { return "pipe" }

func (p port) Close() error { return nil }

func (p port) Serve(ctx context.Context, accept func(host.Bearer, host.Peer)) error {
	addr := p.n.w.Party(p.short).Addr
	p.n.mu.Lock()
	p.n.accept[addr] = accept
	p.n.mu.Unlock()
	<-ctx.Done()
	p.n.mu.Lock()
	delete(p.n.accept, addr)
	p.n.mu.Unlock()
	return nil
}

func (p port) Dial(ctx context.Context, line identity.LineID, no record.PartyNo, addr string) (host.Bearer, host.Peer, error) {
	n := p.n
	n.mu.Lock()
	n.dials++
	healed := n.healed
	n.mu.Unlock()
	select {
	case <-healed:
	case <-ctx.Done():
		return nil, host.Peer{}, ctx.Err()
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	accept := n.accept[addr]
	if accept == nil {
		return nil, host.Peer{}, errors.New("connection refused")
	}
	n.session++
	exporter := sha256.Sum256(fmt.Append(nil, n.session))
	me := n.w.Party(p.short)
	var other *hosttest.Party
	for _, short := range []string{"blue", "red"} {
		if o := n.w.Party(short); o.No == no {
			other = o
		}
	}
	here, there := newPipe()
	n.open = append(n.open, here, there)
	go accept(there, host.Peer{Line: line, No: me.No, Card: me.Card, Exporter: exporter[:]})
	return here, host.Peer{Line: line, No: other.No, Card: other.Card, Exporter: exporter[:]}, nil
}

// pipe is one end of a connection.
type pipe struct {
	in, out chan []byte
	ended   *sync.Once
	gone    chan struct{}
	dropped sync.Once
	dead    chan struct{} // frames vanish
	frozen  atomic.Pointer[chan struct{}]
}

func newPipe() (a, b *pipe) {
	x, y, gone, ended := make(chan []byte, 64), make(chan []byte, 64), make(chan struct{}), &sync.Once{}
	return &pipe{in: x, out: y, gone: gone, ended: ended, dead: make(chan struct{})}, &pipe{in: y, out: x, gone: gone, ended: ended, dead: make(chan struct{})}
}

func (p *pipe) end() { p.ended.Do(func() { close(p.gone) }) }

func (p *pipe) drop() { p.dropped.Do(func() { close(p.dead) }) }

func (p *pipe) Close() error {
	p.end()
	return nil
}

func (p *pipe) ReadFrame() ([]byte, error) {
	if frozen := p.frozen.Load(); frozen != nil {
		select {
		case <-*frozen:
		case <-p.gone:
			return nil, io.EOF
		}
	}
	select {
	case f := <-p.in:
		return f, nil
	case <-p.gone:
		return nil, io.EOF
	}
}

func (p *pipe) WriteFrames(frames [][]byte) error {
	for _, f := range frames {
		select {
		case <-p.dead:
			continue
		default:
		}
		select {
		case p.out <- append([]byte(nil), f...):
		case <-p.dead:
		case <-p.gone:
			return io.ErrClosedPipe
		}
	}
	return nil
}

// memory is a store in memory, for one line.
type memory struct {
	mu     sync.Mutex
	disk   *stationtest.Disk
	before func() error // called before every save
}

func newMemory() *memory { return &memory{disk: stationtest.NewDisk()} }

func (m *memory) Load(identity.LineID) (store.Saved, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.disk.Load(), nil
}

func (m *memory) Save(b store.Batch) error {
	if m.before != nil {
		if err := m.before(); err != nil {
			return err
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.disk.Save(b)
}

func (m *memory) Reader(identity.LineID) host.Reader { return (*memoryReader)(m) }

type memoryReader memory

func (r *memoryReader) Entries(log store.LogID, from uint64, max, maxBytes int) ([]record.Entry, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.disk.Entries(log, from, max, maxBytes)
}

func (r *memoryReader) RemovedBy(log store.LogID, index uint64) (record.Ref, bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.disk.RemovedBy(log, index)
}

func (r *memoryReader) Unwiped() (int, error) { return 0, nil }

func (r *memoryReader) Hashes(log store.LogID) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([][32]byte, error) {
		r.mu.Lock()
		defer r.mu.Unlock()
		return r.disk.Hashes(log).ReadHashes(indexes)
	})
}

func (r *memoryReader) JournalHashes() tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([][32]byte, error) {
		r.mu.Lock()
		defer r.mu.Unlock()
		return r.disk.JournalHashes().ReadHashes(indexes)
	})
}

func (r *memoryReader) Journal(from uint64, max int) ([][]byte, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := r.disk.JournalEntries()
	from = min(from, uint64(len(all)))
	return all[from:min(from+uint64(max), uint64(len(all)))], nil
}

func (r *memoryReader) Accusations() ([][]byte, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.disk.Accusations(), nil
}

func (r *memoryReader) About(thing record.Ref) ([]store.Located, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.disk.About(thing)
}

func (r *memoryReader) Find(party record.PartyNo, leaf [32]byte) (store.Located, bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.disk.Find(party, leaf)
}

func (r *memoryReader) FirstStatement(log, by store.LogID, size uint64, pq bool) (store.Statement, bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.disk.FirstStatement(log, by, size, pq)
}

func (r *memoryReader) NewestStatement(log, by store.LogID, pq bool) (store.Statement, bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.disk.NewestStatement(log, by, pq)
}

func (r *memoryReader) StatementAt(log, by store.LogID, size uint64, pq bool) (store.Statement, bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.disk.StatementAt(log, by, size, pq)
}

func (r *memoryReader) Token(token string) (store.Token, bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.disk.Token(token)
}

func (r *memoryReader) Blob(digest [32]byte) (store.Blob, bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.disk.Blob(digest)
}

func (r *memoryReader) Piece(digest [32]byte, offset uint64, most int) ([]byte, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.disk.Piece(digest, offset, most)
}

func (r *memoryReader) Attached(log store.LogID, from uint64, max int) ([]uint64, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.disk.Attached(log, from, max)
}
