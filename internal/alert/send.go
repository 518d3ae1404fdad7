// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"time"
)

// Call is what one try tells: that something awaits a person, and where to
// look. It holds nothing that was said.
type Call struct {
	Alarm      int       `json:"alarm"`
	Line       string    `json:"line"`
	Party      string    `json:"party,omitempty"`  // whose record it is; empty: our own station's word
	Record     string    `json:"record,omitempty"` // blue/412
	Code       string    `json:"code,omitempty"`
	Precedence string    `json:"precedence"`
	Raised     time.Time `json:"raised"`
	Subject    string    `json:"subject"` // one line, ours
	Person     string    `json:"person,omitempty"`
}

// Hook is a local command. It is given the call in its environment, as
// OPENLINE_ALARM, OPENLINE_RECORD and so on, and no shell in between.
type Hook struct {
	Command []string
	Timeout time.Duration
}

const maxOutput = 4 << 10

// Ring runs it.
func (h Hook) Ring(ctx context.Context, c Call) error {
	if len(h.Command) == 0 {
		return ErrNotSetUp
	}
	ctx, cancel := context.WithTimeout(ctx, h.Timeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, h.Command[0], h.Command[1:]...)
	cmd.WaitDelay = time.Second
	cmd.Env = append(os.Environ(), "OPENLINE_ALARM="+strconv.Itoa(c.Alarm), "OPENLINE_LINE="+c.Line, "OPENLINE_PARTY="+c.Party, "OPENLINE_RECORD="+c.Record,
		"OPENLINE_CODE="+c.Code, "OPENLINE_PRECEDENCE="+c.Precedence, "OPENLINE_SUBJECT="+c.Subject, "OPENLINE_PERSON="+c.Person)
	var out tail
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		if words := bytes.TrimSpace(out.b); len(words) > 0 {
			return fmt.Errorf("%w: %s", err, words)
		}
		return err
	}
	return nil
}

// tail keeps the end of what a command prints.
type tail struct{ b []byte }

func (t *tail) Write(p []byte) (int, error) {
	t.b = append(t.b, p...)
	t.b = t.b[max(0, len(t.b)-maxOutput):]
	return len(p), nil
}

// ErrNotSetUp is the answer of a way the party has not set up.
var ErrNotSetUp = errors.New("not set up")

// Poster posts to webhooks and to a topic of ntfy. Both are plain HTTP;
// redirections are not followed.
type Poster struct {
	Client  *http.Client
	Secret  []byte // of Standard Webhooks signatures; empty: unsigned
	Topic   string // address of a topic of ntfy; empty: none
	Token   string // of that topic; empty: none
	Timeout time.Duration
}

// NewClient is a client that follows no redirection and keeps no connection.
func NewClient() *http.Client {
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     &http.Transport{DisableKeepAlives: true, Proxy: http.ProxyFromEnvironment, TLSHandshakeTimeout: 10 * time.Second},
	}
}

// Webhook posts the call as JSON, signed as Standard Webhooks has it, so that
// its receiver can tell it from another's.
func (p Poster) Webhook(ctx context.Context, url, id string, at time.Time, c Call) error {
	body, err := json.Marshal(c)
	if err != nil {
		return err
	}
	header := http.Header{"Content-Type": {"application/json"}, "Webhook-Id": {id}, "Webhook-Timestamp": {strconv.FormatInt(at.Unix(), 10)}}
	if len(p.Secret) > 0 {
		header.Set("Webhook-Signature", "v1,"+Sign(p.Secret, id, at, body))
	}
	return p.post(ctx, url, header, body)
}

// Sign makes the signature of a webhook: base64 of HMAC-SHA256 over id, time
// and body, with dots between them (Standard Webhooks 1.0).
func Sign(secret []byte, id string, at time.Time, body []byte) string {
	mac := hmac.New(sha256.New, secret)
	fmt.Fprintf(mac, "%s.%d.", id, at.Unix())
	mac.Write(body)
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// ntfyPriority is the priority of ntfy for a precedence.
var ntfyPriority = map[string]string{"flash": "5", "immediate": "4", "priority": "3", "routine": "2"}

// Ntfy posts one line to the topic.
func (p Poster) Ntfy(ctx context.Context, c Call) error {
	if p.Topic == "" {
		return ErrNotSetUp
	}
	header := http.Header{"Title": {"openline"}, "Priority": {ntfyPriority[c.Precedence]}, "Tags": {"telephone_receiver"}}
	if p.Token != "" {
		header.Set("Authorization", "Bearer "+p.Token)
	}
	return p.post(ctx, p.Topic, header, []byte(c.Subject))
}

func (p Poster) post(ctx context.Context, url string, header http.Header, body []byte) error {
	ctx, cancel := context.WithTimeout(ctx, p.Timeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header = header
	a, err := p.Client.Do(r)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, io.LimitReader(a.Body, maxOutput))
	if err = errors.Join(err, a.Body.Close()); err != nil {
		return err
	}
	if a.StatusCode < 200 || a.StatusCode > 299 {
		return fmt.Errorf("answered %s", a.Status)
	}
	return nil
}
