// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"openline/internal/api"
)

func (o *online) statusCommand() *cobra.Command {
	var asJSON bool
	var lang string
	c := &cobra.Command{
		Use:   "status [LINE]",
		Short: "How the lines stand: wire, watch and offices; receipts; what awaits whom",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usageError("name one line, or none for all: openline status [LINE]")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			client, err := o.client()
			if err != nil {
				return err
			}
			var all []api.Status
			if len(args) == 1 {
				var one api.Status
				one, err = client.LineStatus(cmd.Context(), args[0], lang)
				all = []api.Status{one}
			} else {
				all, err = client.Status(cmd.Context(), lang)
			}
			if err != nil {
				return err
			}
			return o.print(asJSON, all, func(w io.Writer) error { return printStatus(w, all) })
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	c.Flags().StringVar(&lang, "lang", "en", "language of the sentences")
	return c
}

func printStatus(w io.Writer, all []api.Status) error {
	var b strings.Builder
	for i, st := range all {
		if i > 0 {
			b.WriteString("\n")
		}
		writeStatus(&b, st)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func writeStatus(b *strings.Builder, st api.Status) {
	say := func(format string, args ...any) { fmt.Fprintf(b, format+"\n", args...) }
	standing := ""
	if st.Standing == "exercise" {
		standing = " · EXERCISE"
	}
	say("%s%s · %s · %s", st.Line, standing, st.Me, dayTime(st.At))
	if st.Hold != "" {
		say("  This station does not sign: %s.", st.Hold)
	}
	if st.Waiting > 0 {
		say("  %d drafts are taken and not yet recorded.", st.Waiting)
	}
	if st.HoursEnd != nil && st.HoursEnd.Before(st.At.Add(soon)) {
		say("  note     %s", renewWords(*st.HoursEnd, st.At))
	}
	for _, p := range st.Peers {
		writePeer(b, st, p)
	}
	for _, a := range st.Awaiting {
		say("  %s", awaitWords(a))
	}
}

// writePeer is the three sentences, and beneath them what they stand on.
func writePeer(b *strings.Builder, st api.Status, p api.Peer) {
	say := func(format string, args ...any) { fmt.Fprintf(b, "  "+format+"\n", args...) }
	say("%s", p.Party)
	say("  wire     %s", p.Wire.Text)
	say("  watch    %s", p.Watch.Text)
	say("  offices  %s", p.Offices.Text)
	for _, c := range p.Bearers {
		say("  bearer   %s since %s, round trip %.1f ms", c.Name, dayTime(c.Since), c.RTT)
	}
	switch {
	case st.Own.Size == 0:
	case p.Receipt == nil:
		say("  receipt  none yet; our newest is %s", st.Own.Last)
	default:
		say("  receipt  %s, signed %s; our newest is %s", p.Receipt.Last, dayTime(p.Receipt.At), st.Own.Last)
	}
	if p.Receipt != nil && (p.ReceiptPQ == nil || p.ReceiptPQ.Size < p.Receipt.Size) {
		upTo := "nothing yet"
		if p.ReceiptPQ != nil {
			upTo = p.ReceiptPQ.Last
		}
		say("           classical only beyond %s", upTo)
	}
	if p.Size > 0 {
		say("  held     %s", p.Last)
	}
	if p.TimedHead != nil {
		say("  their log ended at %s by their own word of %s", p.TimedHead.Last, dayTime(p.TimedHead.At))
	}
	if in := p.InPerson; in.Minute != nil {
		say("  tests    at %s: %s; %s", dayTime(*in.Minute), readBy("a person of "+p.Party, "our test", in.OursSaid, in.Ours, in.OursMissed),
			readBy("a person of ours", "theirs", in.TheirsSaid, in.Theirs, in.TheirsMissed))
	}
	for _, note := range notesOn(st, p) {
		say("  note     %s", note)
	}
}

// readBy says who has answered a line test in person.
func readBy(who, test, said string, read bool, missed uint64) string {
	words := test + " awaits " + who
	if read {
		words = who + " answered " + test
		if said != "" {
			words += " (" + said + ")"
		}
	}
	if missed > 0 {
		words += fmt.Sprintf(" (%d set minutes passed without, since the start)", missed)
	}
	return words
}

// notesOn are what a duty officer should know of a party besides.
func notesOn(st api.Status, p api.Peer) []string {
	var notes []string
	note := func(format string, args ...any) { notes = append(notes, fmt.Sprintf(format, args...)) }
	if m := p.Missed; m.Doubt {
		note("LINE IN DOUBT: the last line tests came in neither direction (%d and %d in a row), since the one due %s; reach them by another way", m.Theirs, m.Ours, dayTime(*m.Since))
	} else if m.Since != nil {
		note("line tests missed since the one due %s: theirs %d, ours not receipted %d, in a row", dayTime(*m.Since), m.Theirs, m.Ours)
	}
	if p.Pending > 0 {
		note("%s signed a head of %d records; %d of them have not come", p.Party, p.Pending, p.Pending-min(p.Size, p.Pending))
	}
	if p.Ahead > 0 {
		note("%d records lie ahead of their place, not yet receipted", p.Ahead)
	}
	for _, s := range []string{p.Trouble, p.Differs} {
		if s != "" {
			note("%s", s)
		}
	}
	if p.Claims > 0 {
		note("%d statements of %s are denied by others of its own; they are kept in the journal", p.Claims, p.Party)
	}
	if p.Accused > 0 {
		note("%d pairs of statements by %s cannot both be true; files of them: openline accusations %s", p.Accused, p.Party, st.Line)
	}
	return notes
}

// awaitWords is one line about one matter that awaits a reply.
func awaitWords(a api.Await) string {
	who := a.From + " is asked"
	if a.Ours {
		who = "we are asked"
	}
	about := ""
	if a.About != "" {
		about = " in " + a.About
	}
	words := fmt.Sprintf("%s %s (%s)%s: %s since %s, %s", a.Ref, a.Code, a.Gloss, about, who, dayTime(a.Asked), a.Outcome)
	if a.Until != nil {
		words += " until " + dayTime(*a.Until)
	}
	if a.Wished != nil {
		words += ", answer wished by " + dayTime(*a.Wished)
	}
	if len(a.Suspended) > 0 {
		words += "; of a class suspended by " + strings.Join(a.Suspended, ", ")
	}
	switch c := a.Clock; {
	case c.State == "not receipted":
		words += "; not receipted"
	case c.State == "records missing":
		words += fmt.Sprintf("; %d of their records have not come", c.Missing)
	case c.Due != nil:
		whose := "their own clock"
		switch {
		case c.Declaration == "" || c.Capped:
			whose = "the cap of the agreement"
		case a.Ours:
			whose = "our own clock"
		}
		words += fmt.Sprintf("; by %s until %s", whose, dayTime(*c.Due))
		if c.State == "past" {
			words += ", and signed later since"
		}
	}
	return words
}
