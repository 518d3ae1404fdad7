// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"strings"
	"testing"

	"openline/internal/api"
)

// A phrase said by its everyday name is the phrase; hours and offices are
// read back alike on both sides.
func TestActsHoursAndPosts(t *testing.T) {
	_, blue, red := pair(t)
	ctx := t.Context()
	say := func(d api.Draft) api.SaidRecord {
		t.Helper()
		said, err := blue.Say(ctx, "dtl", api.Say{Drafts: []api.Draft{d}, Wait: 20})
		if err != nil || len(said.Records[0].Receipts) != 1 {
			t.Fatalf("%+v, %v", said, err)
		}
		return said.Records[0]
	}
	post := say(api.Draft{Act: "post declare", Params: map[string]any{"post": "minister", "office": "The Minister", "holder": "A", "deputies": "B;C", "rank": "fourth"}})
	call := say(api.Draft{Act: "invite", Params: map[string]any{"caller": "blue:minister", "called": "red:minister", "subject": "weather", "medium": "video"}})
	if post.Code != "PO01" || call.Code != "CR01" {
		t.Errorf("said %s and %s", post.Code, call.Code)
	}
	clock := say(api.Draft{Code: "CK01", Params: map[string]any{"clocks": "CR01 24h; CR01/flash 2h", "hours": "none", "valid_from": "2001-01-01", "valid_to": "2101-01-01", "zone": "Europe/London",
		"exceptions": "2100-01-01T08:00Z..2100-01-01T09:00Z open"}})
	for name, c := range map[string]*api.Client{"blue": blue, "red": red} {
		offices, err := c.Posts(ctx, "dtl")
		if err != nil || len(offices) != 1 || offices[0].Ref != post.Ref || strings.Join(offices[0].Deputies, " ") != "B C" || offices[0].Holder != "A" || offices[0].Rank != "fourth" {
			t.Errorf("%s: %+v, %v", name, offices, err)
		}
		hours, err := c.Hours(ctx, "dtl")
		if err != nil || len(hours) != 2 || hours[1].Declared || !hours[0].Declared || hours[0].Ours != (name == "blue") {
			t.Fatalf("%s: %+v, %v", name, hours, err)
		}
		d := hours[0].Declarations[0]
		if hours[0].Open || d.Ref != clock.Ref || !d.InForce || d.Always || len(d.Weekly) != 0 || len(d.Exceptions) != 1 || len(d.Clocks) != 2 || d.Clocks[1].Precedence != "flash" || d.Zone != "Europe/London" {
			t.Errorf("%s: %+v", name, hours[0])
		}
	}
	st, err := blue.LineStatus(ctx, "dtl", "en")
	if err != nil || st.HoursEnd == nil || st.HoursEnd.Year() != 2101 {
		t.Errorf("hours end %v, %v", st.HoursEnd, err)
	}
	for act, words := range map[string]string{"": "name what is said", "invade": "there is no act", "remind": "RM01"} {
		if _, err := blue.Say(ctx, "dtl", api.Say{Drafts: []api.Draft{{Act: act}}}); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%q: %v", act, err)
		}
	}
}
