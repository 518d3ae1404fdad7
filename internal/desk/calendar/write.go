// SPDX-License-Identifier: Apache-2.0

package calendar

import (
	"crypto/sha256"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	goical "github.com/emersion/go-ical"

	"openline/internal/desk/ical"
	"openline/line"
	"openline/line/dialogue"
	"openline/line/dossier"
	"openline/record"
)

// Names are how a line, its parties and offices are called.
type Names struct {
	Line    string
	Me      record.PartyNo
	Parties map[record.PartyNo]string
	Places  map[string]string // of meetings, by the names of their records
}

// Party is the short name of a party.
func (n Names) Party(no record.PartyNo) string { return n.Parties[no] }

func (n Names) ref(a line.Said) string { return fmt.Sprintf("%s/%d", n.Party(a.Party), a.Number) }

// uid is the name of an event: of the record that opened it.
func (n Names) uid(a line.Said) string {
	return fmt.Sprintf("%s-%d@%s", n.Party(a.Party), a.Number, n.Line)
}

// domain ends every address: nothing is ever delivered there (RFC 2606).
const domain = ".invalid"

func (n Names) address(p line.Post) string {
	return "mailto:" + url.PathEscape(p.Post) + "@" + n.Party(p.Party) + domain
}

// Closed is a stretch on which a desk is closed though it is not by the
// week, or attended though it is not.
type Closed struct {
	Ref      string
	Party    string
	From, To time.Time
	Open     bool
	Said     time.Time
}

// Methods of iTIP that are written.
const (
	publish = "PUBLISH"
	request = "REQUEST"
	cancel  = "CANCEL"
)

// Invitation writes one dossier: a request, or its cancelling.
func Invitation(n Names, d dossier.Dossier) ([]byte, error) {
	list := n.events(d)
	method := request
	if len(list) > 0 && !slices.ContainsFunc(list, func(c *goical.Component) bool {
		return ical.Text(c, goical.PropStatus) != string(goical.EventCancelled)
	}) {
		method = cancel
	}
	if method == request { // a request cancels nothing
		list = slices.DeleteFunc(list, func(c *goical.Component) bool {
			return ical.Text(c, goical.PropStatus) == string(goical.EventCancelled)
		})
	}
	return write(n, method, list)
}

// Line writes everything of a line that has an hour.
func Line(n Names, d dossier.Table, t dialogue.Table, closed []Closed) ([]byte, error) {
	var list []*goical.Component
	for _, x := range d.Dossiers {
		list = append(list, n.events(x)...)
	}
	for _, f := range t.Forums {
		list = append(list, n.forum(f)...)
	}
	for _, s := range t.Series {
		list = append(list, n.review(s)...)
	}
	for _, c := range closed {
		list = append(list, n.closed(c))
	}
	return write(n, publish, list)
}

// ErrNothing is the answer where nothing has an hour.
var ErrNothing = fmt.Errorf("nothing of it has an hour to put into a calendar")

func write(n Names, method string, list []*goical.Component) ([]byte, error) {
	if len(list) == 0 {
		return nil, ErrNothing
	}
	cal := goical.NewCalendar()
	ical.SetText(cal.Component, goical.PropVersion, "2.0")
	ical.SetText(cal.Component, goical.PropProductID, "-//openline//openline//EN")
	ical.SetText(cal.Component, goical.PropMethod, method)
	cal.Children = list
	return ical.Write(cal)
}

// windowsOf are the windows that stand: the accepted one, or each that was
// offered.
func windowsOf(d dossier.Dossier) []line.Window {
	windows := d.Windows
	for _, s := range d.Sides {
		if s.Window.To > 0 && settled(s.State) {
			windows = []line.Window{s.Window}
		}
	}
	return windows
}

// events are the events of one invitation, one for each window that stands.
func (n Names) events(d dossier.Dossier) []*goical.Component {
	last := newest(d)
	status := statusOf(d)
	windows := windowsOf(d)
	if status == goical.EventConfirmed && len(windows) > 1 {
		// A meeting is confirmed without a word on which of its dates: none
		// of them is fixed.
		status = goical.EventTentative
	}
	var out []*goical.Component
	for i, w := range windows {
		uid := n.uid(d.Opening)
		if i > 0 {
			uid = strings.Replace(uid, "@", "."+strconv.Itoa(i+1)+"@", 1)
		}
		out = append(out, n.event(d, uid, w, status, last))
	}
	// Windows that were offered and not taken leave the calendar.
	for i := max(1, len(windows)); i < len(d.Windows); i++ {
		uid := strings.Replace(n.uid(d.Opening), "@", "."+strconv.Itoa(i+1)+"@", 1)
		out = append(out, n.event(d, uid, d.Windows[i], goical.EventCancelled, last))
	}
	for _, s := range d.Sides {
		if s.State == dossier.Countered && s.Window.To > 0 {
			out = append(out, n.event(d, strings.Replace(n.uid(d.Opening), "@", ".proposed@", 1), s.Window, goical.EventTentative, last))
		}
	}
	return out
}

func settled(s dossier.State) bool {
	return s == dossier.Accepted || s == dossier.Confirmed || s == dossier.AgendaOpen || s == dossier.CalledOff
}

// statusOf is what a calendar shows of an invitation.
func statusOf(d dossier.Dossier) goical.EventStatus {
	yes, no := 0, 0
	for _, s := range d.Sides {
		switch s.State {
		case dossier.Confirmed, dossier.Accepted:
			yes++
		case dossier.CalledOff, dossier.SaidNo, dossier.State(line.Declined.String()), dossier.State(line.Withdrawn.String()), dossier.State(line.Corrected.String()):
			no++
		}
	}
	switch {
	case d.Ended.Number > 0 && yes == 0, no > 0 && no == len(d.Sides):
		return goical.EventCancelled
	case yes == len(d.Sides) && yes > 0:
		return goical.EventConfirmed
	}
	return goical.EventTentative
}

// newest is the time of the newest act about an invitation.
func newest(d dossier.Dossier) record.Stamp {
	last := d.Opening.Time
	note := func(list ...line.Said) {
		for _, a := range list {
			last = max(last, a.Time)
		}
	}
	note(d.Reminders...)
	note(d.Renewed...)
	note(d.Holders...)
	note(d.Ended)
	for _, s := range d.Sides {
		note(s.By)
		note(s.Receipts...)
		note(s.Crossed...)
	}
	for _, i := range d.Agenda {
		note(i.Words...)
	}
	for _, o := range d.Off {
		note(o.By)
	}
	for _, c := range d.Closings {
		note(c.By)
	}
	for _, r := range d.ReadOuts {
		note(r.Sealed, r.Opened)
	}
	return last
}

func (n Names) event(d dossier.Dossier, uid string, w line.Window, status goical.EventStatus, last record.Stamp) *goical.Component {
	e := newEvent(uid, d.Opening.Time, last, status)
	e.Props.SetDateTime(goical.PropDateTimeStart, utc(w.From))
	e.Props.SetDateTime(goical.PropDateTimeEnd, utc(w.To))
	ical.SetText(e, goical.PropSummary, fmt.Sprintf("%s: %s (%s)", strings.ToUpper(d.Kind[:1])+d.Kind[1:], d.Subject, n.ref(d.Opening)))
	if place := n.Places[n.ref(d.Opening)]; place != "" {
		ical.SetText(e, goical.PropLocation, place)
	}
	var words []string
	organizer := goical.NewProp(goical.PropOrganizer)
	organizer.Value = n.address(d.From)
	ical.SetParam(organizer, goical.ParamCommonName, n.Party(d.From.Party)+":"+d.From.Post)
	e.Props.Set(organizer)
	for _, s := range d.Sides {
		p := goical.NewProp(goical.PropAttendee)
		p.Value = n.address(s.Office)
		ical.SetParam(p, goical.ParamCommonName, n.Party(s.Office.Party)+":"+s.Office.Post)
		ical.SetParam(p, goical.ParamParticipationStatus, partStat(s.State))
		if s.Awaits == s.Party {
			ical.SetParam(p, goical.ParamRSVP, "TRUE")
		}
		e.Props.Add(p)
		words = append(words, fmt.Sprintf("%s: %s", n.Party(s.Party), s.State))
	}
	for _, i := range d.Agenda {
		words = append(words, fmt.Sprintf("agenda: %s: %s", i.Text, i.State))
	}
	ical.SetText(e, goical.PropDescription, strings.Join(words, "\n"))
	return e
}

// partStat is how an asked side stands, as calendars say it.
func partStat(s dossier.State) string {
	switch s {
	case dossier.Accepted, dossier.Confirmed, dossier.AgendaOpen:
		return "ACCEPTED"
	case dossier.SaidNo, dossier.State(line.Declined.String()):
		return "DECLINED"
	case dossier.Countered, dossier.State(line.InPrinciple.String()), dossier.State(line.Conditional.String()):
		return "TENTATIVE"
	case dossier.State(line.Redirected.String()):
		return "DELEGATED"
	}
	return "NEEDS-ACTION"
}

func newEvent(uid string, opened, last record.Stamp, status goical.EventStatus) *goical.Component {
	e := goical.NewComponent(goical.CompEvent)
	ical.SetText(e, goical.PropUID, uid)
	e.Props.SetDateTime(goical.PropDateTimeStamp, utc(last))
	e.Props.SetDateTime(goical.PropCreated, utc(opened))
	seq := goical.NewProp(goical.PropSequence)
	seq.Value = strconv.FormatInt(int64(max(last, opened)-opened), 10)
	e.Props.Set(seq)
	ical.SetText(e, goical.PropStatus, string(status))
	return e
}

func utc(s record.Stamp) time.Time { return time.Unix(int64(s), 0).UTC() }

// named is a UID of something that a name opens, not a record.
func (n Names) named(kind, name string) string {
	sum := sha256.Sum256([]byte(name))
	return fmt.Sprintf("%s-%x@%s", kind, sum[:8], n.Line)
}

func saidBetween(list []line.Said) (first, last record.Stamp) {
	for i, a := range list {
		if i == 0 || a.Time < first {
			first = a.Time
		}
		last = max(last, a.Time)
	}
	return first, last
}

func (n Names) forum(f dialogue.Forum) (out []*goical.Component) {
	status := map[string]goical.EventStatus{"planned": goical.EventTentative, "attending": goical.EventConfirmed, "called_off": goical.EventCancelled}[f.Plan]
	_, last := saidBetween(f.Words)
	for i, w := range f.Dates {
		// The words of a forum are its newest: its sequence counts from 1970.
		e := newEvent(n.named("forum"+strconv.Itoa(i+1), f.Name), 0, last, status)
		e.Props.Del(goical.PropCreated)
		e.Props.SetDateTime(goical.PropDateTimeStart, utc(w.From))
		e.Props.SetDateTime(goical.PropDateTimeEnd, utc(w.To))
		ical.SetText(e, goical.PropSummary, "Forum: "+f.Name)
		out = append(out, e)
	}
	return out
}

// review is the day on which the stage of a dialogue is looked at anew.
func (n Names) review(s dialogue.Series) []*goical.Component {
	if s.Review == 0 {
		return nil
	}
	_, last := saidBetween(s.Words)
	e := newEvent(n.named("review", s.Name), 0, last, goical.EventTentative)
	e.Props.Del(goical.PropCreated)
	e.Props.SetDateTime(goical.PropDateTimeStart, utc(s.Review))
	ical.SetText(e, goical.PropSummary, fmt.Sprintf("Review: %s (%s)", s.Name, s.Stage))
	return []*goical.Component{e}
}

func (n Names) closed(c Closed) *goical.Component {
	said := record.Stamp(max(0, c.Said.Unix()))
	word := "closed"
	if c.Open {
		word = "attended"
	}
	e := newEvent(n.named("desk", c.Party+word+c.From.UTC().Format(time.RFC3339)), said, said, goical.EventConfirmed)
	e.Props.SetDateTime(goical.PropDateTimeStart, c.From.UTC())
	e.Props.SetDateTime(goical.PropDateTimeEnd, c.To.UTC())
	ical.SetText(e, goical.PropSummary, fmt.Sprintf("Desk of %s %s (%s)", c.Party, word, c.Ref))
	ical.SetText(e, goical.PropTransparency, "TRANSPARENT")
	return e
}
