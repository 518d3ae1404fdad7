// SPDX-License-Identifier: Apache-2.0

package model

import (
	"testing"

	"pgregory.net/rapid"
)

func TestModel(t *testing.T) {
	for _, parties := range []int{2, 3} {
		rapid.Check(t, func(t *rapid.T) {
			if _, err := scripts(parties).Draw(t, "script").check(Rules{}); err != nil {
				t.Fatal(err)
			}
		})
	}
}
