// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

// The page of what works names commands and flags that are there, and leaves
// no row out.
func TestFeaturesNameCommandsThatAreThere(t *testing.T) {
	b, err := os.ReadFile("../../docs/reference/features.md")
	if err != nil {
		t.Fatal(err)
	}
	quoted := regexp.MustCompile("`([^`]+)`")
	rows := map[string]bool{}
	for line := range strings.Lines(string(b)) {
		cells := strings.Split(line, "|")
		if len(cells) < 6 || strings.TrimSpace(cells[1]) == "" || strings.Contains(cells[1], "-") || strings.TrimSpace(cells[1]) == "row" {
			continue
		}
		row := strings.TrimSpace(cells[1])
		rows[row] = true
		last := []string{}
		for _, m := range quoted.FindAllStringSubmatch(cells[3], -1) {
			if strings.HasSuffix(m[1], ".toml") || m[1] == "call-up" {
				continue
			}
			if last, err = command(last, strings.Fields(m[1])); err != nil {
				t.Errorf("row %s: %q: %v", row, m[1], err)
			}
		}
		if strings.TrimSpace(cells[3]) == "" && strings.TrimSpace(cells[5]) == "" {
			t.Errorf("row %s names neither a command nor what is not there", row)
		}
	}
	for n := 7; n <= 55; n++ {
		if !rows[fmt.Sprint(n)] {
			t.Errorf("row %d is left out", n)
		}
	}
}

// command finds what words name: a command, one beside the last, or flags of
// the last; it gives its words.
func command(last, words []string) ([]string, error) {
	root := (&app{}).root()
	for _, prefix := range [][]string{nil, last[:max(0, len(last)-1)]} {
		args := append(append([]string{}, prefix...), words...)
		if strings.HasPrefix(words[0], "--") {
			args = append(append([]string{}, last...), words...)
		}
		if words[0] == "--precedence" || words[0] == "--wished" || words[0] == "--as" || words[0] == "--area" {
			args = append([]string{"notice", "area"}, words...) // of everything that says something
		}
		c, rest, err := root.Find(args)
		if err != nil || c == root {
			continue
		}
		for _, w := range rest {
			name, flag := strings.CutPrefix(w, "--")
			if flag && c.Flags().Lookup(name) == nil {
				return last, fmt.Errorf("%s has no --%s", c.CommandPath(), name)
			}
			if !flag && c.HasSubCommands() {
				return last, fmt.Errorf("%s has no %s", c.CommandPath(), w)
			}
		}
		return strings.Fields(c.CommandPath())[1:], nil
	}
	return last, fmt.Errorf("there is no such command")
}
