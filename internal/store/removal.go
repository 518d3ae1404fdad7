// SPDX-License-Identifier: Apache-2.0

package store

import (
	"fmt"

	"openline/record"
)

// Removal takes header and body of a stored entry away for good and keeps
// its leaf, under a stored record (RT01) that names its thing.
type Removal struct {
	Log   LogID
	Index uint64
	Thing record.Ref // the opening record of what it concerns, by its number
	By    record.Ref // the RT01, by its number
}

// codeRemoval is the phrase under which content is removed.
const codeRemoval = "RT01"

// Hollow reports whether an entry is a leaf whose header was taken away. An
// entry is stored whole, so that nothing else looks like it.
func Hollow(e record.Entry) bool {
	if len(e.Header) > 0 {
		return false
	}
	leaf, err := record.DecodeLeaf(e.Leaf)
	return err == nil && leaf.Header != record.HeaderDigest(nil)
}

// Bare is what is left of an entry whose content is removed.
func Bare(e record.Entry) record.Entry { return record.Entry{Leaf: e.Leaf} }

// Names gives what an RT01 names; nil if the entry is no whole one.
func Names(e record.Entry) map[record.Ref]bool {
	d := e.Decode()
	if d.Header == nil || d.Body == nil || d.Header.Code != codeRemoval {
		return nil
	}
	out := map[record.Ref]bool{}
	list, _ := d.Body.Params["records"].AsArray()
	for _, v := range list {
		if pair, _ := v.AsArray(); len(pair) == 2 {
			party, _ := pair[0].AsUint()
			number, _ := pair[1].AsUint()
			out[record.ByNumber(record.PartyNo(party), number)] = true
		}
	}
	return out
}

// Check reports whether an entry may lose its content by a removal. names is
// what the RT01 names, thing the opening record of what the entry concerns.
// It is for implementations.
func (r *Removal) Check(e record.Entry, thing record.Ref, names map[record.Ref]bool) error {
	why := ""
	switch {
	case Hollow(e):
		why = "it is removed already"
	case len(e.Header) == 0:
		why = "it has no content"
	case r.Thing != thing:
		why = "it concerns something else"
	case !names[thing]:
		why = fmt.Sprintf("record %d/%d does not name what it concerns", r.By.Party, r.By.Number)
	default:
		return nil
	}
	return fmt.Errorf("%w: remove entry %d of log %d.%d: %s", ErrBatch, r.Index, r.Log.Party, r.Log.Generation, why)
}
