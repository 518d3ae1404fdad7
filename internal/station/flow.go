// SPDX-License-Identifier: Apache-2.0

package station

import (
	"fmt"
	"time"

	"openline/agreement"
	"openline/mirror"
	"openline/record"
)

// bucket bounds a rate: it fills by itself up to a size, and each thing
// takes one out of it. It may be overdrawn by one taking.
type bucket struct {
	level, size, perMinute float64
	at                     time.Duration
}

func fullBucket(perMinute float64, now time.Duration) bucket {
	return bucket{level: perMinute, size: perMinute, perMinute: perMinute, at: now}
}

// holding makes the bucket hold more than a minute's worth.
func (b bucket) holding(n float64) bucket {
	b.level, b.size = n, n
	return b
}

func (b *bucket) fill(now time.Duration, atLeast time.Duration) {
	b.level = min(b.size, b.level+b.perMinute*max(now-b.at, atLeast).Minutes())
	b.at = max(b.at, now)
}

// take reports whether n may pass now: something is left, though it be less.
func (b *bucket) take(n int, now time.Duration) bool {
	b.fill(now, 0)
	if b.level <= 0 {
		return false
	}
	b.level -= float64(n)
	return true
}

// readyAt is when something is left again.
func (b *bucket) readyAt() time.Duration {
	if b.level > 0 {
		return b.at
	}
	return b.at + time.Duration((1-b.level)/b.perMinute*float64(time.Minute))
}

func (s *Station) perMinute(a *agreement.Agreement) float64 {
	return float64(a.Ceilings.RecordsPerMinute)
}

// largestRate is the larger ceiling of the signed versions, which holds on
// receipt.
func (s *Station) largestRate() float64 {
	rate := 0.0
	for _, a := range s.cfg.Agreements.All() {
		rate = max(rate, s.perMinute(a))
	}
	return rate
}

// flow bounds how fast a party's records are taken. What was written over
// days and comes at once after a cut passes, because its leaves say so; a
// flood waits with its author: not taken, not receipted, not lost.
type flow struct {
	bucket
	leaf record.Stamp // of the newest record counted
}

// admit reports whether a package may be taken now.
func (s *Station) admit(p *peer, pkg mirror.Package) bool {
	held, _ := p.mirror.Position(pkg.Log.Generation)
	end := pkg.From + uint64(len(pkg.Entries))
	if end <= held || pkg.From > held {
		return true // the mirror says what is wrong with it
	}
	f := &p.flow
	written := time.Duration(0)
	if l, err := record.DecodeLeaf(pkg.Entries[len(pkg.Entries)-1].Leaf); err == nil {
		// A leaf from the future fills nothing until that hour comes.
		at := min(l.Time, s.now.stamp()+record.Stamp(s.text.Ceilings.ClockDifference/time.Second))
		if at > f.leaf && f.leaf > 0 {
			written = time.Duration(at-f.leaf) * time.Second
		}
		f.leaf = max(f.leaf, at)
	}
	f.fill(s.now.Mono, written)
	if !f.take(int(end-held), s.now.Mono) {
		s.notReceipted(p, fmt.Errorf("more than %d records a minute; the rest waits with its author", int(s.largestRate())))
		return false
	}
	return true
}
