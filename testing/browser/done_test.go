// SPDX-License-Identifier: Apache-2.0

package browser_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// What was promised of the console, done on both consoles of the demonstration
// in the browser alone; the extract that was fetched verifies with the binary.
func TestWhatTheConsoleIsFor(t *testing.T) {
	if testing.Short() {
		t.Skip("drives a browser for most of a minute")
	}
	needBrowser(t)
	folder := t.TempDir()
	openline := filepath.Join(folder, "openline")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-o", openline, "openline/cmd/openline").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, "node", "done.mjs", play(t), folder).CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Fatal(err)
	}
	words, err := os.ReadFile(filepath.Join(folder, "fingerprints"))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(folder, "no-reply.zip")
	args := []string{"verify", file}
	for line := range strings.Lines(string(words)) {
		args = append(args, "--fingerprint", strings.TrimSpace(line))
	}
	for _, c := range []struct {
		args []string
		want int
	}{{args, 0}, {args[:2], 3}} {
		out, err := exec.CommandContext(t.Context(), openline, c.args...).CombinedOutput()
		got := 0
		if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
			got = exit.ExitCode()
		} else if err != nil {
			t.Fatal(err)
		}
		if got != c.want || !strings.Contains(string(out), "valid demonstration") {
			t.Errorf("openline %s: exit status %d, %d was expected\n%s", strings.Join(c.args, " "), got, c.want, out)
		}
	}
}
