// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"encoding/hex"
	"errors"

	"github.com/danielgtaylor/huma/v2"

	"openline/identity"
	"openline/internal/desk/mandate"
	"openline/internal/station"
)

// Mandates is what the watch may send alone, as it stands.
type Mandates struct {
	State  string         `json:"state" doc:"The alert state in force"`
	Serial uint64         `json:"serial" doc:"Counts the changes; 0: none yet"`
	Table  *mandate.Table `json:"table"`
	Text   string         `json:"text" doc:"The table as it is written: TOML, spec/desk.md"`
	Alone  []string       `json:"alone" doc:"Phrases of this line's catalogue that the watch may send alone now, where no condition stands in the way"`
	Where  []string       `json:"where" doc:"Those it may send alone on a condition"`
}

// NewMandates is a new table, or another alert state: one of the two.
type NewMandates struct {
	Table  string         `json:"table,omitempty" maxLength:"65536" doc:"The table as it is written, or the name of one that is shipped: standing, practice"`
	State  string         `json:"state,omitempty" maxLength:"64"`
	Cut    string         `json:"cut,omitempty" doc:"Hex, as prepare gave it"`
	People []PersonSigned `json:"people,omitempty" maxItems:"8"`
}

// Acts is who released what, and who sent what alone.
type Acts struct {
	Acts []mandate.Acted `json:"acts" doc:"The newest, oldest first"`
	Left int             `json:"left" doc:"Older ones, which are in the journal only"`
}

func (s *Server) mandateRoutes() {
	huma.Register(s.api, get("mandates", "/v1/lines/{line}/mandates", "What the watch may send alone, and the alert state"), func(ctx context.Context, in *OneLine) (*body[Mandates], error) {
		id, err := s.line(in.Line)
		if err != nil {
			return nil, problem(err)
		}
		return answer(s.mandates(ctx, id))
	})
	prepare := post("prepare-mandates", "/v1/lines/{line}/mandates/prepare", "What two persons sign to change the mandates or the alert state")
	huma.Register(s.api, prepare, func(ctx context.Context, in *struct {
		OneLine
		Body NewMandates
	}) (*body[Act], error) {
		id, err := s.line(in.Line)
		if err != nil {
			return nil, problem(err)
		}
		table, err := in.Body.table()
		if err != nil {
			return nil, problem(err)
		}
		act, err := s.cfg.Host.MandateAct(ctx, id, table, in.Body.State)
		return answer(actOf(act), err)
	})
	set := post("set-mandates", "/v1/lines/{line}/mandates", "Change the mandates or the alert state, by two persons")
	set.Description = "It holds once it is durable. The journal keeps who changed it, and when."
	huma.Register(s.api, set, func(ctx context.Context, in *struct {
		OneLine
		Body NewMandates
	}) (*body[Mandates], error) {
		id, err := s.line(in.Line)
		if err != nil {
			return nil, problem(err)
		}
		if err := s.setMandates(ctx, id, in.Body); err != nil {
			return nil, problem(err)
		}
		return answer(s.mandates(ctx, id))
	})
	huma.Register(s.api, get("mandate-changes", "/v1/lines/{line}/mandates/changes", "Who changed the mandates and the alert state, oldest first"), func(_ context.Context, in *OneLine) (*body[[]mandate.Change], error) {
		id, err := s.line(in.Line)
		if err != nil {
			return nil, problem(err)
		}
		m, err := s.desk.Mandates(id)
		return answer(append([]mandate.Change{}, m.Changes...), err)
	})
	huma.Register(s.api, get("acts", "/v1/lines/{line}/acts", "Who released what, and who sent what alone under which mandate"), func(_ context.Context, in *OneLine) (*body[Acts], error) {
		id, err := s.line(in.Line)
		if err != nil {
			return nil, problem(err)
		}
		return answer(s.acts(id))
	})
}

// table is the one that is meant; nil: the alert state changes.
func (c NewMandates) table() ([]byte, error) {
	if (c.Table == "") == (c.State == "") {
		return nil, errors.New("give a table of mandates, or an alert state: one of the two")
	}
	if c.Table == "" {
		return nil, nil
	}
	if text, ok := mandate.Shipped()[c.Table]; ok {
		return []byte(text), nil
	}
	return []byte(c.Table), nil
}

func (s *Server) mandates(ctx context.Context, id identity.LineID) (Mandates, error) {
	st, err := s.cfg.Host.Mandates(ctx, id)
	if err != nil {
		return Mandates{}, err
	}
	env, err := s.cfg.Host.Env(id)
	if err != nil {
		return Mandates{}, err
	}
	out := Mandates{State: st.State, Serial: st.Serial, Table: st.Table, Text: st.Table.Text(), Alone: []string{}, Where: []string{}}
	for _, code := range env.Catalogue().Codes() {
		p, ok := env.Catalogue().Phrase(code)
		q := mandate.Question{Phrase: p, Precedence: p.Precedence}
		switch {
		case !ok:
		case st.Alone(q):
			out.Alone = append(out.Alone, code)
		default:
			if q.Holds = func(string) bool { return true }; st.Alone(q) {
				out.Where = append(out.Where, code)
			}
		}
	}
	return out, nil
}

func (s *Server) setMandates(ctx context.Context, id identity.LineID, c NewMandates) error {
	ev := station.SetMandates{State: c.State}
	var err error
	if ev.Table, err = c.table(); err != nil {
		return err
	}
	if err := readHex(ev.Cut[:], c.Cut, "cut"); err != nil {
		return err
	}
	for _, p := range c.People {
		ev.People = append(ev.People, station.Signature{Person: p.Person, Bytes: p.Signature})
	}
	return s.cfg.Host.SetMandates(ctx, id, ev)
}

func (s *Server) acts(id identity.LineID) (Acts, error) {
	env, err := s.cfg.Host.Env(id)
	if err != nil {
		return Acts{}, err
	}
	m, err := s.desk.Mandates(id)
	out := Acts{append([]mandate.Acted{}, m.Acted...), m.Left}
	for i := range out.Acts {
		if !out.Acts[i].Ref.IsZero() {
			out.Acts[i].Record = env.RefName(out.Acts[i].Ref)
		}
	}
	return out, err
}

func actOf(a identity.Act) Act {
	return Act{Line: string(a.Line), Party: string(a.Party), Kind: a.Kind, Header: hex.EncodeToString(a.Header[:]), About: a.About, Cut: hex.EncodeToString(a.Cut[:])}
}

// Mandates reads what the watch may send alone.
func (c *Client) Mandates(ctx context.Context, line string) (out Mandates, err error) {
	return out, c.get(ctx, linePath(line)+"/mandates", nil, &out)
}

// PrepareMandates gives what two persons sign to change them.
func (c *Client) PrepareMandates(ctx context.Context, line string, m NewMandates) (out Act, err error) {
	return out, c.post(ctx, linePath(line)+"/mandates/prepare", m, &out)
}

// SetMandates changes them, by two persons.
func (c *Client) SetMandates(ctx context.Context, line string, m NewMandates) (out Mandates, err error) {
	return out, c.post(ctx, linePath(line)+"/mandates", m, &out)
}

// MandateChanges lists who changed them.
func (c *Client) MandateChanges(ctx context.Context, line string) (out []mandate.Change, err error) {
	return out, c.get(ctx, linePath(line)+"/mandates/changes", nil, &out)
}

// Acts lists who released what, and who sent what alone.
func (c *Client) Acts(ctx context.Context, line string) (out Acts, err error) {
	return out, c.get(ctx, linePath(line)+"/acts", nil, &out)
}
