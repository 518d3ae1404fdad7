// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"errors"
	"fmt"
	"slices"

	"openline/record"
)

// Kind is the type of a parameter. The shapes are fixed in spec/catalogue.md
// section 3.
type Kind string

var (
	errShape = errors.New("has another shape than its kind")
	errRange = errors.New("is out of range")
)

const (
	maxTime     = 253402300799
	maxText     = 64 << 10
	degree      = 100_000 // positions are whole hundred-thousandths of a degree
	maxReason   = 12
	weekMinutes = 7 * 24 * 60
)

// kinds checks the shape of a value of each kind.
var kinds = map[Kind]func(Param, record.Value) error{
	"time":     func(_ Param, v record.Value) error { return uintUpTo(v, maxTime) },
	"count":    func(_ Param, v record.Value) error { return uintUpTo(v, 1<<62) },
	"duration": func(_ Param, v record.Value) error { return uintUpTo(v, 10*366*86400) },
	"reason": func(_ Param, v record.Value) error {
		if n, ok := v.AsUint(); ok && n == 0 {
			return errRange
		}
		return uintUpTo(v, maxReason)
	},
	"text":     func(_ Param, v record.Value) error { return textUpTo(v, maxText) },
	"name":     func(_ Param, v record.Value) error { return textUpTo(v, 200) },
	"language": func(_ Param, v record.Value) error { return textUpTo(v, 16) },
	"enum": func(p Param, v record.Value) error {
		s, ok := v.AsText()
		if !ok {
			return errShape
		}
		if !slices.Contains(p.Values, s) {
			return fmt.Errorf("%q is none of its values", s)
		}
		return nil
	},
	"hash": func(_ Param, v record.Value) error {
		if b, ok := v.AsBytes(); !ok || len(b) != 32 {
			return errShape
		}
		return nil
	},
	"window":   func(_ Param, v record.Value) error { return window(v) },
	"windows":  func(_ Param, v record.Value) error { return each(v, 16, window) },
	"position": func(_ Param, v record.Value) error { return position(v) },
	"area":     func(_ Param, v record.Value) error { return each(v, 256, position) },
	"post":     func(_ Param, v record.Value) error { return post(v) },
	"ref":      func(_ Param, v record.Value) error { return tuple(v, 1<<16-1, 1<<62) },
	"languages": func(_ Param, v record.Value) error {
		return each(v, 16, func(e record.Value) error { return textUpTo(e, 16) })
	},
	"names": func(_ Param, v record.Value) error {
		return each(v, 32, func(e record.Value) error { return textUpTo(e, 200) })
	},
	"hours": func(_ Param, v record.Value) error { return each(v, 64, hoursInterval) },
	"exceptions": func(_ Param, v record.Value) error {
		return each(v, 256, func(e record.Value) error { return tuple(e, maxTime, maxTime, 1) })
	},
	"clocks":  func(_ Param, v record.Value) error { return each(v, 256, clock) },
	"results": func(_ Param, v record.Value) error { return each(v, 32, result) },
	"held": func(_ Param, v record.Value) error {
		return each(v, 64, func(e record.Value) error { return tuple(e, 1<<16-1, 1<<32-1, 1<<62, maxTime, 1<<62, maxTime) })
	},
}

func uintUpTo(v record.Value, max uint64) error {
	n, ok := v.AsUint()
	if !ok {
		return errShape
	}
	if n > max {
		return errRange
	}
	return nil
}

func textUpTo(v record.Value, max int) error {
	s, ok := v.AsText()
	if !ok {
		return errShape
	}
	if s == "" || len(s) > max {
		return errRange
	}
	return nil
}

func each(v record.Value, max int, f func(record.Value) error) error {
	list, ok := v.AsArray()
	if !ok {
		return errShape
	}
	if len(list) > max {
		return errRange
	}
	for _, e := range list {
		if err := f(e); err != nil {
			return err
		}
	}
	return nil
}

// tuple is a list of numbers, each with its bound.
func tuple(v record.Value, max ...uint64) error {
	list, ok := v.AsArray()
	if !ok || len(list) != len(max) {
		return errShape
	}
	for i, e := range list {
		if err := uintUpTo(e, max[i]); err != nil {
			return err
		}
	}
	return nil
}

func window(v record.Value) error {
	if err := tuple(v, maxTime, maxTime); err != nil {
		return err
	}
	list, _ := v.AsArray()
	from, _ := list[0].AsUint()
	to, _ := list[1].AsUint()
	if to < from {
		return errRange
	}
	return nil
}

func position(v record.Value) error {
	list, ok := v.AsArray()
	if !ok || len(list) != 2 {
		return errShape
	}
	lat, ok1 := list[0].AsInt()
	lon, ok2 := list[1].AsInt()
	if !ok1 || !ok2 {
		return errShape
	}
	if lat < -90*degree || lat > 90*degree || lon < -180*degree || lon > 180*degree {
		return errRange
	}
	return nil
}

func post(v record.Value) error {
	list, ok := v.AsArray()
	if !ok || len(list) != 2 {
		return errShape
	}
	if err := uintUpTo(list[0], 1<<16-1); err != nil {
		return err
	}
	return textUpTo(list[1], 64)
}

func hoursInterval(v record.Value) error {
	if err := tuple(v, weekMinutes, weekMinutes); err != nil {
		return err
	}
	list, _ := v.AsArray()
	from, _ := list[0].AsUint()
	to, _ := list[1].AsUint()
	if to <= from {
		return errRange
	}
	return nil
}

func clock(v record.Value) error {
	list, ok := v.AsArray()
	if !ok || len(list) != 3 {
		return errShape
	}
	if err := textUpTo(list[0], 8); err != nil {
		return err
	}
	if err := uintUpTo(list[1], uint64(record.Routine)); err != nil {
		return err
	}
	return uintUpTo(list[2], 366*86400)
}

func result(v record.Value) error {
	list, ok := v.AsArray()
	if !ok || len(list) != 3 {
		return errShape
	}
	if err := textUpTo(list[0], 64); err != nil {
		return err
	}
	if err := uintUpTo(list[1], 1<<62); err != nil {
		return err
	}
	return uintUpTo(list[2], 1<<62)
}

// Check holds a record against its phrase: a known code, exactly the
// parameters it has, each of its kind.
func (c *Catalogue) Check(h *record.Header, b *record.Body) error {
	p, ok := c.phrases[h.Code]
	if !ok {
		return fmt.Errorf("phrase %s is not in the catalogue", h.Code)
	}
	for name := range b.Params {
		if _, ok := p.Param(name); !ok {
			return fmt.Errorf("%s has no parameter %q", h.Code, name)
		}
	}
	for _, q := range p.Params {
		v, ok := b.Params[q.Name]
		if !ok {
			if !q.Optional {
				return fmt.Errorf("%s needs %s (%s)", h.Code, q.Name, q.Kind)
			}
			continue
		}
		if err := kinds[q.Kind](q, v); err != nil {
			return fmt.Errorf("%s, parameter %s (%s): %w", h.Code, q.Name, q.Kind, err)
		}
	}
	switch {
	case p.NeedsText && b.Text == "":
		return fmt.Errorf("%s needs a text (text=…)", h.Code)
	case p.Re == "none" && len(h.Re) > 0:
		return fmt.Errorf("%s answers no other record", h.Code)
	case p.Re == "one" && len(h.Re) != 1:
		return fmt.Errorf("%s answers one record: name it (ref=party/number)", h.Code)
	case p.Re == "one?" && len(h.Re) > 1:
		return fmt.Errorf("%s answers at most one record", h.Code)
	case p.Re == "many" && len(h.Re) == 0:
		return fmt.Errorf("%s names the records it is about (ref=party/number)", h.Code)
	}
	return nil
}
