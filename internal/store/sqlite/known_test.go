// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"errors"
	"testing"

	"openline/internal/store"
	"openline/internal/store/storetest"
)

// TestTokensOutOfOrder stores tokens that do not grow, and asks for those
// stored, those between and those beyond, before and after the store is
// opened anew.
func TestTokensOutOfOrder(t *testing.T) {
	db, src := created(t), storetest.NewSource(line, 1)
	for _, token := range []string{"m", "c", "x", "e"} {
		b := src.Next(1, 0)
		b.Tokens[0].Token = token
		if err := db.Save(b); err != nil {
			t.Fatal(err)
		}
	}
	look := func() {
		t.Helper()
		for token, want := range map[string]bool{"m": true, "c": true, "x": true, "e": true, "": false, "a": false, "d": false, "n": false, "y": false} {
			if _, ok, err := db.Line(line).Token(token); ok != want || err != nil {
				t.Errorf("token %q: %v, %v; want %v", token, ok, err, want)
			}
		}
	}
	look()
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := Open(db.path)
	if err != nil {
		t.Fatal(err)
	}
	db = again
	defer db.Close()
	look()
	b := src.Next(1, 0)
	b.Tokens[0].Token = "d"
	if err := db.Save(b); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := db.Line(line).Token("x"); !ok || err != nil {
		t.Errorf("a smaller token hides a larger one: %v, %v", ok, err)
	}
}

// TestForgetsWhatWasTakenBack fails a save after it has written of every
// kind: what the writer noted of it must not be believed by the next.
func TestForgetsWhatWasTakenBack(t *testing.T) {
	db, src := created(t), storetest.NewSource(line, 1)
	b := src.Next(3, 2)
	b.Tokens = append(b.Tokens, b.Tokens[0])
	if err := db.Save(b); !errors.Is(err, store.ErrToken) {
		t.Fatalf("a token twice: %v", err)
	}
	b.Tokens = b.Tokens[:1]
	if err := db.Save(b); err != nil {
		t.Fatal(err)
	}
	next := src.Next(150, 2) // over more than one page of hashes
	token := next.Tokens[0]
	next.Tokens = append(next.Tokens, token)
	if err := db.Save(next); !errors.Is(err, store.ErrToken) {
		t.Fatalf("a token twice: %v", err)
	}
	next.Tokens = next.Tokens[:1]
	if err := db.Save(next); err != nil {
		t.Fatal(err)
	}
	if err := db.Verify(); err != nil {
		t.Fatal(err)
	}
}
