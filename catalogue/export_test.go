// SPDX-License-Identifier: Apache-2.0

package catalogue

// What the tests see of the inside. They stand outside since they read
// parameters by a room above this one.
const (
	None        = none
	MaxFile     = maxFile
	MaxFiles    = maxFiles
	MaxName     = maxName
	MaxNumber   = maxNumber
	MaxReason   = maxReason
	MaxTime     = maxTime
	MaxDuration = maxDuration
)

var (
	Shown          = shown
	FormatDuration = formatDuration
)

// All gives every phrase by its code.
func (c *Catalogue) All() map[string]Phrase { return c.phrases }

// StatusWords gives the words a language has for statuses.
func (c *Catalogue) StatusWords(lang string) map[string]string { return c.languages[lang].status }

// Wordings gives all that a language words: phrases by their codes, without
// their parameters, and everything else by its key.
func (c *Catalogue) Wordings(lang string) map[string]string {
	l, out := c.languages[lang], map[string]string{}
	for code, segs := range l.renders {
		for _, s := range segs {
			for _, p := range s.parts {
				out[code] += p.text + "…"
			}
		}
	}
	for i, m := range []map[string]string{l.status, l.precedence, l.reasons, l.enums, l.words} {
		for k, v := range m {
			out[string(rune('0'+i))+" "+k] = v
		}
	}
	return out
}

// Template gives a rendering as its file has it, without the marks of groups.
func (c *Catalogue) Template(lang, code string) string {
	var out string
	for _, s := range c.languages[lang].renders[code] {
		for _, p := range s.parts {
			if out += p.text; p.param != "" {
				out += "{" + p.param + "}"
			}
		}
	}
	return out
}
