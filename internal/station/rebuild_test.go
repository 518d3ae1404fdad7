// SPDX-License-Identifier: Apache-2.0

package station_test

import (
	"fmt"
	"testing"

	"openline/internal/station"
	"openline/internal/station/stationtest"
	"openline/record"
)

// What is rebuilt from the records alone is what was cached; a cache that is
// spoilt is found out, and one of another format is not used.
func TestRebuild(t *testing.T) {
	b := newBench(t, stationtest.Terms{})
	b.sides[0].tweak = func(c *station.Config) { c.SnapshotEvery = 5 }
	b.start()
	blue, red := b.sides[0], b.sides[1]
	for i := range 6 {
		blue.say(fmt.Sprint("ask ", i), station.Draft{Code: "DS01", From: "watch", Salt: [16]byte{byte(i)}, Params: map[string]record.Value{
			"position": record.Array(record.Int(2450000), record.Int(11970000)), "kind": record.Text("ship"), "help": record.Text("asked")}})
		b.settle()
		if asked := record.ByNumber(1, blue.lastTold(fmt.Sprint("ask ", i)).Results[0].Number); i%2 == 0 {
			red.say(fmt.Sprint("had ", i), station.Draft{Code: "RC01", From: "watch", Re: []record.Ref{asked}, Salt: [16]byte{byte(i)}})
			b.settle()
		}
	}
	saved := blue.disk.Load()
	if len(saved.Snapshot) == 0 {
		t.Fatal("nothing was cached")
	}
	r, err := station.Rebuild(blue.config(), saved, blue.clock())
	if err != nil {
		t.Fatal(err)
	}
	if r.Digest != blue.st.Digest() || !r.Cached || !r.Same || r.Things != 6 || r.Records == 0 {
		t.Errorf("rebuilt %+v, the station reads %x", r, blue.st.Digest())
	}
	saved.Snapshot = r.State
	if again, err := station.Rebuild(blue.config(), saved, blue.clock()); err != nil || !again.Same {
		t.Errorf("what was rebuilt is not the same again: %+v, %v", again, err)
	}
	for i := range saved.Snapshot {
		bad := append([]byte(nil), r.State...)
		bad[i] ^= 1
		saved.Snapshot = bad
		again, err := station.Rebuild(blue.config(), saved, blue.clock())
		if err != nil {
			t.Fatalf("with byte %d spoilt: %v", i, err)
		}
		if string(again.State) != string(r.State) {
			t.Fatalf("with byte %d of the cache spoilt something else is rebuilt", i)
		}
	}
	saved.Snapshot = []byte("of another time")
	if again, err := station.Rebuild(blue.config(), saved, blue.clock()); err != nil || again.Cached || again.Same {
		t.Errorf("of another format: %+v, %v", again, err)
	}
}
