// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"openline/agreement"
	"openline/internal/api"
)

// attach takes in the files that a draft is to name.
func (o *online) attach(ctx context.Context, client *api.Client, line string, paths []string) (out []api.Attachment, err error) {
	for _, path := range paths {
		b, err := readInput(path, agreement.MaxAttachments)
		if err != nil {
			return nil, err
		}
		a, err := client.Attach(ctx, line, filepath.Base(path), b)
		if err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, nil
}

func (o *online) attachmentCommand() *cobra.Command {
	var out string
	var asJSON bool
	c := &cobra.Command{
		Use:   "attachment LINE RECORD [N]",
		Short: "What is attached to a record; or keep one of it as a file",
		Long: `What is attached to a record, and where it is complete. With -o the attachment
of number N (default: the only one) is written to a new file, as it came: it has
the digest the record names, and nothing more is known of it. It is never opened,
and no file that is there already is written over.`,
		Example: "  openline attachment harbour red/310\n  openline attachment harbour red/310 2 -o chart.pdf",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 2 || len(args) == 3 {
				return nil
			}
			return usageError("name the line and the record: openline attachment LINE PARTY/NUMBER [N] -o FILE")
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			client, err := o.client()
			if err != nil {
				return err
			}
			r, err := client.Record(cmd.Context(), args[0], args[1], "en")
			if err != nil {
				return err
			}
			if len(args) == 2 && out == "" {
				return o.print(asJSON, r.Attachments, func(w io.Writer) error { return printAttachments(w, r) })
			}
			n, err := whichAttachment(r, args[2:])
			if err != nil {
				return err
			}
			if out == "" {
				return usageError(fmt.Sprintf("say where it is to be written: -o %s", r.Attachments[n-1].FileName))
			}
			b, err := client.ReadAttachment(cmd.Context(), args[0], args[1], n)
			if err != nil {
				return err
			}
			return writeNew(out, b)
		},
	}
	c.Flags().StringVarP(&out, "output", "o", "", "write the attachment to this new file")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func whichAttachment(r api.Record, args []string) (int, error) {
	n := 1
	switch {
	case len(r.Attachments) == 0:
		return 0, fmt.Errorf("nothing is attached to %s", r.Ref)
	case len(args) == 1:
		var err error
		if n, err = strconv.Atoi(args[0]); err != nil || n < 1 || n > len(r.Attachments) {
			return 0, fmt.Errorf("%s has %d attachments, no number %.20s", r.Ref, len(r.Attachments), args[0])
		}
	case len(r.Attachments) > 1:
		return 0, fmt.Errorf("%s has %d attachments; give the number of one", r.Ref, len(r.Attachments))
	}
	return n, nil
}

func printAttachments(w io.Writer, r api.Record) error {
	lines := attachmentWords(r)
	if len(lines) == 0 {
		lines = []string{"nothing is attached to " + r.Ref}
	}
	_, err := io.WriteString(w, strings.Join(lines, "\n")+"\n")
	return err
}

// attachmentWords says what is attached to a record, and where all of it is.
func attachmentWords(r api.Record) (out []string) {
	for _, a := range r.Attachments {
		state := "here"
		switch {
		case a.NotCarried != "":
			state = "not carried: " + a.NotCarried
		case !a.Complete:
			state = fmt.Sprintf("not complete here: %d bytes have come", a.Held)
		}
		out = append(out, fmt.Sprintf("attachment %d: %s, %s, %d bytes, %s", a.N, a.FileName, a.Type, a.Size, state))
	}
	for _, c := range r.CompleteAt {
		words := "attachments complete there: " + c.By
		if c.At != nil {
			words += " since " + dayTime(*c.At)
		}
		out = append(out, words+" ("+c.Ref+")")
	}
	if len(r.Attachments) > 0 && len(r.CompleteAt) == 0 {
		out = append(out, "no party has said that they are complete there")
	}
	return out
}

// attachmentCeiling reads a size as a person writes it; -1 is none, said
// expressly.
func attachmentCeiling(s string) (int64, error) {
	if s == "" {
		return 0, nil
	}
	digits, unit := s, int64(1)
	for suffix, n := range map[string]int64{"K": 1 << 10, "M": 1 << 20} {
		if d, ok := strings.CutSuffix(strings.ToUpper(s), suffix); ok {
			digits, unit = d, n
		}
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n < 0 || n > agreement.MaxAttachments/unit {
		return 0, usageError("write --attachments as a size of at most 64M, like 500K or 10M; 0 carries none")
	}
	if n == 0 {
		return -1, nil
	}
	return n * unit, nil
}
