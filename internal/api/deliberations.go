// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"openline/identity"
	"openline/internal/desk/deliberation"
	"openline/line/counterpart"
)

// Deliberation is one deliberation and what bears on it on the line.
type Deliberation struct {
	deliberation.Deliberation
	Pairs  []BearingPair `json:"pairs" doc:"Pairs of posts on this line for its subject, and for the subjects of the positions it stated"`
	Stated []StatedOnIt  `json:"stated" doc:"Positions that either side stated on the line on its subject (SP01), newest of each"`
}

// BearingPair is a pair of posts, as both sides see it.
type BearingPair struct {
	Subject string    `json:"subject"`
	Posts   [2]string `json:"posts"`
	State   string    `json:"state"`
}

// StatedOnIt is a position on the line.
type StatedOnIt struct {
	Party   string `json:"party"`
	Subject string `json:"subject"`
	Text    string `json:"text"`
	Record  string `json:"record"`
}

// NewDeliberation opens one.
type NewDeliberation struct {
	Token    string   `json:"token,omitempty" maxLength:"64" doc:"Repeated with the same token it is opened once"`
	By       string   `json:"by,omitempty" maxLength:"64"`
	Question string   `json:"question" minLength:"1" maxLength:"400"`
	Subject  string   `json:"subject,omitempty" maxLength:"400" doc:"As the line names it"`
	Options  []string `json:"options,omitempty" maxItems:"64"`
}

// NewOption adds an option.
type NewOption struct {
	Token string `json:"token,omitempty" maxLength:"64"`
	By    string `json:"by,omitempty" maxLength:"64"`
	Text  string `json:"text" minLength:"1" maxLength:"400"`
}

// NewPosition notes how somebody stands to an option.
type NewPosition struct {
	Token       string `json:"token,omitempty" maxLength:"64"`
	By          string `json:"by,omitempty" maxLength:"64"`
	Option      int    `json:"option" minimum:"1"`
	Who         string `json:"who" minLength:"1" maxLength:"400"`
	Stance      string `json:"stance" enum:"favours strongly,favours,undecided,opposes,opposes strongly"`
	Arguments   string `json:"arguments,omitempty" maxLength:"65536"`
	Attribution string `json:"attribution,omitempty" enum:"official,record,anonymous,press"`
	Source      string `json:"source,omitempty" maxLength:"400"`
	Said        string `json:"said,omitempty" maxLength:"32" doc:"Day or time it was said"`
}

// NewDecision decides.
type NewDecision struct {
	Token  string `json:"token,omitempty" maxLength:"64"`
	By     string `json:"by,omitempty" maxLength:"64"`
	Option int    `json:"option,omitempty" minimum:"0" doc:"Absent: none of the options"`
	Words  string `json:"words,omitempty" maxLength:"65536"`
}

// NewLink names a record on the line.
type NewLink struct {
	Token  string `json:"token,omitempty" maxLength:"64"`
	By     string `json:"by,omitempty" maxLength:"64"`
	Record string `json:"record" minLength:"3" maxLength:"100" example:"blue/412"`
	What   string `json:"what" enum:"released,led to,stated"`
	Words  string `json:"words,omitempty" maxLength:"65536"`
}

// OneDeliberation names one.
type OneDeliberation struct {
	OneLine
	No int `path:"no" minimum:"1"`
}

func (s *Server) deliberationRoutes() {
	const path = "/v1/lines/{line}/deliberations"
	huma.Register(s.api, get("deliberations", path, "This party's deliberations; never sent"), func(_ context.Context, in *OneLine) (*body[[]deliberation.Deliberation], error) {
		id, err := s.line(in.Line)
		if err != nil {
			return nil, problem(err)
		}
		list, err := s.desk.Deliberations(id)
		return answer(append([]deliberation.Deliberation{}, list...), err)
	})
	huma.Register(s.api, get("deliberation", path+"/{no}", "One deliberation, and what bears on it on the line"), func(ctx context.Context, in *OneDeliberation) (*body[Deliberation], error) {
		id, err := s.line(in.Line)
		if err != nil {
			return nil, problem(err)
		}
		d, err := s.desk.Deliberation(id, in.No)
		if err != nil {
			return nil, problem(err)
		}
		return answer(s.bearing(ctx, id, d))
	})
	open := post("open-deliberation", path, "Open a deliberation, in this party's journal")
	huma.Register(s.api, open, func(ctx context.Context, in *struct {
		OneLine
		Body NewDeliberation
	}) (*body[Deliberation], error) {
		b := in.Body
		return s.deliberate(ctx, in.Line, deliberation.Note{Do: deliberation.DoOpen, Token: b.Token, By: b.By, Question: b.Question, Subject: b.Subject, Options: b.Options})
	})
	noting(s, "option", "options", "Add an option", func(b NewOption) deliberation.Note {
		return deliberation.Note{Do: deliberation.DoOption, Token: b.Token, By: b.By, Options: []string{b.Text}}
	})
	noting(s, "position", "positions", "Note who favours or opposes an option, and how strongly", func(b NewPosition) deliberation.Note {
		return deliberation.Note{Do: deliberation.DoPosition, Token: b.Token, By: b.By, Option: b.Option, Who: b.Who, Stance: deliberation.Stance(b.Stance),
			Arguments: b.Arguments, Attribution: b.Attribution, Source: b.Source, Said: b.Said}
	})
	noting(s, "decision", "decisions", "Note the decision", func(b NewDecision) deliberation.Note {
		return deliberation.Note{Do: deliberation.DoDecide, Token: b.Token, By: b.By, Option: b.Option, Words: b.Words}
	})
	noting(s, "record", "records", "Name a record on the line that it released, led to or stated", func(b NewLink) deliberation.Note {
		return deliberation.Note{Do: deliberation.DoRecord, Token: b.Token, By: b.By, Record: b.Record, What: b.What, Words: b.Words}
	})
}

// noting is a route that notes something on a deliberation.
func noting[T any](s *Server, name, part, summary string, note func(T) deliberation.Note) {
	op := post("deliberation-"+name, "/v1/lines/{line}/deliberations/{no}/"+part, summary)
	huma.Register(s.api, op, func(ctx context.Context, in *struct {
		OneDeliberation
		Body T
	}) (*body[Deliberation], error) {
		n := note(in.Body)
		n.On = in.No
		return s.deliberate(ctx, in.Line, n)
	})
}

func (s *Server) deliberate(ctx context.Context, line string, n deliberation.Note) (*body[Deliberation], error) {
	id, err := s.line(line)
	if err != nil {
		return nil, problem(err)
	}
	if n.Do == deliberation.DoRecord {
		if n.Record, err = s.recordHeld(id, n.Record, n.What == deliberation.Stated); err != nil {
			return nil, problem(err)
		}
	}
	d, err := s.desk.Deliberate(ctx, id, n)
	if err != nil {
		return nil, problem(err)
	}
	return answer(s.bearing(ctx, id, d))
}

// recordHeld finds a record that a deliberation names. What it stated is a
// record of our own.
func (s *Server) recordHeld(id identity.LineID, name string, stated bool) (string, error) {
	env, err := s.cfg.Host.Env(id)
	if err != nil {
		return "", err
	}
	ref, err := env.ParseRef(name)
	if err != nil {
		return "", err
	}
	r, err := s.cfg.Host.Record(id, ref)
	if err != nil {
		return "", fmt.Errorf("%.80s: %w", name, err)
	}
	if stated && (r.Log.Party != env.Me() || r.Header == nil || r.Header.Code != "SP01") {
		return "", fmt.Errorf("%.80s states no position of ours; that is a record SP01 of our own", name)
	}
	return env.RefName(r.Ref()), nil
}

// bearing adds what stands on the line on the subject of a deliberation, and
// on those of the positions it stated.
func (s *Server) bearing(ctx context.Context, id identity.LineID, d deliberation.Deliberation) (Deliberation, error) {
	out := Deliberation{Deliberation: d, Pairs: []BearingPair{}, Stated: []StatedOnIt{}}
	env, err := s.cfg.Host.Env(id)
	if err != nil {
		return out, err
	}
	table, err := s.cfg.Host.Counterparts(ctx, id)
	if err != nil {
		return out, err
	}
	var subjects []string
	if d.Subject != "" {
		subjects = append(subjects, strings.TrimSpace(d.Subject))
	}
	name := func(p counterpart.Position) string {
		return fmt.Sprintf("%s/%d", env.PartyName(p.By.Party), p.By.Number)
	}
	for _, p := range table.Positions {
		if slices.ContainsFunc(d.Records, func(l deliberation.Link) bool { return l.What == deliberation.Stated && l.Record == name(p) }) {
			subjects = append(subjects, strings.TrimSpace(p.Subject))
		}
	}
	for _, p := range table.Pairs {
		if slices.Contains(subjects, p.Subject) {
			b := BearingPair{Subject: p.Subject, State: string(p.State)}
			for i, q := range p.Posts {
				b.Posts[i] = env.PartyName(q.Party) + ":" + q.Post
			}
			out.Pairs = append(out.Pairs, b)
		}
	}
	for _, p := range table.Positions {
		if slices.Contains(subjects, strings.TrimSpace(p.Subject)) {
			out.Stated = append(out.Stated, StatedOnIt{env.PartyName(p.Party), p.Subject, p.Text, name(p)})
		}
	}
	return out, nil
}

// Deliberations lists them.
func (c *Client) Deliberations(ctx context.Context, line string) (out []deliberation.Deliberation, err error) {
	return out, c.get(ctx, linePath(line)+"/deliberations", nil, &out)
}

// Deliberation reads one, with what bears on it.
func (c *Client) Deliberation(ctx context.Context, line string, no int) (out Deliberation, err error) {
	return out, c.get(ctx, fmt.Sprintf("%s/deliberations/%d", linePath(line), no), nil, &out)
}

// OpenDeliberation opens one.
func (c *Client) OpenDeliberation(ctx context.Context, line string, n NewDeliberation) (out Deliberation, err error) {
	return out, c.post(ctx, linePath(line)+"/deliberations", n, &out)
}

// AddOption adds an option to one.
func (c *Client) AddOption(ctx context.Context, line string, no int, n NewOption) (out Deliberation, err error) {
	return out, c.post(ctx, fmt.Sprintf("%s/deliberations/%d/options", linePath(line), no), n, &out)
}

// NotePosition notes how somebody stands to an option.
func (c *Client) NotePosition(ctx context.Context, line string, no int, n NewPosition) (out Deliberation, err error) {
	return out, c.post(ctx, fmt.Sprintf("%s/deliberations/%d/positions", linePath(line), no), n, &out)
}

// Decide notes a decision.
func (c *Client) Decide(ctx context.Context, line string, no int, n NewDecision) (out Deliberation, err error) {
	return out, c.post(ctx, fmt.Sprintf("%s/deliberations/%d/decisions", linePath(line), no), n, &out)
}

// LinkRecord names a record on the line.
func (c *Client) LinkRecord(ctx context.Context, line string, no int, n NewLink) (out Deliberation, err error) {
	return out, c.post(ctx, fmt.Sprintf("%s/deliberations/%d/records", linePath(line), no), n, &out)
}
