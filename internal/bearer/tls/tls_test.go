// SPDX-License-Identifier: Apache-2.0

package tls

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"errors"
	"io"
	"math/big"
	"net"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// end is one station's end: a key and the text that stands for its card.
type end struct {
	key  ed25519.PrivateKey
	card string
}

func newEnd(seed byte, card string) end {
	return end{ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, 32)), card}
}

var blue, red, stranger = newEnd(1, "card of blue"), newEnd(2, "card of red"), newEnd(3, "card of nobody")

func (e end) certificate(t testing.TB) tls.Certificate {
	t.Helper()
	c, err := NewCertificate(e.key, []byte(e.card))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// expects is a configuration of me that accepts the other end only.
func (e end) expects(t testing.TB, other end) Config {
	t.Helper()
	return Config{Certificate: e.certificate(t), VerifyPeer: func(c *x509.Certificate) error {
		card, key, err := Card(c)
		if err != nil {
			return err
		}
		if string(card) != other.card || !key.Equal(other.key.Public()) {
			return errors.New("another party")
		}
		return nil
	}}
}

// server is a listener with what came of it.
type server struct {
	*Listener
	accepted chan *Conn
	failures chan error
	done     chan error
	cancel   context.CancelFunc
}

func serve(t *testing.T, cfg Config) *server {
	t.Helper()
	l, err := Listen("127.0.0.1:0", cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &server{l, make(chan *Conn, 64), make(chan error, 1024), make(chan error, 1), cancel}
	go func() {
		s.done <- l.Serve(ctx, func(c *Conn) { s.accepted <- c }, func(_ string, err error) { s.failures <- err })
	}()
	t.Cleanup(func() {
		cancel()
		if err, ok := <-s.done; ok && err != nil {
			t.Errorf("Serve ends with %v", err)
		}
		close(s.accepted)
		for c := range s.accepted {
			closeConn(t, c)
		}
	})
	return s
}

func closeConn(t testing.TB, c io.Closer) {
	t.Helper()
	if err := c.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		t.Logf("close: %v", err)
	}
}

// leaks demands that every goroutine a test started has ended.
func leaks(t *testing.T) {
	before := runtime.NumGoroutine()
	t.Cleanup(func() {
		deadline := time.Now().Add(10 * time.Second)
		for runtime.NumGoroutine() > before {
			if time.Now().After(deadline) {
				buf := make([]byte, 1<<16)
				t.Fatalf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), before, buf[:runtime.Stack(buf, true)])
			}
			runtime.Gosched()
		}
	})
}

// pair is two ends of one proven connection.
func pair(t *testing.T, change func(dialer, listener *Config)) (dialed, accepted *Conn) {
	t.Helper()
	leaks(t)
	d, l := blue.expects(t, red), red.expects(t, blue)
	change(&d, &l)
	s := serve(t, l)
	c, err := Dial(t.Context(), s.Addr(), d)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeConn(t, c) })
	select {
	case a := <-s.accepted:
		t.Cleanup(func() { closeConn(t, a) })
		return c, a
	case err := <-s.failures:
		t.Fatal(err)
	}
	return nil, nil
}

func nothing(_, _ *Config) {}

func TestBothEndsProven(t *testing.T) {
	d, a := pair(t, nothing)
	for c, want := range map[*Conn]end{d: red, a: blue} {
		card, key, err := Card(c.PeerCertificate())
		if err != nil || string(card) != want.card || !key.Equal(want.key.Public()) {
			t.Errorf("peer %q, %v", card, err)
		}
		state := c.c.ConnectionState()
		if state.Version != tls.VersionTLS13 || state.CurveID != tls.X25519MLKEM768 || state.DidResume {
			t.Errorf("version %x, group %v", state.Version, state.CurveID)
		}
		if c.Remote() == "" {
			t.Error("no address")
		}
	}
	frames := [][]byte{[]byte("hello"), bytes.Repeat([]byte{7}, 1<<20), {0}}
	for _, way := range [][2]*Conn{{d, a}, {a, d}} {
		go func() {
			if err := way[0].WriteFrames(frames); err != nil {
				t.Error(err)
			}
		}()
		for i, want := range frames {
			got, err := way[1].ReadFrame()
			if err != nil || !bytes.Equal(got, want) {
				t.Fatalf("frame %d of %d bytes comes as %d: %v", i, len(want), len(got), err)
			}
		}
	}
	if err := d.WriteFrames(nil); err != nil {
		t.Error(err)
	}
}

// Both ends export the same bytes, and no other session does.
func TestExporter(t *testing.T) {
	const label = "EXPORTER-openline/session/v1"
	seen := map[string]bool{}
	for range 3 {
		d, a := pair(t, nothing)
		one, err1 := d.Exporter(label, 32)
		two, err2 := a.Exporter(label, 32)
		other, err3 := a.Exporter("EXPORTER-another", 32)
		if err := errors.Join(err1, err2, err3); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(one, two) || len(one) != 32 || bytes.Equal(one, other) || seen[string(one)] {
			t.Errorf("%x and %x, seen %v", one, two, seen[string(one)])
		}
		seen[string(one)] = true
	}
}

// selfSigned is a certificate of any key, with extensions.
func selfSigned(t *testing.T, key crypto.Signer, extensions ...pkix.Extension) tls.Certificate {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), ExtraExtensions: extensions}
	der, err := x509.CreateCertificate(nil, template, template, key.Public(), key)
	if err != nil {
		der, err = x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	}
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// Who is not the peer is refused by the listener, and by the dialer alike.
func TestWrongPeers(t *testing.T) {
	card := func(text string) pkix.Extension { return pkix.Extension{Id: cardOID, Value: []byte(text)} }
	mine := func(cert tls.Certificate) func(testing.TB) tls.Certificate {
		return func(testing.TB) tls.Certificate { return cert }
	}
	signedByAnother := func(t testing.TB) tls.Certificate {
		template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), ExtraExtensions: []pkix.Extension{card(blue.card)}}
		der := must(x509.CreateCertificate(nil, template, template, blue.key.Public(), stranger.key))(t)
		return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: blue.key}
	}
	for _, c := range []struct {
		name string
		cert func(testing.TB) tls.Certificate
		says string
	}{
		{"another key", stranger.certificate, "another party"},
		{"another key with the peer's card", newEnd(3, blue.card).certificate, "another party"},
		{"the peer's key with another card", newEnd(1, "card of nobody").certificate, "another party"},
		{"no card", mine(selfSigned(t, blue.key)), "no station card"},
		{"a card above its bound", mine(selfSigned(t, blue.key, card(strings.Repeat("x", maxCard+1)))), "no station card"},
		{"ECDSA", mine(selfSigned(t, must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))(t), card(blue.card))), "not for an Ed25519 key"},
		{"RSA", mine(selfSigned(t, must(rsa.GenerateKey(rand.Reader, 2048))(t), card(blue.card))), "not for an Ed25519 key"},
		{"signed by another key", signedByAnother, "not signed by its own key"},
		{"two certificates", func(t testing.TB) tls.Certificate {
			c := blue.certificate(t)
			c.Certificate = append(c.Certificate, red.certificate(t).Certificate...)
			return c
		}, "exactly one certificate"},
		{"no certificate", mine(tls.Certificate{}), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			leaks(t)
			accepting := Config{VerifyPeer: func(*x509.Certificate) error { return nil }}
			impostor := accepting
			impostor.Certificate = c.cert(t)

			s := serve(t, red.expects(t, blue))
			if conn, err := Dial(t.Context(), s.Addr(), impostor); err == nil {
				// TLS 1.3 lets a dialer finish before it hears the answer.
				if _, err := conn.ReadFrame(); err == nil {
					t.Error("something is said to an impostor")
				}
				closeConn(t, conn)
			}
			if err := <-s.failures; c.says != "" && !strings.Contains(err.Error(), c.says) {
				t.Errorf("the listener answers %v", err)
			}

			s = serve(t, impostor)
			conn, err := Dial(t.Context(), s.Addr(), red.expects(t, blue))
			if err == nil {
				closeConn(t, conn)
				t.Error("an impostor is dialed")
			} else if c.says != "" && !strings.Contains(err.Error(), c.says) {
				t.Errorf("the dialer answers %v", err)
			}
			<-s.failures
			if len(s.accepted) > 0 {
				t.Error("accepted")
			}
		})
	}
}

// Only TLS 1.3 with X25519MLKEM768 is spoken, and nothing is resumed.
func TestOtherHandshakes(t *testing.T) {
	for name, change := range map[string]func(*tls.Config){
		"X25519 only":       func(c *tls.Config) { c.CurvePreferences = []tls.CurveID{tls.X25519} },
		"P-256 only":        func(c *tls.Config) { c.CurvePreferences = []tls.CurveID{tls.CurveP256} },
		"SecP256r1MLKEM768": func(c *tls.Config) { c.CurvePreferences = []tls.CurveID{tls.SecP256r1MLKEM768} },
		"TLS 1.2":           func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS12, tls.VersionTLS12 },
		"TLS 1.2, all groups": func(c *tls.Config) {
			c.MinVersion, c.MaxVersion, c.CurvePreferences = tls.VersionTLS10, tls.VersionTLS12, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			leaks(t)
			s := serve(t, red.expects(t, blue))
			cfg := blue.expects(t, red).tls()
			change(cfg)
			raw, err := net.Dial("tcp", s.Addr())
			if err != nil {
				t.Fatal(err)
			}
			c := tls.Client(raw, cfg)
			if err := c.HandshakeContext(t.Context()); err == nil {
				t.Error("the handshake succeeds")
			}
			closeConn(t, raw)
			if err := <-s.failures; err == nil {
				t.Error("the listener has nothing against it")
			}
		})
	}
	t.Run("resumption", func(t *testing.T) {
		leaks(t)
		s := serve(t, red.expects(t, blue))
		cache := tls.NewLRUClientSessionCache(8)
		for range 3 {
			cfg := blue.expects(t, red).tls()
			cfg.ClientSessionCache, cfg.ServerName = cache, "red.example"
			raw, err := net.Dial("tcp", s.Addr())
			if err != nil {
				t.Fatal(err)
			}
			c := tls.Client(raw, cfg)
			if err := c.HandshakeContext(t.Context()); err != nil {
				t.Fatal(err)
			}
			a := <-s.accepted
			if err := a.WriteFrames([][]byte{[]byte("after the handshake, where a ticket would come")}); err != nil {
				t.Fatal(err)
			}
			if _, err := c.Read(make([]byte, 1)); err != nil {
				t.Fatal(err)
			}
			if _, ok := cache.Get("red.example"); ok || c.ConnectionState().DidResume || a.c.ConnectionState().DidResume {
				t.Error("a session can be resumed")
			}
			closeConn(t, c)
			closeConn(t, a)
		}
	})
	t.Run("no certificate", func(t *testing.T) {
		leaks(t)
		s := serve(t, red.expects(t, blue))
		cfg := blue.expects(t, red).tls()
		cfg.Certificates = nil
		raw, err := net.Dial("tcp", s.Addr())
		if err != nil {
			t.Fatal(err)
		}
		c := tls.Client(raw, cfg)
		_ = c.HandshakeContext(t.Context()) // finishes before the answer is heard
		if _, err := c.Read(make([]byte, 1)); err == nil {
			t.Error("something is said to nobody")
		}
		closeConn(t, raw)
		<-s.failures
	})
	t.Run("not TLS", func(t *testing.T) {
		leaks(t)
		s := serve(t, red.expects(t, blue))
		raw, err := net.Dial("tcp", s.Addr())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := raw.Write([]byte("GET / HTTP/1.1\r\n\r\n")); err != nil {
			t.Fatal(err)
		}
		<-s.failures
		closeConn(t, raw)
	})
}

func TestCertificateByName(t *testing.T) {
	s := serve(t, func() Config {
		cfg := red.expects(t, blue)
		cert := cfg.Certificate
		cfg.Certificate = tls.Certificate{}
		cfg.CertificateFor = func(name string) *tls.Certificate {
			if name == "line" {
				return &cert
			}
			return nil
		}
		return cfg
	}())
	cfg := blue.expects(t, red)
	cfg.ServerName = "line"
	c, err := Dial(t.Context(), s.Addr(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	closeConn(t, c)
	closeConn(t, <-s.accepted)
	cfg.ServerName = "another"
	if _, err := Dial(t.Context(), s.Addr(), cfg); err == nil {
		t.Error("a line that is not kept answers")
	}
	<-s.failures
}

func TestFrameBounds(t *testing.T) {
	d, a := pair(t, func(d, l *Config) { d.MaxFrame, l.MaxFrame = 1000, 100 })
	if err := d.WriteFrames([][]byte{make([]byte, 1001)}); err == nil {
		t.Error("a frame above the bound is written")
	}
	if err := d.WriteFrames([][]byte{{}}); err == nil {
		t.Error("an empty frame is written")
	}
	if err := d.WriteFrames([][]byte{make([]byte, 100), make([]byte, 101)}); err != nil {
		t.Fatal(err)
	}
	if f, err := a.ReadFrame(); err != nil || len(f) != 100 {
		t.Fatalf("%d bytes, %v", len(f), err)
	}
	if f, err := a.ReadFrame(); err == nil {
		t.Errorf("a frame of %d bytes is read", len(f))
	}
	for name, head := range map[string][]byte{"empty": {0, 0, 0, 0}, "4 GiB": {0xff, 0xff, 0xff, 0xff}} {
		d, a := pair(t, nothing)
		if _, err := d.c.Write(head); err != nil {
			t.Fatal(err)
		}
		if _, err := a.ReadFrame(); err == nil || !strings.Contains(err.Error(), "are read") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Memory follows what comes: a length alone gets little.
func TestAnnouncedFrame(t *testing.T) {
	d, a := pair(t, nothing)
	if _, err := d.c.Write(binary.BigEndian.AppendUint32(nil, 1<<20)); err != nil {
		t.Fatal(err)
	}
	if _, err := d.c.Write(make([]byte, 10)); err != nil {
		t.Fatal(err)
	}
	closeConn(t, d)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := a.ReadFrame()
	runtime.ReadMemStats(&after)
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a frame cut short: %v", err)
	}
	if n := after.TotalAlloc - before.TotalAlloc; n > 512<<10 {
		t.Errorf("%d bytes were allocated for ten", n)
	}
}

// pipe is two ends of one proven connection without a socket, for a test
// that owns the clock.
func pipe(t *testing.T, change func(*Config)) (one, two *Conn) {
	t.Helper()
	a, b := net.Pipe()
	d, l := blue.expects(t, red), red.expects(t, blue)
	change(&d)
	var wg sync.WaitGroup
	var err1, err2 error
	wg.Go(func() { one, err1 = handshake(t.Context(), tls.Client(a, d.tls()), d.withDefaults()) })
	wg.Go(func() { two, err2 = handshake(t.Context(), tls.Server(b, l.tls()), l.withDefaults()) })
	wg.Wait()
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	return one, two
}

// A peer that takes nothing of what is written is an error after the time
// allowed; one that is slow but takes something is not.
func TestSlowPeer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, a := pipe(t, func(c *Config) { c.Write = time.Second })
		start := time.Now()
		err := d.WriteFrames([][]byte{make([]byte, 100)})
		if took := time.Since(start); !errors.Is(err, os.ErrDeadlineExceeded) || took != time.Second {
			t.Errorf("a peer that reads nothing: %v after %v", err, took)
		}
		closeConn(t, d)
		closeConn(t, a)
	})
	synctest.Test(t, func(t *testing.T) {
		d, a := pipe(t, func(c *Config) { c.Write = time.Second })
		wrote := make(chan error, 1)
		go func() {
			err := d.WriteFrames([][]byte{make([]byte, 1<<20)})
			if err != nil {
				closeConn(t, d)
			}
			wrote <- err
		}()
		start := time.Now()
		for got := 0; got < 4+1<<20; {
			time.Sleep(50 * time.Millisecond) // a record of 1.2 KiB at first, of 16 KiB later
			n, err := a.c.Read(make([]byte, writePart))
			if err != nil {
				t.Fatal(err)
			}
			got += n
		}
		if err := <-wrote; err != nil {
			t.Errorf("a slow peer is given up: %v", err)
		}
		if took := time.Since(start); took < 3*time.Second {
			t.Errorf("it was not slow: %v", took)
		}
		closeConn(t, d)
		closeConn(t, a)
	})
}

// A listener gives a handshake its time and no more.
func TestHandshakeDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := net.Pipe()
		cfg := red.expects(t, blue).withDefaults()
		ctx, cancel := context.WithTimeout(t.Context(), cfg.Handshake)
		defer cancel()
		start := time.Now()
		_, err := handshake(ctx, tls.Server(b, cfg.tls()), cfg)
		if took := time.Since(start); err == nil || took != cfg.Handshake {
			t.Errorf("%v after %v", err, took)
		}
		closeConn(t, a)
	})
}

// Strangers that open connections and say nothing take few slots, for a
// short time, and none of those kept for sources that have proven
// themselves.
func TestHalfOpenFlood(t *testing.T) {
	leaks(t)
	cfg := red.expects(t, blue)
	cfg.Handshake = time.Second
	s := serve(t, cfg)
	before := runtime.NumGoroutine()
	var wg sync.WaitGroup
	for range 200 {
		wg.Go(func() {
			raw, err := net.Dial("tcp", s.Addr())
			if err != nil {
				return // the listener's queue is full: as good as refused
			}
			_, _ = io.Copy(io.Discard, raw) // until it is closed from there
			closeConn(t, raw)
		})
	}
	most, peak := 0, 0
	for done := waitFor(&wg); ; {
		s.mu.Lock()
		most = max(most, s.under)
		s.mu.Unlock()
		peak = max(peak, runtime.NumGoroutine())
		select {
		case <-done:
		default:
			runtime.Gosched()
			continue
		}
		break
	}
	if most == 0 || most > maxPerSource {
		t.Errorf("%d handshakes of one source under way", most)
	}
	// Each handshake has its goroutine and one that watches its deadline; the
	// rest are the strangers themselves.
	if limit := before + 2*maxPerSource + 2*200 + 10; peak > limit {
		t.Errorf("%d goroutines at the peak, at most %d", peak, limit)
	}
	c, err := Dial(t.Context(), s.Addr(), blue.expects(t, red))
	if err != nil {
		t.Fatalf("after the flood: %v", err)
	}
	closeConn(t, c)
	closeConn(t, <-s.accepted)
}

func waitFor(wg *sync.WaitGroup) <-chan struct{} {
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	return done
}

func TestSlots(t *testing.T) {
	l := &Listener{cfg: Config{MaxConns: 2}, busy: map[string]int{}, until: map[string]time.Time{}, proven: map[string]bool{}}
	failed := errors.New("failed")
	if !l.enter("peer") || !l.leave("peer", nil) {
		t.Fatal("a peer is kept out of an idle listener")
	}
	strangers := []string{}
	for _, source := range []string{"a", "b", "c", "d", "e", "f", "g"} {
		for range maxPerSource + 2 {
			if l.enter(source) {
				strangers = append(strangers, source)
			}
		}
	}
	if len(strangers) != maxHandshakes-reserved {
		t.Errorf("strangers take %d slots", len(strangers))
	}
	for range reserved {
		if !l.enter("peer") {
			t.Fatal("strangers keep out a peer")
		}
	}
	if l.enter("peer") {
		t.Error("more slots than there are")
	}
	if l.leave(strangers[0], failed); l.enter(strangers[0]) {
		t.Error("a source that failed a moment ago is first in a crowd")
	}
	for _, source := range strangers[1:] {
		l.leave(source, failed)
	}
	if !l.leave("peer", nil) || l.leave("peer", nil) {
		t.Error("more proven connections are held than may be")
	}
	l.free()
	if !l.leave("peer", nil) {
		t.Error("a connection that was closed still counts")
	}
	l.leave("peer", failed)
	if l.under != 0 || len(l.busy) != 0 {
		t.Errorf("%d handshakes are left, of %v", l.under, l.busy)
	}
	for i := range 3 * maxSources {
		source := string(rune('一' + i))
		l.enter(source)
		l.leave(source, failed)
		l.enter(source + "+")
		l.leave(source+"+", nil)
	}
	if len(l.until) > maxSources || len(l.proven) > maxSources {
		t.Errorf("%d and %d sources are remembered", len(l.until), len(l.proven))
	}
}

func TestSources(t *testing.T) {
	for addr, want := range map[string]string{
		"192.0.2.1:9":              "192.0.2.1",
		"[::ffff:192.0.2.1]:9":     "192.0.2.1",
		"[2001:db8:1:2:3:4:5:6]:9": "2001:db8:1:2::/64",
		"[2001:db8:1:2::9]:10":     "2001:db8:1:2::/64",
		"[fe80::1%eth0]:9":         "fe80::/64",
	} {
		tcp, err := net.ResolveTCPAddr("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		if got := sourceOf(tcp); got != want {
			t.Errorf("%s is of %s, want %s", addr, got, want)
		}
	}
	if sourceOf(&net.UnixAddr{Name: "/x"}) != "/x" {
		t.Error("another kind of address")
	}
}

func TestMostConnections(t *testing.T) {
	leaks(t)
	cfg := red.expects(t, blue)
	cfg.MaxConns = 1
	s := serve(t, cfg)
	first, err := Dial(t.Context(), s.Addr(), blue.expects(t, red))
	if err != nil {
		t.Fatal(err)
	}
	a := <-s.accepted
	second, err := Dial(t.Context(), s.Addr(), blue.expects(t, red))
	if err == nil {
		if _, err := second.ReadFrame(); err == nil {
			t.Error("a second connection is served")
		}
		closeConn(t, second)
	}
	if err := <-s.failures; !strings.Contains(err.Error(), "more proven connections") {
		t.Error(err)
	}
	closeConn(t, a)
	closeConn(t, a) // counts once
	third, err := Dial(t.Context(), s.Addr(), blue.expects(t, red))
	if err != nil {
		t.Fatal(err)
	}
	b := <-s.accepted
	if fourth, err := Dial(t.Context(), s.Addr(), blue.expects(t, red)); err == nil {
		closeConn(t, fourth)
	}
	if err := <-s.failures; !strings.Contains(err.Error(), "more proven connections") {
		t.Error(err)
	}
	closeConn(t, b)
	closeConn(t, third)
	closeConn(t, first)
}

// Closing the listener, or ending the context, ends Serve and the
// handshakes under way, not the connections accepted before.
func TestListenerEnds(t *testing.T) {
	for name, end := range map[string]func(*server) error{
		"close":   func(s *server) error { return s.Close() },
		"context": func(s *server) error { s.cancel(); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			leaks(t)
			cfg := red.expects(t, blue)
			cfg.Handshake = time.Hour
			s := serve(t, cfg)
			c, err := Dial(t.Context(), s.Addr(), blue.expects(t, red))
			if err != nil {
				t.Fatal(err)
			}
			a := <-s.accepted
			half, err := net.Dial("tcp", s.Addr())
			if err != nil {
				t.Fatal(err)
			}
			for under := 0; under == 0; runtime.Gosched() {
				s.mu.Lock()
				under = s.under
				s.mu.Unlock()
			}
			if err := end(s); err != nil {
				t.Fatal(err)
			}
			if err := <-s.done; err != nil {
				t.Errorf("Serve ends with %v", err)
			}
			close(s.done)
			if s.mu.Lock(); s.under != 0 {
				t.Error("Serve ends before the handshakes do")
			}
			s.mu.Unlock()
			<-s.failures // the handshake that was given up
			go func() {
				if err := c.WriteFrames([][]byte{[]byte("still here")}); err != nil {
					t.Error(err)
				}
			}()
			if f, err := a.ReadFrame(); err != nil || string(f) != "still here" {
				t.Errorf("%q, %v", f, err)
			}
			for _, x := range []io.Closer{a, c, half} {
				closeConn(t, x)
			}
		})
	}
}

func TestDialFails(t *testing.T) {
	leaks(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	cfg := blue.expects(t, red)
	cfg.Handshake = 50 * time.Millisecond
	if _, err := Dial(t.Context(), l.Addr().String(), cfg); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a port that never answers: %v", err)
	}
	closeConn(t, l)
	if _, err := Dial(t.Context(), l.Addr().String(), cfg); err == nil {
		t.Error("a closed port answers")
	}
}

// A closed connection ends what is under way on it.
func TestCloseEndsReads(t *testing.T) {
	d, _ := pair(t, nothing)
	done := make(chan error, 1)
	go func() {
		_, err := d.ReadFrame()
		done <- err
	}()
	closeConn(t, d)
	if err := <-done; err == nil {
		t.Error("a read on a closed connection succeeds")
	}
}
