// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"
)

// browser is the far end of Web Push: a key pair, a secret, and the endpoint
// that its maker's server has for it.
type browser struct {
	key  *ecdh.PrivateKey
	auth [16]byte
	url  string
}

func (b browser) subscription() []byte {
	e := base64.RawURLEncoding.EncodeToString
	return fmt.Appendf(nil, `{"endpoint":%q,"expirationTime":null,"keys":{"p256dh":%q,"auth":%q}}`, b.url, e(b.key.PublicKey().Bytes()), e(b.auth[:]))
}

// open decrypts a message (RFC 8188, RFC 8291 section 3.4).
func (b browser) open(t *testing.T, message []byte) []byte {
	t.Helper()
	salt, rest := message[:16], message[20:]
	theirs, cipherText := rest[1:1+rest[0]], rest[1+rest[0]:]
	pub, err := ecdh.P256().NewPublicKey(theirs)
	if err != nil {
		t.Fatal(err)
	}
	shared, err := b.key.ECDH(pub)
	if err != nil {
		t.Fatal(err)
	}
	derive := func(secret, salt []byte, info string, n int) []byte {
		out, err := hkdf.Key(sha256.New, secret, salt, info, n)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	ikm := derive(shared, b.auth[:], "WebPush: info\x00"+string(b.key.PublicKey().Bytes())+string(theirs), 32)
	block, err := aes.NewCipher(derive(ikm, salt, "Content-Encoding: aes128gcm\x00", 16))
	if err != nil {
		t.Fatal(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := gcm.Open(nil, derive(ikm, salt, "Content-Encoding: nonce\x00", 12), cipherText, nil)
	if err != nil {
		t.Fatal(err)
	}
	return []byte(strings.TrimRight(string(plain), "\x00")[:strings.LastIndexByte(strings.TrimRight(string(plain), "\x00"), 2)])
}

func newBrowser(t *testing.T, url string) browser {
	t.Helper()
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return browser{key: key, auth: [16]byte{1, 2, 3}, url: url}
}

func TestPush(t *testing.T) {
	var heads []http.Header
	var bodies [][]byte
	status := http.StatusCreated
	maker := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		heads, bodies = append(heads, r.Header), append(bodies, b)
		w.WriteHeader(status)
	}))
	defer maker.Close()
	dir := t.TempDir()
	subs, err := OpenSubscriptions(dir)
	if err != nil {
		t.Fatal(err)
	}
	b := newBrowser(t, maker.URL+"/one")
	if err := subs.Add("anna", b.subscription()); err != nil {
		t.Fatal(err)
	}
	p := Pusher{Subs: subs, Contact: "mailto:watch@blue.example", Client: NewClient(), Timeout: 10 * time.Second}
	if !p.Has("anna") || p.Has("ben") {
		t.Error("who may be called")
	}
	call := Call{Alarm: 3, Record: "red/2", Precedence: "flash", Person: "anna", Subject: "flash: red awaits the watch of line dtl"}
	if err := p.Push(context.Background(), call); err != nil {
		t.Fatal(err)
	}
	var got Call
	if err := json.Unmarshal(b.open(t, bodies[0]), &got); err != nil || got.Record != "red/2" {
		t.Errorf("%v %+v", err, got)
	}
	if h := heads[0]; !strings.HasPrefix(h.Get("Authorization"), "vapid t=") || h.Get("Content-Encoding") != "aes128gcm" || h.Get("Urgency") != "high" || h.Get("TTL") == "" {
		t.Errorf("%v", h)
	}

	// The key is kept; a browser that is gone is forgotten.
	again, err := OpenSubscriptions(dir)
	if err != nil {
		t.Fatal(err)
	}
	if x, _ := again.Keys(); x != func() string { x, _ := subs.Keys(); return x }() {
		t.Error("another key after a start")
	}
	status = http.StatusGone
	if err := p.Push(context.Background(), call); err == nil || p.Has("anna") {
		t.Errorf("a browser that is gone is called again: %v", err)
	}
	status = http.StatusTooManyRequests
	if err := subs.Add("anna", b.subscription()); err != nil {
		t.Fatal(err)
	}
	if err := p.Push(context.Background(), call); err == nil || !strings.Contains(err.Error(), "429") || !p.Has("anna") {
		t.Errorf("%v", err)
	}
}

func TestWhatIsNoSubscription(t *testing.T) {
	subs, err := OpenSubscriptions(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	b := newBrowser(t, "https://push.example/one")
	for _, bad := range []string{"", "{}", "[]", `{"endpoint":"https://push.example/x"}`, strings.Repeat("x", 9<<10)} {
		if err := subs.Add("anna", []byte(bad)); err == nil {
			t.Errorf("%.60q is taken", bad)
		}
	}
	b.url = "http://192.0.2.1/inner"
	if err := subs.Add("anna", b.subscription()); err == nil {
		t.Error("an address without TLS is taken")
	}
	b.url = "https://push.example/one"
	if err := subs.Add("../anna", b.subscription()); err == nil {
		t.Error("a name that leads out of the folder is taken")
	}
	for range 20 {
		b.url += "x"
		if err := subs.Add("anna", b.subscription()); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(subs.Of("anna")); n != maxBrowsers {
		t.Errorf("%d browsers are kept", n)
	}
}

func TestSettings(t *testing.T) {
	path := t.TempDir() + "/alerts.toml"
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if s, err := ReadSettings(path); err != nil || s.Mail.Host != "" {
		t.Errorf("no file: %v", err)
	}
	write("[mail]\nhost = \"127.0.0.1\"\nfrom = \"watch@blue.example\"\ntls = \"none\"\n[ladder.flash]\nagain = \"2m\"\nrung = [{after = \"0s\", way = \"console\"}, {after = \"10s\", way = \"hook\"}]\n")
	s, err := ReadSettings(path)
	if err != nil {
		t.Fatal(err)
	}
	p, err := s.Plan()
	if err != nil || len(p.Rungs[1]) != 2 || p.Again[1] != 2*time.Minute || len(p.Rungs[2]) < 3 {
		t.Errorf("%v %+v", err, p)
	}
	w, err := s.Ways(func() (*Subscriptions, error) { return nil, ErrNotSetUp })
	if err != nil || w.Mailer.Port != 25 {
		t.Errorf("%v %+v", err, w.Mailer)
	}
	for text, want := range map[string]string{
		"nothing = 1": "unknown setting nothing", "[mail]\nhost = 3": "line 2", "[mail]\nhost = \"x\"": "from whom",
		"[ladder.flash]\nrung = [{after = \"5m\", way = \"hook\"}, {after = \"1m\", way = \"hook\"}]": "comes before",
		"[ladder.flash]\nrung = [{after = \"5m\", way = \"pigeon\"}]":                                 "no way",
		"[ladder.sometimes]\nagain = \"1m\"":                                                          "ladder",
		"[webhook]\nsecret_file = \"/nowhere/at/all\"":                                                "webhook",
	} {
		write(text)
		s, err := ReadSettings(path)
		if err == nil {
			_, err = s.Plan()
		}
		if err == nil {
			_, err = s.Ways(func() (*Subscriptions, error) { return nil, ErrNotSetUp })
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
