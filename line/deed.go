// SPDX-License-Identifier: Apache-2.0

package line

import (
	"slices"

	"openline/record"
)

// Deed is what one record does, for who reads the transcript.
type Deed struct {
	Standing Standing
	Why      string     // it has no effect, or what is odd about it
	Thing    record.Ref // the matter it belongs to; zero: to none that is held
	Removed  []record.Ref
	Removals []Removal // of an RT01: what it names
}

// Deed says what an entry that was added does in its matter, or why it does
// nothing.
func (f *Fold) Deed(e Entry) (out Deed, err error) {
	c := f.chains[e.Log()]
	switch {
	case c == nil || e.Index >= c.size:
		return Deed{Why: "it is not held here"}, nil
	case e.Index >= c.done:
		return Deed{Why: "it waits: its author had seen more than is held here"}, nil
	}
	s, err := f.stateAt(c, e.Index+1)
	if err != nil {
		return out, err
	}
	act := f.actOf(e, s)
	out.Why = act.Void
	name, ok, err := f.nameOf(act)
	if err != nil || act.Void != "" && act.about != act.at() && !ok {
		return out, err
	}
	if e.Index >= f.reach[c.log] {
		out.Why = "it was lost by its author"
		return out, nil
	}
	var t *Thing
	if ok {
		if t, err = f.load(name); err != nil {
			return out, err
		}
	}
	if t == nil {
		out.Why = "what it is about is not held here"
		return out, nil
	}
	out.Thing, out.Removed = name, f.RemovedBy(name)
	i := slices.IndexFunc(t.Acts, func(a *Act) bool { return a.at() == act.at() })
	if i < 0 {
		out.Why = "its author had said too much of this matter before"
		return out, nil
	}
	if out.Standing, out.Why = t.Standing(t.Acts[i]), t.Why(t.Acts[i]); out.Why == "" {
		out.Why = t.dated(t.Acts[i])
	}
	out.Removals, err = f.Removals(e)
	return out, err
}
