// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"path/filepath"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// pair is two servers with a leaf node between them.
type pair struct {
	a, b   *server.Server
	ca, cb *nats.Conn
	out    nats.JetStreamContext
	came   chan struct{}
}

func newPair(dir string) (p *pair, err error) {
	p = &pair{came: make(chan struct{}, 1<<16)}
	defer func() {
		if err != nil {
			p.close()
		}
	}()
	conf, err := mutualTLS()
	if err != nil {
		return p, err
	}
	port, err := freePort()
	if err != nil {
		return p, err
	}
	a := options(dir, "a")
	a.LeafNode = server.LeafNodeOpts{Host: "127.0.0.1", Port: port, NoAdvertise: true, TLSConfig: conf, TLSTimeout: 5}
	if p.a, err = start(a); err != nil {
		return p, err
	}
	b := options(dir, "b")
	b.LeafNode = server.LeafNodeOpts{Remotes: []*server.RemoteLeafOpts{{
		URLs: []*url.URL{{Scheme: "tls", Host: fmt.Sprintf("127.0.0.1:%d", port)}}, TLS: true, TLSConfig: conf, TLSTimeout: 5,
	}}}
	if p.b, err = start(b); err != nil {
		return p, err
	}
	for end := time.Now().Add(10 * time.Second); p.a.NumLeafNodes() == 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			return p, errors.New("the leaf node did not connect within 10 s")
		}
	}
	return p, p.streams()
}

func options(dir, domain string) *server.Options {
	return &server.Options{
		ServerName: domain, Host: "127.0.0.1", Port: server.RANDOM_PORT, NoLog: true, NoSigs: true,
		JetStream: true, JetStreamDomain: domain, StoreDir: filepath.Join(dir, domain), SyncAlways: true,
	}
}

func start(o *server.Options) (*server.Server, error) {
	s, err := server.NewServer(o)
	if err != nil {
		return nil, err
	}
	s.Start()
	if !s.ReadyForConnections(10 * time.Second) {
		return s, errors.New("a server was not ready within 10 s")
	}
	return s, nil
}

// streams makes the stream, its mirror and the consumer.
func (p *pair) streams() (err error) {
	if p.ca, err = nats.Connect(p.a.ClientURL()); err != nil {
		return err
	}
	if p.cb, err = nats.Connect(p.b.ClientURL()); err != nil {
		return err
	}
	if p.out, err = p.ca.JetStream(); err != nil {
		return err
	}
	if _, err = p.out.AddStream(&nats.StreamConfig{Name: "OUT", Subjects: []string{"line.>"}, Storage: nats.FileStorage}); err != nil {
		return err
	}
	in, err := p.cb.JetStream()
	if err != nil {
		return err
	}
	mirror := &nats.StreamSource{Name: "OUT", External: &nats.ExternalStream{APIPrefix: "$JS.a.API"}}
	if _, err = in.AddStream(&nats.StreamConfig{Name: "IN", Mirror: mirror, Storage: nats.FileStorage}); err != nil {
		return err
	}
	return p.consume(in)
}

func (p *pair) close() {
	for _, c := range []*nats.Conn{p.ca, p.cb} {
		if c != nil {
			c.Close()
		}
	}
	for _, s := range []*server.Server{p.b, p.a} {
		if s != nil {
			s.Shutdown()
			s.WaitForShutdown()
		}
	}
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}

// mutualTLS is a certificate of its own authority, for both ends.
func mutualTLS() (*tls.Config, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	t := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "peers"}, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, t, t, key.Public(), key)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	return &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, RootCAs: pool, ClientCAs: pool,
		ClientAuth: tls.RequireAndVerifyClientCert, ServerName: "127.0.0.1", MinVersion: tls.VersionTLS13,
	}, nil
}
