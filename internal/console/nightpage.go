// SPDX-License-Identifier: Apache-2.0

package console

import (
	"net/http"
	"time"

	"openline/internal/desk/nightlog"
	"openline/internal/host/shelf"
)

// nightView is the log of a stretch of the watch, on paper.
type nightView struct {
	Line, Slug string
	N          *nightlog.Night
	W          *nightlog.Words
	Standing   []string
	Acts       []string
	Ours       party
	FromDay    string
	ToDay      string
	Why        string
}

func (s *Server) night(w http.ResponseWriter, r *http.Request, who *seat) error {
	p, n, err := s.onLine(r, who, "night", "title.night")
	if err != nil {
		return err
	}
	desk, err := s.shelf()
	if err != nil {
		return err
	}
	v := nightView{Line: string(n.ID), Slug: n.ID.Slug(), Ours: n.party(n.view.Me)}
	if v.W, err = nightlog.Language(p.Tag); err != nil {
		if v.W, err = nightlog.Language("en"); err != nil {
			return err
		}
	}
	q := r.URL.Query()
	stretch, why := stretchOf(q.Get("from"), q.Get("to"), n.lang)
	if why == nil {
		v.N, why = desk.Night(r.Context(), n.ID, stretch)
	}
	if why != nil { // what was asked is no stretch: the usual one, and why
		v.Why, p.Status = why.Error(), http.StatusUnprocessableEntity
		if v.N, err = desk.Night(r.Context(), n.ID, shelf.Stretch{Lang: n.lang}); err != nil {
			return err
		}
	}
	as := func(s string) string { return s }
	v.Standing = v.W.Standing(v.N, as)
	for _, a := range v.N.Acts {
		v.Acts = append(v.Acts, v.W.By(a, as))
	}
	v.FromDay, v.ToDay = v.N.From.UTC().Format(edited), v.N.To.UTC().Format(edited)
	p.X = v
	s.write(w, p, "night")
	return nil
}

func stretchOf(from, to, lang string) (out shelf.Stretch, err error) {
	out.Lang = lang
	if from != "" {
		if out.From, err = day(from); err != nil {
			return out, err
		}
	}
	if to != "" {
		if out.To, err = day(to); err == nil && len(to) == len(time.DateOnly) {
			out.To = out.To.Add(24*time.Hour - time.Second)
		}
	}
	return out, err
}
