// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"context"
	"errors"
	"time"

	"openline/internal/desk/roster"
	"openline/internal/host"
	"openline/internal/host/shelf"
	"openline/internal/station"
)

// rewriteAfter is how long an alarm that the journal did not take waits to be
// written again. It rings meanwhile: a full disk is told of by an alarm.
const rewriteAfter = time.Minute

// enter writes an alarm down and puts it on the ladder. One that the journal
// does not take now rings all the same.
func (w *watch) enter(ctx context.Context, n roster.Note, x *ringing) error {
	if n.Token == "" {
		n.Token = host.NewToken(w.k.cfg.Clock.Now().Wall)
	}
	no, err := w.k.cfg.Shelf.Enter(ctx, w.id, n)
	if errors.Is(err, shelf.ErrUnwritten) || errors.Is(err, station.ErrTooMany) {
		now := w.k.cfg.Clock.Now().Wall
		if x.note == nil {
			w.unwritten--
			x.alarm = roster.Alarm{At: now, Code: n.Code, Party: n.Party, Record: n.Record, Text: n.Text}
			w.ringing[w.unwritten] = x
			w.k.cfg.Log.Error("an alarm rings that the journal does not take", "line", w.id, "text", n.Text, "why", err)
		}
		x.note, x.again = &n, now.Add(rewriteAfter)
		return nil
	}
	if err != nil {
		return err
	}
	list, gone, err := w.k.cfg.Shelf.Alarms(w.id)
	if err != nil {
		return err
	}
	rang := x.note != nil
	x.note = nil
	if i := no - 1 - gone; i >= 0 && i < len(list) && list[i].Acknowledged == nil {
		if rang {
			list[i].At = x.alarm.At // the ladder goes on from where it stands
		}
		x.alarm = list[i]
		w.ringing[no] = x
	}
	return nil
}

// rewrite writes what was not taken before, once its time has come.
func (w *watch) rewrite(ctx context.Context, now time.Time) error {
	for no, x := range w.ringing {
		if no > 0 || x.again.After(now) {
			continue
		}
		if err := w.enter(ctx, *x.note, x); err != nil {
			return err
		}
		if x.note == nil {
			delete(w.ringing, no)
		}
	}
	return nil
}
