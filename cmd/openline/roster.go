// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"openline/internal/api"
	"openline/internal/desk/roster"
)

func (o *online) rosterCommand() *cobra.Command {
	return group(&cobra.Command{
		Use:   "roster",
		Short: "Who keeps the watch and when, and how each is reached; never sent",
	}, o.rosterShowCommand(), o.rosterPersonCommand(), o.rosterShiftCommand(), o.rosterDropCommand())
}

func (o *online) rosterShowCommand() *cobra.Command {
	var at string
	var asJSON bool
	c := &cobra.Command{
		Use: "show LINE", Short: "Who keeps the watch now, whom to call in which order, and the shifts to come",
		Args: exactly(1, "name the line: openline roster show LINE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			client, err := o.client()
			if err != nil {
				return err
			}
			r, err := client.Roster(cmd.Context(), args[0], at)
			if err != nil {
				return err
			}
			return o.print(asJSON, r, func(w io.Writer) error { return printRoster(w, r) })
		},
	}
	c.Flags().StringVar(&at, "at", "", "at another time, UTC (default: now)")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func printRoster(w io.Writer, r api.Roster) error {
	var b strings.Builder
	switch {
	case r.Watch.Holder != "":
		fmt.Fprintf(&b, "%s has held the watch since %s, by the last hand-over.\n", r.Watch.Holder, dayTime(r.Watch.Since))
	default:
		b.WriteString("No hand-over is entered.\n")
	}
	if r.Watch.Shifting {
		fmt.Fprintf(&b, "It is the shift of %s: a hand-over is due.\n", r.Watch.Shifts[0].On)
	}
	if len(r.Watch.Order) == 0 {
		b.WriteString("Nobody is entered for this hour.\n")
	} else {
		b.WriteString("To call, in this order:\n")
	}
	for i, x := range r.Watch.Order {
		fmt.Fprintf(&b, "  %d. %s (%s): %s\n", i+1, x.Name, x.As, reached(x.Person))
	}
	if len(r.Shifts) > 0 {
		b.WriteString("Shifts:\n")
	}
	for _, s := range r.Shifts {
		fmt.Fprintf(&b, "  %d. %s – %s  %s", s.No, dayTime(s.From), dayTime(s.To), s.On)
		if len(s.Deputies) > 0 {
			fmt.Fprintf(&b, ", deputies %s", strings.Join(s.Deputies, ", "))
		}
		if s.Words != "" {
			fmt.Fprintf(&b, "  %s", s.Words)
		}
		b.WriteString("\n")
	}
	_, err := io.WriteString(w, harmless(b.String()))
	return err
}

func reached(p roster.Person) string {
	var ways []string
	if p.Console {
		ways = append(ways, "console")
	}
	for _, way := range []struct{ name, at string }{{"e-mail", p.Email}, {"webhook", p.Webhook}, {"telephone", p.Phone}} {
		if way.at != "" {
			ways = append(ways, way.name+" "+way.at)
		}
	}
	if ways == nil {
		return "how they are reached is not entered"
	}
	return strings.Join(ways, "; ")
}

func (o *online) rosterPersonCommand() *cobra.Command {
	var n api.NewReach
	var asJSON bool
	c := &cobra.Command{
		Use: "person LINE NAME", Short: "Enter how a person is reached; it replaces what was entered before",
		Example: "  openline roster person harbour ames --console --email ames@blue.example --phone \"5-1204\"",
		Args:    exactly(2, "name the line and the person: openline roster person LINE NAME --console --email … --webhook … --phone …"),
		RunE: func(cmd *cobra.Command, args []string) error {
			n.Name = args[1]
			client, err := o.client()
			if err != nil {
				return err
			}
			if err := client.EnterReach(cmd.Context(), args[0], n); err != nil {
				return err
			}
			words := fmt.Sprintf("%s: %s\n", n.Name, reached(roster.Person{Console: n.Console, Email: n.Email, Webhook: n.Webhook, Phone: n.Phone}))
			if n.Gone {
				words = n.Name + " is no longer on the roster\n"
			}
			return o.print(asJSON, n, func(w io.Writer) error { _, err := io.WriteString(w, words); return err })
		},
	}
	fl := c.Flags()
	fl.BoolVar(&n.Console, "console", false, "at the console")
	fl.StringVar(&n.Email, "email", "", "an address of e-mail")
	fl.StringVar(&n.Webhook, "webhook", "", "an address that takes a POST")
	fl.StringVar(&n.Phone, "phone", "", "a telephone, as it is dialed")
	fl.StringVar(&n.Words, "words", "", "anything else")
	fl.StringVar(&n.By, "by", "", "who enters it")
	fl.BoolVar(&n.Gone, "gone", false, "they are no longer reached")
	fl.BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func (o *online) rosterShiftCommand() *cobra.Command {
	var n api.NewShift
	var from, to string
	var asJSON bool
	c := &cobra.Command{
		Use: "shift LINE NAME --from TIME --to TIME", Short: "Enter a shift of the watch",
		Example: "  openline roster shift harbour ames --from 2026-12-01T08:00Z --to 2026-12-01T16:00Z --deputy baker",
		Args:    exactly(2, "name the line and who is on: openline roster shift LINE NAME --from TIME --to TIME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if n.From, err = parseTime(from); err != nil {
				return usageError("--from: " + err.Error())
			}
			if n.To, err = parseTime(to); err != nil {
				return usageError("--to: " + err.Error())
			}
			n.On = args[1]
			client, err := o.client()
			if err != nil {
				return err
			}
			e, err := client.EnterShift(cmd.Context(), args[0], n)
			if err != nil {
				return err
			}
			return o.print(asJSON, e, func(w io.Writer) error {
				_, err := fmt.Fprintf(w, "shift %d: %s, %s – %s\n", e.No, n.On, dayTime(n.From), dayTime(n.To))
				return err
			})
		},
	}
	fl := c.Flags()
	fl.StringVar(&from, "from", "", "when it begins, UTC")
	fl.StringVar(&to, "to", "", "when it ends, UTC")
	fl.StringArrayVar(&n.Deputies, "deputy", nil, "who is called next; may be repeated")
	fl.StringVar(&n.Words, "words", "", "anything else")
	fl.StringVar(&n.By, "by", "", "who enters it")
	fl.BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func (o *online) rosterDropCommand() *cobra.Command {
	var asJSON bool
	var who string
	c := &cobra.Command{
		Use: "drop LINE NO", Short: "Drop a shift",
		Args: exactly(2, "name the line and the shift's number: openline roster drop LINE NO"),
		RunE: func(cmd *cobra.Command, args []string) error {
			no, err := strconv.Atoi(args[1])
			if err != nil || no < 1 {
				return usageError(fmt.Sprintf("%.40q is no number of a shift; openline roster show LINE lists them", args[1]))
			}
			client, err := o.client()
			if err != nil {
				return err
			}
			e, err := client.EnterShift(cmd.Context(), args[0], api.NewShift{By: who, Drop: no})
			if err != nil {
				return err
			}
			return o.print(asJSON, e, func(w io.Writer) error { _, err := fmt.Fprintf(w, "shift %d is dropped\n", e.No); return err })
		},
	}
	c.Flags().StringVar(&who, "by", "", "who drops it")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func (o *online) handoverCommand() *cobra.Command {
	var n api.NewHandover
	var asJSON bool
	c := &cobra.Command{
		Use: "handover LINE --to NAME [WORDS]", Short: "Hand the watch over; the night log goes from one hand-over to the next",
		Example: "  openline handover harbour --from ames --to baker \"Red has blue/412; they hold until 18:00Z.\"",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) < 1 || len(args) > 2 {
				return usageError("name the line and who takes it: openline handover LINE --to NAME [WORDS]")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if n.To == "" {
				return usageError("say who takes the watch over: --to NAME")
			}
			n.Words = strings.Join(args[1:], " ")
			client, err := o.client()
			if err != nil {
				return err
			}
			e, err := client.HandOver(cmd.Context(), args[0], n)
			if err != nil {
				return err
			}
			return o.print(asJSON, e, func(w io.Writer) error {
				_, err := fmt.Fprintf(w, "hand-over %d: %s has the watch\n", e.No, n.To)
				return err
			})
		},
	}
	fl := c.Flags()
	fl.StringVar(&n.From, "from", "", "who gives it")
	fl.StringVar(&n.To, "to", "", "who takes it")
	fl.StringVar(&n.By, "by", "", "who enters it")
	fl.BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func (o *online) alarmsCommand() *cobra.Command {
	var ack int
	var n api.NewStep
	var asJSON bool
	c := &cobra.Command{
		Use: "alarms LINE", Short: "The alarms of the watch, and who acknowledged them",
		Example: "  openline alarms harbour\n  openline alarms harbour --acknowledge 12 --by ames",
		Args:    exactly(1, "name the line: openline alarms LINE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if ack > 0 && n.By == "" {
				return usageError("say who acknowledges it: --by NAME")
			}
			client, err := o.client()
			if err != nil {
				return err
			}
			if ack > 0 {
				n.Acknowledged = true
				if err := client.AlarmStep(cmd.Context(), args[0], ack, n); err != nil {
					return err
				}
			}
			list, err := client.Alarms(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return o.print(asJSON, list, func(w io.Writer) error { return printAlarms(w, list) })
		},
	}
	fl := c.Flags()
	fl.IntVar(&ack, "acknowledge", 0, "acknowledge the alarm of this number")
	fl.StringVar(&n.By, "by", "", "who acknowledges")
	fl.StringVar(&n.Words, "words", "", "anything to add")
	fl.BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func printAlarms(w io.Writer, list api.Alarms) error {
	var b strings.Builder
	if list.Left > 0 {
		fmt.Fprintf(&b, "%d older alarms are in the journal only.\n", list.Left)
	}
	for _, a := range list.Alarms {
		state := "not acknowledged"
		if a.Acknowledged != nil {
			state = "acknowledged " + dayTime(*a.Acknowledged) + by(a.By)
		}
		fmt.Fprintf(&b, "%d. %s  %s · %s\n", a.No, dayTime(a.At), a.Text, state)
		for _, s := range a.Steps {
			fmt.Fprintf(&b, "     %s %s %s: %s\n", dayTime(s.At), s.Way, s.To, s.Outcome)
		}
	}
	if b.Len() == 0 {
		b.WriteString("No alarm is entered.\n")
	}
	_, err := io.WriteString(w, harmless(b.String()))
	return err
}

func (o *online) nightlogCommand() *cobra.Command {
	var q api.NightQuery
	var asJSON, markdown bool
	c := &cobra.Command{
		Use: "nightlog LINE", Short: "Everything between two hand-overs of the watch, on one page",
		Long: `Everything between two hand-overs of the watch, on one page: what was said and
what came, tests counted, contacts logged, alarms and who acknowledged them, what
was released or sent alone, and the words of the hand-over. Without a time: from
the newest hand-over until now.`,
		Args: exactly(1, "name the line: openline nightlog LINE [--from TIME] [--to TIME]"),
		RunE: func(cmd *cobra.Command, args []string) error {
			client, err := o.client()
			if err != nil {
				return err
			}
			if markdown {
				q.Form = "markdown"
			}
			n, err := client.NightLog(cmd.Context(), args[0], q)
			if err != nil {
				return err
			}
			return o.print(asJSON, n.Night, func(w io.Writer) error { _, err := io.WriteString(w, n.Page); return err })
		},
	}
	fl := c.Flags()
	fl.StringVar(&q.From, "from", "", "from this day or time, UTC")
	fl.StringVar(&q.To, "to", "", "to this day or time, UTC")
	fl.IntVar(&q.Handover, "handover", 0, "the stretch that ended with the hand-over of this number")
	fl.StringVar(&q.Lang, "lang", "", "language of the page, and in which records are rendered")
	fl.BoolVar(&markdown, "markdown", false, "write Markdown")
	fl.BoolVar(&asJSON, "json", false, "print JSON")
	return c
}
