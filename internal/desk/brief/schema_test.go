// SPDX-License-Identifier: Apache-2.0

package brief

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"openline/internal/desk/contact"
)

var update = flag.Bool("update", false, "write the schemas of docs/reference anew")

const schemas = "../../../docs/reference/"

// schemaOf writes the JSON Schema of a Go type: every key is there, unless it
// may be left out, and there is no other.
func schemaOf(t reflect.Type) map[string]any {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return map[string]any{"type": "string", "format": "date-time"}
	case t.Kind() == reflect.Pointer:
		s := schemaOf(t.Elem())
		if kind, ok := s["type"].(string); ok {
			s["type"] = []any{kind, "null"}
		}
		return s
	}
	switch t.Kind() {
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Int, reflect.Uint64:
		return map[string]any{"type": "integer"}
	case reflect.Slice:
		return map[string]any{"type": "array", "items": schemaOf(t.Elem())}
	case reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": schemaOf(t.Elem())}
	case reflect.Struct:
		props, required := map[string]any{}, []any{}
		for i := range t.NumField() {
			tag, ok := t.Field(i).Tag.Lookup("json")
			if !ok {
				continue
			}
			name, more, _ := strings.Cut(tag, ",")
			props[name] = schemaOf(t.Field(i).Type)
			if more != "omitempty" {
				required = append(required, name)
			}
		}
		return map[string]any{"type": "object", "properties": props, "required": required, "additionalProperties": false}
	}
	return map[string]any{"type": "string"}
}

func briefSchema() map[string]any {
	s := schemaOf(reflect.TypeFor[Brief]())
	s["$schema"], s["title"] = "https://json-schema.org/draft/2020-12/schema", "A brief of openline, as JSON"
	return s
}

func contactsSchema() map[string]any {
	props := map[string]any{}
	for _, c := range contact.Columns {
		props[c] = map[string]any{"type": []any{"string", "number", "null"}}
		if set := contact.Set(c); set != nil {
			e := []any{}
			for _, v := range set {
				e = append(e, v)
			}
			props[c] = map[string]any{"enum": e}
			if c == "asked" {
				props[c] = map[string]any{"enum": append(e, "", nil)}
			}
		}
	}
	required := []any{}
	for _, c := range contact.Columns[:10] {
		required = append(required, c)
	}
	row := map[string]any{"type": "object", "properties": props, "required": required, "additionalProperties": false}
	return map[string]any{"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Contacts of openline, as they are imported", "type": []any{"array", "object"},
		"items": row, "properties": map[string]any{"contacts": map[string]any{"type": "array", "items": row}}, "additionalProperties": false}
}

// The schemas of the reference are those of the code.
func TestSchemas(t *testing.T) {
	for name, schema := range map[string]map[string]any{"brief.schema.json": briefSchema(), "contacts.schema.json": contactsSchema()} {
		want, err := json.MarshalIndent(schema, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, '\n')
		if *update {
			if err := os.WriteFile(schemas+name, want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := os.ReadFile(schemas + name); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what the code says (%v); write it anew: go test ./internal/desk/brief -run TestSchemas -update", name, err)
		}
	}
}

// What is written and what is imported holds to the schemas, and what breaks
// them is found.
func TestDataHoldsToTheSchemas(t *testing.T) {
	read := func(name string) (out map[string]any) {
		b, err := os.ReadFile(schemas + name)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(b, &out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	plain := func(v any) (out any) {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(b, &out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	schema := read("brief.schema.json")
	for _, day := range []string{"2021-05-21", "2021-05-26", "2021-09-30", "2022-06-30"} {
		if faults := breaks(schema, plain(briefAt(t, day, story(t))), ""); faults != nil {
			t.Errorf("%s: %v", day, faults)
		}
	}
	if faults := breaks(schema, plain(briefAt(t, "2021-05-21", nil)), ""); faults != nil {
		t.Errorf("of nothing known: %v", faults)
	}
	for _, bad := range []string{`{}`, `{"line":1}`} {
		var v any
		if err := json.Unmarshal([]byte(bad), &v); err != nil || breaks(schema, v, "") == nil {
			t.Errorf("%s is taken (%v)", bad, err)
		}
	}
	rows := []map[string]string{}
	for _, c := range story(t) {
		rows = append(rows, c.Values())
	}
	schema = read("contacts.schema.json")
	for _, v := range []any{plain(rows), plain(map[string]any{"contacts": rows})} {
		if faults := breaks(schema, v, ""); faults != nil {
			t.Errorf("contacts: %v", faults)
		}
	}
	rows[0]["kind"] = "party"
	delete(rows[1], "level")
	rows[2]["mood"] = "fair"
	if faults := breaks(schema, plain(rows), ""); len(faults) != 3 {
		t.Errorf("three rows that break the schema: %v", faults)
	}
}

// breaks says where data does not hold to a schema, of the words of JSON
// Schema that ours use.
func breaks(schema map[string]any, v any, at string) (out []string) {
	if kinds, ok := schema["type"]; ok {
		list, several := kinds.([]any)
		if !several {
			list = []any{kinds}
		}
		if !slices.ContainsFunc(list, func(k any) bool { return is(v, k.(string)) }) {
			return []string{fmt.Sprintf("%s is no %v", at, kinds)}
		}
	}
	if e, ok := schema["enum"].([]any); ok && !slices.Contains(e, v) {
		out = append(out, fmt.Sprintf("%s is %v", at, v))
	}
	switch v := v.(type) {
	case []any:
		for i, e := range v {
			out = append(out, breaks(schema["items"].(map[string]any), e, fmt.Sprintf("%s[%d]", at, i))...)
		}
	case map[string]any:
		props, _ := schema["properties"].(map[string]any)
		required, _ := schema["required"].([]any)
		for _, k := range required {
			if _, there := v[k.(string)]; !there {
				out = append(out, fmt.Sprintf("%s.%s is missing", at, k))
			}
		}
		for k, e := range v {
			p, known := props[k].(map[string]any)
			if !known {
				if p, known = schema["additionalProperties"].(map[string]any); !known {
					out = append(out, fmt.Sprintf("%s.%s is unknown", at, k))
					continue
				}
			}
			out = append(out, breaks(p, e, at+"."+k)...)
		}
	}
	return out
}

func is(v any, kind string) bool {
	switch v := v.(type) {
	case nil:
		return kind == "null"
	case bool:
		return kind == "boolean"
	case string:
		return kind == "string"
	case float64:
		return kind == "number" || kind == "integer" && v == math.Trunc(v)
	case []any:
		return kind == "array"
	case map[string]any:
		return kind == "object"
	}
	return false
}

// Two thousand rows are counted right.
func TestManyRows(t *testing.T) {
	var list []contact.Contact
	from := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range 2000 {
		c := contact.Contact{Date: contact.Time{At: from.AddDate(0, 0, i/4), Day: true}, Kind: contact.KindContact, Level: contact.LevelWorking, Ours: fmt.Sprintf("Post %d", i%5), Theirs: "Desk",
			Channel: "telephone", Outcome: contact.OutcomeHeld, Asked: contact.AskedUnknown, Source: fmt.Sprintf("log %d", i), Attribution: "record", ReportedBy: "us"}
		if i%4 == 3 {
			c.Kind, c.Outcome = contact.KindIncident, contact.OutcomeAnswered
		}
		list = append(list, c)
	}
	w, three := english(t)
	at := from.AddDate(0, 0, 499).Add(23 * time.Hour)
	b := Of(Input{Line: "l", Ours: Side{Title: "A"}, Theirs: Side{Title: "B"}, At: at, Contacts: list}, w, three)
	held := 0
	for _, p := range b.Pairs {
		held += p.Held
	}
	if held != 1500 || *b.Incidents.Count != 500 || b.Incidents.Recent != 30 || b.Incidents.Before != 30 || *b.Incidents.Open != 0 || *b.LastContact[contact.LevelWorking].Days != 0 {
		t.Errorf("held %d, %+v", held, b.Incidents)
	}
}
