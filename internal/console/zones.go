// SPDX-License-Identifier: Apache-2.0

package console

import (
	"context"
	"time"

	"openline/record"
)

// wallHour is an hour as a clock on a party's wall shows it, by the zone the
// party declared. It stands beside UTC and never for it.
type wallHour struct {
	Ours  bool
	Short string // of the party
	Zone  string
	At    string
}

// locals is an hour in the zones of a line; nothing for an hour not known.
func locals(zones []zone, at any) (out []wallHour) {
	t := instant(at)
	if t.IsZero() {
		return nil
	}
	for _, z := range zones {
		where, err := time.LoadLocation(z.Zone)
		if err != nil {
			continue // zones holds only those that load
		}
		out = append(out, wallHour{z.Ours, z.Short, z.Zone, t.In(where).Format("01-02 15:04")})
	}
	return out
}

// Where says whose wall the clock hangs on.
func (p *page) Where(l wallHour) string {
	if l.Ours {
		return p.T("zone.ours")
	}
	return p.T("zone.theirs", "Party", l.Short)
}

// wallClocks are this hour in the zones of the line a page is of. A page
// stands without them as well.
func (s *Server) wallClocks(ctx context.Context, id string, now time.Time) []wallHour {
	for _, l := range s.lines {
		if string(l.ID) != id {
			continue
		}
		n := &snap{lineDesk: l, s: s}
		var err error
		if n.env, err = s.cfg.Station.Env(l.ID); err != nil {
			return nil
		}
		if n.moment, err = l.moment(ctx, s); err != nil {
			return nil
		}
		return locals(n.zones(), now)
	}
	return nil
}

// placeHours puts the hours of a list into the zones of its line.
func placeHours(zones []zone, list []due) {
	for i := range list {
		if list[i].Due != record.Stamp(0) {
			list[i].Locals = locals(zones, list[i].Due)
		}
	}
}
