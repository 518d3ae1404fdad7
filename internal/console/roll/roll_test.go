// SPDX-License-Identifier: Apache-2.0

package roll

import (
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestWhoMaySit(t *testing.T) {
	d := Dir(filepath.Join(t.TempDir(), "console"))
	if r, err := d.Read(); err != nil || r.Holds("anna", "watch") {
		t.Fatalf("an empty roll: %v", err)
	}
	var all sync.WaitGroup
	for _, role := range []string{"watch", "officer", "auditor", "watch"} {
		all.Go(func() {
			if err := d.Change(func(r *Roll) { r.Give("anna", role) }); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	r, err := d.Read()
	if err != nil || len(r.Person["anna"].Roles) != 3 || !r.Holds("anna", "officer") || r.Holds("anna", "operator") || r.Holds("ben", "watch") {
		t.Errorf("%v %v", r, err)
	}
}

func TestACertificateStandsForOne(t *testing.T) {
	d := Dir(t.TempDir())
	c := &x509.Certificate{RawSubjectPublicKeyInfo: []byte("key"), Subject: pkix.Name{CommonName: "Anna", Organization: []string{"Blue"}}, EmailAddresses: []string{"anna@blue.example"}}
	sum := sha256.Sum256([]byte("key"))
	for _, is := range []string{"spki:" + hex.EncodeToString(sum[:]), "subject:" + c.Subject.String(), "email:anna@blue.example"} {
		r := &Roll{Person: map[string]Person{"anna": {Certificates: []string{is}}, "ben": {Certificates: []string{"email:ben@blue.example"}, Issued: []string{"42"}}}}
		if who, by, ok := r.ByCertificate(c); !ok || who != "anna" || by != is {
			t.Errorf("%s: %q %q %v", is, who, by, ok)
		}
		if who, ok := r.ByIssued("42"); !ok || who != "ben" {
			t.Errorf("issued: %q", who)
		}
		if _, ok := r.ByIssued(""); ok {
			t.Error("no claim stands for somebody")
		}
	}
	other := &x509.Certificate{RawSubjectPublicKeyInfo: []byte("other"), Subject: pkix.Name{CommonName: "Anna"}}
	if _, _, ok := (&Roll{Person: map[string]Person{"anna": {Certificates: []string{"email:anna@blue.example"}}}}).ByCertificate(other); ok {
		t.Error("another certificate stands for her")
	}
	for text, want := range map[string]string{
		"[person.anna]\nroles = []\ncertificates = [\"email:a@b\"]\n[person.ben]\nroles = []\ncertificates = [\"email:a@b\"]": "both anna and ben",
		"[person.anna]\nroles = []\noidc = [\"7\"]\n[person.ben]\nroles = []\noidc = [\"7\"]":                                 "both anna and ben",
		"[person.anna]\nroles = []\ncertificates = [\"a@b\"]":                                                                 "is no certificate",
		"[person.anna]\nrole = [\"watch\"]":                                                                                   "strict mode",
	} {
		if err := os.WriteFile(d.path(), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Read(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
