// SPDX-License-Identifier: Apache-2.0

package console

import (
	"fmt"
	"math"
	"strings"
)

// mapView is one drawing of the map, and the ways to others.
type mapView struct {
	Box       string
	Land      string
	Mesh      []mesh
	Marks     []mapMark
	Areas     []mapArea
	Chart     chart
	Centre    string
	Wide      string // how wide it is, in words
	Nearer    string
	Farther   string
	North     string
	South     string
	East      string
	West      string
	All       string
	Pick      bool
	Off       int // places that lie beyond its edges
	W, H      string
	CX, CY    string
	AnyPlaces bool
}

// mapMark is one incident where it was said to be.
type mapMark struct {
	X, Y   string
	TX     string
	Anchor string
	Href   string
	Name   string
	Title  string
	Colour string
	Shape  string // its drawing: what kind it is, never whose doing
	Closed bool
}

// mapArea is a zone with the name of its author.
type mapArea struct {
	Path, X, Y string
	Href       string
	Name       string
	Colour     string
	Over       bool // its window has passed, or it was taken back
}

func (n *snap) mapOf(c chart, path string, rows []incidentRow, zones []zoneRow) (*mapView, error) {
	land, err := c.land()
	if err != nil {
		return nil, err
	}
	m := &mapView{Box: fmt.Sprintf("0 0 %g %g", chartWide, chartHigh), Land: land, Mesh: c.meshes(), Chart: c, Centre: n.position([2]float64{math.Round(c.Lat*1000) / 1000, math.Round(c.Lon*1000) / 1000}),
		W: fmt.Sprintf("%g", chartWide), H: fmt.Sprintf("%g", chartHigh), CX: fmt.Sprintf("%g", chartWide/2), CY: fmt.Sprintf("%g", chartHigh/2)}
	m.Wide = n.T("map.wide", "Degrees", strings.TrimRight(strings.TrimRight(fmt.Sprintf("%.2f", chartWide/c.scale()), "0"), "."))
	link := func(x, y float64, zoom int) string { return path + "?" + c.moved(x, y, zoom).query() }
	m.Nearer, m.Farther, m.North, m.South, m.West, m.East = link(0, 0, 1), link(0, 0, -1), link(0, -1, 0), link(0, 1, 0), link(-1, 0, 0), link(1, 0, 0)
	m.All = path
	for _, z := range zones {
		if len(z.Corners) > 0 {
			m.area(c, z.Corners, z.Opening, z.Opening.Link, z.Over)
		}
	}
	for _, r := range rows {
		if len(r.corners) > 1 {
			m.area(c, r.corners, r.Opening, r.Link, r.Closed || r.Withdrawn)
		}
		if len(r.corners) == 1 {
			m.mark(c, r)
		}
	}
	m.AnyPlaces = len(m.Marks)+len(m.Areas)+m.Off > 0
	return m, nil
}

func (m *mapView) mark(c chart, r incidentRow) {
	p := c.at(r.corners[0][0], r.corners[0][1])
	if !p.inside() {
		m.Off++
		return
	}
	k := mapMark{X: fmt.Sprintf("%.1f", p.X), Y: fmt.Sprintf("%.1f", p.Y), TX: fmt.Sprintf("%.1f", p.X+13), Anchor: "start", Href: r.Link,
		Name: r.Opening.Ref, Title: r.Opening.Said, Colour: r.Opening.Colour, Shape: "event", Closed: r.Closed || r.Withdrawn}
	if p.X > chartWide-120 {
		k.TX, k.Anchor = fmt.Sprintf("%.1f", p.X-13), "end"
	}
	if strings.HasPrefix(r.Opening.Code, "DS") {
		k.Shape = "distress"
	}
	m.Marks = append(m.Marks, k)
}

// area draws a zone as the straight lines between its corners.
func (m *mapView) area(c chart, corners [][2]float64, by saidView, href string, over bool) {
	var path strings.Builder
	seen := false
	var mid point
	for i, at := range corners {
		p := c.at(at[0], at[1])
		seen = seen || p.inside()
		letter := "L"
		if i == 0 {
			letter = "M"
		}
		fmt.Fprintf(&path, "%s%.1f %.1f", letter, max(-9999, min(9999, p.X)), max(-9999, min(9999, p.Y)))
		mid.X, mid.Y = mid.X+p.X/float64(len(corners)), mid.Y+p.Y/float64(len(corners))
	}
	if len(corners) > 2 {
		path.WriteByte('Z')
	}
	if !seen && !mid.inside() {
		m.Off++
		return
	}
	m.Areas = append(m.Areas, mapArea{path.String(), fmt.Sprintf("%.1f", mid.X), fmt.Sprintf("%.1f", mid.Y), href, by.Ref, by.Colour, over})
}
