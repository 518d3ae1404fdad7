// SPDX-License-Identifier: Apache-2.0

package console

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"openline/internal/console/passkey"
	"openline/internal/console/passkey/passkeytest"
	"openline/internal/console/roll"
)

const (
	tlsHost   = "desk.blue.example:8443"
	tlsOrigin = "https://" + tlsHost
	tlsName   = "desk.blue.example"
)

// tlsDesk is a desk as people open it by a name: passkeys can be made.
func tlsDesk(t *testing.T) *desk {
	t.Helper()
	return newDeskWith(t, func(_ *desk, c *Config) {
		c.Hosts, c.Secure, c.Passkeys = []string{tlsHost}, true, passkey.Dir(t.TempDir())
	})
}

// json sends what the module on a page sends.
func (d *desk) json(t *testing.T, path string, body any, c *http.Cookie) *httptest.ResponseRecorder {
	t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("POST", path, strings.NewReader(string(b)))
	r.Host = d.cfg.Hosts[0]
	r.Header.Set("Content-Type", "application/json")
	if c != nil {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w
}

func (d *desk) makeKey(t *testing.T, c *http.Cookie) *passkeytest.Key {
	t.Helper()
	k := passkeytest.New(t, tlsOrigin, tlsName)
	o := d.json(t, "/seat/passkey/ask", struct{}{}, c)
	if o.Code != http.StatusOK {
		t.Fatalf("asked for a passkey: %d %s", o.Code, o.Body)
	}
	a := d.json(t, "/seat/passkey", map[string]any{"answer": json.RawMessage(k.Make(t, o.Body.Bytes())), "label": "<b>desk"}, c)
	if a.Code != http.StatusOK {
		t.Fatalf("make a passkey: %d %s", a.Code, a.Body)
	}
	return k
}

func (d *desk) showKey(t *testing.T, path string, k *passkeytest.Key, more map[string]any, c *http.Cookie) *httptest.ResponseRecorder {
	t.Helper()
	o := d.json(t, path+"/ask", struct{}{}, c)
	body := map[string]any{"answer": json.RawMessage(k.Show(t, o.Body.Bytes()))}
	for name, v := range more {
		body[name] = v
	}
	return d.json(t, path, body, c)
}

func (d *desk) in(c *http.Cookie) bool {
	return d.ask("GET", "/watch", nil, c, nil).Code == http.StatusOK
}

// attemptsOf reads what the journal keeps, oldest first.
func (d *desk) attemptsOf(t *testing.T, kind string) (out []attemptRow) {
	t.Helper()
	list, err := d.readAttempts()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range slices.Backward(list) {
		if a.Kind == kind {
			out = append(out, a)
		}
	}
	return out
}

func TestEnterByPasskey(t *testing.T) {
	d := tlsDesk(t)
	token, err := d.links.Make(Entry{"anna", Officer}, d.now)
	if err != nil {
		t.Fatal(err)
	}
	a := d.ask("POST", "/enter", url.Values{"link": {token}}, nil, nil)
	if a.Header().Get("Location") != "/seat" {
		t.Errorf("who has no passkey is led to %q", a.Header().Get("Location"))
	}
	c := a.Result().Cookies()[0]
	if !strings.HasPrefix(c.Name, "__Host-") || !c.Secure {
		t.Errorf("cookie %+v", c)
	}
	k := d.makeKey(t, c)
	if page := d.ask("GET", "/seat", nil, c, nil).Body.String(); !strings.Contains(page, "&lt;b&gt;desk") || strings.Contains(page, "<b>desk") {
		t.Error("the label is not shown as words")
	}
	d.ask("POST", "/leave", url.Values{}, c, nil)
	if d.in(c) {
		t.Fatal("the seat goes on")
	}
	a = d.showKey(t, "/enter/passkey", k, map[string]any{"role": "watch"}, nil)
	if a.Code != http.StatusOK || len(a.Result().Cookies()) != 1 {
		t.Fatalf("enter: %d %s", a.Code, a.Body)
	}
	c = a.Result().Cookies()[0]
	if page := d.ask("GET", "/seat", nil, c, nil).Body.String(); !strings.Contains(page, "duty officer") {
		t.Error("she does not sit as she wished")
	}
	// A role she does not hold, a person who holds none, a passkey of nobody.
	if err := d.roll.Change(func(r *roll.Roll) { r.Person["anna"] = roll.Person{Roles: []string{"watch"}} }); err != nil {
		t.Fatal(err)
	}
	if a := d.showKey(t, "/enter/passkey", k, map[string]any{"role": "principal"}, nil); a.Code != http.StatusForbidden || !strings.Contains(a.Body.String(), "do not hold this role") {
		t.Errorf("a role not held: %d %s", a.Code, a.Body)
	}
	if a := d.showKey(t, "/enter/passkey", passkeytest.New(t, tlsOrigin, tlsName), nil, nil); a.Code != http.StatusForbidden {
		t.Errorf("nobody's passkey: %d %s", a.Code, a.Body)
	}
	// Revoked: the seat it opened ends with the next request.
	if !d.in(c) {
		t.Fatal("she does not sit")
	}
	list, err := d.keys.List("anna")
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	if err := d.keys.Revoke(list[0].ID); err != nil {
		t.Fatal(err)
	}
	if d.in(c) {
		t.Error("a seat by a revoked passkey goes on")
	}
	if a := d.showKey(t, "/enter/passkey", k, nil, nil); a.Code != http.StatusForbidden || !strings.Contains(a.Body.String(), "revoked") {
		t.Errorf("revoked: %d %s", a.Code, a.Body)
	}
	var kinds []string
	for _, a := range d.attemptsOf(t, entering) {
		kinds = append(kinds, a.What+" "+a.Person+" "+a.By)
	}
	want := []string{"entered anna link", "made a passkey anna ", "left anna ", "entered anna passkey", "turned away anna passkey", "turned away  passkey", "turned away anna passkey"}
	if !slices.Equal(kinds, want) {
		t.Errorf("the journal has\n%q\nnot\n%q", kinds, want)
	}
}

// What a seat may do ends with what it stands on.
func TestASeatEndsWithItsRole(t *testing.T) {
	d := newDesk(t, nil)
	watch, officer := d.sit(t, Watch), d.sit(t, Officer)
	ben := d.sitAs(t, "ben", Officer)
	if err := d.roll.Change(func(r *roll.Roll) { r.Person["anna"] = roll.Person{Roles: []string{"watch"}} }); err != nil {
		t.Fatal(err)
	}
	if !d.in(watch) || d.in(officer) || !d.in(ben) {
		t.Errorf("watch %v, officer %v, ben %v", d.in(watch), d.in(officer), d.in(ben))
	}
	// Another role is another cookie: the old one is worth nothing.
	a := d.ask("POST", "/role", url.Values{"role": {"principal"}}, ben, nil)
	next := a.Result().Cookies()[0]
	if a.Code != http.StatusSeeOther || next.Value == ben.Value || d.in(ben) || !d.in(next) {
		t.Errorf("a change of role: %d, old %v, new %v", a.Code, d.in(ben), d.in(next))
	}
	if a := d.ask("POST", "/role", url.Values{"role": {"principal"}}, watch, nil); a.Code != http.StatusForbidden {
		t.Errorf("anna as principal: %d", a.Code)
	}
	if a := d.ask("POST", "/role", url.Values{"role": {"admin"}}, watch, nil); a.Code != http.StatusBadRequest {
		t.Errorf("a role that is none: %d", a.Code)
	}
	// A change of role does not make a shift longer.
	d.now = d.now.Add(50 * time.Minute)
	for range 15 {
		d.now = d.now.Add(50 * time.Minute)
		if a := d.ask("POST", "/role", url.Values{"role": {"officer"}}, next, nil); a.Code == http.StatusSeeOther && a.Header().Get("Location") != "/enter" {
			next = a.Result().Cookies()[0]
		}
	}
	if d.in(next) {
		t.Error("a seat outlasts its shift by changing roles")
	}
	// Everywhere.
	one, two, other := d.sit(t, Watch), d.sit(t, Watch), d.sitAs(t, "ben", Watch)
	d.ask("POST", "/seat/leave", url.Values{}, one, nil)
	if d.in(one) || d.in(two) || !d.in(other) {
		t.Errorf("left everywhere: %v %v %v", d.in(one), d.in(two), d.in(other))
	}
	// A roll that nobody can read lets nobody in.
	if err := d.roll.Change(func(r *roll.Roll) { r.Give("anna", "watch") }); err != nil {
		t.Fatal(err)
	}
	c := d.sit(t, Watch)
	breakRoll(t, d)
	if d.in(c) {
		t.Error("a torn roll lets people sit")
	}
}

// A link is for a role the person holds when it is used.
func TestALinkForARoleTakenAway(t *testing.T) {
	d := newDesk(t, nil)
	token, err := d.links.Make(Entry{"anna", Principal}, d.now)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.roll.Change(func(r *roll.Roll) { r.Person["anna"] = roll.Person{Roles: []string{"watch"}} }); err != nil {
		t.Fatal(err)
	}
	if a := d.ask("POST", "/enter", url.Values{"link": {token}}, nil, nil); a.Code != http.StatusForbidden || len(a.Result().Cookies()) != 0 {
		t.Errorf("%d %v", a.Code, a.Result().Cookies())
	}
}

// Whoever comes and is turned away is written down, and cannot fill the
// journal.
func TestTheJournalIsNotFilledFromOutside(t *testing.T) {
	d := newDesk(t, nil)
	guess := func(i int) int {
		return d.ask("POST", "/enter", url.Values{"link": {"guess"}}, nil, func(r *http.Request) {
			r.RemoteAddr = "198.51.100." + number(uint64(i/10)) + ":1"
		}).Code
	}
	for i := range 3 * ledgerTurned {
		if code := guess(i); code != http.StatusForbidden {
			t.Fatalf("attempt %d: %d", i, code)
		}
	}
	if n := len(d.attemptsOf(t, entering)); n != ledgerTurned {
		t.Errorf("%d are written one by one", n)
	}
	d.now = d.now.Add(ledgerIn + time.Second)
	guess(1000)
	list := d.attemptsOf(t, entering)
	if last := list[len(list)-1]; last.More != 2*ledgerTurned || last.From != "198.51.100.100" || last.Why == "" {
		t.Errorf("the last one says %+v", last)
	}
	// One address, and one network of addresses, is slowed down.
	for _, at := range []string{"192.0.2.9:%d", "[2001:db8::%d]:80"} {
		codes := map[int]int{}
		for i := range 2 * paceTries {
			codes[d.ask("POST", "/enter", url.Values{"link": {"x"}}, nil, func(r *http.Request) {
				r.RemoteAddr = strings.Replace(at, "%d", number(uint64(i+1)), 1)
			}).Code]++
		}
		if codes[http.StatusForbidden] != paceTries || codes[http.StatusTooManyRequests] != paceTries {
			t.Errorf("%s: %v", at, codes)
		}
	}
}

// If it cannot be written down, nobody enters.
func TestNobodyEntersUnwritten(t *testing.T) {
	d := newDeskWith(t, func(d *desk, c *Config) { c.Note = failingNote })
	token, err := d.links.Make(Entry{"anna", Watch}, d.now)
	if err != nil {
		t.Fatal(err)
	}
	a := d.ask("POST", "/enter", url.Values{"link": {token}}, nil, nil)
	if a.Code != http.StatusServiceUnavailable || len(a.Result().Cookies()) != 0 {
		t.Errorf("%d %v", a.Code, a.Result().Cookies())
	}
}
