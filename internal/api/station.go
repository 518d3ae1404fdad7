// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"errors"
	"path/filepath"
	"runtime"

	"github.com/danielgtaylor/huma/v2"

	"openline/identity"
	"openline/internal/station"
)

// Done says that what was asked for was done.
type Done struct {
	OK bool `json:"ok"`
}

// BackupTo says where a backup is to be written.
type BackupTo struct {
	Path string `json:"path" minLength:"1" maxLength:"4096" doc:"An absolute path, on the station's machine; nothing may be there yet"`
}

func (s *Server) stationRoutes() {
	huma.Register(s.api, get("health", "/v1/health", "Whether the station runs and signs"), func(ctx context.Context, _ *struct{}) (*body[Health], error) {
		return answer(s.health(ctx))
	})
	huma.Register(s.api, get("version", "/v1/version", "What runs"), func(context.Context, *struct{}) (*body[Version], error) {
		return answer(Version{s.cfg.Version, runtime.Version()}, nil)
	})
	if s.cfg.Store != nil || s.cfg.Host == nil {
		s.storeRoutes()
	}
	if s.cfg.Demo {
		s.demoRoutes()
	}
}

func (s *Server) storeRoutes() {
	verify := post("verify-store", "/v1/store/verify", "Read the whole store and check all of it")
	huma.Register(s.api, verify, func(context.Context, *struct{}) (*body[Done], error) {
		return answer(Done{true}, s.cfg.Store.Verify())
	})
	backup := post("backup", "/v1/store/backup", "Write a copy of the store; it holds no key")
	huma.Register(s.api, backup, func(_ context.Context, in *body[BackupTo]) (*body[Done], error) {
		if !filepath.IsAbs(in.Body.Path) {
			return nil, problem(errors.New("give an absolute path for the backup"))
		}
		return answer(Done{true}, s.cfg.Store.Backup(in.Body.Path))
	})
}

// demoRoutes cut and restore connections by hand.
func (s *Server) demoRoutes() {
	type party struct {
		OneLine
		Party string `path:"party" maxLength:"80"`
	}
	for name, do := range map[string]func(context.Context, identity.LineID, identity.Party) error{
		"cut": func(ctx context.Context, l identity.LineID, p identity.Party) error { return s.cfg.Host.Cut(ctx, l, p) },
		"restore": func(ctx context.Context, l identity.LineID, p identity.Party) error {
			return s.cfg.Host.Restore(ctx, l, p)
		},
	} {
		op := post("bearers-"+name, "/v1/lines/{line}/bearers/{party}/"+name, "For demonstrations and tests: "+name+" all connections with a party")
		huma.Register(s.api, op, func(ctx context.Context, in *party) (*body[Done], error) {
			id, env, err := s.lineEnv(in.Line)
			if err != nil {
				return nil, problem(err)
			}
			return answer(Done{true}, do(ctx, id, env.FullName(in.Party)))
		})
	}
}

func (s *Server) health(ctx context.Context) (Health, error) {
	h := Health{OK: true, Party: string(s.cfg.Host.Me()), Lines: []LineSummary{}}
	for _, id := range s.cfg.Host.Lines() {
		hold, up, of, err := s.cfg.Host.Health(ctx, id)
		if err != nil {
			return h, err
		}
		h.OK = h.OK && hold == station.HoldNone
		h.Lines = append(h.Lines, LineSummary{Line: string(id), Hold: string(hold), Up: up, Of: of})
	}
	return h, nil
}
