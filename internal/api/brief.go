// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/danielgtaylor/huma/v2"

	"openline/identity"
	"openline/internal/desk/brief"
	"openline/internal/host"
	"openline/internal/host/briefing"
	"openline/record"
)

// BriefQuery asks for a brief.
type BriefQuery struct {
	Peer  string `query:"peer" maxLength:"80" doc:"The other party; absent where there is one"`
	Lang  string `query:"lang" default:"en" maxLength:"35" doc:"Language of the sentences"`
	At    string `query:"at" maxLength:"40" doc:"As it stood then: a time, or a day for its end, UTC"`
	Since string `query:"since" maxLength:"40" doc:"A day or a time; or holder: since the newest holder named in our posts"`
	Full  bool   `query:"full" doc:"Everything, not one sheet"`
	Form  string `query:"form" default:"text" enum:"text,markdown,html" doc:"How the page is written"`
}

// BriefPage is a brief as data and as a page. The data is the contract of
// docs/reference/brief.md.
type BriefPage struct {
	Brief json.RawMessage `json:"brief"`
	Page  string          `json:"page"`
}

func (s *Server) briefRoutes() {
	huma.Register(s.api, get("brief", "/v1/lines/{line}/brief", "How a line stands, on one page"), func(ctx context.Context, in *struct {
		OneLine
		BriefQuery
	}) (*body[BriefPage], error) {
		id, err := s.line(in.Line)
		if err != nil {
			return nil, problem(err)
		}
		return answer(s.brief(ctx, id, in.BriefQuery))
	})
}

func (s *Server) brief(ctx context.Context, id identity.LineID, q BriefQuery) (out BriefPage, err error) {
	env, err := s.cfg.Host.Env(id)
	if err != nil {
		return out, err
	}
	words, err := brief.Language(q.Lang)
	if err != nil {
		return out, err
	}
	w, err := s.wish(ctx, id, env, q)
	if err != nil {
		return out, err
	}
	in, err := briefing.Gather(ctx, s.cfg.Host, id, env.Titles(), w)
	if err != nil {
		return out, err
	}
	b := brief.Of(in, words, words.Line())
	form := brief.Form{Full: q.Full}
	switch q.Form {
	case "markdown":
		out.Page = b.Markdown(words, in.Ours, in.Theirs, form)
	case "html":
		out.Page = b.Document(words, in.Ours, in.Theirs, form)
	default:
		out.Page = b.Text(words, in.Ours, in.Theirs, form)
	}
	out.Brief, err = json.Marshal(b)
	return out, err
}

// wish reads what is asked for, with the contacts that are held.
func (s *Server) wish(ctx context.Context, id identity.LineID, env host.Env, q BriefQuery) (w briefing.Wish, err error) {
	if w.Peer, err = s.peerOf(ctx, id, env, q.Peer); err != nil {
		return w, err
	}
	if q.At != "" {
		if w.At, err = briefing.ParseAt(q.At); err != nil {
			return w, err
		}
	}
	switch q.Since {
	case "":
	case briefing.SinceHolder:
		w.SinceHolder = true
	default:
		if w.Since, err = briefing.ParseSince(q.Since); err != nil {
			return w, err
		}
	}
	w.Contacts, err = s.desk.Contacts(id)
	return w, err
}

// peerOf finds the other party that is meant.
func (s *Server) peerOf(ctx context.Context, id identity.LineID, env host.Env, name string) (record.PartyNo, error) {
	if name != "" {
		no, ok := env.PartyNo(name)
		if !ok || no == env.Me() {
			return 0, fmt.Errorf("%w: %.80s", host.ErrNoPeer, name)
		}
		return no, nil
	}
	v, err := s.cfg.Host.View(ctx, id)
	if err != nil {
		return 0, err
	}
	if len(v.Peers) != 1 {
		return 0, errors.New("this line has several other parties; name the one the brief is about (peer)")
	}
	return v.Peers[0].No, nil
}
