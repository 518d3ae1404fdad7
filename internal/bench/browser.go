// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"bufio"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

//go:embed browser.cjs
var browserScript string

// browser is a headless Chromium that node drives: it is told line by line
// what to do, and answers each with a line of JSON.
type browser struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
	err *strings.Builder
}

// openBrowser opens one with the desk's cookies. folder holds playwright-core
// in its node_modules. why tells what is missing.
func openBrowser(ctx context.Context, folder string, d *desk) (v *browser, why string, err error) {
	chromium := os.Getenv("CHROMIUM")
	for name, at := range map[string]*string{"node": nil, "chromium": &chromium} {
		path, err := exec.LookPath(name)
		if err != nil && (at == nil || *at == "") {
			return nil, name + " is not on this machine; make needs installs it", nil
		}
		if at != nil && *at == "" {
			*at = path
		}
	}
	if folder, err = filepath.Abs(folder); err != nil {
		return nil, "", err
	}
	if _, err := os.Stat(filepath.Join(folder, "node_modules", "playwright-core")); err != nil {
		return nil, "playwright-core is not in " + folder + " (--browser); make needs installs it", nil
	}
	at, err := url.Parse(d.url)
	if err != nil {
		return nil, "", err
	}
	var cookies []map[string]string
	for _, c := range d.client.Jar.Cookies(at) {
		cookies = append(cookies, map[string]string{"name": c.Name, "value": c.Value, "url": d.url})
	}
	jar, err := json.Marshal(cookies)
	if err != nil {
		return nil, "", err
	}
	v = &browser{err: &strings.Builder{}}
	v.cmd = exec.CommandContext(ctx, "node", "-e", browserScript, "--", folder, chromium, d.url+"/watch")
	v.cmd.Env = append(os.Environ(), "OPENLINE_COOKIES="+string(jar)) // not for the list of processes
	v.cmd.Stderr = v.err
	if v.in, err = v.cmd.StdinPipe(); err != nil {
		return nil, "", err
	}
	out, err := v.cmd.StdoutPipe()
	if err != nil {
		return nil, "", err
	}
	v.out = bufio.NewScanner(out)
	return v, "", v.cmd.Start()
}

// ask tells the browser to do something and reads what it answers.
func (v *browser) ask(what string, answer any) error {
	if _, err := io.WriteString(v.in, what+"\n"); err != nil {
		return fmt.Errorf("the browser: %w: %s", err, v.err)
	}
	return v.read(answer)
}

func (v *browser) read(answer any) error {
	if !v.out.Scan() {
		return fmt.Errorf("the browser ended: %w: %s", errors.Join(v.out.Err(), v.cmd.Wait()), v.err)
	}
	return json.Unmarshal(v.out.Bytes(), answer)
}

// paints opens the page some times with nothing in the cache.
func (v *browser) paints() (ms, bytes float64, err error) {
	var answer struct{ Paint, Bytes float64 }
	err = v.ask("paint", &answer)
	return answer.Paint, answer.Bytes, err
}

// expect has the open page look out for the next record of the other side.
func (v *browser) expect() error {
	var answer struct{ Ready bool }
	return v.ask("expect", &answer)
}

// visible is when it was seen, by the clock of this machine.
func (v *browser) visible() (time.Time, error) {
	var answer struct{ At float64 }
	if err := v.read(&answer); err != nil {
		return time.Time{}, err
	}
	return time.UnixMicro(int64(answer.At * 1000)), nil
}

// close ends it; what it was to measure was measured or told.
func (v *browser) close() {
	_ = v.in.Close()
	_ = v.cmd.Wait()
}
