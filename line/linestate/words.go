// SPDX-License-Identifier: Apache-2.0

package linestate

import (
	"bytes"
	"embed"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"
)

//go:embed data/*.toml
var data embed.FS

// kinds are all that every language has to say.
var kinds = []Kind{WireCarried, WireUnsigned, WireCut, WireNever, WireHistories, WatchPerson, WatchMachine, WatchClosed, WatchUnknown,
	OfficesQuiet, OfficesAwait, OfficesNoReply, OfficesNever}

// Words are the sentences of one language.
type Words struct{ sentences map[Kind]string }

// Language loads the words of a language; one that lacks a sentence is an
// error.
func Language(tag string) (*Words, error) {
	b, err := data.ReadFile("data/" + tag + ".toml")
	if err != nil {
		return nil, fmt.Errorf("the state of a line has no words in %q", tag)
	}
	var doc struct {
		Sentence map[string]string `toml:"sentence"`
	}
	if err := toml.NewDecoder(bytes.NewReader(b)).DisallowUnknownFields().Decode(&doc); err != nil {
		return nil, fmt.Errorf("words of the state of a line in %s: %w", tag, err)
	}
	w := &Words{map[Kind]string{}}
	for _, k := range kinds {
		s, ok := doc.Sentence[string(k)]
		if !ok {
			return nil, fmt.Errorf("words of the state of a line in %s: %s is missing", tag, k)
		}
		w.sentences[k] = s
	}
	return w, nil
}

// Languages lists the languages there are words in.
func Languages() []string {
	entries, err := data.ReadDir("data")
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range entries {
		out = append(out, strings.TrimSuffix(e.Name(), ".toml"))
	}
	return out
}

// Say writes a sentence.
func (w *Words) Say(s Sentence) string {
	since := "–"
	if s.Since > 0 {
		since = time.Unix(int64(s.Since), 0).UTC().Format("2006-01-02 15:04Z")
	}
	return strings.NewReplacer("{since}", since, "{n}", strconv.Itoa(s.N), "{m}", strconv.Itoa(s.M)).Replace(w.sentences[s.Kind])
}
