// SPDX-License-Identifier: Apache-2.0

package linetest

import (
	"slices"
	"strings"
	"testing"

	"openline/line"
)

// The laws are worth what the histories contain: every phrase in effect, and
// every way of having none.
func TestRandomSaysEverything(t *testing.T) {
	stood, whys, asked := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for seed := range uint64(400) {
		w := Random(t, seed, 2+int(seed%2), 0, false)
		for x, err := range w.Fold(t, w.Cut(), First).Things() {
			must(t, err)
			for _, a := range x.Acts {
				if x.Standing(a) == line.Stands {
					stood[a.Code] = true
				}
			}
			for _, m := range x.Marks() {
				whys[m.Why] = true
			}
			for _, a := range x.Asked {
				asked[a.Act.Code+" "+a.Sides[0].Outcome.String()] = true
			}
		}
	}
	for _, code := range slices.Concat(openings, replies) {
		if code != "XX99" && !stood[code] {
			t.Errorf("%s never has effect", code)
		}
	}
	for _, why := range []string{"it answers nothing of this matter that its author had seen", "its phrase is not in the catalogue of its agreement version", "what it answers does not ask for",
		"dated before a record it answers", "dated after a record that answers it", "dated before an earlier record of its author, whose hour counts"} {
		if !slices.ContainsFunc(keys(whys), func(w string) bool { return strings.HasPrefix(w, why) }) {
			t.Errorf("none is marked %q; there are %q", why, keys(whys))
		}
	}
	for _, a := range []string{"CR01 on condition", "PR02 answered", "PR02 open", "AN01 open", "AN01 answered", "CR03 open", "MT02 answered", "MT03 open", "CP04 answered", "CR05 open",
		"IN02 answered", "IN02 held", "SM01 open", "RC04 open", "CP01 answered", "MT02 withdrawn", "IN04 open"} {
		if !asked[a] {
			t.Errorf("nothing inside is %q; there are %q", a, keys(asked))
		}
	}
}

func keys(m map[string]bool) (out []string) {
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
