// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"openline/internal/api"
)

func (o *online) draftsCommand() *cobra.Command {
	return group(&cobra.Command{
		Use:   "drafts",
		Short: "What this party has written and not said yet; never sent",
		Long: `What this party has written and not said yet, kept in the journal of a line.
Drafts are written, changed and signed in the console; here an officer without
a browser sees them, and drops them.`,
	}, o.draftsListCommand(), o.draftsShowCommand(), o.draftsDropCommand())
}

func (o *online) draftsListCommand() *cobra.Command {
	var ended bool
	c := show(o, "list LINE", "The drafts of a line", "  openline drafts list harbour", 1, func(cmd *cobra.Command, line string) ([]api.WrittenDraft, error) {
		client, err := o.client()
		if err != nil {
			return nil, err
		}
		return client.Drafts(cmd.Context(), line, "en", ended)
	}, func(w io.Writer, list []api.WrittenDraft, _ []string) error {
		if len(list) == 0 {
			_, err := fmt.Fprintln(w, "No draft is open.")
			return err
		}
		for _, d := range list {
			fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\n", d.No, dayTime(d.Changed), d.Code, harmless(clip(d.Says)), harmless(draftState(d)))
		}
		return nil
	})
	c.Flags().BoolVar(&ended, "ended", false, "also those that were said or dropped lately")
	return c
}

// clip keeps a line of a list short.
func clip(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 72 {
		return string(r[:71]) + "…"
	}
	return s
}

// draftState says in a few words how a draft stands.
func draftState(d api.WrittenDraft) string {
	switch d.State {
	case "said":
		return "said: " + d.Record
	case "given back":
		return "not said: " + d.Why
	case "open":
		if len(d.Signed) == 0 {
			return "signed by nobody"
		}
		return "signed by " + strings.Join(d.Signed, ", ")
	}
	return d.State
}

// draftNo reads which draft is meant.
func draftNo(arg string) (int, error) {
	no, err := strconv.Atoi(arg)
	if err != nil || no < 1 {
		return 0, usageError(fmt.Sprintf("%.40q is no number of a draft; openline drafts list LINE shows them", arg))
	}
	return no, nil
}

func (o *online) draftsShowCommand() *cobra.Command {
	var lang string
	var asJSON bool
	c := &cobra.Command{
		Use: "show LINE NO", Short: "One draft as the other side would read it, and who signed it",
		Example: "  openline drafts show harbour 3",
		Args:    exactly(2, "name the line and the number: openline drafts show LINE NO"),
		RunE: func(cmd *cobra.Command, args []string) error {
			no, err := draftNo(args[1])
			if err != nil {
				return err
			}
			client, err := o.client()
			if err != nil {
				return err
			}
			d, err := client.Draft(cmd.Context(), args[0], no, lang)
			if err != nil {
				return err
			}
			return o.print(asJSON, d, func(w io.Writer) error { return printDraft(w, d) })
		},
	}
	c.Flags().StringVar(&lang, "lang", "en", "language it is read in")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func (o *online) draftsDropCommand() *cobra.Command {
	var by string
	var version int
	var asJSON bool
	c := &cobra.Command{
		Use: "drop LINE NO", Short: "Drop a draft; the journal keeps that it was there",
		Long: `Drop a draft. The journal keeps that it was there. The version that was read is
named, so that nobody drops what another has just changed.`,
		Example: "  openline drafts drop harbour 3 --version 2 --by anna",
		Args:    exactly(2, "name the line and the number: openline drafts drop LINE NO --version N"),
		RunE: func(cmd *cobra.Command, args []string) error {
			no, err := draftNo(args[1])
			if err != nil {
				return err
			}
			if version < 1 {
				return usageError("name the version you read: openline drafts show LINE NO tells it")
			}
			client, err := o.client()
			if err != nil {
				return err
			}
			d, err := client.DropDraft(cmd.Context(), args[0], no, api.DropDraft{By: by, Version: version})
			if err != nil {
				return err
			}
			return o.print(asJSON, d, func(w io.Writer) error {
				_, err := fmt.Fprintf(w, "Draft %d is dropped.\n", d.No)
				return err
			})
		},
	}
	c.Flags().IntVar(&version, "version", 0, "the version that was read")
	c.Flags().StringVar(&by, "by", "", "who drops it")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func printDraft(w io.Writer, d api.WrittenDraft) error {
	var b strings.Builder
	fmt.Fprintf(&b, "Draft %d, version %d: %s\n", d.No, d.Version, d.Code)
	fmt.Fprintf(&b, "   written %s%s", dayTime(d.At), by(d.By))
	if d.Version > 1 {
		fmt.Fprintf(&b, ", changed %s", dayTime(d.Changed))
	}
	fmt.Fprintf(&b, "\n   from %s to %s\n", d.From, strings.Join(d.To, ", "))
	if d.About != "" {
		fmt.Fprintf(&b, "   about %s\n", d.About)
	}
	fmt.Fprintf(&b, "\n%s\n\n", d.Says)
	fmt.Fprintf(&b, "What is signed: %s\n", d.Digest)
	state := draftState(d)
	fmt.Fprintf(&b, "%s.\n", strings.ToUpper(state[:1])+state[1:])
	for _, x := range d.Void {
		fmt.Fprintf(&b, "%s signed version %d; it has changed since, and that counts no more.\n", x.Person, x.Version)
	}
	_, err := io.WriteString(w, harmless(b.String()))
	return err
}
