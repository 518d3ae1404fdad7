// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"openline/extract"
	"openline/internal/boot"
	"openline/internal/desk/brief"
	"openline/internal/desk/deliberation"
	"openline/internal/host"
	"openline/internal/host/briefing"
	"openline/internal/host/exporting"
	"openline/internal/host/shelf"
	"openline/internal/keys"
	"openline/internal/station"
	"openline/internal/story"
	"openline/record"
)

// Options say how the demonstration is shown.
type Options struct {
	Story   string // its name; empty: the affair
	Dir     string // where the stations lie; made if it is not there
	Neutral bool   // Blue and Red in place of the names of the public record
	Once    bool   // end when the story is told
	Tell    *Teller
	Version string
}

// Run tells the story and, unless it is told once, keeps both stations
// running until ctx ends.
func Run(ctx context.Context, o Options) error {
	s, err := story.Load(cmp.Or(o.Story, story.Names()[0]), o.Neutral)
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
	r, err := stage.Run(ctx, boot.Options{Clock: clock, PingEvery: pingEvery, PQEvery: time.Minute, Version: o.Version, NoSocket: true})
	if err != nil {
		return err
	}
	p := stage.Player(r, clock, o.Tell)
	err = p.Play(ctx)
	if err == nil {
		err = stage.conclude(ctx, p, o.Tell)
	}
	if err == nil && o.Once && s.WayOut != nil {
		err = stage.wayOut(ctx, p, o.Tell)
	}
	if err = errors.Join(err, r.Stop()); err != nil || o.Once {
		return err
	}
	return stage.stay(ctx, o, p)
}

// pingEvery is how often the stations look for each other in told time: the
// wire is not the story.
const pingEvery = 6 * time.Hour

// conclude asks the record what can be said: the brief, and the extract.
func (st *Stage) conclude(ctx context.Context, p *Player, tell *Teller) error {
	asker := st.Story.Parties[0].Short
	rows, err := st.Import(ctx, p)
	if err != nil {
		return err
	}
	page, err := st.page(ctx, p, asker, st.Story.Ends)
	if err != nil {
		return err
	}
	tell.brief(st.Story.Lead, rows, page)
	if st.Story.Extract == "" {
		return nil
	}
	path, report, err := st.noReply(ctx, p, asker)
	if err != nil {
		return fmt.Errorf("the no-reply extract: %w", err)
	}
	tell.extract(path, report)
	return nil
}

// wayOut plays the second chapter and asks the record again.
func (st *Stage) wayOut(ctx context.Context, p *Player, tell *Teller) error {
	next := st.Story.WayOut
	tell.chapter(next)
	if err := p.PlayOn(ctx, next.Events, next.Ends); err != nil {
		return err
	}
	page, err := st.page(ctx, p, st.Story.Parties[0].Short, next.Ends)
	if err != nil {
		return err
	}
	tell.after(next, page)
	return nil
}

// page is a side's brief of an hour as text.
func (st *Stage) page(ctx context.Context, p *Player, short string, at time.Time) (string, error) {
	b, words, in, err := st.Brief(ctx, p, short, at)
	if err != nil {
		return "", fmt.Errorf("the brief: %w", err)
	}
	return b.Text(words, in.Ours, in.Theirs, brief.Form{}), nil
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
		if rows, err = shelf.New(side.Host).Import(ctx, st.Line, st.Story.Contacts(party.Short, records)); err != nil {
			return 0, fmt.Errorf("the contacts of %s: %w", party.Short, err)
		}
	}
	return rows, st.deliberate(ctx, p)
}

// deliberate writes into a side's journal what it is reported to have turned
// over by itself.
func (st *Stage) deliberate(ctx context.Context, p *Player) error {
	for i, d := range st.Story.Deliberations {
		desk := shelf.New(p.Sides[d.Side].Host)
		token := func(part int) string { return fmt.Sprintf("story %d %d", i, part) }
		made, err := desk.Deliberate(ctx, st.Line, deliberation.Note{Token: token(0), Do: deliberation.DoOpen, Question: d.Question, Subject: d.Subject, Options: d.Options})
		if err != nil {
			return fmt.Errorf("the deliberation of %s: %w", d.Side, err)
		}
		for j, x := range d.Positions {
			if _, err := desk.Deliberate(ctx, st.Line, deliberation.Note{Token: token(j + 1), Do: deliberation.DoPosition, On: made.No, Option: x.Option, Who: x.Who, Arguments: x.Arguments,
				Stance: deliberation.Stance(x.Stance), Attribution: x.Attribution, Source: x.Source, Said: x.Said}); err != nil {
				return fmt.Errorf("the deliberation of %s: %w", d.Side, err)
			}
		}
	}
	return nil
}

// Brief makes a side's brief of an hour, from its record and its journal.
func (st *Stage) Brief(ctx context.Context, p *Player, short string, at time.Time) (*brief.Brief, *brief.Words, brief.Input, error) {
	var in brief.Input
	words, err := brief.Language("en")
	if err != nil {
		return nil, nil, in, err
	}
	side := p.Sides[short]
	contacts, err := shelf.New(side.Host).Contacts(st.Line)
	if err != nil {
		return nil, nil, in, err
	}
	in, err = briefing.Gather(ctx, side.Host, st.Line, side.Env.Titles(), briefing.Wish{
		Peer: side.Other, At: at, Since: st.Story.Begins.Truncate(24 * time.Hour), Contacts: contacts,
	})
	if err != nil {
		return nil, nil, in, err
	}
	return brief.Of(in, words, words.Line()), words, in, nil
}

// noReply exports the extract of the request the story names, by two persons, and
// verifies it as anyone would: from the file, with the fingerprints alone.
func (st *Stage) noReply(ctx context.Context, p *Player, short string) (string, *extract.Report, error) {
	side := p.Sides[short]
	request, ok := p.records[st.Story.Extract]
	if !ok {
		return "", nil, fmt.Errorf("nothing is called %q in the story", st.Story.Extract)
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
func (st *Stage) stay(ctx context.Context, o Options, told *Player) error {
	clock := host.NewVirtualClock(st.Story.Ends)
	opts := boot.Options{Clock: clock, PingEvery: pingEvery, Version: o.Version, Demo: true}
	r, err := st.Run(ctx, opts)
	if err != nil {
		return err
	}
	quiet := &Teller{W: io.Discard}
	on := &onward{clock: clock, player: st.Player(r, clock, quiet), stage: st}
	on.player.records = told.records
	c, err := st.Consoles(ctx, r, opts, on)
	if err != nil {
		return errors.Join(err, r.Stop())
	}
	ctx, stop := context.WithCancel(ctx)
	paced := make(chan error, 1)
	go func() { paced <- on.run(ctx) }()
	o.Tell.staying(st, c.URL)
	select {
	case <-ctx.Done():
	case err = <-r.Failed():
		r.n--
	}
	stop()
	return errors.Join(err, <-paced, c.Close(), r.Stop())
}
