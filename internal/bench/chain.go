// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"time"

	"openline/record"
)

// chain does what one record must wait for, with bare files and a bare
// connection: signed, flushed, sent; verified, signed, flushed, answered;
// verified, flushed. With marks two writes are flushed twice.
func chain(dir string, flushes int) (p50 time.Duration, err error) {
	pub, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return 0, err
	}
	here, err := newFlushed(filepath.Join(dir, "here"))
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, here.close()) }()
	there, err := newFlushed(filepath.Join(dir, "there"))
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, there.close()) }()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	served := make(chan error, 1)
	go func() { served <- answer(l, there, pub, key) }()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		return 0, err
	}
	var took []time.Duration
	out, in := make([]byte, 600), make([]byte, 200)
	for range chainRounds {
		began := time.Now()
		copy(out, ed25519.Sign(key, out[64:]))
		err := here.flush(1 + (flushes-3)/2)
		if err == nil {
			_, err = c.Write(out)
		}
		if err == nil {
			_, err = io.ReadFull(c, in)
		}
		if err == nil && !ed25519.Verify(pub, in[64:], in[:64]) {
			err = errors.New("a signature does not verify")
		}
		if err == nil {
			err = here.flush(1 + (flushes-3)/2)
		}
		if err != nil {
			return 0, errors.Join(err, c.Close())
		}
		took = append(took, time.Since(began))
	}
	if err := errors.Join(c.Close(), <-served); err != nil {
		return 0, fmt.Errorf("bare chain: %w", err)
	}
	return median(took), nil
}

const chainRounds = 400

func answer(l net.Listener, f *flushed, pub ed25519.PublicKey, key ed25519.PrivateKey) error {
	c, err := l.Accept()
	if err != nil {
		return err
	}
	defer c.Close()
	in, out := make([]byte, 600), make([]byte, 200)
	for {
		if _, err := io.ReadFull(c, in); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if !ed25519.Verify(pub, in[64:], in[:64]) {
			return errors.New("a signature does not verify")
		}
		copy(out, ed25519.Sign(key, out[64:]))
		if err := f.flush(1); err != nil {
			return err
		}
		if _, err := c.Write(out); err != nil {
			return err
		}
	}
}

// flushed is a file of fixed length that is written piece by piece.
type flushed struct {
	f  *os.File
	at int64
}

func newFlushed(path string) (*flushed, error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	if _, err = f.Write(make([]byte, 4*chainRounds*600)); err == nil {
		err = f.Sync()
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &flushed{f: f}, nil
}

func (f *flushed) flush(times int) error {
	for range times {
		if _, err := f.f.WriteAt(make([]byte, 600), f.at); err != nil {
			return err
		}
		if err := datasync(f.f); err != nil {
			return err
		}
		f.at += 600
	}
	return nil
}

func (f *flushed) close() error { return errors.Join(f.f.Close(), os.Remove(f.f.Name())) }

// perRecord is the CPU one record takes of both sides together, with nothing
// signed, sent or stored.
func perRecord() (time.Duration, error) {
	const n = 20_000
	limits := record.Limits{Body: 64 << 10}
	began := time.Now()
	for range n {
		body := record.Body{Text: text}
		_, _ = rand.Read(body.Salt[:]) // it never gives an error
		b := body.Encode()
		h := (&record.Header{Code: "TX01", Status: record.Exercise, Precedence: record.Routine, From: "watch", To: []record.Address{{Party: 2, Post: "watch"}},
			Written: record.Stamp(began.Unix()), Language: "en", Body: record.BodyDigest(b)}).Encode()
		e := record.Entry{Header: h, Body: b}
		e.Leaf = (&record.Leaf{Format: record.FormatVersion, Agreement: 1, Author: 1, Generation: 1, Time: record.Stamp(began.Unix()), Header: record.HeaderDigest(h)}).Encode()
		hash := record.LeafHash(e.Leaf)
		if err := e.Whole(limits); err != nil {
			return 0, err
		}
		if record.LeafHash(e.Leaf) != hash || e.Decode().Leaf == nil {
			return 0, errors.New("a record reads otherwise than it was written")
		}
	}
	return time.Since(began) / n, nil
}
