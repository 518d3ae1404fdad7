// SPDX-License-Identifier: Apache-2.0

package contact

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
)

const head = "date,kind,level,ours,theirs,channel,outcome,source,attribution,note"

func TestRowsInAnyOrderOfColumns(t *testing.T) {
	in := "theirs,ours,date,kind,level,channel,outcome,source,attribution,note,learned,sources_count\n" +
		"\"Minister, Defence\",Secretary,2020-08-06,contact,principal,telephone,held,Gazette,official,,2020-08-07,3\n"
	list, err := Parse([]byte(in))
	if err != nil {
		t.Fatal(err)
	}
	c := list[0]
	if c.Theirs != "Minister, Defence" || c.Ours != "Secretary" || c.Asked != AskedUnknown || c.SourcesCount != 3 || !c.Spoke() {
		t.Errorf("read as %+v", c)
	}
	if got := c.KnownBy().Format(time.DateOnly); got != "2020-08-07" {
		t.Errorf("known by %s", got)
	}
}

func TestFaultsSayWhere(t *testing.T) {
	good := "2020-08-06,contact,principal,S,M,telephone,held,Gazette,official,"
	for name, tc := range map[string]struct{ in, want string }{
		"empty":         {"", "line 1: the file is empty; its first line names the columns"},
		"no column":     {"date,kind\n", "line 1 (level): the column is missing (and 7 more)"},
		"strange":       {head + ",mood\n", "line 1, column 69 (mood): is not a column of contacts; they are " + strings.Join(Columns, ", ")},
		"doubled":       {head + ",date\n", "line 1, column 69 (date): stands twice"},
		"kind":          {head + "\n" + good + "\n2020-08-06,party,principal,S,M,telephone,held,Gazette,official,\n", `line 3, column 12 (kind): "party" is none of contact, invitation, test, meeting, visit, statement, incident`},
		"date":          {head + "\n06.08.2020,contact,principal,S,M,telephone,held,Gazette,official,\n", `line 2, column 1 (date): "06.08.2020" is neither a day like 2021-05-21, a time like 2021-05-21T07:12:00Z, nor empty`},
		"no source":     {head + "\n2020-08-06,contact,principal,S,M,telephone,held,,official,\n", "line 2, column 49 (source): is empty; every contact names both posts and its source"},
		"short row":     {head + "\n2020-08-06,contact\n", "line 2, column 1: this row has another number of columns than the first line"},
		"quote":         {head + "\n\"2020,contact\n", `line 2, column 15: extraneous or missing " in quoted-field`},
		"control":       {head + "\n2020-08-06,contact,principal,S,M,tele\x07phone,held,Gazette,official,\n", "line 2, column 34 (channel): holds a control character"},
		"not UTF-8":     {head + "\n\xff", "line 2: the file is not UTF-8"},
		"json":          {`{"rows":[]}`, "line 1: expected a list of contacts, or an object with the one key contacts"},
		"json key":      {"[\n{\"mood\":1}]", "line 2 (attribution): the key is missing (and 10 more)"},
		"json unclosed": {"[", "line 1: the file ends in the middle of the list"},
	} {
		t.Run(name, func(t *testing.T) {
			list, err := Parse([]byte(tc.in))
			var f Faults
			if list != nil || !errors.As(err, &f) {
				t.Fatalf("gave %v, %v", list, err)
			}
			if err.Error() != tc.want {
				t.Errorf("said\n%s\nexpected\n%s", err, tc.want)
			}
		})
	}
}

func TestEveryFaultIsToldAndNothingImported(t *testing.T) {
	in := head + "\nx,contact,principal,S,M,telephone,held,G,official,\n2020-08-06,contact,principal,S,M,telephone,held,G,official,\n2020-08-06,contact,high,S,M,telephone,held,G,official,\n"
	list, err := Parse([]byte(in))
	var f Faults
	if !errors.As(err, &f) || len(f) != 2 || list != nil {
		t.Fatalf("gave %v, %v", list, err)
	}
}

func TestJSONAndCSVAreOne(t *testing.T) {
	row := map[string]any{"date": nil, "kind": "invitation", "level": "principal", "ours": "S", "theirs": "V", "channel": "", "outcome": "unanswered",
		"source": "FT", "attribution": "anonymous", "note": "", "sources_count": 3}
	b, err := json.Marshal(map[string]any{"contacts": []any{row}})
	if err != nil {
		t.Fatal(err)
	}
	fromJSON, err := Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	fromCSV, err := Parse(FormatCSV(fromJSON))
	if err != nil {
		t.Fatal(err)
	}
	if fromCSV[0] != fromJSON[0] {
		t.Errorf("%+v is not %+v", fromCSV[0], fromJSON[0])
	}
	var book Book
	if n := book.Add(fromJSON); n != 1 {
		t.Errorf("added %d", n)
	}
	if n := book.Add(fromCSV); n != 0 {
		t.Errorf("importing twice added %d", n)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(head + "\n2020-08-06,contact,principal,S,M,telephone,held,Gazette,official,\n"))
	f.Add([]byte(`[{"date":"","kind":"test","level":"watch","ours":"a","theirs":"b","channel":"","outcome":"unknown","source":"s","attribution":"press","note":""}]`))
	f.Fuzz(func(t *testing.T, b []byte) {
		list, err := Parse(b)
		if err != nil {
			return
		}
		again, err := Parse(FormatCSV(list))
		if err != nil {
			t.Fatalf("what was read is not read again: %v", err)
		}
		if !bytes.Equal(FormatCSV(list), FormatCSV(again)) {
			t.Fatal("written and read it differs")
		}
	})
}
