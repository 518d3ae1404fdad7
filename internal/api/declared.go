// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"openline/internal/host"
	"openline/internal/station"
	"openline/record"
)

// DeskHours are one party's declared hours and how its desk stands by them.
type DeskHours struct {
	Party        string        `json:"party"`
	Ours         bool          `json:"ours"`
	Declared     bool          `json:"declared" doc:"False: nothing is declared, so that the cap of the agreement is its clock"`
	Open         bool          `json:"open" doc:"Attended now, as declared"`
	Until        *time.Time    `json:"until,omitempty" doc:"Until when that holds; absent: as far as is declared"`
	Next         *time.Time    `json:"next,omitempty" doc:"When a closed desk is next attended"`
	NextUntil    *time.Time    `json:"next_until,omitempty"`
	Declarations []Declaration `json:"declarations" doc:"Newest first"`
}

// Declaration is one declaration of hours and clocks (CK01).
type Declaration struct {
	Ref        string      `json:"ref"`
	At         time.Time   `json:"at"`
	InForce    bool        `json:"in_force"`
	From       *time.Time  `json:"valid_from,omitempty"`
	To         *time.Time  `json:"valid_to,omitempty"`
	Zone       string      `json:"zone,omitempty"`
	Languages  []string    `json:"languages"`
	Always     bool        `json:"always" doc:"Attended at every hour but for the exceptions"`
	Weekly     [][2]int    `json:"weekly" doc:"Minutes of the week from Monday 00:00 UTC"`
	Exceptions []Exception `json:"exceptions"`
	Clocks     []Length    `json:"clocks"`
}

// Exception is a stretch that holds instead of the weekly hours.
type Exception struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	Open bool      `json:"open"`
}

// Length is the clock a party declared for a phrase.
type Length struct {
	Code       string `json:"code"`
	Precedence string `json:"precedence,omitempty" doc:"Absent: any"`
	Seconds    uint64 `json:"seconds"`
}

// Office is a post as its party declared it. No equivalence of ranks is
// implied by any order.
type Office struct {
	Party    string         `json:"party"`
	Post     string         `json:"post" doc:"How it is addressed"`
	Office   string         `json:"office"`
	Ref      string         `json:"ref"`
	At       time.Time      `json:"at"`
	Holder   string         `json:"holder,omitempty" doc:"Absent: not said"`
	Since    *time.Time     `json:"since,omitempty"`
	Deputies []string       `json:"deputies"`
	Hours    string         `json:"hours,omitempty"`
	Address  string         `json:"address,omitempty" doc:"Form of address"`
	Rank     string         `json:"rank,omitempty" doc:"In its party's own order"`
	Changes  []HolderChange `json:"changes" doc:"Changes of holder since, oldest first"`
}

// HolderChange says who has held a post from when.
type HolderChange struct {
	Ref    string     `json:"ref"`
	Holder string     `json:"holder,omitempty"`
	Since  *time.Time `json:"since,omitempty"`
}

func (s *Server) declaredRoutes() {
	s.actRoutes()
	s.zoneRoutes()
	huma.Register(s.api, get("hours", "/v1/lines/{line}/hours", "Hours and clocks each party declared"), func(ctx context.Context, in *OneLine) (*body[[]DeskHours], error) {
		id, env, err := s.lineEnv(in.Line)
		if err != nil {
			return nil, problem(err)
		}
		list, err := s.cfg.Host.Hours(ctx, id)
		out := []DeskHours{}
		for _, h := range list {
			out = append(out, hoursOf(env, h))
		}
		return answer(out, err)
	})
	huma.Register(s.api, get("posts", "/v1/lines/{line}/posts", "The directory of offices each party declared"), func(ctx context.Context, in *OneLine) (*body[[]Office], error) {
		id, env, err := s.lineEnv(in.Line)
		if err != nil {
			return nil, problem(err)
		}
		list, err := s.cfg.Host.Offices(ctx, id)
		out := []Office{}
		for _, o := range list {
			out = append(out, officeOf(env, o))
		}
		return answer(out, err)
	})
}

func hoursOf(env host.Env, h station.DeskHours) DeskHours {
	out := DeskHours{Party: env.PartyName(h.Party), Ours: h.Party == env.Me(), Declared: len(h.Declarations) > 0, Open: h.Open,
		Until: stamp(h.Until), Next: stamp(h.Next), NextUntil: stamp(h.Closes), Declarations: []Declaration{}}
	for _, d := range h.Declarations {
		out.Declarations = append(out.Declarations, declarationOf(env, d))
	}
	return out
}

func declarationOf(env host.Env, d station.Declaration) Declaration {
	zone, _ := d.Params["zone"].AsText()
	_, hours := d.Params["hours"]
	out := Declaration{Ref: env.RefName(d.Record), At: instant(d.Time), InForce: d.InForce, From: stamp(d.From), To: stamp(d.To), Zone: zone,
		Languages: texts(d.Params["languages"]), Always: !hours, Weekly: [][2]int{}, Exceptions: []Exception{}, Clocks: []Length{}}
	for _, n := range tuples(d.Params["hours"], 2) {
		out.Weekly = append(out.Weekly, [2]int{int(n[0]), int(n[1])})
	}
	for _, n := range tuples(d.Params["exceptions"], 3) {
		out.Exceptions = append(out.Exceptions, Exception{instant(record.Stamp(n[0])), instant(record.Stamp(n[1])), n[2] == 1})
	}
	list, _ := d.Params["clocks"].AsArray()
	for _, c := range list {
		parts, _ := c.AsArray()
		if len(parts) != 3 {
			continue
		}
		l := Length{}
		l.Code, _ = parts[0].AsText()
		if p, _ := parts[1].AsUint(); p > 0 {
			l.Precedence = record.Precedence(p).String()
		}
		l.Seconds, _ = parts[2].AsUint()
		out.Clocks = append(out.Clocks, l)
	}
	return out
}

// tuples are the entries of a list that are so many numbers.
func tuples(v record.Value, size int) (out [][]uint64) {
	list, _ := v.AsArray()
	for _, e := range list {
		parts, _ := e.AsArray()
		if len(parts) != size {
			continue
		}
		n := make([]uint64, size)
		for i, p := range parts {
			n[i], _ = p.AsUint()
		}
		out = append(out, n)
	}
	return out
}

func texts(v record.Value) []string {
	list, _ := v.AsArray()
	out := make([]string, 0, len(list))
	for _, e := range list {
		if s, ok := e.AsText(); ok {
			out = append(out, s)
		}
	}
	return out
}

func officeOf(env host.Env, o station.Office) Office {
	text := func(name string) string { s, _ := o.Params[name].AsText(); return s }
	since, _ := o.Params["since"].AsUint()
	out := Office{Party: env.PartyName(o.Party), Post: text("post"), Office: text("office"), Ref: env.RefName(o.Record), At: instant(o.Time),
		Holder: text("holder"), Since: stamp(record.Stamp(since)), Deputies: texts(o.Params["deputies"]), Hours: text("hours"),
		Address: text("address"), Rank: text("rank"), Changes: []HolderChange{}}
	for _, c := range o.Changes {
		out.Holder, out.Since = c.Holder, stamp(c.Since)
		out.Changes = append(out.Changes, HolderChange{env.RefName(record.ByNumber(c.By.Party, c.By.Number)), c.Holder, stamp(c.Since)})
	}
	return out
}

// Hours reads what each party declared of its hours.
func (c *Client) Hours(ctx context.Context, line string) (out []DeskHours, err error) {
	return out, c.get(ctx, linePath(line)+"/hours", nil, &out)
}

// Posts reads the directory of a line.
func (c *Client) Posts(ctx context.Context, line string) (out []Office, err error) {
	return out, c.get(ctx, linePath(line)+"/posts", nil, &out)
}
