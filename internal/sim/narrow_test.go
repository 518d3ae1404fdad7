// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"math/rand/v2"
	"testing"
	"time"

	"openline/internal/station"
	"openline/internal/store"
	"openline/record"
)

// "2,000 records behind at 1,200 bit/s: FLASH on the watch's screen within
// 60 s, a person's acknowledgement back within 120 s." With real keys: a
// hello and every ML-DSA signature take their time on such a bearer.
func TestFlashOnANarrowBearer(t *testing.T) {
	w := &world{rng: rand.New(rand.NewPCG(1, 1)), trace: &trace{keepAll: true}, plan: Plan{RealKeys: true, Mark: [2]bool{true, true}}}
	w.monitor = newMonitor(w)
	if err := w.open(); err != nil {
		t.Fatal(err)
	}
	w.run(10 * time.Second)
	blue, red := w.nodes[0], w.nodes[1]
	w.plan.Cuts = -1 // nobody dials
	for _, c := range w.conns {
		w.close(c, "cut", nil)
	}
	for i := range 100 {
		drafts := make([]station.Draft, 20)
		for j := range drafts {
			drafts[j] = station.Draft{Code: "TX01", From: "secretary", Text: "one of two thousand routine records", Salt: w.salt()}
		}
		blue.step(station.Say{Token: string(rune('a' + i)), Drafts: drafts})
	}
	w.run(w.now + 10*time.Minute)
	blue.step(station.Say{Token: "flash", Drafts: []station.Draft{{Code: "DS01", From: "watch", Params: map[string]record.Value{
		"position": record.Array(record.Int(1), record.Int(2)), "kind": record.Text("ship"), "help": record.Text("asked")}, Salt: w.salt()}}})
	w.run(w.now + time.Second)
	id := w.logOf(blue)
	log, entries := blue.disk.Log(id)
	theirs, _ := red.disk.Log(id)
	if behind := log.Size - theirs.Size; behind < 2000 {
		t.Fatalf("%d records behind", behind)
	}
	w.rate, w.plan.Cuts = 150, 0
	began := w.now
	shown := waitFor(w, 60*time.Second, func() bool { return len(red.disk.Load().Ahead) > 0 })
	if shown < 0 {
		t.Fatal("FLASH is not on the screen within 60 s\n" + w.trace.String())
	}
	hash := record.LeafHash(entries[len(entries)-1].Leaf)
	red.step(station.Say{Token: "ack", Drafts: []station.Draft{{Code: "RC01", From: "watch", Re: []record.Ref{record.ByHash(1, hash)}, Salt: w.salt()}}})
	size := func() uint64 {
		l, _ := blue.disk.Log(store.LogID{Party: 2, Generation: 1})
		return l.Size
	}
	before := size()
	acked := waitFor(w, began+120*time.Second-w.now, func() bool { return size() > before })
	if acked < 0 || w.failed != "" {
		t.Fatalf("no acknowledgement within 120 s; %s", w.failed)
	}
	t.Logf("FLASH on the screen after %v, acknowledged after %v", shown.Round(time.Second), (shown + acked).Round(time.Second))
}

// waitFor lets the world go on until something holds, and says how long it
// took; negative if it did not.
func waitFor(w *world, limit time.Duration, holds func() bool) time.Duration {
	began := w.now
	for w.now-began < limit && w.failed == "" {
		w.run(w.now + 100*time.Millisecond)
		if holds() {
			return w.now - began
		}
	}
	return -1
}
