// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"openline/agreement"
	"openline/extract"
	"openline/identity"
	"openline/internal/api"
	"openline/internal/boot"
	"openline/internal/home"
	"openline/record"
)

// exporting is what an extract is made of, as a person says it.
type exporting struct {
	line                  string
	records, people       []string
	noReply, asked, depth string
	about                 string
	out                   string
	proof                 bool
}

func (a *app) extractCommand() *cobra.Command {
	var x exporting
	c := &cobra.Command{
		Use:   "extract LINE [RECORD…] -o FILE.zip --as NAME --as NAME",
		Short: "Make a certified extract of the record that anyone can verify offline, by two persons",
		Long: `Make a certified extract of the record: the records named, or the whole line,
with proofs, receipts, cards and the agreement. Anyone can verify it offline with
openline verify. It takes two persons.

--about RECORD makes an extract of one thing: what was asked, given or reported,
when the other side says it held that, and everything said about it since, told
in plain language by whoever verifies it.

--no-reply RECORD makes an extract that shows what was asked, when the other side
says it received it, and that at a later time it signed, its log held nothing
that names the request as what it replies to. For it the station must run: it
signs what it held itself.

An extract shows the times of every record in its range, though not the words:
when each side spoke, and which matters were active.`,
		Example: "  openline extract harbour blue/412 red/310 -o extract.zip --as ames --as baker\n" +
			"  openline extract harbour --about blue/412 -o asked-and-came.zip --as ames --as baker\n" +
			"  openline extract harbour --no-reply blue/412 -o silence.zip --as ames --as baker",
		Args: atLeast(1, "name the line: openline extract LINE [RECORD…] -o FILE.zip"),
		RunE: func(cmd *cobra.Command, args []string) error {
			x.line, x.records = args[0], args[1:]
			switch {
			case x.out == "":
				return usageError("say where the extract goes: -o FILE.zip")
			case len(x.people) < 2:
				return usageError("an extract takes two persons: --as NAME --as NAME")
			case x.proof && (len(x.records) != 1 || x.noReply != ""):
				return usageError("--proof is of one record: openline extract LINE RECORD --proof -o FILE.tlog-proof")
			case x.about != "" && (len(x.records) > 0 || x.noReply != "" || x.proof):
				return usageError("--about chooses the records itself; leave the others away")
			case x.noReply != "" && len(x.records) > 0:
				return usageError("--no-reply chooses the records itself; leave the others away")
			}
			return a.extract(cmd.Context(), x)
		},
	}
	f := c.Flags()
	f.StringVarP(&x.out, "output", "o", "", "write the extract to this file")
	f.StringVar(&x.noReply, "no-reply", "", "a request of ours that is to be shown as not replied to")
	f.StringVar(&x.about, "about", "", "the record that opened a thing: everything said about it is shown")
	f.StringVar(&x.asked, "asked", "", "with --no-reply on a line of many: the party that was asked")
	f.StringVar(&x.depth, "depth", "body", "how much of each record is shown: leaf, header or body")
	f.BoolVar(&x.proof, "proof", false, "a C2SP tlog-proof of one record, for any tool of transparency logs")
	f.StringArrayVar(&x.people, "as", nil, "a person of this party who decides it; two of them")
	return a.jsonFlag(c)
}

func (a *app) extract(ctx context.Context, x exporting) (err error) {
	h, l, err := a.line(x.line)
	if err != nil {
		return err
	}
	c, peer, err := x.certified(h, l)
	if err != nil {
		return err
	}
	if err := a.release(ctx, h, l.ID, x, peer); err != nil {
		return err
	}
	tmp, err := os.MkdirTemp(h.Dir, ".extract-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(tmp)) }()
	database := filepath.Join(tmp, "openline.db")
	if err := copyStore(ctx, h, database); err != nil {
		return err
	}
	if x.proof {
		if err := boot.ProofFile(h, database, x.out, l.ID, c.Records[0]); err != nil {
			return err
		}
		return a.print(map[string]string{"record": x.records[0], "file": x.out},
			fmt.Sprintf("The proof that %s is in its log, under the newest signed head, is in %s.\n", x.records[0], x.out))
	}
	report, err := boot.CertifyFile(h, database, x.out, c)
	if err != nil {
		return err
	}
	return a.print(reportOut{report, report.Holds(), report.Vouched()}, fmt.Sprintf("The extract is in %s. This is what it shows:\n\n%s", x.out, report.Text()))
}

// certified reads what is wished for, and finds the party whose log matters.
func (x exporting) certified(h *home.Home, l *home.Line) (c boot.Certified, peer agreement.Party, err error) {
	text := l.Agreements.Newest()
	c = boot.Certified{Line: l.ID}
	if c.Depth, err = extract.ParseDepth(x.depth); err != nil {
		return c, peer, usageError("--depth: " + err.Error())
	}
	number := func(name string) (record.PartyNo, bool) {
		p, ok := text.ByShort(name)
		return p.Number, ok
	}
	for _, r := range x.records {
		ref, err := record.ParseRef(r, number)
		if err != nil {
			return c, peer, usageError(err.Error())
		}
		c.Records = append(c.Records, ref)
	}
	if x.about != "" {
		if c.Thing, err = record.ParseRef(x.about, number); err != nil {
			return c, peer, usageError("--about: " + err.Error())
		}
	}
	if x.noReply != "" {
		if c.NoReply, err = record.ParseRef(x.noReply, number); err != nil {
			return c, peer, usageError("--no-reply: " + err.Error())
		}
	}
	var others []agreement.Party
	for _, p := range text.Parties {
		if p.Name != h.Party() && (x.asked == "" || x.asked == p.Short || x.asked == string(p.Name)) {
			others = append(others, p)
		}
	}
	if len(others) == 0 || x.noReply != "" && len(others) > 1 {
		return c, peer, usageError("say which other party of the line was asked: --asked PARTY")
	}
	c.Asked = others[0].Number
	return c, others[0], nil
}

// release has two persons decide on the export. The running station signs
// what it held and keeps their signatures; where none runs, the journal does.
func (a *app) release(ctx context.Context, h *home.Home, line identity.LineID, x exporting, peer agreement.Party) error {
	sign := func(person string, act identity.Act) ([]byte, error) { return a.signFor(h, person, act) }
	client := api.NewClient(h.Socket())
	e := api.Export{Request: cmp.Or(x.noReply, x.about), Party: string(peer.Name)}
	shown := x.records
	if x.about != "" {
		shown = []string{x.about}
	}
	if e.Request == "" && len(shown) > 0 {
		e.Request = shown[0]
	}
	prepared, err := client.PrepareExport(ctx, string(line), e)
	switch {
	case errors.Is(err, api.ErrNotRunning) && x.noReply != "":
		return errors.New("a no-reply extract is signed by the running station; start it with: openline serve")
	case errors.Is(err, api.ErrNotRunning):
		return boot.Release(h, boot.Renewal{Line: line, Now: time.Now(), People: x.people, Sign: sign}, shown)
	case err != nil:
		return err
	}
	act, err := prepared.Identity()
	if err != nil {
		return err
	}
	e.Cut = prepared.Cut
	for _, p := range x.people {
		sig, err := sign(p, act)
		if err != nil {
			return err
		}
		e.People = append(e.People, api.PersonSigned{Person: p, Signature: sig})
	}
	_, err = client.Export(ctx, string(line), e)
	return err
}
