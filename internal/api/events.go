// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"

	"github.com/danielgtaylor/huma/v2/sse"

	"openline/internal/host"
	"openline/record"
)

// eventRoom is how many events wait for a listener before it is let go.
const eventRoom = 1024

func (s *Server) eventRoutes() {
	events := get("events", "/v1/lines/{line}/events", "What happens on a line, as it happens")
	events.Description = "Server-sent events, each told after what it tells of is durable. A stream that ends has not kept up, or the station has stopped: open it again and read the transcript from where it was left."
	sse.Register(s.api, events, map[string]any{"message": Event{}}, func(ctx context.Context, in *OneLine, send sse.Sender) {
		id, env, err := s.lineEnv(in.Line)
		if err != nil {
			return
		}
		news, leave, err := s.cfg.Host.Subscribe(id, eventRoom)
		if err != nil {
			return
		}
		defer leave()
		for {
			select {
			case n, ok := <-news:
				if !ok || send(sse.Message{ID: int(n.Seq), Data: eventOf(env, n)}) != nil {
					return
				}
			case <-ctx.Done():
				return
			}
		}
	})
}

func eventOf(env host.Env, n host.News) Event {
	e := Event{Seq: n.Seq, Line: string(n.Line), At: n.At.UTC(), Kind: n.Kind, Code: n.Code, Text: n.Text}
	if n.Party != 0 {
		e.Party = env.PartyName(n.Party)
	}
	if n.Number == 0 {
		return e
	}
	of := n.Party
	if n.Kind == "receipt" {
		of = env.Me() // a receipt is over our own log
	}
	e.Ref = env.RefName(record.ByNumber(of, n.Number))
	return e
}
