// SPDX-License-Identifier: Apache-2.0

package brief

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"openline/internal/desk/contact"
)

// affair is a small affair with what its brief says, worked out by hand.
type affair struct {
	About        string
	At, Since    time.Time
	Ours, Theirs Side
	Want         map[string]any
	Counts       map[string]int
}

// The brief is right on affairs that it was not written for.
func TestOtherAffairs(t *testing.T) {
	files, err := filepath.Glob("testdata/affairs/*.csv")
	if err != nil || len(files) < 3 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			rows, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			list, err := contact.Parse(rows)
			if err != nil {
				t.Fatal(err)
			}
			b, err := os.ReadFile(strings.TrimSuffix(file, ".csv") + ".json")
			if err != nil {
				t.Fatal(err)
			}
			var a affair
			if err := json.Unmarshal(b, &a); err != nil {
				t.Fatal(err)
			}
			a.check(t, list)
			// What became known later, and in which order, changes nothing.
			var known []contact.Contact
			for i := range list {
				if c := list[len(list)-1-i]; !c.KnownBy().After(a.At) {
					known = append([]contact.Contact{c}, known...)
				}
			}
			a.check(t, known)
		})
	}
}

func (a affair) check(t *testing.T, list []contact.Contact) {
	t.Helper()
	w, three := english(t)
	b, err := json.Marshal(Of(Input{Line: "l", Ours: a.Ours, Theirs: a.Theirs, At: a.At, Since: a.Since, Contacts: list}, w, three))
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	compare(t, "", a.Want, got)
	for path, n := range a.Counts {
		v := any(got)
		for key := range strings.SplitSeq(path, ".") {
			v = v.(map[string]any)[key]
		}
		if l := v.([]any); len(l) != n {
			t.Errorf("%s has %d, not %d: %v", path, len(l), n, l)
		}
	}
}

// compare holds what is wanted to what is there; what is not wanted may be
// anything.
func compare(t *testing.T, path string, want, got any) {
	t.Helper()
	switch want := want.(type) {
	case map[string]any:
		m, ok := got.(map[string]any)
		if !ok {
			t.Errorf("%s is %v, not %v", path, got, want)
			return
		}
		for k, v := range want {
			if _, there := m[k]; !there {
				t.Errorf("%s.%s is missing", path, k)
			}
			compare(t, path+"."+k, v, m[k])
		}
	case []any:
		l, ok := got.([]any)
		if !ok || len(l) != len(want) {
			t.Errorf("%s is %v, not %v", path, got, want)
			return
		}
		for i := range want {
			compare(t, fmt.Sprintf("%s[%d]", path, i), want[i], l[i])
		}
	default:
		if !reflect.DeepEqual(want, got) {
			t.Errorf("%s is %v, not %v", path, got, want)
		}
	}
}
