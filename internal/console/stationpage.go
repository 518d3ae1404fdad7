// SPDX-License-Identifier: Apache-2.0

package console

import (
	"fmt"
	"net/http"
	"time"

	"openline/internal/station"
	"openline/record"
)

// stationView is the page of the station itself.
type stationView struct {
	Us     party
	Lines  []stationLine
	People []string
}

type stationLine struct {
	ID, Slug   string
	Standing   string
	Generation uint32
	Hold       string
	Version    uint32
	Every      string
	TimedHead  string
	Languages  []string
	Parties    []party
	Bearers    []bearerView
	Posts      []postView
}

type bearerView struct {
	To string
	station.BearerView
	MS string
}

type postView struct {
	Party        party
	ID, Office   string
	Ref          string
	DeclaredTime record.Stamp
}

func (s *Server) station(w http.ResponseWriter, r *http.Request, who *seat) error {
	p := s.page(r, who, "station", "title.station")
	var v stationView
	if s.cfg.People != nil {
		var err error
		if v.People, err = s.cfg.People(); err != nil {
			return err
		}
	}
	for _, l := range s.lines {
		n, err := s.snap(r.Context(), l, p.Words)
		if err != nil {
			return err
		}
		v.Us = n.party(n.view.Me)
		a := l.Agreements.Newest()
		x := stationLine{ID: string(l.ID), Slug: l.ID.Slug(), Standing: n.view.Standing.String(), Generation: n.view.Own.Generation, Hold: string(n.view.Hold),
			Version: a.Version, Every: length(a.Tests.Every), Languages: a.Languages}
		x.Parties = append(x.Parties, v.Us)
		for _, q := range n.view.Peers {
			peer := n.party(q.No)
			peer.GenerationNow = q.Generation
			x.Parties = append(x.Parties, peer)
			for _, b := range q.Bearers {
				x.Bearers = append(x.Bearers, bearerView{q.Short, b, fmt.Sprintf("%.1f ms", float64(b.RTT.Microseconds())/1000)})
			}
		}
		for _, post := range n.posts {
			pv := postView{Party: n.party(post.Party), ID: post.ID, Office: post.Office, Ref: n.env.RefName(post.Record)}
			x.Posts = append(x.Posts, pv)
		}
		v.Lines = append(v.Lines, x)
	}
	p.X = v
	s.write(w, p, "station")
	return nil
}

// length writes a length of time as people say it: 6h, 90m, 10s.
func length(d time.Duration) string {
	switch {
	case d >= time.Hour && d%time.Hour == 0:
		return fmt.Sprintf("%dh", d/time.Hour)
	case d >= time.Minute && d%time.Minute == 0:
		return fmt.Sprintf("%dm", d/time.Minute)
	}
	return d.String()
}
