// SPDX-License-Identifier: Apache-2.0

package ca

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"openline/internal/keys"
)

func lock(t *testing.T) keys.Lock {
	t.Helper()
	l, _, err := keys.NewUnattended()
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func made(t *testing.T, names ...string) (*Authority, *x509.Certificate) {
	t.Helper()
	dir, l := t.TempDir(), lock(t)
	if _, err := Open(dir, l); !errors.Is(err, ErrNone) {
		t.Fatalf("before it was made: %v", err)
	}
	cert, err := Create(dir, "blue.example", names, l, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	a, err := Open(dir, l)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, lock(t)); err == nil {
		t.Error("another lock opens it")
	}
	return a, cert
}

// shake does a handshake and gives what the client saw.
func shake(server, client *tls.Config) (tls.ConnectionState, error) {
	a, b := net.Pipe()
	defer a.Close()
	defer b.Close()
	done := make(chan error, 1)
	srv := tls.Server(a, server)
	go func() { done <- srv.Handshake() }()
	c := tls.Client(b, client)
	err := c.Handshake()
	if err != nil {
		b.Close()
		<-done
		return tls.ConnectionState{}, err
	}
	return c.ConnectionState(), <-done
}

func pool(c *x509.Certificate) *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(c)
	return p
}

func TestABrowserThatImportedTheAuthorityComesIn(t *testing.T) {
	a, cert := made(t, "desk.blue.example", "192.0.2.7")
	c, err := a.Config([]string{"desk.blue.example", "192.0.2.7"}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"desk.blue.example", "192.0.2.7"} {
		st, err := shake(c, &tls.Config{RootCAs: pool(cert), ServerName: name})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if st.Version != tls.VersionTLS13 || st.CurveID != tls.X25519MLKEM768 {
			t.Errorf("%s: version %x, curve %v", name, st.Version, st.CurveID)
		}
	}
	if _, err := shake(c, &tls.Config{RootCAs: pool(cert), ServerName: "other.example"}); err == nil {
		t.Error("another name is vouched for")
	}
	if _, err := shake(c, &tls.Config{RootCAs: pool(cert), ServerName: "desk.blue.example", MaxVersion: tls.VersionTLS12}); err == nil {
		t.Error("TLS 1.2 is spoken")
	}
	if st, err := shake(c, &tls.Config{RootCAs: pool(cert), ServerName: "desk.blue.example", CurvePreferences: []tls.CurveID{tls.X25519}}); err != nil || st.CurveID != tls.X25519 {
		t.Errorf("a browser without the hybrid: %v %v", st.CurveID, err)
	}
}

// Whoever steals the authority's key can vouch for no other name.
func TestTheAuthorityIsBoundToItsNames(t *testing.T) {
	for _, names := range [][]string{{"desk.blue.example"}, {"192.0.2.7"}, {"desk.blue.example", "2001:db8::7"}} {
		a, cert := made(t, names...)
		for _, other := range []string{"bank.example", "blue.example", "198.51.100.1", "2001:db8::8"} {
			if err := Vouches(cert, []string{other}); err == nil {
				t.Errorf("%v vouches for %s", names, other)
			}
			if _, err := a.issue([]string{other}, time.Now()); err == nil {
				t.Errorf("%v issues for %s", names, other)
			}
			// A certificate made by hand with its key does not verify.
			key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			leaf := &x509.Certificate{Subject: pkix.Name{CommonName: other}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
			if ip := net.ParseIP(other); ip != nil {
				leaf.IPAddresses = []net.IP{ip}
			} else {
				leaf.DNSNames = []string{other}
			}
			der, err := x509.CreateCertificate(rand.Reader, leaf, a.cert, key.Public(), a.key)
			if err != nil {
				t.Fatal(err)
			}
			if leaf, err = x509.ParseCertificate(der); err != nil {
				t.Fatal(err)
			}
			if _, err := leaf.Verify(x509.VerifyOptions{Roots: pool(cert), DNSName: other}); err == nil {
				t.Errorf("%v: a certificate for %s verifies", names, other)
			}
		}
	}
}

func TestItIsRenewedByItself(t *testing.T) {
	a, cert := made(t, "desk.blue.example")
	now := time.Now()
	c, err := a.Config([]string{"desk.blue.example"}, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	get := func() *x509.Certificate {
		t.Helper()
		got, err := c.GetCertificate(nil)
		if err != nil {
			t.Fatal(err)
		}
		return got.Leaf
	}
	first := get()
	if lasts := first.NotAfter.Sub(now); lasts > leafLasts || lasts < leafLasts-time.Minute {
		t.Errorf("it lasts %v", lasts)
	}
	now = now.Add(leafRenewed - time.Hour)
	if !get().Equal(first) {
		t.Error("renewed early")
	}
	now = now.Add(2 * time.Hour)
	second := get()
	if second.Equal(first) || !second.NotAfter.After(first.NotAfter) {
		t.Error("not renewed")
	}
	if _, err := second.Verify(x509.VerifyOptions{Roots: pool(cert), DNSName: "desk.blue.example", CurrentTime: now}); err != nil {
		t.Error(err)
	}
	// None outlasts the authority, and after its end none is made.
	now = cert.NotAfter.Add(-time.Hour)
	if last := get(); last.NotAfter.After(cert.NotAfter) {
		t.Error("it outlasts the authority")
	}
	now = cert.NotAfter.Add(leafLasts)
	if _, err := c.GetCertificate(nil); err == nil || !strings.Contains(err.Error(), "--again") {
		t.Errorf("after the authority's end: %v", err)
	}
}

func TestACertificateOfOnesOwn(t *testing.T) {
	a, cert := made(t, "desk.blue.example")
	dir := t.TempDir()
	certFile, keyFile := filepath.Join(dir, "c.pem"), filepath.Join(dir, "k.pem")
	now := time.Now()
	bring := func() *x509.Certificate {
		t.Helper()
		leaf, err := a.issue([]string{"desk.blue.example"}, now)
		if err != nil {
			t.Fatal(err)
		}
		der, err := x509.MarshalPKCS8PrivateKey(leaf.PrivateKey)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(os.WriteFile(certFile, PEM(leaf.Leaf), 0o644), os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600)); err != nil {
			t.Fatal(err)
		}
		return leaf.Leaf
	}
	first := bring()
	c, err := Brought(certFile, keyFile, []string{"desk.blue.example"}, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := shake(c, &tls.Config{RootCAs: pool(cert), ServerName: "desk.blue.example"}); err != nil {
		t.Fatal(err)
	}
	// It is replaced while the station runs; a broken one does not take the
	// place of one that still serves.
	second := bring()
	now = now.Add(2 * lookEvery)
	if got, err := c.GetCertificate(nil); err != nil || !got.Leaf.Equal(second) || got.Leaf.Equal(first) {
		t.Errorf("not taken up: %v", err)
	}
	if err := os.WriteFile(certFile, []byte("torn"), 0o644); err != nil {
		t.Fatal(err)
	}
	now = now.Add(2 * lookEvery)
	if got, err := c.GetCertificate(nil); err != nil || !got.Leaf.Equal(second) {
		t.Errorf("a torn file: %v", err)
	}
	now = second.NotAfter.Add(time.Hour)
	if _, err := c.GetCertificate(nil); err == nil {
		t.Error("an old certificate serves on")
	}
	now = time.Now()
	bring()
	if _, err := Brought(certFile, keyFile, []string{"other.example"}, time.Now); err == nil {
		t.Error("taken for a name it does not have")
	}
	if err := os.Chmod(keyFile, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Brought(certFile, keyFile, []string{"desk.blue.example"}, time.Now); err == nil || !strings.Contains(err.Error(), "0644") {
		t.Errorf("a key that others read: %v", err)
	}
}

func TestTheFingerprintIsTheBrowsers(t *testing.T) {
	_, cert := made(t, "desk.blue.example")
	f := Fingerprint(cert)
	if len(f) != 95 || strings.Count(f, ":") != 31 || strings.Trim(f, "0123456789ABCDEF:") != "" {
		t.Errorf("fingerprint %q", f)
	}
	if w := Spoken(cert); len(strings.Split(w.String(), "-")) != 12 {
		t.Errorf("words %q", w)
	}
	b, rest := pem.Decode(PEM(cert))
	if b == nil || len(rest) != 0 || string(b.Bytes) != string(cert.Raw) {
		t.Error("the file is not the certificate")
	}
}
