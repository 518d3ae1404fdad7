// SPDX-License-Identifier: Apache-2.0

package browser_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"openline/identity"
	"openline/internal/console"
	"openline/internal/console/ca"
	"openline/internal/console/passkey"
	"openline/internal/console/roll"
	"openline/internal/host"
	"openline/internal/host/hosttest"
	"openline/internal/keys"
)

// Entering, in Chromium over real TLS under the station's own authority, with
// an authenticator of the browser's own: a passkey is made, enters, is shown
// before a signature, and revoked.
func TestEnteringByPasskey(t *testing.T) {
	if testing.Short() {
		t.Skip("drives a browser")
	}
	needBrowser(t)
	d := serveDesk(t)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	args := []string{"enter.mjs", d.url, d.spki, d.link(t, console.Officer), d.link(t, console.Watch)}
	if dir := os.Getenv("OPENLINE_SHOTS"); dir != "" {
		args = append(args, dir)
	}
	out, err := exec.CommandContext(ctx, "node", args...).CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Fatal(err)
	}
}

// tlsDesk is a console over TLS, opened by the name localhost.
type tlsDesk struct {
	url, spki string
	links     console.LinkDir
	roll      roll.Dir
}

func (d *tlsDesk) link(t *testing.T, role console.Role) string {
	t.Helper()
	if err := d.roll.Change(func(r *roll.Roll) { r.Give("anna", string(role)) }); err != nil {
		t.Fatal(err)
	}
	token, err := d.links.Make(console.Entry{Person: "anna", Role: role}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return d.url + "/enter#" + token
}

func serveDesk(t *testing.T) *tlsDesk {
	t.Helper()
	w := hosttest.New(t, hosttest.Options{}, "blue", "red")
	h := runDesk(t, w)
	lock, _, err := keys.NewUnattended()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, err := ca.Create(dir, "blue.example", []string{"localhost"}, lock, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	own, err := ca.Open(dir, lock)
	if err != nil {
		t.Fatal(err)
	}
	secured, err := own.Config([]string{"localhost"}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	d := &tlsDesk{url: "https://localhost:" + port, links: console.LinkDir(dir), roll: roll.Dir(dir)}
	sum := sha256.Sum256(cert.RawSubjectPublicKeyInfo)
	d.spki = base64.StdEncoding.EncodeToString(sum[:])
	person := keys.NewPerson()
	sign := func(name, passphrase string, act identity.Act) ([]byte, error) {
		if name != "anna" || passphrase != "swordfish" {
			return nil, errors.New("the passphrase does not open it")
		}
		return person.SignAct(act), nil
	}
	c, err := console.New(console.Config{
		Station: h, Host: h, Lines: []console.Line{{ID: w.Line(), Agreements: w.History}}, Hosts: []string{"localhost:" + port}, Secure: true, Now: time.Now, Links: d.links,
		People: func() ([]string, error) { return []string{"anna"}, nil }, Verify: func() error { return nil }, Sign: sign, Version: "test",
		Entering: console.Entering{Roll: d.roll, Passkeys: passkey.Dir(filepath.Join(dir, passkey.Folder)), Note: h.Note, Journal: h.Journal, Open: func(name, passphrase string) error {
			_, err := sign(name, passphrase, identity.Act{})
			return err
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: c, TLSConfig: secured, ErrorLog: nil}
	done := make(chan error, 1)
	go func() { done <- srv.ServeTLS(l, "", "") }()
	t.Cleanup(func() {
		srv.Close()
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	return d
}

// runDesk runs one station whose other side is not there.
func runDesk(t *testing.T, w *hosttest.World) *host.Host {
	t.Helper()
	db := hosttest.Disk(t, t.TempDir())
	h, err := host.New(w.Config("blue", host.StoreOf(db)))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- h.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		if err := db.Close(); err != nil && !strings.Contains(err.Error(), "closed") {
			t.Error(err)
		}
	})
	return h
}
