// SPDX-License-Identifier: Apache-2.0

package mirror

import "testing"

// BenchmarkTake takes in packages of a thousand records under one head each.
func BenchmarkTake(b *testing.B) {
	h := newHistory(modelKeys).add(someEntries(0, 1000)...)
	raw := h.pkg(0, 1000, 1000).Encode()
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		m, _ := opened(b)
		p, err := DecodePackage(raw)
		if err != nil {
			b.Fatal(err)
		}
		take(b, m, p)
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/1000, "µs/record")
}
