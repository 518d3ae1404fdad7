// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"

	"openline/internal/api"
	"openline/internal/desk/acts"
)

// proposed are drafts that a file proposes, and what of it was not read.
type proposed struct {
	Drafts []acts.Draft `json:"drafts"`
	Notes  []string     `json:"notes"`
	Faults []string     `json:"faults"` // of each draft: why it cannot be said; empty: it can
	Said   []api.Said   `json:"said"`
}

// propose shows the drafts of a file, each held to the line's rules, and says
// them only where it was told to and none has a fault.
func (o *online) propose(ctx context.Context, line string, drafts []acts.Draft, notes []string, say bool, f *saying) error {
	client, err := o.client()
	if err != nil {
		return err
	}
	out := proposed{Drafts: append([]acts.Draft{}, drafts...), Notes: append([]string{}, notes...), Faults: []string{}, Said: []api.Said{}}
	faults := 0
	for _, d := range drafts {
		fault := ""
		if _, err := client.Prepare(ctx, line, draftOf(d, f)); err != nil {
			fault = oneLine(err)
			faults++
		}
		out.Faults = append(out.Faults, fault)
	}
	if say && faults == 0 {
		for _, d := range drafts {
			said, err := o.sayRecords(ctx, line, draftOf(d, f), f)
			if err != nil {
				return fmt.Errorf("%d of %d are said; %s: %w", len(out.Said), len(drafts), d.Code, err)
			}
			out.Said = append(out.Said, said)
		}
	}
	if err := o.print(f.json, out, func(w io.Writer) error { return writeProposed(w, line, out, say) }); err != nil {
		return err
	}
	if say && faults > 0 {
		return fmt.Errorf("nothing is said: %d of %d drafts cannot be", faults, len(drafts))
	}
	return nil
}

func draftOf(d acts.Draft, f *saying) api.Draft {
	out := api.Draft{Code: d.Code, Params: map[string]any{}, Status: d.Status, To: f.to, From: f.post}
	for name, v := range d.Params {
		out.Params[name] = v
	}
	if d.Re != "" {
		out.Re = []string{d.Re}
	}
	return out
}

func writeProposed(w io.Writer, line string, out proposed, say bool) error {
	for i, d := range out.Drafts {
		fmt.Fprintf(w, "%s\n  %s\n", foreign(d.Why), foreign(d.Line(line)))
		if out.Faults[i] != "" {
			fmt.Fprintf(w, "  cannot be said: %s\n", foreign(out.Faults[i]))
		}
		if i < len(out.Said) {
			for _, r := range out.Said[i].Records {
				fmt.Fprintf(w, "  %s\n", saidWords(r))
			}
		}
	}
	for _, n := range out.Notes {
		fmt.Fprintf(w, "not read: %s\n", foreign(n))
	}
	switch {
	case len(out.Drafts) == 0:
		fmt.Fprintln(w, "The file proposes nothing to be said.")
	case !say:
		fmt.Fprintf(w, "Nothing is said. Say %d with --say, or each by its line above.\n", len(out.Drafts))
	}
	return nil
}
