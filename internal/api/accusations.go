// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"openline/identity"
	"openline/internal/host"
	"openline/internal/station"
)

func (s *Server) accusationRoutes() {
	op := get("accusations", "/v1/lines/{line}/accusations", "Pairs of statements that cannot both be true, as kept")
	huma.Register(s.api, op, func(_ context.Context, in *OneLine) (*body[[]Accusation], error) {
		id, err := s.line(in.Line)
		if err != nil {
			return nil, problem(err)
		}
		return answer(s.accusations(id))
	})
}

func (s *Server) accusations(id identity.LineID) ([]Accusation, error) {
	env, err := s.cfg.Host.Env(id)
	if err != nil {
		return nil, err
	}
	kept, err := s.cfg.Host.Accusations(id)
	if err != nil {
		return nil, err
	}
	out := []Accusation{}
	for _, a := range kept {
		out = append(out, Accusation{Party: env.PartyName(a.Party), Generation: a.Generation, Kind: a.Kind, Accusation: a.Bytes, Card: a.Card})
	}
	return out, nil
}

// countAccusations says of each peer how many are kept.
func countAccusations(env host.Env, kept []host.Accusation, peers []Peer) {
	for _, a := range kept {
		for i := range peers {
			if peers[i].Party == env.PartyName(a.Party) {
				peers[i].Accused++
			}
		}
	}
}

func inPerson(v station.InPersonView) InPerson {
	p := InPerson{Ours: v.Ours, Theirs: v.Theirs, OursAt: stamp(v.OursAt), TheirsAt: stamp(v.TheirsAt), OursMissed: v.OursMissed, TheirsMissed: v.TheirsMissed,
		OursSaid: v.OursSaid, TheirsSaid: v.TheirsSaid}
	if !v.Minute.IsZero() {
		m := v.Minute.UTC()
		p.Minute = &m
	}
	return p
}

func missed(v station.TestsView) Missed {
	m := Missed{Theirs: v.Theirs, Ours: v.Ours, Doubt: v.Doubt, Up: v.Up}
	if !v.Since.IsZero() {
		at := v.Since.UTC()
		m.Since = &at
	}
	if !v.Called.IsZero() {
		at := v.Called.UTC()
		m.Called = &at
	}
	return m
}

// Accusations lists the pairs of statements on a line that cannot both be
// true.
func (c *Client) Accusations(ctx context.Context, line string) (out []Accusation, err error) {
	return out, c.get(ctx, linePath(line)+"/accusations", nil, &out)
}
