// SPDX-License-Identifier: Apache-2.0

// Command peers measures the same work as `openline bench` with what a user
// would pick today: two NATS servers, a stream on the first mirrored to the
// second over a leaf node with mutual TLS, each message flushed on both
// (sync_interval: always).
//
// It is a module of its own: nothing of it is in openline, whose module does
// not know it. Prosody and Postfix are not run here: they are packages of the
// system, which a benchmark should not install; docs/explanation/performance.md
// says what was measured of them.
package main

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
)

func main() {
	messages := flag.Int("messages", 1000, "messages one after the other")
	many := flag.Int("many", 5000, "messages with many in flight")
	folder := flag.String("folder", "", "folder on the disk to measure (default: a temporary one)")
	flag.Parse()
	if err := run(*folder, *messages, *many); err != nil {
		fmt.Fprintln(os.Stderr, "peers:", err)
		os.Exit(1)
	}
}

const (
	inFlight = 256
	senders  = 64
)

var text = []byte(strings.Repeat("Nothing to report from this desk. ", 15)[:500])

func run(folder string, messages, many int) (err error) {
	dir, err := os.MkdirTemp(folder, "openline-peers-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	p, err := newPair(dir)
	if err != nil {
		return err
	}
	defer p.close()
	for range 50 { // warm
		if _, err := p.one(); err != nil {
			return err
		}
	}
	took := make([]time.Duration, 0, messages)
	for range messages {
		d, err := p.one()
		if err != nil {
			return err
		}
		took = append(took, d)
	}
	slices.Sort(took)
	at := func(percent int) float64 { return float64(took[len(took)*percent/100].Microseconds()) / 1000 }
	fmt.Printf("NATS 2.15.2, mirror over a TLS leaf node, sync always: one in flight, p50 %.3f ms, p99 %.3f ms\n", at(50), at(99))
	rate, err := p.sustained(many)
	if err != nil {
		return err
	}
	fmt.Printf("NATS 2.15.2, the same: sustained, %d messages, %d in flight, %.0f messages/s\n", many, inFlight, rate)
	fmt.Println("Its messages are flushed once on each side; there is no signature, no receipt, no record of either.")
	return nil
}

// one sends a message and waits until the other side has it.
func (p *pair) one() (time.Duration, error) {
	began := time.Now()
	if _, err := p.out.Publish("line.text", text); err != nil {
		return 0, err
	}
	select {
	case <-p.came:
		return time.Since(began), nil
	case <-time.After(30 * time.Second):
		return 0, fmt.Errorf("a message did not come within 30 s")
	}
}

// sustained sends many from several senders; as many as the window wait for
// the other side.
func (p *pair) sustained(n int) (float64, error) {
	window := make(chan struct{}, inFlight)
	work := make(chan struct{}, n)
	for range n {
		work <- struct{}{}
	}
	close(work)
	errs := make(chan error, senders)
	began := time.Now()
	var group sync.WaitGroup
	for range senders {
		group.Go(func() {
			for range work {
				window <- struct{}{}
				if _, err := p.out.Publish("line.text", text); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	for range n {
		select {
		case <-p.came:
			<-window
		case err := <-errs:
			return 0, err
		case <-time.After(30 * time.Second):
			return 0, fmt.Errorf("messages did not come within 30 s")
		}
	}
	took := time.Since(began)
	group.Wait()
	return float64(n) / took.Seconds(), nil
}

// consume has every message that reaches the second server pushed here.
func (p *pair) consume(js nats.JetStreamContext) error {
	_, err := js.Subscribe("line.>", func(m *nats.Msg) {
		// An acknowledgement that is lost brings the message again; the window
		// then counts one too many, which is this benchmark's own fault.
		_ = m.Ack()
		p.came <- struct{}{}
	}, nats.BindStream("IN"), nats.Durable("consumer"), nats.ManualAck(), nats.MaxAckPending(4096), nats.DeliverAll())
	return err
}
