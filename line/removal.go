// SPDX-License-Identifier: Apache-2.0

package line

import (
	"cmp"
	"maps"
	"slices"

	"openline/record"
)

// maxRemovals is how many things the RT01 of one generation of a log can
// name; what is named beyond has no effect.
const maxRemovals = 65536

// removal is the phrase by which the content of closed things is removed.
const removal = "RT01"

const whyRemoved = "its content was removed under the retention clause"

// Removal is one thing that an RT01 names.
type Removal struct {
	Thing record.Ref
	Why   string // it has no effect on this one; empty: its content is removed
}

// Removals says of each thing an RT01 names whether its content is removed by
// it. It is judged in the past of the RT01, once.
func (f *Fold) Removals(e Entry) ([]Removal, error) {
	c := f.chains[e.Log()]
	if c == nil || e.Header == nil || e.Body == nil || e.Header.Code != removal || e.Index >= c.done {
		return nil, nil
	}
	s, err := f.stateAt(c, e.Index+1)
	if err != nil {
		return nil, err
	}
	act := f.actOf(e, s)
	past, err := f.pastOf(act)
	if err != nil {
		return nil, err
	}
	var out []Removal
	for _, r := range named(e) {
		x := Removal{Thing: r, Why: act.Void}
		if at, ok := f.place(act, r); ok {
			x.Thing = f.nameAt(at)
		}
		if act.stands() && !slices.Contains(f.removedBy[act.at()], x.Thing) {
			if x.Thing, x.Why, err = f.verdict(act, past, r); err != nil {
				return nil, err
			}
			if x.Why == "" {
				x.Why = "this log has named more things than can be removed"
			}
		}
		out = append(out, x)
	}
	return out, nil
}

// RemovedBy names the RT01 that removed the content of a thing.
func (f *Fold) RemovedBy(name record.Ref) (out []record.Ref) {
	for _, at := range f.removals[name] {
		if at.index < f.reach[at.log] {
			out = append(out, f.nameAt(at))
		}
	}
	slices.SortFunc(out, compareNames)
	return out
}

// Removed names every thing whose content is removed, by party and number.
func (f *Fold) Removed() (out []record.Ref) {
	for name := range f.removals {
		if f.isRemoved(name, func(c *chain, index uint64) bool { return index < f.reach[c.log] }) {
			out = append(out, name)
		}
	}
	slices.SortFunc(out, compareNames)
	return out
}

func compareNames(a, b record.Ref) int {
	return cmp.Or(cmp.Compare(a.Party, b.Party), cmp.Compare(a.Number, b.Number))
}

func (f *Fold) nameAt(at target) record.Ref {
	return record.ByNumber(at.log.Party, f.chains[at.log].base+at.index)
}

func named(e Entry) (out []record.Ref) {
	list, _ := e.Body.Params["records"].AsArray()
	for _, v := range list {
		pair, _ := v.AsArray()
		if len(pair) == 2 {
			party, _ := pair[0].AsUint()
			number, _ := pair[1].AsUint()
			out = append(out, record.ByNumber(record.PartyNo(party), number))
		}
	}
	return out
}

// removing is an RT01 whose past is held and that is to be judged.
type removing struct {
	act  *Act
	refs []record.Ref // those that can have effect
}

func (f *Fold) queueRemovals(e Entry, act *Act) {
	if !act.stands() || act.Code != removal {
		return
	}
	refs := named(e)
	before := uint64(f.chains[e.Log()].at.named) - uint64(len(refs))
	refs = refs[:min(uint64(len(refs)), maxRemovals-min(maxRemovals, before))]
	f.toRemove = append(f.toRemove, removing{act, refs})
}

// settleRemovals judges what RT01s remove, once all they can rest on is
// judged, and those first that others had seen.
func (f *Fold) settleRemovals() error {
	for len(f.toRemove) > 0 {
		i := slices.IndexFunc(f.toRemove, func(r removing) bool {
			return !slices.ContainsFunc(f.toRemove, func(o removing) bool { return r.act.saw(o.act) })
		})
		r := f.toRemove[max(i, 0)]
		past, err := f.pastOf(r.act)
		if err != nil {
			return err
		}
		var names []record.Ref
		for _, ref := range r.refs {
			name, why, err := f.verdict(r.act, past, ref)
			if err != nil {
				return err
			}
			if why == "" && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
		if err := f.remove(r.act.at(), names); err != nil {
			return err
		}
		f.toRemove = slices.Delete(f.toRemove, max(i, 0), max(i, 0)+1)
	}
	return nil
}

// remove takes the content of things out of the state, if the RT01 is folded.
func (f *Fold) remove(at target, names []record.Ref) error {
	folded := func(c *chain, index uint64) bool { return index < f.reach[c.log] }
	var things []*Thing
	for _, name := range names {
		if f.isRemoved(name, folded) {
			continue
		}
		t, err := f.load(name)
		if err != nil {
			return err
		}
		if t != nil {
			things = append(things, t)
		}
	}
	f.noteRemovals(at, names)
	if at.index >= f.reach[at.log] {
		return nil // settleReach will find it
	}
	for _, t := range things {
		after := &Thing{Name: t.Name, Acts: slices.Clone(t.Acts), Removed: true}
		f.settle(after)
		f.change(t, after)
	}
	return nil
}

func (f *Fold) noteRemovals(at target, names []record.Ref) {
	if len(names) == 0 {
		return
	}
	f.removedBy[at] = names
	for _, n := range names {
		f.removals[n] = append(f.removals[n], at)
	}
}

// pastOf is what was folded where the author of an act stood.
func (f *Fold) pastOf(act *Act) (Cut, error) {
	return f.reachAt(cutOf(act.seen, act.log(), act.Index))
}

// verdict finds the thing an RT01 names and says why its content stays; empty:
// it is removed. What was closed is judged where the author stood.
func (f *Fold) verdict(act *Act, past Cut, r record.Ref) (name record.Ref, why string, err error) {
	at, ok := f.place(act, r)
	if !ok {
		return r, "its author had not seen it", nil
	}
	name = f.nameAt(at)
	t, err := f.loadAt(name, past)
	switch {
	case err != nil:
		return name, "", err
	case t == nil:
		return name, "it opens no matter that its author held", nil
	case t.Removed:
		return name, "its content was removed before", nil
	case t.missing && !slices.ContainsFunc(t.Acts, func(a *Act) bool { return a.gone == act.Ref }):
		return name, "its content is not held here", nil
	case t.missing: // it was judged here before it was removed
		return name, "", nil
	case t.Opening.Phrase.Class == "key" || slices.Contains(standsOn, t.Opening.Code):
		return name, "the line stands on it", nil
	case t.Open():
		return name, "something in it awaits a word", nil
	}
	return name, "", nil
}

// standsOn open, beside the class key, what later records are judged by: hours,
// holders, suspensions and pairs.
var standsOn = []string{"CK01", "PO01", "ST01", "CP01"}

// Stays reports whether the content of a record is never removed: the line
// stands on what changes how later records are read.
func Stays(code string) bool {
	return slices.Contains([]string{"AD01", "KY01", "KY02", "CK01", "PO01", removal}, code)
}

// changed is a thing before and after.
type changed struct{ before, after *Thing }

// isRemoved reports whether some RT01 among those folded removes a thing.
func (f *Fold) isRemoved(name record.Ref, within func(*chain, uint64) bool) bool {
	return slices.ContainsFunc(f.removals[name], func(at target) bool { return within(f.chains[at.log], at.index) })
}

// bare keeps of a thing what its leaves say, whatever else is still held.
func (t *Thing) bare() {
	for i, a := range t.Acts {
		t.Acts[i] = &Act{Ref: a.Ref, Generation: a.Generation, Index: a.Index, Hash: a.Hash, Agreement: a.Agreement, Time: a.Time, Dated: a.Time, Void: whyRemoved,
			about: a.about, seen: a.seen, weight: 256, gone: a.gone}
		if t.Acts[i].Ref == t.Name {
			t.Opening = t.Acts[i]
		}
	}
	t.Outcome = Noted
	t.seal()
}

// writeRemovals writes which RT01 removes what, for a snapshot.
func (f *Fold) writeRemovals(w *record.Writer) {
	places := slices.SortedFunc(maps.Keys(f.removedBy), func(a, b target) int { return cmp.Or(a.log.Compare(b.log), cmp.Compare(a.index, b.index)) })
	w.Array(len(places))
	for _, at := range places {
		flat := []uint64{uint64(at.log.Party), uint64(at.log.Generation), at.index}
		for _, n := range f.removedBy[at] {
			flat = append(flat, uint64(n.Party), n.Number)
		}
		writeUints(w, flat...)
	}
}

func (f *Fold) readRemovals(r *reader) {
	r.each(maxRemovals*1024, func() {
		v := r.uints(3, 3+2*maxRemovals)
		at := target{log: Log{record.PartyNo(v[0]), uint32(v[1])}, index: v[2]}
		if f.chains[at.log] == nil || len(v)%2 == 0 {
			r.fail()
			return
		}
		var names []record.Ref
		for i := 3; i < len(v); i += 2 {
			names = append(names, record.ByNumber(record.PartyNo(v[i]), v[i+1]))
		}
		f.noteRemovals(at, names)
	})
}
