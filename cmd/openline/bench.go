// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"openline/internal/bench"
)

func (a *app) benchCommand() *cobra.Command {
	var o bench.Options
	c := &cobra.Command{
		Use:   "bench",
		Short: "Measure two stations on this machine, each figure beside its physical limit",
		Args:  exactly(0, "openline bench"),
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			for _, part := range o.Only {
				if part != "affairs" && part != "console" {
					return usageError(fmt.Sprintf("--only measures affairs or console, not %.20q", part))
				}
			}
			if o.Binary, err = os.Executable(); err != nil {
				return err
			}
			dir, err := os.MkdirTemp(o.Dir, "openline-bench-")
			if err != nil {
				return err
			}
			defer os.RemoveAll(dir)
			o.Dir, o.Out = dir, a.io.out
			if a.json {
				o.Out = io.Discard
			}
			figures, err := bench.Run(cmd.Context(), o)
			if err != nil || !a.json {
				return err
			}
			return json.NewEncoder(a.io.out).Encode(figures)
		},
	}
	fl := c.Flags()
	fl.StringVar(&o.Dir, "folder", "", "folder on the disk to measure (default: a temporary one)")
	fl.IntVar(&o.Records, "records", 100_000, "records for throughput and memory")
	fl.IntVar(&o.Affairs, "affairs", 100_000, "records of the busy line with one dossier to fifty of them")
	fl.StringSliceVar(&o.Only, "only", nil, "measure these alone: affairs, console, both on the busy line")
	fl.StringVar(&o.Browser, "browser", "testing/browser", "folder with playwright-core, for what is measured in a browser")
	fl.IntVar(&o.Starts, "starts", 20, "starts of both stations together")
	fl.DurationVar(&o.Outage, "outage", 10*time.Second, "length of the cut before recovery is measured")
	fl.BoolVar(&o.Long, "long", false, "measure recovery after a cut of ten minutes as well")
	return a.jsonFlag(c)
}
