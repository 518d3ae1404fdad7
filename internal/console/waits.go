// SPDX-License-Identifier: Apache-2.0

package console

import (
	"cmp"
	"slices"

	"openline/internal/station"
	"openline/line"
	"openline/record"
)

// mostDue is how many requests of each side stand on the page, the first due
// first. It says how many more there are.
const mostDue = 24

// wait is a request that awaits a reply.
type wait struct {
	station.AwaitView
	due   record.Stamp // 0: no hour runs
	asked bool         // how it stands, by who awaits it
}

// waits are the requests that await us and those that await them, the first
// due first. What they ask about stands first, and its digits are those the
// keys give.
func (n *snap) waits() (owe, await []wait) {
	for _, a := range n.view.Awaiting {
		if a.Code == "LT01" || a.Outcome.Ended() {
			continue
		}
		w := wait{AwaitView: a, due: dueOf(a)}
		_, w.asked = n.asking(a)
		if a.Ours {
			owe = append(owe, w)
		} else {
			await = append(await, w)
		}
	}
	byHour := func(a, b wait) int {
		return cmp.Or(cmp.Compare(cmp.Or(a.due, record.Stamp(1<<62)), cmp.Or(b.due, record.Stamp(1<<62))), cmp.Compare(a.Asked, b.Asked))
	}
	slices.SortStableFunc(owe, byHour)
	slices.SortStableFunc(await, byHour)
	first := map[bool]int{true: 0, false: 1}
	slices.SortStableFunc(owe, func(a, b wait) int { return cmp.Compare(first[a.asked], first[b.asked]) })
	return owe, await
}

// dueOf is the hour that runs; 0: none.
func dueOf(a station.AwaitView) record.Stamp {
	switch {
	case a.Outcome == line.Held && a.Until > 0:
		return a.Until
	case a.Clock.Started.At > 0 || a.Clock.Held:
		return a.Clock.Due
	}
	return 0
}

// dues are those there is room for, and how many more there are.
func (n *snap) dues(list []wait, role Role) (out []due, left int, err error) {
	for _, w := range list[:min(mostDue, len(list))] {
		d, err := n.due(w.AwaitView, role)
		if err != nil {
			return nil, 0, err
		}
		out = append(out, d)
	}
	return out, len(list) - len(out), nil
}
