// SPDX-License-Identifier: Apache-2.0

package shelf

import (
	"context"

	"openline/identity"
	"openline/internal/desk"
	"openline/internal/desk/translation"
)

// Translations gives the working texts of a record, oldest first.
func (s *Shelf) Translations(id identity.LineID, record string) ([]translation.Working, error) {
	return look(s, id, func(l *shelved) ([]translation.Working, error) { return l.translations.Of(record), nil })
}

// Working gives the working text that holds for each of some records in a
// language; one that has none is left out.
func (s *Shelf) Working(id identity.LineID, lang string, records []string) (map[string]translation.Working, error) {
	return look(s, id, func(l *shelved) (map[string]translation.Working, error) {
		out := map[string]translation.Working{}
		for _, r := range records {
			if w, ok := l.translations.Newest(r, lang); ok {
				out[r] = w
			}
		}
		return out, nil
	})
}

// Translate writes a note on a working text and gives the text as it then
// stands; it returns when the note is durable.
func (s *Shelf) Translate(ctx context.Context, id identity.LineID, n translation.Note) (translation.Working, error) {
	n.V = desk.Version
	return note(s, ctx, id, &n.Token, translation.Kind, &n,
		func(l *shelved) error { return l.translations.Check(n) },
		func(l *shelved) (translation.Working, bool, error) { return taken(&l.translations, n.Token) })
}
