// SPDX-License-Identifier: Apache-2.0

package host_test

import (
	"bytes"
	"crypto/x509"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"openline/identity"
	"openline/identity/secret"
	"openline/internal/bearer/tls"
	"openline/internal/host"
	"openline/internal/host/hosttest"
	"openline/internal/station"
	"openline/internal/store/sqlite"
	"openline/link"
	"openline/mirror"
	"openline/record"
	"openline/tlog"
)

// patience is how long a test waits for what has to come.
const patience = 60 * time.Second

// evil is red's own keys with no station behind them: it says over real TLS
// what a test makes it say.
type evil struct {
	t       *testing.T
	w       *hosttest.World
	addr    string // of the station it speaks to
	me      *hosttest.Party
	card    *identity.StationCard
	theirs  *identity.StationCard
	keys    tlog.Keys // theirs
	tree    *tlog.Tree
	sent    []record.Entry
	boots   byte
	started time.Time
}

func newEvil(t *testing.T, w *hosttest.World, addr string) *evil {
	t.Helper()
	e := &evil{t: t, w: w, addr: addr, me: w.Party("red"), started: time.Now()}
	blue := w.Party("blue")
	var err error
	if e.card, err = identity.OpenStationCard(e.me.Card, e.me.Secret.Public()); err != nil {
		t.Fatal(err)
	}
	if e.theirs, err = identity.OpenStationCard(blue.Card, blue.Secret.Public()); err != nil {
		t.Fatal(err)
	}
	if e.keys, err = tlog.KeysOf(e.theirs); err != nil {
		t.Fatal(err)
	}
	if e.tree, err = tlog.OpenTree(0, nil); err != nil {
		t.Fatal(err)
	}
	return e
}

func (e *evil) log() mirror.LogID { return mirror.LogID{Party: e.me.No, Generation: 1} }

// knock opens a connection with a card and the keys said to be its own.
func (e *evil) knock(card []byte, keys *secret.Station) (*tls.Conn, error) {
	cert, err := tls.NewCertificate(keys.SessionTLS(), card)
	if err != nil {
		return nil, err
	}
	return tls.Dial(e.t.Context(), e.addr, tls.Config{
		Certificate: cert, ServerName: host.LineName(e.w.Line()), MaxFrame: 8 * link.MaxFrame,
		VerifyPeer: func(*x509.Certificate) error { return nil },
	})
}

func (e *evil) dial() *tls.Conn {
	e.t.Helper()
	c, err := e.knock(e.me.Card, e.me.Keys)
	if err != nil {
		e.t.Fatal(err)
	}
	e.t.Cleanup(func() { hangUp(e.t, c) })
	return c
}

func hangUp(t *testing.T, c *tls.Conn) {
	if err := c.Close(); err != nil {
		t.Logf("close: %v", err)
	}
}

// visit is one greeted connection.
type visit struct {
	e       *evil
	conn    *tls.Conn
	hello   []byte // its first frame
	changed chan struct{}

	mu      sync.Mutex
	sess    *link.Session
	up      bool
	ended   bool
	code    link.Code
	receipt uint64 // the largest size of our log they cosigned
	echoes  []link.Boot
	heads   []tlog.Checkpoint // of their log, in the order they came
	again   int               // packages that brought nothing new
}

// greet opens a session and waits until it is up.
func (e *evil) greet() *visit {
	e.t.Helper()
	v := e.visit()
	v.until("the session", func() bool { return v.up })
	return v
}

func (e *evil) visit() *visit {
	e.t.Helper()
	c := e.dial()
	exporter, err := c.Exporter(link.ExporterLabel, link.ExporterLen)
	if err != nil {
		e.t.Fatal(err)
	}
	e.boots++
	v := &visit{e: e, conn: c, changed: make(chan struct{}, 1)}
	v.sess = link.New(link.Config{
		Line: e.w.Line(), Me: e.me.No, Peer: e.w.Party("blue").No, Dialer: true, Generation: 1, Exporter: exporter,
		Sign: func(role byte, exporter []byte) []byte { return e.me.Keys.SignSession(e.w.Line(), role, exporter) },
		Verify: func(role byte, exporter, sig []byte) bool {
			return e.theirs.Keys.VerifySession(e.w.Line(), role, exporter, sig)
		},
	}, link.Hello{Boot: link.Boot{0xe, e.boots}}, e.now())
	out := v.sess.Out()
	v.hello = out[0]
	if err := c.WriteFrames(out); err != nil {
		e.t.Fatal(err)
	}
	go v.read()
	return v
}

func (e *evil) now() time.Duration { return time.Since(e.started) }

func (v *visit) read() {
	for {
		f, err := v.conn.ReadFrame()
		v.mu.Lock()
		if err != nil {
			v.ended = true
		} else {
			events, _ := v.sess.Receive(f, v.e.now())
			for _, ev := range events {
				v.note(ev)
			}
			// A station that hung up reads no more; the next read says so.
			_ = v.conn.WriteFrames(v.sess.Out())
		}
		v.mu.Unlock()
		select {
		case v.changed <- struct{}{}:
		default:
		}
		if err != nil {
			return
		}
	}
}

func (v *visit) note(ev link.Event) {
	switch ev.Kind {
	case link.Up:
		v.up = true
	case link.Closed:
		v.code = ev.Code
	case link.Echoed:
		v.echoes = append(v.echoes, ev.Boot)
	case link.Statement:
		if st, err := mirror.DecodeStatement(ev.Payload); err == nil && st.Log == v.e.log() && !st.PQ && st.By.Party != v.e.me.No {
			v.receipt = max(v.receipt, st.Size)
		}
	case link.Package:
		p, err := mirror.DecodePackage(ev.Payload)
		if err != nil {
			return
		}
		if p.From == 0 && len(v.heads) > 0 {
			v.again++
		}
		if c, err := tlog.OpenCheckpoint(bytes.Clone(p.Checkpoint), v.e.keys.Log); err == nil {
			v.heads = append(v.heads, c)
		}
	}
}

// until waits for what a visit hears.
func (v *visit) until(what string, holds func() bool) {
	v.e.t.Helper()
	late := time.After(patience)
	for {
		v.mu.Lock()
		ok := holds()
		v.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-v.changed:
		case <-late:
			v.e.t.Fatalf("waited in vain for %s", what)
		}
	}
}

// frames gives what f makes the session say, unsent.
func (v *visit) frames(f func(*link.Session)) [][]byte {
	v.mu.Lock()
	defer v.mu.Unlock()
	f(v.sess)
	return v.sess.Out()
}

// write sends frames as they are. That the other side has hung up meanwhile
// is what some tests want.
func (v *visit) write(frames ...[]byte) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := v.conn.WriteFrames(frames); err != nil {
		v.e.t.Logf("write: %v", err)
	}
}

func (v *visit) leave() { hangUp(v.e.t, v.conn) }

// entry writes a whole record; change may make it what it should not be.
func (e *evil) entry(code, words string, change func(*record.Leaf, *record.Header)) record.Entry {
	now := record.Stamp(time.Now().Unix())
	body := (&record.Body{Text: words}).Encode()
	h := &record.Header{Code: code, Status: record.Actual, Precedence: record.Routine, From: "secretary",
		To: []record.Address{{Party: 1, Post: "watch"}}, Written: now, Language: "en", Body: record.BodyDigest(body)}
	l := record.Leaf{Format: record.FormatVersion, Agreement: 1, Author: e.me.No, Generation: 1, Time: now}
	if change != nil {
		change(&l, h)
	}
	header := h.Encode()
	l.Header = record.HeaderDigest(header)
	return record.Entry{Leaf: l.Encode(), Header: header, Body: body}
}

func (e *evil) text(words string) record.Entry { return e.entry("TX01", words, nil) }

func (e *evil) add(entries ...record.Entry) {
	for _, x := range entries {
		e.tree.Append(record.LeafHash(x.Leaf))
		e.sent = append(e.sent, x)
	}
}

func (e *evil) head() tlog.Checkpoint {
	return tlog.Checkpoint{Origin: e.card.Origin(), Size: e.tree.Size(), Root: e.tree.Root()}
}

func (e *evil) sign(c tlog.Checkpoint) []byte {
	e.t.Helper()
	signer, err := e.me.Keys.LogSigner(e.card.Origin())
	if err != nil {
		e.t.Fatal(err)
	}
	note, err := tlog.SignCheckpoint(c, signer)
	if err != nil {
		e.t.Fatal(err)
	}
	return note
}

// pack is a package of what was added from an index on.
func (e *evil) pack(from int) mirror.Package {
	return mirror.Package{Log: e.log(), From: uint64(from), Entries: e.sent[from:], Checkpoint: e.sign(e.head())}
}

// packed gives the frames of a package.
func (v *visit) packed(p mirror.Package) [][]byte {
	v.e.t.Helper()
	return v.frames(func(s *link.Session) {
		through := link.Have{Party: p.Log.Party, Generation: p.Log.Generation, Size: p.From + uint64(len(p.Entries))}
		if !s.SendPackage(through, p.Encode(), v.e.now()) {
			v.e.t.Error("the window is full")
		}
	})
}

func (v *visit) pack(p mirror.Package) {
	v.e.t.Helper()
	v.write(v.packed(p)...)
}

// good adds a record, sends all from an index on and waits for the receipt.
func (v *visit) good(from int, words string) {
	v.e.t.Helper()
	v.e.add(v.e.text(words))
	v.pack(v.e.pack(from))
	v.receipted(v.e.tree.Size())
}

func (v *visit) receipted(size uint64) {
	v.e.t.Helper()
	v.until("a receipt", func() bool { return v.receipt >= size })
}

func (v *visit) cosign(log mirror.LogID, c tlog.Checkpoint, at time.Time) {
	v.e.t.Helper()
	ed, _ := v.e.me.Keys.Cosigner()
	line, err := tlog.NewCosigner(v.e.card.CosignerName(), ed).Cosign(c, uint64(at.Unix()))
	if err != nil {
		v.e.t.Fatal(err)
	}
	st := mirror.Statement{Log: log, By: v.e.log(), Size: c.Size, Line: line}
	v.write(v.frames(func(s *link.Session) { s.SendStatement(st.Encode()) })...)
}

// told is an operator's log that can be waited for.
type told struct {
	mu      sync.Mutex
	text    strings.Builder
	changed chan struct{}
}

func (l *told) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case l.changed <- struct{}{}:
	default:
	}
	return l.text.Write(b)
}

func (l *told) wait(t *testing.T, words string) {
	t.Helper()
	late := time.After(patience)
	for {
		l.mu.Lock()
		text := l.text.String()
		l.mu.Unlock()
		if strings.Contains(text, words) {
			return
		}
		select {
		case <-l.changed:
		case <-late:
			t.Fatalf("the operator is not told %q, but:\n%s", words, text)
		}
	}
}

// scene is blue and green, both honest, and red's keys in other hands.
type scene struct {
	*evil
	blue, green *running
	db          *sqlite.DB
	told        *told
}

func newScene(t *testing.T, o hosttest.Options) *scene {
	t.Helper()
	w := hosttest.New(t, o, "blue", "red", "green")
	s := &scene{told: &told{changed: make(chan struct{}, 1)}, db: hosttest.Disk(t, t.TempDir())}
	cfg := w.Config("blue", host.StoreOf(s.db))
	cfg.Log = slog.New(slog.NewTextHandler(s.told, nil))
	s.blue = start(t, cfg, s.db)
	s.green = startDisk(t, w, "green", t.TempDir(), "blue")
	s.evil = newEvil(t, w, s.blue.Addr())
	s.blue.wait(w, "green", func(v station.View) bool { return v.Hold == "" && len(v.Peers[1].Bearers) == 1 })
	return s
}

func (s *scene) view() station.PeerView {
	s.t.Helper()
	v, err := s.blue.View(s.t.Context(), s.w.Line())
	if err != nil {
		s.t.Fatal(err)
	}
	return v.Peers[0]
}

func (s *scene) wait(what string, holds func(station.PeerView) bool) {
	s.t.Helper()
	s.blue.wait(s.w, what, func(v station.View) bool { return holds(v.Peers[0]) })
}
