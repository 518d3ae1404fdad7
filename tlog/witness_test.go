// SPDX-License-Identifier: Apache-2.0

package tlog_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"openline/tlog"
)

const witnessName = "witness.example/w1"

// A witness of another hand (litewitness) cosigns our growing log, and
// refuses a fork and a roll-back of it; its cosignature verifies here.
func TestAgainstRealWitness(t *testing.T) {
	for _, tool := range []string{"litewitness", "ssh-agent", "ssh-add", "ssh-keygen", "sqlite3"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed; see the Makefile for litewitness", tool)
		}
	}
	w := startWitness(t, newSigner(t, "blue.example", 1))
	d, forged := someLeaves(10), someLeaves(10)
	forged[3] = []byte("told otherwise")
	_, s := grow(t, d)
	_, f := grow(t, forged)
	five, ten := w.log.head(5, rfcHash(d[:5])), w.log.head(10, rfcHash(d))
	none, forgedFive := w.log.head(0, tlog.EmptyRoot()), w.log.head(5, rfcHash(forged[:5]))
	for _, step := range []struct {
		name     string
		from, to tlog.Checkpoint
		hashes   *stored
		status   int
	}{
		{"first five", none, five, s, http.StatusOK},
		{"another root at one size", five, forgedFive, s, http.StatusUnprocessableEntity},
		{"a fork", five, w.log.head(10, rfcHash(forged)), f, http.StatusUnprocessableEntity},
		{"ten", five, ten, s, http.StatusOK},
		{"a roll-back", five, five, s, http.StatusConflict},
	} {
		status, body := w.add(t, step.from, step.to, step.hashes)
		if status != step.status {
			t.Errorf("%s: the witness says %d %s", step.name, status, body)
		}
		if status != http.StatusOK {
			continue
		}
		msg := append(w.log.sign(t, step.to), body...)
		if at, err := tlog.CosignatureIn(msg, step.to, w.key); err != nil || at == 0 {
			t.Errorf("%s: its cosignature gives %d, %v:\n%s", step.name, at, err, body)
		}
	}
}

type witness struct {
	log *signer
	key tlog.CosignatureVerifier
	url string
}

// add sends one add-checkpoint request of C2SP tlog-witness.
func (w *witness) add(t *testing.T, from, to tlog.Checkpoint, hashes *stored) (int, []byte) {
	t.Helper()
	var b bytes.Buffer
	fmt.Fprintf(&b, "old %d\n", from.Size)
	for _, h := range must[[][32]byte](t)(tlog.ProveConsistency(to.Size, from.Size, hashes)) {
		fmt.Fprintln(&b, base64.StdEncoding.EncodeToString(h[:]))
	}
	b.WriteString("\n")
	b.Write(w.log.sign(t, to))
	r, err := http.Post(w.url+"/add-checkpoint", "text/plain", &b)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	return r.StatusCode, must[[]byte](t)(io.ReadAll(r.Body))
}

// startWitness starts a witness on loopback that knows one log.
func startWitness(t *testing.T, log *signer) *witness {
	t.Helper()
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	run(t, nil, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", in("key"))
	fingerprint := strings.Fields(run(t, nil, "ssh-keygen", "-l", "-f", in("key")))[1]
	pub := must[[]byte](t)(base64.StdEncoding.DecodeString(strings.Fields(string(must[[]byte](t)(os.ReadFile(in("key.pub")))))[1]))
	start(t, "ssh-agent", "-D", "-a", in("agent"))
	await(t, "unix", in("agent"))
	run(t, append(os.Environ(), "SSH_AUTH_SOCK="+in("agent")), "ssh-add", "-q", in("key"))

	empty := tlog.EmptyRoot()
	run(t, nil, "sqlite3", in("db"), fmt.Sprintf(`
		CREATE TABLE log (origin TEXT PRIMARY KEY, tree_size INTEGER NOT NULL, tree_hash TEXT NOT NULL);
		CREATE TABLE key (origin TEXT NOT NULL, key TEXT NOT NULL, FOREIGN KEY(origin) REFERENCES log(origin));
		INSERT INTO log VALUES ('%s', 0, '%s');
		INSERT INTO key VALUES ('%s', '%s');`,
		log.card.Origin(), base64.StdEncoding.EncodeToString(empty[:]), log.card.Origin(), log.logKey()))
	free := must[net.Listener](t)(net.Listen("tcp", "127.0.0.1:0"))
	addr := free.Addr().String()
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	start(t, "litewitness", "-db", in("db"), "-name", witnessName, "-key", fingerprint, "-ssh-agent", in("agent"), "-listen", addr)
	await(t, "tcp", addr)
	key := ed25519.PublicKey(pub[len(pub)-ed25519.PublicKeySize:])
	return &witness{log: log, key: tlog.NewCosignatureVerifier(witnessName, key), url: "http://" + addr}
}

func run(t *testing.T, env []string, name string, args ...string) string {
	t.Helper()
	c := exec.Command(name, args...)
	c.Env = env
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
	return string(out)
}

// start runs a program until the test ends.
func start(t *testing.T, name string, args ...string) {
	t.Helper()
	c := exec.Command(name, args...)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
			t.Error(err)
		}
		_ = c.Wait() // ended by the signal
	})
}

// await returns once somebody listens.
func await(t *testing.T, network, addr string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		c, err := (&net.Dialer{}).DialContext(ctx, network, addr)
		if err == nil {
			_ = c.Close() // it was only to know
			return
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			t.Fatalf("nobody listens at %s: %v", addr, err)
		}
	}
}
