// SPDX-License-Identifier: Apache-2.0

package console

import (
	"embed"
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"
	"sync"
)

// The coastlines of the map: land and water, no border (coast/README.md).
// Another layer takes their place by being written into the same files.
//
//go:embed coast/*.json
var coastFiles embed.FS

// The chart as it is drawn: Mercator, so that a course is a straight line.
const (
	chartWide = 1000.0
	chartHigh = 620.0
	maxZoom   = 9
	maxLat    = 84.0 // beyond it the projection leaves the page
)

// chart is what part of the world is drawn, and at what size.
type chart struct {
	Lat, Lon float64
	Zoom     int // the chart is 360°/2^Zoom wide
}

// point is a place on the chart.
type point struct{ X, Y float64 }

func mercator(lat float64) float64 {
	lat = max(-maxLat, min(maxLat, lat))
	return math.Log(math.Tan(math.Pi/4+lat*math.Pi/360)) * 180 / math.Pi
}

func unmercator(y float64) float64 { return math.Atan(math.Sinh(y*math.Pi/180)) * 180 / math.Pi }

func (c chart) scale() float64 { return chartWide * math.Exp2(float64(c.Zoom)) / 360 }

// at places a position on the chart, on the side of the date line that is
// nearer.
func (c chart) at(lat, lon float64) point {
	d := math.Mod(lon-c.Lon+540, 360) - 180
	if d < -180 {
		d += 360
	}
	return point{chartWide/2 + d*c.scale(), chartHigh/2 - (mercator(lat)-mercator(c.Lat))*c.scale()}
}

// place is the position of a point of the chart.
func (c chart) place(p point) (lat, lon float64) {
	lon = math.Mod(c.Lon+(p.X-chartWide/2)/c.scale()+540, 360) - 180
	return unmercator(mercator(c.Lat) - (p.Y-chartHigh/2)/c.scale()), lon
}

func (p point) inside() bool { return p.X >= 0 && p.X <= chartWide && p.Y >= 0 && p.Y <= chartHigh }

// readChart reads which part is asked for; what is not a number is not.
func readChart(q url.Values, otherwise chart) chart {
	c := otherwise
	read := func(name string, least, most float64, into *float64) {
		if v, err := strconv.ParseFloat(q.Get(name), 64); err == nil && v >= least && v <= most {
			*into = v
		}
	}
	zoom := float64(c.Zoom)
	read("lat", -maxLat, maxLat, &c.Lat)
	read("lon", -180, 180, &c.Lon)
	read("zoom", 0, maxZoom, &zoom)
	c.Zoom = int(zoom)
	return c
}

func (c chart) query() string {
	return fmt.Sprintf("lat=%.3f&lon=%.3f&zoom=%d", c.Lat, c.Lon, c.Zoom)
}

// moved is the chart a third of its width away, or nearer or farther.
func (c chart) moved(x, y float64, zoom int) chart {
	lat, lon := c.place(point{chartWide/2 + x*chartWide/3, chartHigh/2 + y*chartHigh/3})
	return chart{max(-maxLat+1, min(maxLat-1, lat)), lon, max(0, min(maxZoom, c.Zoom+zoom))}
}

// around is the nearest chart on which all of some positions stand.
func around(places [][2]float64, nearest int) chart {
	if len(places) == 0 {
		return chart{20, 20, 0}
	}
	// The middle of the narrowest stretch of longitudes that has all: every
	// gap between neighbours is tried as the one that is left out.
	best := chart{places[0][0], places[0][1], 0}
	for _, start := range places[:min(len(places), 64)] {
		west, east, south, north := 0.0, 0.0, 90.0, -90.0
		for _, p := range places {
			d := math.Mod(p[1]-start[1]+540, 360) - 180
			west, east, south, north = min(west, d), max(east, d), min(south, p[0]), max(north, p[0])
		}
		c := chart{unmercator((mercator(south) + mercator(north)) / 2), math.Mod(start[1]+(west+east)/2+540, 360) - 180, nearest}
		for c.Zoom > 0 && !c.holds(places) {
			c.Zoom--
		}
		if c.Zoom >= best.Zoom {
			best = c
		}
	}
	return best
}

func (c chart) holds(places [][2]float64) bool {
	for _, p := range places {
		q := c.at(p[0], p[1])
		if q.X < chartWide*.12 || q.X > chartWide*.88 || q.Y < chartHigh*.12 || q.Y > chartHigh*.88 {
			return false
		}
	}
	return true
}

// coast is one coastline.
type coast struct{ rings []coastRing }

// coastRing is a closed line of longitudes and latitudes, and within which it
// lies.
type coastRing struct {
	points                   [][2]float64
	west, east, south, north float64
}

var coasts = sync.OnceValues(func() ([2]coast, error) {
	var out [2]coast
	for i, name := range []string{"coast/coast-110.json", "coast/coast-50.json"} {
		b, err := coastFiles.ReadFile(name)
		if err != nil {
			return out, err
		}
		var doc struct {
			Unit  float64 `json:"unit"`
			Rings [][]int `json:"rings"`
		}
		if err := json.Unmarshal(b, &doc); err != nil || doc.Unit <= 0 {
			return out, fmt.Errorf("%s: %w", name, err)
		}
		for _, r := range doc.Rings {
			ring := coastRing{west: 360, east: -360, south: 90, north: -90}
			x, y := 0, 0
			for j := 0; j+1 < len(r); j += 2 {
				x, y = x+r[j], y+r[j+1]
				lon, lat := float64(x)/doc.Unit, float64(y)/doc.Unit
				ring.points = append(ring.points, [2]float64{lon, lat})
				ring.west, ring.east, ring.south, ring.north = min(ring.west, lon), max(ring.east, lon), min(ring.south, lat), max(ring.north, lat)
			}
			out[i].rings = append(out[i].rings, ring)
		}
	}
	return out, nil
})

// land draws the coast that lies on the chart, as the path of a drawing.
func (c chart) land() (string, error) {
	both, err := coasts()
	if err != nil {
		return "", err
	}
	layer := both[0]
	if c.Zoom > 2 {
		layer = both[1]
	}
	var out strings.Builder
	s, my := c.scale(), mercator(c.Lat)
	half := chartWide/2/s + 1
	top, _ := c.place(point{0, -20})
	bottom, _ := c.place(point{0, chartHigh + 20})
	for _, ring := range layer.rings {
		for _, turn := range []float64{-360, 0, 360} {
			if ring.east+turn < c.Lon-half || ring.west+turn > c.Lon+half || ring.north < bottom || ring.south > top {
				continue
			}
			list := make([]point, 0, len(ring.points))
			for _, p := range ring.points {
				list = append(list, point{chartWide/2 + (p[0]+turn-c.Lon)*s, chartHigh/2 - (mercator(p[1])-my)*s})
			}
			writePath(&out, clip(list))
		}
	}
	return out.String(), nil
}

// clip cuts a ring at the edges of the chart and a little beyond, so that no
// edge shows.
func clip(ring []point) []point {
	const beyond = 8
	edges := []struct {
		in  func(point) bool
		cut func(a, b point) point
	}{
		{func(p point) bool { return p.X >= -beyond }, func(a, b point) point { return cutX(a, b, -beyond) }},
		{func(p point) bool { return p.X <= chartWide+beyond }, func(a, b point) point { return cutX(a, b, chartWide+beyond) }},
		{func(p point) bool { return p.Y >= -beyond }, func(a, b point) point { return cutY(a, b, -beyond) }},
		{func(p point) bool { return p.Y <= chartHigh+beyond }, func(a, b point) point { return cutY(a, b, chartHigh+beyond) }},
	}
	for _, e := range edges {
		var out []point
		for i, b := range ring {
			a := ring[(i+len(ring)-1)%len(ring)]
			switch {
			case e.in(b) && !e.in(a):
				out = append(out, e.cut(a, b), b)
			case e.in(b):
				out = append(out, b)
			case e.in(a):
				out = append(out, e.cut(a, b))
			}
		}
		if ring = out; len(ring) == 0 {
			return nil
		}
	}
	return ring
}

func cutX(a, b point, x float64) point { return point{x, a.Y + (b.Y-a.Y)*(x-a.X)/(b.X-a.X)} }
func cutY(a, b point, y float64) point { return point{a.X + (b.X-a.X)*(y-a.Y)/(b.Y-a.Y), y} }

// writePath writes a ring, leaving out steps that nobody sees.
func writePath(out *strings.Builder, ring []point) {
	if len(ring) < 3 {
		return
	}
	last := point{math.Inf(1), 0}
	for i, p := range ring {
		if i > 0 && math.Abs(p.X-last.X) < .8 && math.Abs(p.Y-last.Y) < .8 {
			continue
		}
		letter := "L"
		if i == 0 {
			letter = "M"
		}
		fmt.Fprintf(out, "%s%.1f %.1f", letter, p.X, p.Y)
		last = p
	}
	out.WriteByte('Z')
}

// mesh is one line of latitude or longitude with its degree.
type mesh struct {
	X1, Y1, X2, Y2, TX, TY string
	Name                   string
}

// meshes are the lines of latitude and longitude, six or so across.
func (c chart) meshes() (out []mesh) {
	step := 60.0
	for _, s := range []float64{30, 20, 10, 5, 2, 1, .5, .2, .1} {
		if s*c.scale() > chartWide/9 {
			step = s
		}
	}
	f := func(x float64) string { return strconv.FormatFloat(x, 'f', 1, 64) }
	_, west := c.place(point{0, 0})
	for i := math.Ceil(west / step); i <= math.Ceil(west/step)+chartWide/c.scale()/step; i++ {
		lon := math.Mod(i*step+540, 360) - 180
		x := (i*step - west) * c.scale()
		if x > 0 && x < chartWide {
			out = append(out, mesh{f(x), "0", f(x), f(chartHigh), f(x + 4), f(chartHigh - 6), degrees(lon, "E", "W")})
		}
	}
	top, _ := c.place(point{0, 0})
	bottom, _ := c.place(point{0, chartHigh})
	for i := math.Ceil(bottom / step); i*step < top; i++ {
		y := c.at(i*step, c.Lon).Y
		out = append(out, mesh{"0", f(y), f(chartWide), f(y), "4", f(y - 4), degrees(i*step, "N", "S")})
	}
	return out
}

func degrees(v float64, plus, minus string) string {
	if v = math.Round(v*100) / 100; v < 0 {
		return strconv.FormatFloat(-v, 'f', -1, 64) + "°" + minus
	}
	return strconv.FormatFloat(v, 'f', -1, 64) + "°" + plus
}
