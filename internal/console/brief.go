// SPDX-License-Identifier: Apache-2.0

package console

import (
	"html/template"
	"net/http"

	"openline/internal/desk/brief"
	"openline/internal/host/briefing"
	"openline/record"
)

// briefView is the brief as a page: the same page the command line writes.
type briefView struct {
	Page         template.HTML
	WordsMissing bool
	All          bool   // everything that is known, and not one sheet of it
	Query        string // the hour asked for, as asked
}

func (s *Server) brief(w http.ResponseWriter, r *http.Request, who *seat) error {
	l, err := s.line(r)
	if err != nil {
		return err
	}
	if s.cfg.Host == nil {
		return errNoHost
	}
	p := s.page(r, who, "brief", "title.brief")
	n, err := s.snap(r.Context(), l, p.Words)
	if err != nil {
		return err
	}
	if len(n.view.Peers) == 0 {
		return fault(http.StatusNotFound, "fault.none")
	}
	v := briefView{All: r.URL.Query().Get("all") != "", Query: r.URL.Query().Get("at")}
	words, err := brief.Language(p.Tag)
	if v.WordsMissing = err != nil; v.WordsMissing {
		if words, err = brief.Language("en"); err != nil {
			return err
		}
	}
	in, err := s.gather(r, l, n, v.Query)
	if err != nil {
		return err
	}
	// The page escapes whatever others said; its tests hold it to that.
	v.Page = template.HTML(brief.Of(in, words, words.Line()).HTML(words, in.Ours, in.Theirs, brief.Form{Full: v.All}))
	p.X = v
	s.write(w, p, "brief")
	return nil
}

// gather gives what the brief of a line is made of, at an hour or now.
func (s *Server) gather(r *http.Request, l *lineDesk, n *snap, at string) (brief.Input, error) {
	contacts, err := s.cfg.Desk.Contacts(l.ID)
	if err != nil {
		return brief.Input{}, err
	}
	wish := briefing.Wish{Peer: n.view.Peers[0].No, Since: l.Since, Contacts: contacts}
	if at != "" {
		if wish.At, err = day(at); err != nil {
			return brief.Input{}, err
		}
	}
	titles := map[record.PartyNo]string{n.view.Me: n.party(n.view.Me).Title}
	for _, q := range n.view.Peers {
		titles[q.No] = n.party(q.No).Title
	}
	in, err := briefing.Gather(r.Context(), s.cfg.Host, l.ID, titles, wish)
	in.Theirs.Posts = append(in.Theirs.Posts, l.Hosts...)
	return in, err
}
