// SPDX-License-Identifier: Apache-2.0

package link

import (
	"time"

	"openline/record"
)

type log struct {
	party      record.PartyNo
	generation uint32
}

// flight is the packages of one direction that their receiver has not said
// it holds.
type flight struct {
	list  []sent
	bytes int
}

type sent struct {
	through Have
	cost    int
}

// charge is what a package counts for: its bytes, and never so little that
// very many could be under way.
func charge(payload []byte) int { return max(len(payload), MinCharge) }

func (f *flight) add(through Have, cost int) {
	f.list = append(f.list, sent{through, cost})
	f.bytes += cost
}

// cover takes out what the receiver now holds and gives its bytes.
func (f *flight) cover(holds []Have) (freed int) {
	if len(f.list) == 0 {
		return 0
	}
	sizes := make(map[log]uint64, len(holds))
	for _, h := range holds {
		l := log{h.Party, h.Generation}
		sizes[l] = max(sizes[l], h.Size)
	}
	kept := f.list[:0]
	for _, s := range f.list {
		if size, ok := sizes[log{s.through.Party, s.through.Generation}]; ok && size >= s.through.Size {
			freed += s.cost
		} else {
			kept = append(kept, s)
		}
	}
	f.list = kept
	f.bytes -= freed
	return freed
}

// forget drops the oldest beyond most bytes: time has paid for them.
func (f *flight) forget(most int) {
	n := 0
	for f.bytes > most {
		f.bytes -= f.list[n].cost
		n++
	}
	f.list = f.list[n:]
}

// credit is spent by the peer and given back by time, up to a most.
type credit struct {
	rate, most, left float64
	at               time.Duration
}

func newCredit(rate, most float64, now time.Duration) credit { return credit{rate, most, most, now} }

func (c *credit) spend(cost float64, now time.Duration) bool {
	if now > c.at {
		c.left = min(c.most, c.left+c.rate*(now-c.at).Seconds())
		c.at = now
	}
	c.left -= cost
	return c.left >= 0
}

func (c *credit) giveBack(n float64) { c.left = min(c.most, c.left+n) }

// pings remembers when the newest few were sent, so that a pong slower than
// the interval still tells the round trip.
type pings struct {
	no     uint64 // of the newest; 0: none was sent
	last   uint64 // the newest answered
	at     time.Duration
	sentAt [8]time.Duration
}

func (p *pings) send(now time.Duration) uint64 {
	p.no++
	p.at = now
	p.sentAt[p.no%uint64(len(p.sentAt))] = now
	return p.no
}

func (p *pings) answered(n uint64, now time.Duration) (rtt time.Duration, ok bool) {
	if n <= p.last || n > p.no || p.no-n >= uint64(len(p.sentAt)) {
		return 0, false
	}
	p.last = n
	return now - p.sentAt[n%uint64(len(p.sentAt))], true
}
