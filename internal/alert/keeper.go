// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"openline/identity"
	"openline/internal/desk"
	"openline/internal/desk/roster"
	"openline/internal/host"
	"openline/internal/host/shelf"
	"openline/record"
)

// Config is what a keeper is given once.
type Config struct {
	Host  *host.Host
	Shelf *shelf.Shelf
	Plan  Plan
	Ways  Ways
	Clock host.Clock
	Log   *slog.Logger
}

// Ways are what a party has set up. Its zero value rings the console only.
type Ways struct {
	Hook   Hook
	Mailer Mailer
	Poster Poster
	Pusher Pusher
	Line   bool // the other desk may be told that nobody is at ours
}

// Keeper climbs the ladders of all lines. It is safe for concurrent use.
type Keeper struct {
	cfg   Config
	lines map[identity.LineID]*watch
	tries sync.WaitGroup
	slots chan struct{} // tries under way
}

const maxTries = 16

// New makes a keeper.
func New(cfg Config) (*Keeper, error) {
	if err := cfg.Plan.Check(); err != nil {
		return nil, err
	}
	k := &Keeper{cfg: cfg, lines: map[identity.LineID]*watch{}, slots: make(chan struct{}, maxTries)}
	for _, id := range cfg.Host.Lines() {
		k.lines[id] = &watch{k: k, id: id, ringing: map[int]*ringing{}}
	}
	return k, nil
}

// Run keeps every line until ctx ends, and returns when every try has ended.
// Where one line can no longer be kept it ends for all, and says why: nobody
// is to believe that an alarm would still ring.
func (k *Keeper) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var wg sync.WaitGroup
	errs := make(chan error, len(k.lines))
	for _, w := range k.lines {
		wg.Go(func() {
			errs <- w.run(ctx)
			cancel()
		})
	}
	wg.Wait()
	k.tries.Wait()
	close(errs)
	var all []error
	for err := range errs {
		if err != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, host.ErrStopped) {
			all = append(all, err)
		}
	}
	return errors.Join(all...)
}

// Acknowledge writes that a person has taken up an alarm; it is quiet then
// everywhere. An alarm that was taken up already stays with who took it.
func (k *Keeper) Acknowledge(ctx context.Context, id identity.LineID, no int, by, words string) error {
	_, err := k.cfg.Shelf.Enter(ctx, id, roster.Note{Do: roster.DoAcknowledged, Of: no, By: by, Words: words})
	return err
}

// TakeUp acknowledges whatever rings for a record. That nothing does is no
// error: it may have been taken up a moment ago.
func (k *Keeper) TakeUp(ctx context.Context, id identity.LineID, ref record.Ref, by string) error {
	env, err := k.cfg.Host.Env(id)
	if err != nil {
		return err
	}
	list, _, err := k.cfg.Shelf.Alarms(id)
	if err != nil {
		return err
	}
	for _, a := range list {
		if a.Record == env.RefName(ref) && a.Acknowledged == nil {
			if err := k.Acknowledge(ctx, id, a.No, by, ""); err != nil {
				return err
			}
		}
	}
	return nil
}

// Taken tells of each record that an alarm was raised for whether a person
// has taken the newest one up.
func (k *Keeper) Taken(id identity.LineID) (map[record.Ref]bool, error) {
	env, err := k.cfg.Host.Env(id)
	if err != nil {
		return nil, err
	}
	list, _, err := k.cfg.Shelf.Alarms(id)
	if err != nil {
		return nil, err
	}
	out := map[record.Ref]bool{}
	for _, a := range list {
		if ref, err := env.ParseRef(a.Record); err == nil {
			out[ref] = a.Acknowledged != nil
		}
	}
	return out, nil
}

// Ringing are the alarms of a line that nobody has taken up, oldest first.
func (k *Keeper) Ringing(id identity.LineID) ([]roster.Alarm, error) {
	list, _, err := k.cfg.Shelf.Alarms(id)
	if err != nil {
		return nil, err
	}
	now := k.cfg.Clock.Now().Wall
	return slices.DeleteFunc(list, func(a roster.Alarm) bool { return a.Acknowledged != nil || now.Sub(a.At) > oldest }), nil
}

// PushKey is what a browser is to be given to be called; empty: not set up.
func (k *Keeper) PushKey() string {
	if k.cfg.Ways.Pusher.Subs == nil {
		return ""
	}
	public, _ := k.cfg.Ways.Pusher.Subs.Keys()
	return public
}

// Subscribe keeps a browser that may be called for a person.
func (k *Keeper) Subscribe(person string, subscription []byte) error {
	if k.cfg.Ways.Pusher.Subs == nil {
		return ErrNotSetUp
	}
	return k.cfg.Ways.Pusher.Subs.Add(person, subscription)
}

// call is what is told of an alarm.
func (w *watch) call(a roster.Alarm, prec record.Precedence, person string) Call {
	who := a.Party
	if who == "" {
		who = "this station"
	}
	subject := fmt.Sprintf("%s: %s awaits the watch of line %s", prec, who, w.id.Slug())
	return Call{Alarm: a.No, Line: string(w.id), Party: a.Party, Record: a.Record, Code: a.Code, Precedence: prec.String(), Raised: a.At, Subject: subject, Person: person}
}

// try calls one way, and writes down what came of it.
func (w *watch) try(ctx context.Context, a roster.Alarm, prec record.Precedence, way, person string, do func(context.Context, Call) error) {
	k := w.k
	k.tries.Go(func() {
		select {
		case k.slots <- struct{}{}:
			defer func() { <-k.slots }()
		case <-ctx.Done():
			return
		}
		outcome := "sent"
		if err := do(ctx, w.call(a, prec, person)); err != nil {
			outcome = short(err.Error())
			k.cfg.Log.Warn("an alarm was not carried", "line", w.id, "alarm", a.No, "way", way, "person", person, "why", err)
		}
		w.step(ctx, a.No, way, person, outcome)
	})
}

func (w *watch) step(ctx context.Context, no int, way, person, outcome string) {
	if no == 0 {
		w.k.cfg.Log.Warn("a rung was tried for an alarm that the journal has not taken", "line", w.id, "way", way, "person", person, "outcome", outcome)
		return
	}
	_, err := w.k.cfg.Shelf.Enter(ctx, w.id, roster.Note{Do: roster.DoStep, Of: no, Way: way, Name: person, Outcome: outcome})
	if err != nil && ctx.Err() == nil {
		w.k.cfg.Log.Error("a rung that was tried is not in the journal", "line", w.id, "alarm", no, "way", way, "why", err)
	}
}

// short makes of any words what the journal takes as one line: a way that
// answers in odd signs, and a long gloss, keep no alarm from being written.
func short(s string) string {
	var out strings.Builder
	for _, r := range s {
		if desk.Plain("", string(r), utf8.UTFMax) != nil || r == '\n' || r == '\t' {
			r = ' '
		}
		if out.Len()+utf8.RuneLen(r) > maxWords {
			break
		}
		out.WriteRune(r)
	}
	return out.String()
}

const maxWords = 300 // bytes of one line

const idle = time.Minute // how long a line sleeps where nothing rings
