// SPDX-License-Identifier: Apache-2.0

package home

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"openline/identity"
	"openline/internal/keys"
	"openline/internal/store/sqlite"
)

// Errors a caller decides upon.
var (
	ErrNoStation = errors.New("there is no station here; make one with openline init")
	ErrThere     = errors.New("there is a station here already")
	ErrNoLine    = errors.New("no such line here")
)

// Home is an opened directory. It is not safe for concurrent use.
type Home struct {
	Dir      string
	Settings Settings
}

const (
	settingsFile  = "station.toml"
	defaultSocket = "openline.sock"
)

// Party is this party's name.
func (h *Home) Party() identity.Party { return identity.Party(h.Settings.Party) }

// Keys is the directory of sealed keys.
func (h *Home) Keys() keys.Dir { return keys.Dir(filepath.Join(h.Dir, "keys")) }

// Database is the path of the store.
func (h *Home) Database() string { return filepath.Join(h.Dir, databaseFile) }

// Socket is the path of the local interface.
func (h *Home) Socket() string { return h.path(h.Settings.Socket) }

// Alerts is the file that says how the watch is called.
func (h *Home) Alerts() string { return h.path("alerts.toml") }

// Browsers is where the browsers lie that asked to be called.
func (h *Home) Browsers() string { return h.path("browsers") }

// ConsoleLinks is where one-time links to the console lie.
func (h *Home) ConsoleLinks() string { return h.path("console") }

// Create makes a station's directory: settings, a new party key sealed under
// lock, and the party's card. It refuses with [ErrThere] where there is one.
func Create(dir string, s Settings, lock keys.Lock) (*Home, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if _, err := os.Lstat(filepath.Join(dir, settingsFile)); err == nil {
		return nil, fmt.Errorf("%w: %s", ErrThere, dir)
	}
	s.Socket = cmp.Or(s.Socket, defaultSocket)
	h := &Home{Dir: dir, Settings: s}
	text, err := s.Format()
	if err != nil {
		return nil, err
	}
	for _, d := range []string{"", "keys", "cards", "people", "lines"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o700); err != nil {
			return nil, err
		}
	}
	if s.Mark != "" {
		if err := os.MkdirAll(h.path(s.Mark), 0o700); err != nil {
			return nil, fmt.Errorf("the folder for the high-water marks: %w", err)
		}
	}
	secret := keys.NewParty()
	card, err := secret.SignPartyCard(h.Party(), s.Title)
	if err != nil {
		return nil, err
	}
	if err := h.Keys().AddParty(secret, lock); err != nil {
		return nil, err
	}
	if err := keys.WriteFile(filepath.Join(dir, "party.card"), card); err != nil {
		return nil, err
	}
	if err := sqlite.Create(h.Database()); err != nil {
		return nil, err
	}
	// Last, so that a directory with settings is a whole one.
	return h, keys.WriteFile(filepath.Join(dir, settingsFile), text)
}

// Open opens a station's directory.
func Open(dir string) (*Home, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	b, err := readFile(filepath.Join(dir, settingsFile), maxSettings)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s", ErrNoStation, dir)
	} else if err != nil {
		return nil, err
	}
	s, err := ParseSettings(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	s.Socket = cmp.Or(s.Socket, defaultSocket)
	return &Home{Dir: dir, Settings: s}, nil
}

// PartyKeyPath is where the party's key lies unless it was carried off.
func (h *Home) PartyKeyPath() string { return filepath.Join(string(h.Keys()), keys.PartyFile) }

// readFile reads a regular file of at most max bytes.
func readFile(path string, max int) ([]byte, error) {
	// Without O_NONBLOCK a pipe in the file's place would wait for ever.
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(fmt.Errorf("%s is not a regular file", path), err, f.Close())
	}
	b, err := io.ReadAll(io.LimitReader(f, int64(max)+1))
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	if len(b) > max {
		return nil, fmt.Errorf("%s is larger than %d bytes", path, max)
	}
	return b, nil
}

// addFile writes a file that must not be there yet; one with the very same
// content is.
func addFile(path string, b []byte) error {
	old, err := readFile(path, len(b))
	switch {
	case err == nil && string(old) == string(b):
		return nil
	case !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s is there already, with another content", path)
	}
	return keys.WriteFile(path, b)
}

// names lists the files of a folder that begin and end so, without both.
func names(dir, prefix, suffix string) ([]string, error) {
	list, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range list {
		n, ok := strings.CutPrefix(e.Name(), prefix)
		if !ok {
			continue
		}
		if n, ok = strings.CutSuffix(n, suffix); ok && n != "" {
			out = append(out, n)
		}
	}
	return out, nil
}

// HasPartyKey reports whether the party's key lies in the directory.
func (h *Home) HasPartyKey() bool {
	_, err := os.Lstat(h.PartyKeyPath())
	return err == nil
}
