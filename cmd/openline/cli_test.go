// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"openline/internal/keys"
)

var update = flag.Bool("update", false, "write docs/reference/cli.md anew")

// The reference of the commands is what --help says, so that it is never
// another.
func TestReferenceOfCommands(t *testing.T) {
	const path = "../../docs/reference/cli.md"
	want := reference()
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s is not what --help says; write it anew: go test ./cmd/openline -run TestReferenceOfCommands -update", path)
	}
}

// reference writes every command's help as one page.
func reference() string {
	var b strings.Builder
	b.WriteString(`# The commands

Written from the binary's own ` + "`--help`" + ` and held to it by a test.

A command that concerns a station takes its directory from ` + "`--dir`" + ` or from
` + "`OPENLINE_DIR`" + `. Secrets never stand in arguments: they come from the environment,
from a file for its owner alone, from a file descriptor, or are asked for.

| environment | what it holds |
| --- | --- |
| ` + "`OPENLINE_DIR`" + ` | the station's directory |
| ` + "`" + envStation + "`" + ` | passphrase or unattended secret of the station's keys |
| ` + "`" + envParty + "`" + ` | passphrase of the party's key |
| ` + "`" + envPerson + "_NAME`" + ` | passphrase of the person NAME (upper case, ` + "`-` as `_`" + `); ` + "`" + envPerson + "`" + ` for all |

| exit status | meaning |
| --- | --- |
| 0 | done |
| 1 | error: one line on standard error says what to do |
| 2 | wrong usage |
| 3 | ` + "`verify`" + `: the extract holds, keys in it are not vouched for |
`)
	a := &app{}
	root := a.root()
	root.InitDefaultCompletionCmd()
	describe(&b, root)
	return b.String()
}

func describe(b *strings.Builder, c *cobra.Command) {
	for _, sub := range c.Commands() {
		if sub.Name() == "help" || sub.Hidden {
			continue
		}
		text := sub.Long
		if text == "" || sub.Name() == "completion" {
			text = sub.Short + "."
		}
		fmt.Fprintf(b, "\n## %s\n\n    %s\n\n%s\n", sub.CommandPath(), sub.UseLine(), text)
		if sub.Example != "" {
			fmt.Fprintf(b, "\nFor example:\n\n%s\n", indent(sub.Example))
		}
		if flags := flagTable(sub.LocalNonPersistentFlags()); flags != "" {
			b.WriteString("\n" + flags)
		}
		if sub.Name() != "completion" {
			describe(b, sub)
		}
	}
}

func indent(s string) string {
	var out []string
	for l := range strings.SplitSeq(s, "\n") {
		out = append(out, "    "+strings.TrimSpace(l))
	}
	return strings.Join(out, "\n")
}

func flagTable(set *pflag.FlagSet) string {
	var b strings.Builder
	set.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" {
			return
		}
		name := "`--" + f.Name + "`"
		if f.Shorthand != "" {
			name = "`-" + f.Shorthand + "`, " + name
		}
		fmt.Fprintf(&b, "| %s | %s |\n", name, strings.ReplaceAll(f.Usage, "|", "\\|"))
	})
	if b.Len() == 0 {
		return ""
	}
	return "| flag | |\n| --- | --- |\n" + b.String()
}

// Every command that prints an answer can print it as JSON.
func TestEveryCommandHasJSON(t *testing.T) {
	// These print a stream of their own, a script, or nothing.
	without := map[string]bool{"completion": true, "demo": true, "openapi": true, "help": true, "bench": true}
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		for _, sub := range c.Commands() {
			if without[sub.Name()] {
				continue
			}
			if sub.HasSubCommands() {
				walk(sub)
			} else if sub.Flags().Lookup("json") == nil {
				t.Errorf("%s has no --json", sub.CommandPath())
			}
		}
	}
	walk((&app{}).root())
}

// call runs the command within this process.
func call(t *testing.T, env map[string]string, args ...string) (status int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	status = run(t.Context(), args, stdio{strings.NewReader(""), &o, &e, func(k string) string { return env[k] }})
	return status, o.String(), e.String()
}

// Secrets come one a line from a file descriptor: the party's, then the
// station's.
func TestSecretsFromDescriptor(t *testing.T) {
	dir := t.TempDir()
	secrets := make([]string, 3)
	for i := range secrets {
		_, text, err := keys.NewUnattended()
		if err != nil {
			t.Fatal(err)
		}
		secrets[i] = text
	}
	blue, red := filepath.Join(dir, "blue"), filepath.Join(dir, "red")
	must := func(env map[string]string, args ...string) {
		t.Helper()
		if status, _, errs := call(t, env, args...); status != 0 {
			t.Fatalf("%v: exit status %d: %s", args, status, errs)
		}
	}
	ours, theirs := map[string]string{envParty: secrets[0]}, map[string]string{envParty: secrets[1]}
	at := func(name string) string { return filepath.Join(dir, name) }
	must(ours, "init", "--party", "blue.example", "--title", "Blue", "--no-mark", blue)
	must(theirs, "init", "--party", "red.example", "--title", "Red", "--no-mark", red)
	must(nil, "--dir", blue, "card", "import", filepath.Join(red, "party.card"))
	must(nil, "--dir", red, "card", "import", filepath.Join(blue, "party.card"))
	must(nil, "--dir", blue, "agreement", "draft", "--line", "harbour", "-o", at("text"))
	must(ours, "--dir", blue, "agreement", "sign", at("text"), "-o", at("one"))
	must(theirs, "--dir", red, "agreement", "sign", at("one"), "-o", at("two"))

	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := fmt.Fprintf(w, "%s\n%s\n", secrets[0], secrets[2]); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	fd, err := syscall.Dup(int(r.Fd())) // the command owns the descriptor it is given
	if err != nil {
		t.Fatal(err)
	}
	must(nil, "--dir", blue, "agreement", "open", at("two"), "--secret-fd", fmt.Sprint(fd))
	lock, err := keys.From(secrets[2])
	if err != nil {
		t.Fatal(err)
	}
	list, err := filepath.Glob(filepath.Join(blue, "keys", "station.*.1.key"))
	if err != nil || len(list) != 1 {
		t.Fatalf("station keys: %v, %v", list, err)
	}
	if _, err := lock.OpenFile(list[0]); err != nil {
		t.Error(err)
	}
}

// Whatever an error holds, it is one line, and steers no terminal.
func TestErrorsAreOneLine(t *testing.T) {
	status, out, errs := call(t, nil, "verify", "no\nsuch\x1b[2Jfile")
	if status != exitError || out != "" || strings.Count(errs, "\n") != 1 || strings.Contains(errs, "\x1b") {
		t.Errorf("exit status %d, output %q, error %q", status, out, errs)
	}
}

// Where nobody can be asked, the error says what to set.
func TestNobodyToAsk(t *testing.T) {
	status, _, errs := call(t, nil, "init", "--party", "blue.example", "--title", "Blue", "--no-mark", filepath.Join(t.TempDir(), "blue"))
	if status != exitError || !strings.Contains(errs, envParty) {
		t.Errorf("exit status %d: %s", status, errs)
	}
}

// Every command line in the documents is one that the binary takes.
func TestDocumentsNameCommandsThatAreThere(t *testing.T) {
	seen := 0
	for _, pattern := range []string{"../../docs/tutorial/*.md", "../../docs/how-to/*.md"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(string(b)) {
				rest, ok := strings.CutPrefix(line, "    openline ")
				if !ok {
					continue
				}
				seen++
				if err := taken(words(rest)); err != nil {
					t.Errorf("%s: %s: %v", file, strings.TrimSpace(line), err)
				}
			}
		}
	}
	if seen < 20 {
		t.Errorf("only %d command lines were found", seen)
	}
}

// taken reports whether a command, its flags and its arguments are as the
// binary wants them, without running it.
func taken(args []string) error {
	root := (&app{}).root()
	c, rest, err := root.Find(args)
	if err != nil {
		return err
	}
	if err := c.ParseFlags(rest); err != nil {
		return err
	}
	return c.ValidateArgs(c.Flags().Args())
}

// words splits a line as a shell does, as far as the documents need it.
func words(line string) []string {
	var out []string
	for i, part := range strings.Split(strings.TrimSpace(line), `"`) {
		switch {
		case i%2 == 0:
			out = append(out, strings.Fields(part)...)
		case len(out) > 0 && strings.HasSuffix(out[len(out)-1], "="):
			out[len(out)-1] += part
		default:
			out = append(out, part)
		}
	}
	for i, w := range out {
		if strings.Contains(w, "<") {
			return out[:i] // a redirection
		}
	}
	return out
}
