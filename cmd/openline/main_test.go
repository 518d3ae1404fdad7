// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"openline/agreement"
	"openline/internal/api"
	"openline/internal/home"
	"openline/internal/keys"
)

func TestMain(m *testing.M) { testscript.Main(m, map[string]func(){"openline": main}) }

// TestScripts plays sessions of the binary. Secrets are unattended ones, so
// that no script waits for scrypt; one script types a passphrase.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(env *testscript.Env) error {
			for _, name := range []string{envParty, envStation, envPerson} {
				_, text, err := keys.NewUnattended()
				if err != nil {
					return err
				}
				env.Setenv(name, text)
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "freeaddr": freeAddr, "ready": ready, "receipted": receipted, "complete": complete, "fingerprint": fingerprint, "digest": digest, "day": day, "fill": fill, "uid": uid,
		},
	})
}

// exits runs a command and holds it to its exit status: exits 2 openline …
func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	var exit *exec.ExitError
	got := 0
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit status %d, expected %d", got, want)
	}
}

// freeAddr puts a loopback address that was free a moment ago into a
// variable.
func freeAddr(ts *testscript.TestScript, _ bool, args []string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Setenv(args[0], l.Addr().String())
	ts.Check(l.Close())
}

func within(ts *testscript.TestScript, dir, what string, holds func(context.Context, *api.Client) bool) {
	h, err := home.Open(ts.MkAbs(dir))
	ts.Check(err)
	c := api.NewClient(h.Socket())
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for tick := time.NewTicker(10 * time.Millisecond); ctx.Err() == nil; <-tick.C {
		if holds(ctx, c) {
			return
		}
	}
	ts.Fatalf("waited in vain for %s of %s", what, dir)
}

// ready waits until a directory's station answers and every line of it is
// connected and signs.
func ready(ts *testscript.TestScript, _ bool, args []string) {
	for _, dir := range args {
		within(ts, dir, "the lines", func(ctx context.Context, c *api.Client) bool {
			h, err := c.Health(ctx)
			if err != nil || !h.OK {
				return false
			}
			for _, l := range h.Lines {
				if l.Up == 0 {
					return false
				}
			}
			return true
		})
	}
}

// receipted waits until the others hold all that a station has recorded:
// receipted DIR LINE.
func receipted(ts *testscript.TestScript, _ bool, args []string) {
	within(ts, args[0], "receipts", func(ctx context.Context, c *api.Client) bool {
		st, err := c.LineStatus(ctx, args[1], "en")
		if err != nil {
			return false
		}
		for _, p := range st.Peers {
			if p.Receipt == nil || p.Receipt.Size < st.Own.Size {
				return false
			}
		}
		return st.Waiting == 0
	})
}

// complete waits until another party has said that the attachments of a record
// are complete there: complete DIR LINE RECORD.
func complete(ts *testscript.TestScript, _ bool, args []string) {
	within(ts, args[0], "complete attachments", func(ctx context.Context, c *api.Client) bool {
		r, err := c.Record(ctx, args[1], args[2], "en")
		return err == nil && len(r.CompleteAt) > 0
	})
}

// fingerprint puts a party's fingerprint into a variable: fingerprint VAR DIR.
func fingerprint(ts *testscript.TestScript, _ bool, args []string) {
	h, err := home.Open(ts.MkAbs(args[1]))
	ts.Check(err)
	_, card, err := h.Card()
	ts.Check(err)
	ts.Setenv(args[0], card.Key.Fingerprint(card.Party).String())
}

// digest puts the digest of an agreement's text into a variable: digest VAR FILE.
func digest(ts *testscript.TestScript, _ bool, args []string) {
	v, err := agreement.Open([]byte(ts.ReadFile(args[1])))
	ts.Check(err)
	ts.Setenv(args[0], fmt.Sprintf("%x", v.Digest()))
}

// day puts the day so many days from now into a variable: day VAR 9.
func day(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	ts.Setenv(args[0], time.Now().UTC().AddDate(0, 0, n).Format("2006-01-02"))
}

// uid puts the UID of the first event of a calendar into a variable: uid VAR
// FILE.
func uid(ts *testscript.TestScript, _ bool, args []string) {
	_, rest, ok := strings.Cut(ts.ReadFile(args[1]), "UID:")
	line, _, end := strings.Cut(rest, "\r\n")
	if !ok || !end {
		ts.Fatalf("%s has no UID", args[1])
	}
	ts.Setenv(args[0], line)
}

// fill puts variables into a file that names them.
func fill(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(os.Expand(ts.ReadFile(args[0]), ts.Getenv)), 0o600))
}
