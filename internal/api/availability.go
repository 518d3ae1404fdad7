// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"errors"
	"net/url"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"openline/line/availability"
)

// MonthQuery asks for one month of a line.
type MonthQuery struct {
	OneLine
	Month string `query:"month" maxLength:"7" doc:"The month, like 2021-05; absent: this one"`
}

var errMonth = errors.New("write the month like 2021-05")

func (s *Server) availabilityRoutes() {
	huma.Register(s.api, get("availability", "/v1/lines/{line}/availability", "How a line was kept, by day and for the month: line tests, readings in person, desks"),
		func(ctx context.Context, in *MonthQuery) (*body[Named[availability.Table]], error) {
			id, env, err := s.lineEnv(in.Line)
			if err != nil {
				return nil, problem(err)
			}
			view, err := s.cfg.Host.View(ctx, id)
			if err != nil {
				return nil, problem(err)
			}
			from, to, err := month(in.Month, view.At)
			if err != nil {
				return nil, problem(err)
			}
			out, err := s.cfg.Host.Availability(ctx, id, from, to)
			return answer(Named[availability.Table]{names(env), out}, err)
		})
}

// month is a month's first day and the day after its last; of the one that
// is not over, no later than tomorrow.
func month(name string, now time.Time) (from, to time.Time, err error) {
	now = now.UTC()
	from = time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC)
	if name != "" {
		if from, err = time.Parse("2006-01", name); err != nil {
			return from, to, errMonth
		}
	}
	to = from.AddDate(0, 1, 0)
	if tomorrow := now.Truncate(24*time.Hour).AddDate(0, 0, 1); tomorrow.Before(to) && tomorrow.After(from) {
		to = tomorrow
	}
	return from, to, nil
}

// Availability reads how a line was kept in a month; empty: this one.
func (c *Client) Availability(ctx context.Context, line, month string) (out Named[availability.Table], err error) {
	v := url.Values{}
	if month != "" {
		v.Set("month", month)
	}
	return out, c.get(ctx, linePath(line)+"/availability", v, &out)
}
