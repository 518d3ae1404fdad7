// SPDX-License-Identifier: Apache-2.0

package host

import (
	"bytes"
	"context"
	"crypto/sha256"
	stdtls "crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"openline/identity"
	"openline/internal/bearer/tls"
	"openline/link"
	"openline/record"
)

// tlsCarrier carries all lines over TLS and one port: a dialer names the
// line in its hello (by a digest), each end shows the certificate of its
// card, and the card of the peer says whose connection it is.
type tlsCarrier struct {
	lines  map[identity.LineID]*line
	certs  map[identity.LineID]stdtls.Certificate
	listen *tls.Listener // nil: it only dials
	turned turnedAway
}

// turnedAway tells of connections that were not taken, once a second at
// most: whoever knocks without end does not fill the operator's log.
type turnedAway struct {
	log  *slog.Logger
	mu   sync.Mutex
	at   time.Time
	more int
}

func (t *turnedAway) tell(source string, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if time.Since(t.at) < time.Second {
		t.more++
		return
	}
	t.log.Warn("connection not taken", "from", source, "why", err, "others since the last", t.more)
	t.at, t.more = time.Now(), 0
}

func newTLS(cfg Config, lines map[identity.LineID]*line) (*tlsCarrier, error) {
	t := &tlsCarrier{lines: lines, certs: map[identity.LineID]stdtls.Certificate{}, turned: turnedAway{log: cfg.Log}}
	byName := map[string]*stdtls.Certificate{}
	for id, l := range lines {
		cert, err := tls.NewCertificate(l.cfg.Secret.SessionTLS(), l.cfg.Card)
		if err != nil {
			return nil, fmt.Errorf("line %s: %w", id, err)
		}
		t.certs[id] = cert
		byName[LineName(id)] = &cert
	}
	if cfg.Listen == "" {
		return t, nil
	}
	var err error
	t.listen, err = tls.Listen(cfg.Listen, tls.Config{
		CertificateFor: func(name string) *stdtls.Certificate { return byName[name] },
		VerifyPeer:     func(c *x509.Certificate) error { _, err := t.judge(c); return err },
		MaxFrame:       link.MaxFrame,
	})
	if err != nil {
		return nil, fmt.Errorf("listen for other stations: %w", err)
	}
	return t, nil
}

// LineName is how a dialer names a line in its TLS hello, which is not
// encrypted: a digest of its id.
func LineName(id identity.LineID) string {
	d := sha256.Sum256([]byte("openline/line/v1" + string(id)))
	return hex.EncodeToString(d[:16])
}

func (t *tlsCarrier) Name() string { return "tls" }

// Addr is where it listens; empty if it does not.
func (t *tlsCarrier) Addr() string {
	if t.listen == nil {
		return ""
	}
	return t.listen.Addr()
}

// judge finds whose certificate this is: "a peer accepts a certificate whose
// key is in a card that chains to the agreement's party key and is not older
// than the newest it knows".
func (t *tlsCarrier) judge(cert *x509.Certificate) (Peer, error) {
	note, key, err := tls.Card(cert)
	if err != nil {
		return Peer{}, err
	}
	claim, err := identity.UnsafeParseStationCard(note)
	if err != nil {
		return Peer{}, fmt.Errorf("station card of the peer: %w", err)
	}
	l := t.lines[claim.Line]
	if l == nil {
		return Peer{}, fmt.Errorf("station card for line %s, which is not kept here", claim.Line)
	}
	p := l.peerNamed(claim.Party)
	if p == nil {
		return Peer{}, fmt.Errorf("station card of %s, which is not another party of line %s", claim.Party, claim.Line)
	}
	card, err := identity.OpenStationCard(note, p.key)
	if err != nil {
		return Peer{}, fmt.Errorf("station card of %s: %w", claim.Party, err)
	}
	if !bytes.Equal(card.Keys.Session[:], key) {
		return Peer{}, fmt.Errorf("the certificate's key is not the session key of the card of %s", card.Party)
	}
	if known := p.generation.Load(); card.Generation < known {
		return Peer{}, fmt.Errorf("station card of %s is of generation %d; %d is known", card.Party, card.Generation, known)
	}
	return Peer{Line: l.id, No: p.no, Card: note}, nil
}

func (t *tlsCarrier) Dial(ctx context.Context, id identity.LineID, no record.PartyNo, addr string) (Bearer, Peer, error) {
	c, err := tls.Dial(ctx, addr, tls.Config{
		Certificate: t.certs[id], ServerName: LineName(id), MaxFrame: link.MaxFrame,
		VerifyPeer: func(cert *x509.Certificate) error {
			who, err := t.judge(cert)
			if err == nil && (who.Line != id || who.No != no) {
				err = fmt.Errorf("another party or line answers there: party %d on %s", who.No, who.Line)
			}
			return err
		},
	})
	if err != nil {
		return nil, Peer{}, err
	}
	return t.proven(c)
}

// proven says who is at the other end of a finished handshake.
func (t *tlsCarrier) proven(c *tls.Conn) (Bearer, Peer, error) {
	who, err := t.judge(c.PeerCertificate())
	if err == nil {
		who.Exporter, err = c.Exporter(link.ExporterLabel, link.ExporterLen)
	}
	if err != nil {
		// It is the reason that is told.
		_ = c.Close()
		return nil, Peer{}, err
	}
	who.From = c.Remote()
	return c, who, nil
}

// Serve takes connections until ctx ends. A port that takes none for a
// moment is not given up.
func (t *tlsCarrier) Serve(ctx context.Context, accept func(Bearer, Peer)) error {
	if t.listen == nil {
		return nil
	}
	defer context.AfterFunc(ctx, func() {
		if err := t.Close(); err != nil {
			t.turned.log.Warn("closing the port", "why", err)
		}
	})()
	failed := func(source string, err error) {
		if ctx.Err() == nil {
			t.turned.tell(source, err)
		}
	}
	for {
		err := t.listen.Serve(ctx, func(c *tls.Conn) {
			b, who, err := t.proven(c)
			if err != nil {
				failed(c.Remote(), err)
				return
			}
			accept(b, who)
		}, failed)
		if ctx.Err() != nil {
			return nil
		}
		t.turned.log.Error("taking connections", "why", err)
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
}

// Close stops listening. Closing again changes nothing.
func (t *tlsCarrier) Close() error {
	if t.listen == nil {
		return nil
	}
	if err := t.listen.Close(); !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

func (l *line) peerNamed(name identity.Party) *peer {
	for _, p := range l.peers {
		if p.name == name {
			return p
		}
	}
	return nil
}
