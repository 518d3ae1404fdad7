// SPDX-License-Identifier: Apache-2.0

package sim

import "testing"

// Content is removed on one side and later, or never, on the other, among
// crashes, full disks, cuts and clocks: both read alike, nothing goes that the
// other party had not held, and nothing else is lost.
func TestRemoval(t *testing.T) {
	n := 150
	if testing.Short() {
		n = 30
	}
	removed, some := 0, 0
	for seed := range uint64(n) {
		r := Run(*first+seed, Options{Removal: true})
		if r.Violation != "" {
			t.Errorf("seed %d: %s", r.Seed, r.Violation)
		}
		if removed += r.Removed; r.Removed > 0 {
			some++
		}
	}
	t.Logf("%d histories: %d records lost their content in %d of them", n, removed, some)
	if some < n/3 {
		t.Errorf("content was removed in %d of %d histories only", some, n)
	}
}
