// SPDX-License-Identifier: Apache-2.0

package console

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// A position is where the chart says it is, at every zoom and across the date
// line.
func TestChartThereAndBack(t *testing.T) {
	for zoom := range maxZoom + 1 {
		for _, c := range []chart{{0, 0, zoom}, {24.4, 119.7, zoom}, {-60, 179.9, zoom}, {70, -179.9, zoom}} {
			for _, d := range [][2]float64{{0, 0}, {1, 2}, {-3, -2.5}} {
				lat, lon := c.Lat+d[0], math.Mod(c.Lon+d[1]+540, 360)-180
				gotLat, gotLon := c.place(c.at(lat, lon))
				if math.Abs(gotLat-lat) > 1e-6 || math.Abs(math.Mod(gotLon-lon+540, 360)-180) > 1e-6 {
					t.Errorf("%+v: %g,%g comes back as %g,%g", c, lat, lon, gotLat, gotLon)
				}
			}
		}
	}
}

// What is drawn stays on the chart, and what is land is there.
func TestLandStaysOnTheChart(t *testing.T) {
	numbers := regexp.MustCompile(`-?[0-9.]+`)
	for _, c := range []chart{{20, 20, 0}, {24.4, 119.7, 5}, {0, 180, 2}, {-89, 0, 0}, {64, -18, 6}, {0, -140, 9}} {
		path, err := c.land()
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(path, "NaN") || strings.Contains(path, "Inf") {
			t.Fatalf("%+v draws what is no number", c)
		}
		for i, s := range numbers.FindAllString(path, -1) {
			x, err := strconv.ParseFloat(s, 64)
			if most := []float64{chartWide, chartHigh}[i%2]; err != nil || x < -10 || x > most+10 {
				t.Fatalf("%+v draws at %s", c, s)
			}
		}
		if water := c.Zoom == 9; water != (path == "") {
			t.Errorf("%+v has land: %v", c, path != "")
		}
	}
}

// All of some positions stand on the chart around them, and it is as near as
// they allow.
func TestChartAroundHoldsAll(t *testing.T) {
	for name, places := range map[string][][2]float64{
		"one": {{24, 119}}, "two": {{24, 119}, {18, 112}}, "date line": {{10, 179}, {12, -178}}, "far": {{60, -170}, {-50, 20}, {0, 100}},
	} {
		c := around(places, 6)
		if c.Zoom > 0 && !c.holds(places) {
			t.Errorf("%s: %+v does not hold all", name, c)
		}
		if name == "date line" && c.Zoom < 4 {
			t.Errorf("across the date line the chart is as wide as %+v", c)
		}
	}
}

// No ring jumps across the chart: what crosses the date line goes on beyond
// it.
func TestCoastHasNoJumps(t *testing.T) {
	layers, err := coasts()
	if err != nil {
		t.Fatal(err)
	}
	for i, layer := range layers {
		if len(layer.rings) < 100 {
			t.Fatalf("layer %d has %d rings", i, len(layer.rings))
		}
		for _, r := range layer.rings {
			for j := 1; j < len(r.points); j++ {
				a, b := r.points[j-1], r.points[j]
				if math.Abs(a[0]-b[0]) > 60 && a[1] > -89 {
					t.Fatalf("layer %d goes from %v to %v", i, a, b)
				}
			}
		}
	}
}
