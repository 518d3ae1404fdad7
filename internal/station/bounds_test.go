// SPDX-License-Identifier: Apache-2.0

package station_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"openline/identity"
	"openline/internal/station"
	"openline/internal/station/stationtest"
	"openline/mirror"
	"openline/record"
	"openline/tlog"
)

// Our own words wait for the ceiling; FLASH does not.
func TestOwnPace(t *testing.T) {
	b := newBench(t, stationtest.Terms{PerMinute: 10})
	b.start()
	blue, red := b.sides[0], b.sides[1]
	start := blue.size()
	for i := range 30 {
		blue.say(fmt.Sprint("t", i), text("words"))
	}
	b.settle()
	first := blue.size() - start
	if first < 9 || first > 11 {
		t.Errorf("%d records at once", first)
	}
	blue.say("flash", station.Draft{Code: "DS01", From: "watch", Params: map[string]record.Value{"position": record.Array(record.Int(1), record.Int(2)),
		"kind": record.Text("ship"), "help": record.Text("asked")}})
	b.settle()
	if got := blue.lastTold("flash"); got.Err != nil || got.Results[0].Number != start+first+1 {
		t.Errorf("FLASH waits: %+v", got)
	}
	b.pass(4 * time.Minute)
	if n := blue.size() - start; n < 31 || red.holdsOf(blue) != blue.size() || blue.receipted() != blue.size() {
		t.Errorf("%d recorded, %d held, %d receipted", n, red.holdsOf(blue), blue.receipted())
	}
	if v := red.st.View(red.clock()).Peers[0]; v.Trouble != "" {
		t.Errorf("an honest pace is called a flood: %s", v.Trouble)
	}
}

func TestCardsWithoutEnd(t *testing.T) {
	b, f := against(t, stationtest.Terms{})
	blue := b.sides[0]
	size := blue.size()
	for gen := uint32(2); gen < 60; gen++ {
		issued, err := b.auth.Issue(f.side.party, gen, uint64(gen)*1000, &identity.Held{Generation: gen - 1, Root: tlog.EmptyRoot()})
		if err != nil {
			t.Fatal(err)
		}
		f.sess.SendCard(issued.Note)
		f.exchange(t)
	}
	if n := blue.size() - size; n > 25 {
		t.Errorf("%d records of ours name cards of one hour", n)
	}
	if n := blue.st.View(blue.clock()).Peers[0].Generation; n < 15 {
		t.Errorf("generation %d: new cards are kept out", n)
	}
}

// Timed heads and repeated receipts take no more room the more there are.
func TestStatementsWithoutEnd(t *testing.T) {
	b, f := against(t, stationtest.Terms{})
	blue := b.sides[0]
	blue.say("t1", text("words"))
	f.exchange(t)
	root, err := tlog.RootAt(2, blue.disk.Hashes(blue.log()))
	if err != nil {
		t.Fatal(err)
	}
	own := tlog.Checkpoint{Origin: blue.issued.Card.Origin(), Size: 2, Root: root}
	for i := range record.Stamp(100) {
		f.cosign(t, mirror.LogID(f.side.log()), f.head(), epoch+i)
		f.cosign(t, mirror.LogID(blue.log()), own, epoch+i)
	}
	b.settle()
	heads, receipts := blue.disk.Statements(f.side.log(), f.side.log(), false), blue.disk.Statements(blue.log(), f.side.log(), false)
	if len(heads) > 2 || heads[len(heads)-1].At != epoch+99 {
		t.Errorf("%d timed heads, the newest at %d", len(heads), heads[len(heads)-1].At)
	}
	if len(receipts) > 2 || receipts[0].At != epoch || receipts[len(receipts)-1].At != epoch+99 {
		t.Errorf("%d receipts over one size, the first at %d", len(receipts), receipts[0].At)
	}
}

func TestTwoHistoriesWithoutEnd(t *testing.T) {
	b, f := against(t, stationtest.Terms{})
	blue := b.sides[0]
	for i := range 60 {
		c := f.head()
		c.Root = [32]byte{byte(i), 1}
		f.sess.SendPackage(link3(f), mirror.Package{Log: mirror.LogID(f.side.log()), From: 2, Entries: f.sent[2:], Checkpoint: f.sign(t, c)}.Encode(), b.now)
		f.exchange(t)
	}
	if n := len(blue.disk.Accusations()); n == 0 || n > 16 {
		t.Errorf("%d accusations", n)
	}
}

func TestNothingSaidAndTooMuchSaid(t *testing.T) {
	b := opened(t, stationtest.Terms{})
	blue := b.sides[0]
	long := text(strings.Repeat("x", 17<<10))
	for token, drafts := range map[string][]station.Draft{
		"nothing": nil, "too long": {long}, "unknown": {{Code: "ZZ99"}}, "machine": {{Code: "LT01", From: "station"}},
		"answers nothing": {{Code: "HD01", Params: map[string]record.Value{"until": record.Uint(epoch)}}},
		"not held":        {{Code: "RC01", Re: []record.Ref{record.ByNumber(2, 999)}}},
		"half":            {text("good"), long},
	} {
		size := blue.size()
		blue.say(token, drafts...)
		b.settle()
		if got := blue.lastTold(token); got.Err == nil || blue.size() != size {
			t.Errorf("%s: told %+v, %d recorded", token, got, blue.size()-size)
		}
	}
}

// A pair left alone signs timed heads and line tests, and nothing more.
func TestIdleCostsLittle(t *testing.T) {
	b := opened(t, stationtest.Terms{})
	blue := b.sides[0]
	size, saves := blue.size(), blue.disk.Saves
	steps := 0
	for end := b.now + 24*time.Hour; b.now < end; steps++ {
		before := b.now
		b.pass(time.Minute)
		if b.now == before {
			t.Fatal("time stands still")
		}
	}
	if n := blue.size() - size; n != 24 {
		t.Errorf("%d records in a day, 24 line tests were due", n)
	}
	if n := blue.disk.Saves - saves; n > 24*60 {
		t.Errorf("%d saves in an idle day", n)
	}
	if n := len(blue.disk.Statements(blue.log(), blue.log(), false)); n > 1 {
		t.Errorf("%d own timed heads are kept", n)
	}
}
