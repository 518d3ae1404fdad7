// SPDX-License-Identifier: Apache-2.0

package console

import (
	"net/http"
	"slices"

	"openline/line/incident"
	"openline/record"
)

// incidentView is one incident as a thread under its one number.
type incidentView struct {
	Line      string
	Row       incidentRow
	Map       *mapView
	Units     string
	Harm      string
	Sure      string
	Unsure    string
	Asked     []questionView
	Replies   []saidView
	Holds     []saidView
	Unmeant   []saidView
	Closed    []saidView
	Withdrawn *saidView
	Thread    []saidView
	Moves     moves
}

type questionView struct {
	By          saidView
	Wish, Limit record.Stamp
	Answers     []saidView
	Moves       moves
}

func (s *Server) incident(w http.ResponseWriter, r *http.Request, who *seat) error {
	p, n, err := s.onLine(r, who, "incidents", "title.incident")
	if err != nil {
		return err
	}
	ref, err := n.named(r)
	if err != nil {
		return err
	}
	list, err := s.cfg.Station.Incidents(r.Context(), n.ID)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(list, func(in incident.Incident) bool { return record.ByNumber(in.Opening.Party, in.Opening.Number) == ref })
	if i < 0 {
		return fault(http.StatusNotFound, "fault.none")
	}
	in := list[i]
	th, err := s.cfg.Station.Thread(r.Context(), n.ID, ref)
	if err != nil {
		return err
	}
	v := incidentView{Line: string(n.ID), Row: n.incidentRow(in), Units: in.Units, Harm: in.Harm, Sure: in.Sure, Unsure: in.Unsure, Replies: n.sayings(in.Replies...),
		Holds: n.sayings(in.Holds...), Unmeant: n.sayings(in.Unmeant...), Closed: n.sayings(in.Closed...), Withdrawn: first(n.sayings(in.Withdrawn)), Thread: n.thread(th)}
	if len(v.Row.corners) > 0 {
		if v.Map, err = n.mapOf(readChart(r.URL.Query(), around(v.Row.corners, 5)), r.URL.Path, []incidentRow{v.Row}, nil); err != nil {
			return err
		}
	}
	for _, q := range in.Asked {
		v.Asked = append(v.Asked, n.explanation(q, who))
	}
	n.incidentMoves(&v, in, who, r.URL.Path)
	p.Title = v.Row.Opening.Ref
	p.X = v
	s.write(w, p, "incident")
	return nil
}

// explanation is a request for explanation with what came, and what may be
// answered where we are asked.
func (n *snap) explanation(q incident.Question, who *seat) questionView {
	v := questionView{By: n.saying(q.By), Wish: q.Wish, Limit: q.Limit, Answers: n.sayings(q.Answers...)}
	if q.By.Party == n.view.Me {
		return v
	}
	re := v.By.Ref
	for _, code := range []string{"OW01", "OW02", "OW03"} {
		v.Moves.add(n.move(who, code, re, nil))
	}
	v.Moves.add(n.move(who, "HD02", re, nil, "until"))
	return v
}

// incidentMoves are what may be said to the incident: answers of who was told,
// questions, and its end.
func (n *snap) incidentMoves(v *incidentView, in incident.Incident, who *seat, path string) {
	if in.Withdrawn.Number != 0 {
		return
	}
	re := v.Row.Opening.Ref
	if in.Opening.Party != n.view.Me {
		for _, x := range []struct{ code, ask string }{{"WL01", ""}, {"WL02", "reason"}, {"OW01", ""}, {"OW02", ""}, {"OW03", ""}, {"HD02", "until"}, {"HD01", "until"}, {"TX01", ""}} {
			switch {
			case !n.permits(in.Opening.Code, x.code):
			case x.ask != "":
				v.Moves.add(n.move(who, x.code, re, nil, x.ask))
			case x.code == "WL01":
				v.Moves.add(direct(path)(n.move(who, x.code, re, nil)))
			default:
				m, ok := n.move(who, x.code, re, nil)
				m.Form = x.code == "TX01"
				v.Moves.add(m, ok)
			}
		}
		v.Moves.add(n.move(who, "IN02", re, nil, "description"))
	}
	v.Moves.add(n.move(who, "IN03", re, nil, "kind", "measures"))
	m, ok := n.move(who, "NT05", re, map[string]string{"state": "ended"}, "changes")
	m.Name = n.T("move.ended")
	if in.Opening.Party == n.view.Me || len(in.Closed) == 0 {
		v.Moves.add(m, ok)
	}
	if in.Opening.Party == n.view.Me {
		v.Moves.add(n.move(who, "IN02", re, nil, "description"))
		m, ok := n.move(who, "NT05", re, map[string]string{"state": "corrected"}, "changes")
		m.ID, m.Name = m.ID+"-corrected", n.T("move.corrected")
		v.Moves.add(m, ok)
		v.Moves.add(n.move(who, "ER01", re, nil))
	}
}
