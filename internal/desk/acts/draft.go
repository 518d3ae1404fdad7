// SPDX-License-Identifier: Apache-2.0

package acts

import (
	"maps"
	"slices"
	"strings"
)

// Draft is something a file proposes to be said. It is shown first, and said
// by a person or not at all.
type Draft struct {
	Code   string            `json:"code"`
	Re     string            `json:"re,omitempty"`
	Params map[string]string `json:"params"`
	Status string            `json:"status,omitempty"` // exercise or test, where the file says so
	Why    string            `json:"why"`              // what in the file proposes it
}

// Line is the command that says the draft, as a person would type it.
func (d Draft) Line(line string) string {
	words := []string{"openline say", line, d.Code}
	if d.Re != "" {
		words = append(words, "ref="+d.Re)
	}
	for _, name := range slices.Sorted(maps.Keys(d.Params)) {
		words = append(words, name+"="+quoted(d.Params[name]))
	}
	if d.Status != "" {
		words = append(words, "status="+d.Status)
	}
	return strings.Join(words, " ")
}

// quoted is a word as a shell takes it.
func quoted(s string) string {
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.:/,+_") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
