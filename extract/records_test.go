// SPDX-License-Identifier: Apache-2.0

package extract_test

import (
	"bytes"
	"strings"
	"testing"

	fproof "github.com/transparency-dev/formats/proof"
	"github.com/transparency-dev/merkle/rfc6962"

	"openline/extract"
	"openline/extract/gather"
	"openline/record"
	"openline/tlog"
	"openline/tlog/evidence"
)

func TestChosenRecords(t *testing.T) {
	w, q := asked(t)
	wish := w.wish(blue)
	wish.Records = []record.Ref{q, record.ByNumber(red, 3)}
	r := w.verify(must(gather.Choose(store{w, blue}, wish))(t))
	if len(r.Records) != 2 || r.NoReply != nil || !r.Holds() {
		t.Fatalf("%+v", r)
	}
	one := r.Records[0]
	if one.Ref != q || one.Code != "CR01" || one.Depth != extract.Whole || len(one.Receipts) != 2 || one.Receipts[0].At != 1_621_500_065 {
		t.Fatalf("%+v", one)
	}
	if !strings.Contains(one.Text, "movements near the strait") {
		t.Fatalf("rendered as %q", one.Text)
	}
	for _, l := range r.Logs {
		if l.Whole != 1 || l.Withheld != l.Size-1 {
			t.Fatalf("%+v", l)
		}
	}
	text := r.Text()
	for _, want := range []string{"blue/2", "held by red's signed word at 2021-05-20 08:41:05Z (post-quantum, ML-DSA-44)", "2 withheld", "red/3"} {
		if !strings.Contains(text, want) {
			t.Errorf("the report does not say %q:\n%s", want, text)
		}
	}
}

func TestDepths(t *testing.T) {
	w, q := asked(t)
	words := []byte("movements near the strait")
	for _, d := range []extract.Depth{extract.LeafOnly, extract.WithHeader, extract.Whole} {
		wish := w.wish(red)
		wish.Records, wish.Depth = []record.Ref{q}, d
		zip := must(must(gather.Choose(store{w, red}, wish))(t).Write())(t)
		r := must(extract.Verify(zip, extract.Options{}))(t)
		if got := bytes.Contains(zip, words); got != (d == extract.Whole) {
			t.Errorf("at depth %s the words are shown: %v", d, got)
		}
		if opened := len(r.Records) == 1; opened != (d >= extract.WithHeader) || opened && (r.Records[0].Text != "") != (d == extract.Whole) {
			t.Errorf("at depth %s: %+v", d, r.Records)
		}
	}
}

func TestWholeLine(t *testing.T) {
	for _, d := range []extract.Depth{extract.LeafOnly, extract.WithHeader, extract.Whole} {
		w, _ := asked(t)
		w.open(red, 20, w.own(red).held(3))
		w.put(red, say{code: "TX01", text: "again"})
		w.meet(blue)
		wish := w.wish(blue)
		wish.Depth = d
		r := w.verify(must(gather.Choose(store{w, blue}, wish))(t))
		if len(r.Logs) != 3 || r.Logs[0].Size != 3 || r.Logs[1].Size != 3 || r.Logs[2].Size != 1 {
			t.Fatalf("%+v", r.Logs)
		}
		for _, l := range r.Logs {
			if l.Withheld != 0 || [...]uint64{0, l.Leaves, l.Headers, l.Whole}[d] != l.Size {
				t.Fatalf("depth %s: %+v", d, l)
			}
		}
	}
}

func TestRecordsNotHeld(t *testing.T) {
	w, _ := asked(t)
	for _, ref := range []record.Ref{record.ByNumber(red, 4), record.ByNumber(9, 1), {Party: red}} {
		wish := w.wish(blue)
		wish.Records = []record.Ref{ref}
		if _, err := gather.Choose(store{w, blue}, wish); err == nil {
			t.Errorf("%+v is shown", ref)
		}
	}
	if _, err := gather.NoReplyTo(store{w, blue}, w.wish(blue), record.ByNumber(red, 1), red); err == nil {
		t.Error("a no-reply extract of the other side's record")
	}
}

// Another implementation of tlog-proof reads what Proof writes.
func TestProofFile(t *testing.T) {
	w, q := asked(t)
	for _, ref := range []record.Ref{q, record.ByNumber(red, 3)} {
		b := must(gather.Proof(store{w, blue}, ref))(t)
		var p fproof.TLogProof
		if err := p.Unmarshal(b); err != nil {
			t.Fatal(err)
		}
		l := w.logs[extract.LogID{Party: ref.Party, Generation: 1}]
		keys := must(tlog.KeysOf(l.card))(t)
		hash := rfc6962.DefaultHasher.HashLeaf(l.entries[ref.Number-1].Leaf)
		index, head, err := evidence.CheckProof(b, keys.Log, [32]byte(hash))
		if err != nil || index != ref.Number-1 || head.Size != 3 || p.Index != index {
			t.Fatal(index, head, err)
		}
		by := must(tlog.KeysOf(w.own(other(ref.Party)).card))(t)
		if ref.Party == red {
			if at, err := tlog.CosignatureIn(p.Checkpoint, head, by.Cosigner); err != nil || at == 0 {
				t.Fatalf("the receipt in the proof: %v", err)
			}
		}
	}
	if _, err := gather.Proof(store{w, blue}, record.ByNumber(red, 4)); err == nil {
		t.Fatal("a proof of nothing")
	}
}
