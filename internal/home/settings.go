// SPDX-License-Identifier: Apache-2.0

package home

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"net"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"openline/identity"
)

// Settings is station.toml. Paths are relative to the directory unless they
// are absolute.
type Settings struct {
	Party    string                  `toml:"party"`
	Title    string                  `toml:"title"`
	Language string                  `toml:"language" comment:"of this desk: renderings, the brief"`
	Listen   string                  `toml:"listen" comment:"where other stations dial, host:port; empty: this station only dials"`
	Socket   string                  `toml:"socket" comment:"the local interface, for this account alone"`
	Console  string                  `toml:"console,omitempty" comment:"where the web console is served, 127.0.0.1:port; elsewhere over TLS, by names; empty: nowhere"`
	Mark     string                  `toml:"mark,omitempty" comment:"folder on another disk for the high-water marks"`
	NoMark   bool                    `toml:"no_mark,omitempty" comment:"no high-water mark: after a start nothing is signed before the other side was heard"`
	Line     map[string]LineSettings `toml:"line,omitempty" comment:"by line id"`

	Translate      string        `toml:"translate,omitempty" comment:"a translation service that may draft for the translators (LibreTranslate's interface), as http://127.0.0.1:5000"`
	ConsoleNames   []string      `toml:"console_names,omitempty" comment:"names by which people open the console, over TLS; passkeys are for the first"`
	ConsoleCert    string        `toml:"console_cert,omitempty" comment:"certificate of your own for these names; empty: by the station's own authority"`
	ConsoleKey     string        `toml:"console_key,omitempty"`
	ConsoleClients string        `toml:"console_clients,omitempty" comment:"authorities whose certificates people may enter by (smart cards)"`
	ConsoleOIDC    *OIDCSettings `toml:"console_oidc,omitempty" comment:"who else may vouch for a person"`
}

// LineSettings is what a station needs to know of one line beyond its
// agreement.
type LineSettings struct {
	Dial map[string][]string `toml:"dial" comment:"addresses of the other parties, host:port"`
}

const maxSettings = 256 << 10

// ParseSettings reads station.toml strictly. Its errors name the line.
func ParseSettings(b []byte) (Settings, error) {
	var s Settings
	if len(b) > maxSettings {
		return s, fmt.Errorf("station.toml has %d bytes; at most %d are read", len(b), maxSettings)
	}
	err := toml.NewDecoder(bytes.NewReader(b)).DisallowUnknownFields().Decode(&s)
	var strict *toml.StrictMissingError
	var de *toml.DecodeError
	switch {
	case errors.As(err, &strict) && len(strict.Errors) > 0:
		row, _ := strict.Errors[0].Position()
		return s, fmt.Errorf("station.toml line %d: unknown setting %s", row, strings.Join(strict.Errors[0].Key(), "."))
	case errors.As(err, &de):
		row, _ := de.Position()
		return s, fmt.Errorf("station.toml line %d: %v", row, de)
	case err != nil:
		return s, fmt.Errorf("station.toml: %w", err)
	}
	if at, err := s.check(); err != nil {
		return s, at.fault(string(b), err)
	}
	return s, nil
}

// place is where in station.toml a fault is.
type place struct{ table, key string }

// fault names the line, if the place is written the usual way.
func (p place) fault(text string, err error) error {
	table, n := "", 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSpace(line)
		key, _, isKey := strings.Cut(line, "=")
		switch {
		case strings.HasPrefix(line, "["):
			if table = strings.Map(unquoted, strings.Trim(line, "[] ")); table == p.table && p.key == "" {
				return fmt.Errorf("station.toml line %d: %w", n, err)
			}
		case isKey && table == p.table && strings.Map(unquoted, strings.TrimSpace(key)) == p.key:
			return fmt.Errorf("station.toml line %d: %w", n, err)
		}
	}
	return fmt.Errorf("station.toml: %w", err)
}

func unquoted(r rune) rune {
	if r == '"' || r == '\'' {
		return -1
	}
	return r
}

func (s *Settings) check() (place, error) {
	if _, err := identity.ParseParty(s.Party); err != nil {
		return place{"", "party"}, fmt.Errorf("party: %w", err)
	}
	if (s.Mark == "") != s.NoMark {
		return place{"", "mark"}, errors.New("give the path of the high-water marks (mark) or say that there is none (no_mark = true)")
	}
	if s.Listen != "" {
		if _, _, err := net.SplitHostPort(s.Listen); err != nil {
			return place{"", "listen"}, fmt.Errorf("listen: %w", err)
		}
	}
	if key, err := s.checkConsole(); err != nil {
		if key == "" {
			return place{"console_oidc", ""}, err
		}
		return place{"", key}, err
	}
	for _, line := range slices.Sorted(maps.Keys(s.Line)) {
		if _, err := identity.ParseLineID(line); err != nil {
			return place{"line." + line + ".dial", ""}, fmt.Errorf("line %q: %w", line, err)
		}
		if at, err := s.Line[line].check(line); err != nil {
			return at, err
		}
	}
	return place{}, nil
}

func (l LineSettings) check(line string) (place, error) {
	for _, party := range slices.Sorted(maps.Keys(l.Dial)) {
		at := place{"line." + line + ".dial", party}
		if _, err := identity.ParseParty(party); err != nil {
			return at, fmt.Errorf("line %s, dial: %w", line, err)
		}
		for _, a := range l.Dial[party] {
			if _, _, err := net.SplitHostPort(a); err != nil {
				return at, fmt.Errorf("line %s, dial %s: %w", line, party, err)
			}
		}
	}
	return place{}, nil
}

// Format writes station.toml.
func (s Settings) Format() ([]byte, error) {
	if _, err := s.check(); err != nil {
		return nil, err
	}
	return toml.Marshal(s)
}

func (h *Home) path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(h.Dir, name)
}
