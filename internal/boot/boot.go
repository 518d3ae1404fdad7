// SPDX-License-Identifier: Apache-2.0

package boot

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"time"

	"openline/identity"
	"openline/internal/alert"
	"openline/internal/api"
	"openline/internal/console"
	"openline/internal/desk/mandate"
	"openline/internal/home"
	"openline/internal/host"
	"openline/internal/host/shelf"
	"openline/internal/keys"
	"openline/internal/store"
	"openline/internal/store/mark"
	"openline/internal/store/sqlite"
	"openline/record"
)

// Options change what is usual. The zero value is a station in service.
type Options struct {
	Log       *slog.Logger
	Clock     host.Clock
	PingEvery time.Duration
	PQEvery   time.Duration
	Version   string
	Demo      bool // the local interface may cut connections
	NoSocket  bool // no local interface is served
}

// Station is a started station. Its methods are those of one owner.
type Station struct {
	Home  *home.Home
	Host  *host.Host
	Store *sqlite.DB
	API   *api.Server
	marks []*mark.File
	opts  Options

	runs      *host.Host // as long as the station's value is kept
	desk      *shelf.Shelf
	alerts    *alert.Keeper
	console   *console.Server
	consoleAt net.Listener
}

// Start opens a directory's station. lock opens its station keys.
func Start(h *home.Home, lock keys.Lock, o Options) (_ *Station, err error) {
	s := &Station{Home: h, opts: o}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	ids, err := h.Lines()
	if err != nil {
		return nil, err
	}
	if s.Store, err = sqlite.Open(h.Database()); errors.Is(err, store.ErrMissing) {
		return nil, fmt.Errorf("%w; bring it back, or restore a backup into a new directory (openline restore)", err)
	} else if err != nil {
		return nil, err
	}
	cfg := host.Config{
		Me: h.Party(), Store: host.StoreOf(s.Store), Listen: h.Settings.Listen, Log: o.Log, Clock: o.Clock,
		PingEvery: o.PingEvery, PQEvery: o.PQEvery,
	}
	for _, id := range ids {
		l, err := s.line(id, lock)
		if err != nil {
			return nil, err
		}
		cfg.Lines = append(cfg.Lines, l)
	}
	if s.Host, err = host.New(cfg); err != nil {
		return nil, err
	}
	s.runs = s.Host
	s.desk = shelf.New(s.Host)
	s.API = api.New(api.Config{Host: s.Host, Store: s.Store, Version: o.Version, Desk: s.desk, Demo: o.Demo})
	if err = s.prepareAlerts(); err != nil {
		return nil, err
	}
	if err = s.prepareConsole(lock); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *Station) line(id identity.LineID, lock keys.Lock) (host.Line, error) {
	l, err := s.Home.Line(id)
	if err != nil {
		return host.Line{}, err
	}
	secret, err := s.Home.Keys().Station(id, l.Generation, lock)
	if errors.Is(err, fs.ErrNotExist) {
		return host.Line{}, fmt.Errorf("the station keys of line %s, generation %d, are not here; bring them back, or open a new generation (openline keys renew; after a restore: openline restore --again)", id, l.Generation)
	}
	if err != nil {
		return host.Line{}, fmt.Errorf("station keys of line %s, generation %d: %w", id, l.Generation, err)
	}
	out := host.Line{
		Agreements: l.Agreements, Catalogue: l.Catalogue, Secret: secret, Card: l.Card, People: s.Home.Person,
		Dial: map[identity.Party][]string{}, Mandates: mandate.Default(l.Agreements.Newest().Standing == record.Exercise),
	}
	for party, addrs := range s.Home.Settings.Line[string(id)].Dial {
		out.Dial[identity.Party(party)] = addrs
	}
	if s.Home.Settings.Mark != "" {
		m, err := mark.Open(s.Home.MarkPath(id, l.Generation))
		if err != nil {
			return host.Line{}, err
		}
		s.marks = append(s.marks, m)
		out.Mark = m
	}
	return out, nil
}

// Run serves until ctx ends or the station stops by itself, which is a
// [host.StopError], and closes what was opened.
func (s *Station) Run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	served := make(chan error, 1)
	if s.opts.NoSocket {
		served <- nil
	} else {
		go func() {
			err := s.API.Serve(ctx, s.Home.Socket())
			if err != nil {
				stop()
			}
			served <- err
		}()
	}
	shown := make(chan error, 1)
	go func() {
		err := s.serveConsole(ctx)
		if err != nil {
			stop()
		}
		shown <- err
	}()
	called := s.runAlerts(ctx, stop)
	err := s.Host.Run(ctx)
	s.Host = nil
	stop()
	return errors.Join(err, <-served, <-shown, <-called, s.Close())
}

// Close gives back what Start took. Run does it by itself.
func (s *Station) Close() error {
	var errs []error
	if s.Host != nil {
		errs = append(errs, s.Host.Close())
	}
	for _, m := range s.marks {
		errs = append(errs, m.Close())
	}
	if s.Store != nil {
		errs = append(errs, s.Store.Close())
	}
	s.Host, s.marks, s.Store = nil, nil, nil
	return errors.Join(errs...)
}
