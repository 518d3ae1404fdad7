// SPDX-License-Identifier: Apache-2.0

package brief

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"

	"openline/internal/desk/contact"
)

// What was learned after the hour changes not a byte of the page.
func TestWhatCameLaterChangesNothing(t *testing.T) {
	w, three := english(t)
	rows := story(t)
	rapid.Check(t, func(t *rapid.T) {
		at := time.Date(2018, 6, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 1600).Draw(t, "day")).Add(time.Duration(rapid.IntRange(0, 23).Draw(t, "hour")) * time.Hour)
		var known []contact.Contact
		for _, c := range rows {
			if !c.KnownBy().After(at) {
				known = append(known, c)
			}
		}
		page := func(list []contact.Contact) []byte {
			b, err := json.Marshal(Of(Input{Line: "dtl", Ours: us, Theirs: cn, At: at, Contacts: list}, w, three))
			if err != nil {
				t.Fatal(err)
			}
			return b
		}
		if a, b := page(rows), page(known); !bytes.Equal(a, b) {
			t.Fatalf("at %s:\n%s\n%s", at, a, b)
		}
	})
}
