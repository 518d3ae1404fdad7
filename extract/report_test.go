// SPDX-License-Identifier: Apache-2.0

package extract

import (
	"testing"

	"openline/record"
)

// A cosigner may put any time into its signature; none runs backwards in
// print.
func TestTimesInPrint(t *testing.T) {
	for s, want := range map[record.Stamp]string{
		1_621_500_065: "2021-05-20 08:41:05Z", 253402300799: "9999-12-31 23:59:59Z",
		253402300800: "second 253402300800", 1<<63 - 1: "second 9223372036854775807",
	} {
		if got := stamp(s); got != want {
			t.Errorf("%d is printed as %q", s, got)
		}
	}
}
