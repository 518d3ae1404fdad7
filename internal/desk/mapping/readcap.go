// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"openline/internal/desk/acts"
)

// ReadCAP reads one message into drafts. A message about one that stands on
// the line already (known gives the record of an identifier) corrects or
// cancels it.
func ReadCAP(file []byte, known func(identifier string) (ref string, ok bool)) (drafts []acts.Draft, notes []string, err error) {
	a, err := parseCAP(file)
	if err != nil {
		return nil, nil, err
	}
	status, ok := statuses[a.Status]
	if !ok {
		return nil, nil, fmt.Errorf("its status is %.20q; Actual, Exercise and Test are read", a.Status)
	}
	why := fmt.Sprintf("%s %.60s of %.60s", a.MsgType, a.Identifier, a.Sender)
	if a.MsgType != "Alert" {
		return a.changes(known, status, why)
	}
	if len(a.Info) == 0 {
		return nil, []string{"the message has no info, so that there is nothing to say"}, nil
	}
	// The infos of one message say the same in several languages.
	info := a.Info[0]
	for _, area := range info.Area {
		list, err := area.drafts(info, a.Sent)
		if err != nil {
			notes = append(notes, err.Error())
		}
		for _, d := range list {
			d.Status, d.Why = status, why
			drafts = append(drafts, d)
		}
	}
	if len(info.Area) == 0 {
		notes = append(notes, "the message names no area; a phrase about a place needs one")
	}
	if len(drafts) > maxFeatures {
		return nil, nil, fmt.Errorf("the message has more than %d places", maxFeatures)
	}
	return drafts, notes, nil
}

func parseCAP(file []byte) (alert, error) {
	var a alert
	if len(file) > maxFile {
		return a, errLarge
	}
	d := xml.NewDecoder(bytes.NewReader(file))
	for level := 0; ; {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return a, fmt.Errorf("this is no CAP message: %w", err)
		}
		switch t.(type) {
		case xml.StartElement:
			if level++; level > maxLevels {
				return a, fmt.Errorf("the file has more than %d levels", maxLevels)
			}
		case xml.EndElement:
			level--
		case xml.Directive:
			return a, errors.New("the file declares a document type, which CAP does not have")
		}
	}
	if err := xml.Unmarshal(file, &a); err != nil {
		return a, fmt.Errorf("this is no CAP 1.2 message: %w", err)
	}
	if a.Identifier == "" || a.Sender == "" || !knownType(a.MsgType) {
		return a, fmt.Errorf("this is no CAP 1.2 message that is read: identifier %.40q, sender %.40q, msgType %.20q", a.Identifier, a.Sender, a.MsgType)
	}
	return a, nil
}

func knownType(s string) bool { return slices.Contains(msgTypes, s) }

// changes reads an update or a cancel of something on the line.
func (a alert) changes(known func(string) (string, bool), status, why string) (drafts []acts.Draft, notes []string, err error) {
	for r := range strings.FieldsSeq(a.References) {
		parts := strings.Split(r, ",")
		if len(parts) != 3 {
			continue
		}
		ref, ok := known(parts[1])
		if !ok {
			notes = append(notes, fmt.Sprintf("%.80q is not a record of this line", parts[1]))
			continue
		}
		d := acts.Draft{Code: "NT05", Re: ref, Status: status, Why: why, Params: map[string]string{"state": "corrected"}}
		if a.MsgType == "Cancel" {
			d.Params["state"] = "cancelled"
		}
		if len(a.Info) > 0 && strings.TrimSpace(a.Info[0].Description) != "" {
			d.Params["changes"] = cut(a.Info[0].Description, 4000)
		}
		drafts = append(drafts, d)
	}
	if len(drafts)+len(notes) == 0 {
		notes = append(notes, "the message refers to nothing")
	}
	return drafts, notes, nil
}

// drafts are what one area proposes: a polygon or a circle with a radius a
// closed area, a point an incident.
func (a capArea) drafts(info capInfo, sent string) (out []acts.Draft, err error) {
	zone := func(corners []Position) error {
		from, to, err := info.window(sent)
		if err != nil {
			return fmt.Errorf("area %.60q: %w", a.Desc, err)
		}
		out = append(out, acts.Draft{Code: "NT03", Params: map[string]string{"area": typed(corners), "window": window(from, to)}})
		return nil
	}
	for _, p := range a.Polygon {
		corners, err := parsePolygon(p)
		if err == nil {
			err = zone(corners)
		}
		if err != nil {
			return out, err
		}
	}
	for _, c := range a.Circle {
		centre, radius, err := parseCircle(c)
		if err != nil {
			return out, err
		}
		if radius > 0 {
			if err := zone(around(centre, radius)); err != nil {
				return out, err
			}
			continue
		}
		d := acts.Draft{Code: "IN01", Params: map[string]string{"place": centre.String(), "kind": cut(info.Event, 200)}}
		at := info.Onset
		if at == "" {
			at = sent
		}
		t, err := time.Parse(time.RFC3339, strings.TrimSpace(at))
		if err != nil {
			return out, fmt.Errorf("area %.60q: its hour %.40q is not read", a.Desc, at)
		}
		d.Params["hour"] = t.UTC().Format(time.RFC3339)
		if s := strings.TrimSpace(a.Desc); s != "" {
			d.Params["area"] = cut(s, 200)
		}
		if s := strings.TrimSpace(info.Description); s != "" {
			d.Params["unsure"] = cut(s, 4000)
		}
		out = append(out, d)
	}
	return out, nil
}

func (i capInfo) window(sent string) (from, to time.Time, err error) {
	for _, s := range []string{i.Onset, i.Effective, sent} {
		if s = strings.TrimSpace(s); s != "" {
			if from, err = time.Parse(time.RFC3339, s); err != nil {
				return from, to, fmt.Errorf("its beginning %.40q is not read", s)
			}
			break
		}
	}
	if to, err = time.Parse(time.RFC3339, strings.TrimSpace(i.Expires)); err != nil {
		return from, to, errors.New("a closed area needs its end: the message has no expires")
	}
	if to.Before(from) {
		return from, to, errors.New("it ends before it begins")
	}
	return from, to, nil
}

func parsePair(s string) (Position, error) {
	lat, lon, ok := strings.Cut(s, ",")
	if !ok {
		return Position{}, fmt.Errorf("%.40q is no position", s)
	}
	a, err1 := parseDegrees(lat, 90)
	b, err2 := parseDegrees(lon, 180)
	return Position{a, b}, errors.Join(err1, err2)
}

func parsePolygon(s string) ([]Position, error) {
	var out []Position
	for f := range strings.FieldsSeq(s) {
		p, err := parsePair(f)
		if err != nil {
			return nil, err
		}
		if out = append(out, p); len(out) > maxCorners+1 {
			return nil, fmt.Errorf("a polygon has more than %d corners", maxCorners)
		}
	}
	if out = open(out); len(out) < 3 {
		return nil, errors.New("a polygon has three corners at least")
	}
	return out, nil
}

func parseCircle(s string) (Position, float64, error) {
	f := strings.Fields(s)
	if len(f) != 2 {
		return Position{}, 0, fmt.Errorf("%.40q is no circle", s)
	}
	p, err := parsePair(f[0])
	if err != nil {
		return p, 0, err
	}
	r, err := strconv.ParseFloat(f[1], 64)
	if err != nil || !(r >= 0 && r <= 2000) {
		return p, 0, fmt.Errorf("%.20q is no radius of at most 2000 km", f[1])
	}
	return p, r, nil
}

// around are the corners of a polygon that lies outside a circle on the
// globe and touches it with its sides.
func around(c Position, km float64) []Position {
	const sides, earth = 32, 6371.0088
	far := km / earth / math.Cos(math.Pi/sides)
	lat, lon := float64(c.Lat)/degree*math.Pi/180, float64(c.Lon)/degree*math.Pi/180
	var out []Position
	for i := range sides {
		turn := 2 * math.Pi * float64(i) / sides
		a := math.Asin(math.Sin(lat)*math.Cos(far) + math.Cos(lat)*math.Sin(far)*math.Cos(turn))
		o := lon + math.Atan2(math.Sin(turn)*math.Sin(far)*math.Cos(lat), math.Cos(far)-math.Sin(lat)*math.Sin(a))
		o = math.Remainder(o, 2*math.Pi)
		out = append(out, Position{int64(math.Round(a * 180 / math.Pi * degree)), int64(math.Round(o * 180 / math.Pi * degree))})
	}
	return out
}

// cut shortens a text to so many bytes, between characters.
func cut(s string, most int) string {
	s = strings.TrimSpace(s)
	if len(s) <= most {
		return s
	}
	for most > 0 && s[most]&0xc0 == 0x80 {
		most--
	}
	return s[:most]
}
