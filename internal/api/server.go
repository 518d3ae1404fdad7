// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"openline/internal/host"
	"openline/internal/host/shelf"
)

// Store is what may be asked of the store while the station runs.
type Store interface {
	Verify() error
	Backup(path string) error
}

// Config is what a server is given once.
type Config struct {
	Host    *host.Host
	Store   Store // nil: verify and backup are not offered
	Version string
	// Desk is what the journals hold; nil: read anew from those of Host.
	Desk *shelf.Shelf
	Demo bool // offer to cut and restore connections, for demonstrations and tests
}

// Server answers requests. It is safe for concurrent use.
type Server struct {
	cfg Config
	mux *http.ServeMux
	api huma.API

	desk *shelf.Shelf
}

// Bounds of requests.
const (
	maxBody    = 4 << 20
	maxHeaders = 16 << 10
	maxRecords = 1000 // on one page
)

// New makes a server.
func New(cfg Config) *Server {
	if cfg.Desk == nil {
		cfg.Desk = shelf.New(cfg.Host)
	}
	s := &Server{cfg: cfg, mux: http.NewServeMux(), desk: cfg.Desk}
	hc := huma.DefaultConfig("openline station", cfg.Version)
	hc.Info.Description = "The local interface of one party's station. It is reached over the Unix socket in the station's directory by its owner."
	hc.DocsPath, hc.SchemasPath = "", ""
	hc.CreateHooks = nil // no $schema links: the document is enough
	hc.RejectUnknownQueryParameters = true
	hc.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", schemaName)
	s.api = humago.New(s.mux, hc)
	s.routes()
	return s
}

// OpenAPI is the document of the interface, as JSON.
func OpenAPI(version string) ([]byte, error) {
	return json.MarshalIndent(New(Config{Version: version, Demo: true}).api.OpenAPI(), "", "  ")
}

// Handler is the server as an HTTP handler.
func (s *Server) Handler() http.Handler { return s.mux }

// Serve answers on the socket at path until ctx ends.
func (s *Server) Serve(ctx context.Context, path string) error {
	l, err := listen(path)
	if err != nil {
		return err
	}
	// Requests end with ctx: an event stream would hold up Shutdown.
	srv := &http.Server{
		Handler: s.mux, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: maxHeaders,
		BaseContext: baseContext(ctx),
	}
	stopped := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		err := srv.Shutdown(grace)
		if err != nil {
			err = srv.Close()
		}
		stopped <- err
	})
	err = srv.Serve(l)
	if stop() {
		return errors.Join(err, l.Close())
	}
	err = <-stopped
	return errors.Join(err, l.remove())
}

func (s *Server) routes() {
	s.lineRoutes()
	s.sayRoutes()
	s.attachmentRoutes()
	s.exportRoutes()
	s.recordRoutes()
	s.eventRoutes()
	s.clockRoutes()
	s.contactRoutes()
	s.mandateRoutes()
	s.retentionRoutes()
	s.deliberationRoutes()
	s.draftRoutes()
	s.rosterRoutes()
	s.briefRoutes()
	s.stationRoutes()
}

func get(id, path, summary string) huma.Operation {
	return huma.Operation{OperationID: id, Method: http.MethodGet, Path: path, Summary: summary}
}

func post(id, path, summary string) huma.Operation {
	return huma.Operation{OperationID: id, Method: http.MethodPost, Path: path, Summary: summary, MaxBodyBytes: maxBody}
}

// body wraps an answer as package huma wants it.
type body[T any] struct{ Body T }

func answer[T any](v T, err error) (*body[T], error) {
	if err != nil {
		return nil, problem(err)
	}
	return &body[T]{v}, nil
}
