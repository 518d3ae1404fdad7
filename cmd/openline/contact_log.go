// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"io"
	"time"

	"github.com/spf13/cobra"

	"openline/internal/api"
	"openline/internal/desk/contact"
)

// contactRow is one contact as a person types it.
type contactRow struct {
	level, ours, with, channel, kind, outcome, asked, subject, source string
}

func (r contactRow) values(at time.Time, words string) map[string]string {
	return map[string]string{
		"date": at.UTC().Truncate(time.Second).Format(time.RFC3339), "kind": r.kind, "level": r.level, "ours": r.ours, "theirs": r.with, "channel": r.channel,
		"outcome": r.outcome, "source": r.source, "attribution": "official", "note": words, "asked": r.asked, "subject": r.subject,
	}
}

func (o *online) contactLogCommand() *cobra.Command {
	var r contactRow
	var asJSON bool
	c := &cobra.Command{
		Use: "log [LINE] --with POST [WORDS]", Short: "Log one contact of our own, now: who, level, channel, a word",
		Long: `Log one contact of our own, now, by the same contract as an import: the source is
our own watch, the attribution official. Nothing of it is ever sent. Words are
given after the line.`,
		Example: "  openline contact log harbour --level working --with \"Liaison office\" --channel telephone \"They ask for the list by Monday.\"",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 2 {
				return usageError("openline contact log LINE --with POST [WORDS]")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if r.with == "" {
				return usageError("say with whom: --with POST")
			}
			client, err := o.client()
			if err != nil {
				return err
			}
			line, err := theLine(cmd.Context(), client, args[:min(len(args), 1)])
			if err != nil {
				return err
			}
			words := ""
			if len(args) > 1 {
				words = args[1]
			}
			row, done, err := logContact(cmd.Context(), client, line, r, words)
			if err != nil {
				return err
			}
			return o.print(asJSON, done, func(w io.Writer) error { return printContacts(w, []map[string]string{row}) })
		},
	}
	fl := c.Flags()
	fl.StringVar(&r.level, "level", "watch", "principal, senior, working or watch")
	fl.StringVar(&r.with, "with", "", "their post")
	fl.StringVar(&r.ours, "ours", "watch", "our post")
	fl.StringVar(&r.channel, "channel", "telephone", "telephone, in person, video, …")
	fl.StringVar(&r.kind, "kind", "contact", "contact, invitation, meeting, visit, statement or incident")
	fl.StringVar(&r.outcome, "outcome", "held", "held, delivered, unanswered, declined, redirected, cancelled, answered or unknown")
	fl.StringVar(&r.asked, "asked", "", "who asked: ours, theirs or unknown")
	fl.StringVar(&r.subject, "subject", "", "what about")
	fl.StringVar(&r.source, "source", "own watch", "where it is from")
	fl.BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

// logContact keeps one contact, at the station's own hour.
func logContact(ctx context.Context, client *api.Client, line string, r contactRow, words string) (map[string]string, api.Imported, error) {
	now, err := client.LineStatus(ctx, line, "en")
	if err != nil {
		return nil, api.Imported{}, err
	}
	row := r.values(now.At, words)
	file, err := json.Marshal([]map[string]string{row})
	if err != nil {
		return nil, api.Imported{}, err
	}
	if _, err := contact.Parse(file); err != nil {
		return nil, api.Imported{}, err
	}
	done, err := client.ImportContacts(ctx, line, string(file))
	return row, done, err
}
