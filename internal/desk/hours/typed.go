// SPDX-License-Identifier: Apache-2.0

package hours

import (
	"fmt"
	"strings"
	"time"
)

// Params are the parameters of the declaration (CK01) as a person would type
// them.
func (r Rules) Params(d Declaration) map[string]any {
	out := map[string]any{"clocks": strings.Join(r.Clocks, "; "), "valid_from": d.From.Format(time.RFC3339), "valid_to": d.To.Format(time.RFC3339), "zone": r.Zone}
	if !d.Always {
		out["hours"] = d.HoursTyped()
	}
	if len(d.Exceptions) > 0 {
		var list []string
		for _, e := range d.Exceptions {
			list = append(list, e.String())
		}
		out["exceptions"] = strings.Join(list, "; ")
	}
	if len(r.Languages) > 0 {
		out["languages"] = strings.Join(r.Languages, "; ")
	}
	return out
}

func (e Exception) String() string {
	state := "closed"
	if e.Open {
		state = "open"
	}
	return e.From.Format(time.RFC3339) + ".." + e.To.Format(time.RFC3339) + " " + state
}

// HoursTyped are the weekly hours in UTC, one interval of one day after the
// other; none where there are none.
func (d Declaration) HoursTyped() string {
	var list []string
	for _, w := range d.byDay() {
		day := w.From / dayLong
		list = append(list, fmt.Sprintf("%s %s-%s", weekdays[day], minutes(w.From-day*dayLong), minutes(w.To-day*dayLong)))
	}
	if len(list) == 0 {
		return "none"
	}
	return strings.Join(list, "; ")
}

// byDay are the weekly intervals, parted at midnight.
func (d Declaration) byDay() (out []Weekly) {
	for _, w := range d.Weekly {
		for from := w.From; from < w.To; {
			to := min(w.To, (from/dayLong+1)*dayLong)
			out, from = append(out, Weekly{from, to}), to
		}
	}
	return out
}

func minutes(n int) string { return fmt.Sprintf("%02d:%02d", n/60, n%60) }
