// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"openline/internal/station"
)

// Confirm is the decision of two persons.
type Confirm struct {
	People []PersonSigned `json:"people" minItems:"2" maxItems:"8"`
}

// clockRoutes let two persons say that the clock is right after a step that
// nothing explains.
func (s *Server) clockRoutes() {
	huma.Register(s.api, get("clock-act", "/v1/lines/{line}/clock", "What two persons sign to confirm the clock"), func(ctx context.Context, in *OneLine) (*body[Act], error) {
		id, err := s.line(in.Line)
		if err != nil {
			return nil, problem(err)
		}
		act, err := s.cfg.Host.ClockAct(ctx, id)
		return answer(actOf(act), err)
	})
	confirm := post("clock", "/v1/lines/{line}/clock", "Confirm the clock, by two persons")
	confirm.Description = "For a station that does not sign because its clock stepped further than can be explained."
	huma.Register(s.api, confirm, func(ctx context.Context, in *struct {
		OneLine
		Body Confirm
	}) (*body[Done], error) {
		id, err := s.line(in.Line)
		if err != nil {
			return nil, problem(err)
		}
		var people []station.Signature
		for _, p := range in.Body.People {
			people = append(people, station.Signature{Person: p.Person, Bytes: p.Signature})
		}
		return answer(Done{true}, s.cfg.Host.AcceptClock(ctx, id, people))
	})
}
