// SPDX-License-Identifier: Apache-2.0

package calendar

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	goical "github.com/emersion/go-ical"

	"openline/internal/desk/acts"
	"openline/internal/desk/ical"
	"openline/line"
	"openline/line/dossier"
)

// maxEvents bounds what one file proposes.
const maxEvents = 200

// Read reads what an aide answered or asked in a calendar into drafts, and
// says of what it could not read why.
func Read(n Names, file []byte, table dossier.Table, zone *time.Location, find func(string) (*time.Location, error)) (drafts []acts.Draft, notes []string, err error) {
	cal, err := ical.Read(file)
	if err != nil {
		return nil, nil, err
	}
	events := cal.Events()
	if len(events) > maxEvents {
		return nil, nil, fmt.Errorf("the file has more than %d events", maxEvents)
	}
	method := strings.ToUpper(ical.Text(cal.Component, goical.PropMethod))
	r := reader{n, table, ical.Zones{Floating: zone, Find: find, Calendar: cal}}
	for i, e := range events {
		d, err := r.event(method, e.Component)
		if err != nil {
			notes = append(notes, fmt.Sprintf("event %d (%.80s): %v", i+1, ical.Text(e.Component, goical.PropSummary), err))
			continue
		}
		d.Why = fmt.Sprintf("%s of event %d (%.80s)", method, i+1, ical.Text(e.Component, goical.PropSummary))
		drafts = append(drafts, d)
	}
	return drafts, notes, nil
}

type reader struct {
	Names
	table dossier.Table
	zones ical.Zones
}

// dossier finds the invitation an event is about, by its UID, and what stands
// behind its name there: which of its windows the event is.
func (r reader) dossier(uid string) (d dossier.Dossier, which string, ok bool) {
	name, at, _ := strings.Cut(uid, "@")
	name, which, _ = strings.Cut(name, ".")
	for _, d := range r.table.Dossiers {
		if at == r.Line && name+"@"+at == r.uid(d.Opening) {
			return d, which, true
		}
	}
	return dossier.Dossier{}, "", false
}

// whole holds that an event is all there is of an invitation, where the act
// that was read is said of all of it: an aide who answers one of several
// windows has not answered the others.
func (r reader) whole(d dossier.Dossier, which, code string) error {
	ref := r.ref(d.Opening)
	part := fmt.Sprintf("one of %d windows", len(d.Windows))
	switch {
	case which == "proposed":
		part = "a time proposed instead"
	case which == "" && len(windowsOf(d)) < 2:
		return nil
	}
	if d.Opening.Party == r.Me {
		return fmt.Errorf("it is %s; %s is of the whole invitation: say %s of %s if that is meant", part, code, code, ref)
	}
	return fmt.Errorf("it is %s; %s is of the whole invitation: say %s of %s if that is meant, or propose another time", part, code, code, ref)
}

func (r reader) event(method string, e *goical.Component) (acts.Draft, error) {
	d, which, ok := r.dossier(ical.Text(e, goical.PropUID))
	switch {
	case ok && d.Opening.Party != r.Me && (method == "REPLY" || method == "COUNTER" || method == request):
		return r.answer(method, e, d, which)
	case ok && d.Opening.Party == r.Me && method == cancel:
		return acts.Draft{Code: "WD01", Re: r.ref(d.Opening), Params: map[string]string{}}, r.whole(d, which, "WD01")
	case ok && method == cancel:
		return r.cannot(d, which)
	case ok && d.Opening.Party == r.Me:
		return acts.Draft{}, fmt.Errorf("%s is ours: it is reminded of, or withdrawn (METHOD:CANCEL), and asked anew at another time", r.ref(d.Opening))
	case method == request:
		return r.invite(e)
	}
	return acts.Draft{}, fmt.Errorf("it is of no invitation of this line, and METHOD:%.20s asks for nothing", method)
}

// answer reads a reply: what our attendee says, or another time.
func (r reader) answer(method string, e *goical.Component, d dossier.Dossier, which string) (acts.Draft, error) {
	out := acts.Draft{Re: r.ref(d.Opening), Params: map[string]string{}}
	if method != "REPLY" {
		w, err := r.window(e)
		if err != nil {
			return out, err
		}
		out.Code, out.Params["window"] = "CR03", w
		if comment := ical.Text(e, goical.PropComment); comment != "" {
			out.Params["proposal"] = comment
		}
		return out, nil
	}
	stat, err := r.attendee(e)
	if err != nil {
		return out, err
	}
	switch stat {
	case "ACCEPTED":
		if d.Kind != "call" && d.Kind != "video call" {
			out.Code = "AF01"
			return out, r.whole(d, which, out.Code)
		}
		out.Code = "CR02"
		if out.Params["window"], err = r.window(e); err != nil && len(d.Windows) == 1 {
			out.Params["window"], err = span(utc(d.Windows[0].From), utc(d.Windows[0].To)), nil
		}
		return out, err
	case "TENTATIVE":
		out.Code = "PR01"
		if d.Kind == "sounding" {
			return out, fmt.Errorf("a sounding is answered yes or no")
		}
		return out, nil
	case "DECLINED":
		declined(&out, d, ical.Text(e, goical.PropComment))
		return out, r.whole(d, which, out.Code)
	}
	return out, fmt.Errorf("PARTSTAT %.20q says nothing that is answered on a line", stat)
}

func declined(out *acts.Draft, d dossier.Dossier, comment string) {
	into := "condition"
	if d.Kind == "sounding" {
		out.Code, into = "AF02", "cause"
	} else {
		out.Code, out.Params["reason"] = "HD05", "12" // a calendar gives no reason
	}
	if comment != "" {
		out.Params[into] = comment
	}
}

// attendee is what our own attendee says.
func (r reader) attendee(e *goical.Component) (string, error) {
	list := e.Props[goical.PropAttendee]
	for _, p := range list {
		if post, ok := r.post(p.Value); ok && post.Party == r.Me || len(list) == 1 && !ok {
			return strings.ToUpper(p.Params.Get(goical.ParamParticipationStatus)), nil
		}
	}
	return "", fmt.Errorf("none of its %d attendees is ours", len(list))
}

// post reads an address that this room wrote.
func (r reader) post(address string) (line.Post, bool) {
	i := strings.IndexByte(address, ':')
	local, host, ok := strings.Cut(address[i+1:], "@")
	party, ours := strings.CutSuffix(strings.ToLower(host), domain)
	if !ok || !ours || !strings.EqualFold(address[:i+1], "mailto:") {
		return line.Post{}, false
	}
	name, err := url.PathUnescape(local)
	for no, short := range r.Parties {
		if strings.EqualFold(short, party) {
			return line.Post{Party: no, Post: name}, err == nil
		}
	}
	return line.Post{}, false
}

func (r reader) window(e *goical.Component) (string, error) {
	from, to, day, err := r.zones.Span(e)
	switch {
	case err != nil:
		return "", err
	case day || !to.After(from):
		return "", fmt.Errorf("it needs a beginning and an end by the hour")
	}
	return span(from, to), nil
}

func span(from, to time.Time) string {
	return from.UTC().Format(time.RFC3339) + ".." + to.UTC().Format(time.RFC3339)
}

// cannot says that what was accepted is not held, or declines it.
func (r reader) cannot(d dossier.Dossier, which string) (acts.Draft, error) {
	for _, s := range d.Sides {
		if s.Party == r.Me && settled(s.State) {
			return acts.Draft{Code: "MT03", Re: r.ref(d.Opening), Params: map[string]string{"by": "ours"}}, r.whole(d, which, "MT03")
		}
	}
	return acts.Draft{}, fmt.Errorf("%s is not accepted; decline it with METHOD:REPLY", r.ref(d.Opening))
}

// invite reads an event an aide made as a request for a call, where the
// addresses name offices of this line.
func (r reader) invite(e *goical.Component) (acts.Draft, error) {
	out := acts.Draft{Code: "CR01", Params: map[string]string{"subject": strings.TrimSpace(ical.Text(e, goical.PropSummary)), "urgency": "ordinary", "medium": "voice"}}
	if out.Params["subject"] == "" {
		return out, fmt.Errorf("it has no subject (SUMMARY)")
	}
	var err error
	if out.Params["windows"], err = r.window(e); err != nil {
		return out, err
	}
	organizer := e.Props.Get(goical.PropOrganizer)
	if organizer == nil {
		return out, fmt.Errorf("it has no organizer; write the offices as mailto:POST@PARTY%s", domain)
	}
	caller, ok := r.post(organizer.Value)
	if !ok || caller.Party != r.Me {
		return out, fmt.Errorf("its organizer is no office of ours; write the offices as mailto:POST@PARTY%s", domain)
	}
	out.Params["caller"] = r.Party(caller.Party) + ":" + caller.Post
	for _, p := range e.Props[goical.PropAttendee] {
		if called, ok := r.post(p.Value); ok && called.Party != r.Me {
			out.Params["called"] = r.Party(called.Party) + ":" + called.Post
			return out, nil
		}
	}
	return out, fmt.Errorf("none of its attendees is an office of the other side")
}
