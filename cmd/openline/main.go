// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"openline/internal/api"
	"openline/internal/home"
)

// version is set by the linker.
var version string

// stdio is what a command has of the process.
type stdio struct {
	in       io.Reader
	out, err io.Writer
	getenv   func(string) string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := run(ctx, os.Args[1:], stdio{os.Stdin, os.Stdout, os.Stderr, os.Getenv})
	stop()
	os.Exit(status)
}

// Exit statuses.
const (
	exitDone      = 0
	exitError     = 1
	exitUsage     = 2
	exitUnvouched = 3
)

// exitCode is an outcome that was told already and has a status of its own.
type exitCode int

func (e exitCode) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// run is one call of the command.
func run(ctx context.Context, args []string, io stdio) int {
	a := &app{io: io, secrets: secretFlags{fd: -1}}
	root := a.root()
	root.SetArgs(args)
	root.SetIn(io.in)
	root.SetOut(io.out)
	root.SetErr(io.err)
	err := root.ExecuteContext(ctx)
	var code exitCode
	var usage usageError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &code):
		return int(code)
	}
	fmt.Fprintf(io.err, "openline: %s\n", oneLine(err))
	if errors.As(err, &usage) {
		return exitUsage
	}
	return exitError
}

// oneLine keeps an error on one line, whatever was joined into it, and keeps
// bytes of others from steering a terminal.
func oneLine(err error) string {
	s := strings.ReplaceAll(strings.TrimSpace(err.Error()), "\n", "; ")
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return '?'
		}
		return r
	}, s)
}

// app is what all commands share.
type app struct {
	io      stdio
	dir     string // of --dir; empty: OPENLINE_DIR
	json    bool
	secrets secretFlags
}

func (a *app) root() *cobra.Command {
	c := &cobra.Command{
		Use:   "openline",
		Short: "A standing line between parties that keep a record both can prove",
		Long: `openline runs one party's station on its lines, and does by hand what is done
by hand: cards, agreements, people, keys, backups, extracts.

Exit status: 0 done, 1 error, 2 wrong usage, 3 an extract that holds while keys
in it are not vouched for.`,
		SilenceErrors: true, SilenceUsage: true,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError(fmt.Sprintf("there is no command %.40q; openline --help lists them", args[0]))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.PersistentFlags().StringVar(&a.dir, "dir", "", "the station's directory (default: OPENLINE_DIR)")
	c.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usageError(fmt.Sprintf("%v; see %s --help", err, cmd.CommandPath()))
	})
	c.AddCommand(a.initCommand(), a.cardCommand(), a.agreementCommand(), a.peopleCommand(), a.keysCommand(), a.serveCommand(),
		a.backupCommand(), a.restoreCommand(), a.rebuildCommand(), a.extractCommand(), a.verifyCommand(), a.accusationsCommand(), a.versionCommand(), a.demoCommand(), a.benchCommand(), a.consoleCommand())
	c.AddCommand((&online{out: a.io.out, client: a.client, sign: a.signAs}).commands()...)
	c.SetHelpFunc(helpOf(c.HelpFunc()))
	return c
}

// group is a command that only holds others.
func group(c *cobra.Command, of ...*cobra.Command) *cobra.Command {
	c.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return usageError(fmt.Sprintf("there is no %s %.40q; see %s --help", cmd.CommandPath(), args[0], cmd.CommandPath()))
		}
		return usageError(fmt.Sprintf("say what to do; see %s --help", cmd.CommandPath()))
	}
	c.RunE = func(*cobra.Command, []string) error { return nil }
	c.AddCommand(of...)
	return c
}

// directory is the station's directory: an argument, --dir or OPENLINE_DIR.
func (a *app) directory(args []string) (string, error) {
	for _, d := range append(append([]string{}, args...), a.dir, a.io.getenv("OPENLINE_DIR")) {
		if d != "" {
			return d, nil
		}
	}
	return "", usageError("name the station's directory: --dir DIR, or OPENLINE_DIR in the environment")
}

func (a *app) home(args ...string) (*home.Home, error) {
	dir, err := a.directory(args)
	if err != nil {
		return nil, err
	}
	return home.Open(dir)
}

// client speaks to the station that serves the directory.
func (a *app) client() (*api.Client, error) {
	h, err := a.home()
	if err != nil {
		return nil, err
	}
	return api.NewClient(h.Socket()), nil
}

func (a *app) jsonFlag(c *cobra.Command) *cobra.Command {
	c.Flags().BoolVar(&a.json, "json", false, "print JSON")
	return c
}

// print writes an answer: as JSON, or as words.
func (a *app) print(v any, words string) error {
	return (&online{out: a.io.out}).print(a.json, v, func(w io.Writer) error {
		_, err := io.WriteString(w, words)
		return err
	})
}

func buildVersion() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "unknown"
}
