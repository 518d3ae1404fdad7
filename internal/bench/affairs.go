// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"time"

	"openline/internal/api"
	"openline/internal/home"
	"openline/internal/store"
	"openline/internal/store/sqlite"
	"openline/record"
)

func (p *pair) homes() [2]*home.Home { return [2]*home.Home{p.blue, p.red} }

// affairs is what a line costs on which much was said: its start, the whole
// of it read anew, a late record, the brief and memory, each beside a plain
// read of the same rows; and what its console costs.
func (b *bench) affairs(ctx context.Context) error {
	p, line, err := b.aBusyLine(ctx)
	if err != nil {
		return err
	}
	defer p.close()
	if b.wants("affairs") {
		if err := b.costs(ctx, p, line); err != nil {
			return err
		}
	}
	if b.wants("console") {
		return b.console(ctx, p)
	}
	return nil
}

// costs are those of the affairs.
func (b *bench) costs(ctx context.Context, p *pair, line *busy) error {
	plain, err := plainRead(p, line.opened)
	if err != nil {
		return err
	}
	if err := b.served(ctx, p, plain); err != nil {
		return err
	}
	took, err := p.rebuild()
	if err != nil {
		return err
	}
	b.add(beside(Figure{Name: "busy line: all of it folded anew (openline rebuild)", Value: ms(took), Unit: "ms"}, ms(plain.all), "reading every entry"))
	return b.late(ctx, p, line.opened)
}

// beside holds a figure against a plain read.
func beside(f Figure, limit float64, what string) Figure {
	f.Limit, f.Ratio = limit, f.Value/limit
	if f.Note != "" {
		f.Note += "; "
	}
	f.Note += "limit: " + what
	return f
}

// plain is what it costs to read rows of the store and do nothing with them.
type plain struct{ open, all, dossiers time.Duration }

func plainRead(p *pair, dossiers []record.Ref) (out plain, err error) {
	began := time.Now()
	db, err := sqlite.Open(p.blue.Database())
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	saved, err := db.Load(p.line)
	if err != nil {
		return out, err
	}
	out.open = time.Since(began)
	r := db.Line(p.line)
	read := func(log store.LogID, from uint64, max int) (int, error) {
		entries, err := r.Entries(log, from, max, 1<<20)
		return len(entries), err
	}
	began = time.Now()
	base := map[record.PartyNo]store.LogState{}
	for _, l := range saved.Logs {
		base[l.Log.Party] = l
		for at := uint64(0); at < l.Size; {
			n, err := read(l.Log, at, 1000)
			if err != nil {
				return out, err
			}
			at += uint64(n)
		}
	}
	out.all = time.Since(began)
	began = time.Now()
	for _, d := range dossiers {
		l := base[d.Party]
		if _, err := read(l.Log, d.Number-l.Base, 1); err != nil {
			return out, err
		}
		places, err := r.About(d)
		if err != nil {
			return out, err
		}
		for _, at := range places {
			if _, err := read(at.Log, at.Index, 1); err != nil {
				return out, err
			}
		}
	}
	out.dossiers = time.Since(began)
	return out, nil
}

// served measures a station of its own: how soon it is there, the brief it
// gives, and its memory.
func (b *bench) served(ctx context.Context, p *pair, plain plain) error {
	var starts []time.Duration
	for range 4 {
		began := time.Now()
		pr, err := p.serve(p.blue)
		if err != nil {
			return err
		}
		if err := pr.wait(); err != nil {
			return err
		}
		starts = append(starts, time.Since(began))
		if err := pr.stop(); err != nil {
			return err
		}
	}
	b.add(beside(Figure{Name: "busy line: start from the cache, p50", Value: ms(median(starts)), Unit: "ms", Target: "≤ 2 s"}, ms(plain.open), "opening the store and loading the cached state"))
	pr, err := p.serve(p.blue)
	if err != nil {
		return err
	}
	if err := pr.wait(); err != nil {
		return err
	}
	idle := pr.rss()
	time.Sleep(b.o.Rest) // it reads back what the tables are made of
	err = b.briefs(ctx, p, pr, plain)
	full := pr.rss()
	if err = errors.Join(err, pr.stop()); err != nil {
		return err
	}
	b.add(Figure{Name: "busy line: memory after briefs and tables", Value: float64(full) / 1e6, Unit: "MB", Target: "≤ 150 MB", Note: fmt.Sprintf("%.1f MB right after the start", float64(idle)/1e6)})
	return nil
}

func (b *bench) briefs(ctx context.Context, p *pair, pr *process, plain plain) error {
	client := api.NewClient(p.blue.Socket())
	brief := func() error {
		_, err := client.Brief(ctx, string(p.line), api.BriefQuery{})
		return err
	}
	first, err := timed(1, brief)
	if err != nil {
		return err
	}
	const n = 21
	before := pr.cpu()
	then, err := timed(n, brief)
	if err != nil {
		return err
	}
	cpu := (pr.cpu() - before) / n
	f := Figure{Name: "busy line: brief, p50", Value: ms(then), Unit: "ms", Target: "≤ 100 ms", Note: fmt.Sprintf("processor time %.0f ms each; the first after a start %.0f ms", ms(cpu), ms(first))}
	b.add(beside(f, ms(plain.dossiers), "reading every record of every dossier"))
	tables, err := timed(11, func() error {
		_, err := client.Dossiers(ctx, string(p.line))
		return err
	})
	if err != nil {
		return err
	}
	b.add(beside(Figure{Name: "busy line: table of dossiers, p50", Value: ms(tables), Unit: "ms"}, ms(plain.dossiers), "reading every record of every dossier"))
	return nil
}

// timed is the median of some runs.
func timed(n int, f func() error) (time.Duration, error) {
	var took []time.Duration
	for range n {
		began := time.Now()
		if err := f(); err != nil {
			return 0, err
		}
		took = append(took, time.Since(began))
	}
	return median(took), nil
}

// rebuild runs openline rebuild.
func (p *pair) rebuild() (time.Duration, error) {
	cmd := exec.Command(p.binary, "rebuild", p.blue.Dir)
	cmd.Env = append(cmd.Environ(), "OPENLINE_SECRET="+p.secret)
	began := time.Now()
	if out, err := cmd.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("openline rebuild: %w: %s", err, out)
	}
	return time.Since(began), nil
}
