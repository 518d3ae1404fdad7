// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"openline/identity"
	"openline/internal/home"
	"openline/internal/keys"
)

const aboutMarks = "say where the high-water marks lie: --mark PATH, a folder on another disk, by which a restored or copied disk is known at once; " +
	"or --no-mark: after every start this station takes what people say but signs nothing until it has heard the other side"

func (a *app) initCommand() *cobra.Command {
	var s home.Settings
	var unattended string
	c := &cobra.Command{
		Use:   "init --party NAME --title TEXT (--mark PATH | --no-mark) DIR",
		Short: "Make a station's directory, with the party's key and card",
		Long: `Make a station's directory: its settings (station.toml), the party's key, sealed
under a passphrase, and the party's card to carry to the others.

The party's key signs cards and agreements. The station runs without it: carry
it off once the line is open. Its passphrase is asked for, or comes from
` + envParty + ` or --party-secret-file.

--unattended FILE draws a secret of 32 random bytes and writes it to FILE, to be
given to later commands as --secret-file FILE, so that the station starts with
nobody there. Without it the station's keys are under a passphrase.`,
		Example: "  openline init --party blue.example --title \"Duty desk of Blue\" --mark /mnt/second/openline --listen :7420 blue",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usageError("name one directory: openline init … DIR")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			dir, err := a.directory(args)
			if err != nil {
				return err
			}
			if err := checkInit(&s); err != nil {
				return err
			}
			return a.init(dir, s, unattended)
		},
	}
	f := c.Flags()
	f.StringVar(&s.Party, "party", "", "the party's name, like blue.example")
	f.StringVar(&s.Title, "title", "", "what it is called in full")
	f.StringVar(&s.Language, "lang", "en", "language of the desk")
	f.StringVar(&s.Listen, "listen", "", "where other stations dial, host:port (default: this station only dials)")
	f.StringVar(&s.Mark, "mark", "", "folder on another disk for the high-water marks")
	f.BoolVar(&s.NoMark, "no-mark", false, "keep no high-water mark")
	f.StringVar(&unattended, "unattended", "", "draw an unattended secret and write it to this file")
	f.StringVar(&a.secrets.partyFile, "party-secret-file", "", "file with the secret of the party's key (or "+envParty+")")
	return a.jsonFlag(c)
}

func checkInit(s *home.Settings) error {
	switch {
	case s.Party == "":
		return usageError("name the party: --party blue.example")
	case s.Title == "":
		return usageError("say what the party is called in full: --title TEXT")
	case s.Mark != "" && s.NoMark:
		return usageError("--mark and --no-mark exclude each other; " + aboutMarks)
	case s.Mark == "" && !s.NoMark:
		return usageError(aboutMarks)
	}
	if _, err := identity.ParseParty(s.Party); err != nil {
		return usageError("--party: " + err.Error())
	}
	return nil
}

func (a *app) init(dir string, s home.Settings, unattended string) error {
	// A relative path is meant from where the person is, not from DIR.
	if s.Mark != "" {
		mark, err := filepath.Abs(s.Mark)
		if err != nil {
			return err
		}
		s.Mark = mark
	}
	if unattended != "" {
		if err := absent(unattended); err != nil {
			return err
		}
	}
	lock, err := a.partyLock(true)
	if err != nil {
		return err
	}
	h, err := home.Create(dir, s, lock)
	if err != nil {
		return err
	}
	if unattended != "" {
		if err := drawUnattended(unattended); err != nil {
			return fmt.Errorf("the station is made, but its unattended secret is not: %w", err)
		}
	}
	_, card, err := h.Card()
	if err != nil {
		return err
	}
	words := fmt.Sprintf("A station of %s is made in %s.\nFingerprint, for reading aloud:\n  %s\n"+
		"Next: carry %s/party.card to the other party, and take in theirs with openline card import.\n",
		card.Party, h.Dir, card.Key.Fingerprint(card.Party), h.Dir)
	if s.NoMark {
		words += "It keeps no high-water mark: after every start it signs nothing until it has heard the other side.\n"
	}
	return a.print(cardJSON(card), words)
}

func drawUnattended(path string) error {
	if err := absent(path); err != nil {
		return err
	}
	_, text, err := keys.NewUnattended()
	if err != nil {
		return err
	}
	return keys.WriteFile(path, []byte(text+"\n"))
}

// absent asks that a secret's file is not there, before anything is made.
func absent(path string) error {
	if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%s is there already; a secret is never overwritten", path)
	}
	return nil
}
