// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"context"
	"errors"
	"fmt"
	"time"

	"openline/internal/boot"
	"openline/internal/host"
	"openline/internal/station"
	"openline/record"
)

// late measures a record about one of the oldest dossiers, of which nothing
// is in memory: from its being said there until it is folded here. Words
// about nothing, said in turn with them, take the same way.
func (b *bench) late(ctx context.Context, p *pair, dossiers []record.Ref) (err error) {
	run, stop := context.WithCancel(ctx)
	var sides [2]*boot.Station
	done := make(chan error, 2)
	defer func() {
		stop()
		for _, s := range sides {
			if s != nil {
				err = errors.Join(err, <-done)
			}
		}
	}()
	for i, h := range p.homes() {
		if sides[i], err = boot.Start(h, p.lock, boot.Options{NoSocket: true}); err != nil {
			return err
		}
		go func() { done <- sides[i].Run(run) }()
	}
	news, leave, err := sides[0].Host.Subscribe(p.line, 1<<12)
	if err != nil {
		return err
	}
	defer leave()
	say := func(d station.Draft) error {
		r, err := sides[1].Host.Say(ctx, p.line, station.Say{Drafts: []station.Draft{d}})
		if err != nil {
			return err
		}
		return arrived(ctx, news, r[0].Number)
	}
	words := station.Draft{Code: "TX01", From: "desk", Text: text[:120]}
	if err := b.untilSigning(ctx, sides[1].Host, p); err != nil {
		return err
	}
	var lates, plains []time.Duration
	for i, ref := range dossiers[:min(len(dossiers), 400)] {
		if ref.Party != 1 {
			continue
		}
		for _, d := range []station.Draft{words, {Code: "HD02", From: "minister", Re: []record.Ref{ref}, Params: map[string]record.Value{"until": record.Uint(uint64(time.Now().Unix() + 3600))}}} {
			began := time.Now()
			if err := say(d); err != nil {
				return fmt.Errorf("about dossier %d: %w", i, err)
			}
			if took := time.Since(began); d.Code == "TX01" {
				plains = append(plains, took)
			} else {
				lates = append(lates, took)
			}
		}
	}
	b.add(beside(Figure{Name: "busy line: a late record, said there to folded here, p50", Value: ms(median(lates)), Unit: "ms", Target: "≤ 5 ms",
		Note: fmt.Sprintf("p99 %.1f ms, of words about nothing %.1f ms", ms(quantile(lates, 0.99)), ms(quantile(plains, 0.99)))}, ms(median(plains)), "words about nothing, the same way"))
	return nil
}

// untilSigning waits until a station signs: it may wait for its first
// handshake.
func (b *bench) untilSigning(ctx context.Context, h *host.Host, p *pair) error {
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		v, err := h.View(ctx, p.line)
		if err != nil {
			return err
		}
		if v.Hold == station.HoldNone && len(v.Peers[0].Bearers) > 0 {
			return nil
		}
	}
	return errors.New("a station does not sign 30 s after its start")
}

// arrived waits until a record of the other side is durable and folded here.
func arrived(ctx context.Context, news <-chan host.News, number uint64) error {
	for {
		select {
		case n, ok := <-news:
			if !ok {
				return errors.New("the news of the station ended")
			}
			if n.Kind == "record" && n.Party == 2 && n.Number >= number {
				return nil
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
