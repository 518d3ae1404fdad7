// SPDX-License-Identifier: Apache-2.0

package keys

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// ErrNoSecret is the answer of a Source that holds nothing and has no one to
// ask.
var ErrNoSecret = errors.New("no passphrase or unattended secret was given")

const maxSecret = 4 << 10

// Source says where a passphrase or unattended secret comes from. The caller
// fills in what it was given; at most one of Env, File and FD. Prompt is
// asked when none of them is.
type Source struct {
	Env    string                               // the value of an environment variable
	File   string                               // the path of a file for its owner alone
	FD     io.Reader                            // an open file descriptor: one line for each secret asked of it
	Prompt func(whatFor string) (string, error) // asks a person, without echo
}

// Unattended reports whether the source asks no person.
func (s Source) Unattended() bool { return s.given() > 0 }

func (s Source) given() (n int) {
	for _, is := range []bool{s.Env != "", s.File != "", s.FD != nil} {
		if is {
			n++
		}
	}
	return n
}

// Lock gets the lock of what whatFor names, such as "the party's key".
func (s Source) Lock(whatFor string) (Lock, error) {
	text, err := s.Secret(whatFor)
	if err != nil {
		return Lock{}, err
	}
	l, err := From(text)
	if err != nil {
		return Lock{}, fmt.Errorf("secret for %s: %w", whatFor, err)
	}
	return l, nil
}

// Secret gets the text of it.
func (s Source) Secret(whatFor string) (string, error) {
	if s.given() > 1 {
		return "", fmt.Errorf("secret for %s: give it by one way only: environment, file or file descriptor", whatFor)
	}
	secret, err := s.read(whatFor)
	if err != nil {
		return "", fmt.Errorf("secret for %s: %w", whatFor, err)
	}
	if secret == "" {
		return "", fmt.Errorf("secret for %s: %w", whatFor, ErrNoSecret)
	}
	return secret, nil
}

func (s Source) read(whatFor string) (string, error) {
	switch {
	case s.Env != "":
		return trimLine(s.Env), nil
	case s.File != "":
		b, err := readPrivate(s.File, maxSecret)
		return trimLine(string(b)), err
	case s.FD != nil:
		return readLine(s.FD)
	case s.Prompt != nil:
		return s.Prompt(whatFor)
	}
	return "", ErrNoSecret
}

// trimLine takes off one line break, which editors and echo add; blanks
// belong to a passphrase.
func trimLine(s string) string { return strings.TrimSuffix(strings.TrimSuffix(s, "\n"), "\r") }

// readLine reads a byte at a time, so that the next line is still there for
// the next secret.
func readLine(r io.Reader) (string, error) {
	var line []byte
	for b := make([]byte, 1); len(line) <= maxSecret; {
		n, err := r.Read(b)
		if n == 1 && b[0] == '\n' {
			return trimLine(string(line)), nil
		}
		line = append(line, b[:n]...)
		if errors.Is(err, io.EOF) {
			return trimLine(string(line)), nil
		}
		if err != nil {
			return "", err
		}
	}
	return "", fmt.Errorf("the line is longer than %d bytes", maxSecret)
}
