// SPDX-License-Identifier: Apache-2.0

package line

import (
	"fmt"

	"openline/record"
)

// fault says why an entry answers and orders nothing; empty if it does. It
// follows from the entry and its author's state before it.
func (f *Fold) fault(e Entry, s state) string {
	switch {
	case e.Leaf == nil:
		return "the leaf does not parse"
	case !e.Removed.IsZero() && e.Header == nil:
		return whyRemoved
	case e.Header == nil:
		return "the header does not parse"
	case e.Leaf.Author != e.Party || e.Leaf.Generation != e.Generation:
		return "the leaf names another author or generation"
	case e.Leaf.Agreement != s.version && !(e.Header.Code == "AD01" && e.Leaf.Agreement == s.version+1):
		return "the leaf names another agreement version than its author had adopted"
	case e.Body == nil:
		return "the body does not parse"
	}
	a := f.agreements.Version(e.Leaf.Agreement)
	if a == nil {
		return "the leaf names an agreement version that is not in force"
	}
	if a.Standing == record.Exercise && e.Header.Status != record.Exercise {
		return "on an exercise line every record is an exercise"
	}
	cat := f.catalogues(e.Leaf.Agreement)
	if cat == nil {
		return "its catalogue is not at hand"
	}
	phrase, ok := cat.Phrase(e.Header.Code)
	if !ok {
		return "" // shown as unknown; it does nothing
	}
	if err := cat.Check(e.Header, e.Body); err != nil {
		return err.Error()
	}
	switch {
	case e.Leaf.About.IsZero() && !phrase.Opens:
		return e.Header.Code + " opens nothing and names nothing it is about"
	case !e.Leaf.About.IsZero() && !phrase.About:
		return e.Header.Code + " is about no other record"
	}
	return ""
}

// actOf makes an act of an entry; s is its author's state after it.
func (f *Fold) actOf(e Entry, s state) *Act {
	act := &Act{Ref: e.Ref(), Generation: e.Generation, Index: e.Index, Hash: e.Hash, Time: s.time, Header: e.Header, seen: s.seen, weight: 512, gone: e.Removed}
	before := s
	if e.Header != nil && e.Header.Code == "AD01" && e.Leaf.Agreement+1 == s.version {
		before.version = e.Leaf.Agreement
	}
	act.Void = f.fault(e, before)
	act.about = act.at()
	if e.Leaf != nil {
		act.Agreement, act.Dated = e.Leaf.Agreement, e.Leaf.Time
		f.findAbout(act, e.Leaf.About, s)
	}
	if e.Header == nil {
		return act
	}
	act.Code = e.Header.Code
	act.weight += len(e.Header.Re)*64 + len(e.Header.To)*48
	if e.Body != nil {
		var n int
		act.Params, n = keep(e.Body.Params)
		act.weight += n
	}
	if cat := f.catalogues(act.Agreement); act.Void == "" && cat != nil {
		act.Phrase, act.Known = cat.Phrase(act.Code)
	}
	return act
}

// findAbout finds the place of the record an act is about.
func (f *Fold) findAbout(act *Act, about record.Ref, s state) {
	switch {
	case about.IsZero():
	case about.Number == 0:
		act.about = target{hash: &about.Hash, log: Log{Party: about.Party}}
		if s.byHash > maxByHash && act.Void == "" {
			act.Void = fmt.Sprintf("more than %d records of this log name their thing by its hash", maxByHash)
		}
	default:
		t, ok := f.place(act, about)
		if !ok && act.Void == "" {
			act.Void = "it is about a record its author had not seen"
		}
		act.about = t
	}
}

// place finds the record a number means to the author of an act: "a number
// belongs to the generation with the largest base not above it", among those
// its author had seen, and must lie within what it had seen or its own log.
func (f *Fold) place(a *Act, r record.Ref) (target, bool) {
	var best *chain
	var size uint64
	consider := func(l Log, n uint64) {
		if c := f.chains[l]; c != nil && c.base <= r.Number && (best == nil || c.base >= best.base) {
			best, size = c, n
		}
	}
	for _, h := range a.seen.of(r.Party) {
		consider(h.log, h.size)
	}
	if r.Party == a.Ref.Party {
		consider(a.log(), a.Index)
	}
	if best == nil || r.Number-best.base >= size {
		return target{}, false
	}
	return target{log: best.log, index: r.Number - best.base}, true
}
