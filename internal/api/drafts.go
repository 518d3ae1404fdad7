// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"openline/identity"
	"openline/internal/desk/draft"
	"openline/internal/host"
	"openline/record"
)

// WrittenDraft is something this party has written and not said yet, or what
// became of it.
type WrittenDraft struct {
	No       int               `json:"no"`
	At       time.Time         `json:"at"`
	By       string            `json:"by,omitempty" doc:"Who wrote it first, by the desk's word"`
	Version  int               `json:"version" doc:"The newest; it alone can be signed and sent"`
	Changed  time.Time         `json:"changed"`
	Code     string            `json:"code"`
	From     string            `json:"from"`
	To       []string          `json:"to"`
	Re       []string          `json:"re"`
	About    string            `json:"about,omitempty"`
	Says     string            `json:"says" doc:"As it reads in the language asked for"`
	Params   map[string]string `json:"params"`
	Text     string            `json:"text,omitempty"`
	Language string            `json:"language"`
	Digest   string            `json:"digest" doc:"Of the header that is signed"`
	State    string            `json:"state" enum:"open,given back,on its way,said,dropped"`
	Signed   []string          `json:"signed" doc:"Persons who signed the newest version"`
	Void     []VoidSigned      `json:"void" doc:"Signatures over earlier versions; they count no more"`
	Record   string            `json:"record,omitempty" doc:"What it became"`
	Why      string            `json:"why,omitempty" doc:"Why it was given back"`
}

// VoidSigned is a signature over an earlier version.
type VoidSigned struct {
	Person  string `json:"person"`
	Version int    `json:"version"`
}

// DropDraft drops a draft.
type DropDraft struct {
	Token   string `json:"token,omitempty" maxLength:"64"`
	By      string `json:"by,omitempty" maxLength:"64"`
	Version int    `json:"version" minimum:"1" doc:"The version that was read"`
}

// OneDraft names a draft.
type OneDraft struct {
	OneLine
	No   int    `path:"no" minimum:"1"`
	Lang string `query:"lang" maxLength:"16" doc:"Language it is read in; English where absent"`
}

func (s *Server) draftRoutes() {
	const path = "/v1/lines/{line}/drafts"
	list := get("drafts", path, "Drafts of this party; never sent")
	list.Description = "Those that are neither said nor dropped, by number; with ended also the newest of those that are."
	huma.Register(s.api, list, func(_ context.Context, in *struct {
		OneLine
		Lang  string `query:"lang" maxLength:"16"`
		Ended bool   `query:"ended"`
	}) (*body[[]WrittenDraft], error) {
		id, err := s.line(in.Line)
		if err != nil {
			return nil, problem(err)
		}
		return answer(s.writtenDrafts(id, in.Lang, in.Ended))
	})
	huma.Register(s.api, get("draft", path+"/{no}", "One draft"), func(_ context.Context, in *OneDraft) (*body[WrittenDraft], error) {
		id, err := s.line(in.Line)
		if err != nil {
			return nil, problem(err)
		}
		d, err := s.desk.Draft(id, in.No)
		if err != nil {
			return nil, problem(err)
		}
		return answer(s.writtenDraft(id, in.Lang, d))
	})
	huma.Register(s.api, post("drop-draft", path+"/{no}/drop", "Drop a draft"), func(ctx context.Context, in *struct {
		OneDraft
		Body DropDraft
	}) (*body[WrittenDraft], error) {
		id, err := s.line(in.Line)
		if err != nil {
			return nil, problem(err)
		}
		d, err := s.desk.Write(ctx, id, draft.Note{Do: draft.DoDrop, Token: in.Body.Token, By: in.Body.By, On: in.No, Version: in.Body.Version})
		if err != nil {
			return nil, problem(err)
		}
		return answer(s.writtenDraft(id, in.Lang, d))
	})
}

func (s *Server) writtenDrafts(id identity.LineID, lang string, ended bool) ([]WrittenDraft, error) {
	list, err := s.desk.Drafts(id)
	if err != nil {
		return nil, err
	}
	if ended {
		past, _, err := s.desk.Ended(id)
		if err != nil {
			return nil, err
		}
		list = append(list, past...)
		slices.SortFunc(list, func(a, b draft.Draft) int { return a.No - b.No })
	}
	out := []WrittenDraft{}
	for _, d := range list {
		w, err := s.writtenDraft(id, lang, d)
		if err != nil {
			return nil, err
		}
		out = append(out, w)
	}
	return out, nil
}

func (s *Server) writtenDraft(id identity.LineID, lang string, d draft.Draft) (WrittenDraft, error) {
	env, err := s.cfg.Host.Env(id)
	if err != nil {
		return WrittenDraft{}, err
	}
	v := d.Newest()
	h, b, err := v.Decode()
	if err != nil {
		return WrittenDraft{}, err
	}
	if lang == "" {
		lang = "en"
	}
	out := WrittenDraft{No: d.No, At: d.At, By: d.By, Version: v.No, Changed: v.At, Code: h.Code, From: env.OfficeName(record.Address{Party: env.Me(), Post: h.From}), To: []string{}, Re: []string{},
		About: v.About, Says: readDraftAs(env, lang, h, b), Params: draftParams(env, lang, h, b), Text: b.Text, Language: h.Language,
		Digest: hex.EncodeToString(v.Digest[:]), State: "open", Signed: []string{}, Void: []VoidSigned{}}
	for _, to := range h.To {
		out.To = append(out.To, env.OfficeName(to))
	}
	for _, re := range h.Re {
		out.Re = append(out.Re, env.RefName(re))
	}
	for _, x := range v.Signed {
		out.Signed = append(out.Signed, x.Person)
	}
	switch {
	case d.Released != nil:
		out.State, out.Record = "said", d.Released.Record
	case d.Dropped != nil:
		out.State = "dropped"
	case d.Sending > 0:
		out.State = "on its way"
	case v.Back != nil:
		out.State, out.Why = "given back", v.Back.Words
	default:
		for _, x := range d.Void() {
			out.Void = append(out.Void, VoidSigned{x.Person, x.Version})
		}
	}
	return out, nil
}

// readDraftAs reads what is not recorded yet as a record of ours.
func readDraftAs(env host.Env, lang string, h *record.Header, b *record.Body) string {
	return env.Render(lang, asRecord(env, h, b))
}

func draftParams(env host.Env, lang string, h *record.Header, b *record.Body) map[string]string {
	_, params := env.Params(lang, asRecord(env, h, b))
	if params == nil {
		params = map[string]string{}
	}
	return params
}

func asRecord(env host.Env, h *record.Header, b *record.Body) host.Record {
	var r host.Record
	r.Log.Party = env.Me()
	r.Decoded = record.Decoded{Leaf: &record.Leaf{Agreement: env.Version()}, Header: h, Body: b}
	return r
}

// Drafts lists the drafts of a line; ended: also those that were said or
// dropped lately.
func (c *Client) Drafts(ctx context.Context, line, lang string, ended bool) (out []WrittenDraft, err error) {
	return out, c.get(ctx, linePath(line)+"/drafts", url.Values{"lang": {lang}, "ended": {strconv.FormatBool(ended)}}, &out)
}

// Draft reads one.
func (c *Client) Draft(ctx context.Context, line string, no int, lang string) (out WrittenDraft, err error) {
	return out, c.get(ctx, fmt.Sprintf("%s/drafts/%d", linePath(line), no), url.Values{"lang": {lang}}, &out)
}

// DropDraft drops one.
func (c *Client) DropDraft(ctx context.Context, line string, no int, d DropDraft) (out WrittenDraft, err error) {
	return out, c.post(ctx, fmt.Sprintf("%s/drafts/%d/drop", linePath(line), no), d, &out)
}
