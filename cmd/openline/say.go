// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"openline/internal/api"
)

func (o *online) sayCommand() *cobra.Command {
	var f saying
	var list bool
	c := &cobra.Command{
		Use:   "say LINE CODE [key=value…]",
		Short: "Put a phrase on a line",
		Long: `Put a phrase on a line. Parameters are written key=value; text=… is the free
text, ref=party/number the record it answers. It returns when the record is
durable here, and waits a little for the receipt.`,
		Example: "  openline say harbour TX01 text=\"Good morning.\"\n  openline say harbour RQ01 ref=blue/412",
		Args: func(_ *cobra.Command, args []string) error {
			if list && len(args) == 1 || len(args) >= 2 {
				return nil
			}
			return usageError("name the line and the phrase: openline say LINE CODE key=value…; openline say LINE --list shows the phrases")
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if list {
				return o.listPhrases(cmd.Context(), args[0], f.json)
			}
			params, err := keyValues(args[2:])
			if err != nil {
				return err
			}
			return o.say(cmd.Context(), args[0], api.Draft{Code: strings.ToUpper(args[1]), Params: params}, &f)
		},
	}
	f.add(c)
	c.Flags().BoolVar(&list, "list", false, "list what can be said on the line")
	return c
}

func keyValues(args []string) (map[string]any, error) {
	out := map[string]any{}
	for _, a := range args {
		key, value, ok := strings.Cut(a, "=")
		if !ok || key == "" {
			return nil, fmt.Errorf("%.60q is no parameter; write key=value, like text=\"Good morning.\"", a)
		}
		if _, twice := out[key]; twice {
			return nil, fmt.Errorf("%s is given twice; separate the elements of a list by semicolons", key)
		}
		out[key] = value
	}
	return out, nil
}

func (o *online) listPhrases(ctx context.Context, line string, asJSON bool) error {
	client, err := o.client()
	if err != nil {
		return err
	}
	phrases, err := client.Phrases(ctx, line)
	if err != nil {
		return err
	}
	return o.print(asJSON, phrases, func(w io.Writer) error {
		t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		for _, p := range phrases {
			var params []string
			for _, q := range p.Params {
				name := q.Name + "=" + q.Kind
				if len(q.Values) > 0 {
					name = q.Name + "=" + strings.Join(q.Values, "|")
				}
				if q.Optional {
					name = "[" + name + "]"
				}
				params = append(params, name)
			}
			fmt.Fprintf(t, "%s\t%s\t%s\n", p.Code, p.Gloss, strings.Join(params, " "))
		}
		return t.Flush()
	})
}
