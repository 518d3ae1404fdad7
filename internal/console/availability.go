// SPDX-License-Identifier: Apache-2.0

package console

import (
	"net/http"
	"time"

	"openline/line/availability"
)

// availabilityView is how a line was kept in a month.
type availabilityView struct {
	Line, Month   string
	Before, After string // months; After is empty for the one that is not over
	Total         []keptView
	Days          []keptDay
}

type keptDay struct {
	Name  string
	Tests []keptView
}

// keptView is one direction of the line tests.
type keptView struct {
	Of, By party // whose tests, and who was to answer
	availability.Tests
	Because int // of those missed, that a record explains
}

func (s *Server) availability(w http.ResponseWriter, r *http.Request, who *seat) error {
	p, n, err := s.onLine(r, who, "check", "title.availability")
	if err != nil {
		return err
	}
	if s.cfg.Host == nil {
		return errNoHost
	}
	now := n.view.At.UTC()
	from := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC)
	if m := r.URL.Query().Get("month"); m != "" {
		if from, err = time.Parse("2006-01", m); err != nil {
			return fault(http.StatusBadRequest, "fault.form")
		}
	}
	to := from.AddDate(0, 1, 0)
	v := availabilityView{Line: string(n.ID), Month: from.Format("2006-01"), Before: from.AddDate(0, -1, 0).Format("2006-01")}
	if to.Before(now) {
		v.After = to.Format("2006-01")
	} else if tomorrow := now.Truncate(24*time.Hour).AddDate(0, 0, 1); tomorrow.After(from) {
		to = tomorrow
	}
	t, err := s.cfg.Host.Availability(r.Context(), n.ID, from, to)
	if err != nil {
		return err
	}
	v.Total = n.keptTests(t.Total)
	for _, d := range t.Days {
		if tests := n.keptTests(d); len(tests) > 0 {
			v.Days = append(v.Days, keptDay{d.Name, tests})
		}
	}
	p.X = v
	s.write(w, p, "availability")
	return nil
}

// keptTests are the directions of a stretch on which a test was due or said.
func (n *snap) keptTests(d availability.Span) (out []keptView) {
	for _, t := range d.Tests {
		if t.Due+t.Said+t.Minutes > 0 {
			c := t.Explained
			out = append(out, keptView{n.party(t.From), n.party(t.To), t, c.Fault + c.Maintenance + c.Unattended + c.Decision})
		}
	}
	return out
}
