// SPDX-License-Identifier: Apache-2.0

package line

import "openline/record"

// Watch has every change of a thing told as it is made: its name, the phrase
// that opened it before and the thing as it is after. An empty phrase: there
// was none; nil: there is none any more. What is told must not call the fold.
func (f *Fold) Watch(told func(name record.Ref, before string, after *Thing)) { f.told = told }

func (f *Fold) tell(before, after *Thing) {
	switch {
	case f.told == nil || before == nil && after == nil:
	case before == nil:
		f.told(after.Name, "", after)
	default:
		f.told(before.Name, before.Opening.Code, after)
	}
}
