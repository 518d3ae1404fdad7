// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"openline/record"
)

// Kind is the type of a parameter. The shapes are fixed in spec/catalogue.md
// section 4.
type Kind string

var (
	errShape = errors.New("has another shape than its kind")
	errTag   = errors.New("is not a language tag like zh or pt-BR")
	errOrder = errors.New("ends before it begins")
)

// Degree is how many units a position counts a degree in.
const Degree = 100_000

const (
	maxTime     = 253402300799 // the last second of the year 9999
	maxNumber   = 1 << 62
	maxText     = 64 << 10
	maxName     = 200
	maxPost     = 64
	maxParty    = 1<<16 - 1
	maxReason   = 12
	weekMinutes = 7 * 24 * 60
	maxDuration = 10 * 366 * 86400
)

var languageTag = regexp.MustCompile(`^[A-Za-z0-9]{2,8}(-[A-Za-z0-9]{1,8})*$`)

// kinds checks the shape of a value of each kind that is not a list.
var kinds = map[Kind]func(Param, record.Value) error{
	"time":      number(0, maxTime),
	"count":     number(0, maxNumber),
	"duration":  number(0, maxDuration),
	"reason":    number(1, maxReason),
	"text":      textUpTo(maxText),
	"name":      textUpTo(maxName),
	"language":  isLanguage,
	"enum":      enum,
	"hash":      hash,
	"window":    ordered(tuple(number(0, maxTime), number(0, maxTime)), 0),
	"position":  tuple(number(-90*Degree, 90*Degree), number(-180*Degree, 180*Degree)),
	"post":      tuple(number(1, maxParty), textUpTo(maxPost)),
	"ref":       tuple(number(1, maxParty), number(1, maxNumber)),
	"hour":      ordered(tuple(number(0, weekMinutes), number(0, weekMinutes)), 1),
	"exception": ordered(tuple(number(0, maxTime), number(0, maxTime), number(0, 1)), 1),
	"clock":     tuple(textUpTo(8), number(0, int64(record.Routine)), number(1, maxDuration)),
	"result":    tuple(textUpTo(64), number(0, maxNumber), number(0, maxNumber)),
	"holding": tuple(number(1, maxParty), number(0, 1<<32-1), number(0, maxNumber), number(0, maxTime),
		number(0, maxNumber), number(0, maxTime)),
}

// lists are the kinds that hold several of another.
var lists = map[Kind]struct {
	of  Kind
	max int
}{
	"windows": {"window", 16}, "area": {"position", 256}, "languages": {"language", 16}, "names": {"name", 32}, "choices": {"enum", 32},
	"refs": {"ref", 256}, "hours": {"hour", 64}, "exceptions": {"exception", 256}, "clocks": {"clock", 256}, "results": {"result", 32}, "held": {"holding", 64},
}

func (k Kind) known() bool {
	_, list := lists[k]
	return list || kinds[k] != nil
}

// Of is the kind a list holds several of; false if it is no list.
func (k Kind) Of() (Kind, bool) {
	l, ok := lists[k]
	return l.of, ok
}

// Check holds a value against the kind of a parameter, which is known.
func (p Param) Check(v record.Value) error {
	l, ok := lists[p.Kind]
	if !ok {
		return kinds[p.Kind](p, v)
	}
	parts, ok := v.AsArray()
	if !ok {
		return errShape
	}
	if len(parts) > l.max {
		return fmt.Errorf("has more than %d entries", l.max)
	}
	for _, e := range parts {
		if err := kinds[l.of](p, e); err != nil {
			return err
		}
	}
	return nil
}

func number(low, high int64) func(Param, record.Value) error {
	outside := fmt.Errorf("is not between %d and %d", low, high)
	return func(_ Param, v record.Value) error {
		n, ok := v.AsInt()
		if _, large := v.AsUint(); !ok && !large {
			return errShape
		}
		if !ok || n < low || n > high {
			return outside
		}
		return nil
	}
}

func textUpTo(most int) func(Param, record.Value) error {
	outside := fmt.Errorf("is empty, or longer than %d bytes", most)
	return func(_ Param, v record.Value) error {
		s, ok := v.AsText()
		if !ok {
			return errShape
		}
		if strings.TrimSpace(s) == "" || len(s) > most {
			return outside
		}
		return nil
	}
}

func isLanguage(_ Param, v record.Value) error {
	s, ok := v.AsText()
	if !ok {
		return errShape
	}
	if len(s) > 16 || !languageTag.MatchString(s) {
		return errTag
	}
	return nil
}

func enum(p Param, v record.Value) error {
	s, ok := v.AsText()
	if !ok {
		return errShape
	}
	if !slices.Contains(p.Values, s) {
		return fmt.Errorf("%.40q is not one of %s", s, strings.Join(p.Values, ", "))
	}
	return nil
}

func hash(_ Param, v record.Value) error {
	if b, ok := v.AsBytes(); !ok || len(b) != 32 {
		return errShape
	}
	return nil
}

// tuple is a list of just these.
func tuple(of ...func(Param, record.Value) error) func(Param, record.Value) error {
	return func(p Param, v record.Value) error {
		list, ok := v.AsArray()
		if !ok || len(list) != len(of) {
			return errShape
		}
		for i, e := range list {
			if err := of[i](p, e); err != nil {
				return err
			}
		}
		return nil
	}
}

// ordered also wants the second number to be at least so much above the
// first.
func ordered(shape func(Param, record.Value) error, least uint64) func(Param, record.Value) error {
	return func(p Param, v record.Value) error {
		if err := shape(p, v); err != nil {
			return err
		}
		list, _ := v.AsArray()
		if at(list, 1) < at(list, 0)+least {
			return errOrder
		}
		return nil
	}
}

// Check holds a record against its phrase: a known code, exactly the
// parameters it has, each of its kind, and as many records named as it
// answers.
func (c *Catalogue) Check(h *record.Header, b *record.Body) error {
	p, ok := c.phrases[h.Code]
	if !ok {
		return fmt.Errorf("phrase %.20q is not in the catalogue", h.Code)
	}
	for _, name := range slices.Sorted(maps.Keys(b.Params)) {
		if _, ok := p.Param(name); !ok {
			return fmt.Errorf("%s has no parameter %.40q", p.Code, name)
		}
	}
	for _, q := range p.Params {
		v, ok := b.Params[q.Name]
		if !ok && !q.Optional {
			return fmt.Errorf("%s needs %s (%s)", p.Code, q.Name, q.Kind)
		}
		if !ok {
			continue
		}
		if err := q.Check(v); err != nil {
			return fmt.Errorf("%s, parameter %s (%s): %w", p.Code, q.Name, q.Kind, err)
		}
	}
	given := func(name string) bool { _, ok := b.Params[name]; return ok }
	switch n := len(h.Re); {
	case len(p.OneOf) > 0 && !slices.ContainsFunc(p.OneOf, given):
		return fmt.Errorf("%s needs at least one of %s", p.Code, strings.Join(p.OneOf, ", "))
	case p.NeedsText && strings.TrimSpace(b.Text) == "":
		return fmt.Errorf("%s needs a text (text=…)", p.Code)
	case p.Re == "none" && n > 0:
		return fmt.Errorf("%s answers no other record", p.Code)
	case p.Re == "one" && n != 1:
		return fmt.Errorf("%s answers one record: name it (ref=party/number)", p.Code)
	case p.Re == "one?" && n > 1:
		return fmt.Errorf("%s answers at most one record", p.Code)
	case p.Re == "many" && n == 0:
		return fmt.Errorf("%s names the records it is about (ref=party/number)", p.Code)
	}
	return nil
}
