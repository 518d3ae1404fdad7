// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"openline/extract"
	"openline/internal/boot"
	"openline/internal/desk/brief"
	"openline/internal/host"
	"openline/internal/host/briefing"
	"openline/internal/host/exporting"
	"openline/internal/keys"
	"openline/internal/station"
	"openline/internal/story"
	"openline/record"
)

// Options say how the demonstration is shown.
type Options struct {
	Dir     string // where the stations lie; made if it is not there
	Neutral bool   // Blue and Red in place of the names of the public record
	Once    bool   // end when the story is told
	Tell    *Teller
	Version string
}

// Run tells the story and, unless it is told once, keeps both stations
// running until ctx ends.
func Run(ctx context.Context, o Options) error {
	s, err := story.Load(o.Neutral)
	if err != nil {
		return err
	}
	o.Tell.opening(s, o.Neutral)
	stage, err := Build(o.Dir, s)
	if err != nil {
		return err
	}
	o.Tell.built(stage)
	clock := host.NewVirtualClock(s.Begins)
	// One ping every six hours of the told time: the wire is not the story.
	r, err := stage.Run(ctx, boot.Options{Clock: clock, PingEvery: 6 * time.Hour, PQEvery: time.Minute, Version: o.Version, NoSocket: true})
	if err != nil {
		return err
	}
	p := stage.Player(r, clock, o.Tell)
	err = p.Play(ctx)
	if err == nil {
		err = stage.conclude(ctx, p, o.Tell)
	}
	if err = errors.Join(err, r.Stop()); err != nil || o.Once {
		return err
	}
	return stage.stay(ctx, o)
}

// conclude asks the record what can be said: the brief, and the extract.
func (st *Stage) conclude(ctx context.Context, p *Player, tell *Teller) error {
	asker := st.Story.Parties[0].Short
	rows, err := st.Import(ctx, p)
	if err != nil {
		return err
	}
	b, words, in, err := st.Brief(ctx, p, asker)
	if err != nil {
		return fmt.Errorf("the brief: %w", err)
	}
	tell.brief(rows, b.Text(words, in.Ours, in.Theirs))
	path, report, err := st.noReply(ctx, p, asker)
	if err != nil {
		return fmt.Errorf("the no-reply extract: %w", err)
	}
	tell.extract(path, report)
	return nil
}

// Import keeps on both stations what each side knows of contacts from
// elsewhere: in its journal, never sent.
func (st *Stage) Import(ctx context.Context, p *Player) (rows int, err error) {
	for _, party := range st.Story.Parties {
		side := p.Sides[party.Short]
		records := map[string]string{}
		for id, ref := range p.records {
			records[id] = record.FormatRef(ref, side.Env.PartyName)
		}
		if rows, err = briefing.NewShelf(side.Host).Import(ctx, st.Line, st.Story.Contacts(party.Short, records)); err != nil {
			return 0, fmt.Errorf("the contacts of %s: %w", party.Short, err)
		}
	}
	return rows, nil
}

// Brief makes a side's brief at the end of the story, from its record and
// its journal.
func (st *Stage) Brief(ctx context.Context, p *Player, short string) (*brief.Brief, *brief.Words, brief.Input, error) {
	var in brief.Input
	words, err := brief.Language("en")
	if err != nil {
		return nil, nil, in, err
	}
	side := p.Sides[short]
	contacts, err := briefing.NewShelf(side.Host).Contacts(st.Line)
	if err != nil {
		return nil, nil, in, err
	}
	in, err = briefing.Gather(ctx, side.Host, st.Line, side.Env.Titles(), briefing.Wish{
		Peer: side.Other, At: st.Story.Ends, Since: st.Story.Begins.Truncate(24 * time.Hour), Contacts: contacts,
	})
	if err != nil {
		return nil, nil, in, err
	}
	return brief.Of(in, words, words.Line()), words, in, nil
}

// noReply exports the extract of the first invitation, by two persons, and
// verifies it as anyone would: from the file, with the fingerprints alone.
func (st *Stage) noReply(ctx context.Context, p *Player, short string) (string, *extract.Report, error) {
	side := p.Sides[short]
	request, ok := p.records["first"]
	if !ok {
		return "", nil, errors.New("the story sends no first invitation")
	}
	e, err := st.exporter(side)
	if err != nil {
		return "", nil, err
	}
	act, err := e.Act(ctx, request)
	if err != nil {
		return "", nil, err
	}
	sigs, err := st.Sign(short, act)
	if err != nil {
		return "", nil, err
	}
	var people []station.Signature
	for _, name := range Persons {
		people = append(people, station.Signature{Person: name, Bytes: sigs[name]})
	}
	zip, _, err := e.NoReply(ctx, request, side.Other, act.Cut, people)
	if err != nil {
		return "", nil, err
	}
	path := filepath.Join(st.Dir, "no-reply.zip")
	if err := keys.WriteFile(path, zip); err != nil {
		return "", nil, err
	}
	read, err := os.ReadFile(path)
	if err != nil {
		return "", nil, err
	}
	report, err := extract.Verify(read, extract.Options{Fingerprints: st.Fig})
	return path, report, err
}

func (st *Stage) exporter(s *Side) (*exporting.Exporter, error) {
	h := st.homes[s.Short]
	l, err := h.Line(st.Line)
	if err != nil {
		return nil, err
	}
	e := &exporting.Exporter{Host: s.Host, Line: st.Line, Me: s.Party, Store: s.Store, Reader: s.Store.Line(st.Line)}
	if e.Bundles, err = h.Bundles(st.Line); err != nil {
		return nil, err
	}
	for _, a := range l.Agreements.All() {
		e.Catalogues = append(e.Catalogues, l.Catalogue(a.Version))
	}
	return e, nil
}

// stay keeps both stations running on a clock that goes on from the end of
// the story.
func (st *Stage) stay(ctx context.Context, o Options) error {
	opts := boot.Options{Clock: onward(st.Story.Ends, time.Now()), Version: o.Version, Demo: true}
	r, err := st.Run(ctx, opts)
	if err != nil {
		return err
	}
	c, err := st.Consoles(ctx, r, opts)
	if err != nil {
		return errors.Join(err, r.Stop())
	}
	o.Tell.staying(st, c.URL)
	select {
	case <-ctx.Done():
	case err = <-r.Failed():
		r.n--
	}
	return errors.Join(err, c.Close(), r.Stop())
}

// onward is a clock that shows a told time and goes on at the pace of the
// machine's.
func onward(told, now time.Time) host.Clock {
	return onwardClock{host.SystemClock(), told.Sub(now)}
}

type onwardClock struct {
	host.Clock
	by time.Duration
}

func (c onwardClock) Now() station.Now {
	n := c.Clock.Now()
	n.Wall = n.Wall.Add(c.by)
	return n
}
