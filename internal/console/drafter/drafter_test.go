// SPDX-License-Identifier: Apache-2.0

package drafter_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"openline/internal/console/drafter"
)

// A service that speaks the interface is asked as it documents; one that
// answers anything else is an error that says which.
func TestDraft(t *testing.T) {
	var asked map[string]string
	answer := func(w http.ResponseWriter, _ *http.Request) {
		if err := json.NewEncoder(w).Encode(map[string]string{"translatedText": "bonjour " + asked["q"]}); err != nil {
			t.Error(err)
		}
	}
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("another address is asked") }))
	defer elsewhere.Close()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.URL.Path != "/translate" || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s %s", r.Method, r.URL)
		}
		asked = nil
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			t.Error(err)
		}
		answer(w, r)
	}))
	defer s.Close()
	c, err := drafter.New(s.URL + "/")
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.Draft(t.Context(), "hello", "", "fr")
	if err != nil || got != "bonjour hello" || asked["source"] != "auto" || asked["target"] != "fr" || asked["format"] != "text" {
		t.Errorf("%q, %v, asked %v", got, err, asked)
	}
	for want, a := range map[string]func(http.ResponseWriter, *http.Request){
		"no translation": func(w http.ResponseWriter, _ *http.Request) { write(t, w, "<html>") },
		"xx is not supported": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(400)
			write(t, w, `{"error":"xx is not supported"}`)
		},
		"302 Found":         func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere.URL, http.StatusFound) },
		"control character": func(w http.ResponseWriter, _ *http.Request) { write(t, w, `{"translatedText":"\u001b[2J"}`) },
		"something that":    func(w http.ResponseWriter, _ *http.Request) { write(t, w, strings.Repeat(" ", 1<<19)) },
		"200 OK":            func(w http.ResponseWriter, _ *http.Request) { write(t, w, `{"translatedText":""}`) },
	} {
		answer = a
		if got, err := c.Draft(t.Context(), "hello", "en", "xx"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %q, %v", want, got, err)
		}
	}
	if _, err := c.Draft(t.Context(), strings.Repeat("x", drafter.MaxText+1), "en", "fr"); err == nil {
		t.Error("a text of any length is sent")
	}
	s.Close()
	if _, err := c.Draft(t.Context(), "hello", "en", "fr"); err == nil || !strings.Contains(err.Error(), "does not answer") {
		t.Errorf("a service that is gone: %v", err)
	}
	for _, bad := range []string{"", "127.0.0.1:5000", "ftp://x", "http://a:b@x", "http://x?y", "file:///etc/passwd"} {
		if _, err := drafter.New(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

func write(t *testing.T, w http.ResponseWriter, s string) {
	t.Helper()
	if _, err := w.Write([]byte(s)); err != nil {
		t.Log(err)
	}
}
