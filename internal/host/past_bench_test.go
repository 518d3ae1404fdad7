// SPDX-License-Identifier: Apache-2.0

package host_test

import (
	"context"
	"testing"
	"time"

	"openline/internal/host/hosttest"
	"openline/internal/station"
	"openline/record"
)

// BenchmarkPast measures how long it takes to find how a line of 100,000
// records stood half way, and at its end.
func BenchmarkPast(b *testing.B) {
	const each, batch = 50_000, 500
	w := hosttest.New(b, hosttest.Options{PerMinute: 10_000_000}, "blue", "red")
	sides := []*running{startQuiet(b, w, "blue"), startQuiet(b, w, "red", "blue")}
	for _, s := range sides {
		s.wait(w, "the receipt", receipted(s.say(w, "warm")))
	}
	var half record.Stamp
	for i := range each / batch {
		for _, s := range sides {
			drafts := make([]station.Draft, batch)
			for j := range drafts {
				drafts[j] = station.Draft{Code: "TX01", Text: "Nothing to report from this side of the line at this hour."}
			}
			if _, err := s.Say(context.Background(), w.Line(), station.Say{Drafts: drafts}); err != nil {
				b.Fatal(err)
			}
		}
		if i == each/batch/2 {
			half = record.Stamp(time.Now().Unix())
		}
	}
	v, err := sides[1].View(b.Context(), w.Line())
	if err != nil {
		b.Fatal(err)
	}
	sides[1].wait(w, "the receipt", receipted(v.Own.Last))
	for name, at := range map[string]record.Stamp{"half": half, "end": record.Stamp(time.Now().Unix() + 1)} {
		b.Run(name, func(b *testing.B) {
			var n uint64
			for b.Loop() {
				p, err := sides[0].Past(w.Line(), at, "CR01")
				if err != nil {
					b.Fatal(err)
				}
				n = 0
				for _, held := range p.Cut {
					n += held
				}
			}
			b.ReportMetric(float64(n), "records")
		})
	}
}
