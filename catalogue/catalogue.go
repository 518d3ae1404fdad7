// SPDX-License-Identifier: Apache-2.0

package catalogue

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
)

//go:embed data
var embedded embed.FS

// Bounds of the specification (spec/catalogue.md section 2).
const (
	maxFile  = 1 << 20
	maxFiles = 64
)

var fileName = regexp.MustCompile(`^(phrases|[a-z]{2,8})(-[a-z0-9]{1,20})?\.toml$`)

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
func DefaultFiles() (map[string][]byte, error) { return filesIn("data/first") }

func filesIn(dir string) (map[string][]byte, error) {
	files := map[string][]byte{}
	entries, err := fs.Glob(embedded, dir+"/*.toml")
	if err != nil {
		return nil, err
	}
	for _, n := range entries {
		b, err := embedded.ReadFile(n)
		if err != nil {
			return nil, err
		}
		files[path.Base(n)] = b
	}
	return files, nil
}

// Load reads a catalogue: files named phrases[-name].toml hold phrases,
// every other <language>[-name].toml holds renderings in that language.
// Nothing may stand twice, in one file or in two.
func Load(files map[string][]byte) (*Catalogue, error) {
	if len(files) > maxFiles {
		return nil, fmt.Errorf("a catalogue has at most %d files, not %d", maxFiles, len(files))
	}
	c := &Catalogue{phrases: map[string]Phrase{}, languages: map[string]*language{}, files: maps.Clone(files)}
	var phrases, renderings []string
	for _, n := range slices.Sorted(maps.Keys(files)) {
		switch {
		case !fileName.MatchString(n):
			return nil, fmt.Errorf("catalogue file %.60q: name it phrases-NAME.toml or LANGUAGE-NAME.toml, in lower case", n)
		case len(files[n]) > maxFile:
			return nil, fmt.Errorf("catalogue %s is larger than %d bytes", n, maxFile)
		case strings.HasPrefix(n, "phrases"):
			phrases = append(phrases, n)
		default:
			renderings = append(renderings, n)
		}
	}
	if err := c.loadPhrases(phrases); err != nil {
		return nil, err
	}
	for _, n := range renderings {
		if err := c.loadLanguage(n, files[n]); err != nil {
			return nil, err
		}
	}
	if err := c.complete(); err != nil {
		return nil, err
	}
	return c, nil
}

// Extend adds the files of an extension to a catalogue. An extension adds
// phrases, values and renderings; it changes none.
func Extend(base *Catalogue, files map[string][]byte) (*Catalogue, error) {
	all := maps.Clone(base.files)
	for _, n := range slices.Sorted(maps.Keys(files)) {
		if _, ok := all[n]; ok {
			return nil, fmt.Errorf("the extension file %s has the name of a file it extends", n)
		}
		all[n] = files[n]
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

// Files are the files the catalogue was loaded from. The bytes are not to be
// changed.
func (c *Catalogue) Files() map[string][]byte { return maps.Clone(c.files) }

// Phrase finds a phrase by its code.
func (c *Catalogue) Phrase(code string) (Phrase, bool) {
	p, ok := c.phrases[code]
	return p, ok
}

// Codes lists every code, in order.
func (c *Catalogue) Codes() []string { return slices.Sorted(maps.Keys(c.phrases)) }

// Languages lists the languages with renderings, in order.
func (c *Catalogue) Languages() []string { return slices.Sorted(maps.Keys(c.languages)) }

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
