// SPDX-License-Identifier: Apache-2.0

// Package oidc_test lets people enter a console by an issuer that somebody else
// wrote: zitadel's certified provider, run here. It is a module of its own, for
// the provider brings more than the rest of openline together.
package oidc_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"

	"openline/internal/console"
	"openline/internal/console/oidc"
	"openline/internal/console/roll"
	"openline/internal/host"
	"openline/internal/host/hosttest"
)

// scene is a console and an issuer beside it.
type scene struct {
	console, issuer string
	roll            roll.Dir
	down            atomic.Bool // the issuer answers nothing
	keysDown        atomic.Bool // its keys are not to be had
	keysAsked       atomic.Int32
}

func newScene(t *testing.T, claim string, secret string) *scene {
	t.Helper()
	s := &scene{roll: roll.Dir(t.TempDir())}
	desk, op := listen(t), listen(t)
	_, port, err := net.SplitHostPort(op.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	s.console, s.issuer = "http://"+desk.Addr().String(), "http://localhost:"+port+"/"
	storage.RegisterClients(storage.WebClient("openline", "swordfish", s.console+"/enter/issuer/back"))
	provider := exampleop.SetupServer(s.issuer, storage.NewStorage(storage.NewUserStore(s.issuer)), slog.New(slog.NewTextHandler(io.Discard, nil)), false)
	serve(t, op, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		keys := strings.HasSuffix(r.URL.Path, "/keys")
		if keys {
			s.keysAsked.Add(1)
		}
		if s.down.Load() || keys && s.keysDown.Load() {
			http.Error(w, "down", http.StatusServiceUnavailable)
			return
		}
		provider.ServeHTTP(w, r)
	}))
	w := hosttest.New(t, hosttest.Options{}, "blue", "red")
	h := run(t, w)
	issuer, err := oidc.New(oidc.Config{Issuer: s.issuer, Client: "openline", Secret: secret, Claim: claim, Return: s.console + "/enter/issuer/back", Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	c, err := console.New(console.Config{
		Station: h, Host: h, Lines: []console.Line{{ID: w.Line(), Agreements: w.History}}, Hosts: []string{desk.Addr().String()}, Now: time.Now,
		Entering: console.Entering{Roll: s.roll, Issuer: issuer, Note: h.Note, Journal: h.Journal},
	})
	if err != nil {
		t.Fatal(err)
	}
	serve(t, desk, c)
	return s
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func serve(t *testing.T, l net.Listener, h http.Handler) {
	t.Helper()
	srv := httptest.NewUnstartedServer(h)
	srv.Listener.Close()
	srv.Listener = l
	srv.Start()
	t.Cleanup(srv.Close)
}

func run(t *testing.T, w *hosttest.World) *host.Host {
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
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return h
}

func (s *scene) may(t *testing.T, person string, claims []string, roles ...string) {
	t.Helper()
	if err := s.roll.Change(func(r *roll.Roll) { r.Person[person] = roll.Person{Roles: roles, Issued: claims} }); err != nil {
		t.Fatal(err)
	}
}

// browser keeps cookies and follows where it is led, up to a point.
type browser struct {
	*http.Client
	stop string // a path it is not led on to
}

func newBrowser(t *testing.T) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	b := &browser{Client: &http.Client{Jar: jar}}
	b.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if b.stop != "" && strings.Contains(r.URL.Path, b.stop) {
			return http.ErrUseLastResponse
		}
		return nil
	}
	return b
}

type page struct {
	code int
	text string
	url  *url.URL
	to   string
}

func read(t *testing.T, a *http.Response, err error) page {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(a.Body)
	a.Body.Close()
	if err != nil {
		t.Fatal(err)
	}
	return page{a.StatusCode, string(b), a.Request.URL, a.Header.Get("Location")}
}

func (b *browser) get(t *testing.T, at string) page {
	t.Helper()
	a, err := b.Get(at)
	return read(t, a, err)
}

// signOn sets out from the console and signs on at the issuer as a user.
func (b *browser) signOn(t *testing.T, s *scene, query, user string) page {
	t.Helper()
	at := b.get(t, s.console+"/enter/issuer"+query)
	if at.url.Path != "/login/username" {
		return at
	}
	a, err := b.PostForm(at.url.Scheme+"://"+at.url.Host+"/login/username", url.Values{"id": {at.url.Query().Get("authRequestID")}, "username": {user}, "password": {"verysecure"}})
	return read(t, a, err)
}

func (b *browser) sits(t *testing.T, s *scene) bool {
	t.Helper()
	return b.get(t, s.console+"/watch").url.Path == "/watch"
}

const user = "test-user@localhost"

func TestEnterByAnIssuer(t *testing.T) {
	for claim, value := range map[string]string{"": "id1", "email": "test-user@zitadel.ch", "preferred_username": user} {
		s := newScene(t, claim, "swordfish")
		s.may(t, "anna", []string{value}, "watch", "officer")
		b := newBrowser(t)
		if a := b.signOn(t, s, "?role=officer", user); a.code != http.StatusOK || !strings.Contains(a.text, "You have entered.") {
			t.Fatalf("claim %q: %d %s", claim, a.code, a.text)
		}
		if a := b.get(t, s.console+"/seat"); !strings.Contains(a.text, "anna, officer") {
			t.Errorf("claim %q: %s", claim, a.text)
		}
		// Another user of the issuer is nobody here.
		other := newBrowser(t)
		if a := other.signOn(t, s, "", "test-user2"); a.code != http.StatusForbidden || other.sits(t, s) {
			t.Errorf("claim %q, another user: %d", claim, a.code)
		}
		// A role that is not held.
		third := newBrowser(t)
		if a := third.signOn(t, s, "?role=principal", user); a.code != http.StatusForbidden || third.sits(t, s) {
			t.Errorf("claim %q, a role not held: %d", claim, a.code)
		}
		// Taken off the roll, the seat ends.
		s.may(t, "anna", nil, "watch", "officer")
		if b.sits(t, s) {
			t.Errorf("claim %q: a name that was taken off the roll sits", claim)
		}
	}
}

// A return is for the browser that set out, once.
func TestAReturnElsewhere(t *testing.T) {
	s := newScene(t, "", "swordfish")
	s.may(t, "anna", []string{"id1"}, "watch")
	victim, thief := newBrowser(t), newBrowser(t)
	thief.stop = "/enter/issuer/back"
	a := thief.signOn(t, s, "", user)
	if a.code/100 != 3 || !strings.Contains(a.to, "code=") {
		t.Fatalf("no return: %d %q", a.code, a.to)
	}
	if got := victim.get(t, a.to); got.code != http.StatusForbidden || victim.sits(t, s) {
		t.Errorf("without having set out: %d", got.code)
	}
	victim.get(t, s.console+"/enter/issuer")
	if got := victim.get(t, a.to); got.code != http.StatusForbidden || victim.sits(t, s) {
		t.Errorf("in a browser that set out for itself: %d", got.code)
	}
	for _, change := range []func(url.Values){
		func(q url.Values) { q.Set("state", "other") }, func(q url.Values) { q.Del("state") }, func(q url.Values) { q.Set("error", "access_denied") },
	} {
		u, err := url.Parse(a.to)
		if err != nil {
			t.Fatal(err)
		}
		q := u.Query()
		change(q)
		u.RawQuery = q.Encode()
		c := newBrowser(t)
		c.get(t, s.console+"/enter/issuer")
		if got := c.get(t, u.String()); got.code != http.StatusForbidden || c.sits(t, s) {
			t.Errorf("%s: %d", u, got.code)
		}
	}
	thief.stop = ""
	if got := thief.get(t, a.to); got.code != http.StatusOK || !thief.sits(t, s) {
		t.Errorf("in the browser that set out: %d %s", got.code, got.text)
	}
	if got := thief.get(t, a.to); got.code != http.StatusForbidden {
		t.Errorf("a second time: %d", got.code)
	}
}

// The station runs without the issuer, and what was learned of it is kept.
func TestTheIssuerDoesNotAnswer(t *testing.T) {
	s := newScene(t, "", "swordfish")
	s.may(t, "anna", []string{"id1"}, "watch")
	s.down.Store(true)
	b := newBrowser(t)
	if a := b.signOn(t, s, "", user); a.code != http.StatusServiceUnavailable {
		t.Errorf("before it was heard: %d", a.code)
	}
	s.down.Store(false)
	if b.signOn(t, s, "", user); !b.sits(t, s) {
		t.Fatal("it answers again, and nobody enters")
	}
	asked := s.keysAsked.Load()
	if asked == 0 {
		t.Fatal("its keys were never asked for: this test looks at nothing")
	}
	s.keysDown.Store(true)
	c := newBrowser(t)
	if a := c.signOn(t, s, "", user); !c.sits(t, s) {
		t.Errorf("its keys are kept, and yet: %d %s", a.code, a.text)
	}
	s.down.Store(true)
	if !b.sits(t, s) {
		t.Error("who sits has to stand up because the issuer is down")
	}
}

func TestAnotherSecret(t *testing.T) {
	s := newScene(t, "", "guess")
	s.may(t, "anna", []string{"id1"}, "watch")
	b := newBrowser(t)
	if a := b.signOn(t, s, "", user); a.code != http.StatusForbidden || b.sits(t, s) {
		t.Errorf("%d", a.code)
	}
}
