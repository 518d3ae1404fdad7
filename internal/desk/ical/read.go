// SPDX-License-Identifier: Apache-2.0

package ical

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/emersion/go-ical"
)

// Bounds of a file that is read.
const (
	MaxFile   = 4 << 20
	maxLines  = 100_000
	maxParts  = 5_000
	maxRules  = 500
	maxLevels = 8
	maxLine   = 64 << 10
	maxParams = 2 << 10 // bytes before the value of a line
)

// Read parses one calendar.
func Read(file []byte) (cal *ical.Calendar, err error) {
	lines, err := unfold(file)
	if err != nil {
		return nil, err
	}
	if err := nested(lines); err != nil {
		return nil, err
	}
	// The parser gives way on parameters that end without a colon.
	defer func() {
		if fault := recover(); fault != nil {
			cal, err = nil, fmt.Errorf("this is no iCalendar file: %v", fault)
		}
	}()
	cal, err = ical.NewDecoder(strings.NewReader(strings.Join(lines, "\r\n") + "\r\n")).Decode()
	if err != nil {
		return nil, fmt.Errorf("this is no iCalendar file: %w", err)
	}
	return cal, nil
}

// unfold gives the content lines, each of bounded length.
func unfold(file []byte) ([]string, error) {
	switch {
	case len(file) > MaxFile:
		return nil, fmt.Errorf("the file has %d bytes; at most %d are read", len(file), MaxFile)
	case bytes.Count(file, []byte("\n")) > maxLines:
		return nil, fmt.Errorf("the file has more than %d lines", maxLines)
	}
	var out []string
	var last strings.Builder
	flush := func() {
		if last.Len() > 0 {
			out = append(out, last.String())
			last.Reset()
		}
	}
	for raw := range strings.Lines(strings.TrimPrefix(string(file), "\ufeff")) {
		l := strings.TrimRight(raw, "\r\n")
		if l != "" && (l[0] == ' ' || l[0] == '\t') && last.Len() > 0 {
			last.WriteString(l[1:])
		} else {
			flush()
			last.WriteString(l)
		}
		if last.Len() > maxLine {
			return nil, fmt.Errorf("a line has more than %d bytes", maxLine)
		}
	}
	flush()
	for i, l := range out {
		if value := valueAt(l); value < 0 || value > maxParams {
			return nil, fmt.Errorf("content line %d has no colon after its name", i+1)
		}
	}
	return out, nil
}

// valueAt is where the value of a content line begins; -1: it has none.
func valueAt(line string) int {
	quoted := false
	for i := range len(line) {
		switch line[i] {
		case '"':
			quoted = !quoted
		case ':':
			if !quoted {
				return i + 1
			}
		}
	}
	return -1
}

// nested holds the components to their bounds.
func nested(lines []string) error {
	level, parts, rules := 0, 0, 0
	for _, l := range lines {
		name, _, _ := strings.Cut(l, ":")
		switch strings.ToUpper(name) {
		case "BEGIN":
			level, parts = level+1, parts+1
		case "END":
			level--
		case "RRULE":
			rules++
		}
		if level > maxLevels || parts > maxParts {
			return fmt.Errorf("the file has more than %d components, or more than %d in each other", maxParts, maxLevels)
		}
	}
	if rules > maxRules {
		return fmt.Errorf("the file has more than %d rules of recurrence", maxRules)
	}
	if parts == 0 {
		return errors.New("this is no iCalendar file: nothing in it begins")
	}
	return nil
}

// Text is a text property of a component, unescaped; empty where it has none.
func Text(c *ical.Component, name string) string {
	p := c.Props.Get(name)
	if p == nil {
		return ""
	}
	s, err := p.Text()
	if err != nil {
		return p.Value
	}
	return s
}
