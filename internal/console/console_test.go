// SPDX-License-Identifier: Apache-2.0

package console

import (
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"openline/identity"
	"openline/identity/secret"
	"openline/internal/console/roll"
	"openline/internal/host"
	"openline/internal/host/hosttest"
	"openline/internal/station"
)

const name = "127.0.0.1:4711"

// desk is a console over a real station with another one at the far end.
type desk struct {
	*Server
	blue, red *host.Host
	world     *hosttest.World
	links     LinkDir
	roll      roll.Dir
	now       time.Time
}

func newDesk(t *testing.T, demo *Demo) *desk {
	t.Helper()
	return newDeskWith(t, func(_ *desk, c *Config) { c.Demo = demo })
}

// newDeskWith makes a desk at which change has altered what is usual.
func newDeskWith(t *testing.T, change func(*desk, *Config)) *desk {
	t.Helper()
	return newDeskOn(t, hosttest.Options{}, change)
}

// newDeskOn makes a desk on a line with terms of its own.
func newDeskOn(t *testing.T, o hosttest.Options, change func(*desk, *Config)) *desk {
	t.Helper()
	w := hosttest.New(t, o, "blue", "red")
	d := &desk{world: w, links: LinkDir(t.TempDir()), now: time.Now()}
	d.blue, d.red = runHost(t, w, "blue"), runHost(t, w, "red", "blue")
	cfg := Config{
		Station: d.blue, Host: d.blue, Hosts: []string{name}, Now: func() time.Time { return d.now }, Links: d.links,
		Lines:  []Line{{ID: w.Line(), Agreements: w.History}},
		People: func() ([]string, error) { return slices.Sorted(maps.Keys(persons)), nil },
		Verify: func() error { return nil }, Sign: signAs,
		Entering: Entering{Roll: roll.Dir(t.TempDir()), Note: d.blue.Note, Journal: d.blue.Journal, Open: func(person, passphrase string) error {
			_, err := signAs(person, passphrase, identity.Act{})
			return err
		}},
	}
	d.roll = cfg.Roll
	if err := d.roll.Change(func(r *roll.Roll) {
		for _, role := range Roles() {
			r.Give("anna", string(role))
			r.Give("ben", string(role))
		}
	}); err != nil {
		t.Fatal(err)
	}
	change(d, &cfg)
	var err error
	if d.Server, err = New(cfg); err != nil {
		t.Fatal(err)
	}
	return d
}

// persons are those who can sign at the desk, each by their name as
// passphrase.
var persons = map[string]*secret.Person{"anna": secret.NewPerson([32]byte{1}), "ben": secret.NewPerson([32]byte{2})}

func signAs(person, passphrase string, act identity.Act) ([]byte, error) {
	p, ok := persons[person]
	if !ok || passphrase != person {
		return nil, errors.New("the passphrase does not open it")
	}
	return p.SignAct(act), nil
}

func runHost(t *testing.T, w *hosttest.World, short string, dial ...string) *host.Host {
	t.Helper()
	db := hosttest.Disk(t, t.TempDir())
	cfg := w.Config(short, host.StoreOf(db), dial...)
	for i := range cfg.Lines {
		cfg.Lines[i].People = func(name string) (identity.PersonKey, bool) {
			p, ok := persons[name]
			if !ok {
				return identity.PersonKey{}, false
			}
			return p.Public(), true
		}
	}
	h, err := host.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- h.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		err := <-done
		if errors.Is(err, context.Canceled) {
			err = nil
		}
		if err = errors.Join(err, db.Close()); err != nil {
			t.Error(err)
		}
	})
	return h
}

// sit enters as anna by a one-time link and gives the cookie.
func (d *desk) sit(t *testing.T, role Role) *http.Cookie {
	t.Helper()
	return d.sitAs(t, "anna", role)
}

func (d *desk) sitAs(t *testing.T, person string, role Role) *http.Cookie {
	t.Helper()
	token, err := d.links.Make(Entry{person, role}, d.now)
	if err != nil {
		t.Fatal(err)
	}
	a := d.ask("POST", "/enter", url.Values{"link": {token}}, nil, nil)
	if a.Code != http.StatusSeeOther || len(a.Result().Cookies()) != 1 {
		t.Fatalf("entering as %s: %d %s", role, a.Code, a.Body)
	}
	return a.Result().Cookies()[0]
}

func (d *desk) ask(method, path string, form url.Values, c *http.Cookie, change func(*http.Request)) *httptest.ResponseRecorder {
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	// A live page ends with its request.
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	if path == "/live" {
		cancel()
	}
	r := httptest.NewRequestWithContext(ctx, method, path, body)
	r.Host = d.cfg.Hosts[0]
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if c != nil {
		r.AddCookie(c)
	}
	if change != nil {
		change(r)
	}
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w
}

func TestSeatsEnd(t *testing.T) {
	d := newDesk(t, nil)
	in := func(c *http.Cookie) bool { return d.ask("GET", "/watch", nil, c, nil).Code == http.StatusOK }
	token, err := d.links.Make(Entry{"anna", Watch}, d.now)
	if err != nil {
		t.Fatal(err)
	}
	c := d.ask("POST", "/enter", url.Values{"link": {token}}, nil, nil).Result().Cookies()[0]
	if a := d.ask("POST", "/enter", url.Values{"link": {token}}, nil, nil); a.Code != http.StatusForbidden {
		t.Errorf("a link taken twice: %d", a.Code)
	}
	if !in(c) {
		t.Fatal("the seat is not there")
	}
	// What an attacker put into the browser before is no seat, and does not
	// become one.
	fixed := &http.Cookie{Name: c.Name, Value: "chosen-by-another"}
	if in(fixed) {
		t.Error("a cookie of no seat enters")
	}
	d.ask("POST", "/leave", url.Values{}, c, nil)
	if in(c) {
		t.Error("the seat goes on after it was left")
	}
	c = d.sit(t, Watch)
	if d.now = d.now.Add(seatIdle + time.Second); in(c) {
		t.Error("an idle seat goes on")
	}
	late, err := d.links.Make(Entry{"anna", Watch}, d.now)
	if err != nil {
		t.Fatal(err)
	}
	d.now = d.now.Add(LinkLasts + time.Second)
	if a := d.ask("POST", "/enter", url.Values{"link": {late}}, nil, nil); a.Code != http.StatusForbidden {
		t.Errorf("a link of yesterday: %d", a.Code)
	}
	for range paceTries {
		d.ask("POST", "/enter", url.Values{"link": {"guess"}}, nil, nil)
	}
	if a := d.ask("POST", "/enter", url.Values{"link": {"guess"}}, nil, nil); a.Code != http.StatusTooManyRequests {
		t.Errorf("guessing on: %d", a.Code)
	}
}

// signs waits until a station signs: before it has met the other one it does
// not know whether its copy is the newest.
func signs(t *testing.T, ctx context.Context, h *host.Host, w *hosttest.World) {
	t.Helper()
	news, leave, err := h.Subscribe(w.Line(), 64)
	if err != nil {
		t.Fatal(err)
	}
	defer leave()
	for {
		v, err := h.View(ctx, w.Line())
		if err != nil {
			t.Fatal(err)
		}
		if v.Hold == station.HoldNone {
			return
		}
		select {
		case <-news:
		case <-ctx.Done():
			t.Fatalf("the station does not sign: %s", v.Hold)
		}
	}
}

func TestADemonstrationStaysAtHome(t *testing.T) {
	w := hosttest.New(t, hosttest.Options{}, "blue", "red")
	h := runHost(t, w, "blue")
	for _, cfg := range []Config{
		{Station: h, Now: time.Now, Hosts: []string{"192.0.2.1:80"}, Demo: &Demo{}},
		{Station: h, Now: time.Now, Hosts: []string{"desk.example:80"}},
	} {
		if _, err := New(cfg); err == nil {
			t.Errorf("served beyond loopback: %v", cfg.Hosts)
		}
	}
}
