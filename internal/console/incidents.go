// SPDX-License-Identifier: Apache-2.0

package console

import (
	"bytes"
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"openline/catalogue"
	"openline/internal/station"
	"openline/line"
	"openline/line/incident"
	"openline/record"
)

// incidentsView is the page of incidents: a map and the list beside it.
type incidentsView struct {
	Line   string
	Map    *mapView
	Rows   []incidentRow
	Zones  []zoneRow
	Left   int
	Review []incidentRow
	Since  string
	Moves  moves
}

type incidentRow struct {
	Opening   saidView
	Link      string
	Kind      string
	Place     string // in words and figures; empty: not said
	Area      string
	Hour      record.Stamp
	Next      record.Stamp
	Asked     int
	Answered  int
	Unmeant   bool
	Closed    bool
	Withdrawn bool
	Crossed   bool
	N         int
	last      record.Stamp
	corners   [][2]float64
}

// zoneRow is a zone of a notice, whose author it carries.
type zoneRow struct {
	Opening  saidView
	Window   *windowView
	Over     bool
	Corners  [][2]float64
	N        int
	HasPlace bool
}

// Bounds of the page.
const (
	maxIncidents = 200
	maxCorners   = 256
)

func (s *Server) incidents(w http.ResponseWriter, r *http.Request, who *seat) error {
	p, n, err := s.onLine(r, who, "incidents", "title.incidents")
	if err != nil {
		return err
	}
	v := incidentsView{Line: string(n.ID), Since: r.URL.Query().Get("since")}
	list, err := s.cfg.Station.Incidents(r.Context(), n.ID)
	if err != nil {
		return err
	}
	if v.Zones, err = n.zonesOf(r); err != nil {
		return err
	}
	slices.SortStableFunc(list, func(a, b incident.Incident) int { return cmp.Compare(b.Last, a.Last) })
	v.Left = max(0, len(list)-maxIncidents)
	list = list[:min(len(list), maxIncidents)]
	for _, in := range list {
		v.Rows = append(v.Rows, n.incidentRow(in))
	}
	slices.SortStableFunc(v.Rows, func(a, b incidentRow) int { return over(a) - over(b) })
	for i := range v.Rows {
		v.Rows[i].N = i + 1
	}
	since := record.Stamp(0)
	if at, err := day(v.Since); err == nil {
		since = record.Stamp(max(0, at.Unix()))
	} else {
		v.Since = ""
	}
	for _, in := range incident.Review(list, since) {
		v.Review = append(v.Review, n.incidentRow(in))
	}
	if v.Map, err = n.mapOf(readChart(r.URL.Query(), everything(v.Rows, v.Zones)), r.URL.Path, v.Rows, v.Zones); err != nil {
		return err
	}
	for _, code := range []string{"IN01", "IN06", "DS01", "IN02", "IN04", "DS02", "NT03"} {
		v.Moves.add(n.move(who, code, "", nil))
	}
	p.X = v
	s.write(w, p, "incidents")
	return nil
}

func over(r incidentRow) int {
	if r.Closed || r.Withdrawn {
		return 1
	}
	return 0
}

// everything is the chart on which all that has a place is seen.
func everything(rows []incidentRow, zones []zoneRow) chart {
	var places [][2]float64
	for _, r := range rows {
		places = append(places, r.corners...)
	}
	for _, over := range []bool{false, true} {
		for _, z := range zones {
			if z.Over == over && (!over || len(places) == 0) {
				places = append(places, z.Corners...)
			}
		}
	}
	return around(places, 6)
}

func (n *snap) incidentRow(in incident.Incident) incidentRow {
	row := incidentRow{Opening: n.saying(in.Opening), Kind: in.Kind, Area: in.Area, Hour: in.Hour, Asked: len(in.Asked), Unmeant: len(in.Unmeant) > 0,
		Closed: len(in.Closed) > 0, Withdrawn: in.Withdrawn.Number != 0, Crossed: in.Crossed, last: in.Last, corners: corners(in.Place)}
	row.Kind = cmp.Or(row.Kind, n.cat.Gloss(n.lang, in.Opening.Code))
	if now := record.Stamp(max(0, n.view.At.Unix())); in.Next > now || in.Next > 0 && !row.Closed {
		row.Next = in.Next
	}
	for _, q := range in.Asked {
		if len(q.Answers) > 0 {
			row.Answered++
		}
	}
	if len(row.corners) > 0 {
		row.Place = n.position(row.corners[0])
		if len(row.corners) > 1 {
			row.Place = n.T("incident.corners", "N", len(row.corners), "First", row.Place)
		}
	}
	row.Link = incidentPath(string(n.ID), row.Opening.Party, in.Opening.Number)
	return row
}

func incidentPath(id, party string, number uint64) string {
	return "/line/" + id + "/incident/" + party + "/" + strconv.FormatUint(number, 10)
}

// corners reads positions as an incident has them, latitude before longitude.
func corners(list []int64) (out [][2]float64) {
	for i := 0; i+1 < len(list) && len(out) < maxCorners; i += 2 {
		out = append(out, [2]float64{float64(list[i]) / catalogue.Degree, float64(list[i+1]) / catalogue.Degree})
	}
	return out
}

// position writes a position as the catalogue does in the reader's language.
func (n *snap) position(p [2]float64) string {
	unit := func(x float64) record.Value { return record.Int(int64(x*catalogue.Degree + half(x))) }
	return n.cat.FormatParam(n.lang, catalogue.Param{Name: "place", Kind: "position"}, record.Array(unit(p[0]), unit(p[1])), n.env)
}

func half(x float64) float64 {
	if x < 0 {
		return -.5
	}
	return .5
}

// zonesOf are the areas that notices name, each with its author and its
// window.
func (n *snap) zonesOf(r *http.Request) (out []zoneRow, err error) {
	list, err := n.s.cfg.Station.Matters(r.Context(), n.ID, "NT01", "NT02", "NT03", "NT04", "DS02")
	if err != nil {
		return nil, err
	}
	now := record.Stamp(max(0, n.view.At.Unix()))
	for _, m := range slices.Backward(list) {
		if len(out) == maxIncidents {
			break
		}
		z := zoneRow{Opening: n.saying(line.Said{Party: m.Thing.Party, Number: m.Thing.Number, Code: m.Code, From: m.Header.From, Time: m.Asked}),
			Over: m.Outcome == line.Withdrawn || m.Outcome == line.Corrected, Corners: corners(flat(m))}
		if win := windowOf(m); win != (line.Window{}) {
			z.Window = &windowView{win.From, win.To}
			z.Over = z.Over || win.To < now
		}
		z.HasPlace = len(z.Corners) > 0
		out = append(out, z)
	}
	return out, nil
}

func windowOf(m station.Matter) line.Window {
	if v, _ := m.Params["window"].AsArray(); len(v) == 2 {
		from, _ := v[0].AsUint()
		to, _ := v[1].AsUint()
		return line.Window{From: record.Stamp(from), To: record.Stamp(to)}
	}
	return line.Window{}
}

// flat gives the positions of a notice one after the other.
func flat(m station.Matter) (out []int64) {
	var take func(v record.Value, depth int)
	take = func(v record.Value, depth int) {
		if x, ok := v.AsInt(); ok && depth > 0 {
			out = append(out, x)
			return
		}
		list, _ := v.AsArray()
		for _, e := range list {
			if depth < 3 && len(out) < 2*maxCorners {
				take(e, depth+1)
			}
		}
	}
	for _, name := range []string{"area", "route", "launch", "impact", "place"} {
		if _, ok := m.Params[name]; ok && len(out) == 0 {
			take(m.Params[name], 0)
		}
	}
	return out
}

// mapRoute gives a part of the map alone, for the picking of a position.
func (s *Server) mapRoute(w http.ResponseWriter, r *http.Request, who *seat) error {
	p, n, err := s.onLine(r, who, "incidents", "title.incidents")
	if err != nil {
		return err
	}
	list, err := s.cfg.Station.Incidents(r.Context(), n.ID)
	if err != nil {
		return err
	}
	var rows []incidentRow
	for _, in := range list[max(0, len(list)-maxIncidents):] {
		rows = append(rows, n.incidentRow(in))
	}
	m, err := n.mapOf(readChart(r.URL.Query(), everything(rows, nil)), r.URL.Path, rows, nil)
	if err != nil {
		return err
	}
	m.Pick = true
	var out bytes.Buffer
	if err := s.pages.by["incidents"].ExecuteTemplate(&out, "chart", []any{p, m}); err != nil {
		return fmt.Errorf("internal error: the map cannot be written: %w", err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	// Who asked may be gone by now; nobody is left to tell.
	_, _ = w.Write(out.Bytes())
	return nil
}
