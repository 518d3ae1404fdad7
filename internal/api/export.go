// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"encoding/hex"
	"net/url"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"openline/identity"
	"openline/internal/host"
	"openline/internal/station"
	"openline/record"
)

// Export asks the station to sign what an extract needs.
type Export struct {
	Request string         `json:"request,omitempty" maxLength:"160" doc:"The record it is about; absent: the whole line"`
	Party   string         `json:"party" minLength:"1" maxLength:"80" doc:"Whose log is receipted: the party that is asked"`
	Cut     string         `json:"cut,omitempty" doc:"Hex, as prepare gave it"`
	People  []PersonSigned `json:"people,omitempty" maxItems:"8"`
}

// Exported says what the station signed for an extract.
type Exported struct {
	Size uint64    `json:"size" doc:"Of their log, as receipted"`
	At   time.Time `json:"at"`
}

func (s *Server) exportRoutes() {
	type in struct {
		OneLine
		Body Export
	}
	prepare := post("export-prepare", "/v1/lines/{line}/export/prepare", "The act two persons sign before an extract is exported")
	huma.Register(s.api, prepare, func(ctx context.Context, in *in) (*body[Act], error) {
		id, _, ref, err := s.export(in.Line, in.Body)
		if err != nil {
			return nil, problem(err)
		}
		act, err := s.cfg.Host.PrepareExport(ctx, id, ref)
		return answer(Act{
			Line: string(act.Line), Party: string(act.Party), Kind: act.Kind, About: act.About,
			Header: hex.EncodeToString(act.Header[:]), Cut: hex.EncodeToString(act.Cut[:]),
		}, err)
	})
	export := post("export", "/v1/lines/{line}/export", "Sign what an extract needs")
	export.Description = "Signs a receipt over exactly the newest head of the other party and a timed head over our own log, and answers once they are durable. The extract itself is made from a copy of the store."
	huma.Register(s.api, export, func(ctx context.Context, in *in) (*body[Exported], error) {
		id, peer, ref, err := s.export(in.Line, in.Body)
		if err != nil {
			return nil, problem(err)
		}
		ev := station.Export{Request: ref, Peer: peer}
		if err := readHex(ev.Cut[:], in.Body.Cut, "cut"); err != nil {
			return nil, problem(err)
		}
		for _, p := range in.Body.People {
			ev.People = append(ev.People, station.Signature{Person: p.Person, Bytes: p.Signature})
		}
		x, err := s.cfg.Host.Export(ctx, id, ev)
		return answer(Exported{Size: x.Receipt.Size, At: time.Unix(int64(x.Receipt.At), 0).UTC()}, err)
	})
}

// export reads what an export is about.
func (s *Server) export(line string, in Export) (id identity.LineID, peer record.PartyNo, ref record.Ref, err error) {
	if id, err = s.line(line); err != nil {
		return id, 0, ref, err
	}
	env, err := s.cfg.Host.Env(id)
	if err != nil {
		return id, 0, ref, err
	}
	peer, ok := env.PartyNo(in.Party)
	if !ok {
		return id, 0, ref, host.ErrNoPeer
	}
	if in.Request != "" {
		ref, err = env.ParseRef(in.Request)
	}
	return id, peer, ref, err
}

// PrepareExport gives the act two persons sign before [Client.Export].
func (c *Client) PrepareExport(ctx context.Context, line string, e Export) (out Act, err error) {
	return out, c.post(ctx, "/v1/lines/"+url.PathEscape(line)+"/export/prepare", e, &out)
}

// Export has the station sign what an extract needs.
func (c *Client) Export(ctx context.Context, line string, e Export) (out Exported, err error) {
	return out, c.post(ctx, "/v1/lines/"+url.PathEscape(line)+"/export", e, &out)
}
