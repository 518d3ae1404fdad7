// SPDX-License-Identifier: Apache-2.0

package home

import (
	"slices"
	"strings"
	"testing"
)

// What is served beyond this machine is served over TLS, under a name.
func TestSettingsOfTheConsole(t *testing.T) {
	const head = "party = 'blue.example'\nno_mark = true\n"
	for _, c := range []struct {
		text  string
		tls   bool
		hosts []string
		url   string
		fault string
	}{
		{text: "", url: ""},
		{text: `console = "127.0.0.1:8461"`, hosts: []string{"127.0.0.1:8461"}, url: "http://127.0.0.1:8461"},
		{text: `console = "[::1]:8461"`, hosts: []string{"[::1]:8461"}, url: "http://[::1]:8461"},
		{text: `console = "localhost:80"`, hosts: []string{"localhost"}, url: "http://localhost"},
		{text: "console = \"0.0.0.0:8443\"\nconsole_names = [\"desk.blue.example\", \"192.0.2.7\"]", tls: true, hosts: []string{"desk.blue.example:8443", "192.0.2.7:8443"}, url: "https://desk.blue.example:8443"},
		{text: "console = \":443\"\nconsole_names = [\"desk.blue.example\"]", tls: true, hosts: []string{"desk.blue.example"}, url: "https://desk.blue.example"},
		{text: `console = "desk.blue.example:8443"`, tls: true, hosts: []string{"desk.blue.example:8443"}, url: "https://desk.blue.example:8443"},
		{text: `console = "192.0.2.7:8443"`, tls: true, hosts: []string{"192.0.2.7:8443"}, url: "https://192.0.2.7:8443"},
		{text: "console = \"127.0.0.1:8443\"\nconsole_names = [\"localhost\"]", tls: true, hosts: []string{"localhost:8443"}, url: "https://localhost:8443"},
		{text: `console = "0.0.0.0:8443"`, fault: "line 3: console: \"0.0.0.0:8443\" has no name people could open"},
		{text: `console = ":8443"`, fault: "has no name people could open"},
		{text: `console = "127.0.0.1"`, fault: "is not an address"},
		{text: "console = \":8443\"\nconsole_names = [\"Desk.Example\"]", fault: "line 4: console_names"},
		{text: "console = \":8443\"\nconsole_names = [\"desk.example:8443\"]", fault: "line 4: console_names"},
		{text: "console = \":8443\"\nconsole_names = [\"desk.example\"]\nconsole_cert = \"c.pem\"", fault: "line 5: console_cert"},
		{text: "console = \"127.0.0.1:8461\"\nconsole_clients = \"cards.pem\"", fault: "console_names: say by which names"},
		{text: `console_names = ["desk.example"]`, fault: "console: say where it is served"},
		{text: "console = \"127.0.0.1:8461\"\n[console_oidc]\nissuer = \"http://id.example\"\nclient = \"x\"", fault: "line 4: console_oidc: issuer"},
		{text: "console = \"127.0.0.1:8461\"\n[console_oidc]\nissuer = \"https://id.example\"", fault: "client is missing"},
		{text: "console = \"127.0.0.1:8461\"\n[console_oidc]\nissuer = \"https://id.example\"\nclient = \"x\"\nclaim = \"nickname\"", fault: "claim"},
		{text: "console = \"127.0.0.1:8461\"\n[console_oidc]\nissuer = \"https://id.example\"\nclient = \"x\"\nclaim = \"email\"", hosts: []string{"127.0.0.1:8461"}, url: "http://127.0.0.1:8461"},
	} {
		s, err := ParseSettings([]byte(head + c.text + "\n"))
		if c.fault != "" {
			if err == nil || !strings.Contains(err.Error(), c.fault) {
				t.Errorf("%s: %v, not %q", c.text, err, c.fault)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if s.ConsoleTLS() != c.tls || !slices.Equal(s.ConsoleHosts(), c.hosts) || s.ConsoleURL() != c.url {
			t.Errorf("%s: TLS %v, hosts %v, %s", c.text, s.ConsoleTLS(), s.ConsoleHosts(), s.ConsoleURL())
		}
		b, err := s.Format()
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if again, err := ParseSettings(b); err != nil || again.ConsoleURL() != c.url {
			t.Errorf("%s, written and read: %v", c.text, err)
		}
	}
}
