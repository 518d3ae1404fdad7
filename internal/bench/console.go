// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"openline/internal/boot"
	"openline/internal/console"
	"openline/internal/console/roll"
	"openline/internal/station"
)

// console measures what a person at the desk waits for, on the busy line.
func (b *bench) console(ctx context.Context, p *pair) (err error) {
	// Who may sit is written before the station runs.
	if err := roll.Dir(p.blue.ConsoleFiles()).Change(func(r *roll.Roll) { r.Give(persons[0], string(console.Watch)) }); err != nil {
		return err
	}
	blue, err := p.serve(p.blue)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, blue.stop()) }()
	if err := blue.wait(); err != nil {
		return err
	}
	red, err := p.driveRed(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, red.close()) }()
	if err := b.untilSigning(ctx, red.h, p); err != nil {
		return err
	}
	time.Sleep(b.o.Rest) // it reads back what the tables are made of
	d, err := b.enter(p)
	if err != nil {
		return err
	}
	if err := b.pages(ctx, d, blue); err != nil {
		return err
	}
	if err := b.seen(ctx, p, d, red); err != nil {
		return err
	}
	return b.many(ctx, d, red, blue)
}

// driveRed runs the other station beside the driver.
func (p *pair) driveRed(ctx context.Context) (*driver, error) {
	return p.driveOne(ctx, p.red, boot.Options{NoSocket: true})
}

// desk is a person who sits at the console.
type desk struct {
	url    string
	client *http.Client
}

// enter sits down by a one-time link, as an operator would give it.
func (b *bench) enter(p *pair) (*desk, error) {
	token, err := console.LinkDir(p.blue.ConsoleLinks()).Make(console.Entry{Person: persons[0], Role: console.Watch}, time.Now())
	if err != nil {
		return nil, err
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	d := &desk{url: p.blue.Settings.ConsoleURL(), client: &http.Client{Jar: jar, Transport: &http.Transport{MaxIdleConnsPerHost: b.o.Desks}}}
	r, err := d.client.PostForm(d.url+"/enter", url.Values{"link": {token}})
	if err != nil {
		return nil, err
	}
	defer r.Body.Close()
	if r.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("entering the console: %s", r.Status)
	}
	_, err = io.Copy(io.Discard, r.Body)
	return d, err
}

func (d *desk) get(ctx context.Context, path string) ([]byte, error) {
	r, err := d.open(ctx, path)
	if err != nil {
		return nil, err
	}
	defer r.Body.Close()
	return io.ReadAll(r.Body)
}

func (d *desk) open(ctx context.Context, path string) (*http.Response, error) {
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, d.url+path, nil)
	if err != nil {
		return nil, err
	}
	r, err := d.client.Do(q)
	if err != nil {
		return nil, err
	}
	if r.StatusCode != http.StatusOK {
		return nil, errors.Join(fmt.Errorf("the console: %s: %s", path, r.Status), r.Body.Close())
	}
	return r, nil
}

var needed = regexp.MustCompile(`(?:href|src)="(/assets/[^"]+)"`)

// pages measures the watch page and what comes with it, and each other page
// beside it.
func (b *bench) pages(ctx context.Context, d *desk, blue *process) error {
	page, err := d.get(ctx, "/watch")
	if err != nil {
		return err
	}
	total, file := len(page), ""
	for _, m := range needed.FindAllSubmatch(page, -1) {
		asset, err := d.get(ctx, string(m[1]))
		if err != nil {
			return err
		}
		total += len(asset)
		file = string(m[1])
	}
	bare, err := timed(41, func() error { _, err := d.get(ctx, file); return err })
	if err != nil {
		return err
	}
	const n = 41
	before := blue.cpu()
	took, err := timed(n, func() error { _, err := d.get(ctx, "/watch"); return err })
	if err != nil {
		return err
	}
	cpu := (blue.cpu() - before) / n
	b.add(beside(Figure{Name: "console: watch page, asked to answered, p50", Value: ms(took), Unit: "ms", Target: "≤ 20 ms", Note: fmt.Sprintf("processor time %.0f ms each", ms(cpu))}, ms(bare), "a file of the same server"))
	b.add(Figure{Name: "console: transfer of the watch page with all it needs", Value: float64(total) / 1000, Unit: "kB", Target: "≤ 250 kB", Note: fmt.Sprintf("the page alone %.0f kB", float64(len(page))/1000)})
	ways := regexp.MustCompile(`<a [^>]*href="(/line/[^"/]+(?:/[a-z]+)?|/station)"[^>]*data-key`).FindAllSubmatch(page, -1)
	for _, m := range ways {
		path, size := string(m[1]), 0
		took, err := timed(5, func() error {
			page, err := d.get(ctx, path)
			size = len(page)
			return err
		})
		if err != nil {
			return err
		}
		name := "line"
		if parts := strings.Split(strings.Trim(path, "/"), "/"); len(parts) != 2 {
			name = parts[len(parts)-1]
		}
		b.add(Figure{Name: "console: page " + name + ", asked to answered, p50", Value: ms(took), Unit: "ms", Note: fmt.Sprintf("%.0f kB", float64(size)/1000)})
	}
	return nil
}

// many opens as many consoles as a large house has, lets something happen
// that each of them shows, and looks at the station's memory.
func (b *bench) many(ctx context.Context, d *desk, red *driver, blue *process) error {
	before := blue.rss()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var group sync.WaitGroup
	defer group.Wait()
	defer stop()
	opened, shown := make(chan error, b.o.Desks), make(chan error, b.o.Desks)
	for range b.o.Desks {
		group.Go(func() { d.look(ctx, opened, shown) })
	}
	wait := func(told chan error) error {
		for range b.o.Desks {
			if err := <-told; err != nil {
				return err
			}
		}
		return nil
	}
	if err := wait(opened); err != nil {
		return err
	}
	began := time.Now()
	if _, err := say(red, 1); err != nil {
		return err
	}
	if err := wait(shown); err != nil {
		return err
	}
	all, peak := time.Since(began), blue.rss()
	time.Sleep(b.o.Rest)
	b.add(Figure{Name: fmt.Sprintf("console: memory of the station with %d consoles open", b.o.Desks), Value: float64(blue.rss()) / 1e6, Unit: "MB", Target: "≤ 150 MB",
		Note: fmt.Sprintf("%.1f MB before them, %.1f MB right after each had read the page anew, which took all of them %.0f ms", float64(before)/1e6, float64(peak)/1e6, ms(all))})
	return nil
}

// look is one console: it hears the stream, and reads the page when something
// changed.
func (d *desk) look(ctx context.Context, opened, shown chan<- error) {
	r, err := d.open(ctx, "/live")
	if err != nil {
		opened <- err
		return
	}
	defer r.Body.Close()
	first := true
	for sc := bufio.NewScanner(r.Body); sc.Scan(); {
		switch event, _ := strings.CutPrefix(sc.Text(), "event: "); {
		case event == "beat" && first:
			first = false
			opened <- nil
		case event == "change" && shown != nil:
			_, err := d.get(ctx, "/watch")
			shown <- err
			shown = nil
		}
	}
	if ctx.Err() == nil && shown != nil {
		shown <- errors.New("the stream of a console ended")
	}
}

// seen measures in a browser how soon the page is there, and how soon an event
// of the other station is.
func (b *bench) seen(ctx context.Context, p *pair, d *desk, red *driver) error {
	view, why, err := openBrowser(ctx, b.o.Browser, d)
	if err != nil {
		return err
	}
	if why != "" {
		b.say("SKIP: the console in a browser: %s", why)
		return nil
	}
	defer view.close()
	paint, transfer, err := view.paints()
	if err != nil {
		return err
	}
	b.add(Figure{Name: "console: first contentful paint of the watch page, p50", Value: paint, Unit: "ms", Target: "≤ 300 ms", Note: fmt.Sprintf("nothing in the cache; the browser counts %.0f kB", transfer/1000)})
	var took []time.Duration
	for range 15 {
		if err := view.expect(); err != nil {
			return err
		}
		if _, err := red.h.Say(ctx, p.line, station.Say{Drafts: []station.Draft{{Code: "TX01", From: "desk", Text: text[:120]}}}); err != nil {
			return err
		}
		stored := time.Now()
		at, err := view.visible()
		if err != nil {
			return err
		}
		took = append(took, max(0, at.Sub(stored)))
	}
	b.add(Figure{Name: "console: stored there to visible in the browser here, p50", Value: ms(median(took)), Unit: "ms", Target: "≤ 150 ms", Note: fmt.Sprintf("slowest of %d: %.0f ms", len(took), ms(quantile(took, 1)))})
	return nil
}

// aBusyLine makes a pair of stations with a busy line between them.
func (b *bench) aBusyLine(ctx context.Context) (*pair, *busy, error) {
	p, err := newPair(filepath.Join(b.o.Dir, "affairs"), b.o.Binary, wish{direct: true, console: true})
	if err != nil {
		return nil, nil, err
	}
	began := time.Now()
	line, err := buildBusy(ctx, p, b.o.Affairs)
	if err != nil {
		p.close()
		return nil, nil, fmt.Errorf("a busy line: %w", err)
	}
	c := line.counts
	b.say("a busy line of %d records, %d dossiers, %d hours of tests, made in %v", c.records, c.dossiers, c.hours, time.Since(began).Round(time.Second))
	return p, line, nil
}
