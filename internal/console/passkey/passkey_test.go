// SPDX-License-Identifier: Apache-2.0

package passkey

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"openline/internal/console/passkey/passkeytest"
)

const origin, name = "https://desk.blue.example:8443", "desk.blue.example"

type world struct {
	*Desk
	now time.Time
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{now: time.Now()}
	var err error
	if w.Desk, err = New(Dir(filepath.Join(t.TempDir(), "passkeys")), "blue.example", []string{origin, "https://192.0.2.7:8443"}, func() time.Time { return w.now }); err != nil {
		t.Fatal(err)
	}
	return w
}

func text(t *testing.T, x any, err error) []byte {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(x)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (w *world) make(t *testing.T, person string, k *passkeytest.Key) (*Passkey, error) {
	t.Helper()
	o, err := w.AskNew(person)
	return w.Make(person, "desk", k.Make(t, text(t, o, err)))
}

func (w *world) show(t *testing.T, k *passkeytest.Key) (*Passkey, error) {
	t.Helper()
	o, err := w.Ask("enter")
	return w.Show("enter", k.Show(t, text(t, o, err)))
}

func TestMadeAndShown(t *testing.T) {
	w := newWorld(t)
	k := passkeytest.New(t, origin, name)
	made, err := w.make(t, "anna", k)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		p, err := w.show(t, k)
		if err != nil || p.Person != "anna" || p.ID != made.ID {
			t.Fatalf("%v %v", p, err)
		}
	}
	list, err := w.List("")
	if err != nil || len(list) != 1 || list[0].Credential.Authenticator.SignCount != k.Count || list[0].Used.IsZero() {
		t.Errorf("%+v %v", list, err)
	}
	b, err := os.ReadFile(w.path(made.ID, suffix))
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(w.path(made.ID, suffix)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v %v", info, err)
	}
	if strings.Contains(string(b), "attestationObject") {
		t.Errorf("more is kept than is needed: %s", b)
	}
	if _, err := w.make(t, "ben", k); err == nil {
		t.Error("one credential for two persons")
	}
}

func TestTurnedAway(t *testing.T) {
	w := newWorld(t)
	k := passkeytest.New(t, origin, name)
	made, err := w.make(t, "anna", k)
	if err != nil {
		t.Fatal(err)
	}
	for what, do := range map[string]func(k *passkeytest.Key){
		"another origin":         func(k *passkeytest.Key) { k.Origin = "https://desk.blue.example.evil.example:8443" },
		"another port":           func(k *passkeytest.Key) { k.Origin = "https://desk.blue.example:9443" },
		"plain text":             func(k *passkeytest.Key) { k.Origin = "http://desk.blue.example:8443" },
		"another name":           func(k *passkeytest.Key) { k.Name = "evil.example" },
		"the person not there":   func(k *passkeytest.Key) { k.Unasked = true },
		"one that is not known":  func(k *passkeytest.Key) { *k = *passkeytest.New(t, origin, name) },
		"a name of digits, ours": func(k *passkeytest.Key) { k.Origin = "https://192.0.2.7:8443" },
	} {
		c := k.Copy()
		do(c)
		if _, err := w.show(t, c); err == nil {
			t.Errorf("%s comes in", what)
		}
		k.Count = max(k.Count, c.Count)
	}
	for what, do := range map[string]func(k *passkeytest.Key){
		"another origin":       func(k *passkeytest.Key) { k.Origin = "https://evil.example" },
		"another name":         func(k *passkeytest.Key) { k.Name = "evil.example" },
		"the person not there": func(k *passkeytest.Key) { k.Unasked = true },
	} {
		c := passkeytest.New(t, origin, name)
		do(c)
		if _, err := w.make(t, "anna", c); err == nil {
			t.Errorf("%s: a passkey is made", what)
		}
	}
	// An answer is taken once, for what it was asked for, in time.
	o, err := w.Ask("enter")
	answer := k.Show(t, text(t, o, err))
	if _, err := w.Show("again anna", answer); !errors.Is(err, ErrChallenge) {
		t.Errorf("for something else: %v", err)
	}
	o, err = w.Ask("enter")
	answer = k.Show(t, text(t, o, err))
	if _, err := w.Show("enter", answer); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Show("enter", answer); !errors.Is(err, ErrChallenge) {
		t.Errorf("a second time: %v", err)
	}
	o, err = w.Ask("enter")
	answer = k.Show(t, text(t, o, err))
	w.now = w.now.Add(challengeLasts + time.Second)
	if _, err := w.Show("enter", answer); !errors.Is(err, ErrChallenge) {
		t.Errorf("late: %v", err)
	}
	for _, junk := range []string{"", "{}", "null", "[]", strings.Repeat("[", 5000), `{"id":"AA","rawId":"AA","type":"public-key","response":{}}`} {
		if _, err := w.Show("enter", []byte(junk)); err == nil {
			t.Errorf("%.40q comes in", junk)
		}
		if _, err := w.Make("anna", "", []byte(junk)); err == nil {
			t.Errorf("%.40q is made", junk)
		}
	}
	if err := w.Revoke(made.ID); err != nil {
		t.Fatal(err)
	}
	if p, err := w.show(t, k); !errors.Is(err, ErrRevoked) || p.Person != "anna" {
		t.Errorf("revoked: %v", err)
	}
	if ok, err := w.Stands(made.ID); ok || err != nil {
		t.Errorf("it stands: %v", err)
	}
}

// A counter that does not rise: there may be two of it. Neither opens then.
func TestACopyShows(t *testing.T) {
	w := newWorld(t)
	k := passkeytest.New(t, origin, name)
	if _, err := w.make(t, "anna", k); err != nil {
		t.Fatal(err)
	}
	stolen := k.Copy()
	for range 2 {
		if _, err := w.show(t, k); err != nil {
			t.Fatal(err)
		}
	}
	if p, err := w.show(t, stolen); !errors.Is(err, ErrCopied) || p.Person != "anna" {
		t.Errorf("the copy: %v", err)
	}
	if _, err := w.show(t, k); !errors.Is(err, ErrCopied) {
		t.Errorf("the other, afterwards: %v", err)
	}
	if has, err := w.Has("anna"); has || err != nil {
		t.Errorf("it still opens: %v", err)
	}
}

func TestBounds(t *testing.T) {
	w := newWorld(t)
	for range maxEach {
		if _, err := w.make(t, "anna", passkeytest.New(t, origin, name)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.AskNew("anna"); !errors.Is(err, ErrMany) {
		t.Errorf("one more: %v", err)
	}
	for range maxChallenges + 10 {
		if _, err := w.Ask("enter"); err != nil {
			t.Fatal(err)
		}
	}
	if len(w.waiting) > maxChallenges {
		t.Errorf("%d challenges wait", len(w.waiting))
	}
	for _, id := range []string{"", "..", "../../etc/passwd", strings.Repeat("g", 64), strings.Repeat("0", 64)} {
		if err := w.Revoke(id); err == nil {
			t.Errorf("%q is revoked", id)
		}
	}
	list, err := w.List("anna")
	if err != nil || len(list) != maxEach {
		t.Fatalf("%d, %v", len(list), err)
	}
	if p, err := w.Find(list[3].Short()); err != nil || p.ID != list[3].ID {
		t.Errorf("found %v, %v", p, err)
	}
	if _, err := w.Find(""); err == nil {
		t.Error("found by nothing")
	}
	for _, origins := range [][]string{nil, {"https://192.0.2.7:8443"}, {"http://desk.example"}, {"http://127.0.0.1:80"}} {
		if _, err := New(w.Dir, "blue.example", origins, time.Now); err == nil {
			t.Errorf("%v can have passkeys", origins)
		}
	}
}
