// SPDX-License-Identifier: Apache-2.0

package catalogue_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	. "openline/catalogue"
	hand "openline/catalogue/typed"
	"openline/record"
)

const vectors = "../spec/vectors/catalogue/"

// sides names two parties; swapped, it names them the other way round.
type sides [2]string

func (s sides) PartyName(no record.PartyNo) string {
	if no == 1 || no == 2 {
		return s[no-1]
	}
	return fmt.Sprint(no)
}

func (s sides) PostName(a record.Address) string { return s.PartyName(a.Party) + " " + a.Post }

func (s sides) PartyNo(name string) (record.PartyNo, bool) {
	for i, n := range s {
		if n == name {
			return record.PartyNo(i + 1), true
		}
	}
	return 0, false
}

var env = sides{"blue", "red"}

// samples are typed as a person types them, one for each kind.
var samples = map[Kind]string{
	"time": "2021-05-21T10:41Z", "count": "3", "duration": "1h30m", "reason": "4", "text": "as agreed", "name": "line office", "language": "fr",
	"hash": strings.Repeat("1f", 32), "window": "2021-05-21T10:00Z..2021-05-21T12:00Z", "position": "24.5,-119.7", "post": "red:minister", "ref": "red/310",
	"windows": "2021-05-21T10:00Z..2021-05-21T12:00Z; 2021-05-22T10:00Z..2021-05-22T12:00Z", "area": "24.5,119.7; 24.6,119.7; 24.6,119.8",
	"languages": "zh; en", "names": "first; second", "refs": "red/310; blue/412", "hours": "mon 01:00-10:00; tue 01:00-24:00",
	"exceptions": "2021-05-01..2021-05-03 closed; 2021-05-08..2021-05-09 open", "clocks": "CR01 24h; CR01/flash 2h",
	"hour": "mon 01:00-10:00", "exception": "2021-05-01..2021-05-03 closed", "clock": "CR01 24h",
}

// named are samples that read better than their kind's.
var named = map[string]string{
	"caller": "blue:secretary", "ours": "blue:secretary", "subject": "air safety", "channel": "telephone", "bearer": "tls", "alternative": "serial", "part": "the second paragraph",
	"reading": "the ship turns at noon", "condition": "an agenda agreed before", "proposal": "a text by Friday", "words": "harbour lantern", "check": "41-07", "points": "both spoke of air safety",
	"forces": "three ships, no aircraft", "type": "space launcher", "kind": "vessel on the rocks", "units": "one patrol ship", "harm": "none known", "sure": "the place",
	"unsure": "the course", "measures": "the unit was called back", "unit": "patrol ship 12", "zone": "UTC+8", "holder": "the present minister", "address": "Mr Minister", "rank": "second of five",
	"description": "a voice that named our minister", "changes": "one day later", "participants": "minister; interpreter", "deputies": "first deputy; second deputy", "place": "north of the strait",
	"grounds": "both speak for their ministry", "position": "we keep to the agreement of 1998", "series": "maritime safety talks", "host": "red", "item": "radio procedure", "forum": "yearly forum",
	"levels": "surface to 6,000 m", "notice": "NAVAREA XI 123", "marking": "white flag", "contact": "channel 16", "object": "patrol ship 12", "service": "hospital network", "indicators": "address list in the annex",
	"marks": "red cross", "means": "the serial line", "wording": "Our wishes for the new year", "readout": "The ministers spoke", "post": "minister", "cause": "the watch was changing", "sample": "fine weather in the north",
}

// filled are the kinds only a station fills in.
var filled = map[Kind]record.Value{
	"result":  record.Array(record.Text("tls"), record.Uint(12), record.Uint(12)),
	"holding": record.Array(record.Uint(2), record.Uint(1), record.Uint(310), record.Uint(1621593660), record.Uint(412), record.Uint(1621593660)),
	"results": record.Array(record.Array(record.Text("tls"), record.Uint(12), record.Uint(12))),
	"held":    record.Array(record.Array(record.Uint(2), record.Uint(1), record.Uint(310), record.Uint(1621593660), record.Uint(412), record.Uint(1621593660))),
}

func first(t testing.TB) *Catalogue {
	t.Helper()
	c, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func sample(t testing.TB, c *Catalogue, p Param) record.Value {
	t.Helper()
	if v, ok := filled[p.Kind]; ok {
		return v
	}
	typed := samples[p.Kind]
	if len(p.Values) > 0 {
		typed = p.Values[0]
	} else if s, ok := named[p.Name]; ok && (p.Kind == "text" || p.Kind == "name" || p.Kind == "names" || p.Kind == "post" && strings.Contains(s, ":")) {
		typed = s
	}
	v, err := hand.Parse(p, typed, env)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// said makes a whole record of a phrase: with every parameter, or with those
// it must have only.
func said(t testing.TB, c *Catalogue, p Phrase, full bool) (*record.Header, *record.Body) {
	t.Helper()
	h := &record.Header{Code: p.Code, Status: record.Actual, Precedence: p.Precedence, From: "watch", To: []record.Address{{Party: 2, Post: "watch"}}, Language: "en"}
	b := &record.Body{Params: map[string]record.Value{}}
	for _, q := range p.Params {
		if full || !q.Optional || len(p.OneOf) > 0 && q.Name == p.OneOf[0] {
			b.Params[q.Name] = sample(t, c, q)
		}
	}
	if p.Re == "one" || p.Re == "many" || full && p.Re != "none" {
		h.Re = []record.Ref{record.ByNumber(2, 310)}
	}
	if p.NeedsText {
		b.Text = "We are at the desk."
	}
	return h, b
}

func render(t testing.TB, c *Catalogue, lang string, h *record.Header, b *record.Body, e Env) string {
	t.Helper()
	s, err := c.Render(lang, h, b, e)
	if err != nil {
		t.Fatalf("%s in %s: %v", h.Code, lang, err)
	}
	return s
}

func readVectors(t testing.TB, file string, into any) {
	t.Helper()
	b, err := os.ReadFile(vectors + file)
	if err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

// valueOf reads a value as the vectors write it: a number, a text, a truth,
// a list, or {"hex": "…"} for bytes.
func valueOf(v any) (record.Value, error) {
	switch v := v.(type) {
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return record.Int(n), nil
		}
		var n uint64
		_, err := fmt.Sscan(v.String(), &n)
		return record.Uint(n), err
	case string:
		return record.Text(v), nil
	case bool:
		return record.Bool(v), nil
	case []any:
		list := make([]record.Value, len(v))
		for i, e := range v {
			var err error
			if list[i], err = valueOf(e); err != nil {
				return record.Value{}, err
			}
		}
		return record.Array(list...), nil
	case map[string]any:
		var b []byte
		_, err := fmt.Sscanf(fmt.Sprint(v["hex"]), "%x", &b)
		return record.Bytes(b), err
	}
	return record.Value{}, errors.New("not a value")
}

// withAffairs is the first release with the extension that comes with it.
func withAffairs(t testing.TB) *Catalogue {
	t.Helper()
	files, err := AffairsFiles()
	if err != nil {
		t.Fatal(err)
	}
	c, err := Extend(first(t), files)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
