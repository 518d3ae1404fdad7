// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"openline/internal/api"
	"openline/internal/station"
)

// Figure is one figure beside its limit and target.
type Figure struct {
	Name   string  `json:"name"`
	Value  float64 `json:"value"`
	Unit   string  `json:"unit"`
	Limit  float64 `json:"limit,omitempty"` // physical limit or mark, same unit
	Ratio  float64 `json:"ratio,omitempty"`
	Target string  `json:"target,omitempty"`
	Note   string  `json:"note,omitempty"`
}

// bench is one run.
type bench struct {
	o       Options
	limits  Limits
	figures []Figure
}

// Run measures everything and prints it as it goes.
func Run(ctx context.Context, o Options) ([]Figure, error) {
	o.fill()
	b := &bench{o: o}
	var err error
	if b.limits, err = Measure(o.Dir); err != nil {
		return nil, err
	}
	b.say("limits of this machine, medians: flush %v, Ed25519 sign %v, verify %v, loopback round trip %v",
		b.limits.Flush, b.limits.Sign, b.limits.Verify, b.limits.RTT)
	b.say("bare chain without a station, p50: %v without a mark, %v with one; CPU of one record among many: %v", b.limits.Chain, b.limits.ChainMarked, b.limits.PerRecord)
	steps := []func(context.Context) error{b.latency, b.relayed, b.starts, b.affairs}
	if len(o.Only) > 0 {
		steps = steps[3:]
	}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return b.figures, err
		}
	}
	return b.figures, nil
}

func (b *bench) wants(part string) bool { return len(b.o.Only) == 0 || slices.Contains(b.o.Only, part) }

func (b *bench) say(format string, a ...any) {
	// A reader that went away stops nothing.
	_, _ = fmt.Fprintf(b.o.Out, format+"\n", a...)
}

func (b *bench) add(f Figure) {
	b.figures = append(b.figures, f)
	line := fmt.Sprintf("%-58s %10.4g %-10s", f.Name, f.Value, f.Unit)
	if f.Limit > 0 {
		line += fmt.Sprintf(" limit %.4g, ratio %.2f", f.Limit, f.Ratio)
	}
	if f.Target != "" {
		line += "  target " + f.Target
	}
	if f.Note != "" {
		line += "  (" + f.Note + ")"
	}
	b.say("%s", line)
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// relayed is what is measured through a wire that counts and can be cut.
func (b *bench) relayed(ctx context.Context) error {
	return b.withPair("relayed", wish{}, func(p *pair, d *driver, red *process) error {
		if err := b.warm(ctx, d); err != nil {
			return err
		}
		idle := red.rss()
		b.add(Figure{Name: "idle memory of a station", Value: float64(idle) / 1e6, Unit: "MB", Target: "≤ 30 MB"})
		if err := b.alone(ctx, d, p); err != nil {
			return err
		}
		if err := b.sustained(ctx, d, p); err != nil {
			return err
		}
		after := red.rss()
		time.Sleep(b.o.Rest)
		b.add(Figure{Name: fmt.Sprintf("memory after %d records, at rest", b.o.Records), Value: float64(red.rss()) / 1e6, Unit: "MB", Target: "does not grow with the log",
			Note: fmt.Sprintf("%v later; %.1f MB right after", b.o.Rest, float64(after)/1e6)})
		if err := b.recovery(ctx, d, p); err != nil {
			return err
		}
		return b.offline(ctx, d, p)
	})
}

// latency is measured with the stations connected directly.
func (b *bench) latency(ctx context.Context) error {
	for _, marks := range []bool{false, true} {
		if err := b.withPair(fmt.Sprintf("direct-%v", marks), wish{marks: marks, direct: true}, func(_ *pair, d *driver, _ *process) error {
			if err := b.warm(ctx, d); err != nil {
				return err
			}
			return b.oneInFlight(ctx, d, marks)
		}); err != nil {
			return err
		}
	}
	return nil
}

// text is a message of 500 bytes.
var text = strings.Repeat("Nothing to report from this desk. ", 15)[:500]

func say(d *driver, n int) (uint64, error) {
	drafts := make([]station.Draft, n)
	for i := range drafts {
		drafts[i] = station.Draft{Code: "TX01", Text: text}
	}
	res, err := d.h.Say(context.Background(), d.line, station.Say{Drafts: drafts})
	if err != nil {
		return 0, err
	}
	return res[n-1].Number, nil
}

func (b *bench) warm(ctx context.Context, d *driver) error {
	for range 50 {
		n, err := say(d, 1)
		if err != nil {
			return err
		}
		if err := d.receipted(ctx, n); err != nil {
			return err
		}
	}
	return nil
}

// oneInFlight measures say → durable there → its receipt durable here.
func (b *bench) oneInFlight(ctx context.Context, d *driver, marks bool) error {
	n := min(1000, b.o.Records)
	var took []time.Duration
	for range n {
		began := time.Now()
		number, err := say(d, 1)
		if err != nil {
			return err
		}
		if err := d.receipted(ctx, number); err != nil {
			return err
		}
		took = append(took, time.Since(began))
	}
	name, limit, chain := "one in flight, no mark", b.limits.OneInFlight(marks), b.limits.Chain
	if marks {
		name, chain = "one in flight, with a mark", b.limits.ChainMarked
	}
	p50 := median(took)
	b.add(Figure{Name: name + ", p50", Value: ms(p50), Unit: "ms", Limit: ms(limit), Ratio: float64(p50) / float64(limit), Target: "≤ 1.5 × limit",
		Note: fmt.Sprintf("%.2f × the bare chain", float64(p50)/float64(chain))})
	b.add(Figure{Name: name + ", p99", Value: ms(quantile(took, 0.99)), Unit: "ms"})
	return nil
}

// alone counts the bytes of records said one after the other.
func (b *bench) alone(ctx context.Context, d *driver, p *pair) error {
	n := min(500, b.o.Records)
	before := p.wire.bytes.Load()
	for range n {
		number, err := say(d, 1)
		if err != nil {
			return err
		}
		if err := d.receipted(ctx, number); err != nil {
			return err
		}
	}
	b.add(Figure{Name: "bytes on the wire, 500-byte message alone, overhead", Value: float64(p.wire.bytes.Load()-before)/float64(n) - 500, Unit: "bytes", Target: "≤ 800 before ML-DSA",
		Note: "TLS, receipt, and the ML-DSA rounds of that time included"})
	return nil
}

// sustained measures many records in flight.
func (b *bench) sustained(ctx context.Context, d *driver, p *pair) error {
	const batch, askers = 100, 8
	before := p.wire.bytes.Load()
	began := time.Now()
	var left atomic.Int64
	left.Store(int64(b.o.Records))
	var newest atomic.Uint64
	var group sync.WaitGroup
	errs := make(chan error, askers)
	for range askers {
		group.Go(func() {
			for left.Add(-batch) >= 0 {
				n, err := say(d, batch)
				if err != nil {
					errs <- err
					return
				}
				for old := newest.Load(); n > old && !newest.CompareAndSwap(old, n); old = newest.Load() {
				}
			}
		})
	}
	group.Wait()
	close(errs)
	for err := range errs {
		return err
	}
	if err := b.untilReceipted(ctx, d, newest.Load()); err != nil {
		return err
	}
	took := time.Since(began)
	rate := float64(b.o.Records) / took.Seconds()
	limit := b.limits.Sustained()
	b.add(Figure{Name: fmt.Sprintf("sustained, %d records durable and receipted", b.o.Records), Value: rate, Unit: "records/s", Limit: limit, Ratio: rate / limit, Target: "≥ 20,000",
		Note: "limit: the CPU that writing, hashing and checking take, both stations on these cores"})
	b.add(Figure{Name: "bytes on the wire per record, batched, overhead", Value: float64(p.wire.bytes.Load()-before)/float64(b.o.Records) - 500, Unit: "bytes", Target: "≤ 280"})
	return nil
}

// untilReceipted looks at the station itself: under load the news may have
// more to tell than is taken.
func (b *bench) untilReceipted(ctx context.Context, d *driver, number uint64) error {
	for {
		v, err := d.h.View(ctx, d.line)
		if err != nil {
			return err
		}
		if len(v.Peers) > 0 && v.Peers[0].Receipt.Size > 0 && v.Peers[0].Receipt.Last >= number {
			return nil
		}
		time.Sleep(time.Millisecond)
	}
}

// recovery measures from the return of the wire to the first receipt for what
// was said meanwhile.
func (b *bench) recovery(ctx context.Context, d *driver, p *pair) error {
	outages := []time.Duration{b.o.Outage}
	if b.o.Long {
		outages = append(outages, 10*time.Minute)
	}
	for _, outage := range outages {
		if err := b.recoverAfter(ctx, d, p, outage); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) recoverAfter(ctx context.Context, d *driver, p *pair, outage time.Duration) error {
	p.wire.cut()
	var number uint64
	for range 10 {
		n, err := say(d, 10)
		if err != nil {
			return err
		}
		number = n
	}
	time.Sleep(outage)
	for len(d.news) > 0 {
		<-d.news
	}
	began := time.Now()
	p.wire.restore()
	if err := b.untilReceipted(ctx, d, number); err != nil {
		return err
	}
	b.add(Figure{Name: fmt.Sprintf("after a cut of %v: return of the wire to receipt", outage), Value: ms(time.Since(began)), Unit: "ms", Target: "≤ 500 ms"})
	return nil
}

// starts measures both stations started together until the first receipt.
func (b *bench) starts(ctx context.Context) error {
	p, err := newPair(filepath.Join(b.o.Dir, "starts"), b.o.Binary, wish{})
	if err != nil {
		return err
	}
	defer p.close()
	var took []time.Duration
	for range b.o.Starts {
		d, err := b.start(ctx, p)
		if err != nil {
			return err
		}
		took = append(took, d)
	}
	within := 0
	for _, d := range took {
		if d <= time.Second {
			within++
		}
	}
	b.add(Figure{Name: "both started together, first receipt, slowest", Value: ms(quantile(took, 1)), Unit: "ms", Target: "≤ 1 s",
		Note: fmt.Sprintf("median %.0f ms; %d of %d within 1 s", ms(median(took)), within, len(took))})
	return nil
}

func (b *bench) start(ctx context.Context, p *pair) (took time.Duration, err error) {
	began := time.Now()
	red, err := p.serve(p.red)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, red.stop()) }()
	blue, err := p.serve(p.blue)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, blue.stop()) }()
	if err := blue.wait(); err != nil {
		return 0, err
	}
	client := api.NewClient(p.blue.Socket())
	said, err := client.Say(ctx, string(p.line), api.Say{Wait: 30, Drafts: []api.Draft{{Code: "TX01", Text: "Good morning."}}})
	if err != nil {
		return 0, err
	}
	if len(said.Records) == 1 && said.Records[0].Queued { // it signs once it has heard the other side
		if err := firstReceipt(ctx, client, string(p.line)); err != nil {
			return 0, err
		}
	} else if len(said.Records) != 1 || len(said.Records[0].Receipts) == 0 {
		return 0, fmt.Errorf("no receipt within 30 s of a start: %+v", said)
	}
	took = time.Since(began)
	return took, red.wait()
}

// firstReceipt waits until what was queued is receipted.
func firstReceipt(ctx context.Context, client *api.Client, line string) error {
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		st, err := client.LineStatus(ctx, line, "en")
		if err != nil {
			return err
		}
		if st.Waiting == 0 && len(st.Peers) == 1 && st.Peers[0].Receipt != nil && st.Peers[0].Receipt.Size == st.Own.Size {
			return nil
		}
	}
	return errors.New("no receipt within 30 s of a start")
}
