// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"openline/identity"
	"openline/internal/boot"
	"openline/internal/home"
)

func (a *app) keysCommand() *cobra.Command {
	return group(&cobra.Command{Use: "keys", Short: "Fingerprints in words; a new generation of keys, by two persons"}, a.keysShowCommand(), a.keysRenewCommand())
}

type keysOut struct {
	Party       identity.Party `json:"party"`
	Fingerprint string         `json:"fingerprint"`
	PartyKey    bool           `json:"party_key_here"`
	Lines       []lineKeys     `json:"lines"`
}

type lineKeys struct {
	Line        identity.LineID `json:"line"`
	Generations []generationOut `json:"generations"`
}

type generationOut struct {
	Generation uint32    `json:"generation"`
	Base       uint64    `json:"base"`
	Issued     time.Time `json:"issued"`
	Card       string    `json:"card" doc:"Digest of the station card"`
	KeyHere    bool      `json:"key_here"`
}

func (a *app) keysShowCommand() *cobra.Command {
	return a.jsonFlag(&cobra.Command{
		Use:   "show",
		Short: "Show the party's fingerprint and the generations of each line",
		Args:  exactly(0, "it takes no argument: openline keys show"),
		RunE: func(*cobra.Command, []string) error {
			h, err := a.home()
			if err != nil {
				return err
			}
			out, err := keysOf(h)
			if err != nil {
				return err
			}
			return a.print(out, keysWords(out))
		},
	})
}

func keysOf(h *home.Home) (keysOut, error) {
	_, card, err := h.Card()
	if err != nil {
		return keysOut{}, err
	}
	out := keysOut{Party: card.Party, Fingerprint: card.Key.Fingerprint(card.Party).String(), PartyKey: h.HasPartyKey(), Lines: []lineKeys{}}
	ids, err := h.Lines()
	if err != nil {
		return out, err
	}
	for _, id := range ids {
		cards, err := h.OwnCards(id, card.Key)
		if err != nil {
			return out, err
		}
		have, err := h.Keys().Generations(id)
		if err != nil {
			return out, err
		}
		l := lineKeys{Line: id}
		for _, c := range cards {
			g := generationOut{Generation: c.Generation, Base: c.Base, Issued: time.Unix(int64(c.Issued), 0).UTC(), Card: fmt.Sprintf("%x", c.Digest())}
			for _, n := range have {
				g.KeyHere = g.KeyHere || n == c.Generation
			}
			l.Generations = append(l.Generations, g)
		}
		out.Lines = append(out.Lines, l)
	}
	return out, nil
}

func keysWords(out keysOut) string {
	var b strings.Builder
	where := "not here: it was carried off"
	if out.PartyKey {
		where = "here; carry it off once the lines are open"
	}
	fmt.Fprintf(&b, "%s\nFingerprint, for reading aloud:\n  %s\nThe party's key is %s.\n", out.Party, out.Fingerprint, where)
	for _, l := range out.Lines {
		fmt.Fprintf(&b, "%s\n", l.Line)
		for _, g := range l.Generations {
			fmt.Fprintf(&b, "  generation %d, from record %d, issued %s, card %s\n", g.Generation, g.Base, dayTime(g.Issued), g.Card[:16])
		}
	}
	return b.String()
}

func (a *app) keysRenewCommand() *cobra.Command {
	var people []string
	var base uint64
	c := &cobra.Command{
		Use:   "renew LINE --as NAME --as NAME",
		Short: "Open a new generation on a line: new station keys, by two persons",
		Long: `Open a new generation on a line: new station keys, and a card signed by the
party's key. It is the one cure for a leaked or rotated key, a lost high-water
mark, a copied station and a restored disk. The station must not be running; the
other side takes the new card at the next connection.

Numbers go on after every one this directory and its mark know of. If the other
side holds records of ours beyond that, --base says from where to go on: one
above the highest number they name.`,
		Example: "  openline keys renew harbour --as ames --as baker",
		Args:    exactly(1, "name the line: openline keys renew LINE --as NAME --as NAME"),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(people) < 2 {
				return usageError("a new generation takes two persons: --as NAME --as NAME")
			}
			h, l, err := a.line(args[0])
			if err != nil {
				return err
			}
			return a.renew(h, boot.Renewal{Line: l.ID, Base: base, People: people})
		},
	}
	c.Flags().StringArrayVar(&people, "as", nil, "a person of this party who decides it; two of them")
	c.Flags().Uint64Var(&base, "base", 0, "number of the first record (default: after every number known here)")
	a.secrets.partyFlags(c)
	a.secrets.stationFlags(c)
	return a.jsonFlag(c)
}

type renewedOut struct {
	Line       identity.LineID `json:"line"`
	Generation uint32          `json:"generation"`
	Base       uint64          `json:"base"`
}

func (a *app) renew(h *home.Home, r boot.Renewal) error {
	out, err := a.renewed(h, &r)
	if err != nil {
		return err
	}
	return a.print(out, renewedWords(out))
}

func renewedWords(r renewedOut) string {
	return fmt.Sprintf("%s: generation %d is open, from record %d. Start the station; the others take its card at the next connection.\n", r.Line, r.Generation, r.Base)
}

// renewed opens one generation; the party's key and the station's lock are
// asked for once and kept in r for the next line.
func (a *app) renewed(h *home.Home, r *boot.Renewal) (out renewedOut, err error) {
	if r.Party == nil {
		if r.Party, err = a.party(h); err != nil {
			return out, err
		}
		if r.Lock, err = a.stationLock(false); err != nil {
			return out, err
		}
	}
	r.Now = time.Now()
	r.Sign = func(person string, act identity.Act) ([]byte, error) { return a.signFor(h, person, act) }
	n, err := boot.Renew(h, *r)
	return renewedOut{r.Line, n.Generation, n.Base}, err
}
