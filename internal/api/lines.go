// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"openline/identity"
	"openline/internal/host"
	"openline/internal/station"
	"openline/line"
	"openline/line/linestate"
	"openline/record"

	"github.com/danielgtaylor/huma/v2"
)

// OneLine is the part of a request that names a line.
type OneLine struct {
	Line string `path:"line" maxLength:"80" doc:"Line id, or its slug where that is enough"`
}

// Reader is the part of a request that names a reader's language.
type Reader struct {
	Lang string `query:"lang" default:"en" maxLength:"35" doc:"Language to render in"`
}

func (s *Server) lineRoutes() {
	s.accusationRoutes()
	s.affairsRoutes()
	s.availabilityRoutes()
	huma.Register(s.api, get("status", "/v1/status", "How every line stands"), func(ctx context.Context, in *Reader) (*body[[]Status], error) {
		all := []Status{}
		for _, id := range s.cfg.Host.Lines() {
			st, err := s.status(ctx, id, in.Lang)
			if err != nil {
				return nil, problem(err)
			}
			all = append(all, st)
		}
		return answer(all, nil)
	})
	huma.Register(s.api, get("line-status", "/v1/lines/{line}/status", "How a line stands"), func(ctx context.Context, in *struct {
		OneLine
		Reader
	}) (*body[Status], error) {
		id, err := s.line(in.Line)
		if err != nil {
			return nil, problem(err)
		}
		return answer(s.status(ctx, id, in.Lang))
	})
	huma.Register(s.api, get("phrases", "/v1/lines/{line}/phrases", "What can be said on a line"), func(_ context.Context, in *OneLine) (*body[[]Phrase], error) {
		id, err := s.line(in.Line)
		if err != nil {
			return nil, problem(err)
		}
		return answer(s.phrases(id))
	})
	huma.Register(s.api, get("awaiting", "/v1/lines/{line}/awaiting", "What awaits a reply, from either side"), func(ctx context.Context, in *OneLine) (*body[[]Await], error) {
		id, err := s.line(in.Line)
		if err != nil {
			return nil, problem(err)
		}
		st, err := s.status(ctx, id, "en")
		return answer(st.Awaiting, err)
	})
}

// phrases lists what can be said on a line now.
func (s *Server) phrases(id identity.LineID) ([]Phrase, error) {
	env, err := s.cfg.Host.Env(id)
	if err != nil {
		return nil, err
	}
	out := []Phrase{}
	for _, code := range env.Catalogue().Codes() {
		p, ok := env.Catalogue().Phrase(code)
		if !ok {
			continue
		}
		shown := Phrase{Code: p.Code, Gloss: p.Gloss, Marker: p.Marker, Who: p.Who.String(), Asks: p.Asks(), Opens: p.Opens, Replies: p.Replies, Re: p.Re,
			Text: p.NeedsText, Params: []PhraseParam{}, Permits: append([]string{}, p.Permits...)}
		for _, param := range p.Params {
			shown.Params = append(shown.Params, PhraseParam{param.Name, string(param.Kind), param.Optional, param.Values})
		}
		out = append(out, shown)
	}
	return out, nil
}

// lineEnv is line, with what the line's records are read by.
func (s *Server) lineEnv(name string) (identity.LineID, host.Env, error) {
	id, err := s.line(name)
	if err != nil {
		return "", host.Env{}, err
	}
	env, err := s.cfg.Host.Env(id)
	return id, env, err
}

// line finds a line by its id or by its slug.
func (s *Server) line(name string) (identity.LineID, error) {
	var found []identity.LineID
	for _, id := range s.cfg.Host.Lines() {
		if string(id) == name {
			return id, nil
		}
		if id.Slug() == name {
			found = append(found, id)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return "", fmt.Errorf("%w: %.80q; there are %v", host.ErrNoLine, name, s.cfg.Host.Lines())
	}
	return "", fmt.Errorf("several lines are called %.80s; name one of %v", name, found)
}

func (s *Server) status(ctx context.Context, id identity.LineID, lang string) (Status, error) {
	words, err := linestate.Language(lang)
	if err != nil {
		return Status{}, err
	}
	v, err := s.cfg.Host.View(ctx, id)
	if err != nil {
		return Status{}, err
	}
	env, err := s.cfg.Host.Env(id)
	if err != nil {
		return Status{}, err
	}
	st := Status{
		Line: string(id), At: v.At.UTC(), Standing: v.Standing.String(), Me: v.Short, Hold: string(v.Hold), Waiting: v.Waiting,
		Own: Own{
			Generation: v.Own.Generation, Size: v.Own.Size, LastSigned: stamp(v.Own.LastSigned),
			Last: refName(env, v.Me, v.Own.Size, v.Own.Last), Root: hex.EncodeToString(v.Own.Root[:]), Tests: v.Own.Tests,
		},
		Peers: []Peer{}, Awaiting: []Await{},
	}
	for _, p := range v.Peers {
		st.Peers = append(st.Peers, peerOf(env, words, v.Me, p))
	}
	ends, err := s.cfg.Host.HoursEnd(ctx, id)
	if err != nil {
		return Status{}, err
	}
	st.HoursEnd = stamp(ends)
	kept, err := s.cfg.Host.Accusations(id)
	if err != nil {
		return Status{}, err
	}
	countAccusations(env, kept, st.Peers)
	for _, a := range v.Awaiting {
		st.Awaiting = append(st.Awaiting, awaitOf(env, a))
	}
	return st, nil
}

func peerOf(env host.Env, words *linestate.Words, me record.PartyNo, p station.PeerView) Peer {
	out := Peer{
		Party: p.Short, Name: string(p.Name), Generation: p.Generation, Size: p.Size, Last: refName(env, p.No, p.Size, p.Last),
		Pending: p.Pending, Receipt: signed(env, me, p.Receipt), ReceiptPQ: signed(env, me, p.ReceiptPQ), TimedHead: signed(env, p.No, p.TimedHead),
		Trouble: p.Trouble, Histories: p.Forked, TestsHeard: p.TestsHeard, Differs: p.Differs, Bearers: []Bearer{},
		Ahead: p.Ahead, Claims: p.Claims, InPerson: inPerson(p.InPerson), Missed: missed(p.Tests),
		Wire: sentence(words, p.State.Wire), Watch: sentence(words, p.State.Watch), Offices: sentence(words, p.State.Offices),
	}
	if !p.TestAt.IsZero() {
		at := p.TestAt.UTC()
		out.TestAt = &at
	}
	for _, b := range p.Bearers {
		out.Bearers = append(out.Bearers, Bearer{b.Name, b.Since.UTC(), float64(b.RTT.Microseconds()) / 1000})
	}
	return out
}

func awaitOf(env host.Env, a station.AwaitView) Await {
	out := Await{
		Ref: env.RefName(a.Ref), Code: a.Code, Gloss: env.Gloss(a.Code), From: env.PartyName(a.Answerer), Ours: a.Ours, Asked: instant(a.Asked),
		Outcome: a.Outcome.String(), Until: stamp(a.Until), Wished: stamp(a.Wished), Crossed: a.Crossed,
	}
	if a.Ref != a.Thing {
		out.About = env.RefName(a.Thing)
	}
	for _, by := range a.Suspended {
		out.Suspended = append(out.Suspended, env.RefName(record.ByNumber(by.Party, by.Number)))
	}
	c := a.Clock
	out.Clock = Clock{State: clockState(c.State), Started: stamp(c.Started.At), Ground: c.Started.Ground, Due: stamp(c.Due), Shown: c.Shown.Ground, Missing: c.Missing, Capped: c.Capped}
	if !c.Declaration.IsZero() {
		out.Clock.Declaration = env.RefName(c.Declaration)
	}
	return out
}

func clockState(s line.ClockState) string {
	switch s {
	case line.NotReceipted:
		return "not receipted"
	case line.Running:
		return "running"
	case line.Past:
		return "past"
	case line.Unsigned:
		return "unsigned"
	case line.RecordsMissing:
		return "records missing"
	case line.Replied:
		return "replied"
	}
	return "unknown"
}

func sentence(words *linestate.Words, s linestate.Sentence) Sentence {
	return Sentence{State: string(s.Kind), Since: stamp(s.Since), Text: words.Say(s)}
}

func signed(env host.Env, of record.PartyNo, v station.StatementView) *Signed {
	if v.At == 0 {
		return nil
	}
	return &Signed{v.Size, refName(env, of, v.Size, v.Last), instant(v.At)}
}

// refName names the newest record of a log; empty while there is none.
func refName(env host.Env, party record.PartyNo, size, last uint64) string {
	if size == 0 {
		return ""
	}
	return env.RefName(record.ByNumber(party, last))
}

func instant(s record.Stamp) time.Time { return time.Unix(int64(s), 0).UTC() }

func stamp(s record.Stamp) *time.Time {
	if s == 0 {
		return nil
	}
	t := instant(s)
	return &t
}
