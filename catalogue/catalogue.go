// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"openline/record"
)

//go:embed data/*.toml
var embedded embed.FS

// maxFile bounds one catalogue file.
const maxFile = 1 << 20

// Catalogue is a loaded set of phrases and renderings. It does not change
// and is safe for concurrent use.
type Catalogue struct {
	phrases   map[string]Phrase
	languages map[string]*language
	files     map[string][]byte
}

// Default is the catalogue of the first release.
func Default() (*Catalogue, error) {
	files, err := DefaultFiles()
	if err != nil {
		return nil, err
	}
	return Load(files)
}

// DefaultFiles are the files of the first release by name.
func DefaultFiles() (map[string][]byte, error) {
	files := map[string][]byte{}
	names, err := fs.Glob(embedded, "data/*.toml")
	if err != nil {
		return nil, err
	}
	for _, n := range names {
		b, err := embedded.ReadFile(n)
		if err != nil {
			return nil, err
		}
		files[strings.TrimPrefix(n, "data/")] = b
	}
	return files, nil
}

// Load reads a catalogue: files named phrases*.toml hold phrases, every
// other <language>[-name].toml holds renderings in that language.
func Load(files map[string][]byte) (*Catalogue, error) {
	c := &Catalogue{phrases: map[string]Phrase{}, languages: map[string]*language{}, files: files}
	names := slices.Sorted(maps.Keys(files))
	for _, n := range names {
		if len(files[n]) > maxFile {
			return nil, fmt.Errorf("catalogue file %s is larger than %d bytes", n, maxFile)
		}
		if strings.HasPrefix(n, "phrases") {
			if err := c.loadPhrases(n, files[n]); err != nil {
				return nil, err
			}
		}
	}
	for _, n := range names {
		if !strings.HasPrefix(n, "phrases") {
			if err := c.loadLanguage(n, files[n]); err != nil {
				return nil, err
			}
		}
	}
	return c, c.complete()
}

// Extend adds the files of an extension to a catalogue. An extension adds
// phrases; it changes none.
func Extend(base *Catalogue, files map[string][]byte) (*Catalogue, error) {
	all := maps.Clone(base.files)
	for n, b := range files {
		if _, ok := all[n]; ok {
			return nil, fmt.Errorf("the extension file %s has the name of a file it extends", n)
		}
		all[n] = b
	}
	return Load(all)
}

// Manifest names every file by its digest: "sha256hex  name", in order.
func (c *Catalogue) Manifest() []byte {
	var b bytes.Buffer
	for _, n := range slices.Sorted(maps.Keys(c.files)) {
		sum := sha256.Sum256(c.files[n])
		fmt.Fprintf(&b, "%s  %s\n", hex.EncodeToString(sum[:]), n)
	}
	return b.Bytes()
}

// Digest is SHA-256 of the manifest: what an agreement names.
func (c *Catalogue) Digest() [32]byte { return sha256.Sum256(c.Manifest()) }

// Files are the files the catalogue was loaded from.
func (c *Catalogue) Files() map[string][]byte { return c.files }

// Phrase finds a phrase by its code.
func (c *Catalogue) Phrase(code string) (Phrase, bool) {
	p, ok := c.phrases[code]
	return p, ok
}

// Codes lists every code, in order.
func (c *Catalogue) Codes() []string { return slices.Sorted(maps.Keys(c.phrases)) }

// Languages lists the languages with renderings, in order.
func (c *Catalogue) Languages() []string { return slices.Sorted(maps.Keys(c.languages)) }

type phraseDoc struct {
	Code       string   `toml:"code"`
	Gloss      string   `toml:"gloss"`
	Marker     string   `toml:"marker"`
	Class      string   `toml:"class"`
	Params     []string `toml:"params"`
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
	err := toml.NewDecoder(bytes.NewReader(b)).DisallowUnknownFields().Decode(into)
	var missing *toml.StrictMissingError
	if errors.As(err, &missing) && len(missing.Errors) > 0 {
		row, _ := missing.Errors[0].Position()
		return fmt.Errorf("catalogue %s line %d: unknown field %s", name, row, strings.Join(missing.Errors[0].Key(), "."))
	}
	var de *toml.DecodeError
	if errors.As(err, &de) {
		row, _ := de.Position()
		return fmt.Errorf("catalogue %s line %d: %v", name, row, de)
	}
	if err != nil {
		return fmt.Errorf("catalogue %s: %w", name, err)
	}
	return nil
}

func (c *Catalogue) loadPhrases(name string, b []byte) error {
	var d phrasesDoc
	if err := decodeStrict(name, b, &d); err != nil {
		return err
	}
	for _, pd := range d.Phrases {
		if _, ok := c.phrases[pd.Code]; ok {
			return fmt.Errorf("catalogue %s: phrase %s stands twice", name, pd.Code)
		}
		p, err := pd.phrase(d.Sets)
		if err != nil {
			return fmt.Errorf("catalogue %s: phrase %s: %w", name, pd.Code, err)
		}
		c.phrases[p.Code] = p
	}
	return nil
}

func (d phraseDoc) phrase(sets map[string][]string) (Phrase, error) {
	p := Phrase{Code: d.Code, Gloss: d.Gloss, Marker: d.Marker, Class: d.Class, Opens: d.Opens, About: d.About, Re: d.Re, Precedence: record.Routine}
	if len(d.Code) < 4 || len(d.Code) > 8 || d.Gloss == "" || d.Class == "" {
		return p, errors.New("a phrase has a code of 4 to 8 letters, a gloss and a class")
	}
	i := slices.Index(whoNames, d.Who)
	if i < 1 {
		return p, fmt.Errorf("who: %q is none of %s", d.Who, strings.Join(whoNames[1:], ", "))
	}
	p.Who = Who(i)
	if d.Precedence != "" {
		var err error
		if p.Precedence, err = record.ParsePrecedence(d.Precedence); err != nil {
			return p, err
		}
	}
	if d.Clock != "" {
		var err error
		if p.Clock, err = time.ParseDuration(d.Clock); err != nil {
			return p, fmt.Errorf("clock: %w", err)
		}
	}
	if !slices.Contains([]string{"none", "one", "many", "one?", "many?"}, d.Re) {
		return p, fmt.Errorf("re: %q is not none, one, many, one? or many?", d.Re)
	}
	for _, s := range d.Params {
		q, err := parseParamDecl(s)
		if err != nil {
			return p, err
		}
		p.Params = append(p.Params, q)
	}
	for _, code := range d.Permits {
		if set, ok := sets[code]; ok {
			p.Permits = append(p.Permits, set...)
		} else {
			p.Permits = append(p.Permits, code)
		}
	}
	return p, p.setFlags(d.Flags)
}

func (p *Phrase) setFlags(flags []string) error {
	known := map[string]*bool{"replies": &p.Replies, "withdraws": &p.Withdraws, "corrects": &p.Corrects,
		"confirms": &p.Confirms, "holds": &p.Holds, "always": &p.AlwaysRuns, "text": &p.NeedsText}
	for _, f := range flags {
		b, ok := known[f]
		if !ok {
			return fmt.Errorf("unknown flag %q", f)
		}
		*b = true
	}
	return nil
}

// parseParamDecl reads "name:kind", with "?" for optional and "=a|b" for an
// enum's values.
func parseParamDecl(s string) (Param, error) {
	name, kind, ok := strings.Cut(s, ":")
	if !ok {
		return Param{}, fmt.Errorf("parameter %q is not name:kind", s)
	}
	p := Param{Name: name}
	kind, values, _ := strings.Cut(kind, "=")
	if values != "" {
		p.Values = strings.Split(values, "|")
	}
	kind, p.Optional = strings.CutSuffix(kind, "?")
	p.Kind = Kind(kind)
	if _, ok := kinds[p.Kind]; !ok {
		return p, fmt.Errorf("parameter %s has the unknown kind %q", name, kind)
	}
	if (p.Kind == "enum") != (len(p.Values) > 0) {
		return p, fmt.Errorf("parameter %s: an enum, and nothing else, lists its values", name)
	}
	return p, nil
}

// complete checks what holds between files: permitted codes exist, and every
// language renders every phrase with its very parameters.
func (c *Catalogue) complete() error {
	for _, code := range c.Codes() {
		p := c.phrases[code]
		for _, r := range p.Permits {
			q, ok := c.phrases[r]
			if !ok {
				return fmt.Errorf("catalogue: %s permits %s, which is not in it", code, r)
			}
			p.asks = p.asks || q.Replies
		}
		c.phrases[code] = p
	}
	for _, lang := range c.Languages() {
		if err := c.languages[lang].complete(c); err != nil {
			return err
		}
	}
	return nil
}
