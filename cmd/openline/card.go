// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"openline/identity"
	"openline/internal/keys"
)

// cardOut is a party card as JSON.
type cardOut struct {
	Party       identity.Party `json:"party"`
	Title       string         `json:"title"`
	Fingerprint string         `json:"fingerprint"`
	Card        string         `json:"card,omitempty"`
}

func cardJSON(c *identity.PartyCard) cardOut {
	return cardOut{Party: c.Party, Title: c.Title, Fingerprint: c.Key.Fingerprint(c.Party).String()}
}

func (a *app) cardCommand() *cobra.Command {
	return group(&cobra.Command{Use: "card", Short: "Party cards: ours to carry by hand, theirs to take in"}, a.cardShowCommand(), a.cardImportCommand())
}

func (a *app) cardShowCommand() *cobra.Command {
	var note bool
	var out string
	c := &cobra.Command{
		Use:   "show [PARTY]",
		Short: "Show this party's card, or one taken in, with its fingerprint in words",
		Long: `Show this party's card, or that of a party taken in, with its fingerprint in
words. Read the words aloud to each other over a channel you trust, and compare
each word.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usageError("name one party, or none for this one: openline card show [PARTY]")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			h, err := a.home()
			if err != nil {
				return err
			}
			party := h.Party()
			if len(args) == 1 {
				if party, err = identity.ParseParty(args[0]); err != nil {
					return err
				}
			}
			text, card, err := h.CardNote(party)
			if err != nil {
				return err
			}
			v := cardJSON(card)
			v.Card = string(text)
			switch {
			case out != "":
				return keys.WriteFile(out, text)
			case note && !a.json:
				return a.print(v, string(text))
			}
			return a.print(v, fmt.Sprintf("%s\n%s\nFingerprint, for reading aloud:\n  %s\n", v.Party, v.Title, v.Fingerprint))
		},
	}
	c.Flags().BoolVar(&note, "note", false, "print the signed card itself")
	c.Flags().StringVarP(&out, "output", "o", "", "write the signed card to this file")
	return a.jsonFlag(c)
}

func (a *app) cardImportCommand() *cobra.Command {
	var words string
	c := &cobra.Command{
		Use:   "import FILE",
		Short: "Take in the card of another party",
		Long: `Take in the card of another party. A card signs itself, so anybody could have
made it: compare the fingerprint with what the other side reads to you, or give
the words you were read with --fingerprint.`,
		Args: exactly(1, "name the file of the card: openline card import FILE"),
		RunE: func(_ *cobra.Command, args []string) error {
			h, err := a.home()
			if err != nil {
				return err
			}
			b, err := readInput(args[0], 64<<10)
			if err != nil {
				return err
			}
			if words != "" {
				if err := checkWords(b, words); err != nil {
					return err
				}
			}
			card, err := h.ImportCard(b)
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			v := cardJSON(card)
			text := fmt.Sprintf("The card of %s (%s) is taken in.\n", v.Party, v.Title)
			if words == "" {
				text += fmt.Sprintf("Compare its fingerprint with what they read to you:\n  %s\n", v.Fingerprint)
			}
			return a.print(v, text)
		},
	}
	c.Flags().StringVar(&words, "fingerprint", "", "the twelve words you were read; the card is taken in only if it has them")
	return a.jsonFlag(c)
}

func checkWords(note []byte, words string) error {
	f, err := identity.ParseFingerprint(words)
	if err != nil {
		return usageError("--fingerprint: " + err.Error())
	}
	card, err := identity.OpenPartyCard(note)
	if err != nil {
		return err
	}
	if err := f.Check(card.Party, card.Key); err != nil {
		return fmt.Errorf("nothing was taken in: %w", err)
	}
	return nil
}

// readInput reads a file a person named, at most so many bytes of it.
func readInput(path string, most int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(b)) > most {
		err = fmt.Errorf("%s is larger than %d bytes; is it the right file?", path, most)
	}
	return b, err
}
