// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"openline/internal/boot"
	"openline/internal/home"
)

func (a *app) restoreCommand() *cobra.Command {
	var people []string
	var base uint64
	var renewOnly bool
	c := &cobra.Command{
		Use:   "restore FILE [DIR] --as NAME --as NAME --party-key PATH",
		Short: "Make a station from a backup; it always opens a new generation, by two persons",
		Long: `Make a station's directory from a backup, and open a new generation on each of
its lines. What was signed after the backup is not in it, so the old keys must
never sign again: there is no way to restore without a new generation. Records
made since the backup come back from the other side's copy.

Numbers of records and of generations go on above every one that can have been
used since the backup, as its age tells. --base says another first number, if the
other side has told the highest one it holds.

If the new generations could not be opened (a wrong passphrase), run it again
with --again: the directory is there.`,
		Example: "  openline restore blue.backup blue --party-key /media/stick/party.key --as ames --as baker",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 && !renewOnly || len(args) > 2 {
				return usageError("name the backup and a directory that is not there yet: openline restore FILE DIR")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if len(people) < 2 {
				return usageError("a restore opens a new generation, which takes two persons: --as NAME --as NAME")
			}
			if renewOnly {
				h, err := a.home(args...)
				if err != nil {
					return err
				}
				return a.renewAll(h, people, base)
			}
			return a.restore(args[0], args[1:], people, base)
		},
	}
	f := c.Flags()
	f.StringArrayVar(&people, "as", nil, "a person of this party who decides it; two of them")
	f.Uint64Var(&base, "base", 0, "number of the first record (default: above every one that can have been used)")
	f.BoolVar(&renewOnly, "again", false, "the directory was restored, open the new generations that are missing: openline restore --again DIR")
	a.secrets.partyFlags(c)
	a.secrets.stationFlags(c)
	return a.jsonFlag(c)
}

func (a *app) restore(file string, args, people []string, base uint64) (err error) {
	dir, err := a.directory(args)
	if err != nil {
		return err
	}
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	h, err := home.Restore(f, dir)
	if err != nil {
		return err
	}
	if err := a.renewAll(h, people, base); err != nil {
		return fmt.Errorf("%w; the directory %s is restored, but cannot start before its new generations are open: openline restore --again %s", err, h.Dir, h.Dir)
	}
	return nil
}

// renewAll opens a new generation on every line whose newest keys are not
// here: those of a directory that was restored.
func (a *app) renewAll(h *home.Home, people []string, base uint64) error {
	ids, err := h.Lines()
	if err != nil {
		return err
	}
	r := boot.Renewal{Base: base, Restored: true, People: people}
	out := []renewedOut{}
	var words strings.Builder
	for _, id := range ids {
		restored, err := h.LacksKeys(id)
		if err != nil {
			return err
		}
		if !restored {
			continue
		}
		r.Line = id
		one, err := a.renewed(h, &r)
		if err != nil {
			return err
		}
		out = append(out, one)
		words.WriteString(renewedWords(one))
	}
	if len(out) == 0 {
		words.WriteString("There is no line that lacks its keys; nothing was changed.\n")
	}
	return a.print(out, words.String())
}
