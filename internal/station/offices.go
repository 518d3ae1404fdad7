// SPDX-License-Identifier: Apache-2.0

package station

import (
	"cmp"
	"errors"
	"slices"

	"openline/line"
	"openline/record"
)

var errRead = errors.New("a record of the line cannot be read back")

// Office is a post as its party declared it last (PO01), with the changes of
// holder since (PO02).
type Office struct {
	Party   record.PartyNo
	Record  record.Ref
	Time    record.Stamp
	Params  map[string]record.Value
	Changes []HolderChange // oldest first
}

// HolderChange says that a post has another holder.
type HolderChange struct {
	By     line.Said
	Holder string // empty: it is vacant, or not said
	Since  record.Stamp
}

// maxChanges bounds the changes shown of one office: the newest.
const maxChanges = 64

// Offices is the directory: the posts of every party as it declared them.
func (s *Station) Offices() ([]Office, error) {
	changes := map[record.Ref][]*line.Act{}
	for t, err := range s.fold.Things("PO01") {
		if err != nil {
			return nil, err
		}
		for _, a := range t.StandingActs("PO02") {
			if a.Ref.Party == t.Asker() {
				changes[t.Name] = append(changes[t.Name], a)
			}
		}
	}
	var out []Office
	for _, p := range s.text.Parties {
		for _, e := range s.fold.Posts(p.Number) {
			if e.Body == nil {
				return nil, errRead
			}
			o := Office{Party: p.Number, Record: e.Ref(), Params: e.Body.Params}
			if e.Leaf != nil {
				o.Time = e.Leaf.Time
			}
			list := changes[line.ThingOf(e)]
			slices.SortFunc(list, func(a, b *line.Act) int { return cmp.Compare(a.Ref.Number, b.Ref.Number) })
			for _, a := range list[max(0, len(list)-maxChanges):] {
				if a.Ref.Number > e.Number {
					o.Changes = append(o.Changes, HolderChange{a.Said(), a.Text("holder"), record.Stamp(a.Uint("since"))})
				}
			}
			out = append(out, o)
		}
	}
	return out, nil
}
