// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"openline/record"
)

// Markers say what kind of saying a phrase is (after SMCP); instruction is
// not used between equals. Classes say what is suspended together.
var (
	markers = []string{"information", "question", "answer", "request", "intention", "warning", "advice"}
	classes = []string{"test", "receipt", "talks", "notice", "incident", "accident", "distress", "resumption", "key", "text"}
	reCount = []string{"none", "one", "one?", "many", "many?"}
)

var (
	codeName  = regexp.MustCompile(`^[A-Z][A-Z0-9]{3,7}$`)
	setName   = regexp.MustCompile(`^[A-Z]{1,3}$`)
	paramName = regexp.MustCompile(`^[a-z][a-z_]{0,31}$`)
	valueName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,31}$`)
)

type phraseDoc struct {
	Code       string   `toml:"code"`
	Gloss      string   `toml:"gloss"`
	Marker     string   `toml:"marker"`
	Class      string   `toml:"class"`
	Params     []string `toml:"params"`
	OneOf      []string `toml:"one_of"`
	Permits    []string `toml:"permits"`
	Clock      string   `toml:"clock"`
	Who        string   `toml:"who"`
	Opens      bool     `toml:"opens"`
	About      bool     `toml:"about"`
	Re         string   `toml:"re"`
	Flags      []string `toml:"flags"`
	Precedence string   `toml:"precedence"`
}

type phrasesDoc struct {
	Sets    map[string][]string `toml:"sets"`
	Phrases []phraseDoc         `toml:"phrase"`
}

func decodeStrict(name string, b []byte, into any) error {
	if f := ReadTOML(b, into); f != nil {
		return fmt.Errorf("catalogue %s line %d: %s", name, f.Line, strings.TrimPrefix(f.Field+": "+f.Msg, ": "))
	}
	return nil
}

// loadPhrases reads the phrase files. Their sets are shared, so that an
// extension can say "as a request" without repeating what that permits.
func (c *Catalogue) loadPhrases(names []string) error {
	docs, sets := make([]phrasesDoc, len(names)), map[string][]string{}
	for i, n := range names {
		if err := decodeStrict(n, c.files[n], &docs[i]); err != nil {
			return err
		}
		for s, codes := range docs[i].Sets {
			if _, ok := sets[s]; ok || !setName.MatchString(s) {
				return fmt.Errorf("catalogue %s: set %q stands twice, or is not one to three capitals", n, s)
			}
			sets[s] = codes
		}
	}
	for i, d := range docs {
		for _, pd := range d.Phrases {
			if _, ok := c.phrases[pd.Code]; ok {
				return fmt.Errorf("catalogue %s: phrase %s stands twice", names[i], pd.Code)
			}
			p, err := pd.phrase(sets)
			if err != nil {
				return fmt.Errorf("catalogue %s: phrase %s: %w", names[i], pd.Code, err)
			}
			c.phrases[p.Code] = p
		}
	}
	return nil
}

func (d phraseDoc) phrase(sets map[string][]string) (Phrase, error) {
	p := Phrase{Code: d.Code, Gloss: d.Gloss, Marker: d.Marker, Class: d.Class, Opens: d.Opens, About: d.About, Re: d.Re, OneOf: d.OneOf, Precedence: record.Routine}
	switch {
	case !codeName.MatchString(d.Code):
		return p, errors.New("a code is four to eight capitals and digits, a capital first")
	case !plain(d.Gloss):
		return p, errors.New("gloss: " + plainRule)
	case !d.Opens && !d.About:
		return p, errors.New("it neither opens a thing nor is about one")
	}
	for _, f := range []struct {
		field, value string
		of           []string
	}{{"marker", d.Marker, markers}, {"class", d.Class, classes}, {"re", d.Re, reCount}, {"who", d.Who, whoNames[1:]}} {
		if !slices.Contains(f.of, f.value) {
			return p, fmt.Errorf("%s: %q is none of %s", f.field, f.value, strings.Join(f.of, ", "))
		}
	}
	p.Who = Who(slices.Index(whoNames, d.Who))
	if err := p.setTimes(d); err != nil {
		return p, err
	}
	if err := p.setParams(d); err != nil {
		return p, err
	}
	for _, code := range d.Permits {
		codes := []string{code}
		if set, ok := sets[code]; ok {
			codes = set
		}
		for _, code := range codes {
			if !slices.Contains(p.Permits, code) {
				p.Permits = append(p.Permits, code)
			}
		}
	}
	return p, p.setFlags(d.Flags)
}

func (p *Phrase) setTimes(d phraseDoc) (err error) {
	if d.Precedence != "" {
		if p.Precedence, err = record.ParsePrecedence(d.Precedence); err != nil {
			return err
		}
	}
	if d.Clock != "" {
		if p.Clock, err = time.ParseDuration(d.Clock); err != nil || p.Clock < time.Minute || p.Clock%time.Second != 0 {
			return fmt.Errorf("clock: %q is not a length of time like 30m or 24h", d.Clock)
		}
	}
	return nil
}

func (p *Phrase) setParams(d phraseDoc) error {
	for _, s := range d.Params {
		q, err := parseParamDecl(s)
		if err != nil {
			return err
		}
		if _, ok := p.Param(q.Name); ok {
			return fmt.Errorf("parameter %s stands twice", q.Name)
		}
		p.Params = append(p.Params, q)
	}
	for _, n := range d.OneOf {
		if q, ok := p.Param(n); !ok || !q.Optional {
			return fmt.Errorf("one_of: %q is not an optional parameter", n)
		}
	}
	return nil
}

func (p *Phrase) setFlags(flags []string) error {
	known := map[string]*bool{"replies": &p.Replies, "withdraws": &p.Withdraws, "corrects": &p.Corrects,
		"confirms": &p.Confirms, "holds": &p.Holds, "always": &p.AlwaysRuns, "text": &p.NeedsText}
	for _, f := range flags {
		b, ok := known[f]
		if !ok || *b {
			return fmt.Errorf("unknown flag %q, or twice", f)
		}
		*b = true
	}
	if q, ok := p.Param("until"); p.Holds && (!ok || q.Optional || q.Kind != "time") {
		return errors.New(`what holds names its hour in a parameter "until:time"`)
	}
	return nil
}

// parseParamDecl reads "name:kind", with "?" for optional and "=a|b" for the
// values of an enum or a choice.
func parseParamDecl(s string) (Param, error) {
	name, kind, _ := strings.Cut(s, ":")
	if !paramName.MatchString(name) || name == "text" || name == "ref" {
		return Param{}, fmt.Errorf("parameter %q is not name:kind with a name in small letters (text and ref are taken)", s)
	}
	p := Param{Name: name}
	kind, values, _ := strings.Cut(kind, "=")
	if values != "" {
		p.Values = strings.Split(values, "|")
	}
	kind, p.Optional = strings.CutSuffix(kind, "?")
	p.Kind = Kind(kind)
	if !p.Kind.known() {
		return p, fmt.Errorf("parameter %s has the unknown kind %q", name, kind)
	}
	if (p.Kind == "enum" || p.Kind == "choices") != (len(p.Values) > 0) {
		return p, fmt.Errorf("parameter %s: an enum and choices, and nothing else, list their values", name)
	}
	for i, v := range p.Values {
		if !valueName.MatchString(v) || slices.Contains(p.Values[:i], v) {
			return p, fmt.Errorf("parameter %s: value %q is not in small letters, or stands twice", name, v)
		}
	}
	return p, nil
}

const plainRule = "write one line, without control or direction characters or blanks at its ends"

// plain reports whether a wording of the catalogue shows as what it is.
func plain(s string) bool {
	if s == "" || !utf8.ValidString(s) || strings.TrimSpace(s) != s {
		return false
	}
	for _, r := range s {
		if unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp, unicode.Bidi_Control) {
			return false
		}
	}
	return true
}
