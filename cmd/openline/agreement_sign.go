// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"openline/agreement"
	"openline/agreement/draft"
	"openline/catalogue"
	"openline/identity"
	"openline/internal/home"
)

func (a *app) agreementSignCommand() *cobra.Command {
	var out string
	c := &cobra.Command{
		Use:   "sign FILE -o OUT",
		Short: "Sign a text with the party's key, or counter-sign what others have signed",
		Long: `Sign a text with the party's key, or counter-sign what others have signed. Every
key the text names must be on a card that was taken in.`,
		Args: exactly(1, "name the text or the signed file: openline agreement sign FILE -o OUT"),
		RunE: func(_ *cobra.Command, args []string) error {
			if out == "" {
				return usageError("say where the signed file goes: -o OUT")
			}
			h, err := a.home()
			if err != nil {
				return err
			}
			b, err := readInput(args[0], maxBundle)
			if err != nil {
				return err
			}
			party, err := a.party(h)
			if err != nil {
				return err
			}
			bundle, v, err := h.SignAgreement(b, party)
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			return a.signed(out, bundle, v)
		},
	}
	c.Flags().StringVarP(&out, "output", "o", "", "write the signed file here")
	a.secrets.partyFlags(c)
	return a.jsonFlag(c)
}

// signed writes a bundle and says whose signature it lacks.
func (a *app) signed(out string, bundle []byte, v *agreement.Agreement) error {
	_, signed, err := agreement.OpenPartly(bundle)
	if err != nil {
		return err
	}
	if err := writeNew(out, bundle); err != nil {
		return err
	}
	next := "All have signed. Carry it to the others; each opens it: openline agreement open " + out
	if missing := lacking(v, signed); len(missing) > 0 {
		next = "Carry it to " + strings.Join(missing, ", ") + " to be counter-signed."
	}
	return a.printAgreement(v, signed, fmt.Sprintf("%s, version %d, is in %s.\n%s%s\n", v.Line, v.Version, out, signatures(v, signed), next))
}

func lacking(v *agreement.Agreement, signed map[identity.Party]bool) (out []string) {
	for _, p := range v.Parties {
		if !signed[p.Name] {
			out = append(out, string(p.Name))
		}
	}
	return out
}

func (a *app) agreementJoinCommand() *cobra.Command {
	var out string
	c := &cobra.Command{
		Use:   "join FILE FILE… -o OUT",
		Short: "Put signatures that were given apart under their one text",
		Args:  atLeast(2, "name the signed files: openline agreement join FILE FILE… -o OUT"),
		RunE: func(_ *cobra.Command, args []string) error {
			if out == "" {
				return usageError("say where the joined file goes: -o OUT")
			}
			var notes [][]byte
			for _, name := range args {
				b, err := readInput(name, maxBundle)
				if err != nil {
					return err
				}
				notes = append(notes, b)
			}
			bundle, err := agreement.Join(notes...)
			if err != nil {
				return err
			}
			v, _, err := agreement.OpenPartly(bundle)
			if err != nil {
				return err
			}
			return a.signed(out, bundle, v)
		},
	}
	c.Flags().StringVarP(&out, "output", "o", "", "write the joined file here")
	return a.jsonFlag(c)
}

func (a *app) agreementVerifyCommand() *cobra.Command {
	return a.jsonFlag(&cobra.Command{
		Use:   "verify FILE",
		Short: "Check a signed file: the text, and both signatures of every party",
		Long: `Check a signed file: the text, and both signatures of every party. The exit
status is 0 only if all have signed. No directory is needed.`,
		Args: exactly(1, "name the signed file: openline agreement verify FILE"),
		RunE: func(_ *cobra.Command, args []string) error {
			b, err := readInput(args[0], maxBundle)
			if err != nil {
				return err
			}
			if !home.IsSigned(b) {
				return fmt.Errorf("%s holds no signatures yet; sign it: openline agreement sign %s -o FILE", args[0], args[0])
			}
			v, signed, err := agreement.OpenPartly(b)
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			words := fmt.Sprintf("%s, version %d, standing %s\nsha256:%x\n%s", v.Line, v.Version, v.Standing, v.Digest(), signatures(v, signed))
			if err := a.printAgreement(v, signed, words); err != nil {
				return err
			}
			_, err = agreement.Open(b)
			return err
		},
	})
}

func (a *app) agreementShowCommand() *cobra.Command {
	var version uint32
	c := &cobra.Command{
		Use:   "show LINE|FILE",
		Short: "Print the copy that names this party first (the alternat)",
		Args:  exactly(1, "name the line, or a file: openline agreement show LINE|FILE"),
		RunE: func(_ *cobra.Command, args []string) error {
			h, err := a.home()
			if err != nil {
				return err
			}
			v, signed, err := shown(h, args[0], version)
			if err != nil {
				return err
			}
			me, ok := v.ByName(h.Party())
			if !ok {
				return fmt.Errorf("%s is not a party of this agreement", h.Party())
			}
			return a.printAgreement(v, signed, draft.Print(v, me.Number)+"\n"+signatures(v, signed))
		},
	}
	c.Flags().Uint32Var(&version, "version", 0, "a version of the line's agreement (default: the newest)")
	return a.jsonFlag(c)
}

// shown is the agreement of a line here, or of a file not opened yet.
func shown(h *home.Home, name string, version uint32) (*agreement.Agreement, map[identity.Party]bool, error) {
	if id, err := h.FindLine(name); err == nil {
		bundles, err := h.Bundles(id)
		if err != nil {
			return nil, nil, err
		}
		if version == 0 {
			version = uint32(len(bundles))
		}
		if version > uint32(len(bundles)) {
			return nil, nil, fmt.Errorf("line %s has versions 1 to %d", id, len(bundles))
		}
		return agreement.OpenPartly(bundles[version-1])
	}
	b, err := readInput(name, maxBundle)
	if err != nil {
		return nil, nil, fmt.Errorf("there is no line %.80q here, and no such file: %w", name, err)
	}
	if home.IsSigned(b) {
		return agreement.OpenPartly(b)
	}
	v, err := agreement.Parse(string(b))
	return v, nil, err
}

func (a *app) agreementOpenCommand() *cobra.Command {
	var dial []string
	var extension string
	c := &cobra.Command{
		Use:   "open FILE",
		Short: "Take in an agreement that all have signed, and open the line",
		Long: `Take in an agreement that all have signed. The first version opens the line: the
station's keys of generation 1 are made and sealed, and the party's key signs
the station card that names them. A later version is kept until this party's
log adopts it (openline say LINE AD01, by two persons).`,
		Example: "  openline agreement open harbour.signed --dial red.example=red.example:7420",
		Args:    exactly(1, "name the signed file: openline agreement open FILE"),
		RunE: func(_ *cobra.Command, args []string) error {
			addrs, err := parseDial(dial)
			if err != nil {
				return err
			}
			h, err := a.home()
			if err != nil {
				return err
			}
			b, err := readInput(args[0], maxBundle)
			if err != nil {
				return err
			}
			return a.open(h, b, extension, addrs)
		},
	}
	c.Flags().StringArrayVar(&dial, "dial", nil, "where another party is dialed: PARTY=HOST:PORT; more than once for more")
	c.Flags().StringVar(&extension, "catalogue", "", "folder with the extension of the catalogue that the agreement names; what is built in needs none")
	a.secrets.partyFlags(c)
	a.secrets.stationFlags(c)
	return a.jsonFlag(c)
}

// builtinOf is the extension this program brings along, if the agreement
// names its files and no others. Whether they are the very ones, its digest says.
func builtinOf(v *agreement.Agreement) (string, error) {
	files, err := catalogue.AffairsFiles()
	if err != nil {
		return "", err
	}
	if slices.Equal(slices.Sorted(slices.Values(v.Extensions)), slices.Sorted(maps.Keys(files))) {
		return builtin, nil
	}
	return "", nil
}

func parseDial(list []string) (map[string][]string, error) {
	out := map[string][]string{}
	for _, d := range list {
		party, addr, ok := strings.Cut(d, "=")
		if !ok {
			return nil, usageError(fmt.Sprintf("--dial %.60q: write PARTY=HOST:PORT", d))
		}
		out[party] = append(out[party], addr)
	}
	return out, nil
}

func (a *app) open(h *home.Home, bundle []byte, extension string, dial map[string][]string) error {
	v, err := agreement.Open(bundle)
	if err != nil {
		return err
	}
	for party := range dial {
		if _, ok := v.ByName(identity.Party(party)); !ok || party == string(h.Party()) {
			return usageError(fmt.Sprintf("--dial %.80s: it is not another party of this agreement", party))
		}
	}
	if extension == "" {
		if extension, err = builtinOf(v); err != nil {
			return err
		}
	}
	ext, err := extensionFiles(extension)
	if err != nil {
		return err
	}
	cat, err := home.DefaultCatalogue(ext)
	if err != nil {
		return err
	}
	signed := map[identity.Party]bool{}
	for _, p := range v.Parties {
		signed[p.Name] = true
	}
	if v.Version > 1 {
		if _, err := h.AddVersion(bundle, cat); err != nil {
			return err
		}
		return a.printAgreement(v, signed, fmt.Sprintf("Version %d of %s is taken in. It governs our records once our log adopts it, by two persons.\n"+
			"Start the station anew, then:\n  openline say %s AD01 version=%d digest=%x --as NAME --as NAME\n", v.Version, v.Line, v.Line, v.Version, v.Digest()))
	}
	party, err := a.party(h)
	if err != nil {
		return err
	}
	lock, err := a.stationLock(len(haveKeys(h)) == 0)
	if err != nil {
		return err
	}
	id, err := h.OpenLine(bundle, cat, party, lock, dial, uint64(time.Now().Unix()))
	if err != nil {
		return err
	}
	return a.printAgreement(v, signed, fmt.Sprintf("The line %s is open here, with station keys of generation 1.\n"+
		"The party's key is not needed to run it: carry it off. Start the station: openline serve %s\n", id, h.Dir))
}

// haveKeys lists generations of all lines: where there are none, a secret is
// a new one and asked for twice.
func haveKeys(h *home.Home) (out []uint32) {
	ids, err := h.Lines()
	if err != nil {
		return nil
	}
	for _, id := range ids {
		list, err := h.Keys().Generations(id)
		if err == nil {
			out = append(out, list...)
		}
	}
	return out
}
