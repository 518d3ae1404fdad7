// SPDX-License-Identifier: Apache-2.0

package ca

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"
)

// source gives a certificate, and says until when it is not asked again.
type source func(now time.Time) (*tls.Certificate, time.Time, error)

// current is the certificate in use.
type current struct {
	now  func() time.Time
	from source
	mu   sync.Mutex
	cert *tls.Certificate
	till time.Time
}

// get gives the certificate in use, and a new one in time. If none can be had
// the one there is serves on for as long as it lasts.
func (c *current) get() (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	if c.cert != nil && now.Before(c.till) && !now.Before(c.cert.Leaf.NotBefore) {
		return c.cert, nil
	}
	cert, till, err := c.from(now)
	if err != nil {
		if c.cert != nil && now.Before(c.cert.Leaf.NotAfter) {
			c.till = now.Add(lookEvery)
			return c.cert, nil
		}
		return nil, err
	}
	c.cert, c.till = cert, till
	return cert, nil
}

// lookEvery is how often files that a party brings are looked at anew.
const lookEvery = time.Minute

// Config is the TLS of the console under the station's own authority.
func (a *Authority) Config(names []string, now func() time.Time) (*tls.Config, error) {
	return config(&current{now: now, from: func(at time.Time) (*tls.Certificate, time.Time, error) {
		cert, err := a.issue(names, at)
		return cert, at.Add(leafRenewed), err
	}})
}

// Brought is the TLS of the console under a certificate that the party brings.
// The files may be replaced while the station runs.
func Brought(certFile, keyFile string, names []string, now func() time.Time) (*tls.Config, error) {
	return config(&current{now: now, from: func(at time.Time) (*tls.Certificate, time.Time, error) {
		cert, err := load(certFile, keyFile, names, at)
		return cert, at.Add(lookEvery), err
	}})
}

func load(certFile, keyFile string, names []string, now time.Time) (*tls.Certificate, error) {
	info, err := os.Stat(keyFile)
	if err != nil {
		return nil, fmt.Errorf("console_key: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("console_key: %s has mode %04o: others than its owner may read it; change the key, or chmod 600 if you know", keyFile, info.Mode().Perm())
	}
	cert, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return nil, fmt.Errorf("console_cert: %w", err)
	}
	for _, n := range names {
		if err := cert.Leaf.VerifyHostname(n); err != nil {
			return nil, fmt.Errorf("console_cert is not for a name in console_names: %w", err)
		}
	}
	if now.After(cert.Leaf.NotAfter) {
		return nil, fmt.Errorf("console_cert ended on %s; bring a new one", cert.Leaf.NotAfter.UTC().Format(time.DateOnly))
	}
	return &cert, nil
}

func config(c *current) (*tls.Config, error) {
	if _, err := c.get(); err != nil {
		return nil, err
	}
	return &tls.Config{
		MinVersion: tls.VersionTLS13,
		// Go asks for the hybrid first of whoever knows it.
		CurvePreferences: []tls.CurveID{tls.X25519MLKEM768, tls.X25519, tls.CurveP256},
		GetCertificate:   func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.get() },
	}, nil
}

// Clients lets browsers show a certificate that one of these authorities
// issued, such as one on a smart card. Nobody has to.
func Clients(c *tls.Config, file string) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("console_clients: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(b) {
		return errors.New("console_clients: there is no certificate in " + file)
	}
	c.ClientAuth, c.ClientCAs = tls.VerifyClientCertIfGiven, pool
	return nil
}
