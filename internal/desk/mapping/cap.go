// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
	"time"
)

// alert is a CAP 1.2 message; the order of its elements is that of the
// schema.
type alert struct {
	XMLName    xml.Name  `xml:"urn:oasis:names:tc:emergency:cap:1.2 alert"`
	Identifier string    `xml:"identifier"`
	Sender     string    `xml:"sender"`
	Sent       string    `xml:"sent"`
	Status     string    `xml:"status"`
	MsgType    string    `xml:"msgType"`
	Scope      string    `xml:"scope"`
	Addresses  string    `xml:"addresses,omitempty"`
	Note       string    `xml:"note,omitempty"`
	References string    `xml:"references,omitempty"`
	Incidents  string    `xml:"incidents,omitempty"`
	Info       []capInfo `xml:"info"`
}

type capInfo struct {
	Language    string    `xml:"language,omitempty"`
	Category    []string  `xml:"category"`
	Event       string    `xml:"event"`
	Urgency     string    `xml:"urgency"`
	Severity    string    `xml:"severity"`
	Certainty   string    `xml:"certainty"`
	Effective   string    `xml:"effective,omitempty"`
	Onset       string    `xml:"onset,omitempty"`
	Expires     string    `xml:"expires,omitempty"`
	Headline    string    `xml:"headline,omitempty"`
	Description string    `xml:"description,omitempty"`
	Area        []capArea `xml:"area"`
}

type capArea struct {
	Desc    string   `xml:"areaDesc"`
	Polygon []string `xml:"polygon"`
	Circle  []string `xml:"circle"`
}

// capTime writes a time as CAP wants UTC.
func capTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05") + "-00:00" }

var categories = map[string]string{"DS01": "Rescue", "DS02": "Rescue", "IN05": "Infra", "NT01": "Security", "NT02": "Security", "NT03": "Transport", "NT04": "Safety"}

// identifier is a CAP identifier: no spaces, commas, or signs of markup.
func identifier(ref string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '-' || r == '_' {
			return r
		}
		return '-'
	}, ref)
}

// Info is the wording of a feature in one language.
type Info struct{ Language, Headline, Description string }

// CAP writes one feature as a message to the parties named. What was said of
// it since makes the message an update of the first, and its end a cancel.
func CAP(f Feature, to []string, infos []Info) ([]byte, error) {
	a := alert{Identifier: identifier(f.Ref), Sender: identifier(f.Sender), Sent: capTime(f.Reported), Status: "Actual", MsgType: "Alert", Scope: "Private",
		Addresses: strings.Join(to, " "), Note: "Declared by " + f.Sender + " on a line between the parties addressed.", Incidents: identifier(f.Ref)}
	if f.Exercise {
		a.Status = "Exercise"
	}
	if f.Last.After(f.Reported) {
		a.References = a.Sender + "," + a.Identifier + "," + a.Sent
		a.Identifier = fmt.Sprintf("%s.%d", a.Identifier, f.Last.Unix()-f.Reported.Unix())
		a.Sent, a.MsgType = capTime(f.Last), "Update"
		if f.State != "open" {
			a.MsgType = "Cancel"
		}
	}
	category := categories[f.Code]
	if category == "" {
		category = "Security"
	}
	area := f.capArea()
	for _, i := range infos {
		info := capInfo{Language: i.Language, Category: []string{category}, Event: f.Event, Urgency: "Unknown", Severity: "Unknown", Certainty: "Unknown",
			Headline: i.Headline, Description: i.Description, Area: area}
		if !f.From.IsZero() {
			info.Onset = capTime(f.From)
		}
		if !f.To.IsZero() {
			info.Expires = capTime(f.To)
		}
		a.Info = append(a.Info, info)
	}
	var b bytes.Buffer
	b.WriteString(xml.Header)
	enc := xml.NewEncoder(&b)
	enc.Indent("", "  ")
	if err := enc.Encode(a); err != nil {
		return nil, err
	}
	b.WriteString("\n")
	return b.Bytes(), nil
}

// capArea gives the places of a feature: zones as polygons, and everything
// else as circles without a radius.
func (f Feature) capArea() []capArea {
	a := capArea{Desc: "As declared by " + f.DeclaredBy}
	if name := f.Words["area"]; name != "" {
		a.Desc = name
	}
	for _, area := range f.Areas {
		if f.polygon(area) {
			r, _ := ring(area)
			var corners []string
			for _, p := range r {
				corners = append(corners, p.String())
			}
			a.Polygon = append(a.Polygon, strings.Join(corners, " "))
			continue
		}
		for _, p := range area {
			a.Circle = append(a.Circle, p.String()+" 0")
		}
	}
	if len(a.Polygon)+len(a.Circle) == 0 {
		return nil
	}
	return []capArea{a}
}

// statuses of CAP that a file may carry onto a line.
var statuses = map[string]string{"Actual": "", "Exercise": "exercise", "Test": "test"}

var msgTypes = []string{"Alert", "Update", "Cancel"}
