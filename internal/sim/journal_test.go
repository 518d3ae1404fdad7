// SPDX-License-Identifier: Apache-2.0

package sim

import "testing"

// Whatever happens to two stations, nothing their desks keep to themselves
// leaves them. What is said on the line does, by the same search.
func TestNothingOfTheJournalLeaves(t *testing.T) {
	n := 150
	if testing.Short() {
		n = 25
	}
	bytes, heard, noted := 0, 0, 0
	for seed := range uint64(n) {
		r := Run(*first+seed, Options{Journal: true})
		if r.Violation != "" {
			t.Errorf("seed %d: %s", r.Seed, r.Violation)
		}
		bytes += r.Sent
		noted += r.Kept
		if r.Heard {
			heard++
		}
	}
	t.Logf("%d histories: %d bytes sent were searched, %d entries were kept; words said were found in %d", n, bytes, noted, heard)
	if heard < n/2 || noted < n {
		t.Errorf("the search found what was said in %d of %d histories, and %d entries of journals: it may see nothing", heard, n, noted)
	}
}
