// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"openline/identity"
	"openline/internal/host"
	"openline/internal/store"
	"openline/record"
)

// TranscriptQuery asks for a part of the transcript.
type TranscriptQuery struct {
	OneLine
	Reader
	Max    int       `query:"max" default:"50" minimum:"1" maximum:"1000" doc:"Records on the page"`
	Before string    `query:"before" maxLength:"4096" doc:"Place: the records that precede it"`
	After  string    `query:"after" maxLength:"4096" doc:"Place: the records that follow it"`
	Since  time.Time `query:"since" doc:"The records made at this time or later"`
}

func (s *Server) recordRoutes() {
	records := get("records", "/v1/lines/{line}/records", "The transcript of a line, page by page")
	records.Description = "Without before, after and since: the newest records."
	huma.Register(s.api, records, func(_ context.Context, in *TranscriptQuery) (*body[Page], error) {
		id, err := s.line(in.Line)
		if err != nil {
			return nil, problem(err)
		}
		return answer(s.page(id, in))
	})
	huma.Register(s.api, get("record", "/v1/lines/{line}/records/{party}/{number}", "One record by its name"), func(ctx context.Context, in *struct {
		OneLine
		Reader
		Party  string `path:"party" maxLength:"80"`
		Number string `path:"number" maxLength:"80" doc:"Its number, or # and the hash of its leaf in hex"`
	}) (*body[Record], error) {
		id, err := s.line(in.Line)
		if err != nil {
			return nil, problem(err)
		}
		return answer(s.record(ctx, id, in.Party+"/"+in.Number, in.Lang))
	})
}

func (s *Server) record(ctx context.Context, id identity.LineID, name, lang string) (Record, error) {
	env, err := s.cfg.Host.Env(id)
	if err != nil {
		return Record{}, err
	}
	ref, err := env.ParseRef(name)
	if err != nil {
		return Record{}, err
	}
	r, err := s.cfg.Host.Record(id, ref)
	if err != nil {
		return Record{}, fmt.Errorf("%w: %s", err, env.RefName(ref))
	}
	out, err := s.show(id, env, r, lang)
	if err != nil {
		return out, err
	}
	out.Effect, err = s.effect(ctx, id, env, r)
	return out, err
}

func (s *Server) effect(ctx context.Context, id identity.LineID, env host.Env, r host.Record) (*Effect, error) {
	x, err := s.cfg.Host.Deed(ctx, id, r.Ref())
	if err != nil {
		return nil, err
	}
	out := &Effect{Standing: []string{"none", "replaced", "stands"}[x.Standing], Why: x.Why}
	if !x.Thing.IsZero() {
		out.Thing = env.RefName(x.Thing)
	}
	for _, by := range x.Removed {
		out.RemovedBy = append(out.RemovedBy, env.RefName(by))
	}
	for _, n := range x.Removals {
		out.Removes = append(out.Removes, Removal{env.RefName(n.Thing), n.Why})
	}
	return out, nil
}

func (s *Server) page(id identity.LineID, in *TranscriptQuery) (Page, error) {
	asked := 0
	for _, given := range []bool{in.Before != "", in.After != "", !in.Since.IsZero()} {
		if given {
			asked++
		}
	}
	if asked > 1 {
		return Page{}, errors.New("ask for one of before, after and since")
	}
	env, err := s.cfg.Host.Env(id)
	if err != nil {
		return Page{}, err
	}
	list, first, last, err := s.part(id, in)
	if err != nil {
		return Page{}, err
	}
	page := Page{Records: []Record{}, Before: formatPlace(first), After: formatPlace(last)}
	for _, r := range list {
		shown, err := s.show(id, env, r, in.Lang)
		if err != nil {
			return Page{}, err
		}
		page.Records = append(page.Records, shown)
	}
	return page, nil
}

// part reads the part asked for, with the places of its ends.
func (s *Server) part(id identity.LineID, in *TranscriptQuery) (list []host.Record, first, last host.Place, err error) {
	h := s.cfg.Host
	switch {
	case in.After != "":
		first, err = parsePlace(in.After)
	case !in.Since.IsZero():
		first, err = h.Since(id, whole(&in.Since))
	default:
		if in.Before != "" {
			if last, err = parsePlace(in.Before); err != nil {
				return nil, nil, nil, err
			}
		}
		if list, first, err = h.Before(id, last, in.Max); err != nil {
			return nil, nil, nil, err
		}
		last = maps.Clone(first)
		for _, r := range list {
			last[r.Log] = r.Index + 1
		}
		return list, first, last, nil
	}
	if err != nil {
		return nil, nil, nil, err
	}
	list, last, err = h.After(id, first, in.Max)
	return list, first, last, err
}

// formatPlace writes a place as one word: party.generation.index, joined.
func formatPlace(p host.Place) string {
	var parts []string
	for id, index := range p {
		parts = append(parts, fmt.Sprintf("%d.%d.%d", id.Party, id.Generation, index))
	}
	slices.Sort(parts)
	return strings.Join(parts, "_")
}

func parsePlace(s string) (host.Place, error) {
	bad := fmt.Errorf("%.40q is no place; give one that a page named", s)
	p := host.Place{}
	for part := range strings.SplitSeq(s, "_") {
		n := strings.Split(part, ".")
		if len(n) != 3 {
			return nil, bad
		}
		party, err1 := strconv.ParseUint(n[0], 10, 16)
		generation, err2 := strconv.ParseUint(n[1], 10, 32)
		index, err3 := strconv.ParseUint(n[2], 10, 62)
		if errors.Join(err1, err2, err3) != nil {
			return nil, bad
		}
		p[store.LogID{Party: record.PartyNo(party), Generation: uint32(generation)}] = index
	}
	return p, nil
}

// show writes a record for a reader.
func (s *Server) show(id identity.LineID, env host.Env, r host.Record, lang string) (Record, error) {
	out := Record{
		Ref: env.RefName(r.Ref()), Spoken: record.SpokenRef(r.Ref(), env.PartyName), Party: env.PartyName(r.Log.Party), Number: r.Number,
		Generation: r.Log.Generation, Index: r.Index, Leaf: hex.EncodeToString(r.Hash[:]), Rendering: env.Render(lang, r), At: stamp(r.Time()),
	}
	if r.Fault != nil {
		out.Fault = r.Fault.Error()
	}
	if !r.RemovedBy.IsZero() {
		out.Removed = env.RefName(r.RemovedBy)
	}
	if r.Leaf != nil && !r.Leaf.About.IsZero() {
		out.About = env.RefName(r.Leaf.About)
	}
	if h := r.Header; h != nil {
		out.Code, out.Status, out.Precedence = h.Code, h.Status.String(), h.Precedence.String()
		out.Written, out.Wished, out.Language = stamp(h.Written), stamp(h.Wished), h.Language
		out.From = env.PostName(record.Address{Party: r.Log.Party, Post: h.From})
		for _, a := range h.To {
			out.To = append(out.To, env.PostName(a))
		}
		for _, re := range h.Re {
			out.Re = append(out.Re, env.RefName(re))
		}
	}
	if b := r.Body; b != nil {
		out.Text, out.Trans = b.Text, b.Translations
		out.Marker, out.Params = env.Params(lang, r)
		if r.Header.Code == "LT02" {
			out.Quality, _ = b.Params["quality"].AsText()
		}
	}
	var err error
	if out.Receipts, err = s.receiptsOf(id, env, r); err != nil {
		return out, err
	}
	return out, s.attached(id, env, r, &out)
}
