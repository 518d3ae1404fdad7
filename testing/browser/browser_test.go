// SPDX-License-Identifier: Apache-2.0

// Package browser_test does in a real browser what a visitor of the
// demonstration does.
package browser_test

import (
	"bufio"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"openline/internal/demo"
)

// The first five minutes, in Chromium: the story, every page by width and
// light, what axe finds, and a page that hears nothing.
func TestTheFirstFiveMinutes(t *testing.T) {
	if testing.Short() {
		t.Skip("drives a browser for most of a minute")
	}
	needBrowser(t)
	url := play(t)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	began := time.Now()
	args := []string{"story.mjs", url}
	if dir := os.Getenv("OPENLINE_SHOTS"); dir != "" {
		args = append(args, dir)
	}
	out, err := exec.CommandContext(ctx, "node", args...).CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Fatalf("after %v: %v", time.Since(began), err)
	}
}

// needBrowser skips a test where there is no browser to drive.
func needBrowser(t *testing.T) {
	t.Helper()
	for _, need := range []string{"node", "chromium"} {
		if _, err := exec.LookPath(need); err != nil {
			t.Skipf("SKIP: %s is not on this machine; make needs installs it", need)
		}
	}
	if _, err := os.Stat(filepath.Join("node_modules", "playwright-core")); err != nil {
		t.Skip("SKIP: playwright-core is not here; make needs installs it (npm ci in testing/browser)")
	}
}

// play runs the demonstration until the test ends and gives the page's address.
func play(t *testing.T) string {
	t.Helper()
	r, w := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		err := demo.Run(ctx, demo.Options{Dir: t.TempDir(), Tell: &demo.Teller{W: w}, Version: "test"})
		w.CloseWithError(err)
		done <- err
	}()
	var told strings.Builder
	for sc := bufio.NewScanner(r); sc.Scan(); {
		told.WriteString(sc.Text() + "\n")
		if _, url, ok := strings.Cut(sc.Text(), "the wire between them:"); ok {
			go io.Copy(io.Discard, r)
			t.Cleanup(func() {
				cancel()
				if err := <-done; err != nil {
					t.Errorf("the demonstration ended: %v", err)
				}
			})
			return strings.TrimSpace(url)
		}
	}
	cancel()
	t.Fatalf("the demonstration gave no page: %v\n%s", <-done, told.String())
	return ""
}
