// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"openline/identity"
	"openline/internal/station"
	"openline/line"
	"openline/record"
)

// Zone is a notice that names areas, with who declared it.
type Zone struct {
	Ref      string            `json:"ref"`
	Party    string            `json:"declared_by"`
	Name     string            `json:"name" doc:"Full name of the party"`
	Code     string            `json:"code"`
	Gloss    string            `json:"gloss"`
	At       time.Time         `json:"at"`
	From     *time.Time        `json:"from,omitempty"`
	To       *time.Time        `json:"to,omitempty"`
	State    string            `json:"state" enum:"open,withdrawn,corrected" doc:"corrected: also cancelled or ended, by a later record"`
	Changed  *time.Time        `json:"changed,omitempty"`
	Areas    [][]int64         `json:"areas" doc:"WGS 84, hundred-thousandths of a degree: latitude and longitude, one after the other"`
	Route    bool              `json:"route" doc:"The points of a route or a site, not the corners of a zone"`
	Exercise bool              `json:"exercise"`
	Words    map[string]string `json:"words"`
}

// zoneCodes are the notices that name areas.
var zoneCodes = []string{"NT01", "NT02", "NT03", "NT04", "DS02", "IN04"}

func (s *Server) zoneRoutes() {
	huma.Register(s.api, get("zones", "/v1/lines/{line}/zones", "Areas named by notices, with who declared them"), func(ctx context.Context, in *OneLine) (*body[[]Zone], error) {
		id, err := s.line(in.Line)
		if err != nil {
			return nil, problem(err)
		}
		return answer(s.zones(ctx, id))
	})
}

func (s *Server) zones(ctx context.Context, id identity.LineID) ([]Zone, error) {
	env, err := s.cfg.Host.Env(id)
	if err != nil {
		return nil, err
	}
	list, err := s.cfg.Host.Matters(ctx, id, zoneCodes...)
	if err != nil {
		return nil, err
	}
	out := []Zone{}
	for _, m := range list[max(0, len(list)-maxRecords):] {
		r, err := s.cfg.Host.Record(id, m.Thing) // a fold keeps small parameters only
		if err != nil {
			return nil, err
		}
		if r.Body == nil || r.Header == nil {
			continue // its content was removed
		}
		z := zoneOf(m, r.Body.Params)
		z.Ref, z.Party, z.Gloss = env.RefName(m.Thing), env.PartyName(m.Thing.Party), env.Gloss(m.Code)
		z.Name, z.Exercise = string(env.FullName(z.Party)), r.Header.Status == record.Exercise
		if len(z.Areas) > 0 {
			out = append(out, z)
		}
	}
	return out, nil
}

func zoneOf(m station.Matter, params map[string]record.Value) Zone {
	z := Zone{Code: m.Code, At: instant(m.Asked), State: "open", Areas: [][]int64{}, Words: map[string]string{}, Route: m.Code == "NT04" || m.Code == "DS02"}
	for _, name := range []string{"area", "route", "launch_area", "impact_area"} {
		if corners := flat(params[name]); len(corners) > 0 {
			z.Areas = append(z.Areas, corners)
		}
	}
	if w := tuples(record.Array(params["window"]), 2); len(w) == 1 {
		z.From, z.To = stamp(record.Stamp(w[0][0])), stamp(record.Stamp(w[0][1]))
	}
	if until, ok := params["until"].AsUint(); ok {
		z.To = stamp(record.Stamp(until))
	}
	for _, name := range []string{"name", "place", "type", "kind", "levels", "notice", "marking", "marks", "contact", "object", "forces"} {
		if s, ok := params[name].AsText(); ok {
			z.Words[name] = s
		}
	}
	switch m.Outcome {
	case line.Withdrawn:
		z.State = "withdrawn"
	case line.Corrected:
		z.State = "corrected"
	}
	if z.State != "open" {
		z.Changed = stamp(m.ByTime)
	}
	return z
}

// flat gives the corners of an area one after the other.
func flat(v record.Value) (out []int64) {
	list, _ := v.AsArray()
	for _, e := range list {
		p, _ := e.AsArray()
		if len(p) != 2 {
			continue
		}
		lat, ok1 := p[0].AsInt()
		lon, ok2 := p[1].AsInt()
		if ok1 && ok2 {
			out = append(out, lat, lon)
		}
	}
	return slices.Clip(out)
}

// Zones reads the areas named by notices on a line.
func (c *Client) Zones(ctx context.Context, line string) (out []Zone, err error) {
	return out, c.get(ctx, linePath(line)+"/zones", nil, &out)
}
