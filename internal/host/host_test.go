// SPDX-License-Identifier: Apache-2.0

package host_test

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"testing"
	"time"

	"openline/identity"
	"openline/identity/secret"
	"openline/internal/bearer/tls"
	"openline/internal/host"
	"openline/internal/host/hosttest"
	"openline/internal/station"
	"openline/tlog"
)

// running is a host with its store and how to end it.
type running struct {
	*host.Host
	tb     testing.TB
	db     io.Closer
	cancel context.CancelFunc
	ended  chan error
}

func start(tb testing.TB, cfg host.Config, db io.Closer) *running {
	tb.Helper()
	h, err := host.New(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	r := &running{h, tb, db, cancel, make(chan error, 1)}
	go func() { r.ended <- h.Run(ctx) }()
	tb.Cleanup(func() {
		if r.cancel != nil {
			r.stop()
		}
	})
	return r
}

// startDisk runs a party's station on this line, in a directory.
func startDisk(tb testing.TB, w *hosttest.World, short, dir string, dial ...string) *running {
	tb.Helper()
	db := hosttest.Disk(tb, dir)
	cfg := w.Config(short, host.StoreOf(db), dial...)
	cfg.Log = hosttest.Log(tb, short)
	return start(tb, cfg, db)
}

func (r *running) stop() {
	r.tb.Helper()
	r.cancel()
	r.cancel = nil
	if err := <-r.ended; err != nil {
		r.tb.Errorf("run: %v", err)
	}
	if err := r.db.Close(); err != nil {
		r.tb.Errorf("close: %v", err)
	}
}

// say says a free text and gives its number.
func (r *running) say(w *hosttest.World, text string) uint64 {
	r.tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	res, err := r.Say(ctx, w.Line(), station.Say{Drafts: []station.Draft{{Code: "TX01", Text: text}}})
	if err != nil {
		r.tb.Fatalf("say: %v", err)
	}
	return res[0].Number
}

// wait watches a line until what is asked for holds.
func (r *running) wait(w *hosttest.World, what string, holds func(station.View) bool) station.View {
	r.tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	news, leave, err := r.Subscribe(w.Line(), 1024)
	if err != nil {
		r.tb.Fatal(err)
	}
	defer leave()
	for {
		v, err := r.View(ctx, w.Line())
		if err != nil {
			r.tb.Fatalf("waiting for %s: %v", what, err)
		}
		if holds(v) {
			return v
		}
		select {
		case <-news:
		case <-ctx.Done():
			r.tb.Fatalf("waited in vain for %s: %+v", what, v)
		}
	}
}

func receipted(number uint64) func(station.View) bool {
	return func(v station.View) bool {
		return v.Hold == station.HoldNone && len(v.Peers) > 0 && v.Peers[0].Receipt.Size > 0 && v.Peers[0].Receipt.Last >= number
	}
}

func holdsOf(number uint64) func(station.View) bool {
	return func(v station.View) bool { return v.Peers[0].Size > 0 && v.Peers[0].Last >= number }
}

func TestSayAndReceipt(t *testing.T) {
	w := hosttest.New(t, hosttest.Options{}, "blue", "red")
	blue := startDisk(t, w, "blue", t.TempDir())
	red := startDisk(t, w, "red", t.TempDir(), "blue")
	blue.wait(w, "red", func(v station.View) bool { return v.Hold == "" })
	red.wait(w, "blue", func(v station.View) bool { return v.Hold == "" })

	n := blue.say(w, "Good morning.")
	blue.wait(w, "the receipt", receipted(n))
	m := red.say(w, "Good morning to you.")
	red.wait(w, "the receipt", receipted(m))
	blue.wait(w, "red's words", holdsOf(m))
}

func TestSayTwiceUnderOneToken(t *testing.T) {
	w := hosttest.New(t, hosttest.Options{}, "blue", "red")
	blue := startDisk(t, w, "blue", t.TempDir())
	startDisk(t, w, "red", t.TempDir(), "blue")
	blue.wait(w, "red", func(v station.View) bool { return v.Hold == "" })

	say := func() []station.Result {
		res, err := blue.Say(t.Context(), w.Line(), station.Say{Token: "01J", Drafts: []station.Draft{{Code: "TX01", Text: "once"}}})
		if err != nil {
			t.Fatal(err)
		}
		return res
	}
	answers := make(chan []station.Result, 8)
	for range cap(answers) {
		go func() { answers <- say() }()
	}
	first := say()
	for range cap(answers) {
		if got := <-answers; got[0] != first[0] {
			t.Errorf("one token, two records: %+v and %+v", got[0], first[0])
		}
	}
}

func TestRestart(t *testing.T) {
	w := hosttest.New(t, hosttest.Options{}, "blue", "red")
	at := map[string]string{"blue": t.TempDir(), "red": t.TempDir()}
	blue := startDisk(t, w, "blue", at["blue"], "red")
	red := startDisk(t, w, "red", at["red"], "blue")
	n := blue.say(w, "before")
	blue.wait(w, "the receipt", receipted(n))
	for range 3 {
		red.stop()
		n = blue.say(w, "while red is away")
		red = startDisk(t, w, "red", at["red"], "blue")
		blue.wait(w, "the receipt", receipted(n))
		blue.stop()
		blue = startDisk(t, w, "blue", at["blue"], "red")
		blue.wait(w, "red", func(v station.View) bool { return v.Hold == "" })
		m := red.say(w, "after")
		red.wait(w, "the receipt", receipted(m))
	}
}

func TestCutAndReconnect(t *testing.T) {
	w := hosttest.New(t, hosttest.Options{}, "blue", "red")
	blue := startDisk(t, w, "blue", t.TempDir(), "red")
	red := startDisk(t, w, "red", t.TempDir(), "blue")
	blue.wait(w, "the receipt", receipted(blue.say(w, "one")))
	for range 3 {
		if err := blue.Cut(t.Context(), w.Line(), w.Party("red").Name); err != nil {
			t.Fatal(err)
		}
		red.wait(w, "the cut", func(v station.View) bool { return len(v.Peers[0].Bearers) == 0 })
		n := blue.say(w, "while cut")
		if err := blue.Restore(t.Context(), w.Line(), w.Party("red").Name); err != nil {
			t.Fatal(err)
		}
		from := time.Now()
		blue.wait(w, "the receipt", receipted(n))
		t.Logf("receipted %v after the line came back", time.Since(from))
	}
	// Both dialed; one connection is kept.
	blue.wait(w, "one connection", func(v station.View) bool { return len(v.Peers[0].Bearers) == 1 })
	red.wait(w, "one connection", func(v station.View) bool { return len(v.Peers[0].Bearers) == 1 })
}

// TestWrongKey knocks with cards that are not red's.
func TestWrongKey(t *testing.T) {
	w := hosttest.New(t, hosttest.Options{}, "blue", "red")
	blue := startDisk(t, w, "blue", t.TempDir())
	at := t.TempDir()
	red := startDisk(t, w, "red", at, "blue")
	blue.wait(w, "the receipt", receipted(blue.say(w, "one")))
	red.stop()
	blue.wait(w, "red's leaving", func(v station.View) bool { return len(v.Peers[0].Bearers) == 0 })

	honest := w.Party("red")
	stranger := hosttest.New(t, hosttest.Options{}, "green", "red").Party("green")
	forged := *honest
	forged.Secret = stranger.Secret
	w.Renew(t, &forged, 2, 1000, &identity.Held{Generation: 1, Root: tlog.EmptyRoot()})
	for name, knock := range map[string]struct {
		card []byte
		keys *secret.Station
	}{
		"card signed by a stranger":        {forged.Card, forged.Keys},
		"red's card, a stranger's key":     {honest.Card, stranger.Keys},
		"a card of another line":           {stranger.Card, stranger.Keys},
		"our own card":                     {w.Party("blue").Card, w.Party("blue").Keys},
		"something that is no card at all": {[]byte("a card"), stranger.Keys},
	} {
		cert, err := tls.NewCertificate(knock.keys.SessionTLS(), knock.card)
		if err != nil {
			t.Fatal(err)
		}
		c, err := tls.Dial(t.Context(), blue.Addr(), tls.Config{
			Certificate: cert, ServerName: host.LineName(w.Line()), VerifyPeer: func(*x509.Certificate) error { return nil },
		})
		if err == nil {
			// In TLS 1.3 the dialer is done first; its first read shows that
			// it was turned away.
			if _, err = c.ReadFrame(); err == nil {
				t.Errorf("%s: the station spoke", name)
			}
			if err := c.Close(); err != nil {
				t.Logf("%s: close: %v", name, err)
			}
		}
	}
	if v, err := blue.View(t.Context(), w.Line()); err != nil || len(v.Peers[0].Bearers) != 0 || v.Peers[0].Generation != 1 {
		t.Errorf("after the knocks: %+v, %v", v, err)
	}
	startDisk(t, w, "red", at, "blue")
	blue.wait(w, "red", func(v station.View) bool { return len(v.Peers[0].Bearers) == 1 })
}

func TestNoLine(t *testing.T) {
	if _, err := host.New(host.Config{}); err == nil {
		t.Error("a host without lines was made")
	}
	w := hosttest.New(t, hosttest.Options{}, "blue", "red")
	blue := startDisk(t, w, "blue", t.TempDir())
	if _, err := blue.View(t.Context(), "x-00000000"); !errors.Is(err, host.ErrNoLine) {
		t.Errorf("got %v", err)
	}
}

// TestManyLines runs one station on three lines over one port.
func TestManyLines(t *testing.T) {
	dir := t.TempDir()
	db := hosttest.Disk(t, dir)
	var worlds []*hosttest.World
	var cfg host.Config
	for i, other := range []string{"red", "green", "red"} {
		w := hosttest.New(t, hosttest.Options{Slug: []string{"one", "two", "three"}[i]}, "blue", other)
		if i == 0 {
			cfg = w.Config("blue", host.StoreOf(db))
		} else {
			cfg.Lines = append(cfg.Lines, w.LineFor("blue"))
			w.Party("blue").Addr = worlds[0].Party("blue").Addr
		}
		worlds = append(worlds, w)
	}
	blue := start(t, cfg, db)
	for i, w := range worlds {
		other := startDisk(t, w, []string{"red", "green", "red"}[i], t.TempDir(), "blue")
		blue.wait(w, "the receipt", receipted(blue.say(w, "on this line")))
		other.wait(w, "the receipt", receipted(other.say(w, "and back")))
	}
}

// TestHostilePeer has a peer with red's own keys that opens connections
// without end, says nothing, and sends what is no frame.
func TestHostilePeer(t *testing.T) {
	w := hosttest.New(t, hosttest.Options{}, "blue", "red")
	at := t.TempDir()
	blue := startDisk(t, w, "blue", t.TempDir())
	red := startDisk(t, w, "red", at, "blue")
	blue.wait(w, "the receipt", receipted(blue.say(w, "one")))
	red.stop()
	blue.wait(w, "red's leaving", func(v station.View) bool { return len(v.Peers[0].Bearers) == 0 })

	p := w.Party("red")
	cert, err := tls.NewCertificate(p.Keys.SessionTLS(), p.Card)
	if err != nil {
		t.Fatal(err)
	}
	knock := func() *tls.Conn {
		c, err := tls.Dial(t.Context(), blue.Addr(), tls.Config{
			Certificate: cert, ServerName: host.LineName(w.Line()), VerifyPeer: func(*x509.Certificate) error { return nil },
		})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	for name, bytes := range map[string][]byte{
		"no frame at all": []byte("GET / HTTP/1.1"), "a frame of nothing": {0x80}, "an old session's ping": {0x83, 7, 1, 0x40},
	} {
		c := knock()
		if err := c.WriteFrames([][]byte{bytes}); err != nil {
			t.Fatal(err)
		}
		for err = nil; err == nil; {
			_, err = c.ReadFrame() // its hello and goodbye, then the end
		}
		if v, err := blue.View(t.Context(), w.Line()); err != nil || len(v.Peers[0].Bearers) != 0 {
			t.Errorf("%s: %+v, %v", name, v.Peers[0], err)
		}
		if err := c.Close(); err != nil {
			t.Logf("%s: close: %v", name, err)
		}
	}
	open := 0
	for range 20 {
		c := knock()
		defer c.Close()
		if _, err := c.ReadFrame(); err == nil {
			open++ // it was taken in: the station's hello came
		}
	}
	if open == 0 || open > 8 {
		t.Errorf("%d silent connections are held", open)
	}
	// Silence ends them; the true peer comes through, and blue never stood still.
	n := blue.say(w, "meanwhile")
	startDisk(t, w, "red", at, "blue")
	blue.wait(w, "the receipt", receipted(n))
}
