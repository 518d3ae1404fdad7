// SPDX-License-Identifier: Apache-2.0

package boot

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"openline/identity"
	"openline/internal/console"
	"openline/internal/console/ca"
	"openline/internal/console/drafter"
	"openline/internal/console/oidc"
	"openline/internal/console/passkey"
	"openline/internal/console/roll"
	"openline/internal/host/exporting"
	"openline/internal/keys"
	"openline/record"
)

// prepareConsole makes the console that station.toml asks for, and opens its
// port; nil where it asks for none. A demonstration serves its own.
func (s *Station) prepareConsole(lock keys.Lock) error {
	set := &s.Home.Settings
	if set.Console == "" || s.opts.Demo {
		return nil
	}
	cfg := console.Config{
		Station: s.Host, Host: s.Host, Desk: s.desk, Now: time.Now, Hosts: set.ConsoleHosts(), Secure: set.ConsoleTLS(), Links: console.LinkDir(s.Home.ConsoleLinks()), Version: s.opts.Version,
		Language: s.Home.Settings.Language, People: s.Home.People, Verify: s.Store.Verify, Sign: s.signAs, Alarms: s.alerts,
	}
	var err error
	if cfg.Entering, err = s.entering(); err != nil {
		return err
	}
	if set.Translate != "" {
		if cfg.Drafter, err = drafter.New(set.Translate); err != nil {
			return err
		}
	}
	ids, err := s.Home.Lines()
	if err != nil {
		return err
	}
	for _, id := range ids {
		l, err := s.Home.Line(id)
		if err != nil {
			return err
		}
		cfg.Lines = append(cfg.Lines, console.Line{ID: id, Agreements: l.Agreements, Exporter: func() (*exporting.Exporter, error) { return s.exporter(id) }})
	}
	if s.console, err = console.New(cfg); err != nil {
		return err
	}
	secured, err := s.consoleTLS(lock)
	if err != nil {
		return err
	}
	if s.consoleAt, err = net.Listen("tcp", set.Console); err != nil {
		return fmt.Errorf("the console: %w", err)
	}
	if secured != nil {
		secured.NextProtos = []string{"h2", "http/1.1"}
		s.consoleAt = tls.NewListener(s.consoleAt, secured)
	}
	return nil
}

// entering is who may come in, and how it is told who they are.
func (s *Station) entering() (console.Entering, error) {
	set, dir := &s.Home.Settings, s.Home.ConsoleFiles()
	e := console.Entering{
		Roll: roll.Dir(dir), Passkeys: passkey.Dir(filepath.Join(dir, passkey.Folder)), Certificates: set.ConsoleClients != "",
		Note: s.Host.Note, Journal: s.Host.Journal,
		Open: func(person, passphrase string) error {
			_, err := s.signAs(person, passphrase, identity.Act{})
			return err
		},
	}
	if _, err := e.Roll.Read(); err != nil {
		return e, err
	}
	o := set.ConsoleOIDC
	if o == nil {
		return e, nil
	}
	cfg := oidc.Config{Issuer: o.Issuer, Client: o.Client, Claim: o.Claim, Return: set.ConsoleURL() + "/enter/issuer/back", Now: time.Now}
	if o.CA != "" {
		cfg.CA = s.Home.Path(o.CA)
	}
	if o.Secret != "" {
		b, err := private(s.Home.Path(o.Secret))
		if err != nil {
			return e, fmt.Errorf("console_oidc: secret: %w", err)
		}
		cfg.Secret = strings.TrimSpace(string(b))
	}
	var err error
	e.Issuer, err = oidc.New(cfg)
	return e, err
}

// private reads a file that is for its owner alone.
func private(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%s has mode %04o: others than its owner may read it; change the secret, or chmod 600 if you know", path, info.Mode().Perm())
	}
	return os.ReadFile(path)
}

// consoleTLS is the console's TLS; nil on plain loopback.
func (s *Station) consoleTLS(lock keys.Lock) (c *tls.Config, err error) {
	set := &s.Home.Settings
	switch {
	case !set.ConsoleTLS():
		return nil, nil
	case set.ConsoleCert != "":
		c, err = ca.Brought(s.Home.Path(set.ConsoleCert), s.Home.Path(set.ConsoleKey), set.ConsoleNamed(), time.Now)
	default:
		var own *ca.Authority
		if own, err = ca.Open(s.Home.ConsoleFiles(), lock); err == nil {
			c, err = own.Config(set.ConsoleNamed(), time.Now)
		}
	}
	if err == nil && set.ConsoleClients != "" {
		err = ca.Clients(c, s.Home.Path(set.ConsoleClients))
	}
	return c, err
}

// signAs signs with a person's key. The passphrase opens it for this once.
func (s *Station) signAs(person, passphrase string, act identity.Act) ([]byte, error) {
	lock, err := keys.Passphrase(passphrase)
	if err != nil {
		return nil, err
	}
	secret, err := s.Home.Keys().Person(person, lock)
	if err != nil {
		return nil, err
	}
	return secret.SignAct(act), nil
}

func (s *Station) exporter(id identity.LineID) (*exporting.Exporter, error) {
	l, err := s.Home.Line(id)
	if err != nil {
		return nil, err
	}
	h := s.runs
	e := &exporting.Exporter{Host: h, Line: id, Me: record.PartyNo(0), Store: s.Store, Reader: s.Store.Line(id)}
	if us, ok := l.Agreements.Newest().ByName(s.Home.Party()); ok {
		e.Me = us.Number
	}
	if e.Bundles, err = s.Home.Bundles(id); err != nil {
		return nil, err
	}
	for _, a := range l.Agreements.All() {
		e.Catalogues = append(e.Catalogues, l.Catalogue(a.Version))
	}
	return e, nil
}

// serveConsole serves the console until ctx ends.
func (s *Station) serveConsole(ctx context.Context) error {
	if s.console == nil {
		return nil
	}
	srv := &http.Server{Handler: s.console, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10,
		BaseContext: func(net.Listener) context.Context { return ctx }}
	stop := context.AfterFunc(ctx, func() { srv.Close() })
	defer stop()
	if err := srv.Serve(s.consoleAt); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("the console: %w", err)
	}
	return nil
}
