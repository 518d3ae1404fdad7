// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"openline/agreement"
	"openline/extract"
	"openline/identity"
	"openline/internal/api"
	"openline/tlog"
	"openline/tlog/evidence"
)

// accusationHead is the first line of a file that carries an accusation with
// what it is verified by (spec/log.md).
const accusationHead = "openline accusation file 1\n"

// accusationParts name what follows it, in this order.
var accusationParts = [...]string{"agreement", "card", "accusation"}

// maxAccusationFile bounds such a file, and each part of it.
const maxAccusationFile = 4 << 20

func (a *app) accusationsCommand() *cobra.Command {
	var out string
	c := &cobra.Command{
		Use:   "accusations LINE [-o DIR]",
		Short: "Pairs of statements on a line that cannot both be true, as files anyone can verify",
		Long: `List the pairs of signed statements on a line that cannot both be true, and with
-o write each into a file that carries the agreement, the signer's card and both
statements. Anyone can verify it offline with openline verify.

Such a pair names no motive: broken disks, restored backups and copied machines
can cause one.`,
		Example: "  openline accusations harbour -o .",
		Args:    exactly(1, "name the line: openline accusations LINE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			h, l, err := a.line(args[0])
			if err != nil {
				return err
			}
			kept, err := api.NewClient(h.Socket()).Accusations(cmd.Context(), string(l.ID))
			if err != nil {
				return err
			}
			bundles, err := h.Bundles(l.ID)
			if err != nil {
				return err
			}
			var words strings.Builder
			fmt.Fprintf(&words, "%d on line %s\n", len(kept), l.ID)
			for i, k := range kept {
				fmt.Fprintf(&words, "%s, generation %d: %s\n", k.Party, k.Generation, k.Kind)
				if out == "" {
					continue
				}
				path := filepath.Join(out, fmt.Sprintf("%s-%s-%d.accusation", l.ID, k.Party, i+1))
				if err := writeNew(path, formatAccusationFile(bundles[len(bundles)-1], k.Card, k.Accusation)); err != nil {
					return err
				}
				fmt.Fprintf(&words, "  %s\n", path)
			}
			return a.print(kept, words.String())
		},
	}
	c.Flags().StringVarP(&out, "output", "o", "", "write each into a file in this directory")
	return a.jsonFlag(c)
}

// formatAccusationFile writes the parts, each behind its name and length.
func formatAccusationFile(parts ...[]byte) []byte {
	var b bytes.Buffer
	b.WriteString(accusationHead)
	for i, p := range parts {
		fmt.Fprintf(&b, "%s %d\n%s", accusationParts[i], len(p), p)
	}
	return b.Bytes()
}

// parseAccusationFile reads what formatAccusationFile writes, and nothing
// else.
func parseAccusationFile(b []byte) (parts [][]byte, err error) {
	rest, ok := bytes.CutPrefix(b, []byte(accusationHead))
	if !ok {
		return nil, fmt.Errorf("it does not begin with %q", accusationHead)
	}
	for _, name := range accusationParts {
		line, after, ok := bytes.Cut(rest, []byte("\n"))
		digits, named := strings.CutPrefix(string(line), name+" ")
		n, err := strconv.Atoi(digits)
		if !ok || !named || err != nil || n < 0 || n > len(after) {
			return nil, fmt.Errorf("its part %q is not there whole", name)
		}
		parts, rest = append(parts, after[:n]), after[n:]
	}
	if !bytes.Equal(formatAccusationFile(parts...), b) {
		return nil, errors.New("it is not in its one spelling, or more follows")
	}
	return parts, nil
}

// accused is what an accusation file shows.
type accused struct {
	Line        identity.LineID
	Party       identity.Party
	Generation  uint32
	Kind        string
	Standing    string
	Fingerprint string
	Vouched     bool
	Holds       bool
}

func judgeAccusation(b []byte, o extract.Options) (*accused, error) {
	parts, err := parseAccusationFile(b)
	if err != nil {
		return nil, err
	}
	text, err := agreement.Open(parts[0])
	if err != nil {
		return nil, fmt.Errorf("agreement: %w", err)
	}
	claim, err := identity.UnsafeParseStationCard(parts[1])
	if err != nil {
		return nil, fmt.Errorf("station card: %w", err)
	}
	p, ok := text.ByName(claim.Party)
	if !ok || claim.Line != text.Line {
		return nil, fmt.Errorf("the station card is of %s on line %s, which is not of this agreement", claim.Party, claim.Line)
	}
	card, err := identity.OpenStationCard(parts[1], p.Key)
	if err != nil {
		return nil, fmt.Errorf("station card: %w", err)
	}
	keys, err := tlog.KeysOf(card)
	if err != nil {
		return nil, err
	}
	acc, err := evidence.ParseAccusation(parts[2])
	if err != nil {
		return nil, err
	}
	if err := evidence.Verify(acc, keys); err != nil {
		return nil, err
	}
	out := &accused{Line: card.Line, Party: card.Party, Generation: card.Generation, Kind: acc.Kind, Standing: text.Standing.String(),
		Fingerprint: p.Key.Fingerprint(p.Name).String(), Holds: true}
	if given, ok := o.Fingerprints[p.Name]; ok {
		if err := given.Check(p.Name, p.Key); err != nil {
			return nil, fmt.Errorf("%w than the one you gave", err)
		}
		out.Vouched = true
	}
	return out, nil
}

func (r *accused) text() string {
	var b strings.Builder
	if r.Standing == "exercise" {
		b.WriteString("EXERCISE. This line is an exercise for good.\n")
	}
	fmt.Fprintf(&b, "%s signed, on line %s in generation %d, two statements that cannot both be true:\n%s.\n", r.Party, r.Line, r.Generation, r.Kind)
	b.WriteString("It names no motive: broken disks, restored backups and copied machines can cause it.\n")
	fmt.Fprintf(&b, "Keys of %s: %s", r.Party, r.Fingerprint)
	if !r.Vouched {
		b.WriteString(" (not vouched for)")
	}
	return b.String() + "\n"
}

func (a *app) verifyAccusation(path string, o extract.Options) error {
	b, err := readInput(path, maxAccusationFile)
	if err != nil {
		return err
	}
	r, err := judgeAccusation(b, o)
	if err != nil {
		return fmt.Errorf("%s does not verify: %w", path, err)
	}
	if err := a.print(r, r.text()); err != nil {
		return err
	}
	if !r.Vouched {
		fmt.Fprintln(a.io.err, "openline: it holds, but the keys are unvouched; give the fingerprint you were read: --fingerprint PARTY=WORDS")
		return exitCode(exitUnvouched)
	}
	return nil
}
