// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"openline/identity"
	"openline/identity/secret"
	"openline/internal/home"
	"openline/internal/keys"
)

// Names of the environment.
const (
	envParty   = "OPENLINE_PARTY_SECRET"
	envStation = "OPENLINE_SECRET"
	envPerson  = "OPENLINE_PERSON_SECRET" // or with _NAME behind it
)

// secretFlags say where passphrases and unattended secrets come from.
type secretFlags struct {
	file, partyFile string
	fd              int
	partyKey        string
	source          io.Reader // of fd, once opened
}

// stationFlags are those of a command that opens or makes station keys.
func (f *secretFlags) stationFlags(c *cobra.Command) {
	f.fd = -1
	c.Flags().StringVar(&f.file, "secret-file", "", "file with the secret of the station's keys (or "+envStation+")")
	c.Flags().IntVar(&f.fd, "secret-fd", -1, "file descriptor to read secrets from, one a line: the party's first, then the station's, then persons'")
}

// partyFlags are those of a command that needs the party's key.
func (f *secretFlags) partyFlags(c *cobra.Command) {
	c.Flags().StringVar(&f.partyFile, "party-secret-file", "", "file with the secret of the party's key (or "+envParty+")")
	c.Flags().StringVar(&f.partyKey, "party-key", "", "the party's key, where it was carried off (default: keys/party.key)")
}

// source is where a secret comes from; a flag goes before the environment.
func (a *app) source(env, file string) keys.Source {
	s := keys.Source{File: file}
	if file == "" {
		s.Env = a.io.getenv(env)
	}
	if s.Env == "" && s.File == "" && a.secrets.fd >= 0 {
		if a.secrets.source == nil {
			a.secrets.source = a.io.in
			if a.secrets.fd > 0 {
				a.secrets.source = os.NewFile(uintptr(a.secrets.fd), "secret")
			}
		}
		s.FD = a.secrets.source
	}
	s.Prompt = func(whatFor string) (string, error) { return a.prompt(whatFor, env) }
	return s
}

// prompt asks a person, where a person is there.
func (a *app) prompt(whatFor, env string) (string, error) {
	f, ok := a.io.in.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return "", fmt.Errorf("%w; set %s, or run it in a terminal", keys.ErrNoSecret, env)
	}
	fmt.Fprintf(a.io.err, "Passphrase for %s: ", whatFor)
	b, err := term.ReadPassword(int(f.Fd()))
	fmt.Fprintln(a.io.err)
	return string(b), err
}

// lock gets the lock of something that exists or is made.
func (a *app) lock(env, file, whatFor string, fresh bool) (keys.Lock, error) {
	s := a.source(env, file)
	text, err := s.Secret(whatFor)
	if err != nil {
		return keys.Lock{}, err
	}
	if fresh && !s.Unattended() {
		again, err := s.Secret(whatFor + ", again")
		if err != nil {
			return keys.Lock{}, err
		}
		if again != text {
			return keys.Lock{}, errors.New("the two passphrases differ; nothing was changed")
		}
	}
	l, err := keys.From(text)
	if err != nil {
		return keys.Lock{}, fmt.Errorf("secret for %s: %w", whatFor, err)
	}
	return l, nil
}

func (a *app) partyLock(fresh bool) (keys.Lock, error) {
	return a.lock(envParty, a.secrets.partyFile, "the party's key", fresh)
}

func (a *app) stationLock(fresh bool) (keys.Lock, error) {
	return a.lock(envStation, a.secrets.file, "the station's keys", fresh)
}

// party opens the party's key wherever it lies.
func (a *app) party(h *home.Home) (*secret.Party, error) {
	path := a.secrets.partyKey
	if path == "" {
		path = h.PartyKeyPath()
	}
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("the party's key is not at %s; name where it was carried to with --party-key", path)
	}
	l, err := a.partyLock(false)
	if err != nil {
		return nil, err
	}
	return keys.OpenParty(path, l)
}

// personEnv is the name under which one person's passphrase is given.
func personEnv(name string) string {
	return envPerson + "_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
}

func (a *app) personLock(name string, fresh bool) (keys.Lock, error) {
	env := personEnv(name)
	if a.io.getenv(env) == "" && a.io.getenv(envPerson) != "" {
		env = envPerson
	}
	return a.lock(env, "", "the key of "+name, fresh)
}

// signAs has one person sign an act with their own key.
func (a *app) signAs(name string, act identity.Act) ([]byte, error) {
	h, err := a.home()
	if err != nil {
		return nil, err
	}
	return a.signFor(h, name, act)
}

func (a *app) signFor(h *home.Home, name string, act identity.Act) ([]byte, error) {
	public, ok := h.Person(name)
	if !ok {
		return nil, fmt.Errorf("%.40q is not a person of this party; add them with openline people add", name)
	}
	l, err := a.personLock(name, false)
	if err != nil {
		return nil, err
	}
	secret, err := h.Keys().Person(name, l)
	if err != nil {
		return nil, err
	}
	if secret.Public() != public {
		return nil, fmt.Errorf("the key of %s is not the one in people/%s.pub; add the person anew under another name", name, name)
	}
	return secret.SignAct(act), nil
}
