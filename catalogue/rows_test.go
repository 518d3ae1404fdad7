// SPDX-License-Identifier: Apache-2.0

package catalogue_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// departures are where the data has something else than the rows it was drawn
// up from, and why; decision 0014 says it at more length.
var departures = map[string]string{
	"LT01 replies": "a missed test is explained by naming it (LT04)",
	"RC05 clock":   "what was not understood waits for a person as RC04 does",
	"PR02 clock":   "a condition asks, so it has a clock: that of a counter-proposal",
	"CR01 clock":   "by urgency: the plain clock is a day, a party declares shorter ones by precedence (CK01)",
	"CR03 clock":   "a counter-proposal asks, so it has a clock",
	"MT01 replies": "a meeting is accepted by a plain yes; a no needs no reason",
	"IN01 replies": "the clarification an incident calls for comes in free text (TX01)",
	"IN05 replies": "what was found comes in free text (TX01)",
	"ST03 clock":   "at once, as for HX01",
}

// Every phrase has the replies, the clock and the sender it was drawn up
// with, or a reason stands here.
func TestRowByRow(t *testing.T) {
	c := withAffairs(t)
	text, err := os.ReadFile("testdata/rows.txt")
	if err != nil {
		t.Fatal(err)
	}
	sets := map[string]string{"R": "RC01", "Y": "AF01 AF02 HD01", "W": "WL01 WL02 HD01", "T": "HD01 HD02 TX01",
		"Q": "HD01 HD02 HD03 HD04 HD05 AN01 PR01 PR02 TR01 CR03"}
	var seen []string
	differ := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		row := strings.Split(line, "|")
		if len(row) != 4 {
			t.Fatalf("%q is no row", line)
		}
		code := strings.TrimSpace(row[0])
		p, ok := c.Phrase(code)
		if !ok {
			t.Errorf("%s is not in the catalogue", code)
			continue
		}
		seen = append(seen, code)
		var want []string
		for _, f := range strings.Fields(row[1]) {
			if set, ok := sets[f]; ok {
				f = set
			}
			want = append(want, strings.Fields(f)...)
		}
		slices.Sort(want)
		clock, err := time.ParseDuration("0" + strings.TrimSpace(row[2]))
		if strings.TrimSpace(row[2]) != "" && err != nil {
			t.Fatalf("%s: %v", code, err)
		}
		differ[code+" replies"] = !slices.Equal(slices.Sorted(slices.Values(p.Permits)), slices.Compact(want))
		differ[code+" clock"] = p.Clock != clock
		differ[code+" who"] = p.Who.String() != strings.TrimSpace(row[3])
	}
	for what, is := range differ {
		if _, said := departures[what]; is != said {
			t.Errorf("%s: departs from its row: %v; a reason is given: %v", what, is, said)
		}
	}
	for what := range departures {
		if _, ok := differ[what]; !ok {
			t.Errorf("a reason is given for %q, which is no row", what)
		}
	}
	if slices.Sort(seen); !slices.Equal(seen, c.Codes()) {
		t.Errorf("rows of %v, phrases %v", seen, c.Codes())
	}
}

// Who waits for a reply can be told by when: what asks has a clock, but for a
// reminder, which has that of what it reminds of, and what commits nobody.
func TestWhatAsksHasAClock(t *testing.T) {
	c := withAffairs(t)
	for _, code := range c.Codes() {
		p, _ := c.Phrase(code)
		if free := slices.Contains([]string{"RM01", "SD01", "MT02", "SM01"}, code); p.Asks() && (p.Clock == 0) != free {
			t.Errorf("%s asks; its clock is %v", code, p.Clock)
		}
	}
}
