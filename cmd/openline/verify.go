// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"openline/extract"
	"openline/identity"
)

func (a *app) verifyCommand() *cobra.Command {
	var given []string
	cmd := &cobra.Command{
		Use:   "verify FILE.zip [--fingerprint PARTY=WORDS…]",
		Short: "Verify an extract offline: what holds, on whose word, at whose time",
		Long: `Verify an extract of the record offline, or a file that openline accusations
wrote. Nothing is asked of any station.
Exit status 0 only if everything holds; 3 if it holds but the fingerprints of
the parties were not given.`,
		Example: `  openline verify extract.zip --fingerprint blue.example="abandon ability able …"`,
		Args:    exactly(1, "name the extract: openline verify FILE.zip"),
		RunE: func(_ *cobra.Command, args []string) error {
			o, err := fingerprints(given)
			if err != nil {
				return err
			}
			return a.verify(args[0], o)
		},
	}
	cmd.Flags().StringArrayVar(&given, "fingerprint", nil, "a party's fingerprint as it was read to you, PARTY=WORDS")
	return a.jsonFlag(cmd)
}

func fingerprints(given []string) (extract.Options, error) {
	o := extract.Options{Fingerprints: map[identity.Party]identity.Fingerprint{}}
	for _, g := range given {
		name, words, ok := strings.Cut(g, "=")
		p, err := identity.ParseParty(name)
		if !ok || err != nil {
			return o, usageError(fmt.Sprintf("--fingerprint %.40q: write PARTY=WORDS", g))
		}
		fp, err := identity.ParseFingerprint(words)
		if err != nil {
			return o, usageError(fmt.Sprintf("--fingerprint %s: %v", p, err))
		}
		o.Fingerprints[p] = fp
	}
	return o, nil
}

func (a *app) verify(path string, o extract.Options) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	head := make([]byte, len(accusationHead))
	if n, _ := f.ReadAt(head, 0); string(head[:n]) == accusationHead {
		return errors.Join(f.Close(), a.verifyAccusation(path, o))
	}
	info, err := f.Stat()
	if err != nil {
		return errors.Join(err, f.Close())
	}
	report, err := extract.VerifyFrom(f, info.Size(), o)
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("%s does not verify: %w", path, err)
	}
	if err := a.print(reportOut{report, report.Holds(), report.Vouched()}, report.Text()); err != nil {
		return err
	}
	switch {
	case !report.Holds():
		return fmt.Errorf("the extract is sound, but does not carry its sentence: step %d, %s", report.NoReply.Step, report.NoReply.Reason)
	case !report.Vouched():
		fmt.Fprintln(a.io.err, "openline: the extract holds, but the keys are unvouched; give the fingerprints you were read: --fingerprint PARTY=WORDS")
		return exitCode(exitUnvouched)
	}
	return nil
}

// reportOut is a report as JSON.
type reportOut struct {
	*extract.Report
	Holds   bool
	Vouched bool
}
