// SPDX-License-Identifier: Apache-2.0

package console

import (
	"net/http"
	"slices"

	"openline/internal/desk/draft"
)

// writtenRow is one draft in the list.
type writtenRow struct {
	ID, Slug, By, Code, Said, Record, Link, Dropped string
	No, Version                                     int
	At                                              any
	Names                                           []string
	Sending, Back                                   bool
}

// endedRows is how many of those that ended the list shows, the newest.
const endedRows = 20

// writtenRows are the drafts of every line, open ones first written first.
func (s *Server) writtenRows(r *http.Request, p *page) (open, ended []writtenRow, err error) {
	if s.cfg.Desk == nil {
		return nil, nil, nil
	}
	for _, l := range s.lines {
		n, err := s.snap(r.Context(), l, p.Words)
		if err != nil {
			return nil, nil, err
		}
		now, err := s.cfg.Desk.Drafts(l.ID)
		if err != nil {
			return nil, nil, err
		}
		past, _, err := s.cfg.Desk.Ended(l.ID)
		if err != nil {
			return nil, nil, err
		}
		slices.Reverse(past)
		for _, d := range now {
			if open, err = n.addRow(open, d); err != nil {
				return nil, nil, err
			}
		}
		for _, d := range past[:min(len(past), endedRows)] {
			if ended, err = n.addRow(ended, d); err != nil {
				return nil, nil, err
			}
		}
	}
	return open, ended, nil
}

func (n *snap) addRow(to []writtenRow, d draft.Draft) ([]writtenRow, error) {
	v := d.Newest()
	say, err := n.s.cfg.Desk.Said(n.ID, v)
	if err != nil {
		return to, err
	}
	x := writtenRow{ID: writtenID(n.ID, d.No), Slug: n.ID.Slug(), By: d.By, Code: say.Code, Said: n.cat.Gloss(n.lang, say.Code), No: d.No, Version: v.No, At: d.At,
		Sending: d.Sending > 0, Back: v.Back != nil}
	for _, g := range v.Signed {
		x.Names = append(x.Names, g.Person)
	}
	if d.Dropped != nil {
		x.Dropped = d.Dropped.By
	}
	if d.Released != nil {
		x.Record = d.Released.Record
		if ref, err := n.env.ParseRef(x.Record); err == nil {
			x.Link = recordPath(string(n.ID), n.env.PartyName(ref.Party), ref.Number)
		}
	}
	return append(to, x), nil
}
