// SPDX-License-Identifier: Apache-2.0

package brief

import (
	"fmt"
	"slices"
	"strings"
)

// askedRows are the rows of the table asked / came: one for each time that was
// asked, but for imported rows that read alike, which are one with their
// number. A row is written when it is looked at: a sheet shows a few of
// thousands.
type askedRows struct {
	s    *speaker
	all  []Attempt
	rows []askedRow
}

type askedRow struct {
	at    int // the attempt
	same  int // how many read alike
	cells []string
}

func (s *speaker) askedRows() *askedRows {
	r := &askedRows{s: s, all: s.b.Invitations.All, rows: make([]askedRow, 0, len(s.b.Invitations.All))}
	for i, a := range r.all {
		row := askedRow{at: i, same: 1}
		if last := len(r.rows) - 1; last >= 0 && a.Record == "" {
			row.cells = s.askedCells(a)
			if slices.Equal(r.cells(last), row.cells) {
				r.rows[last].same++
				continue
			}
		}
		r.rows = append(r.rows, row)
	}
	return r
}

// cells is a row as it is written.
func (r *askedRows) cells(i int) []string {
	row := &r.rows[i]
	if row.cells == nil {
		row.cells = r.s.askedCells(r.all[row.at])
	}
	return row.cells
}

func (s *speaker) askedCells(a Attempt) []string {
	or := func(p *string) string {
		if p == nil {
			return "–"
		}
		return hmOf(*p)
	}
	asked := s.w.say("unknown", nil)
	if a.Asked != nil {
		asked = *a.Asked
	}
	return []string{asked, s.text(a.From) + " – " + s.text(a.To), s.matterCell(a), short10(or(a.Receipt)), or(a.Due), s.cameCell(a)}
}

// askedTable has the newest rows there is room for.
func (l *layout) askedTable(n *numbering, form Form) *sheetTable {
	s := &l.speaker
	t := &sheetTable{cols: s.cols("asked", "who", "matter", "receipt", "due", "came")}
	first := 0
	if most := form.most(mostRows["asked"], leastRows["asked"]); len(l.asked.rows) > most {
		first = len(l.asked.rows) - most
		t.left = s.w.say("more", args{"N": first})
	}
	for i := first; i < len(l.asked.rows); i++ {
		row := sheetRow{cells: slices.Clone(l.asked.cells(i)), same: l.asked.rows[i].same}
		source := l.asked.all[l.asked.rows[i].at].Source
		first, _, _ := strings.Cut(source, ", ")
		row.refs = n.refs(sourcesIn(source, isRecord(first)))
		if row.same > 1 {
			row.cells[0] = fmt.Sprintf("%d × %s", row.same, row.cells[0])
		}
		t.rows = append(t.rows, row)
	}
	return t
}
