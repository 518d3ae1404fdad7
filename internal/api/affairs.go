// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"path"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"openline/identity"
	"openline/internal/host"
	"openline/line/counterpart"
	"openline/line/dialogue"
	"openline/line/dossier"
	"openline/line/incident"
	"openline/line/suspension"
)

// Named is a part of the affairs, which names parties by their numbers, with
// their short names. Both stations give equal parts at equal positions.
type Named[T any] struct {
	Parties map[string]string `json:"parties" doc:"Short names by number"`
	Affairs T                 `json:"affairs"`
}

// Party is the short name of a party by its number.
func (n Named[T]) Party(no uint64) string { return n.Parties[strconv.FormatUint(no, 10)] }

func (s *Server) affairsRoutes() {
	s.declaredRoutes()
	h := s.cfg.Host
	affairs(s, "counterparts", "Which posts are seen as counterparts, for which subject", h.Counterparts)
	affairs(s, "dossiers", "What became of each invitation", h.Dossiers)
	affairs(s, "dialogues", "How series of meetings and forums stand", h.Dialogues)
	affairs(s, "incidents", "Incidents, each under its one number", h.Incidents)
	affairs(s, "suspensions", "Classes of traffic suspended and resumed", h.Suspensions)
}

func affairs[T any](s *Server, name, summary string, read func(context.Context, identity.LineID) (T, error)) {
	huma.Register(s.api, get(name, "/v1/lines/{line}/"+name, summary), func(ctx context.Context, in *OneLine) (*body[Named[T]], error) {
		id, env, err := s.lineEnv(in.Line)
		if err != nil {
			return nil, problem(err)
		}
		out, err := read(ctx, id)
		return answer(Named[T]{names(env), out}, err)
	})
}

// schemaName names a type in the interface's document. The rooms of the
// affairs and of the desk each have a Table or a State of their own.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	room := t.PkgPath()
	if of, ok := strings.CutPrefix(t.Name(), "Named["); ok {
		room, name = of[strings.LastIndex(of, "openline"):strings.LastIndex(of, ".")], "Named"
	}
	if !strings.HasPrefix(room, "openline/line") && !strings.HasPrefix(room, "openline/internal/desk") {
		return name
	}
	room = path.Base(room)
	return strings.ToUpper(room[:1]) + room[1:] + name
}

func names(env host.Env) map[string]string {
	out := map[string]string{}
	for no := range env.Titles() {
		out[strconv.Itoa(int(no))] = env.PartyName(no)
	}
	return out
}

// Counterparts reads the pairs of posts on a line.
func (c *Client) Counterparts(ctx context.Context, line string) (out Named[counterpart.Table], err error) {
	return out, c.get(ctx, linePath(line)+"/counterparts", nil, &out)
}

// Dossiers reads the invitations on a line.
func (c *Client) Dossiers(ctx context.Context, line string) (out Named[dossier.Table], err error) {
	return out, c.get(ctx, linePath(line)+"/dossiers", nil, &out)
}

// Dialogues reads the series of meetings on a line.
func (c *Client) Dialogues(ctx context.Context, line string) (out Named[dialogue.Table], err error) {
	return out, c.get(ctx, linePath(line)+"/dialogues", nil, &out)
}

// Incidents reads the incidents on a line.
func (c *Client) Incidents(ctx context.Context, line string) (out Named[[]incident.Incident], err error) {
	return out, c.get(ctx, linePath(line)+"/incidents", nil, &out)
}

// Suspensions reads what was suspended on a line.
func (c *Client) Suspensions(ctx context.Context, line string) (out Named[[]suspension.Suspension], err error) {
	return out, c.get(ctx, linePath(line)+"/suspensions", nil, &out)
}
