// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"openline/agreement"
	"openline/agreement/draft"
	"openline/catalogue"
	"openline/identity"
	"openline/internal/home"
	"openline/internal/keys"
	"openline/record"
)

const maxBundle = 2 << 20

func (a *app) agreementCommand() *cobra.Command {
	return group(&cobra.Command{
		Use:   "agreement",
		Short: "The text all parties of a line sign: draft, sign, carry, open",
		Long: `The text all parties of a line sign. One side drafts it and signs; the file is
carried to the next, who counter-signs; when all have signed, each opens it.
Nothing of it is negotiated by machines.`,
	}, a.agreementDraftCommand(), a.agreementAmendCommand(), a.agreementSignCommand(), a.agreementJoinCommand(),
		a.agreementVerifyCommand(), a.agreementOpenCommand(), a.agreementShowCommand())
}

// drafting are the flags of a text to be written.
type drafting struct {
	parties, languages, answered []string
	tests, timedHead             time.Duration
	perMinute                    int
	attachments                  string
	catalogue, out               string
	exercise                     bool
}

func (d *drafting) flags(c *cobra.Command) {
	f := c.Flags()
	f.StringSliceVar(&d.languages, "language", nil, "languages of the line, in order (default: en)")
	f.DurationVar(&d.tests, "tests", 0, "one line test each way every so often (default 1h)")
	f.StringSliceVar(&d.answered, "answered", nil, "times of the day, UTC, at which a person answers a test (default 09:30,15:30)")
	f.DurationVar(&d.timedHead, "timed-head", 0, "interval of timed heads (default 10m)")
	f.IntVar(&d.perMinute, "per-minute", 0, "records of one party a minute (default 600)")
	f.StringVar(&d.attachments, "attachments", "", "attachments of one record together, like 10M, at most 64M; 0: none (default 0)")
	f.StringVarP(&d.out, "output", "o", "", "write the text to this file (default: print it)")
}

func (d *drafting) options() (draft.Options, *catalogue.Catalogue, error) {
	o := draft.Options{
		Exercise: d.exercise, Languages: d.languages, TestsEvery: d.tests, Answered: d.answered, TimedHead: d.timedHead, PerMinute: d.perMinute,
	}
	var err error
	if o.Attachments, err = attachmentCeiling(d.attachments); err != nil {
		return o, nil, err
	}
	ext, err := extensionFiles(d.catalogue)
	if err != nil {
		return o, nil, err
	}
	o.Extensions = slices.Sorted(maps.Keys(ext))
	cat, err := home.DefaultCatalogue(ext)
	return o, cat, err
}

// builtin is the extension that this program brings along; ./affairs is a
// folder of that name. firstOnly names the first release without it.
const (
	builtin   = "affairs"
	firstOnly = "first"
)

// extensionFiles reads the .toml files of a folder, or those of the extension
// that is built in; no folder holds none.
func extensionFiles(dir string) (map[string][]byte, error) {
	switch dir {
	case "", firstOnly:
		return nil, nil
	case builtin:
		return catalogue.AffairsFiles()
	}
	list, err := filepath.Glob(filepath.Join(dir, "*.toml"))
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("there are no .toml files in %s", dir)
	}
	out := map[string][]byte{}
	for _, path := range list {
		if out[filepath.Base(path)], err = readInput(path, 1<<20); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (a *app) agreementDraftCommand() *cobra.Command {
	var d drafting
	var line string
	c := &cobra.Command{
		Use:     "draft --line SLUG",
		Short:   "Write a text to negotiate from",
		Example: "  openline agreement draft --line harbour --language en,zh -o harbour.toml",
		Args:    exactly(0, "it takes no argument: openline agreement draft --line SLUG -o FILE"),
		RunE: func(*cobra.Command, []string) error {
			if line == "" {
				return usageError("give the line a short name: --line SLUG")
			}
			h, err := a.home()
			if err != nil {
				return err
			}
			o, cat, err := d.options()
			if err != nil {
				return err
			}
			var names []identity.Party
			for _, p := range d.parties {
				names = append(names, identity.Party(p))
			}
			if o.Parties, err = h.Parties(names...); err != nil {
				return err
			}
			if len(o.Parties) < agreement.MinParties {
				return errors.New("a line has at least two parties; take in the other's card with openline card import")
			}
			o.Slug, o.Catalogue = line, cat.Digest()
			if o.Languages == nil {
				o.Languages = []string{"en"}
			}
			return a.draft(o, d.out)
		},
	}
	c.Flags().StringVar(&line, "line", "", "short name of the line")
	c.Flags().StringSliceVar(&d.parties, "party", nil, "parties in the order of their numbers (default: this one, then every card taken in)")
	c.Flags().StringVar(&d.catalogue, "catalogue", builtin, "the phrases: affairs, all that are built in; first, those of the first release; or a folder with an extension of your own")
	c.Flags().BoolVar(&d.exercise, "exercise", false, "an exercise line, for good: every record and extract says so")
	d.flags(c)
	return a.jsonFlag(c)
}

func (a *app) agreementAmendCommand() *cobra.Command {
	var d drafting
	c := &cobra.Command{
		Use:   "amend LINE",
		Short: "Write the next version of a line's agreement, to negotiate from",
		Long: `Write the next version of a line's agreement. It is signed and opened like the
first; it governs a party's records from the record by which that party's own
log adopts it (openline say LINE AD01, by two persons).`,
		Args: exactly(1, "name the line: openline agreement amend LINE -o FILE"),
		RunE: func(_ *cobra.Command, args []string) error {
			_, l, err := a.line(args[0])
			if err != nil {
				return err
			}
			o, cat, err := d.options()
			if err != nil {
				return err
			}
			o.Amends = l.Agreements.Newest()
			if d.catalogue != "" {
				o.Catalogue = cat.Digest()
			}
			return a.draft(o, d.out)
		},
	}
	c.Flags().StringVar(&d.catalogue, "catalogue", "", "other phrases than now: affairs, all that are built in; first, those of the first release; or a folder with an extension")
	d.flags(c)
	return a.jsonFlag(c)
}

func (a *app) draft(o draft.Options, out string) error {
	text, err := draft.Text(o)
	if err != nil {
		return err
	}
	if out == "" && !a.json {
		return a.print(nil, text)
	}
	if out != "" {
		if err := writeNew(out, []byte(text)); err != nil {
			return err
		}
	}
	v, err := agreement.Parse(text)
	if err != nil {
		return err
	}
	return a.printAgreement(v, nil, fmt.Sprintf("The draft is in %s. Edit it as you agree; then: openline agreement sign %s -o FILE\n", out, out))
}

// writeNew writes a file for carrying. One that is there is not overwritten.
func writeNew(path string, b []byte) error {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is there already; choose another name, or move it", path)
	}
	return keys.WriteFile(path, b)
}

func (a *app) line(name string) (*home.Home, *home.Line, error) {
	h, err := a.home()
	if err != nil {
		return nil, nil, err
	}
	id, err := h.FindLine(name)
	if err != nil {
		return nil, nil, err
	}
	l, err := h.Line(id)
	return h, l, err
}

type agreementOut struct {
	Line     identity.LineID  `json:"line"`
	Version  uint32           `json:"version"`
	Standing string           `json:"standing"`
	Digest   string           `json:"digest"`
	Parties  []agreementParty `json:"parties"`
	Text     string           `json:"text"`
}

type agreementParty struct {
	Number      record.PartyNo `json:"number"`
	Party       identity.Party `json:"party"`
	Fingerprint string         `json:"fingerprint"`
	Signed      bool           `json:"signed"`
}

func (a *app) printAgreement(v *agreement.Agreement, signed map[identity.Party]bool, words string) error {
	out := agreementOut{Line: v.Line, Version: v.Version, Standing: v.Standing.String(), Digest: fmt.Sprintf("%x", v.Digest()), Text: v.Text()}
	for _, p := range v.Parties {
		out.Parties = append(out.Parties, agreementParty{p.Number, p.Name, p.Key.Fingerprint(p.Name).String(), signed[p.Name]})
	}
	return a.print(out, words)
}

// signatures says in words who has signed.
func signatures(v *agreement.Agreement, signed map[identity.Party]bool) string {
	var b strings.Builder
	for _, p := range v.Parties {
		state := "not signed yet"
		if signed[p.Name] {
			state = "signed, Ed25519 and ML-DSA-44"
		}
		fmt.Fprintf(&b, "  %s: %s\n    key %s\n", p.Name, state, p.Key.Fingerprint(p.Name))
	}
	return b.String()
}
