// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"openline/internal/api"
	"openline/internal/desk/acts"
)

// Reasons for which something is declined, by their codes (spec/catalogue.md).
var reasons = []string{"technical", "desk-unattended", "no-authority-at-this-hour", "holder-absent", "other-office", "rank", "subject", "agenda",
	"time-or-place", "measure-by-the-other-side-first", "suspended", "not-given"}

// permitted are the codes that answer a record.
func (o *online) permitted(ctx context.Context, line, ref string) ([]string, api.Record, error) {
	client, err := o.client()
	if err != nil {
		return nil, api.Record{}, err
	}
	r, err := client.Record(ctx, line, ref, "en")
	if err != nil {
		return nil, r, err
	}
	phrases, err := client.Phrases(ctx, line)
	p, _ := phraseOf(phrases, r.Code)
	return p.Permits, r, err
}

// acceptCommand says yes in the way the record asks for: a window for a
// call, a plain yes for a meeting, a condition, a counter-proposal.
func (o *online) acceptCommand(a acts.Act) *cobra.Command {
	var f saying
	var window string
	var who []string
	c := &cobra.Command{
		Use: a.Use(), Short: "Accept: a call for a window, a meeting, a proposal, a condition",
		Long: `Accept what a record asks for: a call (CR02) for one of the windows that were
offered, and anything that is answered by yes or no (AF01): a meeting, a
counter-proposal, a condition, an item, a sounding. Where a call offers one
window, that one is meant.`,
		Example: "  openline accept harbour red/310 --window 2027-01-11T08:00Z..2027-01-11T09:00Z\n  openline accept harbour red/318",
		Args:    actArgs(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			permits, r, err := o.permitted(cmd.Context(), args[0], args[1])
			if err != nil {
				return err
			}
			d := api.Draft{Code: "AF01", Re: args[1:2]}
			if !slices.Contains(permits, "CR02") {
				if window != "" || len(who) > 0 {
					return usageError(fmt.Sprintf("%s is answered by a plain yes, without --window or --participant", r.Ref))
				}
				return o.say(cmd.Context(), args[0], d, &f)
			}
			if window == "" {
				if window, err = o.onlyWindow(cmd.Context(), args[0], r); err != nil {
					return err
				}
			}
			d = api.Draft{Code: "CR02", Re: args[1:2], Params: map[string]any{"window": window}}
			if len(who) > 0 {
				d.Params["participants"] = strings.Join(who, ";")
			}
			return o.say(cmd.Context(), args[0], d, &f)
		},
	}
	f.add(c)
	c.Flags().StringVar(&window, "window", "", "for which window, as FROM..TO (default: the one that was offered)")
	c.Flags().StringArrayVar(&who, "participant", nil, "who takes part; may be repeated")
	return c
}

// onlyWindow is the window a request offers, where it is one.
func (o *online) onlyWindow(ctx context.Context, line string, r api.Record) (string, error) {
	client, err := o.client()
	if err != nil {
		return "", err
	}
	list, err := client.Dossiers(ctx, line)
	if err != nil {
		return "", err
	}
	about := r.About
	if about == "" {
		about = r.Ref
	}
	for _, d := range list.Affairs.Dossiers {
		if fmt.Sprintf("%s/%d", list.Party(uint64(d.Opening.Party)), d.Opening.Number) == about && len(d.Windows) == 1 {
			w := d.Windows[0]
			at := func(s int64) string { return time.Unix(s, 0).UTC().Format(time.RFC3339) }
			return at(int64(w.From)) + ".." + at(int64(w.To)), nil
		}
	}
	return "", usageError(fmt.Sprintf("say for which window %s is accepted: --window FROM..TO", r.Ref))
}

// holdCommand says when an answer comes, in the way the record permits.
func (o *online) holdCommand(a acts.Act) *cobra.Command {
	var f saying
	var until string
	c := &cobra.Command{
		Use: a.Use(), Short: a.Short,
		Long: `Say that an answer comes by an hour (HD01); where a record is answered by what
is being looked into, the next word (HD02). It moves the clock of that record,
and no other.`,
		Example: "  openline hold harbour red/310 --until 2027-01-11T12:00Z",
		Args:    actArgs(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			if until == "" {
				return usageError("say until when: --until 2027-01-11T12:00Z")
			}
			permits, _, err := o.permitted(cmd.Context(), args[0], args[1])
			if err != nil {
				return err
			}
			code := "HD01"
			if !slices.Contains(permits, code) && slices.Contains(permits, "HD02") {
				code = "HD02"
			}
			return o.say(cmd.Context(), args[0], api.Draft{Code: code, Re: args[1:2], Params: map[string]any{"until": until}}, &f)
		},
	}
	f.add(c)
	c.Flags().StringVar(&until, "until", "", "an answer, or the next word, by this time")
	return c
}

// declineCommand declines with a reason, or says no where that is the answer.
func (o *online) declineCommand(a acts.Act) *cobra.Command {
	var f saying
	var reason, condition string
	list := make([]string, len(reasons))
	for i, r := range reasons {
		list[i] = fmt.Sprintf("  %2d  %s", i+1, r)
	}
	c := &cobra.Command{
		Use: a.Use(), Short: a.Short,
		Long: `Decline a request with a reason (HD05), by its number or its name:

` + strings.Join(list, "\n") + `

What is answered by yes or no is answered no (AF02); the condition is then the
cause.`,
		Example: "  openline decline harbour red/310 --reason time-or-place --condition \"another week\"",
		Args:    actArgs(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			permits, _, err := o.permitted(cmd.Context(), args[0], args[1])
			if err != nil {
				return err
			}
			d := api.Draft{Code: "HD05", Re: args[1:2], Params: map[string]any{}}
			word := "condition"
			if !slices.Contains(permits, "HD05") && slices.Contains(permits, "AF02") {
				d.Code, word = "AF02", "cause"
			} else if d.Params["reason"], err = reasonCode(reason); err != nil {
				return err
			}
			if condition != "" {
				d.Params[word] = condition
			}
			return o.say(cmd.Context(), args[0], d, &f)
		},
	}
	f.add(c)
	c.Flags().StringVar(&reason, "reason", "", "reason, by its number or its name")
	c.Flags().StringVar(&condition, "condition", "", "what would change it, in words")
	return c
}

func reasonCode(s string) (string, error) {
	if i := slices.Index(reasons, s); i >= 0 {
		return strconv.Itoa(i + 1), nil
	}
	if n, err := strconv.Atoi(s); err == nil && n >= 1 && n <= len(reasons) {
		return s, nil
	}
	return "", usageError(fmt.Sprintf("give a reason by number or name, 1 to %d: --reason %s", len(reasons), strings.Join(reasons, ", ")))
}

// maxReadOut bounds a public text.
const maxReadOut = 12 << 10

// readOut reads a public text as both sides digest it: without the white
// space around it.
func readOut(file string) (string, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	text := strings.TrimSpace(string(b))
	if text == "" || len(text) > maxReadOut {
		return "", fmt.Errorf("%s is empty, or longer than %d bytes", file, maxReadOut)
	}
	return text, nil
}

func digestOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// hexOf are the digits of a digest as it is shown, which is its beginning.
func hexOf(shown string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("0123456789abcdef", r) {
			return r
		}
		return -1
	}, shown)
}

func (o *online) sealCommand(a acts.Act) *cobra.Command {
	var f saying
	var file, opens string
	c := &cobra.Command{
		Use: a.Use(), Short: a.Short,
		Long: `Give the digest of this party's public text of a call or meeting (RO01), sealed
until an hour. Keep the file: it is opened with openline readout open. Both
texts are shown once each side that sealed one has opened it.`,
		Example: "  " + a.Example,
		Args:    actArgs(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			if file == "" || opens == "" {
				return usageError("name the text and the hour: --file readout.txt --opens 2027-01-11T12:00Z")
			}
			text, err := readOut(file)
			if err != nil {
				return err
			}
			d := api.Draft{Code: "RO01", Re: args[1:2], Params: map[string]any{"digest": digestOf(text), "opens": opens}}
			return o.say(cmd.Context(), args[0], d, &f)
		},
	}
	f.add(c)
	c.Flags().StringVar(&file, "file", "", "file with the text")
	c.Flags().StringVar(&opens, "opens", "", "when it opens, like 2021-05-21T10:41Z")
	return c
}

func (o *online) openCommand(a acts.Act) *cobra.Command {
	var f saying
	var file string
	c := &cobra.Command{
		Use: a.Use(), Short: a.Short, Example: "  " + a.Example,
		Args: actArgs(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			if file == "" {
				return usageError("name the text that was sealed: --file readout.txt")
			}
			text, err := readOut(file)
			if err != nil {
				return err
			}
			opens, err := o.sealedUntil(cmd.Context(), args[0], args[1], digestOf(text))
			if err != nil {
				return err
			}
			d := api.Draft{Code: "RO01", Re: args[1:2], Params: map[string]any{"digest": digestOf(text), "opens": opens.Format(time.RFC3339), "readout": text}}
			return o.say(cmd.Context(), args[0], d, &f)
		},
	}
	f.add(c)
	c.Flags().StringVar(&file, "file", "", "file with the text that was sealed")
	return c
}

// sealedUntil finds our seal of a text and when it opens; before that hour
// nothing is opened.
func (o *online) sealedUntil(ctx context.Context, line, ref, digest string) (time.Time, error) {
	client, err := o.client()
	if err != nil {
		return time.Time{}, err
	}
	st, err := client.LineStatus(ctx, line, "en")
	if err != nil {
		return time.Time{}, err
	}
	list, err := client.Dossiers(ctx, line)
	if err != nil {
		return time.Time{}, err
	}
	for _, d := range list.Affairs.Dossiers {
		if fmt.Sprintf("%s/%d", list.Party(uint64(d.Opening.Party)), d.Opening.Number) != ref {
			continue
		}
		for _, r := range d.ReadOuts {
			if list.Party(uint64(r.Sealed.Party)) != st.Me {
				continue
			}
			at := time.Unix(int64(r.Opens), 0).UTC()
			sealed, err := client.Record(ctx, line, fmt.Sprintf("%s/%d", st.Me, r.Sealed.Number), "en")
			if err != nil {
				return at, err
			}
			if !strings.HasPrefix(digest, hexOf(sealed.Params["digest"])) {
				return at, fmt.Errorf("the file is not the text that %s sealed; its digest is another", sealed.Ref)
			}
			if st.At.Before(at) {
				return at, fmt.Errorf("%s is sealed until %s", sealed.Ref, dayTime(at))
			}
			return at, nil
		}
	}
	return time.Time{}, errors.New("no read-out of ours is sealed about " + foreign(ref) + "; openline readout seal does that")
}
