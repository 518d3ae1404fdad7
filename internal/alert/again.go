// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"openline/internal/desk/roster"
	"openline/record"
)

// CodeAgain is the code of an alarm that is raised once more.
const CodeAgain = "AGAIN"

// resumeLeft takes up what was acknowledged, not replied to, and not raised
// once more yet. What our records answer is taken off again by catchUp.
func (w *watch) resumeLeft(list []roster.Alarm, now time.Time) {
	again := map[string]time.Time{}
	for _, a := range list {
		if a.Code == CodeAgain {
			again[a.Record] = a.At
		}
	}
	for _, a := range list {
		if a.Acknowledged != nil && a.By != byReply && now.Sub(*a.Acknowledged) <= oldest && !again[a.Record].After(*a.Acknowledged) {
			w.leave(a, w.precedence(a))
		}
	}
}

// byReply acknowledges what a record of ours has answered.
const byReply = "desk"

// leave remembers what was acknowledged, to be raised again if nothing is
// said about it: acknowledging says nothing to the other side.
func (w *watch) leave(a roster.Alarm, prec record.Precedence) {
	env, err := w.k.cfg.Host.Env(w.id)
	if err != nil || a.Record == "" || a.Code == CodeAgain || w.k.cfg.Plan.Again[prec] == 0 || len(w.left) >= maxRinging {
		return
	}
	ref, err := env.ParseRef(a.Record)
	if err != nil {
		return
	}
	r, err := w.k.cfg.Host.Record(w.id, ref)
	if err != nil || r.Header == nil {
		return
	}
	if p, ok := env.Catalogue().Phrase(r.Header.Code); ok && p.Asks() {
		w.left[ref] = &left{a, prec, *a.Acknowledged}
	}
}

// again raises once more what was acknowledged and then left.
func (w *watch) again(ctx context.Context, now, next time.Time) (time.Time, error) {
	for ref, l := range w.left {
		at := l.at.Add(w.k.cfg.Plan.Again[l.prec])
		if at.After(now) {
			next = earlier(next, at)
			continue
		}
		delete(w.left, ref)
		n := roster.Note{Do: roster.DoAlarm, Code: CodeAgain, Party: l.alarm.Party, Record: l.alarm.Record,
			Text: short(fmt.Sprintf("%s was acknowledged by %s and nothing has been said about it since", l.alarm.Record, cmp.Or(l.alarm.By, "somebody")))}
		if err := w.raise(ctx, n, l.prec); err != nil {
			return next, err
		}
		next = now // its first rung is due
	}
	return next, nil
}
