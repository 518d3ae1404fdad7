// SPDX-License-Identifier: Apache-2.0

package console

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"slices"
	"time"

	"github.com/pelletier/go-toml/v2"

	"openline/catalogue"
)

// Role is what a person sits at the desk as.
type Role string

// The roles.
const (
	Watch      Role = "watch"
	Officer    Role = "officer"
	Principal  Role = "principal"
	Protocol   Role = "protocol"
	Translator Role = "translator"
	Operator   Role = "operator"
	Auditor    Role = "auditor"
)

// Roles lists them, as they are offered.
func Roles() []Role {
	return []Role{Watch, Officer, Principal, Protocol, Translator, Operator, Auditor}
}

// MaySay reports whether a role may send what a phrase asks for at the least.
// What takes two persons begins with an officer's draft.
func (r Role) MaySay(who catalogue.Who) bool {
	switch who {
	case catalogue.Watch:
		return r == Watch || r == Officer || r == Principal
	case catalogue.Officer, catalogue.TwoPersons:
		return r == Officer || r == Principal
	case catalogue.Principal:
		return r == Principal
	}
	return false
}

// MayWrite reports whether a role may begin it: what it may not send by itself
// waits as a draft for those who release it.
func (r Role) MayWrite(who catalogue.Who) bool {
	switch who {
	case catalogue.Officer, catalogue.TwoPersons:
		return r.MaySay(catalogue.Watch)
	}
	return r.MaySay(who)
}

// rule is one route and who may use it.
type rule struct {
	Method string `toml:"method"`
	Path   string `toml:"path"`
	Does   string `toml:"does"`
	May    []Role `toml:"may"`   // none: whoever sits at the desk
	Open   bool   `toml:"open"`  // whoever comes
	Fresh  bool   `toml:"fresh"` // who has just shown that it is them
	Takes  string `toml:"takes"` // "json"; empty: the form of a page
}

func (r rule) allows(role Role) bool { return len(r.May) == 0 || slices.Contains(r.May, role) }

//go:embed data
var dataFiles embed.FS

// readMatrix reads the routes of every part, data/routes/PART.toml.
func readMatrix() ([]rule, error) {
	names, err := fs.Glob(dataFiles, "data/routes/*.toml")
	if err != nil {
		return nil, err
	}
	var all []rule
	for _, name := range names {
		b, err := dataFiles.ReadFile(name)
		if err != nil {
			return nil, err
		}
		var doc struct {
			Route []rule `toml:"route"`
		}
		if err := toml.Unmarshal(b, &doc); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		for _, r := range doc.Route {
			if r.Open && (r.Fresh || len(r.May) > 0) || r.Takes != "" && r.Takes != "json" {
				return nil, fmt.Errorf("%s: %s %s: an open route is for whoever comes; it takes json or a form", name, r.Method, r.Path)
			}
			for _, role := range r.May {
				if !slices.Contains(Roles(), role) {
					return nil, fmt.Errorf("%s: %s %s: there is no role %q", name, r.Method, r.Path, role)
				}
			}
		}
		all = append(all, doc.Route...)
	}
	return all, nil
}

// seated lets through whoever sits at the desk in a role the route is for, and
// whoever comes where it is open.
func (s *Server) seated(rule rule, do func(http.ResponseWriter, *http.Request, *seat) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var who *seat
		if !rule.Open {
			var err error
			if who, err = s.seat(w, r); err != nil {
				s.fault(w, r, nil, err)
				return
			}
			if who == nil {
				if r.Method == http.MethodGet || r.Method == http.MethodHead {
					http.Redirect(w, r, "/enter", http.StatusSeeOther)
					return
				}
				s.fault(w, r, nil, fault(http.StatusUnauthorized, "fault.seat"))
				return
			}
			if !rule.allows(who.role) {
				s.fault(w, r, who, s.notForTheRole(r, who))
				return
			}
			if rule.Fresh && !s.fresh(who) {
				s.fault(w, r, who, errAgain)
				return
			}
		}
		if !taken(rule, r) {
			s.fault(w, r, who, fault(http.StatusUnsupportedMediaType, "fault.form"))
			return
		}
		if r.Method == http.MethodGet {
			r = r.WithContext(context.WithValue(r.Context(), arrived{}, time.Now()))
		}
		if err := do(w, r, who); err != nil {
			s.fault(w, r, who, err)
		}
	}
}

// taken reports whether what was sent is written as the route takes it.
func taken(rule rule, r *http.Request) bool {
	if r.Method != http.MethodPost {
		return true
	}
	kind := r.Header.Get("Content-Type")
	if kind == "" {
		return r.ContentLength == 0
	}
	is, _, err := mime.ParseMediaType(kind)
	if rule.Takes == "json" {
		return err == nil && is == "application/json"
	}
	return err == nil && (is == "application/x-www-form-urlencoded" || is == "multipart/form-data")
}
