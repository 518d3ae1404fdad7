// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"openline/internal/demo"
)

func (a *app) demoCommand() *cobra.Command {
	var once, headless bool
	var names, dir, tale string
	c := &cobra.Command{
		Use:   "demo [--once] [--names real|neutral] [--story affair|sea]",
		Short: "Two stations, one line, a real story; then both stay up",
		Long: `Plays four months of the public record of 2021 on a line between two real
stations on this machine, then asks the record what can be said: the brief, and
an extract that anyone can verify. The parties named never used this line. A
second chapter, supplied, shows a way out. --story sea plays a night at sea
between two coast guards that do not exist.`,
		Args: exactly(0, "openline demo [--once] [--names real|neutral]"),
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if names != "real" && names != "neutral" {
				return usageError("--names is real or neutral")
			}
			if dir == "" {
				if dir, err = os.MkdirTemp("", "openline-demo-"); err != nil {
					return err
				}
				defer func() {
					if e := os.RemoveAll(dir); e != nil && err == nil {
						err = fmt.Errorf("the folder of the demonstration: %w", e)
					}
				}()
			}
			out, ok := a.io.out.(*os.File)
			tell := &demo.Teller{W: a.io.out, Terminal: ok && !headless && term.IsTerminal(int(out.Fd()))}
			return demo.Run(cmd.Context(), demo.Options{Story: tale, Dir: dir, Neutral: names == "neutral", Once: once, Tell: tell, Version: buildVersion()})
		},
	}
	fl := c.Flags()
	fl.BoolVar(&once, "once", false, "end when the story is told")
	fl.BoolVar(&headless, "headless", false, "plain output, no progress drawn")
	fl.StringVar(&names, "names", "real", "real: offices as in the public record; neutral: Blue and Red")
	fl.StringVar(&tale, "story", "affair", "affair: the public record of 2021; sea: an incident at sea, all of it supplied")
	fl.StringVar(&dir, "folder", "", "where the stations are made, to be kept (default: a temporary folder)")
	return c
}
