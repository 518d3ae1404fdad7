// SPDX-License-Identifier: Apache-2.0

// Package sample has the texts that a line test carries so that a person can
// tell whether words come through: weather, harbour inventories, sums.
//
// Invariants: a text has a number, the same in every language; it is short,
// names nobody, and says nothing of either party.
//
// Specification: docs/reference/line-tests.md.
package sample

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

//go:embed data/*.txt
var data embed.FS

var texts = load()

func load() map[string][]string {
	out := map[string][]string{}
	names, err := fs.Glob(data, "data/*.txt")
	if err != nil {
		panic("sample: internal error: " + err.Error())
	}
	for _, name := range names {
		b, err := data.ReadFile(name)
		if err != nil {
			panic("sample: internal error: " + err.Error())
		}
		out[strings.TrimSuffix(path.Base(name), ".txt")] = strings.Split(strings.TrimSpace(string(b)), "\n")
	}
	return out
}

// Count is how many texts there are in each language.
func Count() int { return len(texts["en"]) }

// Text is a text by its number, from 1; empty if there is none.
func Text(lang string, number int) string {
	list := texts[lang]
	if number < 1 || number > len(list) {
		return ""
	}
	return list[number-1]
}

// Of is what the n-th line test carries, on a line with these languages: the
// languages in turn, and in each the texts in turn.
func Of(languages []string, n uint64) string {
	have := slices.DeleteFunc(slices.Clone(languages), func(l string) bool { return texts[l] == nil })
	if len(have) == 0 || n == 0 {
		return ""
	}
	lang := have[(n-1)%uint64(len(have))]
	number := int((n-1)/uint64(len(have))%uint64(Count())) + 1
	return fmt.Sprintf("%s %d: %s", lang, number, Text(lang, number))
}
