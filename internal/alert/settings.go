// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"openline/record"
)

// Settings is alerts.toml in the station's directory. Without the file the
// console rings and nothing is sent anywhere.
type Settings struct {
	Hook struct {
		Command []string `toml:"command"` // run without a shell
		Timeout string   `toml:"timeout"`
	} `toml:"hook"`
	Mail struct {
		Host         string `toml:"host"`
		Port         int    `toml:"port"`
		From         string `toml:"from"`
		User         string `toml:"user"`
		PasswordFile string `toml:"password_file"`
		TLS          string `toml:"tls"` // starttls, tls, none
	} `toml:"mail"`
	Webhook struct {
		SecretFile string `toml:"secret_file"` // of Standard Webhooks: whsec_ and base64
	} `toml:"webhook"`
	Ntfy struct {
		Topic     string `toml:"topic"` // https://ntfy.blue.example/watch
		TokenFile string `toml:"token_file"`
	} `toml:"ntfy"`
	Push struct {
		Contact string `toml:"contact"` // mailto:…; empty: no push
		Inside  bool   `toml:"inside"`  // push services at inner addresses are called too
	} `toml:"push"`
	Line   bool                  `toml:"tell_line"` // a rung may tell the other desk that nobody is at ours
	Ladder map[string]ladderText `toml:"ladder"`    // by precedence, in place of the usual one
}

type ladderText struct {
	Again string     `toml:"again"`
	Rung  []rungText `toml:"rung"`
}

type rungText struct {
	After string `toml:"after"`
	Way   string `toml:"way"`
	Call  string `toml:"call"`
}

const maxSettings = 64 << 10

// ReadSettings reads alerts.toml strictly; its errors name the line.
func ReadSettings(path string) (Settings, error) {
	var s Settings
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return s, err
	}
	if len(b) > maxSettings {
		return s, fmt.Errorf("alerts.toml has %d bytes; at most %d are read", len(b), maxSettings)
	}
	err = toml.NewDecoder(bytes.NewReader(b)).DisallowUnknownFields().Decode(&s)
	var strict *toml.StrictMissingError
	var de *toml.DecodeError
	switch {
	case errors.As(err, &strict) && len(strict.Errors) > 0:
		row, _ := strict.Errors[0].Position()
		return s, fmt.Errorf("alerts.toml line %d: unknown setting %s", row, strings.Join(strict.Errors[0].Key(), "."))
	case errors.As(err, &de):
		row, _ := de.Position()
		return s, fmt.Errorf("alerts.toml line %d: %v", row, de)
	}
	return s, err
}

// Plan is the usual ladder with what is written in place of it.
func (s Settings) Plan() (Plan, error) {
	p := DefaultPlan()
	for name, l := range s.Ladder {
		prec, err := record.ParsePrecedence(name)
		if err != nil {
			return p, fmt.Errorf("alerts.toml, ladder: %w", err)
		}
		if l.Again != "" {
			if p.Again[prec], err = parseLength(l.Again); err != nil {
				return p, fmt.Errorf("alerts.toml, ladder of %s, again: %w", name, err)
			}
		}
		if len(l.Rung) == 0 {
			continue
		}
		var rungs []Rung
		for i, r := range l.Rung {
			after, err := parseLength(r.After)
			if err != nil {
				return p, fmt.Errorf("alerts.toml, ladder of %s, rung %d: %w", name, i+1, err)
			}
			rungs = append(rungs, Rung{after, r.Way, r.Call})
		}
		p.Rungs[prec] = rungs
	}
	if err := p.Check(); err != nil {
		return p, fmt.Errorf("alerts.toml: %w", err)
	}
	return p, nil
}

func parseLength(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("write a length of time like 30s, 5m or 2h, not %.20q", s)
	}
	return d, nil
}

const (
	hookTimeout = 30 * time.Second
	tryTimeout  = 30 * time.Second
)

// Ways sets up what the settings name. subs is where the party keeps the
// browsers that may be called; it is used if push is set up.
func (s Settings) Ways(subs func() (*Subscriptions, error)) (Ways, error) {
	w := Ways{Line: s.Line, Hook: Hook{s.Hook.Command, hookTimeout}}
	var err error
	if s.Hook.Timeout != "" {
		if w.Hook.Timeout, err = parseLength(s.Hook.Timeout); err != nil {
			return w, fmt.Errorf("alerts.toml, hook: %w", err)
		}
	}
	password, err := secretIn(s.Mail.PasswordFile)
	if err != nil {
		return w, fmt.Errorf("alerts.toml, mail: %w", err)
	}
	w.Mailer = Mailer{Host: s.Mail.Host, Port: s.Mail.Port, From: s.Mail.From, User: s.Mail.User, Password: password, TLS: s.Mail.TLS, Timeout: tryTimeout}
	if w.Mailer.Host != "" && w.Mailer.From == "" {
		return w, errors.New("alerts.toml, mail: say from whom mail comes (from = \"watch@blue.example\")")
	}
	if w.Mailer.Port == 0 {
		w.Mailer.Port = map[string]int{"tls": 465, "none": 25}[s.Mail.TLS]
		if w.Mailer.Port == 0 {
			w.Mailer.Port = 587
		}
	}
	client := NewClient()
	w.Poster = Poster{Client: client, Topic: s.Ntfy.Topic, Timeout: tryTimeout}
	if w.Poster.Token, err = secretIn(s.Ntfy.TokenFile); err != nil {
		return w, fmt.Errorf("alerts.toml, ntfy: %w", err)
	}
	secret, err := secretIn(s.Webhook.SecretFile)
	if err == nil && secret != "" {
		w.Poster.Secret, err = base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	}
	if err != nil {
		return w, fmt.Errorf("alerts.toml, webhook: %w", err)
	}
	if s.Push.Contact != "" {
		w.Pusher = Pusher{Contact: s.Push.Contact, Client: outside(), Timeout: tryTimeout}
		if s.Push.Inside {
			w.Pusher.Client = client
		}
		if w.Pusher.Subs, err = subs(); err != nil {
			return w, fmt.Errorf("alerts.toml, push: %w", err)
		}
	}
	return w, nil
}

// secretIn reads a secret from a file of its own, which its owner alone reads.
func secretIn(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return "", fmt.Errorf("%s is readable by others; chmod 600 it", path)
	}
	b, err := os.ReadFile(path)
	return strings.TrimSpace(string(b)), err
}
