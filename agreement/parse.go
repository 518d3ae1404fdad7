// SPDX-License-Identifier: Apache-2.0

package agreement

import (
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"

	"openline/identity"
	"openline/record"
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
	if err := toml.NewDecoder(strings.NewReader(text)).DisallowUnknownFields().Decode(&d); err != nil {
		return nil, tomlError(err)
	}
	r := reader{text: text, d: &d, a: &Agreement{text: text}}
	for _, step := range []func() error{r.head, r.parties, r.schedule, r.ceilings, r.clauses} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return r.a, nil
}

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
		for _, c := range line {
			if c < 0x20 || c == 0x7f || (c >= 0x80 && c < 0xa0) {
				return &Error{Line: i + 1, Msg: fmt.Sprintf("control character U+%04X; write spaces, not tabs", c)}
			}
		}
	}
	return nil
}

func tomlError(err error) error {
	var missing *toml.StrictMissingError
	if errors.As(err, &missing) && len(missing.Errors) > 0 {
		first := missing.Errors[0]
		row, _ := first.Position()
		return &Error{Line: row, Field: strings.Join(first.Key(), "."), Msg: "is not a field of an agreement"}
	}
	var de *toml.DecodeError
	if errors.As(err, &de) {
		row, _ := de.Position()
		return &Error{Line: row, Field: strings.Join(de.Key(), "."), Msg: strings.TrimPrefix(de.Error(), "toml: ")}
	}
	return &Error{Msg: err.Error()}
}

type reader struct {
	text string
	d    *document
	a    *Agreement
}

// bad names the line on which the nth table of a name holds a key.
func (r *reader) bad(table string, nth int, key, format string, args ...any) error {
	field := key
	if table != "" {
		field = table + "." + key
	}
	return &Error{Line: findLine(r.text, table, nth, key), Field: field, Msg: fmt.Sprintf(format, args...)}
}

func findLine(text, table string, nth int, key string) int {
	in, count, header := table == "", 0, 0
	for i, line := range strings.Split(text, "\n") {
		t := strings.TrimSpace(line)
		if strings.HasPrefix(t, "[") {
			name := strings.Trim(t, "[] ")
			in = name == table && table != ""
			if in {
				in = count == nth
				count++
				if in {
					header = i + 1
				}
			}
			continue
		}
		if k, _, ok := strings.Cut(t, "="); in && ok && strings.TrimSpace(k) == key {
			return i + 1
		}
	}
	return header
}

func (r *reader) head() error {
	d, a := r.d, r.a
	if d.Openline != Format {
		return r.bad("", 0, "openline", "is %d, this station reads agreements of format %d", d.Openline, Format)
	}
	if d.Version < 1 || d.Version > 1<<31 {
		return r.bad("", 0, "version", "%d is not a version", d.Version)
	}
	a.Version = uint32(d.Version)
	if err := r.lineAndPrevious(); err != nil {
		return err
	}
	switch d.Standing {
	case "actual":
		a.Standing = record.Actual
	case "exercise":
		a.Standing = record.Exercise
	default:
		return r.bad("", 0, "standing", "is %q; write actual or exercise", d.Standing)
	}
	if len(d.Languages) == 0 || len(d.Languages) > 16 {
		return r.bad("", 0, "languages", "name one to sixteen languages")
	}
	for i, l := range d.Languages {
		if len(l) < 2 || len(l) > 8 || slices.Contains(d.Languages[:i], l) {
			return r.bad("", 0, "languages", "%q is not a language tag, or stands twice", l)
		}
	}
	a.Languages = d.Languages
	digest, err := digestOf(d.Catalogue)
	if err != nil {
		return r.bad("", 0, "catalogue", "%v", err)
	}
	a.Catalogue, a.Extensions = digest, d.Extensions
	if d.Notice < 1 || d.Notice > 3650 {
		return r.bad("", 0, "notice_days", "%d is not between 1 and 3650", d.Notice)
	}
	a.NoticeDays, a.NeverSuspended = d.Notice, d.Never
	return nil
}

func (r *reader) lineAndPrevious() error {
	d, a := r.d, r.a
	if a.Version == 1 {
		a.Line = lineID(d.Line, r.text)
		if d.Previous != "" {
			return r.bad("", 0, "previous", "version 1 follows no other")
		}
	} else {
		a.Line = identity.LineID(d.Line)
		var err error
		if a.Previous, err = digestOf(d.Previous); err != nil {
			return r.bad("", 0, "previous", "%v", err)
		}
	}
	if _, err := identity.ParseLineID(string(a.Line)); err != nil {
		return r.bad("", 0, "line", "%v", err)
	}
	return nil
}

func digestOf(s string) (d [32]byte, err error) {
	h, ok := strings.CutPrefix(s, "sha256:")
	raw, err := hex.DecodeString(h)
	if !ok || err != nil || len(raw) != 32 || hex.EncodeToString(raw) != h {
		return d, errors.New(`write "sha256:" and 64 lower-case hex digits`)
	}
	return [32]byte(raw), nil
}

func (r *reader) parties() error {
	n := len(r.d.Parties)
	if n < MinParties || n > MaxParties {
		return &Error{Field: "party", Msg: fmt.Sprintf("an agreement has %d to %d parties, this one %d", MinParties, MaxParties, n)}
	}
	for i, p := range r.d.Parties {
		party, err := r.party(i, p)
		if err != nil {
			return err
		}
		r.a.Parties = append(r.a.Parties, party)
	}
	return nil
}

func (r *reader) party(i int, p partyDoc) (Party, error) {
	name, err := identity.ParseParty(p.Name)
	if err != nil {
		return Party{}, r.bad("party", i, "name", "%v", err)
	}
	if p.Number < 1 || p.Number > MaxParties {
		return Party{}, r.bad("party", i, "number", "%d is not between 1 and %d", p.Number, MaxParties)
	}
	if !isShort(p.Short) {
		return Party{}, r.bad("party", i, "short", "%q: lower-case letters and digits, at most 20, a letter first", p.Short)
	}
	if p.Title == "" || len(p.Title) > 200 {
		return Party{}, r.bad("party", i, "title", "name the organisation in at most 200 bytes")
	}
	key, err := identity.ParsePartyKey(p.Key)
	if err != nil {
		return Party{}, r.bad("party", i, "key", "%v", err)
	}
	if words := key.Fingerprint(name).String(); p.Fingerprint != words {
		return Party{}, r.bad("party", i, "fingerprint", "is not that of the key, which reads %s", words)
	}
	for j, q := range r.a.Parties {
		switch {
		case q.Name == name:
			return Party{}, r.bad("party", i, "name", "%s is party %d already", name, j+1)
		case int64(q.Number) == p.Number:
			return Party{}, r.bad("party", i, "number", "%d is the number of %s", p.Number, q.Name)
		case q.Short == p.Short:
			return Party{}, r.bad("party", i, "short", "%s is the short name of %s", p.Short, q.Name)
		case q.Key == key:
			return Party{}, r.bad("party", i, "key", "is the key of %s", q.Name)
		}
	}
	return Party{Number: record.PartyNo(p.Number), Name: name, Short: p.Short, Title: p.Title, Key: key}, nil
}

func isShort(s string) bool {
	for i, c := range s {
		if !(c >= 'a' && c <= 'z') && (i == 0 || !(c >= '0' && c <= '9')) {
			return false
		}
	}
	return len(s) >= 1 && len(s) <= 20
}

func (r *reader) schedule() error {
	t := &r.a.Tests
	var err error
	if t.Every, err = r.duration("tests", "every", r.d.Tests.Every, 10*time.Minute, 24*time.Hour); err != nil {
		return err
	}
	if (24*time.Hour)%t.Every != 0 {
		return r.bad("tests", 0, "every", "%s does not divide the day", r.d.Tests.Every)
	}
	if t.Offset, err = r.duration("tests", "offset", r.d.Tests.Offset, 0, t.Every-time.Minute); err != nil {
		return err
	}
	for _, s := range r.d.Tests.Answered {
		at, err := time.Parse("15:04", s)
		if err != nil {
			return r.bad("tests", 0, "answered", "%q is not an hour like 09:30", s)
		}
		t.Answered = append(t.Answered, time.Duration(at.Hour())*time.Hour+time.Duration(at.Minute())*time.Minute)
	}
	return nil
}

func (r *reader) duration(table, key, s string, low, high time.Duration) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if err != nil {
		return 0, r.bad(table, 0, key, "%q is not a length of time like 10m or 48h", s)
	}
	if d < low || d > high || d%time.Second != 0 {
		return 0, r.bad(table, 0, key, "%s is not between %v and %v in whole seconds", s, low, high)
	}
	return d, nil
}

func (r *reader) ceilings() error {
	c, d := &r.a.Ceilings, r.d.Ceilings
	for _, n := range []struct {
		key       string
		v         int64
		low, high int64
	}{{"record_bytes", d.Record, 2048, 512 << 10}, {"records_per_minute", d.RecordsPerMinute, 10, 100_000_000}, {"attachment_bytes", d.Attachments, 0, 0}} {
		if n.v < n.low || n.v > n.high {
			return r.bad("ceilings", 0, n.key, "%d is not between %d and %d", n.v, n.low, n.high)
		}
	}
	c.Record, c.RecordsPerMinute, c.Attachments = int(d.Record), int(d.RecordsPerMinute), d.Attachments
	var err error
	if c.Clock, err = r.duration("ceilings", "clock", d.Clock, time.Hour, 90*24*time.Hour); err != nil {
		return err
	}
	if c.ClockDifference, err = r.duration("ceilings", "clock_difference", d.ClockDifference, 10*time.Second, time.Hour); err != nil {
		return err
	}
	c.TimedHead, err = r.duration("ceilings", "timed_head", d.TimedHead, 10*time.Second, 24*time.Hour)
	return err
}

func (r *reader) clauses() error {
	for i, c := range r.d.Clauses {
		if c.ID == "" || c.Title == "" || strings.TrimSpace(c.Text) == "" {
			return r.bad("clause", i, "id", "a clause has an id, a title and a text")
		}
		if slices.ContainsFunc(r.d.Clauses[:i], func(o Clause) bool { return o.ID == c.ID }) {
			return r.bad("clause", i, "id", "%s stands twice", c.ID)
		}
	}
	for _, id := range RequiredClauses {
		if !slices.ContainsFunc(r.d.Clauses, func(c Clause) bool { return c.ID == id }) {
			return &Error{Field: "clause", Msg: fmt.Sprintf("the clause %q is missing", id)}
		}
	}
	r.a.Clauses = r.d.Clauses
	return nil
}
