// SPDX-License-Identifier: Apache-2.0

package line_test

import (
	"strings"
	"testing"
	"time"

	"openline/line"
	"openline/line/linestate"
	"openline/record"
)

// scene is one request of blue to red over days, played by a script; signed
// are the signed times each side holds of the answering one.
type scene struct {
	*line.Scene
	signed signedTimes
}

// signedTimes are the receipts and heads of the answering side that are held.
type signedTimes struct {
	receipt record.Stamp // over the request; 0: none
	head    record.Stamp // newest timed head over what is held whole; 0: none
	missing uint64
	before  record.Stamp // a timed head below every leaf of the answering side
}

func (s signedTimes) FirstShown(record.PartyNo, record.PartyNo, uint32, uint64) (line.Signature, bool) {
	return line.Signature{At: s.receipt, Ground: "receipt"}, s.receipt > 0
}
func (s signedTimes) Newest(record.PartyNo) (line.Signature, bool) {
	return line.Signature{At: s.head, Ground: "head"}, s.head > 0
}
func (s signedTimes) Missing(record.PartyNo) uint64 { return s.missing }
func (s signedTimes) HeadBefore(record.PartyNo, uint32, uint64) (record.Stamp, bool) {
	return s.before, s.before > 0
}

const (
	hour = 3600
	day  = 24 * hour
)

// monday is Monday 1 February 2021, 08:00Z.
var monday = record.Stamp(time.Date(2021, 2, 1, 8, 0, 0, 0, time.UTC).Unix())

// TestTwelveLiars: what each can do on either side with the times it signs,
// and what is said of it, on both sides. The asker asks on Monday at 08:00;
// the clock declared is four hours, the cap seven; it is Wednesday.
func TestTwelveLiars(t *testing.T) {
	en, err := linestate.Language("en")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		play   func(*scene)
		theirs string // on the asker's page
		ours   string // on the answering side's
	}{
		{"signs nothing at all", func(s *scene) { s.signed = signedTimes{} },
			"They have signed nothing yet that shows the request came; this is said of the wire only.",
			"We have signed nothing yet that shows the request came; this is said of the wire only."},
		{"receipts, then signs nothing", func(s *scene) { s.signed.receipt = monday + 60 },
			"The hour they gave, 2021-02-01 12:01Z, has come; no later time is signed.",
			"The hour we gave, 2021-02-01 12:01Z, has come; no later time is signed."},
		{"receipts late on purpose: a leaf of its own shows it earlier", func(s *scene) {
			s.signed.receipt, s.signed.head = monday+day, monday+2*day
			s.Red(120, line.Note())
		}, "No answer by the hour they gave, 2021-02-01 12:02Z; they signed a later time, 2021-02-03 08:00Z.",
			"No answer by the hour we gave, 2021-02-01 12:02Z; we signed a later time, 2021-02-03 08:00Z."},
		{"withholds the receipt and acknowledges by leaf hash", func(s *scene) {
			s.signed.head = monday + 2*day
			s.RedAhead(180, line.AckByHash(s.Request))
		}, "No answer by the hour they gave, 2021-02-01 12:03Z; they signed a later time, 2021-02-03 08:00Z.",
			"No answer by the hour we gave, 2021-02-01 12:03Z; we signed a later time, 2021-02-03 08:00Z."},
		{"freezes its clock just at the hour", func(s *scene) { s.signed.receipt, s.signed.head = monday, monday+4*hour },
			"The hour they gave, 2021-02-01 12:00Z, has come; no later time is signed.",
			"The hour we gave, 2021-02-01 12:00Z, has come; no later time is signed."},
		{"signs one second later", func(s *scene) { s.signed.receipt, s.signed.head = monday, monday+4*hour+1 },
			"No answer by the hour they gave, 2021-02-01 12:00Z; they signed a later time, 2021-02-01 12:00:01Z.",
			"No answer by the hour we gave, 2021-02-01 12:00Z; we signed a later time, 2021-02-01 12:00:01Z."},
		{"signs a later head and keeps its records back", func(s *scene) { s.signed.receipt, s.signed.head, s.signed.missing = monday, monday+hour, 3 },
			"The hour they gave, 2021-02-01 12:00Z, has come; 3 records of theirs not here yet.",
			"The hour we gave, 2021-02-01 12:00Z, has come; 3 records of ours not here yet."},
		{"dates its leaf back below its own timed head", func(s *scene) {
			s.signed.head, s.signed.before = monday+2*day, monday+hour
			s.Red(-10*day, line.Note())
		}, "No answer by the hour they gave, 2021-02-01 13:00Z; they signed a later time, 2021-02-03 08:00Z.",
			"No answer by the hour we gave, 2021-02-01 13:00Z; we signed a later time, 2021-02-03 08:00Z."},
		{"dates its leaf back below its own leaf", func(s *scene) {
			s.signed.head = monday + 2*day
			s.RedBlind(2*hour, line.Note())
			s.Red(hour, line.Note())
		}, "No answer by the hour they gave, 2021-02-01 14:00Z; they signed a later time, 2021-02-03 08:00Z.",
			"No answer by the hour we gave, 2021-02-01 14:00Z; we signed a later time, 2021-02-03 08:00Z."},
		{"declares longer clocks afterwards", func(s *scene) {
			s.signed.receipt, s.signed.head = monday, monday+2*day
			s.Red(hour, line.Clocks(100*hour, nil))
		}, "No answer by the hour they gave, 2021-02-01 12:00Z; they signed a later time, 2021-02-03 08:00Z.",
			"No answer by the hour we gave, 2021-02-01 12:00Z; we signed a later time, 2021-02-03 08:00Z."},
		{"holds again and again", func(s *scene) {
			s.signed.receipt, s.signed.head = monday, monday+2*day
			for i := range 4 {
				s.Red(int64(i+1)*hour, s.Hold(monday+record.Stamp(i+1)*day))
			}
		}, "They asked for time until 2021-02-05 08:00Z.", "We asked for time until 2021-02-05 08:00Z."},
		{"holds until the end of time", func(s *scene) {
			s.signed.receipt, s.signed.head = monday, monday+2*day
			s.Red(hour, s.Hold(253402300799))
		}, "They asked for time until 2021-02-08 09:00Z.", "We asked for time until 2021-02-08 09:00Z."},
		{"holds until an hour gone by", func(s *scene) {
			s.signed.receipt, s.signed.head = monday, monday+2*day
			s.Red(hour, s.Hold(monday-day))
		}, "No answer by the hour they gave, 2021-01-31 08:00Z; they signed a later time, 2021-02-03 08:00Z.",
			"No answer by the hour we gave, 2021-01-31 08:00Z; we signed a later time, 2021-02-03 08:00Z."},
		{"names the request and is no reply", func(s *scene) {
			s.signed.receipt, s.signed.head = monday, monday+2*day
			s.Red(hour, s.Ack())
		}, "No answer by the hour they gave, 2021-02-01 12:00Z; they signed a later time, 2021-02-03 08:00Z.",
			"No answer by the hour we gave, 2021-02-01 12:00Z; we signed a later time, 2021-02-03 08:00Z."},
		{"replies with what is not permitted", func(s *scene) {
			s.signed.receipt, s.signed.head = monday, monday+2*day
			s.Red(hour, s.Yes())
		}, "No answer by the hour they gave, 2021-02-01 12:00Z; they signed a later time, 2021-02-03 08:00Z.",
			"No answer by the hour we gave, 2021-02-01 12:00Z; we signed a later time, 2021-02-03 08:00Z."},
		{"replies without having seen", func(s *scene) {
			s.signed.receipt, s.signed.head = monday, monday+2*day
			s.RedBlind(hour, s.Decline())
		}, "No answer by the hour they gave, 2021-02-01 12:00Z; they signed a later time, 2021-02-03 08:00Z.",
			"No answer by the hour we gave, 2021-02-01 12:00Z; we signed a later time, 2021-02-03 08:00Z."},
		{"declines", func(s *scene) {
			s.signed.receipt, s.signed.head = monday, monday+2*day
			s.Red(30*hour, s.Decline())
		}, "They replied at 2021-02-02 14:00Z.", "We replied at 2021-02-02 14:00Z."},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &scene{Scene: line.NewScene(t, monday, 4*hour, nil)}
			c.play(s)
			s.say(t, en, c.theirs, c.ours)
		})
	}
}

// say compares the sentences both sides read.
func (s *scene) say(t *testing.T, en *linestate.Words, theirs, ours string) {
	t.Helper()
	for i, f := range s.Folds(t) {
		thing, err := f.Thing(s.Request.Ref())
		if err != nil {
			t.Fatal(err)
		}
		want, own := theirs, i == 1
		if own {
			want = ours
		}
		if got := en.SayClock(f.Reckon(thing, s.signed, monday+2*day), own); got != want {
			t.Errorf("on side %d:\n%s\nnot\n%s", i, got, want)
		}
		if err := f.Err(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestTheirTwins: what the asking side can try to make the other late. None
// of it moves the clock.
func TestTheirTwins(t *testing.T) {
	en, err := linestate.Language("en")
	if err != nil {
		t.Fatal(err)
	}
	signed := signedTimes{receipt: monday, head: monday + hour/2}
	running := "They gave until 2021-02-01 12:00Z."
	for _, c := range []struct {
		name string
		ask  func(*line.Asking)
		want string
	}{
		{"honest", func(*line.Asking) {}, running},
		{"wishes for an answer in a minute", func(a *line.Asking) { a.Wished = monday + 60 }, running},
		{"dates its request back by a year", func(a *line.Asking) { a.Time = monday - 365*day }, running},
		{"dates its request ahead", func(a *line.Asking) { a.Time = monday + 365*day }, running},
		{"writes another hour in the header", func(a *line.Asking) { a.Written = monday - 30*day }, running},
		{"names a declaration with a shorter clock", func(a *line.Asking) { a.Clocks = record.ByNumber(2, 1) }, running},
		{"names a declaration there is not", func(a *line.Asking) { a.Clocks = record.ByNumber(2, 99) }, running},
		{"leaves the declaration out of its seen: the older counts", func(a *line.Asking) { a.SeenOnly = 1 }, "They gave until 2021-02-01 09:00Z."},
		{"has seen no declaration at all: the cap", func(a *line.Asking) { a.SeenOnly = -1 }, "They gave until 2021-02-08 08:00Z."},
		{"asks with FLASH what has a clock for any precedence", func(a *line.Asking) { a.Level = record.Flash }, running},
		{"reminds ten times", func(a *line.Asking) { a.Reminders = 10 }, running},
		{"asks how it stands", func(a *line.Asking) { a.Queries = 3 }, running},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := line.NewScene(t, monday, 4*hour, c.ask)
			for i, f := range s.Folds(t) {
				thing, err := f.Thing(s.Request.Ref())
				if err != nil {
					t.Fatal(err)
				}
				want := c.want
				if i == 1 {
					want = strings.ReplaceAll(want, "They", "We")
				}
				r := f.Reckon(thing, signed, monday+hour/2)
				if got := en.SayClock(r, i == 1); got != want {
					t.Errorf("on side %d: %s\nnot %s", i, got, want)
				}
			}
		})
	}
}

// TestHoldsAreOnTheRecord: holding again and again moves the hour, and every
// hold is counted.
func TestHoldsAreOnTheRecord(t *testing.T) {
	s := &scene{Scene: line.NewScene(t, monday, 4*hour, nil), signed: signedTimes{receipt: monday}}
	for i := range 3 {
		s.Red(int64(i+1)*hour, s.Hold(monday+record.Stamp(i+1)*day))
	}
	f := s.Folds(t)[0]
	thing, err := f.Thing(s.Request.Ref())
	if err != nil {
		t.Fatal(err)
	}
	if r := f.Reckon(thing, s.signed, monday); r.Holds != 3 || !r.Held || r.Due != monday+3*day {
		t.Errorf("%+v", r)
	}
	if len(thing.Replies) != 1 || thing.Outcome != line.Held {
		t.Errorf("%d replies stand, outcome %v", len(thing.Replies), thing.Outcome)
	}
}

// TestClosedHours: a clock runs in the hours declared, save for safety of
// life, and never longer than the cap however long the desk is closed.
func TestClosedHours(t *testing.T) {
	office := map[string]record.Value{"hours": weekly([2]uint64{9 * 60, 17 * 60}, [2]uint64{day/60 + 9*60, day/60 + 17*60})} // Monday, Tuesday
	closed := map[string]record.Value{"hours": record.Array()}
	holiday := map[string]record.Value{"exceptions": record.Array(exception(monday, monday+day, 0))}
	later := map[string]record.Value{"hours": record.Array(), "valid_from": record.Uint(uint64(monday + 10*day))}
	for _, c := range []struct {
		name  string
		hours map[string]record.Value
		code  string
		due   record.Stamp
	}{
		{"always attended", nil, "CR01", monday + 4*hour},
		{"office hours", office, "CR01", monday + 5*hour},
		{"a holiday", holiday, "CR01", monday + day + 4*hour},
		{"never attended: the cap", closed, "CR01", monday + 7*day},
		{"never attended, and safety of life", closed, "DS01", monday + 4*hour},
		{"hours that are not valid yet", later, "CR01", monday + 4*hour},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := line.NewScene(t, monday, 4*hour, func(a *line.Asking) { a.Hours, a.Code = c.hours, c.code })
			f := s.Folds(t)[0]
			thing, err := f.Thing(s.Request.Ref())
			if err != nil {
				t.Fatal(err)
			}
			if r := f.Reckon(thing, signedTimes{receipt: monday}, monday); r.Due != c.due || r.Capped != strings.HasSuffix(c.name, "the cap") {
				t.Errorf("due %s, not %s", show(r.Due), show(c.due))
			}
		})
	}
}

func show(s record.Stamp) string { return time.Unix(int64(s), 0).UTC().Format(time.RFC3339) }

func weekly(list ...[2]uint64) record.Value {
	var out []record.Value
	for _, w := range list {
		out = append(out, record.Array(record.Uint(w[0]), record.Uint(w[1])))
	}
	return record.Array(out...)
}

func exception(from, to record.Stamp, open uint64) record.Value {
	return record.Array(record.Uint(uint64(from)), record.Uint(uint64(to)), record.Uint(open))
}
