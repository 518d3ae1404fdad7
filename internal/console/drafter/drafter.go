// SPDX-License-Identifier: Apache-2.0

// Package drafter asks a translation service for a draft, over LibreTranslate's
// plain HTTP interface: POST /translate with q, source, target and format.
//
// Invariants:
//
//   - It asks the one address the station was given; it follows no other.
//   - What is sent and what is read are bounded, in bytes and in time.
//   - What comes back is words of a machine: checked to be text a page can
//     show, and marked as a draft by whoever keeps it.
package drafter

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"openline/internal/desk"
)

// Bounds of one draft.
const (
	MaxText = 32 << 10
	maxBack = 256 << 10
	timeout = 20 * time.Second
)

// Client asks one service.
type Client struct {
	at   string
	name string
	http *http.Client
}

// New makes a client of a service, such as http://127.0.0.1:5000.
func New(address string) (*Client, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("translate = %.80q is no address of a translation service; write it like http://127.0.0.1:5000", address)
	}
	c := &http.Client{Timeout: timeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return &Client{strings.TrimSuffix(u.String(), "/") + "/translate", u.Host, c}, nil
}

// Name says which service drafted.
func (c *Client) Name() string { return c.name }

// Draft asks for a text in another language.
func (c *Client) Draft(ctx context.Context, text, source, target string) (string, error) {
	if len(text) > MaxText {
		return "", fmt.Errorf("the text has %d bytes; at most %d are drafted by a machine", len(text), MaxText)
	}
	if source == "" {
		source = "auto"
	}
	body, err := json.Marshal(map[string]string{"q": text, "source": source, "target": target, "format": "text"})
	if err != nil {
		return "", err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.at, bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	r.Header.Set("Content-Type", "application/json")
	a, err := c.http.Do(r)
	if err != nil {
		return "", fmt.Errorf("the translation service at %s does not answer: %w", c.name, errors.Unwrap(err))
	}
	back, err := io.ReadAll(io.LimitReader(a.Body, maxBack+1))
	if err = errors.Join(err, a.Body.Close()); err != nil {
		return "", fmt.Errorf("the translation service at %s broke off: %w", c.name, err)
	}
	var out struct {
		Text  string `json:"translatedText"`
		Error string `json:"error"`
	}
	if len(back) > maxBack || json.Unmarshal(back, &out) != nil {
		return "", fmt.Errorf("the translation service at %s answered %s with something that is no translation", c.name, a.Status)
	}
	if a.StatusCode != http.StatusOK || strings.TrimSpace(out.Text) == "" {
		return "", fmt.Errorf("the translation service at %s answered %s: %.200q", c.name, a.Status, out.Error)
	}
	return out.Text, desk.Plain("the draft", out.Text, maxBack)
}
