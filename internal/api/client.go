// SPDX-License-Identifier: Apache-2.0

package api

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Client speaks to a running station over its socket. It is safe for
// concurrent use.
type Client struct{ http *http.Client }

// NewClient makes a client of the station whose socket is at path.
func NewClient(path string) *Client {
	return &Client{&http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return dialSocket(ctx, path) },
	}}}
}

// ErrNotRunning is the answer where no station serves the directory.
var ErrNotRunning = errors.New("the station is not running; start it with: openline serve")

// Problem is a fault as the station told it.
type Problem struct {
	Status int
	Detail string
}

func (p *Problem) Error() string { return p.Detail }

// Status tells how every line stands.
func (c *Client) Status(ctx context.Context, lang string) (out []Status, err error) {
	return out, c.get(ctx, "/v1/status", url.Values{"lang": {lang}}, &out)
}

// LineStatus tells how one line stands.
func (c *Client) LineStatus(ctx context.Context, line, lang string) (out Status, err error) {
	return out, c.get(ctx, linePath(line)+"/status", url.Values{"lang": {lang}}, &out)
}

// Awaiting lists what awaits a reply on a line.
func (c *Client) Awaiting(ctx context.Context, line string) (out []Await, err error) {
	return out, c.get(ctx, linePath(line)+"/awaiting", nil, &out)
}

// Phrases lists what can be said on a line.
func (c *Client) Phrases(ctx context.Context, line string) (out []Phrase, err error) {
	return out, c.get(ctx, linePath(line)+"/phrases", nil, &out)
}

// Say puts something on a line.
func (c *Client) Say(ctx context.Context, line string, say Say) (out Said, err error) {
	return out, c.post(ctx, linePath(line)+"/say", say, &out)
}

// Prepare writes a draft for two persons to sign.
func (c *Client) Prepare(ctx context.Context, line string, d Draft) (out PreparedDraft, err error) {
	return out, c.post(ctx, linePath(line)+"/prepare", d, &out)
}

// ClockAct is what two persons sign to confirm the clock.
func (c *Client) ClockAct(ctx context.Context, line string) (out Act, err error) {
	return out, c.get(ctx, linePath(line)+"/clock", nil, &out)
}

// ConfirmClock hands over their signatures.
func (c *Client) ConfirmClock(ctx context.Context, line string, people []PersonSigned) error {
	return c.post(ctx, linePath(line)+"/clock", Confirm{people}, nil)
}

// PageQuery asks for a part of the transcript: by default the newest.
type PageQuery struct {
	Lang          string
	Max           int
	Before, After string
	Since         time.Time
}

// Records reads a page of the transcript.
func (c *Client) Records(ctx context.Context, line string, q PageQuery) (out Page, err error) {
	v := url.Values{}
	for name, s := range map[string]string{"lang": q.Lang, "before": q.Before, "after": q.After} {
		if s != "" {
			v.Set(name, s)
		}
	}
	if q.Max > 0 {
		v.Set("max", strconv.Itoa(q.Max))
	}
	if !q.Since.IsZero() {
		v.Set("since", q.Since.UTC().Format(time.RFC3339))
	}
	return out, c.get(ctx, linePath(line)+"/records", v, &out)
}

// Record reads one record by its name.
func (c *Client) Record(ctx context.Context, line, ref, lang string) (out Record, err error) {
	party, number, ok := strings.Cut(ref, "/")
	if !ok {
		return out, fmt.Errorf("%q is no record's name; write party/number, like blue/412", ref)
	}
	return out, c.get(ctx, linePath(line)+"/records/"+url.PathEscape(party)+"/"+url.PathEscape(number), url.Values{"lang": {lang}}, &out)
}

// Health tells whether the station runs and signs.
func (c *Client) Health(ctx context.Context) (out Health, err error) {
	return out, c.get(ctx, "/v1/health", nil, &out)
}

// Version tells what runs.
func (c *Client) Version(ctx context.Context) (out Version, err error) {
	return out, c.get(ctx, "/v1/version", nil, &out)
}

// VerifyStore reads the whole store.
func (c *Client) VerifyStore(ctx context.Context) error {
	return c.post(ctx, "/v1/store/verify", nil, nil)
}

// Backup writes a copy of the store to an absolute path.
func (c *Client) Backup(ctx context.Context, path string) error {
	return c.post(ctx, "/v1/store/backup", BackupTo{path}, nil)
}

// Cut ends all connections with a party, where the station offers it.
func (c *Client) Cut(ctx context.Context, line, party string) error {
	return c.post(ctx, linePath(line)+"/bearers/"+url.PathEscape(party)+"/cut", nil, nil)
}

// Restore takes back what Cut did.
func (c *Client) Restore(ctx context.Context, line, party string) error {
	return c.post(ctx, linePath(line)+"/bearers/"+url.PathEscape(party)+"/restore", nil, nil)
}

// Events hands over what happens on a line until take gives false, ctx ends
// or the station lets go of the stream.
func (c *Client) Events(ctx context.Context, line string, take func(Event) bool) error {
	resp, err := c.do(ctx, http.MethodGet, linePath(line)+"/events", nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok {
			continue
		}
		var e Event
		if err := json.Unmarshal([]byte(data), &e); err != nil {
			return fmt.Errorf("event stream: %w", err)
		}
		if !take(e) {
			return nil
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return lines.Err()
}

func linePath(line string) string { return "/v1/lines/" + url.PathEscape(line) }

func (c *Client) get(ctx context.Context, path string, q url.Values, out any) error {
	if len(q) > 0 {
		path += "?" + q.Encode()
	}
	return c.call(ctx, http.MethodGet, path, nil, out)
}

func (c *Client) post(ctx context.Context, path string, in, out any) error {
	var b []byte
	if in != nil {
		var err error
		if b, err = json.Marshal(in); err != nil {
			return err
		}
	}
	return c.call(ctx, http.MethodPost, path, b, out)
}

// maxAnswer bounds what a client reads of one answer.
const maxAnswer = 256 << 20

func (c *Client) call(ctx context.Context, method, path string, in []byte, out any) error {
	resp, err := c.do(ctx, method, path, in)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if out == nil {
		_, err = io.Copy(io.Discard, io.LimitReader(resp.Body, maxAnswer))
		return err
	}
	return decodeAnswer(resp.Body, out)
}

func decodeAnswer(r io.Reader, out any) error {
	return json.NewDecoder(io.LimitReader(r, maxAnswer)).Decode(out)
}

func (c *Client) do(ctx context.Context, method, path string, in []byte) (*http.Response, error) {
	kind := ""
	if in != nil {
		kind = "application/json"
	}
	return c.send(ctx, method, path, kind, bytes.NewReader(in))
}

func (c *Client) send(ctx context.Context, method, path, kind string, in io.Reader) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, "http://station"+path, in)
	if err != nil {
		return nil, err
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	resp, err := c.http.Do(req)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED) {
		return nil, ErrNotRunning
	}
	if err != nil {
		return nil, err
	}
	if resp.StatusCode >= 300 {
		defer resp.Body.Close()
		return nil, readProblem(resp)
	}
	return resp, nil
}

func readProblem(resp *http.Response) error {
	var p struct {
		Detail string `json:"detail"`
		Errors []struct {
			Message  string `json:"message"`
			Location string `json:"location"`
		} `json:"errors"`
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, 1<<20)).Decode(&p); err != nil || p.Detail == "" {
		return &Problem{resp.StatusCode, "the station answered: " + resp.Status}
	}
	if len(p.Errors) > 0 {
		p.Detail += ": " + strings.TrimPrefix(p.Errors[0].Location, "body.") + ": " + p.Errors[0].Message
	}
	return &Problem{resp.StatusCode, p.Detail}
}
