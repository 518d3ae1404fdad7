// SPDX-License-Identifier: Apache-2.0

package mandate

import (
	"crypto/sha256"
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"openline/catalogue"
	"openline/internal/desk"
	"openline/record"
)

// Whose phrases a rule gives: those the catalogue gives to the watch, or to
// any one person.
const (
	WhoWatch = "watch"
	WhoOne   = "one person"
)

// Conditions of a rule, which the station finds out.
const (
	// WherePair: the office named and the one that asked are agreed
	// counterparts.
	WherePair = "pair agreed"
	// WhereAsked: the record answered was addressed to our watch.
	WhereAsked = "asked of the watch"
)

// Rule lets the watch send something alone. What is not given does not
// restrict it; one of who, codes and classes is.
type Rule struct {
	States  []string `toml:"states" json:"states,omitempty" doc:"Alert states it holds in; absent: all"`
	Who     string   `toml:"who" json:"who,omitempty" enum:"watch,one person" doc:"Phrases that the catalogue gives to these"`
	Codes   []string `toml:"codes" json:"codes,omitempty"`
	Classes []string `toml:"classes" json:"classes,omitempty"`
	Except  []string `toml:"except" json:"except,omitempty" doc:"Codes it does not give"`
	UpTo    string   `toml:"up_to" json:"up_to,omitempty" doc:"Highest precedence; absent: any"`
	Where   string   `toml:"where" json:"where,omitempty" enum:"pair agreed,asked of the watch"`
}

// Table is a party's mandates.
type Table struct {
	Version int      `toml:"version" json:"version"`
	Name    string   `toml:"name" json:"name"`
	States  []string `toml:"states" json:"states" doc:"Alert states; a line begins in the first"`
	Alone   []Rule   `toml:"alone" json:"alone"`

	text string
}

// Bounds of a table.
const (
	MaxText  = 64 << 10
	maxState = 16
	maxRules = 256
	maxList  = 256
)

var (
	stateForm = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)
	codeForm  = regexp.MustCompile(`^[A-Z0-9]{2,16}$`)
	classForm = regexp.MustCompile(`^[a-z][a-z-]{0,31}$`)
)

//go:embed data/standing.toml
var standing string

//go:embed data/practice.toml
var practice string

// Shipped are the tables that come with a station, by their names.
func Shipped() map[string]string {
	return map[string]string{"standing": standing, "practice": practice}
}

// Default is the table of a line whose journal holds none: on an exercise
// line the one for practice.
func Default(exercise bool) *Table {
	text := standing
	if exercise {
		text = practice
	}
	t, err := Parse([]byte(text))
	if err != nil {
		panic("mandate: internal error: a shipped table does not read: " + err.Error())
	}
	return t
}

// Parse reads a table, and says on which line it is wrong.
func Parse(b []byte) (*Table, error) {
	if len(b) > MaxText {
		return nil, fmt.Errorf("a table of mandates has at most %d bytes", MaxText)
	}
	if err := desk.Plain("the table", string(b), MaxText); err != nil {
		return nil, err
	}
	t := &Table{}
	if f := catalogue.ReadTOML(b, t); f != nil {
		if f.Line > 0 {
			return nil, fmt.Errorf("line %d: %s: %s", f.Line, f.Field, f.Msg)
		}
		return nil, fmt.Errorf("%s: %s", f.Field, f.Msg)
	}
	t.text = string(b)
	return t, t.check()
}

func (t *Table) check() error {
	if t.Version != desk.Version {
		return fmt.Errorf("version = %d is not one this station reads; it reads version = %d", t.Version, desk.Version)
	}
	if err := desk.Line("name", t.Name, 64); err != nil {
		return err
	}
	if len(t.States) == 0 || len(t.States) > maxState {
		return fmt.Errorf("states: name 1 to %d alert states; the first is the one a line begins in", maxState)
	}
	for i, s := range t.States {
		if !stateForm.MatchString(s) || slices.Contains(t.States[:i], s) {
			return fmt.Errorf("states: %.40q is not an alert state's name, or stands twice; write a short word in small letters", s)
		}
	}
	if len(t.Alone) > maxRules {
		return fmt.Errorf("a table has at most %d rules", maxRules)
	}
	for i, r := range t.Alone {
		if err := t.checkRule(r); err != nil {
			return fmt.Errorf("rule %d: %w", i+1, err)
		}
	}
	return nil
}

func (t *Table) checkRule(r Rule) error {
	if len(r.Codes)+len(r.Classes)+len(r.Except)+len(r.States) > maxList {
		return fmt.Errorf("it names more than %d things", maxList)
	}
	if r.Who == "" && len(r.Codes)+len(r.Classes) == 0 {
		return fmt.Errorf("say what it gives: who, codes or classes")
	}
	if r.Who != "" && r.Who != WhoWatch && r.Who != WhoOne {
		return fmt.Errorf("who = %.40q: write %q or %q", r.Who, WhoWatch, WhoOne)
	}
	if r.Where != "" && r.Where != WherePair && r.Where != WhereAsked {
		return fmt.Errorf("where = %.40q: write %q or %q", r.Where, WherePair, WhereAsked)
	}
	if r.UpTo != "" {
		if _, err := record.ParsePrecedence(r.UpTo); err != nil {
			return fmt.Errorf("up_to = %.40q: write flash, immediate, priority or routine", r.UpTo)
		}
	}
	for _, s := range r.States {
		if !slices.Contains(t.States, s) {
			return fmt.Errorf("%.40q is not among the alert states", s)
		}
	}
	for _, c := range slices.Concat(r.Codes, r.Except) {
		if !codeForm.MatchString(c) {
			return fmt.Errorf("%.40q is no phrase's code", c)
		}
	}
	for _, c := range r.Classes {
		if !classForm.MatchString(c) {
			return fmt.Errorf("%.40q is no class of phrases", c)
		}
	}
	return nil
}

// Text is the table as it was written.
func (t *Table) Text() string { return t.text }

// Digest is that of the table as it was written: what two persons sign.
func (t *Table) Digest() [32]byte { return sha256.Sum256([]byte(t.text)) }

// Fits holds the table against a catalogue: no code it does not have, and
// none that the watch can never send alone.
func (t *Table) Fits(c *catalogue.Catalogue) error {
	for i, r := range t.Alone {
		for _, code := range r.Codes {
			p, ok := c.Phrase(code)
			switch {
			case !ok && !slices.Contains(shippedCodes, code):
				return fmt.Errorf("rule %d: phrase %s is not in this line's catalogue", i+1, code)
			case ok && (p.Who == catalogue.TwoPersons || p.Who == catalogue.Machine):
				return fmt.Errorf("rule %d: the catalogue gives %s to %s; a mandate only asks for more", i+1, code, p.Who)
			}
		}
	}
	return nil
}

// shippedCodes are those the shipped tables name; a line's catalogue may be
// without them.
var shippedCodes = strings.Fields("GW01 HD04 AF01 AF02 WL01 WL02")
