// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"openline/internal/home"
	"openline/internal/host"
	"openline/internal/station"
	"openline/internal/store"
	"openline/internal/store/sqlite"
)

// rebuiltLine is what was found of one line.
type rebuiltLine struct {
	Line    string  `json:"line"`
	Records uint64  `json:"records"`
	Things  int     `json:"things"`
	Digest  string  `json:"digest"`
	Cached  bool    `json:"cached"`
	Same    bool    `json:"same"`
	Seconds float64 `json:"seconds"`
}

func (a *app) rebuildCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "rebuild [DIR]",
		Short: "Make indexes and cached state anew from the records, while the station is stopped",
		Long: `Make everything anew that is kept to be quick: which records are about which,
and the state of each line, folded from its first record. Records, receipts and
journal are read and not touched; nothing is signed and no key is needed. It tells
whether what was cached said the same.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usageError("name one directory: openline rebuild DIR")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			h, err := a.home(args...)
			if err != nil {
				return err
			}
			out, err := rebuild(h)
			if err != nil {
				return err
			}
			var words strings.Builder
			for _, r := range out {
				fmt.Fprintf(&words, "%s: %d records folded anew in %.1f s, %d things found by their phrase; %s.\n", r.Line, r.Records, r.Seconds, r.Things, cachedWords(r))
			}
			if len(out) == 0 {
				words.WriteString("This station has no line; there is nothing to rebuild.\n")
			}
			return a.print(out, words.String())
		},
	}
	return a.jsonFlag(c)
}

func cachedWords(r rebuiltLine) string {
	switch {
	case r.Same:
		return "what was cached said the same"
	case r.Cached:
		return "what was cached SAID OTHERWISE and is replaced; please report it"
	}
	return "nothing usable was cached"
}

func rebuild(h *home.Home) (out []rebuiltLine, err error) {
	ids, err := h.Lines()
	if err != nil {
		return nil, err
	}
	db, err := sqlite.Open(h.Database())
	if errors.Is(err, store.ErrLocked) {
		return nil, errors.New("another process has the station open; stop it first (openline serve)")
	} else if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := db.Reindex(); err != nil {
		return nil, err
	}
	out = []rebuiltLine{}
	for _, id := range ids {
		l, err := h.Line(id)
		if err != nil {
			return nil, err
		}
		began := time.Now()
		var r station.Rebuilt
		if r, err = host.Rebuild(host.StoreOf(db), h.Party(), host.Line{Agreements: l.Agreements, Catalogue: l.Catalogue, Card: l.Card}); err != nil {
			return nil, fmt.Errorf("line %s: %w", id, err)
		}
		out = append(out, rebuiltLine{string(id), r.Records, r.Things, hex.EncodeToString(r.Digest[:]), r.Cached, r.Same, time.Since(began).Seconds()})
	}
	return out, nil
}
