// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"openline/internal/desk/acts"
)

type geoCollection struct {
	Type     string       `json:"type"`
	Features []geoFeature `json:"features"`
}

type geoFeature struct {
	Type       string         `json:"type"`
	ID         string         `json:"id,omitempty"`
	Geometry   *geometry      `json:"geometry"`
	Properties map[string]any `json:"properties"`
}

type geometry struct {
	Type        string          `json:"type"`
	Coordinates json.RawMessage `json:"coordinates,omitempty"`
	Geometries  []geometry      `json:"geometries,omitempty"`
}

// GeoJSON writes a collection of features.
func GeoJSON(list []Feature) ([]byte, error) {
	out := geoCollection{Type: "FeatureCollection", Features: []geoFeature{}}
	for _, f := range list {
		p := map[string]any{"code": f.Code, "declared_by": f.DeclaredBy, "reported": f.Reported.UTC().Format(time.RFC3339), "state": f.State}
		for name, v := range f.Words {
			if v != "" {
				p[name] = v
			}
		}
		if f.Event != "" {
			p["event"] = f.Event
		}
		if f.Exercise {
			p["status"] = "exercise"
		}
		for name, t := range map[string]time.Time{"from": f.From, "to": f.To} {
			if !t.IsZero() {
				p[name] = t.UTC().Format(time.RFC3339)
			}
		}
		out.Features = append(out.Features, geoFeature{"Feature", f.Ref, f.geometry(), p})
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(out)
	return b.Bytes(), err
}

func (f Feature) geometry() *geometry {
	var list []geometry
	for _, area := range f.Areas {
		switch {
		case len(area) == 0:
		case len(area) == 1:
			list = append(list, geometry{Type: "Point", Coordinates: coordinates(area[0])})
		case !f.polygon(area):
			list = append(list, geometry{Type: "LineString", Coordinates: several(area)})
		default:
			r, turn := ring(area)
			if turn < 0 { // RFC 7946: against the clock
				slices.Reverse(r)
			}
			list = append(list, geometry{Type: "Polygon", Coordinates: json.RawMessage("[" + string(several(r)) + "]")})
		}
	}
	switch len(list) {
	case 0:
		return nil
	case 1:
		return &list[0]
	}
	return &geometry{Type: "GeometryCollection", Geometries: list}
}

func coordinates(p Position) json.RawMessage {
	return json.RawMessage("[" + decimal(p.Lon) + "," + decimal(p.Lat) + "]")
}

func several(list []Position) json.RawMessage {
	var out []string
	for _, p := range list {
		out = append(out, string(coordinates(p)))
	}
	return json.RawMessage("[" + strings.Join(out, ",") + "]")
}

// ReadGeoJSON reads a feature or a collection of them into drafts, and says
// of what it could not read why.
func ReadGeoJSON(file []byte) (drafts []acts.Draft, notes []string, err error) {
	if len(file) > maxFile {
		return nil, nil, errLarge
	}
	if err := shallow(file); err != nil {
		return nil, nil, err
	}
	d := json.NewDecoder(bytes.NewReader(file))
	d.UseNumber()
	var raw struct {
		geoFeature
		Features []geoFeature `json:"features"`
	}
	if err := d.Decode(&raw); err != nil {
		return nil, nil, fmt.Errorf("this is no GeoJSON: %w", err)
	}
	list := raw.Features
	switch raw.Type {
	case "Feature":
		list = []geoFeature{raw.geoFeature}
	case "FeatureCollection":
	default:
		return nil, nil, fmt.Errorf("this is no GeoJSON feature or collection: its type is %.40q", raw.Type)
	}
	if len(list) > maxFeatures {
		return nil, nil, fmt.Errorf("the file has more than %d features", maxFeatures)
	}
	for i, f := range list {
		draft, err := f.draft()
		if err != nil {
			notes = append(notes, fmt.Sprintf("feature %d: %v", i+1, err))
			continue
		}
		draft.Why = fmt.Sprintf("feature %d, a %s", i+1, f.Geometry.Type)
		drafts = append(drafts, draft)
	}
	return drafts, notes, nil
}

// shallow holds JSON to a depth.
func shallow(file []byte) error {
	d := json.NewDecoder(bytes.NewReader(file))
	for level := 0; ; {
		t, err := d.Token()
		if err != nil {
			return nil // the end, or a fault that decoding tells
		}
		switch t {
		case json.Delim('{'), json.Delim('['):
			if level++; level > maxLevels {
				return fmt.Errorf("the file has more than %d levels", maxLevels)
			}
		case json.Delim('}'), json.Delim(']'):
			level--
		}
	}
}

// draft is what a feature proposes: by its property code, or a point an
// incident, a line a movement and a polygon a closed area.
func (f geoFeature) draft() (acts.Draft, error) {
	var d acts.Draft
	if by, ok := f.Properties["declared_by"].(string); ok && by != "" {
		return d, fmt.Errorf("it was declared by %.40q on a line, and is not said anew; take declared_by out to say it as yours", by)
	}
	if f.Geometry == nil {
		return d, fmt.Errorf("it has no geometry")
	}
	area, err := f.Geometry.corners()
	if err != nil {
		return d, err
	}
	code, _ := f.Properties["code"].(string)
	if code == "" {
		code = map[string]string{"Point": "IN01", "LineString": "NT04", "Polygon": "NT03"}[f.Geometry.Type]
	}
	d.Code, d.Params = code, map[string]string{}
	text := func(name string) {
		if s, ok := f.Properties[name].(string); ok && strings.TrimSpace(s) != "" {
			d.Params[name] = s
		}
	}
	names := map[string][]string{
		"IN01": {"kind", "hour", "area", "units", "harm", "sure", "unsure"}, "IN06": {"hour", "until"}, "DS01": {"kind", "help", "unit", "number"},
		"NT03": {"levels", "notice"}, "NT04": {"kind", "marking", "contact"}, "DS02": {"marks"},
	}
	if names[code] == nil {
		return d, fmt.Errorf("its code is %.20q; IN01, IN06, DS01, NT03, NT04 and DS02 are read", code)
	}
	for _, name := range names[code] {
		text(name)
	}
	switch where := map[string]string{"IN01": "place", "IN06": "place", "DS01": "position", "NT03": "area", "NT04": "route", "DS02": "route"}[code]; where {
	case "place", "position":
		if len(area) != 1 {
			return d, fmt.Errorf("%s has one position, the feature %d", code, len(area))
		}
		d.Params[where] = area[0].String()
	default:
		d.Params[where] = typed(area)
		from, to := f.time("from"), f.time("to")
		if from.IsZero() || to.Before(from) {
			return d, fmt.Errorf("%s has a window: give the properties from and to, like 2027-04-01T08:00:00Z", code)
		}
		d.Params["window"] = window(from, to)
	}
	if s, _ := f.Properties["status"].(string); s == "exercise" || s == "test" {
		d.Status = s
	}
	return d, nil
}

func (f geoFeature) time(name string) time.Time {
	s, _ := f.Properties[name].(string)
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}
	}
	return t
}

// corners reads a point, a line, or the outer ring of a polygon.
func (g geometry) corners() ([]Position, error) {
	var raw [][]json.Number
	var err error
	switch g.Type {
	case "Point":
		raw = make([][]json.Number, 1)
		err = json.Unmarshal(g.Coordinates, &raw[0])
	case "LineString":
		err = json.Unmarshal(g.Coordinates, &raw)
	case "Polygon":
		var rings [][][]json.Number
		if err = json.Unmarshal(g.Coordinates, &rings); err == nil {
			if len(rings) != 1 {
				return nil, fmt.Errorf("a polygon with %d rings; one without holes is read", len(rings))
			}
			raw = rings[0]
		}
	default:
		return nil, fmt.Errorf("a geometry of type %.40q; Point, LineString and Polygon are read", g.Type)
	}
	if err != nil {
		return nil, fmt.Errorf("its coordinates are not read: %w", err)
	}
	if len(raw) == 0 || len(raw) > maxCorners+1 {
		return nil, fmt.Errorf("it has %d corners; 1 to %d are read", len(raw), maxCorners)
	}
	var out []Position
	for _, c := range raw {
		if len(c) < 2 {
			return nil, fmt.Errorf("a position has a longitude and a latitude")
		}
		lon, err := parseDegrees(string(c[0]), 180)
		if err != nil {
			return nil, fmt.Errorf("longitude %w", err)
		}
		lat, err := parseDegrees(string(c[1]), 90)
		if err != nil {
			return nil, fmt.Errorf("latitude %w", err)
		}
		out = append(out, Position{lat, lon})
	}
	if g.Type == "Polygon" {
		if out = open(out); len(out) < 3 {
			return nil, fmt.Errorf("a polygon has three corners at least")
		}
	}
	return out, nil
}
