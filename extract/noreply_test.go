// SPDX-License-Identifier: Apache-2.0

package extract_test

import (
	"strings"
	"testing"

	"openline/extract"
)

func TestNoReplySentence(t *testing.T) {
	w, q := asked(t)
	r := w.verify(w.export(q))
	want := "By red's signed word it held this request at 2021-05-20 08:41:05Z, and at 2021-05-20 09:42:05Z its log on this line held 3 records, " +
		"of which none names this request as what it replies to. By blue's signed word, at 2021-05-20 09:44:05Z blue held whole no later record of that log " +
		"and had not withdrawn the request. 1 and 0 records were not opened."
	if r.NoReply.Sentence != want {
		t.Fatalf("the sentence is\n%s\nnot\n%s\n(step %d: %s)", r.NoReply.Sentence, want, r.NoReply.Step, r.NoReply.Reason)
	}
	if r.NoReply.PostQuantum == nil || !r.Vouched() || !r.Holds() || len(r.NoReply.Named) != 2 {
		t.Fatalf("%+v", r.NoReply)
	}
	if text := r.Text(); !strings.Contains(text, want) || !strings.Contains(text, "red/3, RC01: names it, is not a reply") {
		t.Fatal(text)
	}
	_ = extract.Limits
}
