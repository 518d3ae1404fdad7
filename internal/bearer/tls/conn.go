// SPDX-License-Identifier: Apache-2.0

package tls

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"
	"time"
)

// Config is what both ends need.
type Config struct {
	Certificate tls.Certificate
	// CertificateFor chooses, by the name the dialer asks for, among several
	// certificates of a listener; nil where there is none. It may be nil.
	CertificateFor func(name string) *tls.Certificate
	ServerName     string // what a dialer asks for; sent in the clear
	// VerifyPeer decides whether a certificate is the peer's. It is asked in
	// every handshake, before a byte of ours is sent on.
	VerifyPeer func(cert *x509.Certificate) error
	MaxFrame   int           // bytes; default 1 MiB
	Handshake  time.Duration // longest; default 5 s
	Write      time.Duration // longest in which a peer takes nothing of what is written; default 10 s
	MaxConns   int           // proven connections a listener holds at once; default 64
}

func (c Config) tls() *tls.Config {
	t := &tls.Config{
		Certificates:           []tls.Certificate{c.Certificate},
		ServerName:             c.ServerName,
		MinVersion:             tls.VersionTLS13,
		CurvePreferences:       []tls.CurveID{tls.X25519MLKEM768},
		SessionTicketsDisabled: true,
		ClientAuth:             tls.RequireAnyClientCert,
		// No CA is asked: VerifyConnection pins the peer, also on a resumption
		// that VerifyPeerCertificate would not see.
		InsecureSkipVerify: true,
		VerifyConnection: func(s tls.ConnectionState) error {
			if len(s.PeerCertificates) != 1 {
				return errors.New("the peer does not show exactly one certificate")
			}
			if _, _, err := Card(s.PeerCertificates[0]); err != nil {
				return err
			}
			return c.VerifyPeer(s.PeerCertificates[0])
		},
	}
	if c.CertificateFor != nil {
		t.Certificates = nil
		t.GetCertificate = func(h *tls.ClientHelloInfo) (*tls.Certificate, error) {
			if cert := c.CertificateFor(h.ServerName); cert != nil {
				return cert, nil
			}
			return nil, errors.New("the peer asks for a line that is not kept here")
		}
	}
	return t
}

func (c Config) withDefaults() Config {
	if c.Handshake == 0 {
		c.Handshake = 5 * time.Second
	}
	if c.Write == 0 {
		c.Write = 10 * time.Second
	}
	if c.MaxFrame == 0 {
		c.MaxFrame = 1 << 20
	}
	if c.MaxConns == 0 {
		c.MaxConns = 64
	}
	return c
}

// Conn is one proven connection. ReadFrame and WriteFrames may be called
// from two goroutines.
type Conn struct {
	c     *tls.Conn
	cfg   Config
	r     *bufio.Reader
	w     sync.Mutex
	buf   []byte
	once  sync.Once
	freed func() // tells the listener; nil for a connection we dialed
}

// Dial opens a connection and finishes the handshake.
func Dial(ctx context.Context, addr string, cfg Config) (*Conn, error) {
	cfg = cfg.withDefaults()
	ctx, cancel := context.WithTimeout(ctx, cfg.Handshake)
	defer cancel()
	var d net.Dialer
	raw, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	return handshake(ctx, tls.Client(raw, cfg.tls()), cfg)
}

func handshake(ctx context.Context, c *tls.Conn, cfg Config) (*Conn, error) {
	if err := c.HandshakeContext(ctx); err != nil {
		// Closing a connection that failed its handshake has nothing to add.
		_ = c.Close()
		return nil, fmt.Errorf("handshake with %s: %w", c.RemoteAddr(), err)
	}
	return &Conn{c: c, cfg: cfg, r: bufio.NewReaderSize(c, 32<<10)}, nil
}

// Exporter gives keying material of this very session.
func (c *Conn) Exporter(label string, n int) ([]byte, error) {
	s := c.c.ConnectionState()
	return s.ExportKeyingMaterial(label, nil, n)
}

// PeerCertificate is the certificate VerifyPeer accepted.
func (c *Conn) PeerCertificate() *x509.Certificate { return c.c.ConnectionState().PeerCertificates[0] }

// Remote is the peer's address.
func (c *Conn) Remote() string { return c.c.RemoteAddr().String() }

// Close ends the connection; reads and writes under way return.
func (c *Conn) Close() error {
	c.once.Do(func() {
		if c.freed != nil {
			c.freed()
		}
	})
	return c.c.Close()
}

// firstRead is how much memory the length of a frame gets before its bytes
// come.
const firstRead = 64 << 10

// ReadFrame reads the next frame into memory of its own.
func (c *Conn) ReadFrame() ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(c.r, head[:]); err != nil {
		return nil, err
	}
	n := binary.BigEndian.Uint32(head[:])
	if n == 0 || n > uint32(c.cfg.MaxFrame) {
		return nil, fmt.Errorf("frame of %d bytes; from 1 to %d are read", n, c.cfg.MaxFrame)
	}
	b := make([]byte, 0, min(n, firstRead))
	for len(b) < int(n) {
		if len(b) == cap(b) {
			b = slices.Grow(b, min(len(b), int(n)-len(b)))
		}
		part := b[len(b):min(cap(b), int(n))]
		got, err := io.ReadFull(c.r, part)
		if b = b[:len(b)+got]; err != nil {
			return nil, fmt.Errorf("connection ends within a frame: %w", err)
		}
	}
	return b, nil
}

// writePart is how much the peer must take within Config.Write.
const writePart = 16 << 10

// WriteFrames writes frames in one go. A peer that takes nothing for too
// long is an error, and then the connection is of no more use.
func (c *Conn) WriteFrames(frames [][]byte) error {
	c.w.Lock()
	defer c.w.Unlock()
	c.buf = c.buf[:0]
	for _, f := range frames {
		if len(f) == 0 || len(f) > c.cfg.MaxFrame {
			return fmt.Errorf("frame of %d bytes; from 1 to %d are written", len(f), c.cfg.MaxFrame)
		}
		c.buf = append(binary.BigEndian.AppendUint32(c.buf, uint32(len(f))), f...)
	}
	for part := range slices.Chunk(c.buf, writePart) {
		if err := c.c.SetWriteDeadline(time.Now().Add(c.cfg.Write)); err != nil {
			return err
		}
		if _, err := c.c.Write(part); err != nil {
			return fmt.Errorf("the peer takes nothing: %w", err)
		}
	}
	if cap(c.buf) > 1<<20 {
		c.buf = nil
	}
	return nil
}
