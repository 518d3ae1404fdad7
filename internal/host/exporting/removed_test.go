// SPDX-License-Identifier: Apache-2.0

package exporting_test

import (
	"bytes"
	"strings"
	"sync/atomic"
	"testing"

	"openline/extract"
	"openline/internal/host/hosttest"
	"openline/internal/station"
	"openline/record"
)

// TestExtractsAfterRemoval: a whole-line extract shows leaves where content
// was removed and names the RT01; what rests on what is gone is not made, with
// the reason; the rest is as before.
func TestExtractsAfterRemoval(t *testing.T) {
	w := hosttest.New(t, hosttest.Options{}, "blue", "red")
	by := new(atomic.Int64)
	blue, red := open(t, w, by, "blue", t.TempDir()), open(t, w, by, "red", t.TempDir(), "blue")
	post := func(p uint64) record.Value { return record.Array(record.Uint(p), record.Text("secretary")) }
	ask := func() station.Draft {
		return station.Draft{Code: "CR01", From: "secretary", Params: map[string]record.Value{"caller": post(1), "called": post(2),
			"subject": record.Text("the matter of Marlowe"), "urgency": record.Text("ordinary"), "medium": record.Text("voice")}}
	}
	q := record.ByNumber(1, blue.say(ask()))
	red.say(station.Draft{Code: "HD05", Re: []record.Ref{q}, Params: map[string]record.Value{"reason": record.Uint(1)}})
	open := record.ByNumber(1, blue.say(ask()))
	d, act, err := blue.Prepare(t.Context(), w.Line(), station.Draft{Code: "RT01", Params: map[string]record.Value{
		"records": record.Array(record.Array(record.Uint(1), record.Uint(q.Number)))}})
	if err != nil {
		t.Fatal(err)
	}
	for name, p := range people {
		d.People = append(d.People, station.Signature{Person: name, Bytes: p.SignAct(act)})
	}
	rt := record.ByNumber(1, blue.say(d))
	if n, err := blue.RemoveContent(t.Context(), w.Line()); n != 2 || err != nil {
		t.Fatalf("%d removed, %v", n, err)
	}
	e := blue.exporter()
	cut, list := blue.signed(e, record.Ref{})
	zip, _, err := e.Choose(t.Context(), 2, nil, extract.Whole, cut, list)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(zip, []byte("Marlowe")) {
		t.Error("the open request is not in it; the test would pass on anything")
	}
	r := blue.verify(zip)
	if len(r.Removed) != 2 || r.Removed[0] != (extract.Removed{Ref: q, By: rt}) {
		t.Errorf("removed: %+v", r.Removed)
	}
	if text := r.Text(); !strings.Contains(text, "Content removed under the retention clause, by the record that says so\n  blue/") {
		t.Errorf("it does not say so:\n%s", text)
	}
	for _, l := range r.Logs {
		if l.Leaves != 1 || l.Withheld != 0 {
			t.Errorf("log: %+v", l)
		}
	}
	cut, list = blue.signed(e, open)
	if _, _, err := e.NoReply(t.Context(), open, 2, cut, list); err != nil {
		t.Errorf("of the other request: %v", err)
	}
	cut, list = blue.signed(e, q)
	if _, _, err := e.NoReply(t.Context(), q, 2, cut, list); err == nil || !strings.Contains(err.Error(), "was removed here under the retention clause") {
		t.Errorf("no reply to what is gone: %v", err)
	}
	cut, list = blue.signed(e, q)
	if _, _, err := e.About(t.Context(), 2, q, cut, list); err == nil || !strings.Contains(err.Error(), "was removed here under the retention clause") {
		t.Errorf("about what is gone: %v", err)
	}
}
