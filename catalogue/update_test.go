// SPDX-License-Identifier: Apache-2.0

package catalogue_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"testing"
)

// update writes anew what follows from the data: the reference pages, the
// renderings and the messages in the vectors. Read the difference before it
// is committed.
var update = flag.Bool("update", false, "write the reference pages and vectors anew")

func writeVectors(t testing.TB, file string, v any) {
	t.Helper()
	if !*update {
		return
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(v); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(vectors+file, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}
