// SPDX-License-Identifier: Apache-2.0

package station_test

import (
	"strings"
	"testing"
	"time"

	"openline/internal/desk/mandate"
	"openline/internal/station"
	"openline/internal/station/stationtest"
	"openline/record"
)

// What is asked of us inside a matter runs a clock as a request does, and our
// desk is reminded of it, in a matter of ours too.
func TestOurDeskIsRemindedOfWhatIsAskedInside(t *testing.T) {
	b := newBench(t, stationtest.Terms{})
	b.start()
	blue, red := b.sides[0], b.sides[1]
	blue.say("q", station.Draft{Code: "CR01", From: "secretary", Params: map[string]record.Value{
		"caller": record.Array(record.Uint(1), record.Text("secretary")), "called": record.Array(record.Uint(2), record.Text("secretary")),
		"subject": record.Text("weather"), "urgency": record.Text("ordinary"), "medium": record.Text("voice")}})
	b.settle()
	red.say("counter", station.Draft{Code: "CR03", From: "secretary", Re: []record.Ref{ref(blue, blue.lastTold("q").Results[0].Number)},
		Params: map[string]record.Value{"proposal": record.Text("by letter")}})
	b.settle()
	asked := red.lastTold("counter")
	if asked.Err != nil {
		t.Fatal(asked.Err)
	}
	told := func() (n int) {
		for _, h := range blue.happened("alarm") {
			if strings.HasPrefix(h.Code, "REMIND") && h.Party == 2 && h.Number == asked.Results[0].Number {
				n++
			}
		}
		return n
	}
	for range 15 {
		b.pass(6 * time.Hour)
	}
	if told() == 0 {
		t.Errorf("nothing was told: %+v", blue.happened("alarm"))
	}
}

// What the station itself says takes no mandate, from a queue too.
func TestMandatesDoNotBindTheStation(t *testing.T) {
	b := newBench(t, stationtest.Terms{})
	blue, red := b.sides[0], b.sides[1]
	blue.marked = false
	blue.tweak = nobody
	blue.start()
	red.start()
	blue.step(station.Say{Token: "closed", ByStation: true, Drafts: []station.Draft{{Code: "LT03", Params: map[string]record.Value{
		"state": record.Text("closed"), "from": record.Uint(epoch)}}}})
	b.settle()
	blue.start()
	b.connect()
	b.settle()
	if got := blue.lastTold("closed"); got.Err != nil || got.Results[0].Number == 0 {
		t.Errorf("told %+v", got)
	}
}

// nobody has a side begin with a table that lets the watch send nothing.
func nobody(c *station.Config) {
	table, err := mandate.Parse([]byte("version = 1\nname = \"nobody\"\nstates = [\"calm\"]\n"))
	if err != nil {
		panic(err)
	}
	c.Mandates = table
}
