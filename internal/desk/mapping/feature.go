// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Feature is an incident or a notice with its place.
type Feature struct {
	Ref        string // name of its record
	Code       string
	Event      string // what it is, in a word or two; of a notice what the catalogue calls it
	DeclaredBy string // party
	Sender     string // full name of the party
	Reported   time.Time
	Last       time.Time // newest word on it
	Exercise   bool
	State      string // open, ended, withdrawn, corrected
	From, To   time.Time
	Areas      [][]Position // each one a point, a line or a polygon
	Line       bool         // of three corners or more it is a route, not a zone
	Words      map[string]string
}

// Position is one in hundred-thousandths of a degree.
type Position struct{ Lat, Lon int64 }

// Bounds of what is read.
const (
	maxFile     = 1 << 20
	maxFeatures = 1000
	maxCorners  = 256
	maxLevels   = 32
	degree      = 100_000
)

// Positions reads latitudes and longitudes, one after the other.
func Positions(list []int64) (out []Position) {
	for i := 0; i+1 < len(list); i += 2 {
		out = append(out, Position{list[i], list[i+1]})
	}
	return out
}

// decimal writes hundred-thousandths of a degree in degrees, exactly.
func decimal(n int64) string {
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	s := fmt.Sprintf("%s%d.%05d", sign, n/degree, n%degree)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// parseDegrees reads degrees to the nearest hundred-thousandth; what has five
// decimals or fewer is read exactly.
func parseDegrees(s string, most int64) (int64, error) {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || len(s) > 40 || !(math.Abs(f) <= float64(most)) {
		return 0, fmt.Errorf("%.40q is not between -%d and %d degrees", s, most, most)
	}
	return int64(math.Round(f * degree)), nil
}

func (p Position) String() string { return decimal(p.Lat) + "," + decimal(p.Lon) }

// typed writes corners as a person types them on the line.
func typed(list []Position) string {
	out := make([]string, len(list))
	for i, p := range list {
		out[i] = p.String()
	}
	return strings.Join(out, ";")
}

// polygon reports whether corners enclose a zone.
func (f Feature) polygon(area []Position) bool { return len(area) > 2 && !f.Line }

// ring closes corners; area twice their enclosed area, positive where they go
// around against the clock.
func ring(area []Position) (out []Position, sum float64) {
	out = append(out, area...)
	if len(out) == 0 || out[0] != out[len(out)-1] {
		out = append(out, area[:min(1, len(area))]...)
	}
	for i := 1; i < len(out); i++ {
		a, b := out[i-1], out[i]
		sum += float64(a.Lon)*float64(b.Lat) - float64(b.Lon)*float64(a.Lat)
	}
	return out, sum
}

// open drops the corner that closes a ring.
func open(list []Position) []Position {
	if n := len(list); n > 1 && list[0] == list[n-1] {
		return list[:n-1]
	}
	return list
}

var errLarge = errors.New("the file is larger than 1 MiB")

func window(from, to time.Time) string {
	return from.UTC().Format(time.RFC3339) + ".." + to.UTC().Format(time.RFC3339)
}
