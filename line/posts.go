// SPDX-License-Identifier: Apache-2.0

package line

import (
	"slices"

	"openline/record"
)

// Posts are the newest declarations (PO01) of each post a party declares, by
// the name of the post.
func (f *Fold) Posts(party record.PartyNo) []Entry {
	newest := map[string]Entry{}
	for _, c := range f.generations(party) {
		for _, index := range c.post {
			if index >= f.reach[c.log] {
				break
			}
			e, err := f.entry(c, index)
			if err != nil {
				f.err = err
				return nil
			}
			name, _ := e.Body.Params["post"].AsText()
			newest[name] = e
		}
	}
	var out []Entry
	for _, name := range sortedKeys(newest) {
		out = append(out, newest[name])
	}
	return out
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
