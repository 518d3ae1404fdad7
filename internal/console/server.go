// SPDX-License-Identifier: Apache-2.0

package console

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"openline/agreement"
	"openline/identity"
	"openline/internal/console/passkey"
	"openline/internal/desk/mandate"
	"openline/internal/host"
	"openline/internal/host/exporting"
	"openline/internal/host/shelf"
	"openline/internal/station"
	"openline/internal/store"
	"openline/line"
	"openline/line/linestate"
	"openline/record"
)

// Station is what the console asks of a running station. [host.Host] is one.
type Station interface {
	Me() identity.Party
	Env(identity.LineID) (host.Env, error)
	View(context.Context, identity.LineID) (station.View, error)
	Posts(context.Context, identity.LineID) ([]station.Post, error)
	Say(context.Context, identity.LineID, station.Say) ([]station.Result, error)
	Prepare(context.Context, identity.LineID, station.Draft) (station.Draft, identity.Act, error)
	Rule(context.Context, identity.LineID, station.Draft) (station.Ruling, error)
	Mandates(context.Context, identity.LineID) (mandate.Standing, error)
	Before(identity.LineID, host.Place, int) ([]host.Record, host.Place, error)
	After(identity.LineID, host.Place, int) ([]host.Record, host.Place, error)
	Since(identity.LineID, record.Stamp) (host.Place, error)
	Record(identity.LineID, record.Ref) (host.Record, error)
	Receipts(identity.LineID, store.Located) ([]host.Receipt, error)
	Logs(identity.LineID) ([]host.Log, error)
	Subscribe(identity.LineID, int) (<-chan host.News, func(), error)
	affairs
	attaching
}

// Line is one line as the console shows it.
type Line struct {
	ID         identity.LineID
	Agreements *agreement.History
	Hosts      []string  // offices of third parties that stand in the contacts
	Since      time.Time // from when the brief counts; zero: all that is known
	Exporter   func() (*exporting.Exporter, error)
}

// Config is what a console is given once.
type Config struct {
	Station Station
	Host    *host.Host // for the brief, which is gathered from the whole host; nil: no brief
	Lines   []Line
	// Desk is what the journals hold; nil: read anew from those of Host.
	Desk   *shelf.Shelf
	Hosts  []string // the names it answers to, host:port
	Frame  string   // the origin that may show it in a frame; empty: none
	Secure bool     // it is served over TLS
	Now    func() time.Time

	Links Links // one-time links; nil: nobody enters by one
	Entering
	People func() ([]string, error)
	// Sign signs an act with a person's key, which passphrase opens.
	Sign    func(person, passphrase string, act identity.Act) ([]byte, error)
	Verify  func() error // verifies all that is stored
	Alarms  Alarms       // nil: each console keeps its own
	Drafter Drafter      // nil: no machine drafts translations

	Version  string
	Language string
	Demo     *Demo // nil: a real station
}

// Demo is what only a demonstration has: whoever looks on sits down by one
// click, and persons' keys need no passphrase.
type Demo struct {
	Story  string // origin of the page that shows both consoles
	Person string // who sits down; the second person is any other
}

// Server is the console. It is safe for concurrent use.
type Server struct {
	cfg     Config
	mux     *http.ServeMux
	handler http.Handler
	lines   []*lineDesk
	matrix  []rule
	words   map[string]*Words
	three   map[string]*linestate.Words // of the three sentences
	turns   chan struct{}               // of those who write the watch page
	pages   *pages
	seats   *seats
	drafts  *drafts
	chosen  *chosen
	parcels *parcels
	pace    *pace
	ledger  ledger
	came    attemptsRead
	origins []string
	keys    *passkey.Desk // nil: there can be no passkeys here
}

//go:embed assets
var assetFiles embed.FS

// Assets are the style sheet, the modules and the marks, for pages that stand
// beside the console.
func Assets() http.Handler {
	sub, err := fs.Sub(assetFiles, "assets")
	if err != nil {
		panic("console: internal error: " + err.Error())
	}
	files := http.FileServerFS(sub)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/") || r.URL.Path == "" { // folders are not listed
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Cache-Control", "public, max-age=300")
		files.ServeHTTP(w, r)
	})
}

// New makes a console.
func New(cfg Config) (*Server, error) {
	if cfg.Station == nil || cfg.Now == nil || len(cfg.Hosts) == 0 {
		return nil, errors.New("console: a station, a clock and the names it answers to are needed")
	}
	if cfg.Demo != nil && slices.ContainsFunc(cfg.Hosts, func(h string) bool { return !Loopback(h) }) {
		return nil, errors.New("a demonstration listens on loopback only")
	}
	if cfg.Demo == nil && !cfg.Secure && slices.ContainsFunc(cfg.Hosts, func(h string) bool { return !Loopback(h) }) {
		return nil, errors.New("beyond loopback the console is served over TLS only: a session would be read on the way")
	}
	if cfg.Desk == nil && cfg.Host != nil {
		cfg.Desk = shelf.New(cfg.Host)
	}
	s := &Server{cfg: cfg, mux: http.NewServeMux(), turns: make(chan struct{}, 4), seats: newSeats(cfg.Now), drafts: newDrafts(), chosen: newChosen(), parcels: newParcels(), pace: newPace(cfg.Now)}
	var err error
	if s.matrix, err = readMatrix(); err != nil {
		return nil, err
	}
	if s.words, err = readWords(); err != nil {
		return nil, err
	}
	if s.three, err = readThree(); err != nil {
		return nil, err
	}
	if s.pages, err = readPages(); err != nil {
		return nil, err
	}
	for _, l := range cfg.Lines {
		s.lines = append(s.lines, &lineDesk{Line: l, heard: map[record.Ref]bool{}})
	}
	if err := s.prepareEntering(); err != nil {
		return nil, err
	}
	if err := s.routes(); err != nil {
		return nil, err
	}
	s.handler = s.guard(s.mux)
	return s, nil
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// routes binds every route of the matrix to what does it. A route without a
// handler and a handler without a route are errors.
func (s *Server) routes() error {
	do := map[string]handler{}
	for _, part := range []map[string]handler{s.deskHandlers(), s.affairsHandlers(), s.enterHandlers(), s.alertHandlers(), s.attachmentHandlers(), s.ownHandlers()} {
		maps.Copy(do, part)
	}
	for _, rule := range s.matrix {
		h, ok := do[rule.Does]
		if !ok {
			return fmt.Errorf("console: internal error: the matrix names %q, which nothing does", rule.Does)
		}
		delete(do, rule.Does)
		s.mux.HandleFunc(rule.Method+" "+rule.Path, s.seated(rule, h))
	}
	for name := range do {
		return fmt.Errorf("console: internal error: %q stands in no route of the matrix", name)
	}
	s.mux.Handle("GET /assets/", http.StripPrefix("/assets/", Assets()))
	return nil
}

// handler does what a route is for.
type handler = func(http.ResponseWriter, *http.Request, *seat) error

func (s *Server) deskHandlers() map[string]handler {
	return map[string]handler{
		"home": s.home, "watch": s.watch, "acknowledge": s.acknowledge, "answer": s.answer, "ask": s.ask,
		"transcript": s.transcript, "record": s.record, "compose": s.compose, "preview": s.preview, "say": s.say,
		"drafts": s.showDrafts, "draft": s.showDraft, "sign": s.signDraft, "drop": s.dropDraft,
		"draft-edit": s.editWritten, "draft-send": s.sendWritten, "draft-anew": s.anew, "invitation-file": s.invitationFile,
		"brief": s.brief, "check": s.check, "verify": s.verify, "export": s.export, "export-sign": s.exportSign, "download": s.download,
		"station": s.station, "live": s.live, "language": s.changeLanguage,
	}
}

// problem is a fault a person at the desk can act on.
type problem struct {
	status int
	key    string // of the words
	err    error  // told below them; nil: nothing
}

func (p *problem) Error() string {
	if p.err != nil {
		return p.err.Error()
	}
	return p.key
}

func (p *problem) Unwrap() error { return p.err }

func fault(status int, key string) error { return &problem{status, key, nil} }

// statusOf finds what an error is to a browser.
func statusOf(err error) (int, string) {
	var p *problem
	var large *http.MaxBytesError
	switch {
	case errors.Is(err, errAgain):
		return http.StatusUnauthorized, "fault.again"
	case errors.As(err, &p):
		return p.status, p.key
	case errors.As(err, &large):
		return http.StatusRequestEntityTooLarge, "fault.large"
	case errors.Is(err, host.ErrNoLine), errors.Is(err, host.ErrNoRecord), errors.Is(err, host.ErrNotHere), errors.Is(err, line.ErrNoThing):
		return http.StatusNotFound, "fault.none"
	case errors.Is(err, host.ErrStopped):
		return http.StatusServiceUnavailable, "fault.stopped"
	case errors.Is(err, host.ErrTooMany):
		return http.StatusServiceUnavailable, "fault.many"
	}
	return http.StatusUnprocessableEntity, "fault.taken"
}
