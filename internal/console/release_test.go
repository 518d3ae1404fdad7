// SPDX-License-Identifier: Apache-2.0

package console

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"openline/identity"
	"openline/internal/console/roll"
)

func breakRoll(t *testing.T, d *desk) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(string(d.roll), roll.File), []byte("torn ["), 0o600); err != nil {
		t.Fatal(err)
	}
}

func failingNote(context.Context, identity.LineID, string, []byte) error {
	return errors.New("the disk is full")
}

var digestField = regexp.MustCompile(`name="digest" value="([0-9a-f]{64})"`)

// draft writes an accident notice, which takes two persons, and gives its page
// and the digest on it.
func (d *desk) draft(t *testing.T, c *http.Cookie, measures string) (page, digest string) {
	t.Helper()
	signs(t, t.Context(), d.blue, d.world)
	a := d.ask("POST", "/line/"+string(d.world.Line())+"/preview", url.Values{"code": {"IN03"}, "p.kind": {"accident"}, "p.measures": {measures}}, c, nil)
	if a.Code != http.StatusSeeOther {
		t.Fatalf("the draft is not kept: %d %s", a.Code, a.Body)
	}
	page = a.Header().Get("Location")
	m := digestField.FindStringSubmatch(d.ask("GET", page, nil, c, nil).Body.String())
	if m == nil {
		t.Fatalf("%s shows no digest", page)
	}
	return page, m[1]
}

func (d *desk) sign(page, digest, passphrase string, c *http.Cookie) *httptest.ResponseRecorder {
	return d.signVersion(page, "1", digest, passphrase, c)
}

func (d *desk) signVersion(page, version, digest, passphrase string, c *http.Cookie) *httptest.ResponseRecorder {
	return d.ask("POST", page+"/sign", url.Values{"version": {version}, "digest": {digest}, "passphrase": {passphrase}}, c, nil)
}

func (d *desk) ours(t *testing.T) uint64 {
	t.Helper()
	v, err := d.blue.View(t.Context(), d.world.Line())
	if err != nil {
		t.Fatal(err)
	}
	return v.Own.Size
}

func TestReleaseByTwo(t *testing.T) {
	d := newDesk(t, nil)
	anna, ben := d.sit(t, Officer), d.sitAs(t, "ben", Officer)
	first, one := d.draft(t, anna, "vessels stopped")
	second, two := d.draft(t, ben, "vessels under way")
	if one == two {
		t.Fatal("two wordings have one digest")
	}
	before := d.ours(t)
	// Each reads one version and signs another: neither is signed by it.
	for what, a := range map[string]*httptest.ResponseRecorder{
		"the other's digest": d.sign(first, two, "anna", anna), "no digest": d.sign(first, "", "anna", anna), "half a digest": d.sign(first, one[:32], "anna", anna),
	} {
		if a.Code != http.StatusConflict {
			t.Errorf("%s: %d", what, a.Code)
		}
	}
	if a := d.sign(first, one, "ben", anna); a.Code != http.StatusForbidden {
		t.Errorf("another's passphrase: %d", a.Code)
	}
	if a := d.sign(first, one, "anna", d.sit(t, Watch)); a.Code != http.StatusForbidden {
		t.Errorf("as the watch: %d", a.Code)
	}
	// One version each: two signatures, and nothing is sent.
	if a := d.sign(first, one, "anna", anna); a.Code != http.StatusSeeOther || a.Header().Get("Location") != first {
		t.Errorf("the first: %d", a.Code)
	}
	if a := d.sign(second, two, "ben", ben); a.Code != http.StatusSeeOther || a.Header().Get("Location") != second {
		t.Errorf("the other version: %d", a.Code)
	}
	if d.ours(t) != before {
		t.Fatal("two signatures over two versions sent one")
	}
	// The same person, in another seat or role, stays one person.
	if a := d.sign(first, one, "anna", d.sit(t, Principal)); a.Code != http.StatusConflict {
		t.Errorf("the same person twice: %d", a.Code)
	}
	if a := d.ask("POST", first+"/sign", url.Values{"version": {"1"}, "digest": {one}, "passphrase": {"ben"}, "person": {"ben"}}, anna, nil); a.Code != http.StatusConflict {
		t.Errorf("as another person: %d", a.Code)
	}
	if a := d.sign(first, one, "ben", ben); a.Code != http.StatusSeeOther || !strings.HasSuffix(a.Header().Get("Location"), "#end") {
		t.Fatalf("the second: %d %s", a.Code, a.Body)
	}
	if d.ours(t) != before+1 {
		t.Errorf("%d records were sent", d.ours(t)-before)
	}
	// Sent again, it is told that it was said, and as which record.
	for _, c := range []*http.Cookie{anna, ben} {
		if a := d.sign(first, one, "ben", c); a.Code != http.StatusConflict || !strings.Contains(a.Body.String(), "It was said, and is") {
			t.Errorf("replayed: %d", a.Code)
		}
	}
	if d.ours(t) != before+1 {
		t.Error("a replay sent it again")
	}
	var told []string
	for _, a := range d.attemptsOf(t, release) {
		told = append(told, a.What+" "+a.Person)
		if a.Digest != one && a.Digest != two || a.Act != "IN03" {
			t.Errorf("the journal has %+v", a.attempt)
		}
	}
	if got := strings.Join(told, ", "); got != "not signed anna, signed anna, signed ben, signed ben" {
		t.Errorf("the journal has %s", got)
	}
}

func TestSigningIsPaced(t *testing.T) {
	d := newDesk(t, nil)
	anna := d.sit(t, Officer)
	page, digest := d.draft(t, anna, "vessels stopped")
	codes := map[int]int{}
	for range paceTries + 5 {
		codes[d.sign(page, digest, "guess", anna).Code]++
	}
	if codes[http.StatusForbidden] != paceTries || codes[http.StatusTooManyRequests] != 5 {
		t.Errorf("%v", codes)
	}
	if a := d.sign(page, digest, "anna", d.sit(t, Officer)); a.Code != http.StatusTooManyRequests {
		t.Errorf("from another seat: %d", a.Code)
	}
	if a := d.sign(page, digest, "ben", d.sitAs(t, "ben", Officer)); a.Code != http.StatusSeeOther {
		t.Errorf("another person: %d", a.Code)
	}
}

// Whoever has a passkey shows it before they sign, within five minutes.
func TestFreshBeforeSigning(t *testing.T) {
	d := tlsDesk(t)
	anna, ben := d.sit(t, Officer), d.sitAs(t, "ben", Officer)
	k := d.makeKey(t, anna)
	kb := d.makeKey(t, ben)
	page, digest := d.draft(t, anna, "vessels stopped")
	d.now = d.now.Add(freshFor + time.Second)
	a := d.sign(page, digest, "anna", anna)
	if a.Code != http.StatusUnauthorized || !strings.Contains(a.Body.String(), `data-back="`+page+`"`) {
		t.Fatalf("stale: %d %s", a.Code, a.Body)
	}
	if a := d.ask("POST", "/again", url.Values{"passphrase": {"anna"}}, anna, nil); a.Code != http.StatusForbidden {
		t.Errorf("the weaker way: %d", a.Code)
	}
	if a := d.showKey(t, "/again/passkey", kb, nil, anna); a.Code != http.StatusForbidden {
		t.Errorf("another's passkey: %d", a.Code)
	}
	if a := d.sign(page, digest, "anna", anna); a.Code != http.StatusUnauthorized {
		t.Errorf("still stale: %d", a.Code)
	}
	a = d.showKey(t, "/again/passkey", k, map[string]any{"back": page}, anna)
	if a.Code != http.StatusOK || !strings.Contains(a.Body.String(), page) {
		t.Fatalf("shown: %d %s", a.Code, a.Body)
	}
	before := anna
	if anna = a.Result().Cookies()[0]; d.in(before) || !d.in(anna) {
		t.Error("the seat from before goes on beside the new one")
	}
	a = d.showKey(t, "/again/passkey", k, map[string]any{"back": "//evil.example"}, anna)
	if anna = a.Result().Cookies()[0]; !strings.Contains(a.Body.String(), `"/watch"`) {
		t.Errorf("led to %s", a.Body)
	}
	if a := d.sign(page, digest, "anna", anna); a.Code != http.StatusSeeOther {
		t.Errorf("fresh: %d", a.Code)
	}
	// A passkey is made by who is fresh; a stale browser left open is not
	// enough.
	d.now = d.now.Add(freshFor + time.Second)
	if a := d.json(t, "/seat/passkey/ask", struct{}{}, ben); a.Code != http.StatusUnauthorized || !strings.Contains(a.Body.String(), "/again") {
		t.Errorf("a new passkey, stale: %d %s", a.Code, a.Body)
	}
	// And the download of an extract asks the same.
	if a := d.ask("GET", "/line/"+string(d.world.Line())+"/export/x/extract.zip", nil, ben, nil); a.Code != http.StatusUnauthorized {
		t.Errorf("a download, stale: %d", a.Code)
	}
	if a = d.showKey(t, "/again/passkey", kb, nil, ben); a.Code != http.StatusOK {
		t.Fatalf("ben: %d", a.Code)
	}
	ben = a.Result().Cookies()[0]
	if a := d.ask("GET", "/line/"+string(d.world.Line())+"/export/x/extract.zip", nil, ben, nil); a.Code != http.StatusNotFound {
		t.Errorf("a download, fresh: %d", a.Code)
	}
}

// A certificate enters for the person it stands for, as long as it is shown.
func TestEnterByCertificate(t *testing.T) {
	d := newDeskWith(t, func(_ *desk, c *Config) { c.Hosts, c.Secure, c.Certificates = []string{tlsHost}, true, true })
	card := &x509.Certificate{Subject: pkix.Name{CommonName: "Anna"}, EmailAddresses: []string{"anna@blue.example"}, RawSubjectPublicKeyInfo: []byte("a")}
	other := &x509.Certificate{Subject: pkix.Name{CommonName: "Ben"}, RawSubjectPublicKeyInfo: []byte("b")}
	shows := func(c *x509.Certificate, verified bool) func(*http.Request) {
		return func(r *http.Request) {
			r.TLS = &tls.ConnectionState{}
			if c != nil {
				r.TLS.PeerCertificates = []*x509.Certificate{c}
			}
			if verified {
				r.TLS.VerifiedChains = [][]*x509.Certificate{{c}}
			}
		}
	}
	if err := d.roll.Change(func(r *roll.Roll) {
		r.Person["anna"] = roll.Person{Roles: []string{"watch", "officer"}, Certificates: []string{"email:anna@blue.example"}}
	}); err != nil {
		t.Fatal(err)
	}
	enter := func(role string, change func(*http.Request)) *httptest.ResponseRecorder {
		return d.ask("POST", "/enter/certificate", url.Values{"role": {role}}, nil, change)
	}
	for what, a := range map[string]*httptest.ResponseRecorder{
		"none": enter("", shows(nil, false)), "one that TLS did not verify": enter("", shows(card, false)), "one of nobody": enter("", shows(other, true)), "a role not held": enter("principal", shows(card, true)),
	} {
		if a.Code != http.StatusForbidden || len(a.Result().Cookies()) != 0 {
			t.Errorf("%s: %d", what, a.Code)
		}
	}
	a := enter("officer", shows(card, true))
	if a.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Code, a.Body)
	}
	c := a.Result().Cookies()[0]
	in := func(change func(*http.Request)) bool {
		return d.ask("GET", "/watch", nil, c, change).Code == http.StatusOK
	}
	if !in(shows(card, true)) {
		t.Fatal("she does not sit")
	}
	if in(shows(nil, false)) {
		t.Error("the cookie alone is enough")
	}
	c = enter("officer", shows(card, true)).Result().Cookies()[0]
	if in(shows(other, true)) {
		t.Error("another's card is enough")
	}
	c = enter("officer", shows(card, true)).Result().Cookies()[0]
	if err := d.roll.Change(func(r *roll.Roll) { r.Person["anna"] = roll.Person{Roles: []string{"watch", "officer"}} }); err != nil {
		t.Fatal(err)
	}
	if in(shows(card, true)) {
		t.Error("a card that was taken off the roll is enough")
	}
}
