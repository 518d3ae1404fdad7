// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"openline/internal/api"
	"openline/internal/desk/deliberation"
)

func (o *online) deliberationCommand() *cobra.Command {
	return group(&cobra.Command{
		Use:   "deliberation",
		Short: "A question of this party's own: options, positions, the decision; never sent",
	}, o.deliberationListCommand(), o.deliberationShowCommand(), o.deliberationOpenCommand(), o.deliberationOptionCommand(),
		o.deliberationPositionCommand(), o.deliberationDecideCommand(), o.deliberationRecordCommand(), o.deliberationStateCommand())
}

// deliberating is what every command has that writes on a deliberation.
type deliberating struct {
	by   string
	json bool
}

func (f *deliberating) add(c *cobra.Command) {
	c.Flags().StringVar(&f.by, "by", "", "who writes it")
	c.Flags().BoolVar(&f.json, "json", false, "print JSON")
}

// on runs a command on one deliberation, named by line and number, and prints
// how it then stands.
func (o *online) on(f *deliberating, do func(ctx context.Context, c *api.Client, line string, no int, args []string) (api.Deliberation, error)) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		no, err := strconv.Atoi(args[1])
		if err != nil || no < 1 {
			return usageError(fmt.Sprintf("%.40q is no number of a deliberation; openline deliberation list LINE shows them", args[1]))
		}
		client, err := o.client()
		if err != nil {
			return err
		}
		d, err := do(cmd.Context(), client, args[0], no, args[2:])
		if err != nil {
			return err
		}
		return o.print(f.json, d, func(w io.Writer) error { return printDeliberation(w, d) })
	}
}

func (o *online) deliberationListCommand() *cobra.Command {
	return show(o, "list LINE", "The deliberations of a line", "", 1, func(cmd *cobra.Command, line string) ([]deliberation.Deliberation, error) {
		client, err := o.client()
		if err != nil {
			return nil, err
		}
		return client.Deliberations(cmd.Context(), line)
	}, func(w io.Writer, list []deliberation.Deliberation, _ []string) error {
		if len(list) == 0 {
			_, err := fmt.Fprintln(w, "None is open.")
			return err
		}
		for _, d := range list {
			fmt.Fprintf(w, "%d\t%s\t%s\t%s\n", d.No, dayTime(d.At), harmless(d.Question), harmless(decided(d)))
		}
		return nil
	})
}

func decided(d deliberation.Deliberation) string {
	last := d.Decided()
	switch {
	case last == nil:
		return "not decided"
	case last.Option > 0 && last.Words != "":
		return fmt.Sprintf("decided: %s; %s", d.Options[last.Option-1].Text, last.Words)
	case last.Option > 0:
		return "decided: " + d.Options[last.Option-1].Text
	}
	return "decided: " + last.Words
}

func (o *online) deliberationShowCommand() *cobra.Command {
	var f deliberating
	c := &cobra.Command{
		Use: "show LINE NO", Short: "One deliberation, and what bears on it on the line",
		Args: exactly(2, "name the line and the number: openline deliberation show LINE NO"),
		RunE: o.on(&f, func(ctx context.Context, c *api.Client, line string, no int, _ []string) (api.Deliberation, error) {
			return c.Deliberation(ctx, line, no)
		}),
	}
	c.Flags().BoolVar(&f.json, "json", false, "print JSON")
	return c
}

func printDeliberation(w io.Writer, d api.Deliberation) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%d. %s\n", d.No, d.Question)
	fmt.Fprintf(&b, "   opened %s%s", dayTime(d.At), by(d.By))
	if d.Subject != "" {
		fmt.Fprintf(&b, ", on «%s»", d.Subject)
	}
	b.WriteString("\n")
	for _, opt := range d.Options {
		fmt.Fprintf(&b, "\nOption %d: %s\n", opt.No, opt.Text)
		newest := d.Newest(opt.No)
		if len(newest) == 0 {
			b.WriteString("   no position is noted\n")
		}
		slices.SortStableFunc(newest, func(a, b deliberation.Position) int {
			return slices.Index(deliberation.Stances, a.Stance) - slices.Index(deliberation.Stances, b.Stance)
		})
		for _, p := range newest {
			fmt.Fprintf(&b, "   %s %s%s\n", p.Who, p.Stance, word(p))
			if p.Arguments != "" {
				fmt.Fprintf(&b, "      %s\n", p.Arguments)
			}
		}
	}
	b.WriteString("\n")
	for _, x := range d.Decisions {
		what := "none of the options"
		if x.Option > 0 {
			what = d.Options[x.Option-1].Text
		}
		fmt.Fprintf(&b, "Decided %s%s: %s", dayTime(x.At), by(x.By), what)
		if x.Words != "" {
			fmt.Fprintf(&b, "; %s", x.Words)
		}
		b.WriteString("\n")
	}
	if len(d.Decisions) == 0 {
		b.WriteString("Not decided.\n")
	}
	for _, r := range d.Records {
		fmt.Fprintf(&b, "%s %s", strings.ToUpper(r.What[:1])+r.What[1:], r.Record)
		if r.Words != "" {
			fmt.Fprintf(&b, ": %s", r.Words)
		}
		b.WriteString("\n")
	}
	for _, p := range d.Pairs {
		fmt.Fprintf(&b, "Counterparts %s – %s for «%s»: %s\n", p.Posts[0], p.Posts[1], p.Subject, p.State)
	}
	for _, p := range d.Stated {
		fmt.Fprintf(&b, "Position of %s on «%s» (%s): %s\n", p.Party, p.Subject, p.Record, p.Text)
	}
	_, err := io.WriteString(w, harmless(b.String()))
	return err
}

func by(name string) string {
	if name == "" {
		return ""
	}
	return " by " + name
}

// word says on whose word a position is known.
func word(p deliberation.Position) string {
	var parts []string
	for _, s := range []string{p.Attribution, p.Source, p.Said} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	if parts == nil {
		return " (not attributed)"
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

func (o *online) deliberationOpenCommand() *cobra.Command {
	var f deliberating
	var subject string
	var options []string
	c := &cobra.Command{
		Use: "open LINE QUESTION", Short: "Open a deliberation",
		Example: "  openline deliberation open harbour \"With whom do we speak?\" --subject encounters --option \"the minister\" --option \"the chairman\"",
		Args:    exactly(2, "name the line and the question: openline deliberation open LINE QUESTION [--option TEXT]…"),
		RunE: func(cmd *cobra.Command, args []string) error {
			client, err := o.client()
			if err != nil {
				return err
			}
			d, err := client.OpenDeliberation(cmd.Context(), args[0], api.NewDeliberation{By: f.by, Question: args[1], Subject: subject, Options: options})
			if err != nil {
				return err
			}
			return o.print(f.json, d, func(w io.Writer) error { return printDeliberation(w, d) })
		},
	}
	f.add(c)
	c.Flags().StringVar(&subject, "subject", "", "the subject, as the line names it")
	c.Flags().StringArrayVar(&options, "option", nil, "an option; may be repeated")
	return c
}

func (o *online) deliberationOptionCommand() *cobra.Command {
	var f deliberating
	c := &cobra.Command{
		Use: "option LINE NO TEXT", Short: "Add an option",
		Args: exactly(3, "name the line, the number and the option: openline deliberation option LINE NO TEXT"),
		RunE: o.on(&f, func(ctx context.Context, c *api.Client, line string, no int, args []string) (api.Deliberation, error) {
			return c.AddOption(ctx, line, no, api.NewOption{By: f.by, Text: args[0]})
		}),
	}
	f.add(c)
	return c
}

func (o *online) deliberationPositionCommand() *cobra.Command {
	var f deliberating
	var n api.NewPosition
	c := &cobra.Command{
		Use: "position LINE NO OPTION WHO STANCE [ARGUMENTS]", Short: "Note who favours or opposes an option, and how strongly",
		Long: `Note who favours or opposes an option, and how strongly: "favours strongly",
favours, undecided, opposes or "opposes strongly". A later position of the same
person or body stands beside the earlier one.`,
		Example: "  openline deliberation position harbour 1 2 \"Joint staff\" opposes \"They have no word on this.\" --attribution anonymous --source \"a daily\"",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 5 && len(args) != 6 {
				return usageError("openline deliberation position LINE NO OPTION WHO STANCE [ARGUMENTS]")
			}
			if k, err := strconv.Atoi(args[2]); err != nil || k < 1 {
				return usageError(fmt.Sprintf("%.40q is no number of an option", args[2]))
			}
			if !slices.Contains(deliberation.Stances, deliberation.Stance(args[4])) {
				return usageError(fmt.Sprintf("%.40q is no stance; write one of: favours strongly, favours, undecided, opposes, opposes strongly", args[4]))
			}
			return nil
		},
		RunE: o.on(&f, func(ctx context.Context, c *api.Client, line string, no int, args []string) (api.Deliberation, error) {
			k, err := strconv.Atoi(args[0])
			if err != nil {
				return api.Deliberation{}, err
			}
			n.By, n.Option, n.Who, n.Stance = f.by, k, args[1], args[2]
			if len(args) > 3 {
				n.Arguments = args[3]
			}
			return c.NotePosition(ctx, line, no, n)
		}),
	}
	f.add(c)
	fl := c.Flags()
	fl.StringVar(&n.Attribution, "attribution", "", "on whose word: official, record, anonymous or press; empty: not attributed")
	fl.StringVar(&n.Source, "source", "", "where it is from")
	fl.StringVar(&n.Said, "said", "", "the day or time it was said")
	return c
}

func (o *online) deliberationDecideCommand() *cobra.Command {
	var f deliberating
	var option int
	c := &cobra.Command{
		Use: "decide LINE NO [WORDS]", Short: "Note the decision",
		Example: "  openline deliberation decide harbour 1 --option 2 \"by letter first\" --by minister",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 && len(args) != 3 || len(args) == 2 && option == 0 {
				return usageError("say what was decided: openline deliberation decide LINE NO --option K [WORDS]")
			}
			return nil
		},
		RunE: o.on(&f, func(ctx context.Context, c *api.Client, line string, no int, args []string) (api.Deliberation, error) {
			return c.Decide(ctx, line, no, api.NewDecision{By: f.by, Option: option, Words: strings.Join(args, " ")})
		}),
	}
	f.add(c)
	c.Flags().IntVar(&option, "option", 0, "the option decided for; none: in words only")
	return c
}

func (o *online) deliberationRecordCommand() *cobra.Command {
	var f deliberating
	var what string
	c := &cobra.Command{
		Use: "record LINE NO RECORD [WORDS]", Short: "Name a record on the line that it released or led to",
		Example: "  openline deliberation record harbour 1 blue/412 --what released",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 3 && len(args) != 4 {
				return usageError("name the line, the number and the record: openline deliberation record LINE NO RECORD")
			}
			if !slices.Contains(deliberation.Links, what) {
				return usageError("--what is released, \"led to\" or stated")
			}
			return nil
		},
		RunE: o.on(&f, func(ctx context.Context, c *api.Client, line string, no int, args []string) (api.Deliberation, error) {
			return c.LinkRecord(ctx, line, no, api.NewLink{By: f.by, Record: args[0], What: what, Words: strings.Join(args[1:], " ")})
		}),
	}
	f.add(c)
	c.Flags().StringVar(&what, "what", deliberation.Released, "released, \"led to\" or stated")
	return c
}

func (o *online) deliberationStateCommand() *cobra.Command {
	var f saying
	var by, subject string
	c := &cobra.Command{
		Use: "state LINE NO TEXT --subject SUBJECT", Short: "State our position to the other side (SP01), and note that here",
		Long: `State our position to the other side: a record SP01 on the line, with the text
and the subject given here, and nothing else of the deliberation. The
deliberation then names the record, and shows which pairs of counterparts it
bears on.`,
		Example: "  openline deliberation state harbour 1 \"We speak with the minister.\" --subject encounters --as ames --as baker",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 3 {
				return usageError("name the line, the number and the text: openline deliberation state LINE NO TEXT --subject SUBJECT")
			}
			if subject == "" {
				return usageError("name the subject as the other side will read it: --subject SUBJECT")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.on(&deliberating{json: f.json}, func(ctx context.Context, c *api.Client, line string, no int, args []string) (api.Deliberation, error) {
				if _, err := c.Deliberation(ctx, line, no); err != nil {
					return api.Deliberation{}, err
				}
				said, err := o.sayRecords(ctx, line, api.Draft{Code: "SP01", Params: map[string]any{"subject": subject, "position": args[0]}}, &f)
				if err != nil {
					return api.Deliberation{}, err
				}
				if said.Records[0].Queued {
					return api.Deliberation{}, fmt.Errorf("this station does not sign now; the position is said once it does: name it then with openline deliberation record %s %d RECORD --what stated", line, no)
				}
				return c.LinkRecord(ctx, line, no, api.NewLink{By: by, Record: said.Records[0].Ref, What: deliberation.Stated})
			})(cmd, args)
		},
	}
	f.add(c)
	c.Flags().StringVar(&by, "by", "", "who writes it")
	c.Flags().StringVar(&subject, "subject", "", "the subject, as the other side will read it")
	return c
}
