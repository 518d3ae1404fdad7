// SPDX-License-Identifier: Apache-2.0

package passkey

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"openline/internal/keys"
)

// How long a challenge waits, and how many wait at a time.
const (
	challengeLasts = 5 * time.Minute
	maxChallenges  = 2000
)

// Answers to those who are turned away.
var (
	ErrChallenge = errors.New("this was not asked, or long ago, or was answered before")
	ErrNone      = errors.New("no passkey of this station opens")
	ErrRevoked   = errors.New("this passkey is revoked")
	ErrCopied    = errors.New("this passkey's counter did not rise: there may be a copy of it")
	ErrMany      = fmt.Errorf("a person has at most %d passkeys; give one up first", maxEach)
)

// Desk makes and checks passkeys for one name. It is safe for concurrent use.
type Desk struct {
	Dir
	party   string
	now     func() time.Time
	web     *webauthn.WebAuthn
	mu      sync.Mutex
	waiting map[string]challenge
}

type challenge struct {
	session webauthn.SessionData
	forWhat string
	till    time.Time
}

// Name is the name passkeys can be for, of the origins people open the
// console by: "" if none can, as for an address in digits.
func Name(origins []string) string {
	if len(origins) == 0 {
		return ""
	}
	u, err := url.Parse(origins[0])
	if err != nil || net.ParseIP(u.Hostname()) != nil || u.Scheme != "https" && u.Hostname() != "localhost" {
		return ""
	}
	return u.Hostname()
}

// New makes a desk for the name of the first origin.
func New(dir Dir, party string, origins []string, now func() time.Time) (*Desk, error) {
	name := Name(origins)
	if name == "" {
		return nil, errors.New("passkeys need a name, over TLS or localhost")
	}
	web, err := webauthn.New(&webauthn.Config{
		RPID: name, RPDisplayName: "openline, " + party, RPOrigins: origins[:1], AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: protocol.ResidentKeyRequired(), UserVerification: protocol.VerificationRequired,
		},
	})
	if err != nil {
		return nil, err
	}
	return &Desk{Dir: dir, party: party, now: now, web: web, waiting: map[string]challenge{}}, nil
}

// user is a person as the library asks for one.
type user struct {
	handle []byte
	name   string
	list   []webauthn.Credential
}

func (u *user) WebAuthnID() []byte                         { return u.handle }
func (u *user) WebAuthnName() string                       { return u.name }
func (u *user) WebAuthnDisplayName() string                { return u.name }
func (u *user) WebAuthnCredentials() []webauthn.Credential { return u.list }

// handle is what an authenticator keeps for a person: no name.
func (d *Desk) handle(person string) []byte {
	h := sha256.Sum256([]byte("openline console person\n" + d.party + "\n" + person))
	return h[:]
}

func (d *Desk) ask(s *webauthn.SessionData, forWhat string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.now()
	if len(d.waiting) >= maxChallenges {
		for k, c := range d.waiting {
			if now.After(c.till) {
				delete(d.waiting, k)
			}
		}
	}
	if len(d.waiting) >= maxChallenges {
		clear(d.waiting) // everybody asks anew rather than memory growing
	}
	d.waiting[s.Challenge] = challenge{*s, forWhat, now.Add(challengeLasts)}
}

// take gives a challenge once.
func (d *Desk) take(text, forWhat string) (webauthn.SessionData, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	c, ok := d.waiting[text]
	delete(d.waiting, text)
	if !ok || c.forWhat != forWhat || d.now().After(c.till) {
		return webauthn.SessionData{}, ErrChallenge
	}
	return c.session, nil
}

// Ask asks whoever is there to show a passkey. forWhat holds the answer to
// what it was asked for.
func (d *Desk) Ask(forWhat string) (*protocol.CredentialAssertion, error) {
	options, session, err := d.web.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return nil, err
	}
	d.ask(session, forWhat)
	return options, nil
}

// Show checks the answer and gives the passkey that was shown. With an error
// it gives the passkey too, where one is known, so that it can be told whose
// was turned away.
func (d *Desk) Show(forWhat string, answer []byte) (*Passkey, error) {
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNone, err)
	}
	session, err := d.take(parsed.Response.CollectedClientData.Challenge, forWhat)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock() // two uses of one passkey are counted one after the other
	p, err := d.get(idOf(parsed.RawID))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNone
	}
	if err != nil {
		return nil, err
	}
	_, c, err := d.web.ValidatePasskeyLogin(func(_, handle []byte) (webauthn.User, error) {
		return &user{d.handle(p.Person), p.Person, []webauthn.Credential{p.Credential}}, nil
	}, session, parsed)
	switch {
	case err != nil:
		return p, fmt.Errorf("%w: %w", ErrNone, err)
	case p.Revoked:
		return p, ErrRevoked
	case p.Copied:
		return p, ErrCopied
	case c.Authenticator.CloneWarning:
		return p, errors.Join(ErrCopied, keys.WriteFile(d.path(p.ID, copied), nil))
	}
	p.Credential, p.Used = *c, d.now().UTC()
	return p, d.put(p)
}

// AskNew asks a person to make a passkey.
func (d *Desk) AskNew(person string) (*protocol.CredentialCreation, error) {
	list, err := d.List(person)
	if err != nil {
		return nil, err
	}
	if len(list) >= maxEach {
		return nil, ErrMany
	}
	var there []protocol.CredentialDescriptor
	for _, p := range list {
		there = append(there, p.Credential.Descriptor())
	}
	options, session, err := d.web.BeginRegistration(&user{d.handle(person), person, nil}, webauthn.WithExclusions(there))
	if err != nil {
		return nil, err
	}
	d.ask(session, "new "+person)
	return options, nil
}

// Make checks what a person made, and keeps it.
func (d *Desk) Make(person, label string, answer []byte) (*Passkey, error) {
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return nil, err
	}
	session, err := d.take(parsed.Response.CollectedClientData.Challenge, "new "+person)
	if err != nil {
		return nil, err
	}
	c, err := d.web.CreateCredential(&user{d.handle(person), person, nil}, session, parsed)
	if err != nil {
		return nil, err
	}
	if !c.Flags.UserVerified {
		return nil, errors.New("the person was not verified")
	}
	// What vouches for the maker of the authenticator is not asked for.
	c.Attestation = webauthn.CredentialAttestation{}
	d.mu.Lock()
	defer d.mu.Unlock()
	p := &Passkey{ID: idOf(c.ID), Person: person, Label: label, Made: d.now().UTC(), Credential: *c}
	if _, err := d.get(p.ID); !errors.Is(err, fs.ErrNotExist) {
		return nil, errors.Join(errors.New("this passkey is known here already"), err)
	}
	list, err := d.List(person)
	if err != nil {
		return nil, err
	}
	if len(slices.DeleteFunc(list, func(p *Passkey) bool { return p.Revoked })) >= maxEach {
		return nil, ErrMany
	}
	return p, d.put(p)
}

// Has reports whether a person has a passkey that opens.
func (d *Desk) Has(person string) (bool, error) {
	list, err := d.List(person)
	return slices.ContainsFunc(list, (*Passkey).Stands), err
}
