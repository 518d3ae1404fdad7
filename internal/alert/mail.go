// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/wneessen/go-mail"
)

// Mailer sends e-mail through one relay of the party's own.
type Mailer struct {
	Host, From     string
	Port           int
	User, Password string // empty: none is asked for
	TLS            string // starttls (default), tls or none, which is for a relay on this machine
	Timeout        time.Duration
}

// Send sends one call to one address.
func (m Mailer) Send(ctx context.Context, to string, c Call) error {
	if m.Host == "" {
		return ErrNotSetUp
	}
	msg := mail.NewMsg()
	if err := msg.From(m.From); err != nil {
		return fmt.Errorf("from: %w", err)
	}
	if err := msg.To(to); err != nil {
		return fmt.Errorf("to: %w", err)
	}
	msg.Subject(c.Subject)
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: nobody's vacation answers it
	if c.Precedence == "flash" || c.Precedence == "immediate" {
		msg.SetImportance(mail.ImportanceHigh)
	}
	msg.SetBodyString(mail.TypeTextPlain, body(c))
	opts := []mail.Option{mail.WithPort(m.Port), mail.WithTimeout(m.Timeout)}
	switch m.TLS {
	case "tls":
		opts = append(opts, mail.WithSSL())
	case "none":
		opts = append(opts, mail.WithTLSPolicy(mail.NoTLS))
	default:
		opts = append(opts, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if m.User != "" {
		opts = append(opts, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(m.User), mail.WithPassword(m.Password))
	}
	client, err := mail.NewClient(m.Host, opts...)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, m.Timeout)
	defer cancel()
	return client.DialAndSendWithContext(ctx, msg)
}

// body is the mail: what awaits, and where to look, never what was said.
func body(c Call) string {
	var b strings.Builder
	name := fmt.Sprintf("Alarm %d", c.Alarm)
	if c.Alarm == 0 {
		name = "An alarm that the journal has not taken yet,"
	}
	fmt.Fprintf(&b, "%s\n\n%s of line %s, raised %s.\n", c.Subject, name, c.Line, c.Raised.UTC().Format("2006-01-02 15:04:05Z"))
	if c.Record != "" {
		fmt.Fprintf(&b, "Record %s, %s.\n", c.Record, c.Code)
	}
	b.WriteString("\nOpen the console and acknowledge it there; it is quiet then everywhere.\nThis mail says nothing of what was said: it passes through others' hands.\n")
	return b.String()
}
