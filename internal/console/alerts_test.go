// SPDX-License-Identifier: Apache-2.0

package console

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// What rings does so on every page a person may have before them, and is quiet
// on every page once somebody here has it.
func TestWhatRingsStandsOnEveryPage(t *testing.T) {
	d := newDesk(t, nil)
	ref := d.tell(t, d.red, "IN01", "", "place=10.000,110.000", "hour=2026-01-02T03:04Z", "kind=collision")
	c := d.sit(t, Officer)
	line := "/line/" + string(d.world.Line())
	pages := []string{"/watch", line, line + "/compose", line + "/dossiers", line + "/incidents", line + "/brief", line + "/check", "/drafts", "/station", "/seat"}
	rings := func(path string) bool {
		a := d.ask("GET", path, nil, c, nil)
		if a.Code != http.StatusOK {
			t.Fatalf("%s: %d %s", path, a.Code, a.Body)
		}
		return strings.Contains(a.Body.String(), `class="alarm" role="alert"`)
	}
	for _, path := range pages {
		if !rings(path) {
			t.Errorf("%s does not ring for %s", path, ref)
		}
	}
	if a := d.ask("POST", line+"/acknowledge", url.Values{"re": {ref}, "back": {"/watch"}}, c, nil); a.Code != http.StatusSeeOther {
		t.Fatalf("taken up: %d %s", a.Code, a.Body)
	}
	for _, path := range pages {
		if rings(path) {
			t.Errorf("%s rings on", path)
		}
	}
}
