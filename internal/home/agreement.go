// SPDX-License-Identifier: Apache-2.0

package home

import (
	"bytes"
	"fmt"
	"maps"

	"openline/agreement"
	"openline/agreement/draft"
	"openline/catalogue"
	"openline/identity"
	"openline/identity/secret"
)

// IsSigned reports whether a file holds signatures under a text, rather than
// a text alone.
func IsSigned(file []byte) bool { return bytes.Contains(file, []byte("\n\n— ")) }

// SignAgreement adds this party's signatures to a text, or to one that others
// have signed. It signs only keys that were carried here on cards.
func (h *Home) SignAgreement(file []byte, party *secret.Party) ([]byte, *agreement.Agreement, error) {
	a, err := readAgreement(file)
	if err != nil {
		return nil, nil, err
	}
	if err := h.checkOurs(a, party); err != nil {
		return nil, nil, err
	}
	for _, p := range a.Parties {
		card, err := h.CardOf(p.Name)
		if err != nil {
			return nil, nil, err
		}
		if card.Key != p.Key {
			return nil, nil, fmt.Errorf("the agreement names another key for %s than their card that was taken in", p.Name)
		}
	}
	note, err := draft.Sign(a.Text(), h.Party(), party)
	if err != nil || !IsSigned(file) {
		return note, a, err
	}
	note, err = agreement.Join(file, note)
	return note, a, err
}

// readAgreement reads a text, signed or not. Signatures that are there hold.
func readAgreement(file []byte) (*agreement.Agreement, error) {
	if !IsSigned(file) {
		return agreement.Parse(string(file))
	}
	a, _, err := agreement.OpenPartly(file)
	return a, err
}

// DefaultCatalogue is the catalogue of the first release, extended by files
// the parties have agreed upon.
func DefaultCatalogue(extension map[string][]byte) (*catalogue.Catalogue, error) {
	base, err := catalogue.Default()
	if err != nil || len(extension) == 0 {
		return base, err
	}
	return catalogue.Extend(base, extension)
}

// agreed is the catalogue an agreement names, out of these files: the
// extensions it lists, upon what else there is.
func agreed(a *agreement.Agreement, files map[string][]byte) (*catalogue.Catalogue, error) {
	base, extensions := maps.Clone(files), map[string][]byte{}
	for _, name := range a.Extensions {
		if b, ok := base[name]; ok {
			extensions[name] = b
			delete(base, name)
		}
	}
	first, err := catalogue.Load(base)
	if err != nil {
		return nil, err
	}
	return a.OpenCatalogue(first, extensions)
}

// checkCatalogue holds the catalogue at hand against the one an agreement
// names.
func checkCatalogue(a *agreement.Agreement, cat *catalogue.Catalogue) error {
	if _, err := agreed(a, cat.Files()); err != nil {
		return fmt.Errorf("%w; if the agreement names an extension, give its files (--catalogue)", err)
	}
	return nil
}

// Parties are the parties of a draft: those named, by their cards; without
// names this party and every one whose card was taken in.
func (h *Home) Parties(names ...identity.Party) ([]agreement.Party, error) {
	if len(names) == 0 {
		names = append(names, h.Party())
		cards, err := h.Cards()
		if err != nil {
			return nil, err
		}
		for _, c := range cards {
			names = append(names, c.Party)
		}
	}
	var out []agreement.Party
	for _, n := range names {
		card, err := h.CardOf(n)
		if err != nil {
			return nil, err
		}
		out = append(out, agreement.Party{Name: n, Short: n.Short(), Title: card.Title, Key: card.Key})
	}
	return out, nil
}
