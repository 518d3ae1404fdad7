// SPDX-License-Identifier: Apache-2.0

package acts

import (
	"slices"
	"strings"
)

// Act is a phrase under a name.
type Act struct {
	Name  string // as it is typed: "remind", "incident report"
	Code  string
	Args  []Arg // what is named after the line, in order
	Flags []Flag
	Fixed map[string]string // parameters the name itself gives
	Usual map[string]string // parameters as they are where nothing else is said
	To    string            // the parameter that names the office addressed

	Short, Long, Example string
}

// Arg is something named by its place. Param is a parameter of the phrase, or
// re (the record it answers) or text (the free text).
type Arg struct {
	Shown    string
	Param    string
	Optional bool
	Many     bool
}

// Flag is a parameter named by a flag.
type Flag struct {
	Name  string
	Param string
	Usage string
	Need  bool
	List  bool   // may be repeated
	Now   bool   // not given, it is now
	Value string // a flag without a value stands for this one
}

// All are the acts, by name.
func All() []Act {
	var out []Act
	for _, list := range [][]Act{requests(), replies(), receipts(), counterparts(), meetings(), incidents(), notices(), desk()} {
		out = append(out, list...)
	}
	slices.SortFunc(out, func(a, b Act) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// Find is the act of a name.
func Find(name string) (Act, bool) {
	for _, a := range All() {
		if a.Name == name {
			return a, true
		}
	}
	return Act{}, false
}

// Use is how the act is written, the line and its arguments included.
func (a Act) Use() string {
	words := []string{a.Last(), "LINE"}
	for _, arg := range a.Args {
		w := arg.Shown
		if arg.Many {
			w += "…"
		}
		if arg.Optional {
			w = "[" + w + "]"
		}
		words = append(words, w)
	}
	return strings.Join(words, " ")
}

// Group is the first word of a name of two; empty where it has one.
func (a Act) Group() string {
	group, _, two := strings.Cut(a.Name, " ")
	if !two {
		return ""
	}
	return group
}

// Last is the last word of the name.
func (a Act) Last() string { return a.Name[strings.LastIndexByte(a.Name, ' ')+1:] }

// args reads "RECORD re", "[RECORD] re", "CLASS… classes".
func args(list ...string) (out []Arg) {
	for _, s := range list {
		shown, param, _ := strings.Cut(s, " ")
		a := Arg{Param: param}
		a.Shown, a.Optional = strings.CutPrefix(shown, "[")
		a.Shown = strings.TrimSuffix(a.Shown, "]")
		a.Shown, a.Many = strings.CutSuffix(a.Shown, "…")
		out = append(out, a)
	}
	return out
}

// flags reads pairs of a name and what it is for. After the name: ! it is
// needed, + it may be repeated, @ it is now where it is not given; =param for
// a parameter of another name, =param:value for a flag without a value.
func flags(list ...string) (out []Flag) {
	for pair := range slices.Chunk(list, 2) {
		f := Flag{Usage: pair[1]}
		f.Name, f.Param, _ = strings.Cut(pair[0], "=")
		f.Param, f.Value, _ = strings.Cut(f.Param, ":")
		f.Name, f.Need = strings.CutSuffix(f.Name, "!")
		f.Name, f.List = strings.CutSuffix(f.Name, "+")
		if f.Name, f.Now = strings.CutSuffix(f.Name, "@"); f.Now {
			f.Usage += " (default now)"
		}
		if f.Param == "" {
			f.Param = strings.ReplaceAll(f.Name, "-", "_")
		}
		out = append(out, f)
	}
	return out
}

// What flags say in more than one act.
const (
	aTime   = ", like 2021-05-21T10:41Z, or now"
	aWindow = ", as FROM..TO"
	aPlace  = ", as 24.5,119.7 (north and east positive)"
	anArea  = ", as corners 24.5,119.7;24.6,119.9;…"
	aPost   = ", as party:post"
)
