// SPDX-License-Identifier: Apache-2.0

// Package oidc lets an issuer the party trusts say who enters the console
// (OpenID Connect, authorization code with PKCE).
//
// Invariants:
//
//   - The issuer says who somebody is; what they may do here the roll says.
//   - A return is taken once, in the browser it was begun in, within minutes.
//   - The station starts and runs without the issuer. What was learned of it
//     (its addresses, its keys) is kept while it does not answer.
//   - Whoever the issuer let in long ago has not shown now that it is them.
//
// Specification: OpenID Connect Core 1.0; RFC 7636; RFC 9700.
package oidc

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	oidc "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

const (
	flowLasts = 10 * time.Minute
	maxFlows  = 2000
	patience  = 10 * time.Second
	maxAnswer = 1 << 20 // bytes of an answer of the issuer
)

// ErrFlow is the answer to a return that was not begun here, or not in this
// browser, or long ago, or was taken before.
var ErrFlow = errors.New("this was not begun in this browser, or long ago")

// Config is what an issuer is known by.
type Config struct {
	Issuer, Client, Secret string
	Claim                  string // which claim names a person; empty: sub
	CA                     string // file of the authority of its certificate; empty: the system's
	Return                 string // our address it leads back to
	Now                    func() time.Time
}

// Issuer lets people enter by one issuer. It is safe for concurrent use.
type Issuer struct {
	cfg    Config
	client *http.Client

	mu       sync.Mutex
	provider *oidc.Provider // what was learned of it
	flows    map[string]flow
}

type flow struct {
	browser  [32]byte
	nonce    string
	verifier string
	role     string
	again    bool
	till     time.Time
}

// New makes an issuer. It is not asked anything yet.
func New(cfg Config) (*Issuer, error) {
	if cfg.Claim == "" {
		cfg.Claim = "sub"
	}
	t := &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}, TLSHandshakeTimeout: patience, ResponseHeaderTimeout: patience, IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true}
	if cfg.CA != "" {
		b, err := os.ReadFile(cfg.CA)
		if err != nil {
			return nil, fmt.Errorf("console_oidc: ca: %w", err)
		}
		t.TLSClientConfig.RootCAs = x509.NewCertPool()
		if !t.TLSClientConfig.RootCAs.AppendCertsFromPEM(b) {
			return nil, errors.New("console_oidc: ca: there is no certificate in " + cfg.CA)
		}
	}
	return &Issuer{cfg: cfg, flows: map[string]flow{}, client: &http.Client{
		Transport: bounded{t}, Timeout: patience, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// bounded reads no more of an answer than it should have.
type bounded struct{ http.RoundTripper }

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	a, err := b.RoundTripper.RoundTrip(r)
	if err == nil {
		a.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(a.Body, maxAnswer), a.Body}
	}
	return a, err
}

// learn asks the issuer for its addresses, once.
func (i *Issuer) learn() (*oidc.Provider, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.provider != nil {
		return i.provider, nil
	}
	// Its keys are fetched later with this context, which must not end.
	p, err := oidc.NewProvider(oidc.ClientContext(context.Background(), i.client), i.cfg.Issuer)
	if err != nil {
		return nil, fmt.Errorf("the issuer does not answer: %w", err)
	}
	i.provider = p
	return p, nil
}

func (i *Issuer) oauth(p *oidc.Provider) *oauth2.Config {
	scopes := []string{oidc.ScopeOpenID}
	switch i.cfg.Claim {
	case "email":
		scopes = append(scopes, "email")
	case "preferred_username":
		scopes = append(scopes, "profile")
	}
	return &oauth2.Config{ClientID: i.cfg.Client, ClientSecret: i.cfg.Secret, Endpoint: p.Endpoint(), RedirectURL: i.cfg.Return, Scopes: scopes}
}

// Begin gives where to send a browser, and what it shall keep meanwhile. again
// asks the issuer to look at the person anew.
func (i *Issuer) Begin(role string, again bool) (to, browser string, err error) {
	p, err := i.learn()
	if err != nil {
		return "", "", err
	}
	browser = rand.Text()
	state := rand.Text()
	f := flow{sha256.Sum256([]byte(browser)), rand.Text(), oauth2.GenerateVerifier(), role, again, i.cfg.Now().Add(flowLasts)}
	i.mu.Lock()
	defer i.mu.Unlock()
	if len(i.flows) >= maxFlows {
		clear(i.flows) // everybody begins anew rather than memory growing
	}
	i.flows[state] = f
	options := []oauth2.AuthCodeOption{oauth2.S256ChallengeOption(f.verifier), oidc.Nonce(f.nonce)}
	if again {
		options = append(options, oauth2.SetAuthURLParam("prompt", "login"), oauth2.SetAuthURLParam("max_age", "0"))
	}
	return i.oauth(p).AuthCodeURL(state, options...), browser, nil
}

// Said is what the issuer said of whoever came back.
type Said struct {
	Claim string    // of the person
	Role  string    // that was asked for
	Again bool      // somebody sits here already and shows that it is them
	At    time.Time // when the issuer saw the person; zero: it does not say
}

func (i *Issuer) take(state, browser string) (flow, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	f, ok := i.flows[state]
	sum := sha256.Sum256([]byte(browser))
	if !ok || subtle.ConstantTimeCompare(sum[:], f.browser[:]) != 1 {
		return flow{}, ErrFlow // another browser does not use it up
	}
	delete(i.flows, state)
	if i.cfg.Now().After(f.till) {
		return flow{}, ErrFlow
	}
	return f, nil
}

// Finish takes what a browser brought back.
func (i *Issuer) Finish(ctx context.Context, state, browser, code string) (Said, error) {
	f, err := i.take(state, browser)
	if err != nil {
		return Said{}, err
	}
	p, err := i.learn()
	if err != nil {
		return Said{}, err
	}
	ctx, cancel := context.WithTimeout(oidc.ClientContext(ctx, i.client), patience)
	defer cancel()
	token, err := i.oauth(p).Exchange(ctx, code, oauth2.VerifierOption(f.verifier))
	if err != nil {
		var denied *oauth2.RetrieveError
		if errors.As(err, &denied) {
			return Said{}, fmt.Errorf("the issuer gives no token: %.60s", denied.ErrorCode)
		}
		return Said{}, fmt.Errorf("the issuer gives no token: %w", err)
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return Said{}, errors.New("the issuer says nothing of the person")
	}
	id, err := p.Verifier(&oidc.Config{ClientID: i.cfg.Client, Now: i.cfg.Now, SupportedSigningAlgs: []string{oidc.RS256, oidc.ES256, oidc.ES384, oidc.PS256, oidc.EdDSA}}).Verify(ctx, raw)
	if err != nil {
		return Said{}, err
	}
	if subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(f.nonce)) != 1 {
		return Said{}, errors.New("the issuer's word is for another entering")
	}
	return i.said(ctx, f, id, p, token)
}

func (i *Issuer) said(ctx context.Context, f flow, id *oidc.IDToken, p *oidc.Provider, token *oauth2.Token) (Said, error) {
	var c struct {
		Email    string `json:"email"`
		Verified bool   `json:"email_verified"`
		Name     string `json:"preferred_username"`
		At       int64  `json:"auth_time"`
	}
	if err := id.Claims(&c); err != nil {
		return Said{}, err
	}
	// Many issuers say no more than the subject at first, and the rest if asked.
	if i.cfg.Claim == "email" && c.Email == "" || i.cfg.Claim == "preferred_username" && c.Name == "" {
		u, err := p.UserInfo(ctx, oauth2.StaticTokenSource(token))
		if err != nil {
			return Said{}, fmt.Errorf("the issuer says nothing more of the person: %w", err)
		}
		if u.Subject != id.Subject {
			return Said{}, errors.New("the issuer speaks of two persons")
		}
		at := c.At
		if err := u.Claims(&c); err != nil {
			return Said{}, err
		}
		c.At = at
	}
	s := Said{Claim: id.Subject, Role: f.role, Again: f.again}
	switch i.cfg.Claim {
	case "email":
		if !c.Verified {
			return Said{}, errors.New("the issuer has not verified the address")
		}
		s.Claim = strings.ToLower(c.Email)
	case "preferred_username":
		s.Claim = c.Name
	}
	if c.At > 0 {
		s.At = time.Unix(c.At, 0)
	}
	return s, nil
}
