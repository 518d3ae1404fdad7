// SPDX-License-Identifier: Apache-2.0

package console

import (
	"context"
	"sync"
	"time"

	"openline/internal/desk/mandate"
	"openline/internal/host"
	"openline/internal/station"
	"openline/record"
)

// moment is what a line holds at one hour. Pages share it and change nothing
// of it.
type moment struct {
	view     station.View
	posts    []station.Post
	mandates mandate.Standing
	newest   *recent
	recent   []host.Record                 // its list, oldest first
	inside   map[record.Ref]bool           // what awaits a reply within another matter
	taken    map[record.Ref]bool           // alarms of records, whether somebody has taken them up
	declared map[record.PartyNo]record.Ref // of hours and clocks, the newest
}

// moments keeps the one that was made last, for those who waited meanwhile.
type moments struct {
	mu    sync.Mutex
	last  *moment
	began time.Time
}

// arrived is when a request that only reads arrived: all that is on its page is
// of one moment. What acts looks anew.
type arrived struct{}

// moment gives a line as it stands no earlier than it is asked for. Of many who
// ask at once one has it made, and those who waited for it share the next: two
// hundred consoles that hear one event cost the station little more than two.
func (l *lineDesk) moment(ctx context.Context, s *Server) (moment, error) {
	asked, ok := ctx.Value(arrived{}).(time.Time)
	if !ok {
		asked = time.Now()
	}
	l.moments.mu.Lock()
	defer l.moments.mu.Unlock()
	if l.moments.last != nil && l.moments.began.After(asked) {
		return *l.moments.last, nil
	}
	began := time.Now()
	m, err := l.look(ctx, s)
	if err != nil {
		return moment{}, err
	}
	l.moments.last, l.moments.began = &m, began
	return m, nil
}

func (l *lineDesk) look(ctx context.Context, s *Server) (m moment, err error) {
	if m.view, err = s.cfg.Station.View(ctx, l.ID); err != nil {
		return m, err
	}
	if m.posts, err = s.cfg.Station.Posts(ctx, l.ID); err != nil {
		return m, err
	}
	if m.mandates, err = s.cfg.Station.Mandates(ctx, l.ID); err != nil {
		return m, err
	}
	if m.declared, err = s.cfg.Station.Declared(ctx, l.ID); err != nil {
		return m, err
	}
	if s.cfg.Alarms != nil {
		if m.taken, err = s.cfg.Alarms.Taken(l.ID); err != nil {
			return m, err
		}
	}
	if m.newest, err = l.readNewest(s.cfg.Station, m.view); err != nil {
		return m, err
	}
	m.recent, m.inside = m.newest.list, map[record.Ref]bool{}
	for _, a := range m.view.Awaiting {
		if a.Ref != a.Thing {
			m.inside[a.Ref] = true
		}
	}
	return m, nil
}
