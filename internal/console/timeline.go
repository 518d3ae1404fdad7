// SPDX-License-Identifier: Apache-2.0

package console

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"openline/internal/desk/contact"
	"openline/line/dossier"
	"openline/record"
)

// timeline is a drawing of what happened, a row for each level and kind.
type timeline struct {
	Rows   []timeRow
	Ticks  []timeTick
	Height string // in rem
	Now    string // where now is; empty: beyond the drawing
	Label  string
}

type timeRow struct {
	ID, Name string
	Y        string
	N        int
	Marks    []timeMark
	Threads  []timeThread
}

// timeMark is one thing that happened. X is where it begins, in parts of a
// hundred.
type timeMark struct {
	X, Y   string
	Title  string
	Class  string
	Shape  string // full, hollow, stroke, cross
	Href   string
	Square string
}

// timeThread joins what was asked to what came; open: nothing came.
type timeThread struct {
	X1, X2, Y string
	Open      bool
	Class     string
}

type timeTick struct{ X, Name, Anchor string }

// spanView is what stretch of time is shown.
type spanView struct {
	From, To       time.Time
	FromDay, ToDay string
	Wider, Nearer  string // queries
	Before, After  string
	All            string
	Days           int
}

// rows of the timeline, as they stand from above.
var timeRows = append(slices.Clone(contact.Levels), "invitation", "incident", "test")

// rowHeight is the height of a row in rem, as the style sheet has it.
const rowHeight = 2.75

// readSpan reads what stretch is asked for; otherwise the half year until a
// fortnight from now, or less if less is known.
func readSpan(q url.Values, now time.Time, all []happening, since time.Time) spanView {
	to := now.Add(14 * 24 * time.Hour).UTC().Truncate(24 * time.Hour)
	from := to.Add(-200 * 24 * time.Hour)
	if !since.IsZero() && since.Before(now) {
		from = since.Add(-7 * 24 * time.Hour).UTC().Truncate(24 * time.Hour)
	}
	first, last := from, to
	for _, h := range all {
		if h.At.Known() && h.At.At.Before(first) {
			first = h.At.At
		}
		if h.At.Known() && h.At.At.After(last) {
			last = h.At.At
		}
	}
	if t, err := time.Parse(time.DateOnly, q.Get("from")); err == nil && t.Year() > 1800 {
		from = t
	}
	if t, err := time.Parse(time.DateOnly, q.Get("to")); err == nil && t.Year() < 2400 {
		to = t
	}
	if !to.After(from) {
		to = from.Add(24 * time.Hour)
	}
	s := spanView{From: from, To: to, FromDay: from.Format(time.DateOnly), ToDay: to.Format(time.DateOnly), Days: int(to.Sub(from).Hours() / 24)}
	query := func(a, b time.Time) string {
		return "from=" + a.Format(time.DateOnly) + "&to=" + b.Format(time.DateOnly)
	}
	length := to.Sub(from)
	s.Wider, s.Nearer = query(from.Add(-length/2), to.Add(length/2)), query(from.Add(length/4), to.Add(-length/4))
	s.Before, s.After = query(from.Add(-length/2), to.Add(-length/2)), query(from.Add(length/2), to.Add(length/2))
	s.All = query(first.Add(-24*time.Hour), last.Add(24*time.Hour))
	return s
}

func (s spanView) has(h happening) bool {
	return !h.At.At.Before(s.From) && h.At.At.Before(s.To.Add(24*time.Hour)) ||
		h.End > 0 && h.At.At.Before(s.From) && instant(h.End).After(s.From)
}

// x is where an hour stands, in parts of a hundred.
func (s spanView) x(t time.Time, rtl bool) float64 {
	at := 100 * float64(t.Sub(s.From)) / float64(s.To.Add(24*time.Hour).Sub(s.From))
	at = max(-1, min(101, at))
	if rtl {
		return 100 - at
	}
	return at
}

func percent(x float64) string { return fmt.Sprintf("%.2f%%", x) }

func (n *snap) timeline(s spanView, list []happening, rtl bool) timeline {
	t := timeline{Height: fmt.Sprintf("%grem", rowHeight*float64(len(timeRows))), Ticks: ticks(s, rtl), Label: n.T("timeline.label", "From", s.FromDay, "To", s.ToDay)}
	if !n.view.At.Before(s.From) && !n.view.At.After(s.To.Add(24*time.Hour)) {
		t.Now = percent(s.x(n.view.At, rtl))
	}
	for i, id := range timeRows {
		y := fmt.Sprintf("%grem", (float64(i)+.5)*rowHeight)
		row := timeRow{ID: id, Name: n.T("row." + id), Y: y}
		for _, h := range list {
			if h.Row == id {
				row.N++
				n.draw(&row, s, h, rtl)
			}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// draw puts one thing into its row: what was asked is hollow, what came is
// full, and a thread joins them.
func (n *snap) draw(row *timeRow, s spanView, h happening, rtl bool) {
	m := timeMark{X: percent(s.x(h.At.At, rtl)), Y: row.Y, Class: h.Colour, Shape: "full", Href: h.Link,
		Title: h.At.String() + " · " + h.Kind + " · " + h.Who + " · " + h.Came}
	switch {
	case row.ID == "invitation":
		m.Shape = "hollow"
		end := s.x(n.view.At, rtl)
		if h.End > 0 {
			end = s.x(instant(h.End), rtl)
			row.Marks = append(row.Marks, timeMark{X: percent(end), Y: row.Y, Class: h.Colour, Shape: "end", Title: m.Title})
		}
		if h.End > 0 || h.Open {
			row.Threads = append(row.Threads, timeThread{m.X, percent(end), row.Y, h.End == 0, h.Colour})
		}
	case row.ID == "incident":
		m.Shape = "cross"
	case row.ID == "test":
		m.Shape = "stroke"
	case h.Context:
		m.Shape = "hollow"
	}
	row.Marks = append(row.Marks, m)
}

// ticks are the days, weeks, months or years of a stretch.
func ticks(s spanView, rtl bool) (out []timeTick) {
	days := s.Days
	next := func(t time.Time) time.Time { return t.AddDate(0, 0, 1) }
	at, layout := s.From, "01-02"
	month := time.Date(s.From.Year(), s.From.Month(), 1, 0, 0, 0, 0, time.UTC)
	switch {
	case days > 3000:
		at, layout, next = time.Date(s.From.Year(), 1, 1, 0, 0, 0, 0, time.UTC), "2006", func(t time.Time) time.Time { return t.AddDate(max(1, days/3650), 0, 0) }
	case days > 500:
		at, layout, next = month, "2006-01", func(t time.Time) time.Time { return t.AddDate(0, max(3, days/300), 0) }
	case days > 70:
		at, layout, next = month, "2006-01", func(t time.Time) time.Time { return t.AddDate(0, 1+days/250, 0) }
	case days > 12:
		next = func(t time.Time) time.Time { return t.AddDate(0, 0, 7) }
	}
	for ; at.Before(s.To.Add(24*time.Hour)) && len(out) < 40; at = next(at) {
		if !at.Before(s.From) {
			anchor := "start"
			if rtl {
				anchor = "end"
			}
			out = append(out, timeTick{percent(s.x(at, rtl)), at.Format(layout), anchor})
		}
	}
	return out
}

// fromTheLine adds what the line itself knows: invitations and what came,
// incidents, tests a person read.
func (n *snap) fromTheLine(r *http.Request, out []happening) ([]happening, error) {
	t, err := n.s.cfg.Station.Dossiers(r.Context(), n.ID)
	if err != nil {
		return nil, err
	}
	for _, d := range t.Dossiers[max(0, len(t.Dossiers)-maxHappenings):] {
		out = append(out, n.invitation(d))
	}
	list, err := n.s.cfg.Station.Incidents(r.Context(), n.ID)
	if err != nil {
		return nil, err
	}
	for _, in := range list[max(0, len(list)-maxHappenings):] {
		row := n.incidentRow(in)
		at := cmp.Or(in.Hour, in.Opening.Time)
		h := happening{At: contact.Time{At: instant(at)}, Row: "incident", Kind: n.T("kind.incident"), Who: row.Opening.Office, Subject: row.Kind, Record: &row.Opening,
			Link: row.Link, Colour: row.Opening.Colour, Came: n.T("incident.open")}
		if row.Closed {
			h.Came = n.T("incident.closed")
		}
		out = append(out, h)
	}
	return append(out, n.testDays()...), nil
}

// testDays are the line tests among the newest records, a line for each day
// and side, as the transcript folds them; those a person read stand with the
// watch.
func (n *snap) testDays() (out []happening) {
	type of struct {
		day    string
		party  record.PartyNo
		person bool
	}
	at := map[of]int{}
	count := map[of]int{}
	for _, rec := range n.recent {
		if rec.Header == nil || rec.Header.Code != "LT01" && rec.Header.Code != "LT02" {
			continue
		}
		k := of{instant(rec.Time()).Format(time.DateOnly), rec.Log.Party, rec.Header.Code == "LT02"}
		if _, ok := at[k]; !ok {
			day, _ := contact.ParseTime(k.day)
			us := n.party(k.party)
			h := happening{At: day, Row: "test", Kind: n.T("kind.test"), Who: us.Title, Colour: us.Colour, Source: n.T("contacts.thisline")}
			if k.person {
				h.Row, h.Level = contact.LevelWatch, n.T("level.watch")
			}
			at[k], out = len(out), append(out, h)
		}
		count[k]++
		said := "fold"
		if k.person {
			said = "fold.person"
		}
		out[at[k]].Came = n.T(said, "N", count[k])
	}
	return out
}

func (n *snap) invitation(d dossier.Dossier) happening {
	row := n.dossierRow(d)
	h := happening{At: contact.Time{At: instant(d.Opening.Time)}, Row: "invitation", Kind: row.Kind, Who: row.From, Subject: d.Subject, Record: &row.Opening, Link: row.Link,
		Colour: row.Opening.Colour, Open: d.Ended.Number == 0}
	for i, s := range d.Sides {
		h.Who += " → " + row.Sides[i].Office
		h.Came = row.Sides[i].Word
		if s.By.Number != 0 {
			h.End = max(h.End, s.By.Time)
		}
	}
	h.End = max(h.End, d.Ended.Time)
	if h.End == record.Stamp(0) {
		h.Came = n.dossierState("open")
	}
	return h
}
