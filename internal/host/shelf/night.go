// SPDX-License-Identifier: Apache-2.0

package shelf

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"openline/identity"
	"openline/internal/desk/mandate"
	"openline/internal/desk/nightlog"
	"openline/internal/desk/roster"
	"openline/internal/host"
	"openline/record"
)

// Stretch is which part of the watch is wanted. Without anything it is what
// came since the newest hand-over; where there is none, the last day.
type Stretch struct {
	From, To time.Time
	Handover int // the stretch that ended with this hand-over; 0: not by number
	Lang     string
}

// Bounds of a night log.
const (
	longest = 31 * 24 * time.Hour
	listed  = 1000 // records, the newest
)

// ErrStretch is the answer to a stretch that is none.
var ErrStretch = errors.New("this is no stretch of the watch")

// Night makes the log of a stretch of the watch.
func (s *Shelf) Night(ctx context.Context, id identity.LineID, w Stretch) (*nightlog.Night, error) {
	view, err := s.host.View(ctx, id)
	if err != nil {
		return nil, err
	}
	env, err := s.host.Env(id)
	if err != nil {
		return nil, err
	}
	n := &nightlog.Night{Line: string(id), Me: env.PartyName(view.Me), Exercise: view.Standing == record.Exercise}
	n.Acts, n.Changes = []mandate.Acted{}, []mandate.Change{}
	if _, err = look(s, id, func(l *shelved) (struct{}, error) {
		return struct{}{}, l.night(n, w, view.At.UTC().Truncate(time.Second))
	}); err != nil {
		return nil, err
	}
	for i := range n.Acts {
		n.Acts[i].Record = env.RefName(n.Acts[i].Ref)
	}
	if n.Open {
		owed := 0
		for _, a := range view.Awaiting {
			if a.Ours && a.Code != "LT01" && !a.Outcome.Ended() {
				owed++
			}
		}
		n.Awaits = &owed
	}
	return n, s.nightRecords(id, env, n, w.Lang)
}

// night takes from the journal what belongs to a stretch.
func (l *shelved) night(n *nightlog.Night, w Stretch, now time.Time) error {
	all := l.roster.Handovers()
	if err := bounds(n, w, now, all); err != nil {
		return err
	}
	within := func(t time.Time) bool { return !t.Before(n.From) && !t.After(n.To) }
	n.Handovers = []roster.Handover{}
	for _, h := range all {
		if within(h.At) {
			n.Handovers = append(n.Handovers, h)
		}
	}
	n.Contacts = []map[string]string{}
	for _, c := range l.contacts.All() {
		if within(c.Imported) {
			n.Contacts = append(n.Contacts, c.Values())
		}
	}
	n.Alarms = []roster.Alarm{}
	held, _ := l.roster.Alarms()
	for _, a := range held {
		if within(a.At) {
			n.Alarms = append(n.Alarms, a)
		}
	}
	acted, _ := l.mandates.Acted()
	for _, a := range acted {
		if within(a.At) {
			n.Acts = append(n.Acts, a)
		}
	}
	n.State = l.mandates.First().State
	for _, c := range l.mandates.Changes() {
		if !c.At.After(n.To) {
			n.State = c.State
		}
		if within(c.At) {
			n.Changes = append(n.Changes, c)
		}
	}
	return nil
}

// bounds finds from when to when a stretch goes.
func bounds(n *nightlog.Night, w Stretch, now time.Time, all []roster.Handover) error {
	n.From, n.To = w.From, w.To
	switch {
	case w.Handover > len(all):
		return fmt.Errorf("%w: there is no hand-over %d; there are %d", ErrStretch, w.Handover, len(all))
	case w.Handover > 0:
		n.To, n.From = all[w.Handover-1].At, all[w.Handover-1].At.Add(-24*time.Hour)
		if w.Handover > 1 {
			n.From = all[w.Handover-2].At
		}
	}
	if n.To.IsZero() || n.To.After(now) {
		n.To = now
	}
	n.Open = n.To.Equal(now)
	if n.From.IsZero() {
		n.From = n.To.Add(-24 * time.Hour)
		for _, h := range all {
			if h.At.Before(n.To) {
				n.From = h.At
			}
		}
	}
	switch {
	case n.From.After(n.To):
		return fmt.Errorf("%w: it ends before it begins", ErrStretch)
	case n.To.Sub(n.From) > longest:
		if w.From.IsZero() {
			n.From = n.To.Add(-longest)
			return nil
		}
		return fmt.Errorf("%w: a night log goes over at most 31 days", ErrStretch)
	}
	return nil
}

// nightRecords lists what was said and came, the tests counted.
func (s *Shelf) nightRecords(id identity.LineID, env host.Env, n *nightlog.Night, lang string) error {
	if lang == "" {
		lang = "en"
	}
	tests := map[record.PartyNo]*nightlog.Tests{}
	test := func(no record.PartyNo) *nightlog.Tests {
		if tests[no] == nil {
			tests[no] = &nightlog.Tests{Party: env.PartyName(no)}
		}
		return tests[no]
	}
	n.Records = []nightlog.Record{}
	place, err := s.host.Since(id, record.Stamp(max(0, n.From.Unix())))
	if err != nil {
		return err
	}
	for {
		page, next, err := s.host.After(id, place, 500)
		if err != nil {
			return err
		}
		ended := len(page) == 0
		for _, r := range page {
			if r.Time() > record.Stamp(n.To.Unix()) {
				ended = true
				continue
			}
			switch code := codeOf(r); code {
			case "LT01":
				test(r.Log.Party).Sent++
			case "LT02":
				for _, re := range r.Header.Re {
					test(re.Party).Read++
				}
			default:
				n.Records = append(n.Records, nightRecord(env, r, code, lang))
			}
		}
		if over := len(n.Records) - listed; over > 0 {
			n.Records, n.Left = slices.Clone(n.Records[over:]), n.Left+over
		}
		if place = next; ended {
			break
		}
	}
	n.Tests = []nightlog.Tests{}
	for _, no := range slices.Sorted(maps.Keys(tests)) {
		n.Tests = append(n.Tests, *tests[no])
	}
	return nil
}

func codeOf(r host.Record) string {
	if r.Header == nil {
		return ""
	}
	return r.Header.Code
}

func nightRecord(env host.Env, r host.Record, code, lang string) nightlog.Record {
	out := nightlog.Record{At: time.Unix(int64(r.Time()), 0).UTC(), Ref: env.RefName(r.Ref()), Ours: r.Log.Party == env.Me(), Code: code, Text: env.Render(lang, r)}
	if p, ok := env.Catalogue().Phrase(code); ok {
		out.Asks = p.Asks()
	}
	if r.Header != nil {
		out.Status = r.Header.Status.String()
	}
	return out
}
