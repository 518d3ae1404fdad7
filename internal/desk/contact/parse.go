// SPDX-License-Identifier: Apache-2.0

package contact

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of an import.
const (
	MaxFile  = 16 << 20
	MaxRows  = 100_000
	maxField = 8 << 10
)

// Fault is one thing wrong with an import, and where. Line and Column count
// from 1; Column counts bytes in a CSV file and is 0 where only the line is
// known.
type Fault struct {
	Line   int
	Column int
	Field  string
	Msg    string
}

func (f Fault) String() string {
	where := fmt.Sprintf("line %d", f.Line)
	if f.Column > 0 {
		where += fmt.Sprintf(", column %d", f.Column)
	}
	if f.Field != "" {
		where += " (" + f.Field + ")"
	}
	return where + ": " + f.Msg
}

// Faults is everything wrong with an import. Its text tells the first and
// how many more there are.
type Faults []Fault

func (f Faults) Error() string {
	if len(f) == 1 {
		return f[0].String()
	}
	return fmt.Sprintf("%s (and %d more)", f[0], len(f)-1)
}

// Parse reads contacts from CSV, or from JSON where the file begins with a
// bracket or brace. An error that is [Faults] says what is wrong where;
// nothing is given back with it.
func Parse(b []byte) ([]Contact, error) {
	if len(b) > MaxFile {
		return nil, Faults{{Line: 1, Msg: fmt.Sprintf("the file has %d bytes; at most %d are read", len(b), MaxFile)}}
	}
	b = bytes.TrimPrefix(b, []byte("\ufeff"))
	if !utf8.Valid(b) {
		return nil, Faults{{Line: 1 + bytes.Count(b[:firstInvalid(b)], []byte("\n")), Msg: "the file is not UTF-8"}}
	}
	if t := bytes.TrimLeft(b, " \t\r\n"); len(t) > 0 && (t[0] == '[' || t[0] == '{') {
		return parseJSON(b)
	}
	return parseCSV(b)
}

func firstInvalid(b []byte) int {
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return len(b)
}

type row struct {
	values map[string]string
	at     func(field string) Fault
}

func parseCSV(b []byte) ([]Contact, error) {
	r := csv.NewReader(bytes.NewReader(b))
	r.ReuseRecord = true
	head, err := r.Read()
	if errors.Is(err, io.EOF) {
		return nil, Faults{{Line: 1, Msg: "the file is empty; its first line names the columns"}}
	}
	if err != nil {
		return nil, Faults{csvFault(err)}
	}
	columns := slices.Clone(head)
	if faults := checkHead(r, columns); faults != nil {
		return nil, faults
	}
	p := parser{}
	for {
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			p.faults = append(p.faults, csvFault(err))
			var pe *csv.ParseError
			if errors.As(err, &pe) && errors.Is(pe.Err, csv.ErrFieldCount) {
				continue
			}
			break // behind a broken quote no line is where it seems
		}
		p.take(csvRow(r, columns, rec))
		if len(p.out) > MaxRows {
			return nil, Faults{{Line: MaxRows + 1, Msg: fmt.Sprintf("more than %d rows", MaxRows)}}
		}
	}
	return p.result()
}

func csvRow(r *csv.Reader, columns, rec []string) row {
	v := make(map[string]string, len(columns))
	index := make(map[string]int, len(columns))
	for i, c := range columns {
		v[c], index[c] = strings.TrimSpace(rec[i]), i
	}
	return row{v, func(field string) Fault {
		i, ok := index[field]
		if !ok {
			i = 0
		}
		line, col := r.FieldPos(i)
		return Fault{Line: line, Column: col, Field: field}
	}}
}

func csvFault(err error) Fault {
	var pe *csv.ParseError
	if !errors.As(err, &pe) {
		return Fault{Line: 1, Msg: err.Error()}
	}
	f := Fault{Line: pe.Line, Column: pe.Column, Msg: pe.Err.Error()}
	if errors.Is(pe.Err, csv.ErrFieldCount) {
		f.Msg = "this row has another number of columns than the first line"
	}
	return f
}

func checkHead(r *csv.Reader, columns []string) Faults {
	var faults Faults
	for i, c := range columns {
		columns[i] = strings.ToLower(strings.TrimSpace(c))
		line, col := r.FieldPos(i)
		switch {
		case !slices.Contains(Columns, columns[i]):
			faults = append(faults, Fault{line, col, c, "is not a column of contacts; they are " + strings.Join(Columns, ", ")})
		case slices.Contains(columns[:i], columns[i]):
			faults = append(faults, Fault{line, col, c, "stands twice"})
		}
	}
	for _, c := range Columns[:required] {
		if !slices.Contains(columns, c) {
			faults = append(faults, Fault{Line: 1, Field: c, Msg: "the column is missing"})
		}
	}
	return faults
}

// parseJSON reads an array of objects with the same keys, or an object whose
// "contacts" is one.
func parseJSON(b []byte) ([]Contact, error) {
	lineAt := func(offset int64) int { return 1 + bytes.Count(b[:min(int(offset), len(b))], []byte("\n")) }
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if err := enterArray(d); err != nil {
		return nil, Faults{{Line: lineAt(d.InputOffset()), Msg: err.Error()}}
	}
	p := parser{}
	for d.More() {
		var raw map[string]any
		start := d.InputOffset()
		for int(start) < len(b) && strings.ContainsRune(", \t\r\n", rune(b[start])) {
			start++
		}
		line := lineAt(start)
		if err := d.Decode(&raw); err != nil {
			return nil, append(p.faults, Fault{Line: lineAt(d.InputOffset()), Msg: err.Error()})
		}
		values, faults := jsonRow(raw, line)
		p.faults = append(p.faults, faults...)
		if faults == nil {
			p.take(row{values, func(field string) Fault { return Fault{Line: line, Field: field} }})
		}
		if len(p.out) > MaxRows {
			return nil, Faults{{Line: line, Msg: fmt.Sprintf("more than %d rows", MaxRows)}}
		}
	}
	if _, err := d.Token(); err != nil {
		return nil, append(p.faults, Fault{Line: lineAt(d.InputOffset()), Msg: "the file ends in the middle of the list"})
	}
	return p.result()
}

func enterArray(d *json.Decoder) error {
	const want = "expected a list of contacts, or an object with the one key contacts"
	t, err := d.Token()
	if err != nil {
		return err
	}
	if t == json.Delim('{') {
		if key, err := d.Token(); err != nil || key != "contacts" {
			return errors.New(want)
		}
		if t, err = d.Token(); err != nil {
			return err
		}
	}
	if t != json.Delim('[') {
		return errors.New(want)
	}
	return nil
}

func jsonRow(raw map[string]any, line int) (map[string]string, Faults) {
	values := map[string]string{}
	var faults Faults
	for key, v := range raw {
		if !slices.Contains(Columns, key) {
			faults = append(faults, Fault{Line: line, Field: key, Msg: "is not a key of contacts; they are " + strings.Join(Columns, ", ")})
			continue
		}
		switch v := v.(type) {
		case string:
			values[key] = strings.TrimSpace(v)
		case json.Number:
			values[key] = v.String()
		case nil:
			values[key] = ""
		default:
			faults = append(faults, Fault{Line: line, Field: key, Msg: "is neither a text, a number nor null"})
		}
	}
	for _, c := range Columns[:required] {
		if _, ok := raw[c]; !ok {
			faults = append(faults, Fault{Line: line, Field: c, Msg: "the key is missing"})
		}
	}
	slices.SortFunc(faults, func(a, b Fault) int { return strings.Compare(a.Field, b.Field) })
	return values, faults
}

type parser struct {
	out    []Contact
	faults Faults
}

func (p *parser) result() ([]Contact, error) {
	if len(p.faults) > 0 {
		return nil, p.faults
	}
	return p.out, nil
}

func (p *parser) take(r row) {
	c := Contact{
		Kind: r.values["kind"], Level: r.values["level"], Ours: r.values["ours"], Theirs: r.values["theirs"], Channel: r.values["channel"],
		Outcome: r.values["outcome"], Source: r.values["source"], Attribution: r.values["attribution"], Note: r.values["note"],
		Asked: r.values["asked"], Subject: r.values["subject"], Area: r.values["area"], ReportedBy: r.values["reported_by"],
		Quote: r.values["quote"], Record: r.values["record"],
	}
	if c.Asked == "" {
		c.Asked = AskedUnknown
		r.values["asked"] = AskedUnknown
	}
	before := len(p.faults)
	p.checkTexts(r)
	for _, set := range []string{"kind", "level", "outcome", "attribution", "asked"} {
		if v := r.values[set]; !slices.Contains(sets[set], v) {
			p.fault(r, set, "%q is none of %s", v, strings.Join(sets[set], ", "))
		}
	}
	c.Date, c.Published, c.Learned = p.time(r, "date"), p.time(r, "published"), p.time(r, "learned")
	for _, field := range []string{"ours", "theirs", "source"} {
		if r.values[field] == "" {
			p.fault(r, field, "is empty; every contact names both posts and its source")
		}
	}
	if s := r.values["sources_count"]; s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 || n > 10_000 {
			p.fault(r, "sources_count", "%q is not a number from 1 to 10000", s)
		}
		c.SourcesCount = n
	}
	if len(p.faults) == before {
		p.out = append(p.out, c)
	}
}

func (p *parser) time(r row, field string) Time {
	t, ok := ParseTime(r.values[field])
	if !ok {
		p.fault(r, field, "%q is neither a day like 2021-05-21, a time like 2021-05-21T07:12:00Z, nor empty", r.values[field])
	}
	return t
}

// checkTexts keeps out what would break a page: control characters and
// fields without end. What turns the direction of text is shown harmlessly by
// whoever shows it.
func (p *parser) checkTexts(r row) {
	for _, field := range Columns {
		v := r.values[field]
		if len(v) > maxField {
			p.fault(r, field, "has %d bytes; at most %d are read", len(v), maxField)
		}
		if strings.ContainsFunc(v, func(c rune) bool { return unicode.IsControl(c) && c != '\n' && c != '\t' }) {
			p.fault(r, field, "holds a control character")
		}
	}
}

func (p *parser) fault(r row, field, format string, args ...any) {
	f := r.at(field)
	f.Field, f.Msg = field, fmt.Sprintf(format, args...)
	p.faults = append(p.faults, f)
}

// FormatCSV writes contacts as they are imported.
func FormatCSV(list []Contact) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	// A bytes.Buffer takes everything, so that no write can go wrong.
	_ = w.Write(Columns)
	for _, c := range list {
		_ = w.Write(c.fields())
	}
	w.Flush()
	return b.Bytes()
}
