// SPDX-License-Identifier: Apache-2.0

package console

import (
	"net/http"
	"strings"
	"testing"

	"openline/internal/desk/contact"
	"openline/internal/host/shelf"
)

// What was imported, by whatever way, is on the brief of the console.
func TestTheBriefKnowsTheJournal(t *testing.T) {
	d := newDesk(t, nil)
	c := d.sit(t, Watch)
	path := "/line/" + string(d.world.Line()) + "/brief"
	before := d.ask("GET", path, nil, c, nil)
	if before.Code != http.StatusOK || strings.Contains(before.Body.String(), "Harbour Master") {
		t.Fatalf("before the import: %d %s", before.Code, before.Body)
	}
	list, err := contact.Parse([]byte("date,kind,level,ours,theirs,channel,outcome,source,attribution,note\n" +
		"2020-08-06,contact,principal,Coast Guard Commandant,Harbour Master,telephone,held,log book,official,\n"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := shelf.New(d.blue).Import(t.Context(), d.world.Line(), list); err != nil {
		t.Fatal(err)
	}
	if after := d.ask("GET", path, nil, c, nil); !strings.Contains(after.Body.String(), "Harbour Master") {
		t.Errorf("after the import: %d %s", after.Code, after.Body)
	}
}
