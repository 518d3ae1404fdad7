// SPDX-License-Identifier: Apache-2.0

package incident_test

import (
	"testing"

	"openline/line"
	"openline/line/incident"
	"openline/line/linetest"
	"openline/record"
)

// TestBadInput: a question inside another's incident awaits its own answer,
// whoever closes, withdraws or answers what else.
func TestBadInput(t *testing.T) {
	p := map[string]record.Value{"place": record.Array(record.Int(1), record.Int(1)), "hour": record.Uint(1), "kind": record.Text("a close pass")}
	about := func(e line.Entry, re line.Entry, code string, p map[string]record.Value) linetest.Draft {
		return linetest.Draft{Code: code, About: e.Ref(), Re: []record.Ref{re.Ref()}, Params: p}
	}
	w := linetest.New(t, 1, 2)
	e := w.Say(0, linetest.Draft{Code: "IN01", Params: p})
	w.Meet()
	q := w.Say(1, about(e, e, "IN02", map[string]record.Value{"description": record.Text("an aircraft")}))
	w.Meet()
	expect := func(what string, awaits, answers, marks, replies int) {
		t.Helper()
		list, _, err := incident.Of(w.Fold(t, w.Cut(), linetest.First).Things(incident.Codes()...))
		if err != nil || len(list) != 1 || len(list[0].Asked) != 1 {
			t.Fatalf("%s: %+v %v", what, list, err)
		}
		in := list[0]
		if x := in.Asked[0]; len(x.Awaits) != awaits || len(x.Answers) != answers || len(in.Marks) != marks || len(in.Replies) != replies {
			t.Fatalf("%s: %+v", what, in)
		}
	}
	expect("asked", 1, 0, 0, 0)
	w.Say(1, about(e, e, "HD02", map[string]record.Value{"until": w.Hour(60)}))
	expect("the report is held, the question is not", 1, 0, 0, 1)
	w.Say(0, about(e, q, "AF01", nil)) // yes to a question that has three answers
	expect("answered with what is none of them", 1, 0, 1, 1)
	w.Say(0, about(e, e, "ER01", nil))
	expect("sent in error, they say: the question stands", 1, 0, 1, 1)
	w.Say(0, about(e, q, "OW02", nil))
	expect("answered", 0, 1, 1, 1)
	w.Say(1, about(e, q, "OW01", nil)) // its own answer to its own question
	expect("answered for them", 0, 1, 1, 1)
	late := about(e, q, "OW03", nil)
	late.Dated = 1
	w.Say(0, late)
	expect("dated in 1970", 0, 1, 2, 1)
}
