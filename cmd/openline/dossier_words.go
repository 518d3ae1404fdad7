// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"strings"

	"openline/line/dossier"
)

// dossier prints one in full: what was asked, what came of it on each side,
// and what goes with it.
func (s speaker) dossier(w io.Writer, d dossier.Dossier) error {
	row := func(name, format string, args ...any) { fmt.Fprintf(w, name+"\t"+format+"\n", args...) }
	row(s.said(d.Opening), "%s, %s", d.Kind, hour(d.Opening.Time))
	row("from", "%s", s.post(d.From))
	if d.Foreign {
		row("", "which is not a post of who asked")
	}
	row("about", "«%s»", foreign(d.Subject))
	for _, x := range d.Windows {
		row("window", "%s – %s", hour(x.From), hour(x.To))
	}
	if d.Wished > 0 {
		row("wished by", "%s, a courtesy", hour(d.Wished))
	}
	for _, side := range d.Sides {
		s.side(row, side)
	}
	for _, i := range d.Agenda {
		row("agenda", "«%s»: %s (%s)", foreign(i.Text), i.State, s.list(i.Words))
	}
	if len(d.Reminders) > 0 {
		row("reminders", "%s", s.list(d.Reminders))
	}
	if len(d.Renewed) > 0 {
		row("renewed", "%s", s.list(d.Renewed))
	}
	if len(d.Holders) > 0 {
		row("holder changed", "%s", s.list(d.Holders))
	}
	for _, j := range d.Joined {
		word := "said to be one with"
		if j.One {
			word = "one with"
		}
		row(word, "%s/%d (%s)", s.party(j.Party), j.Number, s.list(j.By))
	}
	s.after(row, d)
	if d.Ended.Number > 0 {
		row("ended", "%s %s", s.said(d.Ended), hour(d.Ended.Time))
	}
	return nil
}

// side prints what one asked party made of it.
func (s speaker) side(row func(string, string, ...any), side dossier.Side) {
	row(s.post(side.Office), "%s", s.came(side))
	if len(side.Route) > 0 {
		var route []string
		for _, p := range side.Route {
			route = append(route, s.post(p))
		}
		row("moved to", "%s", strings.Join(route, ", then "))
	}
	if side.Window.To > 0 {
		row("their window", "%s – %s", hour(side.Window.From), hour(side.Window.To))
	}
	if side.Reason > 0 && int(side.Reason) <= len(reasons) {
		row("reason", "%d, %s", side.Reason, strings.ReplaceAll(reasons[side.Reason-1], "-", " "))
	}
	if side.Words != "" {
		row("in their words", "«%s»", foreign(side.Words))
	}
	if side.Holds > 0 {
		row("held", "%d times", side.Holds)
	}
	if len(side.Receipts) > 0 {
		row("receipts", "%s; none of them is agreement", s.list(side.Receipts))
	}
}

// after prints what comes with a call or meeting once it was accepted.
func (s speaker) after(row func(string, string, ...any), d dossier.Dossier) {
	for _, o := range d.Off {
		whose := map[string]string{"ours": "on the side of who says it", "host": "on the host's side", "organiser": "on the organisers' side"}[o.Whose]
		row("cannot be held", "%s, %s (%s)", hour(o.By.Time), whose, s.said(o.By))
		if o.Fallback.To > 0 {
			taken := "offered"
			if o.Taken {
				taken = "taken"
			}
			row("fallback", "%s – %s, %s", hour(o.Fallback.From), hour(o.Fallback.To), taken)
		}
	}
	for _, c := range d.Closings {
		agreed := "not yet agreed by the other side"
		if c.Agreed {
			agreed = "agreed"
		}
		asked := map[string]string{"ours": "who says it is said to have asked", "yours": "the other side is said to have asked", "both": "both are said to have asked", "unsaid": "who asked is not said"}[c.Asked]
		row("ended at", "%s (%s); %s; public %s; %s", hour(c.Ended), s.said(c.By), asked, hour(c.Release), agreed)
	}
	for _, r := range d.ReadOuts {
		state := "sealed until " + hour(r.Opens)
		switch {
		case r.Text != "":
			state = "«" + foreign(r.Text) + "»"
		case r.Opened.Number > 0:
			state = "opened (" + s.said(r.Opened) + "), shown once the others have opened theirs"
		}
		row("read-out", "%s %s", s.said(r.Sealed), state)
	}
}
