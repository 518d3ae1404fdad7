// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"fmt"
	"slices"
	"testing"

	"openline/internal/store/storetest"
	"openline/record"
)

// TestReindex finds the same records about each thing after the index was
// lost, and after it held what no record says.
func TestReindex(t *testing.T) {
	db, src := created(t), storetest.NewSource(line, 3)
	for range 4 {
		if err := db.Save(src.Next(7, 5)); err != nil {
			t.Fatal(err)
		}
	}
	things := []record.Ref{record.ByNumber(1, 1), record.ByNumber(2, 1), record.ByNumber(1, 8), record.ByHash(1, src.Leaf(storetest.Own, 0)), record.ByHash(2, src.Leaf(storetest.Peer, 5))}
	about := func() (out []string) {
		for _, thing := range things {
			at, err := db.Line(line).About(thing)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, a := range at {
				names = append(names, fmt.Sprint(a.Log.Party, "/", a.Index))
			}
			slices.Sort(names)
			out = append(out, fmt.Sprint(thing, names))
		}
		return out
	}
	want := about()
	for _, sql := range []string{`DELETE FROM about`, `DELETE FROM about_leaf`, `INSERT INTO about (line, thing, entry) SELECT id, 281474976710657, 3 FROM line`} {
		if err := db.w.q(sql).run(); err != nil {
			t.Fatal(err)
		}
	}
	if got := about(); slices.Equal(got, want) {
		t.Fatal("the index was not spoilt")
	}
	if err := db.Reindex(); err != nil {
		t.Fatal(err)
	}
	if got := about(); !slices.Equal(got, want) {
		t.Errorf("%v\nnot\n%v", got, want)
	}
	// The store goes on.
	if err := db.Save(src.Next(3, 3)); err != nil {
		t.Fatal(err)
	}
	if err := db.Verify(); err != nil {
		t.Fatal(err)
	}
}
