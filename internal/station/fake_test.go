// SPDX-License-Identifier: Apache-2.0

package station_test

import (
	"testing"

	"openline/catalogue"
	"openline/internal/station"
	"openline/internal/station/stationtest"
	"openline/internal/store"
	"openline/link"
	"openline/mirror"
	"openline/record"
	"openline/tlog"
)

// fake is a counterpart that says what a test makes it say: red's keys with
// no station behind them.
type fake struct {
	b     *bench
	side  *side
	to    *side
	id    station.BearerID
	sess  *link.Session
	tree  *tlog.Tree
	sent  []record.Entry
	codes []link.Code
	got   [][]byte // packages
	heard func(link.Event)
}

// newFake takes side i out of the bench and stands in for it.
func newFake(b *bench, i int) *fake {
	tree, err := tlog.OpenTree(0, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	f := &fake{b: b, side: b.sides[i], to: b.sides[1-i], tree: tree}
	if b.up {
		b.up = false
		f.to.step(station.BearerDown{ID: b.conn + station.BearerID(f.to.i), Why: "cut"})
		b.settle()
	}
	return f
}

// greet opens a session in which the fake says it holds this head of the
// other's own log.
func (f *fake) greet(t *testing.T, yours []byte) {
	t.Helper()
	f.b.conn += 2
	f.id = f.b.conn
	exporter := []byte{byte(f.id)}
	f.sess = link.New(link.Config{
		Line: f.b.line.Agreements.Line(), Me: f.side.party.Number, Peer: f.to.party.Number, Generation: f.side.issued.Card.Generation,
		Exporter: exporter, Sign: f.side.issued.Signers.SignSession,
		Verify: func(role byte, exporter, sig []byte) bool {
			return f.b.auth.VerifySession(f.to.issued.Card, role, exporter, sig)
		},
	}, link.Hello{Boot: link.Boot{200, byte(f.id)}, Yours: yours}, f.b.now)
	f.to.step(station.BearerUp{ID: f.id, Peer: f.side.party.Number, Name: "tls", Dialer: true, Exporter: exporter, PeerCard: f.side.issued.Note})
	f.exchange(t)
	if !f.sess.IsUp() {
		t.Fatal("the session does not come up")
	}
}

// exchange carries frames both ways until both rest.
func (f *fake) exchange(t *testing.T) {
	t.Helper()
	for range 1000 {
		out := f.sess.Out()
		for _, b := range out {
			f.to.step(station.Frame{ID: f.id, Bytes: b})
		}
		if len(out) == 0 && len(f.to.todo) == 0 {
			return
		}
		for len(f.to.todo) > 0 {
			send, ok := f.to.todo[0].(station.Send)
			f.to.next()
			if !ok || send.ID != f.id {
				continue
			}
			for _, b := range send.Frames {
				events, _ := f.sess.Receive(b, f.b.now)
				for _, e := range events {
					if e.Kind == link.Package {
						f.got = append(f.got, e.Payload)
					}
					if f.heard != nil {
						f.heard(e)
					}
					if e.Kind == link.Closed {
						f.codes = append(f.codes, e.Code)
					}
				}
			}
		}
	}
	t.Fatal("the exchange does not end")
}

// entry writes a whole record of the fake's at a time.
func (f *fake) entry(at record.Stamp, words string, seen ...record.Seen) record.Entry {
	body := (&record.Body{Text: words}).Encode()
	h := &record.Header{Code: "TX01", Status: record.Actual, Precedence: record.Routine, From: "secretary",
		To: []record.Address{{Party: f.to.party.Number, Post: "watch"}}, Written: at, Language: "en", Body: record.BodyDigest(body)}
	header := h.Encode()
	l := record.Leaf{Format: record.FormatVersion, Agreement: 1, Author: f.side.party.Number, Generation: 1, Time: at, Seen: seen, Header: record.HeaderDigest(header)}
	return record.Entry{Leaf: l.Encode(), Header: header, Body: body}
}

// add appends entries to the fake's log.
func (f *fake) add(entries ...record.Entry) {
	for _, e := range entries {
		f.tree.Append(record.LeafHash(e.Leaf))
		f.sent = append(f.sent, e)
	}
}

func (f *fake) origin() string { return f.side.issued.Card.Origin() }

func (f *fake) head() tlog.Checkpoint {
	return tlog.Checkpoint{Origin: f.origin(), Size: f.tree.Size(), Root: f.tree.Root()}
}

func (f *fake) sign(t *testing.T, c tlog.Checkpoint) []byte {
	t.Helper()
	note, err := tlog.SignCheckpoint(c, f.side.issued.Signers.Log)
	if err != nil {
		t.Fatal(err)
	}
	return note
}

// pack sends everything from an index on, under the newest head.
func (f *fake) pack(t *testing.T, from int) {
	t.Helper()
	f.send(t, mirror.Package{Log: mirror.LogID(f.side.log()), From: uint64(from), Entries: f.sent[from:], Checkpoint: f.sign(t, f.head())})
}

func (f *fake) send(t *testing.T, p mirror.Package) {
	t.Helper()
	through := link.Have{Party: p.Log.Party, Generation: p.Log.Generation, Size: p.From + uint64(len(p.Entries))}
	if !f.sess.SendPackage(through, p.Encode(), f.b.now) {
		t.Fatal("the window is full")
	}
	f.exchange(t)
}

// cosign sends a cosignature of the fake's over a head.
func (f *fake) cosign(t *testing.T, log mirror.LogID, c tlog.Checkpoint, at record.Stamp) {
	t.Helper()
	line, err := f.side.issued.Signers.Cosigner.Cosign(c, uint64(at))
	if err != nil {
		t.Fatal(err)
	}
	f.sess.SendStatement(mirror.Statement{Log: log, By: mirror.LogID(f.side.log()), Size: c.Size, Line: line}.Encode())
	f.exchange(t)
}

// withoutPhrase is a catalogue that lacks a phrase.
func withoutPhrase(t *testing.T, l *stationtest.Line, code string) func(uint32) *catalogue.Catalogue {
	t.Helper()
	files := map[string][]byte{}
	for name, b := range l.Catalogue.Files() {
		files[name] = b
	}
	files["phrases.toml"] = cutPhrase(t, files["phrases.toml"], code)
	for name, b := range files {
		if name != "phrases.toml" && len(name) == len("en.toml") {
			delete(files, name)
			_ = b
		}
	}
	cat, err := catalogue.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	return func(uint32) *catalogue.Catalogue { return cat }
}

func cutPhrase(t *testing.T, b []byte, code string) []byte {
	t.Helper()
	const head = "[[phrase]]\n"
	parts := splitKeep(string(b), head)
	out := ""
	for _, p := range parts {
		if len(p) < 24 || p[len(head):len(head)+8+len(code)] != "code = \""+code {
			out += p
		}
	}
	return []byte(out)
}

func splitKeep(s, sep string) (out []string) {
	for {
		i := indexFrom(s, sep, len(sep))
		if i < 0 {
			return append(out, s)
		}
		out = append(out, s[:i])
		s = s[i:]
	}
}

func indexFrom(s, sep string, from int) int {
	for i := from; i+len(sep) <= len(s); i++ {
		if s[i:i+len(sep)] == sep {
			return i
		}
	}
	return -1
}

func storeLog(party record.PartyNo) store.LogID { return store.LogID{Party: party, Generation: 1} }

// link3 says that a package reaches the fake's third record.
func link3(f *fake) link.Have {
	return link.Have{Party: f.side.party.Number, Generation: 1, Size: uint64(len(f.sent))}
}
