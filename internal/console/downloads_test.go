// SPDX-License-Identifier: Apache-2.0

package console

import (
	"net/http"
	"strings"
	"testing"

	"openline/internal/station"
	"openline/record"
)

// A record that does nothing says so on its page, with the reason.
func TestWhyARecordDoesNothing(t *testing.T) {
	d := newDesk(t, nil)
	c := d.sit(t, Officer)
	signs(t, t.Context(), d.blue, d.world)
	say := func(x station.Draft) record.Ref {
		t.Helper()
		got, err := d.blue.Say(t.Context(), d.world.Line(), station.Say{Drafts: []station.Draft{x}})
		if err != nil {
			t.Fatal(err)
		}
		return record.ByNumber(got[0].Party, got[0].Number)
	}
	stands := say(station.Draft{Code: "TX01", Text: "a word"})
	void := say(station.Draft{Code: "HD03", Re: []record.Ref{stands}})
	page := func(ref record.Ref) string {
		t.Helper()
		a := d.ask("GET", recordPath(string(d.world.Line()), "blue", ref.Number), nil, c, nil)
		if a.Code != http.StatusOK {
			t.Fatalf("%d %s", a.Code, a.Body)
		}
		return a.Body.String()
	}
	deed, err := d.blue.Deed(t.Context(), d.world.Line(), void)
	if err != nil || deed.Why == "" {
		t.Fatalf("%+v, %v", deed, err)
	}
	if got := page(void); !strings.Contains(got, "takes no effect") || !strings.Contains(got, deed.Why) {
		t.Errorf("the page does not say %q: %s", deed.Why, got)
	}
	if got := page(stands); strings.Contains(got, "takes no effect</p>") {
		t.Error("what stands is said to do nothing")
	}
}
