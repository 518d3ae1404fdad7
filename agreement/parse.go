// SPDX-License-Identifier: Apache-2.0

package agreement

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"openline/catalogue"
)

// document is the TOML shape. Every field is required unless said otherwise
// in spec/agreement.md section 2.
type document struct {
	Openline   int        `toml:"openline"`
	Line       string     `toml:"line"`
	Version    int64      `toml:"version"`
	Previous   string     `toml:"previous"`
	Standing   string     `toml:"standing"`
	Languages  []string   `toml:"languages"`
	Catalogue  string     `toml:"catalogue"`
	Extensions []string   `toml:"extensions"`
	Notice     int        `toml:"notice_days"`
	Never      []string   `toml:"never_suspended"`
	Parties    []partyDoc `toml:"party"`
	Tests      struct {
		Every    string   `toml:"every"`
		Offset   string   `toml:"offset"`
		Answered []string `toml:"answered"`
	} `toml:"tests"`
	Ceilings struct {
		Record           int64  `toml:"record_bytes"`
		RecordsPerMinute int64  `toml:"records_per_minute"`
		Attachments      int64  `toml:"attachment_bytes"`
		Clock            string `toml:"clock"`
		ClockDifference  string `toml:"clock_difference"`
		TimedHead        string `toml:"timed_head"`
	} `toml:"ceilings"`
	Clauses []Clause `toml:"clause"`
}

type partyDoc struct {
	Number      int64  `toml:"number"`
	Name        string `toml:"name"`
	Short       string `toml:"short"`
	Title       string `toml:"title"`
	Key         string `toml:"key"`
	Fingerprint string `toml:"fingerprint"`
}

// Parse reads an agreement text and checks everything that needs no
// signature. Its errors are of type [*Error].
func Parse(text string) (*Agreement, error) {
	if err := checkText(text); err != nil {
		return nil, err
	}
	var d document
	if f := catalogue.ReadTOML([]byte(text), &d); f != nil {
		return nil, &Error{Line: f.Line, Field: f.Field, Msg: f.Msg}
	}
	r := reader{text: text, d: &d, a: &Agreement{text: text}}
	for _, step := range []func() error{r.required, r.head, r.lists, r.parties, r.schedule, r.ceilings, r.clauses} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return r.a, nil
}

// checkText keeps out what a note cannot hold and what a reader cannot see:
// the words on the screen are the words that are signed.
func checkText(text string) error {
	if len(text) > MaxText {
		return &Error{Msg: fmt.Sprintf("the text has %d bytes, at most %d are allowed", len(text), MaxText)}
	}
	if !utf8.ValidString(text) {
		return &Error{Msg: "the text is not UTF-8"}
	}
	if !strings.HasSuffix(text, "\n") {
		return &Error{Msg: "the text does not end with a line feed"}
	}
	for i, line := range strings.Split(text, "\n") {
		if c, ok := unseen(line); ok {
			return &Error{Line: i + 1, Msg: fmt.Sprintf("U+%04X is a character nobody sees; write spaces, not tabs", c)}
		}
	}
	return nil
}

// unseen finds a control, direction or otherwise invisible character. The
// joiners are letters of Persian and of the scripts of India.
func unseen(s string) (rune, bool) {
	for _, c := range s {
		if unicode.In(c, unicode.C, unicode.Zl, unicode.Zp, unicode.Bidi_Control) && c != '\u200c' && c != '\u200d' {
			return c, true
		}
	}
	return 0, false
}

// isLine reports whether a value shows as one line, whatever escapes it was
// written with.
func isLine(s string, most int) bool {
	_, hidden := unseen(s)
	return s != "" && len(s) <= most && strings.TrimSpace(s) == s && !hidden
}

type reader struct {
	text string
	d    *document
	a    *Agreement
}

// bad names the line on which the nth table of a name holds a key.
func (r *reader) bad(table string, nth int, key, format string, args ...any) error {
	return faultAt(r.text, table, nth, key, fmt.Sprintf(format, args...))
}

func faultAt(text, table string, nth int, key, msg string) error {
	field := key
	if table != "" {
		field = table + "." + key
	}
	return &Error{Line: findLine(text, table, nth, key), Field: field, Msg: catalogue.Brief(msg)}
}

// findLine is the line of a key, or of its table where the key is missing; 0
// if neither stands on a line of its own. It only serves messages.
func findLine(text, table string, nth int, key string) int {
	in, count, header, quoted := table == "", 0, 0, false
	for i, line := range strings.Split(text, "\n") {
		t := strings.TrimSpace(line)
		inside := quoted
		if (strings.Count(t, `"""`)+strings.Count(t, "'''"))%2 == 1 {
			quoted = !quoted
		}
		if inside {
			continue
		}
		if strings.HasPrefix(t, "[") {
			name := strings.Trim(t, "[] ")
			in = name == table && count == nth
			if in {
				header = i + 1
			}
			if name == table {
				count++
			}
			continue
		}
		if k, _, ok := strings.Cut(t, "="); in && ok && strings.TrimSpace(k) == key {
			return i + 1
		}
	}
	return header
}

// fields are the keys every table has; a number left out must not be read
// as 0.
var fields = map[string][]string{
	"":         {"openline", "line", "version", "standing", "languages", "catalogue", "notice_days", "never_suspended", "party", "tests", "ceilings", "clause"},
	"party":    {"number", "name", "short", "title", "fingerprint", "key"},
	"tests":    {"every", "offset", "answered"},
	"ceilings": {"record_bytes", "records_per_minute", "attachment_bytes", "clock", "clock_difference", "timed_head"},
	"clause":   {"id", "title", "text"},
}

func (r *reader) required() error {
	var doc map[string]any
	if f := catalogue.ReadTOML([]byte(r.text), &doc); f != nil {
		return &Error{Line: f.Line, Field: f.Field, Msg: f.Msg}
	}
	for _, name := range []string{"", "party", "tests", "ceilings", "clause"} {
		tables, several := doc[name].([]any)
		if name == "" {
			tables = []any{doc}
		} else if !several {
			tables = []any{doc[name]}
		}
		for i, t := range tables {
			for _, key := range fields[name] {
				if table, _ := t.(map[string]any); table[key] == nil {
					return r.bad(name, i, key, "is missing")
				}
			}
		}
	}
	return nil
}
