// SPDX-License-Identifier: Apache-2.0

package station_test

import (
	"testing"

	"openline/internal/station"
	"openline/internal/station/stationtest"
	"openline/line"
	"openline/record"
)

// While the wire is cut blue asks, then adopts the next version, and red
// adopts it too: neither adoption knew of the other, and the request lies
// across both. It stays under the version it was opened under; the reply is
// red's under the new one; both sides read the same.
func TestRequestAcrossCrossedAdoption(t *testing.T) {
	b := newBench(t, stationtest.Terms{Versions: 2})
	b.start()
	blue, red := b.sides[0], b.sides[1]
	b.cut()
	asked := request(t, b)
	digest := b.line.Agreements.Version(2).Digest()
	for _, s := range b.sides {
		d, act, err := s.st.Prepare(station.Draft{Code: "AD01", From: "secretary", Params: map[string]record.Value{
			"version": record.Uint(2), "digest": record.Bytes(digest[:])}, Salt: [16]byte{4}})
		if err != nil {
			t.Fatal(err)
		}
		d.People = signed(act, "ann", "ben")
		s.say("adopt", d)
		b.settle()
		if err := s.lastTold("adopt").Err; err != nil {
			t.Fatal(err)
		}
	}
	b.connect()
	b.settle()
	red.say("reply", station.Draft{Code: "HD02", From: "secretary", Re: []record.Ref{asked}, Params: map[string]record.Value{"until": record.Uint(epoch + 3600)}, Salt: [16]byte{6}})
	b.settle()
	told := red.lastTold("reply")
	if told.Err != nil {
		t.Fatal(told.Err)
	}
	version := func(s *side, number uint64) uint32 {
		_, entries := s.disk.Log(s.log())
		return entries[number-1].Decode().Leaf.Agreement
	}
	if v, w := version(blue, asked.Number), version(red, told.Results[0].Number); v != 1 || w != 2 {
		t.Errorf("asked under version %d, answered under %d", v, w)
	}
	for _, s := range b.sides {
		v := s.st.View(s.clock())
		if len(v.Awaiting) != 1 || v.Awaiting[0].Thing != asked || v.Awaiting[0].Outcome != line.Held {
			t.Errorf("%s reads %+v", s.party.Short, v.Awaiting)
		}
	}
	if blue.st.Digest() != red.st.Digest() {
		t.Error("the two sides read it differently")
	}
}
