// SPDX-License-Identifier: Apache-2.0

package brief

import (
	"cmp"
	"slices"
	"time"
)

// news is what became known after the hour that was asked for; nil: none was.
func (m *maker) news() *New {
	since := m.in.Since
	if since.IsZero() {
		return nil
	}
	n := &New{Since: since.UTC().Format(time.RFC3339), Items: []NewItem{}}
	for _, r := range m.in.Requests {
		mine, yours := r.From, r.To
		if !r.Ours {
			mine, yours = r.To, r.From
		}
		if r.Asked.After(since) {
			n.Requests++
			n.Items = append(n.Items, NewItem{Known: *hour(r.Asked), Kind: "request", Ours: mine, Theirs: yours, What: asker(r.Ours), Date: *day(r.Asked), Source: r.Record})
		}
		if r.CameAt.After(since) {
			n.Replies++
			n.Items = append(n.Items, NewItem{Known: *hour(r.CameAt), Kind: "reply", Ours: mine, Theirs: yours, What: r.Outcome, Date: *day(r.CameAt), Source: r.By})
		}
	}
	for _, c := range slices.Concat(m.known, m.context) {
		if !c.KnownBy().After(since) {
			continue
		}
		n.Accounts++
		n.Items = append(n.Items, NewItem{Known: c.KnownBy().UTC().Format(time.RFC3339), Kind: c.Kind, Ours: c.Ours, Theirs: c.Theirs, What: c.Outcome, Date: c.Date.String(), Source: c.Source})
	}
	slices.SortStableFunc(n.Items, func(a, b NewItem) int { return cmp.Compare(b.Known, a.Known) })
	return n
}
