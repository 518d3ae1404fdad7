// SPDX-License-Identifier: Apache-2.0

package browser_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"openline/internal/station"
	"openline/record"
)

// A party's own pages in Chromium: deliberation, the watch of the house, the
// night log, the translation desk and paper, one sheet each.
func TestAPartysOwnPages(t *testing.T) {
	if testing.Short() {
		t.Skip("drives a browser for half a minute")
	}
	for _, need := range []string{"node", "chromium"} {
		if _, err := exec.LookPath(need); err != nil {
			t.Skipf("SKIP: %s is not on this machine; make needs installs it", need)
		}
	}
	if _, err := os.Stat(filepath.Join("node_modules", "playwright-core")); err != nil {
		t.Skip("SKIP: playwright-core is not here; make needs installs it (npm ci in testing/browser)")
	}
	st := newStage(t)
	st.tell(t)
	red, line := st.sides["red"], st.world.Line()
	got, err := red.Say(t.Context(), line, station.Say{Drafts: []station.Draft{{Code: "TX01", Text: "我们愿意通话", Language: "zh"}}})
	if err != nil {
		t.Fatal(err)
	}
	ref := record.ByNumber(got[0].Party, got[0].Number)
	r, err := red.Record(line, ref)
	if err != nil {
		t.Fatal(err)
	}
	if list, err := red.WaitReceipts(t.Context(), line, r.Located); err != nil || len(list) != 1 {
		t.Fatalf("the words did not come: %v, %v", list, err)
	}
	env, err := red.Env(line)
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"own.mjs", st.serve(t, "blue"), string(line), st.names["call2"], st.names["call1"], env.RefName(ref)}
	if dir := os.Getenv("OPENLINE_SHOTS"); dir != "" {
		args = append(args, dir)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, "node", args...).CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Fatal(err)
	}
}
