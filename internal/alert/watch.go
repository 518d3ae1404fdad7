// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"openline/catalogue"
	"openline/identity"
	"openline/internal/desk/roster"
	"openline/internal/host"
	"openline/internal/host/shelf"
	"openline/internal/station"
	"openline/record"
)

// watch keeps the alarms of one line. Its fields are its own goroutine's.
type watch struct {
	k       *Keeper
	id      identity.LineID
	ringing map[int]*ringing // by number; what is not written yet, by numbers below 0
	left    map[record.Ref]*left
	place   host.Place // what lies before it was looked at, or told of as news; nil: before the first look

	unwritten int // counts down
}

// ringing is one alarm on the ladder.
type ringing struct {
	alarm roster.Alarm
	prec  record.Precedence
	tried int          // rungs
	note  *roster.Note // that is not written yet; nil: it is
	again time.Time    // when it is tried to be written again
}

// left is what was acknowledged and has no word of ours yet.
type left struct {
	alarm roster.Alarm
	prec  record.Precedence
	at    time.Time
}

const (
	oldest     = 24 * time.Hour // an alarm of longer ago rings no more after a start
	maxRinging = 1000           // of one party and precedence; more are in the record only
	room       = 1024           // news that may wait
)

func (w *watch) run(ctx context.Context) error {
	w.left = map[record.Ref]*left{}
	for {
		news, leave, err := w.k.cfg.Host.Subscribe(w.id, room)
		if err != nil {
			return err
		}
		err = w.listen(ctx, news)
		leave()
		if err != nil || ctx.Err() != nil {
			return err
		}
		// More came than was taken: what rings is read anew from the record.
	}
}

func (w *watch) listen(ctx context.Context, news <-chan host.News) error {
	if err := w.resume(); err != nil {
		return err
	}
	if err := w.catchUp(ctx); err != nil {
		return err
	}
	alarm := w.k.cfg.Clock.Alarm()
	defer alarm.Stop()
	for {
		next, err := w.climb(ctx)
		if err != nil {
			return err
		}
		now := w.k.cfg.Clock.Now()
		alarm.Set(now.Mono + max(0, next.Sub(now.Wall)))
		select {
		case <-ctx.Done():
			return ctx.Err()
		case n, ok := <-news:
			if !ok {
				return nil
			}
			if err := w.heard(ctx, n); err != nil {
				return err
			}
		case <-alarm.C():
		}
	}
}

// resume takes up what the journal says rings still.
func (w *watch) resume() error {
	list, _, err := w.k.cfg.Shelf.Alarms(w.id)
	if err != nil {
		return err
	}
	now := w.k.cfg.Clock.Now().Wall
	before := maps.Clone(w.ringing)
	maps.DeleteFunc(w.ringing, func(no int, _ *ringing) bool { return no > 0 })
	w.resumeLeft(list, now)
	for _, a := range list {
		if a.Acknowledged != nil || now.Sub(a.At) > oldest {
			continue
		}
		r := &ringing{alarm: a, prec: w.precedence(a)}
		if n := len(a.Steps); n > 0 {
			since := a.Steps[n-1].At.Sub(a.At)
			for r.tried < len(w.k.cfg.Plan.Rungs[r.prec]) && w.k.cfg.Plan.Rungs[r.prec][r.tried].After <= since {
				r.tried++
			}
		}
		if b := before[a.No]; b != nil {
			r.tried = max(r.tried, b.tried) // some may be under way, and not in the journal yet
		}
		w.ringing[a.No] = r
	}
	return nil
}

// precedence is that of the record an alarm is for, or of its code.
func (w *watch) precedence(a roster.Alarm) record.Precedence {
	env, err := w.k.cfg.Host.Env(w.id)
	if err == nil && a.Record != "" {
		if ref, err := env.ParseRef(a.Record); err == nil {
			if r, err := w.k.cfg.Host.Record(w.id, ref); err == nil && r.Header != nil {
				return r.Header.Precedence
			}
		}
	}
	return ofCode(a.Code)
}

// ofCode is how urgent the station's own words are.
func ofCode(code string) record.Precedence {
	switch code {
	case station.CodeHalf, "LT02":
		return record.Routine
	case station.CodeMost:
		return record.Priority
	}
	return record.Immediate
}

// heard takes one piece of news.
func (w *watch) heard(ctx context.Context, n host.News) error {
	switch n.Kind {
	case "record":
		return w.record(ctx, record.ByNumber(n.Party, n.Number))
	case "alarm":
		env, err := w.k.cfg.Host.Env(w.id)
		if err != nil {
			return err
		}
		note := roster.Note{Do: roster.DoAlarm, Code: n.Code, Text: short(n.Text)}
		if n.Party != 0 {
			note.Party = env.PartyName(n.Party)
		}
		if n.Number > 0 {
			note.Record = env.RefName(record.ByNumber(n.Party, n.Number))
		}
		return w.raise(ctx, note, ofCode(n.Code))
	}
	return nil // a note of the journal: somebody may have taken an alarm up
}

// record raises an alarm for a record of the others that awaits a person, and
// quiets what a record of our own has answered.
func (w *watch) record(ctx context.Context, ref record.Ref) error {
	r, err := w.k.cfg.Host.Record(w.id, ref)
	if err == nil && w.place != nil {
		w.place[r.Log] = max(w.place[r.Log], r.Index+1)
	}
	if err != nil || r.Header == nil || r.Leaf == nil {
		return err
	}
	env, err := w.k.cfg.Host.Env(w.id)
	if err != nil {
		return err
	}
	me, _ := env.PartyNo(string(w.k.cfg.Host.Me()))
	p, ok := env.Catalogue().Phrase(r.Header.Code)
	switch {
	case r.Log.Party == me:
		return w.answered(ctx, env, r, p)
	case !ok || !Awaits(p, r.Header.Precedence):
		return nil
	}
	text := fmt.Sprintf("%s of %s, %s: %s", env.RefName(ref), env.PartyName(ref.Party), r.Header.Code, p.Gloss)
	return w.raise(ctx, roster.Note{Do: roster.DoAlarm, Code: r.Header.Code, Party: env.PartyName(ref.Party), Record: env.RefName(ref), Text: short(text)}, r.Header.Precedence)
}

// Awaits reports whether a record of another party calls a person here: it
// asks for something, or is urgent. Tests and mere receipts call nobody.
func Awaits(p catalogue.Phrase, prec record.Precedence) bool {
	if p.Who == catalogue.Machine || p.Class == "test" || p.Class == "receipt" && !p.Asks() {
		return false
	}
	return p.Asks() || len(p.Permits) > 0 || prec <= record.Immediate
}

// answered quiets what a record of ours answers, if a person made it, and
// leaves nothing of it to be raised again.
func (w *watch) answered(ctx context.Context, env host.Env, r host.Record, p catalogue.Phrase) error {
	if p.Who == catalogue.Machine {
		return nil
	}
	names := map[string]bool{}
	for _, re := range r.Header.Re {
		names[env.RefName(re)] = true
	}
	if !r.Leaf.About.IsZero() {
		names[env.RefName(r.Leaf.About)] = true
	}
	for ref := range w.left {
		if names[env.RefName(ref)] {
			delete(w.left, ref)
		}
	}
	for no, x := range w.ringing {
		if !names[x.alarm.Record] {
			continue
		}
		if no > 0 {
			err := w.k.Acknowledge(ctx, w.id, no, byReply, "replied by "+env.RefName(r.Ref()))
			if errors.Is(err, shelf.ErrUnwritten) {
				continue // it rings on, until a person takes it up
			}
			if err != nil {
				return err
			}
		}
		delete(w.ringing, no)
	}
	return nil
}

// raise writes an alarm down and puts it on the ladder.
func (w *watch) raise(ctx context.Context, n roster.Note, prec record.Precedence) error {
	same := 0
	for _, x := range w.ringing {
		if n.Record != "" && x.alarm.Record == n.Record && x.alarm.Code == n.Code {
			return nil // it rings
		}
		if x.prec == prec && x.alarm.Party == n.Party {
			same++
		}
	}
	// What one party says much of keeps out nothing else.
	if same >= maxRinging {
		w.k.cfg.Log.Warn("more alarms ring than are kept; this one is in the record only", "line", w.id, "record", n.Record)
		return nil
	}
	// A record's alarm is written once, whatever was stopped and started.
	if n.Record != "" && n.Code != CodeAgain && n.Code != station.CodeHalf && n.Code != station.CodeMost && n.Code != station.CodeDue {
		n.Token = "alarm " + n.Code + " " + n.Record
	}
	return w.enter(ctx, n, &ringing{prec: prec})
}

// climb tries every rung whose time has come and tells when the next comes.
func (w *watch) climb(ctx context.Context) (time.Time, error) {
	now := w.k.cfg.Clock.Now().Wall
	next := now.Add(idle)
	if err := w.rewrite(ctx, now); err != nil {
		return next, err
	}
	if len(w.ringing) > 0 {
		if err := w.settle(); err != nil {
			return next, err
		}
	}
	for _, no := range slices.Sorted(maps.Keys(w.ringing)) {
		x := w.ringing[no]
		for {
			rung, ok := w.k.cfg.Plan.next(x.prec, x.tried)
			if !ok {
				break
			}
			if at := x.alarm.At.Add(rung.After); at.After(now) {
				next = earlier(next, at)
				break
			}
			x.tried++
			if err := w.rung(ctx, x, rung); err != nil {
				return next, err
			}
		}
	}
	return w.again(ctx, now, next)
}

// settle takes off the ladder what a person has taken up.
func (w *watch) settle() error {
	list, gone, err := w.k.cfg.Shelf.Alarms(w.id)
	if err != nil {
		return err
	}
	for no, x := range w.ringing {
		if no < 0 {
			continue
		}
		i := no - 1 - gone
		if i < 0 || i >= len(list) {
			delete(w.ringing, no)
			continue
		}
		if a := list[i]; a.Acknowledged != nil {
			delete(w.ringing, no)
			w.leave(a, x.prec)
		}
	}
	return nil
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// catchUp raises alarms for the newest records of the others: a stop may have
// come between a record and its alarm. One that was raised is known by its
// token. Where news were lost while the keeper ran, it goes on where it was:
// after an outage much comes at once, and all of it is old by its own hour.
func (w *watch) catchUp(ctx context.Context) error {
	if w.place != nil {
		return w.follow(ctx)
	}
	var err error
	if w.place, err = w.k.cfg.Host.Since(w.id, math.MaxUint64); err != nil { // the end of every log
		return err
	}
	list, _, err := w.k.cfg.Host.Before(w.id, nil, room)
	if err != nil {
		return err
	}
	for _, r := range list {
		if w.k.cfg.Clock.Now().Wall.Sub(time.Unix(int64(r.Time()), 0)) < oldest {
			if err := w.record(ctx, r.Ref()); err != nil {
				return err
			}
		}
	}
	return nil
}

// follow looks at everything since the last look.
func (w *watch) follow(ctx context.Context) error {
	for {
		list, next, err := w.k.cfg.Host.After(w.id, w.place, room)
		if err != nil || len(list) == 0 {
			return err
		}
		for _, r := range list {
			if err := w.record(ctx, r.Ref()); err != nil {
				return err
			}
		}
		w.place = next
	}
}
