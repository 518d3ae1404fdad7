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

// busy is a line on which much was said: by the hour, in simulated time that
// ends about now, by two stations as they are served.
type busy struct {
	p      *pair
	clock  *host.VirtualClock
	sides  [2]*boot.Station
	stop   context.CancelFunc
	done   chan error
	due    map[int][]act // by the hour
	opened []record.Ref  // dossiers
	counts counts
}

type counts struct{ records, dossiers, hours int }

// act is something to be said by one side about a dossier.
type act struct {
	side  int
	about record.Ref
	draft station.Draft
}

// A dossier is opened every so many hours on average, and so many records
// are said an hour beside the two line tests.
const (
	dossiersOf = 50 // records to a dossier
	anHour     = 40 // records
)

// buildBusy makes a line of so many records.
func buildBusy(ctx context.Context, p *pair, records int) (_ *busy, err error) {
	hours := max(1, records/anHour)
	b := &busy{p: p, due: map[int][]act{}, done: make(chan error, 2), counts: counts{hours: hours}}
	begin := time.Now().UTC().Truncate(time.Hour).Add(-time.Duration(hours) * time.Hour)
	b.clock = host.NewVirtualClock(begin)
	run, stop := context.WithCancel(ctx)
	b.stop = stop
	defer func() { err = errors.Join(err, b.end()) }()
	for i, h := range p.homes() {
		if b.sides[i], err = boot.Start(h, p.lock, boot.Options{Clock: b.clock, PingEvery: 24 * time.Hour, PQEvery: 12 * time.Hour, NoSocket: true}); err != nil {
			return nil, err
		}
		go func() { b.done <- b.sides[i].Run(run) }()
	}
	if err = b.clock.Advance(ctx, begin.Add(time.Minute), b.rest); err != nil {
		return nil, err
	}
	if err = b.declare(ctx, begin); err != nil {
		return nil, err
	}
	for h := range hours {
		if err = b.hour(ctx, h, begin.Add(time.Duration(h)*time.Hour), records/dossiersOf); err != nil {
			return nil, err
		}
	}
	for _, s := range b.sides {
		v, err := s.Host.View(ctx, p.line)
		if err != nil {
			return nil, err
		}
		b.counts.records += int(v.Own.Size)
	}
	b.counts.dossiers = len(b.opened)
	return b, nil
}

func (b *busy) rest(ctx context.Context) error {
	return host.Rest(ctx, b.sides[0].Host, b.sides[1].Host)
}

func (b *busy) end() error {
	b.stop()
	var errs []error
	for _, s := range b.sides {
		if s != nil {
			errs = append(errs, <-b.done)
		}
	}
	return errors.Join(errs...)
}

// declare names each side's offices and clocks.
func (b *busy) declare(ctx context.Context, at time.Time) error {
	for side := range b.sides {
		drafts := []station.Draft{{Code: "CK01", From: "desk", Params: map[string]record.Value{
			"clocks":     record.Array(record.Array(record.Text("CR01"), record.Uint(0), record.Uint(86_400))),
			"valid_from": record.Uint(uint64(at.Unix()))}}}
		for _, post := range []string{"minister", "chairman"} {
			drafts = append(drafts, station.Draft{Code: "PO01", From: "desk", Params: map[string]record.Value{
				"post": record.Text(post), "office": record.Text("The " + post)}})
		}
		if _, err := b.say(ctx, side, drafts...); err != nil {
			return err
		}
	}
	return b.rest(ctx)
}

func (b *busy) say(ctx context.Context, side int, drafts ...station.Draft) ([]station.Result, error) {
	return b.sides[side].Host.Say(ctx, b.p.line, station.Say{Drafts: drafts})
}

// hour says what falls due, opens dossiers, and fills the hour with words.
func (b *busy) hour(ctx context.Context, h int, at time.Time, dossiers int) error {
	if err := b.clock.Advance(ctx, at.Add(time.Hour), b.rest); err != nil {
		return err
	}
	said := [2][]station.Draft{}
	for _, a := range b.due[h] {
		a.draft.Re, a.draft.From = []record.Ref{a.about}, "minister"
		said[a.side] = append(said[a.side], a.draft)
	}
	delete(b.due, h)
	opens := [2]int{}
	for n := len(b.opened); n < dossiers*(h+1)/b.counts.hours; n++ {
		said[n%2] = append([]station.Draft{invitation(n, at)}, said[n%2]...)
		opens[n%2]++
	}
	for side := range said {
		for len(said[side]) < (anHour-2)/2 {
			said[side] = append(said[side], station.Draft{Code: "TX01", From: "desk", Text: text[:120]})
		}
		results, err := b.say(ctx, side, said[side]...)
		if err != nil {
			return err
		}
		for _, r := range results[:opens[side]] {
			ref := record.ByNumber(r.Party, r.Number)
			b.follow(ref, len(b.opened), h, side, at)
			b.opened = append(b.opened, ref)
		}
	}
	return nil
}

func post(side int, name string) record.Value {
	return record.Array(record.Uint(uint64(side+1)), record.Text(name))
}

func window(at time.Time, from, to time.Duration) record.Value {
	return record.Array(record.Uint(uint64(at.Add(from).Unix())), record.Uint(uint64(at.Add(to).Unix())))
}

// invitation is the n-th of the line, from either side in turn.
func invitation(n int, at time.Time) station.Draft {
	side := n % 2
	return station.Draft{Code: "CR01", From: "minister", To: []record.Address{{Party: record.PartyNo(2 - side), Post: "minister"}},
		Params: map[string]record.Value{"caller": post(side, "minister"), "called": post(1-side, "minister"), "subject": record.Text(fmt.Sprintf("subject %d", n%40)),
			"urgency": record.Text("ordinary"), "medium": record.Text("voice"), "windows": record.Array(window(at, 48*time.Hour, 72*time.Hour))}}
}

// follow plans what becomes of an invitation: some are accepted, held first
// or reminded of, some declined, moved or met by another proposal, and of
// every sixth nothing comes.
func (b *busy) follow(ref record.Ref, n, h, side int, at time.Time) {
	plan := func(after, who int, code string, params map[string]record.Value) {
		b.due[h+after] = append(b.due[h+after], act{who, ref, station.Draft{Code: code, Params: params}})
	}
	other := 1 - side
	plan(1, other, "RC01", nil)
	switch n % 6 {
	case 0:
		plan(5, other, "PR01", nil)
		plan(9, other, "CR02", map[string]record.Value{"window": window(at, 50*time.Hour, 51*time.Hour)})
	case 1:
		plan(3, other, "HD01", map[string]record.Value{"until": record.Uint(uint64(at.Add(30 * time.Hour).Unix()))})
		plan(20, other, "HD05", map[string]record.Value{"reason": record.Uint(8)})
	case 2:
		plan(4, other, "HD05", map[string]record.Value{"reason": record.Uint(6)})
	case 3:
		plan(12, side, "RM01", nil)
		plan(20, side, "RM01", nil)
	case 4:
		plan(2, other, "HD04", map[string]record.Value{"office": post(other, "chairman")})
		plan(30, side, "WD01", nil)
	case 5:
		plan(6, other, "CR03", map[string]record.Value{"window": window(at, 100*time.Hour, 101*time.Hour)})
		plan(10, side, "AF01", nil)
	}
}
