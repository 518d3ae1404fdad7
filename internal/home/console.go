// SPDX-License-Identifier: Apache-2.0

package home

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// OIDCSettings say who else may vouch for a person who enters the console.
type OIDCSettings struct {
	Issuer string `toml:"issuer" comment:"https://…"`
	Client string `toml:"client" comment:"as the issuer knows this console"`
	Secret string `toml:"secret,omitempty" comment:"file with the client's secret, for its owner alone; empty: none, PKCE alone"`
	Claim  string `toml:"claim,omitempty" comment:"which claim names a person; empty: sub"`
	CA     string `toml:"ca,omitempty" comment:"file with the authority of the issuer's certificate; empty: the system's"`
}

// ConsoleFiles is the folder of what the console keeps: one-time links,
// passkeys, who may sit as what, the authority.
func (h *Home) ConsoleFiles() string { return filepath.Join(h.Dir, "console") }

// Path resolves a path of station.toml.
func (h *Home) Path(name string) string { return h.path(name) }

// ConsoleTLS reports whether the console is served over TLS: by names, or
// beyond this machine, always.
func (s *Settings) ConsoleTLS() bool {
	return s.Console != "" && (len(s.ConsoleNames) > 0 || !loopback(s.consoleHost()))
}

func (s *Settings) consoleHost() string {
	host, _, err := net.SplitHostPort(s.Console)
	if err != nil {
		return ""
	}
	return host
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// ConsoleNamed are the names by which people open the console.
func (s *Settings) ConsoleNamed() []string {
	if len(s.ConsoleNames) > 0 {
		return s.ConsoleNames
	}
	if host := s.consoleHost(); host != "" {
		return []string{host}
	}
	return nil
}

// ConsoleHosts are the same with the port, as browsers send them.
func (s *Settings) ConsoleHosts() []string {
	_, port, err := net.SplitHostPort(s.Console)
	if err != nil {
		return nil
	}
	var out []string
	for _, n := range s.ConsoleNamed() {
		host := net.JoinHostPort(n, port)
		if port == "80" && !s.ConsoleTLS() || port == "443" && s.ConsoleTLS() { // browsers leave the usual port out
			host = strings.TrimSuffix(host, ":"+port)
		}
		out = append(out, host)
	}
	return out
}

// ConsoleURL is where people open the console.
func (s *Settings) ConsoleURL() string {
	hosts := s.ConsoleHosts()
	if len(hosts) == 0 {
		return ""
	}
	if s.ConsoleTLS() {
		return "https://" + hosts[0]
	}
	return "http://" + hosts[0]
}

var dnsName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$`)

// checkConsole holds the settings of the console together.
func (s *Settings) checkConsole() (string, error) {
	if s.Console == "" {
		if len(s.ConsoleNames) > 0 || s.ConsoleCert != "" || s.ConsoleKey != "" || s.ConsoleClients != "" || s.ConsoleOIDC != nil {
			return "console", errors.New("console: say where it is served, 127.0.0.1:port or 0.0.0.0:port")
		}
		return "", nil
	}
	host, port, err := net.SplitHostPort(s.Console)
	if err != nil || port == "" || port == "0" {
		return "console", fmt.Errorf("console: %q is not an address; write 127.0.0.1:port, or with console_names 0.0.0.0:port", s.Console)
	}
	for _, n := range s.ConsoleNamed() {
		if len(n) > 253 || net.ParseIP(n) == nil && !dnsName.MatchString(n) {
			return "console_names", fmt.Errorf("console_names: %.60q is not a name in lower case, nor an address", n)
		}
		if ip := net.ParseIP(n); ip != nil && ip.IsUnspecified() {
			return "console", fmt.Errorf("console: %q has no name people could open; write console_names = [\"desk.example\"]", s.Console)
		}
	}
	if host == "" && len(s.ConsoleNames) == 0 {
		return "console", fmt.Errorf("console: %q has no name people could open; write console_names = [\"desk.example\"]", s.Console)
	}
	if (s.ConsoleCert == "") != (s.ConsoleKey == "") {
		return "console_cert", errors.New("console_cert and console_key stand together: a certificate of your own and its key")
	}
	if !s.ConsoleTLS() && (s.ConsoleCert != "" || s.ConsoleClients != "") {
		return "console_names", errors.New("console_names: say by which names the console is opened; certificates need them")
	}
	if o := s.ConsoleOIDC; o != nil {
		return "", o.check()
	}
	return "", nil
}

func (o *OIDCSettings) check() error {
	u, err := url.Parse(o.Issuer)
	if err != nil || u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
		return fmt.Errorf("console_oidc: issuer %.80q is not an https address", o.Issuer)
	}
	if o.Client == "" {
		return errors.New("console_oidc: client is missing: the name by which the issuer knows this console")
	}
	if !slices.Contains([]string{"", "sub", "email", "preferred_username"}, o.Claim) {
		return fmt.Errorf("console_oidc: claim %.40q is none that names a person; write sub, email or preferred_username", o.Claim)
	}
	return nil
}
