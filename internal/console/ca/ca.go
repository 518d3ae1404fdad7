// SPDX-License-Identifier: Apache-2.0

package ca

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"openline/identity"
	"openline/internal/keys"
)

// How long certificates last. One of a server is renewed when a third is left.
const (
	authorityLasts = 10 * 365 * 24 * time.Hour
	leafLasts      = 90 * 24 * time.Hour
	leafRenewed    = 60 * 24 * time.Hour
	early          = time.Hour // clocks of browsers may lag
)

// The files of an authority.
const (
	CertFile = "ca.crt"
	keyFile  = "ca.key"
)

// ErrNone is the answer where no authority was made.
var ErrNone = errors.New("this station has no authority for its console yet; make one: openline console ca")

// Authority is a station's own certification authority, opened.
type Authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// Create makes an authority for these names in a folder, sealed under lock, in
// the place of one that may be there.
func Create(dir, party string, names []string, lock keys.Lock, now time.Time) (*x509.Certificate, error) {
	if len(names) == 0 {
		return nil, errors.New("an authority needs the names it vouches for; write console_names in station.toml")
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	t := &x509.Certificate{
		Subject:   pkix.Name{Organization: []string{party}, CommonName: "openline console of " + party + ", " + now.UTC().Format(time.DateOnly)},
		NotBefore: now.Add(-early), NotAfter: now.Add(authorityLasts),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	constrain(t, names)
	der, err := x509.CreateCertificate(rand.Reader, t, t, key.Public(), key)
	if err != nil {
		return nil, err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	sealed, err := lock.Seal(string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})))
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	if err := keys.WriteFile(filepath.Join(dir, keyFile), sealed); err != nil {
		return nil, err
	}
	// Last: an authority is there once its certificate is.
	if err := keys.WriteFile(filepath.Join(dir, CertFile), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})); err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

// constrain binds an authority to names: what is not permitted is excluded,
// also the kind of name of which there is none.
func constrain(t *x509.Certificate, names []string) {
	t.PermittedDNSDomainsCritical = true
	for _, n := range names {
		if ip := net.ParseIP(n); ip != nil {
			t.PermittedIPRanges = append(t.PermittedIPRanges, alone(ip))
		} else {
			t.PermittedDNSDomains = append(t.PermittedDNSDomains, n)
		}
	}
	if len(t.PermittedDNSDomains) == 0 {
		t.PermittedDNSDomains = []string{"invalid"} // RFC 6761: nobody's
	}
	if len(t.PermittedIPRanges) == 0 {
		t.ExcludedIPRanges = []*net.IPNet{{IP: net.IPv4zero.To4(), Mask: net.CIDRMask(0, 32)}, {IP: net.IPv6zero, Mask: net.CIDRMask(0, 128)}}
	}
}

func alone(ip net.IP) *net.IPNet {
	if v4 := ip.To4(); v4 != nil {
		return &net.IPNet{IP: v4, Mask: net.CIDRMask(32, 32)}
	}
	return &net.IPNet{IP: ip, Mask: net.CIDRMask(128, 128)}
}

// Read reads an authority's certificate; [ErrNone] where there is none.
func Read(dir string) (*x509.Certificate, error) {
	b, err := os.ReadFile(filepath.Join(dir, CertFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNone
	}
	if err != nil {
		return nil, err
	}
	p, _ := pem.Decode(b)
	if p == nil || p.Type != "CERTIFICATE" {
		return nil, fmt.Errorf("%s holds no certificate; bring it back, or make a new authority: openline console ca --again", filepath.Join(dir, CertFile))
	}
	return x509.ParseCertificate(p.Bytes)
}

// Open opens an authority.
func Open(dir string, lock keys.Lock) (*Authority, error) {
	cert, err := Read(dir)
	if err != nil {
		return nil, err
	}
	text, err := lock.OpenFile(filepath.Join(dir, keyFile))
	if err != nil {
		return nil, fmt.Errorf("the key of the console's authority: %w", err)
	}
	p, _ := pem.Decode([]byte(text))
	if p == nil {
		return nil, errors.New("the key of the console's authority is not one; make a new authority: openline console ca --again")
	}
	k, err := x509.ParsePKCS8PrivateKey(p.Bytes)
	if err != nil {
		return nil, fmt.Errorf("the key of the console's authority: %w", err)
	}
	key, ok := k.(*ecdsa.PrivateKey)
	if !ok || !key.PublicKey.Equal(cert.PublicKey) {
		return nil, errors.New("the key of the console's authority belongs to another certificate; make a new authority: openline console ca --again")
	}
	return &Authority{cert, key}, nil
}

// Vouches reports whether an authority was made for every one of these names.
func Vouches(cert *x509.Certificate, names []string) error {
	for _, n := range names {
		ok := slices.Contains(cert.PermittedDNSDomains, n)
		if ip := net.ParseIP(n); ip != nil {
			ok = slices.ContainsFunc(cert.PermittedIPRanges, func(r *net.IPNet) bool { return r.Contains(ip) })
		}
		if !ok {
			return fmt.Errorf("the console's authority was not made for the name %q; make a new one (openline console ca --again) and let everybody import it", n)
		}
	}
	return nil
}

// issue makes a server's certificate. Its key is in memory alone.
func (a *Authority) issue(names []string, now time.Time) (*tls.Certificate, error) {
	if err := Vouches(a.cert, names); err != nil {
		return nil, err
	}
	if now.After(a.cert.NotAfter) {
		return nil, fmt.Errorf("the console's authority ended on %s; make a new one (openline console ca --again) and let everybody import it", a.cert.NotAfter.UTC().Format(time.DateOnly))
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	t := &x509.Certificate{
		Subject: pkix.Name{Organization: a.cert.Subject.Organization}, NotBefore: now.Add(-early), NotAfter: now.Add(leafLasts),
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if t.NotAfter.After(a.cert.NotAfter) {
		t.NotAfter = a.cert.NotAfter
	}
	for _, n := range names {
		if ip := net.ParseIP(n); ip != nil {
			t.IPAddresses = append(t.IPAddresses, ip)
		} else {
			t.DNSNames = append(t.DNSNames, n)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, t, a.cert, key.Public(), a.key)
	if err != nil {
		return nil, err
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return &tls.Certificate{Certificate: [][]byte{der, a.cert.Raw}, PrivateKey: key, Leaf: leaf}, nil
}

// Fingerprint is how browsers show a certificate: SHA-256, in hexadecimal.
func Fingerprint(cert *x509.Certificate) string {
	sum := sha256.Sum256(cert.Raw)
	return strings.ReplaceAll(fmt.Sprintf("% X", sum[:]), " ", ":")
}

// Spoken is the same digest as it is read aloud.
func Spoken(cert *x509.Certificate) identity.Fingerprint {
	var f identity.Fingerprint
	sum := sha256.Sum256(cert.Raw)
	copy(f[:], sum[:])
	f[len(f)-1] &= 0xf0 // twelve words are 132 bits
	return f
}

// PEM is a certificate as it is imported.
func PEM(cert *x509.Certificate) []byte {
	var b bytes.Buffer
	_ = pem.Encode(&b, &pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw}) // a buffer takes everything
	return b.Bytes()
}
