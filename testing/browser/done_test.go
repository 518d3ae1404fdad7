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
// in the browser alone; the extracts that were fetched verify with the binary.
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
	if dir := os.Getenv("OPENLINE_SHOTS"); dir != "" {
		thin(t, dir)
	}
	words, err := os.ReadFile(filepath.Join(folder, "fingerprints"))
	if err != nil {
		t.Fatal(err)
	}
	var vouched []string
	for line := range strings.Lines(string(words)) {
		vouched = append(vouched, "--fingerprint", strings.TrimSpace(line))
	}
	noReply, about := filepath.Join(folder, "no-reply.zip"), filepath.Join(folder, "about.zip")
	for _, c := range []struct {
		args []string
		want int
	}{{append([]string{noReply}, vouched...), 0}, {append([]string{about}, vouched...), 0}, {[]string{noReply}, 3}} {
		out, err := exec.CommandContext(t.Context(), openline, append([]string{"verify"}, c.args...)...).CombinedOutput()
		got := 0
		if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
			got = exit.ExitCode()
		} else if err != nil {
			t.Fatal(err)
		}
		if got != c.want || !strings.Contains(string(out), "valid demonstration") {
			t.Errorf("openline verify %s: exit status %d, %d was expected\n%s", strings.Join(c.args, " "), got, c.want, out)
		}
	}
}
