// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"bytes"
	"errors"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// Fault is what is wrong with a TOML text, and where: Line counts from 1 and
// is 0 when unknown, Field is the key as far as it is known.
type Fault struct {
	Line       int
	Field, Msg string
}

// ReadTOML reads a text strictly: a field that is not in the type it is read
// into is a fault. The agreement, which names a catalogue, reads by it too.
func ReadTOML(b []byte, into any) *Fault {
	err := toml.NewDecoder(bytes.NewReader(b)).DisallowUnknownFields().Decode(into)
	var unknown *toml.StrictMissingError
	var wrong *toml.DecodeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &unknown) && len(unknown.Errors) > 0:
		row, _ := unknown.Errors[0].Position()
		return &Fault{row, Brief(strings.Join(unknown.Errors[0].Key(), ".")), "there is no such field"}
	case errors.As(err, &wrong):
		row, _ := wrong.Position()
		msg := strings.TrimPrefix(wrong.Error(), "toml: ")
		if what, ok := strings.CutPrefix(msg, "cannot decode TOML "); ok {
			what, _, _ = strings.Cut(what, " ")
			msg = "a TOML " + what + " stands where another type belongs"
		}
		return &Fault{row, Brief(strings.Join(wrong.Key(), ".")), Brief(msg)}
	}
	return &Fault{Msg: Brief(err.Error())}
}

// Brief keeps a message from growing with what it complains of, and to one
// line.
func Brief(s string) string {
	const most = 300
	s = strings.ReplaceAll(s, "\n", " ")
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
