// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"context"
	"fmt"

	"openline/internal/desk/roster"
	"openline/internal/station"
	"openline/record"
)

// rung tries one rung: every person it calls, each by its own try. A way that
// is not set up, or that nobody it calls can be reached by, is passed over
// without a word: the journal would fill with it.
func (w *watch) rung(ctx context.Context, x *ringing, rung Rung) error {
	ways := w.k.cfg.Ways
	switch rung.Way {
	case WayConsole:
		return nil // the consoles show what rings by themselves
	case WayHook:
		if len(ways.Hook.Command) > 0 {
			w.try(ctx, x.alarm, x.prec, rung.Way, "", ways.Hook.Ring)
		}
		return nil
	case WayLine:
		if ways.Line && x.alarm.Party != "" {
			w.try(ctx, x.alarm, x.prec, rung.Way, "", w.tellLine)
		}
		return nil
	}
	persons, err := w.called(rung.Call)
	if err != nil {
		return err
	}
	if rung.Way == WayWebhook && ways.Poster.Topic != "" && (rung.Call == "" || rung.Call == CallWatch) {
		w.try(ctx, x.alarm, x.prec, "ntfy", "", ways.Poster.Ntfy)
	}
	for _, p := range persons {
		switch {
		case rung.Way == WayEmail && p.Email != "" && ways.Mailer.Host != "":
			w.try(ctx, x.alarm, x.prec, rung.Way, p.Name, func(ctx context.Context, c Call) error { return ways.Mailer.Send(ctx, p.Email, c) })
		case rung.Way == WayWebhook && p.Webhook != "":
			id := fmt.Sprintf("alarm-%d-%s", x.alarm.No, p.Name)
			at := w.k.cfg.Clock.Now().Wall
			w.try(ctx, x.alarm, x.prec, rung.Way, p.Name, func(ctx context.Context, c Call) error { return ways.Poster.Webhook(ctx, p.Webhook, id, at, c) })
		case rung.Way == WayPush && ways.Pusher.Has(p.Name):
			w.try(ctx, x.alarm, x.prec, rung.Way, p.Name, ways.Pusher.Push)
		}
	}
	return nil
}

// called are the persons a rung calls, from the roster as it stands. Where
// nobody is entered as on watch, everybody is called: an alarm that reaches
// too many is better than one that reaches nobody.
func (w *watch) called(whom string) ([]roster.Person, error) {
	r, err := w.k.cfg.Shelf.Roster(w.id, w.k.cfg.Clock.Now().Wall)
	if err != nil {
		return nil, err
	}
	if whom == CallAll {
		return r.Persons, nil
	}
	var out []roster.Person
	for _, x := range r.Watch.Order {
		on := x.As == "holder" || x.As == "shift"
		if on == (whom != CallDeputies) {
			out = append(out, x.Person)
		}
	}
	if len(out) == 0 && whom != CallDeputies {
		return r.Persons, nil
	}
	return out, nil
}

// tellLine tells the other desk that nobody is at ours. The station says it,
// from its own post: it stands for no person's word.
func (w *watch) tellLine(ctx context.Context, _ Call) error {
	now := w.k.cfg.Clock.Now().Wall
	params := map[string]record.Value{"state": record.Text("closed"), "from": record.Uint(uint64(max(0, now.Unix())))}
	r, err := w.k.cfg.Shelf.Roster(w.id, now)
	if err != nil {
		return err
	}
	if r.Watch.Next != nil {
		params["to"] = record.Uint(uint64(max(0, r.Watch.Next.From.Unix())))
	}
	_, err = w.k.cfg.Host.Say(ctx, w.id, station.Say{ByStation: true, Drafts: []station.Draft{{Code: "LT03", Params: params}}})
	return err
}
