// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The file that the reference shows is one a station reads.
func TestTheReferenceIsRead(t *testing.T) {
	b, err := os.ReadFile("../../docs/reference/alerts.md")
	if err != nil {
		t.Fatal(err)
	}
	var file strings.Builder
	for l := range strings.Lines(string(b)) {
		if text, ok := strings.CutPrefix(l, "    "); ok {
			file.WriteString(text)
		}
	}
	path := filepath.Join(t.TempDir(), "alerts.toml")
	if err := os.WriteFile(path, []byte(file.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := ReadSettings(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Plan(); err != nil || !s.Line || s.Push.Contact == "" {
		t.Errorf("%v %+v", err, s)
	}
}
