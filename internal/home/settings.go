// SPDX-License-Identifier: Apache-2.0

package home

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"path/filepath"
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
	Mark     string                  `toml:"mark,omitempty" comment:"folder on another disk for the high-water marks"`
	NoMark   bool                    `toml:"no_mark,omitempty" comment:"no high-water mark: after a start nothing is signed before the other side was heard"`
	Line     map[string]LineSettings `toml:"line,omitempty" comment:"by line id"`
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
	return s, s.check()
}

func (s *Settings) check() error {
	if _, err := identity.ParseParty(s.Party); err != nil {
		return fmt.Errorf("station.toml, party: %w", err)
	}
	if (s.Mark == "") != s.NoMark {
		return errors.New("station.toml: give the path of the high-water marks (mark) or say that there is none (no_mark = true)")
	}
	if s.Listen != "" {
		if _, _, err := net.SplitHostPort(s.Listen); err != nil {
			return fmt.Errorf("station.toml, listen: %w", err)
		}
	}
	for line, l := range s.Line {
		if _, err := identity.ParseLineID(line); err != nil {
			return fmt.Errorf("station.toml, line %q: %w", line, err)
		}
		for party, addrs := range l.Dial {
			if _, err := identity.ParseParty(party); err != nil {
				return fmt.Errorf("station.toml, line %s, dial: %w", line, err)
			}
			for _, a := range addrs {
				if _, _, err := net.SplitHostPort(a); err != nil {
					return fmt.Errorf("station.toml, line %s, dial %s: %w", line, party, err)
				}
			}
		}
	}
	return nil
}

// Format writes station.toml.
func (s Settings) Format() ([]byte, error) {
	if err := s.check(); err != nil {
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
