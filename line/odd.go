// SPDX-License-Identifier: Apache-2.0

package line

import (
	"slices"

	"openline/record"
)

// Mark is an act that counts for less than it says, or is dated oddly, and
// why. It says what is so of the record and nothing of its author.
type Mark struct {
	By  Said   `json:"by"`
	Why string `json:"why"`
}

// maxMarks is how many acts of each party in one thing are marked, the first
// ones of its log.
const maxMarks = 64

// oddly is how far two hours are apart that no two clocks differ by.
const oddly = 86400

// Marks are the acts of a thing that have no effect, and those whose dates
// and what they answer contradict each other, by party and place.
func (t *Thing) Marks() []Mark {
	out := []Mark{}
	if t.Removed || t.missing {
		return out
	}
	n := map[record.PartyNo]int{}
	for _, a := range t.Acts {
		why := t.Why(a)
		if why == "" {
			why = t.dated(a)
		}
		if why == "" {
			continue
		}
		if n[a.Ref.Party]++; n[a.Ref.Party] <= maxMarks {
			out = append(out, Mark{a.Said(), why})
		}
	}
	return out
}

// dated says what is odd about the hour in an act's leaf: who answers a record
// has seen it, and is not a day before it.
func (t *Thing) dated(a *Act) string {
	switch {
	case a.Time > a.Dated && a.Time-a.Dated > oddly:
		return "dated before an earlier record of its author, whose hour counts"
	case slices.ContainsFunc(t.Answers(a), func(b *Act) bool { return b.Dated > a.Dated && b.Dated-a.Dated > oddly }):
		return "dated before a record it answers"
	}
	for _, b := range t.Acts {
		if slices.Contains(t.Answers(b), a) && a.Dated > b.Time && a.Dated-b.Time > oddly {
			return "dated after a record that answers it"
		}
	}
	return ""
}
