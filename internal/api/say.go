// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"openline/catalogue"
	"openline/catalogue/typed"
	"openline/identity"
	"openline/internal/host"
	"openline/internal/station"
	"openline/record"
)

func (s *Server) sayRoutes() {
	say := post("say", "/v1/lines/{line}/say", "Put something on the line")
	say.Description = "Takes all drafts or none, and answers once they are durable here. With wait it waits as long for the receipts of every other party; what came by then is in the answer."
	huma.Register(s.api, say, func(ctx context.Context, in *struct {
		OneLine
		Body Say
	}) (*body[Said], error) {
		id, err := s.line(in.Line)
		if err != nil {
			return nil, problem(err)
		}
		return answer(s.say(ctx, id, in.Body))
	})
	prepare := post("prepare", "/v1/lines/{line}/prepare", "Write a draft without saying it")
	prepare.Description = "Gives the draft as it would be said and the act that two persons sign before it is."
	huma.Register(s.api, prepare, func(ctx context.Context, in *struct {
		OneLine
		Body Draft
	}) (*body[PreparedDraft], error) {
		id, err := s.line(in.Line)
		if err != nil {
			return nil, problem(err)
		}
		return answer(s.prepare(ctx, id, in.Body))
	})
}

// PreparedDraft is a draft ready to be signed by persons, and said.
type PreparedDraft struct {
	Draft Draft  `json:"draft"`
	Act   Act    `json:"act"`
	Two   bool   `json:"two" doc:"Saying it needs release by two persons"`
	Why   string `json:"why,omitempty" doc:"What asks for that"`
}

func (s *Server) say(ctx context.Context, id identity.LineID, in Say) (Said, error) {
	env, err := s.cfg.Host.Env(id)
	if err != nil {
		return Said{}, err
	}
	if len(in.Drafts) == 0 {
		return Said{}, errors.New("there is nothing to say; give one draft or more in drafts")
	}
	if in.Token == "" {
		in.Token = host.NewToken(time.Now())
	}
	ev := station.Say{Token: in.Token}
	for i, d := range in.Drafts {
		draft, err := readDraft(env, d)
		if err != nil {
			if len(in.Drafts) > 1 {
				err = fmt.Errorf("draft %d: %w", i+1, err)
			}
			return Said{}, err
		}
		ev.Drafts = append(ev.Drafts, draft)
	}
	results, err := s.cfg.Host.Say(ctx, id, ev)
	if err != nil {
		return Said{}, err
	}
	out := Said{Token: in.Token, Records: []SaidRecord{}}
	wait, cancel := context.WithTimeout(ctx, time.Duration(in.Wait*float64(time.Second)))
	defer cancel()
	for i, r := range results {
		rec := SaidRecord{Queued: r.Number == 0, Changed: r.Changed, Receipts: []Receipt{}}
		if i < len(ev.Drafts) {
			rec.Code = ev.Drafts[i].Code
			phrase, _ := env.Catalogue().Phrase(rec.Code)
			rec.Asks = phrase.Asks()
		}
		if !rec.Queued {
			rec.Ref, rec.At, rec.Leaf = env.RefName(record.ByNumber(r.Party, r.Number)), stamp(r.Time), hex.EncodeToString(r.Leaf[:])
			if rec.Receipts, err = s.receipts(wait, id, env, r, in.Wait > 0); err != nil {
				return Said{}, err
			}
		}
		out.Records = append(out.Records, rec)
	}
	return out, nil
}

// receipts lists the receipts of what was just said, waiting for them until
// ctx ends.
func (s *Server) receipts(ctx context.Context, id identity.LineID, env host.Env, r station.Result, wait bool) ([]Receipt, error) {
	said, err := s.cfg.Host.Record(id, record.ByNumber(r.Party, r.Number))
	if err != nil {
		return nil, err
	}
	if !wait {
		return s.receiptsOf(id, env, said)
	}
	list, err := s.cfg.Host.WaitReceipts(ctx, id, said.Located)
	return receipts(env, list), err
}

func (s *Server) receiptsOf(id identity.LineID, env host.Env, r host.Record) ([]Receipt, error) {
	list, err := s.cfg.Host.Receipts(id, r.Located)
	return receipts(env, list), err
}

func receipts(env host.Env, list []host.Receipt) []Receipt {
	out := []Receipt{}
	for _, r := range list {
		out = append(out, Receipt{By: env.PartyName(r.By), Size: r.Size, At: instant(r.At), PQ: stamp(r.PQ)})
	}
	return out
}

func (s *Server) prepare(ctx context.Context, id identity.LineID, in Draft) (PreparedDraft, error) {
	env, err := s.cfg.Host.Env(id)
	if err != nil {
		return PreparedDraft{}, err
	}
	draft, err := readDraft(env, in)
	if err != nil {
		return PreparedDraft{}, err
	}
	draft, act, err := s.cfg.Host.Prepare(ctx, id, draft)
	if err != nil {
		return PreparedDraft{}, err
	}
	in.Prepared = &Prepared{Salt: hex.EncodeToString(draft.Salt[:]), Cut: hex.EncodeToString(draft.Cut[:]), Written: instant(draft.Written)}
	if !draft.Clocks.IsZero() {
		in.Prepared.Clocks = env.RefName(draft.Clocks)
	}
	ruling, err := s.cfg.Host.Rule(ctx, id, draft)
	return PreparedDraft{Draft: in, Act: actOf(act), Two: ruling.Two, Why: ruling.Why}, err
}

// Identity reads the act as persons sign it.
func (a Act) Identity() (identity.Act, error) {
	out := identity.Act{Line: identity.LineID(a.Line), Party: identity.Party(a.Party), Kind: a.Kind, About: a.About}
	err := errors.Join(readHex(out.Header[:], a.Header, "header"), readHex(out.Cut[:], a.Cut, "cut"))
	return out, err
}

func readHex(into []byte, s, what string) error {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(into) {
		return fmt.Errorf("%s: write %d hex digits", what, 2*len(into))
	}
	copy(into, b)
	return nil
}

// readDraft turns a draft as it is typed into one of the station's.
func readDraft(env host.Env, in Draft) (station.Draft, error) {
	in, err := in.named()
	if err != nil {
		return station.Draft{}, err
	}
	in, err = in.unfold(env)
	if err != nil {
		return station.Draft{}, err
	}
	d := station.Draft{Code: in.Code, From: in.From, Text: in.Text, Language: in.Language, Translations: in.Translations}
	phrase, ok := env.Catalogue().Phrase(in.Code)
	if !ok {
		return d, fmt.Errorf("phrase %.16s is not in this line's catalogue; GET /v1/lines/{line}/phrases (openline say LINE --list) shows those that are", in.Code)
	}
	if d.Params, err = readParams(env, phrase, in.Params); err != nil {
		return d, err
	}
	for _, to := range in.To {
		a, err := readAddress(env, to)
		if err != nil {
			return d, err
		}
		d.To = append(d.To, a)
	}
	for _, re := range in.Re {
		r, err := env.ParseRef(re)
		if err != nil {
			return d, err
		}
		d.Re = append(d.Re, r)
	}
	if in.About != "" {
		if d.About, err = env.ParseRef(in.About); err != nil {
			return d, err
		}
	}
	if in.Status != "" {
		if d.Status, err = record.ParseStatus(in.Status); err != nil {
			return d, err
		}
	}
	if in.Precedence != "" {
		if d.Precedence, err = record.ParsePrecedence(in.Precedence); err != nil {
			return d, err
		}
	}
	if d.Attachments, err = readAttachments(in.Attachments); err != nil {
		return d, err
	}
	d.Written, d.Wished = whole(in.Written), whole(in.Wished)
	for _, p := range in.People {
		d.People = append(d.People, station.Signature{Person: p.Person, Bytes: p.Signature})
	}
	if in.Prepared != nil {
		err = in.Prepared.into(env, &d)
	}
	return d, err
}

// unfold takes from the parameters what is not the phrase's own but the
// record's: text=…, ref=…, to=…, so that a person types everything in one way.
func (d Draft) unfold(env host.Env) (Draft, error) {
	phrase, ok := env.Catalogue().Phrase(d.Code)
	if !ok || d.Params == nil {
		return d, nil
	}
	own := map[string]any{}
	for name, v := range d.Params {
		_, param := phrase.Param(name)
		if set := d.field(name); !param && set != nil {
			text, err := asTyped(v)
			if err == nil {
				err = set(text)
			}
			if err != nil {
				return d, fmt.Errorf("%s: %w", name, err)
			}
			continue
		}
		own[name] = v
	}
	d.Params = own
	return d, nil
}

// field gives what a name other than a parameter's sets; nil if nothing.
func (d *Draft) field(name string) func(string) error {
	text := func(into *string) func(string) error { return func(s string) error { *into = s; return nil } }
	list := func(into *[]string) func(string) error {
		return func(s string) error { *into = append(*into, strings.Split(s, ";")...); return nil }
	}
	switch name {
	case "text":
		return text(&d.Text)
	case "ref", "re":
		return list(&d.Re)
	case "to":
		return list(&d.To)
	case "from":
		return text(&d.From)
	case "about":
		return text(&d.About)
	case "language":
		return text(&d.Language)
	case "precedence":
		return text(&d.Precedence)
	case "status":
		return text(&d.Status)
	case "wished":
		return func(s string) error {
			t, err := time.Parse(time.RFC3339, s)
			if err != nil {
				t, err = time.Parse("2006-01-02T15:04Z", s)
			}
			if err != nil {
				return errors.New("write a time like 2021-05-21T10:41Z")
			}
			d.Wished = &t
			return nil
		}
	}
	return nil
}

func (p *Prepared) into(env host.Env, d *station.Draft) (err error) {
	if p.Clocks != "" {
		if d.Clocks, err = env.ParseRef(p.Clocks); err != nil {
			return err
		}
	}
	d.Written = whole(&p.Written)
	return errors.Join(readHex(d.Salt[:], p.Salt, "salt"), readHex(d.Cut[:], p.Cut, "cut"))
}

func whole(t *time.Time) record.Stamp {
	if t == nil {
		return 0
	}
	return record.Stamp(max(0, t.Unix()))
}

func readParams(env host.Env, phrase catalogue.Phrase, in map[string]any) (map[string]record.Value, error) {
	out := map[string]record.Value{}
	for name, v := range in {
		p, ok := phrase.Param(name)
		if !ok {
			return nil, fmt.Errorf("%s has no parameter %.40s; it has: %s", phrase.Code, name, paramNames(phrase))
		}
		text, err := asTyped(v)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if out[name], err = typed.Parse(p, text, env); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func paramNames(phrase catalogue.Phrase) string {
	var names []string
	for _, p := range phrase.Params {
		name := p.Name
		if p.Optional {
			name += "?"
		}
		names = append(names, name)
	}
	if names == nil {
		return "none"
	}
	return strings.Join(names, ", ")
}

// asTyped writes a JSON value as a person would type it.
func asTyped(v any) (string, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case bool:
		return strconv.FormatBool(v), nil
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), nil
	case []any:
		parts := make([]string, len(v))
		for i, e := range v {
			s, err := asTyped(e)
			if err != nil {
				return "", err
			}
			if strings.Contains(s, ";") {
				return "", fmt.Errorf("a list's element may not hold a semicolon: %.40q", s)
			}
			parts[i] = s
		}
		return strings.Join(parts, ";"), nil
	}
	return "", errors.New("write text, a number, true or false, or a list of these")
}

// readAddress reads "party:post"; a party alone means its watch.
func readAddress(env host.Env, s string) (record.Address, error) {
	party, post, ok := strings.Cut(s, ":")
	if !ok {
		post = "watch"
	}
	no, known := env.PartyNo(party)
	if !known || post == "" {
		return record.Address{}, fmt.Errorf("%.80q is no office of this line; write party:post, like red:watch", s)
	}
	return record.Address{Party: no, Post: post}, nil
}
