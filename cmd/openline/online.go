// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"openline/identity"
	"openline/internal/api"
)

// online is what the commands have that speak to a running station.
type online struct {
	out    io.Writer
	client func() (*api.Client, error) // of the station whose directory was named
	// sign asks a person of this party for the passphrase of their key and
	// signs an act with it.
	sign func(person string, act identity.Act) ([]byte, error)
}

// commands are those that need a running station, and what describes it.
func (o *online) commands() []*cobra.Command {
	return append(append(o.affairsCommands(), o.deskCommands()...), []*cobra.Command{o.statusCommand(), o.sayCommand(), o.replyCommand(), o.logCommand(), o.briefCommand(), o.contactCommand(), o.clockCommand(), o.availabilityCommand(), o.retentionCommand(), o.attachmentCommand(), o.openapiCommand()}...)
}

// print writes an answer: as JSON, or as words does.
func (o *online) print(asJSON bool, v any, words func(io.Writer) error) error {
	if !asJSON {
		return words(o.out)
	}
	enc := json.NewEncoder(o.out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// saying are the flags that every command has which says something.
type saying struct {
	to, people             []string
	about, language, token string
	post                   string
	precedence, wished     string
	attach                 []string
	wait                   time.Duration
	json                   bool
}

func (f *saying) add(c *cobra.Command) {
	fl := c.Flags()
	fl.StringArrayVar(&f.to, "to", nil, "office addressed, as party:post (default: the watch of every other party)")
	fl.StringVar(&f.post, "for", "", "the post that speaks, by the name it is addressed by (default: the watch)")
	fl.StringVar(&f.about, "about", "", "the matter it is about, as party/number (default: that of the record answered)")
	fl.StringVar(&f.language, "language", "", "language of the free text")
	fl.StringVar(&f.precedence, "precedence", "", "flash, immediate, priority or routine (default: the phrase's)")
	fl.StringVar(&f.wished, "wished", "", "answer wished by this time; a courtesy")
	fl.StringArrayVar(&f.people, "as", nil, "a person of this party who signs it; twice where release by two is needed")
	fl.StringArrayVar(&f.attach, "attach", nil, "a file sent behind the words: plain text, PNG, JPEG or PDF; again for another")
	fl.StringVar(&f.token, "token", "", "repeat a say under the token it had, so that it is said once")
	fl.DurationVar(&f.wait, "wait", 5*time.Second, "how long to wait for the receipt; 0: not at all")
	fl.BoolVar(&f.json, "json", false, "print JSON")
}

// say says a draft and prints what became of it.
func (o *online) say(ctx context.Context, line string, d api.Draft, f *saying) error {
	said, err := o.sayRecords(ctx, line, d, f)
	if err != nil {
		return err
	}
	return o.print(f.json, said, func(w io.Writer) error { return printSaid(w, said) })
}

// sayRecords says a draft as the flags want it said.
func (o *online) sayRecords(ctx context.Context, line string, d api.Draft, f *saying) (api.Said, error) {
	client, err := o.client()
	if err != nil {
		return api.Said{}, err
	}
	d.To, d.About, d.Language, d.Precedence = f.to, f.about, f.language, f.precedence
	if f.post != "" {
		d.From = f.post
	}
	if d.Params == nil {
		d.Params = map[string]any{}
	}
	if f.wished != "" {
		d.Params["wished"] = f.wished
	}
	if err := o.fits(ctx, client, line, d); err != nil {
		return api.Said{}, err
	}
	if d.Attachments, err = o.attach(ctx, client, line, f.attach); err != nil {
		return api.Said{}, err
	}
	if len(f.people) > 0 {
		if d, err = o.released(ctx, client, line, d, f.people); err != nil {
			return api.Said{}, err
		}
	}
	return client.Say(ctx, line, api.Say{Token: f.token, Drafts: []api.Draft{d}, Wait: f.wait.Seconds()})
}

// released has persons sign the very record that is then said.
func (o *online) released(ctx context.Context, client *api.Client, line string, d api.Draft, people []string) (api.Draft, error) {
	prepared, err := client.Prepare(ctx, line, d)
	if err != nil {
		return d, err
	}
	act, err := prepared.Act.Identity()
	if err != nil {
		return d, err
	}
	d = prepared.Draft
	for _, person := range people {
		sig, err := o.sign(person, act)
		if err != nil {
			return d, err
		}
		d.People = append(d.People, api.PersonSigned{Person: person, Signature: sig})
	}
	return d, nil
}

func printSaid(w io.Writer, said api.Said) error {
	for _, r := range said.Records {
		if _, err := fmt.Fprintln(w, saidWords(r)); err != nil {
			return err
		}
	}
	return nil
}

// saidWords is one line about one record: its name, who holds it, and
// whether it awaits a reply.
func saidWords(r api.SaidRecord) string {
	if r.Queued {
		return r.Code + " kept: this station does not sign now; it is recorded once it does (openline status says why)"
	}
	words := r.Ref + " recorded " + clockTime(*r.At) + " · not receipted yet"
	for i, c := range r.Receipts {
		if i == 0 {
			words = r.Ref
		} else {
			words += ";"
		}
		words += fmt.Sprintf(" received %s, cosigned by %s at %d", clockTime(c.At), c.By, c.Size)
	}
	if r.Asks {
		words += " · awaiting reply"
	}
	if r.Changed {
		words += " · what it is about had changed since it was released"
	}
	return words
}

func clockTime(t time.Time) string { return t.UTC().Format("15:04:05Z") }

func dayTime(t time.Time) string { return t.UTC().Format("2006-01-02 15:04Z") }
