// SPDX-License-Identifier: Apache-2.0

package desk_test

import (
	"testing"

	"openline/internal/desk"
)

// What steers a terminal or turns a page's direction is not plain; words of
// any script are, and so are the ends of lines.
func TestPlain(t *testing.T) {
	for _, s := range []string{"", "two\nlines\tand a tab", "海上 ٱلْبَحْر \u00a0é"} {
		if err := desk.Plain("it", s, 100); err != nil {
			t.Errorf("%q: %v", s, err)
		}
	}
	for _, s := range []string{"\x1b[2J", "\r", "\x7f", "\u0080", "\u009b2J", "\u009f", "\u202e", "\u2066", "\xff", string(make([]byte, 101))} {
		if desk.Plain("it", s, 100) == nil {
			t.Errorf("%q is plain", s)
		}
	}
}
