// SPDX-License-Identifier: Apache-2.0

package extract_test

import (
	"slices"
	"strings"
	"testing"

	"openline/agreement/draft"
	"openline/extract"
	"openline/extract/gather"
	"openline/identity"
	"openline/record"
	"openline/tlog"
	"openline/tlog/evidence"
)

// refused verifies an extract whose sentence must not stand.
func (w *world) refused(c *gather.Contents, step int, why string) {
	w.t.Helper()
	r := w.verify(c)
	if n := r.NoReply; n.Sentence != "" || n.Step != step || !strings.Contains(n.Reason, why) {
		w.t.Fatalf("step %d: %s\n%s\nwanted step %d, %q", n.Step, n.Reason, n.Sentence, step, why)
	}
	if r.Holds() {
		w.t.Fatal("it holds without a sentence")
	}
}

// faulty verifies an extract that does not hold at all.
func (w *world) faulty(c *gather.Contents, step int, file, why string) {
	w.t.Helper()
	zip := must(c.Write())(w.t)
	_, err := extract.Verify(zip, extract.Options{})
	f, ok := err.(*extract.Fault)
	if !ok || f.Step != step || !strings.Contains(f.File, file) || !strings.Contains(f.Msg, why) {
		w.t.Fatalf("%v; wanted step %d of %s, %q", err, step, file, why)
	}
}

func logOf(c *gather.Contents, no record.PartyNo, generation uint32) *gather.Log {
	i := slices.IndexFunc(c.Logs, func(l gather.Log) bool { return l.ID == extract.LogID{Party: no, Generation: generation} })
	return &c.Logs[i]
}

// at shows one record of a log at another depth.
func at(l *gather.Log, index uint64, d extract.Depth) {
	was := l.Depth
	l.Depth = func(i uint64) extract.Depth {
		if i == index {
			return d
		}
		return was(i)
	}
}

func TestWithdrawn(t *testing.T) {
	for _, code := range []string{"WD01", "ER01", "AN02"} {
		w, q := asked(t)
		w.put(blue, say{code: code, about: q, re: []record.Ref{q}})
		c := w.export(q)
		w.refused(c, 13, "blue/4, "+code)
		// Closed, it is one that should be opened.
		at(logOf(c, blue, 1), 3, extract.LeafOnly)
		w.refused(c, 11, "blue/4")
		// Withheld, the range is not whole.
		at(logOf(c, blue, 1), 3, extract.Withheld)
		w.faulty(c, 4, "log/00001-0000000001/entries.cbor", "withheld")
	}
}

func TestWithdrawnAndLeftOut(t *testing.T) {
	// The withdrawal is left out by an older timed head: it is not one of
	// then or later.
	w, q := asked(t)
	w.signed = slices.DeleteFunc(w.signed, func(s extract.Statement) bool { return s.By.Party == blue })
	w.timed(blue)
	w.now += 60
	w.put(blue, say{code: "WD01", about: q, re: []record.Ref{q}})
	c := w.export(q)
	l := logOf(c, blue, 1)
	cut(w, l, 3)
	w.refused(c, 9, "not later than blue's word")
	// Red's receipt over more than is shown brings it in.
	w.now += 60
	w.meet(red)
	c = w.export(q)
	l = logOf(c, blue, 1)
	larger := l.Heads[len(l.Heads)-1]
	cut(w, l, 3)
	l.Heads = append(l.Heads, larger)
	w.faulty(c, 4, "log/00001-0000000001/entries.cbor", "")
}

// cut ends what is shown of a log at an earlier size, with what was signed
// over it.
func cut(w *world, l *gather.Log, size uint64) {
	w.t.Helper()
	g := w.logs[l.ID]
	note := w.checkpoint(g, size)
	text, line, _ := strings.Cut(string(note), "\n\n")
	h := gather.Head{Signature: []byte(line)}
	h.Origin, h.Size, h.Root = g.card.Origin(), size, g.root(size)
	_ = text
	for _, s := range w.signed {
		if s.Log == l.ID && s.Size == size {
			h.Statements = append(h.Statements, s)
		}
	}
	l.Size, l.Split = size, nil
	l.Heads = slices.DeleteFunc(slices.Clone(l.Heads), func(h gather.Head) bool { return h.Size >= size })
	l.Heads = append(l.Heads, h)
}

func TestAnswered(t *testing.T) {
	for _, code := range []string{"AF01", "HD01", "HD05", "AN01", "CR02"} {
		w, q := asked(t)
		w.put(red, say{code: code, about: q, re: []record.Ref{q}})
		w.now += 10
		w.meet(blue)
		came := w.now
		w.now += 10
		w.timed(red)
		c := w.export(q)
		w.refused(c, 12, "red/4, "+code)
		// Blue leaves the reply out: what it signed before it came is true, and
		// the sentence says of which time.
		cut(w, logOf(c, red, 1), 3)
		if r := w.verify(c); !r.Holds() || r.NoReply.Words.Ours >= came {
			t.Fatalf("%+v", r.NoReply)
		}
		// Blue signs anew that it holds less: with its receipt of the reply,
		// which red has, the two accuse it.
		log := w.own(red)
		w.receipt(blue, log, 3)
		c = w.export(q)
		cut(w, logOf(c, red, 1), 3)
		if r := w.verify(c); r.NoReply.Words.Ours < came || !w.accused(blue, log) {
			t.Fatalf("a false sentence without an accusation: %+v", r.NoReply)
		}
	}
}

// accused reports whether a party's own statements over a log prove that one
// of them is false.
func (w *world) accused(by record.PartyNo, l *genLog) bool {
	keys := must(tlog.KeysOf(w.own(by).card))(w.t)
	note := func(s extract.Statement) []byte {
		return append([]byte(tlog.Checkpoint{Origin: l.card.Origin(), Size: s.Size, Root: s.Root}.Text()+"\n"), s.Line...)
	}
	for _, a := range w.signed {
		for _, b := range w.signed {
			if a.Log == l.id && b.Log == l.id && a.By.Party == by && b.By.Party == by && !a.PQ && !b.PQ && evidence.Verify(tlog.SizeFell(note(a), note(b)), keys) == nil {
				return true
			}
		}
	}
	return false
}

// A reply left out by an older receipt of the exporter: its own word on its
// log is then made later, over a leaf that had seen more.
func TestAnsweredAndSeen(t *testing.T) {
	w, q := asked(t)
	w.timed(blue) // the honest words of before: t3 is that of asked
	w.put(red, say{code: "AF01", about: q, re: []record.Ref{q}})
	w.now += 10
	w.meet(blue)
	w.put(blue, say{code: "TX01", text: "thank you"})
	w.now += 10
	c := w.export(q)
	cut(w, logOf(c, red, 1), 3)
	w.refused(c, 10, "blue/4 names 4 records of red's log")
	// With the old timed head of blue too, the sentence is that of before the
	// reply: true at its time.
	cut(w, logOf(c, blue, 1), 3)
	if r := w.verify(c); !r.Holds() || r.NoReply.Words.Ours >= w.now-10 {
		t.Fatalf("%+v", r.NoReply)
	}
}

func TestAnsweredUnderAReminder(t *testing.T) {
	// A reminder is about the request's thing; what answers it is too.
	w, q := asked(t)
	rm := record.ByNumber(blue, 3)
	w.put(red, say{code: "AF01", about: q, re: []record.Ref{rm}})
	w.meet(blue)
	w.timed(red)
	w.refused(w.export(q), 12, "AF01")
	// A reminder is no request: the extract is of the opening record.
	w.refused(w.export(rm), 6, "show the opening record")
}

func TestHiddenLink(t *testing.T) {
	// The reply names the request by its hash, as one ahead of its place.
	w, q := asked(t)
	hash := record.LeafHash(w.own(blue).entries[1].Leaf)
	w.put(red, say{code: "AF02", about: record.ByHash(blue, hash), re: []record.Ref{q}})
	w.meet(blue)
	w.timed(red)
	c := w.export(q)
	w.refused(c, 12, "AF02")
	at(logOf(c, red, 1), 3, extract.LeafOnly)
	w.refused(c, 11, "red/4")
}

func TestNamedByHashAndNotShown(t *testing.T) {
	// Blue has read the reply ahead of its place and names it by its hash.
	w, q := asked(t)
	ahead := record.ByHash(red, seed("a reply that blue does not hold whole"))
	w.put(blue, say{code: "RC01", about: q, re: []record.Ref{ahead}})
	w.refused(w.export(q), 10, "by its hash")
}

func TestSeenBeyond(t *testing.T) {
	w, q := asked(t)
	w.put(blue, say{code: "TX01", seen: func(s []record.Seen) []record.Seen {
		return []record.Seen{{Party: red, Generation: 1, Size: 4, Root: seed("x")}}
	}})
	w.refused(w.export(q), 10, "4 records of red's log")
	w, q = asked(t)
	w.put(blue, say{code: "TX01", seen: func(s []record.Seen) []record.Seen {
		return append(s, record.Seen{Party: red, Generation: 2, Size: 1})
	}})
	w.refused(w.export(q), 10, "generation 2")
}

func TestTheirSeenBeyond(t *testing.T) {
	w, q := asked(t)
	w.put(red, say{code: "TX01", seen: func([]record.Seen) []record.Seen {
		return []record.Seen{{Party: blue, Generation: 1, Size: 9, Root: seed("x")}}
	}})
	w.meet(blue)
	w.timed(red)
	w.refused(w.export(q), 9, "9 records of blue's log")
}

func TestEarlyWord(t *testing.T) {
	// Red's word on its own log is older than its receipt of the request.
	w := newWorld(t, false)
	w.put(red, say{code: "TX01"})
	w.timed(red)
	w.meet(blue)
	w.now += 60
	q := w.put(blue, invite())
	w.now += 60
	w.meet(red)
	w.refused(w.export(q), 8, "later than its word")
}

func TestNoReceipt(t *testing.T) {
	w := newWorld(t, false)
	w.put(red, say{code: "TX01"})
	w.meet(blue)
	q := w.put(blue, invite())
	w.now += 60
	w.timed(red)
	w.refused(w.export(q), 8, "no receipt")
}

func TestNoTimedHead(t *testing.T) {
	w, q := asked(t)
	c := w.export(q)
	l := logOf(c, red, 1)
	drop(l, func(s extract.Statement) bool { return s.By.Party == red })
	// The time of red's last leaf is its word too; it is before the receipt
	// of the request only if red wrote nothing since.
	if r := w.verify(c); !r.Holds() || r.NoReply.Words.Log != 1_621_500_000+60+5+3600 || r.NoReply.PostQuantum != nil {
		t.Fatalf("%+v", r.NoReply)
	}
	// A last leaf that does not parse has no time, and that of the one before
	// it is no word on this size.
	u, p := asked(t)
	u.put(red, say{raw: []byte("nothing")})
	u.meet(blue)
	d := u.export(p)
	drop(logOf(d, red, 1), func(s extract.Statement) bool { return s.By.Party == red })
	u.refused(d, 8, "no timed head of red")
	c = w.export(q)
	drop(logOf(c, blue, 1), func(s extract.Statement) bool { return s.By.Party == blue })
	w.refused(c, 9, "no timed head of blue")
	c = w.export(q)
	drop(logOf(c, red, 1), func(s extract.Statement) bool { return s.By.Party == blue })
	w.refused(c, 9, "no receipt of blue")
	c = w.export(q)
	drop(logOf(c, blue, 1), func(s extract.Statement) bool { return s.PQ })
	if r := w.verify(c); r.NoReply.PostQuantum != nil || !strings.Contains(r.Text(), "Classical only") {
		t.Fatal("post-quantum without ML-DSA over the asker's log")
	}
}

func drop(l *gather.Log, which func(extract.Statement) bool) {
	for i := range l.Heads {
		l.Heads[i].Statements = slices.DeleteFunc(slices.Clone(l.Heads[i].Statements), which)
	}
	l.Heads = slices.DeleteFunc(l.Heads, func(h gather.Head) bool { return h.Signature == nil && len(h.Statements) == 0 })
}

func TestStaleDeclaration(t *testing.T) {
	// No hour is claimed; the declaration relied on is printed as it was.
	w := newWorld(t, false)
	q := invite()
	q.clocks = record.ByNumber(red, 120)
	ref := w.put(blue, q)
	w.meet(red)
	w.now += 9
	w.timed(red)
	w.meet(blue)
	r := w.verify(w.export(ref))
	if !r.Holds() || !strings.Contains(r.Text(), "blue relied on red/120.") {
		t.Fatal(r.Text())
	}
}

func TestWordsNeverSent(t *testing.T) {
	// The words shown are not those red receipted.
	w, q := asked(t)
	c := w.export(q)
	e := &w.own(blue).entries[1]
	was := e.Body
	b := must(record.DecodeBody(was))(t)
	b.Text = "something stronger"
	e.Body = b.Encode()
	w.faulty(c, 4, "log/00001-0000000001/entries.cbor", "the body is not the one")
	// With header and leaf to match, the log is another.
	h := must(record.DecodeHeader(e.Header))(t)
	h.Body = record.BodyDigest(e.Body)
	e.Header = h.Encode()
	w.faulty(c, 4, "log/00001-0000000001/entries.cbor", "the header is not the one")
	l := must(record.DecodeLeaf(e.Leaf))(t)
	l.Header = record.HeaderDigest(e.Header)
	e.Leaf = l.Encode()
	w.faulty(c, 4, "log/00001-0000000001/head-", "do not lead to this head")
}

func TestMadeUpKeys(t *testing.T) {
	w, q := asked(t)
	zip := must(w.export(q).Write())(t)
	honest := must(extract.Verify(zip, extract.Options{}))(t)
	if honest.Vouched() || !strings.Contains(honest.Text(), "keys unvouched") {
		t.Fatal("vouched by nobody")
	}
	fake := w.fingerprints()
	fake["red.example"] = identity.Fingerprint{1, 2, 3}
	_, err := extract.Verify(zip, extract.Options{Fingerprints: fake})
	if f, ok := err.(*extract.Fault); !ok || f.Step != 2 || !strings.Contains(f.Msg, "red.example") {
		t.Fatal(err)
	}
	// A card that the party key did not sign.
	c := w.export(q)
	l := logOf(c, red, 1)
	l.Card = must(w.secrets[blue].SignNote("red.example", w.logs[l.ID].card.Text()))(t)
	w.faulty(c, 2, "log/00002-0000000001/card.txt", "")
	// An agreement that red did not sign.
	c = w.export(q)
	half := must(draft.Sign(w.agreement.Text(), "blue.example", w.secrets[blue]))(t)
	if _, err := (&gather.Contents{Kind: c.Kind, Agreements: [][]byte{half}}).Write(); err == nil {
		t.Fatal("written with half an agreement")
	}
}

func TestATestThatNamesTheRequest(t *testing.T) {
	// A line test of red that is about the request is listed, and no reply.
	w, q := asked(t)
	w.put(red, say{code: "LT01", about: q})
	w.meet(blue)
	w.timed(red)
	r := w.verify(w.export(q))
	if !r.Holds() || len(r.NoReply.Named) != 3 || !strings.Contains(r.Text(), "LT01: names it, is not a reply") {
		t.Fatalf("%+v", r.NoReply)
	}
	// A phrase nobody knows may be one.
	w.put(red, say{code: "ZZ99", about: q})
	w.meet(blue)
	w.timed(red)
	w.refused(w.export(q), 12, "ZZ99")
}

func TestNewerFormat(t *testing.T) {
	w, q := asked(t)
	w.put(red, say{raw: []byte{0xa1, 0x01, 0x02}})
	w.meet(blue)
	w.timed(red)
	w.refused(w.export(q), 12, "newer format")
	// A leaf that is nothing replies to nothing.
	w, q = asked(t)
	w.put(red, say{raw: []byte("nothing")})
	w.meet(blue)
	w.timed(red)
	if r := w.verify(w.export(q)); !r.Holds() || len(r.Breaches) != 1 {
		t.Fatalf("%+v", r)
	}
}

func TestRequestThatAsksNothing(t *testing.T) {
	w, _ := asked(t)
	q := w.put(blue, say{code: "KY01"})
	w.meet(red)
	w.timed(red)
	w.refused(w.export(q), 7, "asks for no reply")
}

func TestDivergingSeenOfTheRequest(t *testing.T) {
	// The request claims to have seen another log of red than there is: the
	// range cannot begin there.
	w := newWorld(t, false)
	w.put(red, say{code: "TX01"})
	s := invite()
	s.seen = func([]record.Seen) []record.Seen {
		return []record.Seen{{Party: red, Generation: 1, Size: 1, Root: seed("another")}}
	}
	q := w.put(blue, s)
	w.meet(red)
	w.timed(red)
	w.meet(blue)
	w.refused(w.export(q), 4, "not how this log begins")
}

func TestPendingHeadIsSaid(t *testing.T) {
	w, q := asked(t)
	w.put(red, say{code: "TX01"})
	r := w.verify(w.export(q))
	if !r.Holds() || !strings.HasSuffix(r.NoReply.Sentence, " Blue knew a later head of size 4; its records had not come.") {
		t.Fatalf("%+v", r.NoReply)
	}
}

func TestExercise(t *testing.T) {
	w := newWorld(t, true)
	q := w.put(blue, invite())
	w.meet(red)
	w.timed(red)
	w.meet(blue)
	if r := w.verify(w.export(q)); !r.Holds() || !r.Exercise || !strings.Contains(r.Text(), extract.DemonstrationSentence) {
		t.Fatal(r.Text())
	}
}

func TestBreachesArePrinted(t *testing.T) {
	w, q := asked(t)
	w.put(red, say{code: "TX01", leaf: func(l *record.Leaf) { l.Time -= 3000 }})
	w.put(red, say{code: "TX01", seen: func([]record.Seen) []record.Seen {
		return []record.Seen{{Party: blue, Generation: 1, Size: 1, Root: w.own(blue).root(1)}}
	}})
	w.meet(blue)
	w.timed(red)
	if r := w.verify(w.export(q)); len(r.Breaches) != 2 {
		t.Fatalf("%q", r.Breaches)
	}
}
