// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// Every section runs at a tiny size and gives its figures; none is judged by
// its time.
func TestEverySectionRuns(t *testing.T) {
	if testing.Short() {
		t.Skip("builds openline and runs some stations")
	}
	binary := filepath.Join(t.TempDir(), "openline")
	if out, err := exec.Command("go", "build", "-o", binary, "openline/cmd/openline").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var told bytes.Buffer
	figures, err := Run(t.Context(), Options{Dir: t.TempDir(), Binary: binary, Records: 200, Affairs: 400, Starts: 1, Desks: 5, Outage: time.Millisecond, Rest: time.Millisecond,
		Browser: filepath.Join("..", "..", "testing", "browser"), Out: &told})
	t.Logf("%s", &told)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"one in flight, no mark, p50", "one in flight, with a mark, p50", "idle memory", "bytes on the wire, 500-byte", "sustained", "bytes on the wire per record", "memory after 200 records",
		"after a cut", "offline verification", "both started together", "busy line: start", "busy line: brief", "busy line: table of dossiers", "busy line: memory", "busy line: all of it folded anew",
		"busy line: a late record", "console: watch page", "console: transfer", "console: page contacts", "console: memory of the station with 5 consoles"}
	if !strings.Contains(told.String(), "SKIP: the console in a browser: ") {
		want = append(want, "console: first contentful paint", "console: stored there to visible")
	}
	for _, name := range want {
		i := slices.IndexFunc(figures, func(f Figure) bool { return strings.HasPrefix(f.Name, name) })
		if i < 0 {
			t.Errorf("there is no figure %q", name)
			continue
		}
		if f := figures[i]; f.Value <= 0 && f.Unit != "MB" || f.Unit == "" {
			t.Errorf("%+v", f)
		}
		if !strings.Contains(told.String(), figures[i].Name) {
			t.Errorf("%q is not printed", figures[i].Name)
		}
	}
}

// What is missing for a browser is told by its name, and nothing runs.
func TestABrowserThatIsMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	t.Setenv("CHROMIUM", "")
	v, why, err := openBrowser(t.Context(), t.TempDir(), &desk{url: "http://127.0.0.1:1"})
	if v != nil || err != nil || !strings.Contains(why, "is not on this machine") {
		t.Errorf("%v %q %v", v, why, err)
	}
}
