// SPDX-License-Identifier: Apache-2.0

package mapping_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"openline/internal/desk/mapping"

	"pgregory.net/rapid"
)

var at = time.Date(2027, 1, 11, 8, 0, 0, 0, time.UTC)

func feature(area []mapping.Position) mapping.Feature {
	return mapping.Feature{Ref: "blue/412", Code: "NT03", Event: "closed <area> & \"more\"", DeclaredBy: "blue", Sender: "blue.example", Reported: at, Last: at, State: "open",
		From: at, To: at.Add(time.Hour), Areas: [][]mapping.Position{area}, Words: map[string]string{"area": "outer ]]> roads"}}
}

func corners(area []mapping.Position) map[mapping.Position]bool {
	out := map[mapping.Position]bool{}
	for _, p := range area {
		out[p] = true
	}
	return out
}

// Any position and any zone come back from either format, to the
// hundred-thousandth of a degree.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		one := rapid.Custom(func(rt *rapid.T) mapping.Position {
			return mapping.Position{Lat: rapid.Int64Range(-90e5, 90e5).Draw(rt, "lat"), Lon: rapid.Int64Range(-180e5, 180e5).Draw(rt, "lon")}
		})
		area := rapid.SliceOfNDistinct(one, 3, 20, rapid.ID[mapping.Position]).Draw(rt, "area")
		f := feature(area)
		geo, err := mapping.GeoJSON([]mapping.Feature{f})
		if err != nil {
			t.Fatal(err)
		}
		msg, err := mapping.CAP(f, []string{"blue.example", "red.example"}, []mapping.Info{{"en", "h", "d"}})
		if err != nil {
			t.Fatal(err)
		}
		geo = []byte(strings.Replace(string(geo), `"declared_by": "blue",`, "", 1))
		fromGeo, notes, err := mapping.ReadGeoJSON(geo)
		if err != nil || len(notes) > 0 || len(fromGeo) != 1 {
			t.Fatalf("%v, %v, %s", err, notes, geo)
		}
		fromCAP, notes, err := mapping.ReadCAP(msg, nil)
		if err != nil || len(notes) > 0 || len(fromCAP) != 1 {
			t.Fatalf("%v, %v, %s", err, notes, msg)
		}
		for _, d := range []string{fromGeo[0].Params["area"], fromCAP[0].Params["area"]} {
			var back []mapping.Position
			for p := range strings.SplitSeq(d, ";") {
				var lat, lon float64
				if _, err := fmt.Sscanf(p, "%g,%g", &lat, &lon); err != nil {
					t.Fatal(err)
				}
				round := func(x float64) int64 {
					if x < 0 {
						return int64(x*1e5 - .5)
					}
					return int64(x*1e5 + .5)
				}
				back = append(back, mapping.Position{Lat: round(lat), Lon: round(lon)})
			}
			if len(back) != len(area) || fmt.Sprint(corners(back)) != fmt.Sprint(corners(area)) {
				t.Fatalf("%v became %v", area, back)
			}
		}
		if w := fromCAP[0].Params["window"]; w != "2027-01-11T08:00:00Z..2027-01-11T09:00:00Z" || w != fromGeo[0].Params["window"] {
			t.Fatal(w)
		}
	})
}

// GeoJSON: longitude first, rings closed and against the clock, points,
// routes, several areas, who declared a zone.
func TestGeoJSON(t *testing.T) {
	square := []mapping.Position{{Lat: 0, Lon: 0}, {Lat: 10, Lon: 0}, {Lat: 10, Lon: -10}, {Lat: 0, Lon: -10}}
	f := feature(square)
	f.Exercise = true
	point := mapping.Feature{Ref: "red/1", Code: "IN01", DeclaredBy: "red", Reported: at, State: "ended", Areas: [][]mapping.Position{{{Lat: 2450000, Lon: -11970001}}}}
	route := feature(square)
	route.Line = true
	both := feature(square)
	both.Areas = append(both.Areas, square[:1])
	none := feature(nil)
	none.Areas = nil
	out, err := mapping.GeoJSON([]mapping.Feature{f, point, route, both, none})
	if err != nil {
		t.Fatal(err)
	}
	var c struct {
		Features []struct {
			ID       string
			Geometry *struct {
				Type        string
				Coordinates json.RawMessage
			}
			Properties map[string]string
		}
	}
	if err := json.Unmarshal(out, &c); err != nil {
		t.Fatal(err)
	}
	compact := func(i int) string {
		return strings.Join(strings.Fields(string(c.Features[i].Geometry.Coordinates)), "")
	}
	if g := compact(0); g != "[[[0,0],[0,0.0001],[-0.0001,0.0001],[-0.0001,0],[0,0]]]" {
		t.Error(g)
	}
	if g := compact(1); g != "[-119.70001,24.5]" || c.Features[1].ID != "red/1" || c.Features[1].Properties["state"] != "ended" {
		t.Error(g, c.Features[1])
	}
	if p := c.Features[0].Properties; p["declared_by"] != "blue" || p["status"] != "exercise" || p["from"] != "2027-01-11T08:00:00Z" || p["event"] != f.Event {
		t.Error(p)
	}
	if c.Features[2].Geometry.Type != "LineString" || c.Features[3].Geometry.Type != "GeometryCollection" || c.Features[4].Geometry != nil {
		t.Errorf("%s", out)
	}
}

// CAP: what was said since is an update of the first message, an end a
// cancel; an exercise says so; times end with -00:00.
func TestCAP(t *testing.T) {
	f := feature([]mapping.Position{{Lat: 2450000, Lon: 11970000}})
	f.Code, f.Exercise, f.Last = "IN01", true, at.Add(90*time.Second)
	out, err := mapping.CAP(f, []string{"blue.example", "red.example"}, []mapping.Info{{"en", "a", "b"}, {"fr", "c", "d"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"<identifier>blue-412.90</identifier>", "<sender>blue.example</sender>", "<sent>2027-01-11T08:01:30-00:00</sent>", "<status>Exercise</status>", "<msgType>Update</msgType>",
		"<references>blue.example,blue-412,2027-01-11T08:00:00-00:00</references>", "<language>fr</language>", "<circle>24.5,119.7 0</circle>", "<severity>Unknown</severity>", `xmlns="urn:oasis:names:tc:emergency:cap:1.2"`, "<scope>Private</scope>", "closed &lt;area&gt; &amp;"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("no %s in %s", want, out)
		}
	}
	f.State = "ended"
	if out, err = mapping.CAP(f, nil, nil); err != nil || !strings.Contains(string(out), "<msgType>Cancel</msgType>") {
		t.Errorf("%s, %v", out, err)
	}
}

const message = `<?xml version="1.0"?><alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>X-1</identifier><sender>s@example</sender><sent>2027-01-11T08:00:00-00:00</sent>
<status>Exercise</status><msgType>Alert</msgType><scope>Public</scope><info><category>Met</category><event>waterspout</event><urgency>Immediate</urgency><severity>Severe</severity><certainty>Observed</certainty>
<expires>2027-01-11T12:00:00+02:00</expires><description>seen by two vessels</description><area><areaDesc>strait</areaDesc><circle>24.5,119.7 0</circle><circle>60,179.9 100</circle></area></info></alert>`

// What a message proposes: a point an incident, a circle a closed area around
// it; an update and a cancel what they refer to.
func TestReadCAP(t *testing.T) {
	list, notes, err := mapping.ReadCAP([]byte(message), nil)
	if err != nil || len(notes) > 0 || len(list) != 2 {
		t.Fatalf("%+v, %v, %v", list, notes, err)
	}
	if d := list[0]; d.Code != "IN01" || d.Params["place"] != "24.5,119.7" || d.Params["kind"] != "waterspout" || d.Params["hour"] != "2027-01-11T08:00:00Z" || d.Status != "exercise" || d.Params["unsure"] != "seen by two vessels" {
		t.Errorf("%+v", d)
	}
	if d := list[1]; d.Code != "NT03" || d.Params["window"] != "2027-01-11T08:00:00Z..2027-01-11T10:00:00Z" || strings.Count(d.Params["area"], ";") != 31 || !strings.Contains(d.Params["area"], ",-17") {
		t.Errorf("%+v", d)
	}
	for kind, state := range map[string]string{"Update": "corrected", "Cancel": "cancelled"} {
		m := strings.NewReplacer("<msgType>Alert", "<msgType>"+kind, "<scope>", "<references>s@example,X-0,2027-01-11T07:00:00-00:00 s@example,Y-0,2027-01-11T07:00:00-00:00</references><scope>").Replace(message)
		list, notes, err := mapping.ReadCAP([]byte(m), func(id string) (string, bool) { return "blue/7", id == "X-0" })
		if err != nil || len(list) != 1 || len(notes) != 1 || list[0].Re != "blue/7" || list[0].Code != "NT05" || list[0].Params["state"] != state {
			t.Errorf("%+v, %v, %v", list, notes, err)
		}
	}
}

var badCAP = []string{"", "<a/>", message[:400], strings.Replace(message, "cap:1.2", "cap:1.1", 1), strings.Replace(message, "<alert", "<!DOCTYPE a [<!ENTITY b 'c'>]><alert", 1),
	strings.Replace(message, "Exercise", "Draft", 1), strings.Replace(message, "<msgType>Alert", "<msgType>Ack", 1), strings.Repeat("<a>", 40), strings.Repeat("x", 2<<20), strings.Replace(message, "strait", "&b;", 1)}

var badGeo = []string{"", "[]", `{"type":"Topology"}`, strings.Repeat("[", 40), strings.Repeat(" ", 2<<20), `{"type":"FeatureCollection","features":{}}`}

// Files that are no such thing are an error; places that are not read are
// told one by one.
func TestHostileFiles(t *testing.T) {
	for _, s := range badCAP {
		if list, _, err := mapping.ReadCAP([]byte(s), nil); err == nil {
			t.Errorf("%.60q: %+v", s, list)
		}
	}
	for _, s := range badGeo {
		if list, _, err := mapping.ReadGeoJSON([]byte(s)); err == nil {
			t.Errorf("%.60q: %+v", s, list)
		}
	}
	for geometry, want := range map[string]string{
		`null`: "no geometry", `{"type":"Point","coordinates":[181,0]}`: "longitude", `{"type":"Point","coordinates":[0]}`: "latitude", `{"type":"Point","coordinates":["NaN",0]}`: "not",
		`{"type":"Polygon","coordinates":[[[0,0],[1,1],[0,0]]]}`: "three corners", `{"type":"Polygon","coordinates":[[],[]]}`: "2 rings", `{"type":"MultiPoint","coordinates":[]}`: "MultiPoint",
		`{"type":"Polygon","coordinates":[[[0,0],[1,1],[0,1],[0,0]]]}`: "window",
	} {
		_, notes, err := mapping.ReadGeoJSON([]byte(`{"type":"Feature","geometry":` + geometry + `,"properties":{}}`))
		if err != nil || len(notes) != 1 || !strings.Contains(notes[0], want) {
			t.Errorf("%s: %v, %v", geometry, notes, err)
		}
	}
	_, notes, _ := mapping.ReadGeoJSON([]byte(`{"type":"Feature","geometry":{"type":"Point","coordinates":[0,0]},"properties":{"declared_by":"red"}}`))
	if len(notes) != 1 || !strings.Contains(notes[0], "declared by") {
		t.Error(notes)
	}
}

func FuzzReadCAP(f *testing.F) {
	f.Add([]byte(message))
	for _, s := range badCAP[:8] {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		list, _, err := mapping.ReadCAP(b, func(string) (string, bool) { return "blue/7", true })
		for _, d := range list {
			if err != nil || d.Code == "" || d.Line("harbour") == "" {
				t.Fatalf("%+v, %v", d, err)
			}
		}
	})
}

func FuzzReadGeoJSON(f *testing.F) {
	f.Add([]byte(`{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[0,0],[1,1],[0,1],[0,0]]]},"properties":{"from":"2027-04-01T08:00:00Z","to":"2027-04-01T08:00:00Z"}}`))
	for _, s := range badGeo[:4] {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		list, _, err := mapping.ReadGeoJSON(b)
		for _, d := range list {
			if err != nil || d.Code == "" || d.Line("harbour") == "" {
				t.Fatalf("%+v, %v", d, err)
			}
		}
	})
}
