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
	"runtime"
	"slices"
	"time"
)

// Limits are what the machine itself costs, measured now: medians.
type Limits struct {
	Flush  time.Duration `json:"flush_ns"`  // 600 bytes into a file of fixed length, fdatasync
	Sign   time.Duration `json:"sign_ns"`   // Ed25519
	Verify time.Duration `json:"verify_ns"` // Ed25519
	RTT    time.Duration `json:"rtt_ns"`    // 600 bytes there, 200 back, TCP on loopback

	// The same steps one after the other, with bare files and a bare
	// connection: a flush after a pause takes longer than one of many.
	Chain       time.Duration `json:"chain_ns"`
	ChainMarked time.Duration `json:"chain_marked_ns"`
	// PerRecord is the CPU one record among many takes at least: its three
	// layers written at one side, decoded and held against their digests at the
	// other, its leaf hashed at both. Signatures are one for a batch.
	PerRecord time.Duration `json:"per_record_ns"`
}

// Sustained is how many records a second these cores can do at most, both
// stations on them and nothing stored.
func (l Limits) Sustained() float64 {
	return float64(runtime.NumCPU()) / l.PerRecord.Seconds()
}

// OneInFlight is the time that must pass for one record: durable here, durable
// there, the receipt durable here; with marks one more flush at each of two
// writes.
func (l Limits) OneInFlight(marks bool) time.Duration {
	flushes := 3
	if marks {
		flushes = 5
	}
	return time.Duration(flushes)*l.Flush + 2*l.Sign + 2*l.Verify + l.RTT
}

// Measure finds the limits on the disk of a folder.
func Measure(dir string) (l Limits, err error) {
	if l.Flush, err = flush(dir); err != nil {
		return l, err
	}
	if l.Sign, l.Verify, err = signatures(); err != nil {
		return l, err
	}
	if l.RTT, err = roundTrip(); err != nil {
		return l, err
	}
	if l.Chain, err = chain(dir, 3); err != nil {
		return l, err
	}
	if l.ChainMarked, err = chain(dir, 5); err != nil {
		return l, err
	}
	l.PerRecord, err = perRecord()
	return l, err
}

func median(d []time.Duration) time.Duration { return quantile(d, 0.5) }

func quantile(d []time.Duration, q float64) time.Duration {
	if len(d) == 0 {
		return 0
	}
	s := slices.Clone(d)
	slices.Sort(s)
	return s[min(len(s)-1, int(q*float64(len(s))))]
}

func flush(dir string) (time.Duration, error) {
	path := filepath.Join(dir, "flush")
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return 0, err
	}
	defer os.Remove(path)
	const n, size = 400, 600
	if _, err := f.Write(make([]byte, n*size)); err != nil {
		return 0, errors.Join(err, f.Close())
	}
	if err := f.Sync(); err != nil {
		return 0, errors.Join(err, f.Close())
	}
	b := make([]byte, size)
	var took []time.Duration
	for i := range n {
		began := time.Now()
		if _, err := f.WriteAt(b, int64(i*size)); err != nil {
			return 0, errors.Join(err, f.Close())
		}
		if err := datasync(f); err != nil {
			return 0, errors.Join(err, f.Close())
		}
		took = append(took, time.Since(began))
	}
	return median(took), f.Close()
}

func signatures() (sign, verify time.Duration, err error) {
	pub, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return 0, 0, err
	}
	msg := make([]byte, 200)
	var s, v []time.Duration
	for range 500 {
		t0 := time.Now()
		sig := ed25519.Sign(key, msg)
		t1 := time.Now()
		if !ed25519.Verify(pub, msg, sig) {
			return 0, 0, errors.New("a signature does not verify")
		}
		s, v = append(s, t1.Sub(t0)), append(v, time.Since(t1))
	}
	return median(s), median(v), nil
}

func roundTrip() (time.Duration, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	served := make(chan error, 1)
	go func() { served <- echo(l) }()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		return 0, err
	}
	out, in := make([]byte, 600), make([]byte, 200)
	var took []time.Duration
	for range 500 {
		began := time.Now()
		if _, err := c.Write(out); err != nil {
			return 0, errors.Join(err, c.Close())
		}
		if _, err := io.ReadFull(c, in); err != nil {
			return 0, errors.Join(err, c.Close())
		}
		took = append(took, time.Since(began))
	}
	if err := errors.Join(c.Close(), <-served); err != nil {
		return 0, fmt.Errorf("round trip: %w", err)
	}
	return median(took), nil
}

func echo(l net.Listener) error {
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
		if _, err := c.Write(out); err != nil {
			return err
		}
	}
}
