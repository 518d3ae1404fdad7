// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"fmt"

	"github.com/danielgtaylor/huma/v2"

	"openline/internal/desk/acts"
)

// NamedAct is a phrase under its everyday name.
type NamedAct struct {
	Name   string            `json:"name" example:"incident report"`
	Code   string            `json:"code"`
	Says   string            `json:"says"`
	Params []ActParam        `json:"params"`
	Given  map[string]string `json:"given" doc:"Parameters the name itself gives"`
	Usual  map[string]string `json:"usual" doc:"Parameters as they are where nothing else is said"`
}

// ActParam is a parameter the act takes; re is the record it answers, text
// the free text.
type ActParam struct {
	Name  string `json:"name"`
	Needs bool   `json:"needs"`
	Usage string `json:"usage,omitempty"`
}

func (s *Server) actRoutes() {
	huma.Register(s.api, get("names", "/v1/names", "What can be said, by everyday names"), func(context.Context, *struct{}) (*body[[]NamedAct], error) {
		out := []NamedAct{}
		for _, a := range acts.All() {
			out = append(out, namedAct(a))
		}
		return answer(out, nil)
	})
}

func namedAct(a acts.Act) NamedAct {
	out := NamedAct{Name: a.Name, Code: a.Code, Says: a.Short, Params: []ActParam{}, Given: map[string]string{}, Usual: map[string]string{}}
	for name, v := range a.Fixed {
		out.Given[name] = v
	}
	for name, v := range a.Usual {
		out.Usual[name] = v
	}
	for _, arg := range a.Args {
		out.Params = append(out.Params, ActParam{Name: arg.Param, Needs: !arg.Optional})
	}
	for _, f := range a.Flags {
		out.Params = append(out.Params, ActParam{f.Param, f.Need || f.Now, f.Usage})
	}
	return out
}

// named gives a draft that names an act the code and what the name gives.
func (d Draft) named() (Draft, error) {
	switch {
	case d.Act == "" && d.Code == "":
		return d, fmt.Errorf("name what is said: code, like TX01, or act, like remind; GET /v1/names lists them")
	case d.Act == "":
		return d, nil
	}
	a, ok := acts.Find(d.Act)
	if !ok || d.Code != "" && d.Code != a.Code {
		return d, fmt.Errorf("there is no act %.40q, or it is another phrase than the code; GET /v1/names lists them", d.Act)
	}
	params := map[string]any{}
	for name, v := range a.Usual {
		params[name] = v
	}
	for name, v := range d.Params {
		params[name] = v
	}
	for name, v := range a.Fixed {
		params[name] = v
	}
	d.Code, d.Params = a.Code, params
	return d, nil
}
