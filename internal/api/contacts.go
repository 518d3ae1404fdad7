// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"openline/internal/desk/contact"
)

// ContactsFile is a file of contacts as it lies there: CSV or JSON, by the
// contract of docs/reference/contacts.md.
type ContactsFile struct {
	File string `json:"file" minLength:"1" maxLength:"16777216" doc:"The text of a CSV or JSON file of contacts"`
}

// Imported says what became of an import.
type Imported struct {
	Rows  int `json:"rows" doc:"In the file"`
	Added int `json:"added" doc:"That were not held before"`
	Held  int `json:"held" doc:"Now"`
}

// KnownContact is one row that is held.
type KnownContact struct {
	Row      map[string]string `json:"row" doc:"By column, as it was imported; a column that is empty may be absent"`
	Imported time.Time         `json:"imported"`
}

// maxContacts bounds a request that imports: the file, and what JSON adds.
const maxContacts = 40 << 20

func (s *Server) contactRoutes() {
	op := post("import-contacts", "/v1/lines/{line}/contacts", "Import contacts into this party's journal")
	op.Description = "Nothing of them is ever sent. A file with a fault imports nothing; rows that are held already change nothing."
	op.MaxBodyBytes = maxContacts
	op.BodyReadTimeout = time.Minute
	huma.Register(s.api, op, func(ctx context.Context, in *struct {
		OneLine
		Body ContactsFile
	}) (*body[Imported], error) {
		id, err := s.line(in.Line)
		if err != nil {
			return nil, problem(err)
		}
		list, err := contact.Parse([]byte(in.Body.File))
		if err != nil {
			return nil, huma.NewError(http.StatusUnprocessableEntity, err.Error())
		}
		out := Imported{Rows: len(list)}
		if out.Added, err = s.desk.Import(ctx, id, list); err != nil {
			return nil, problem(err)
		}
		all, err := s.desk.Contacts(id)
		out.Held = len(all)
		return answer(out, err)
	})
	huma.Register(s.api, get("contacts", "/v1/lines/{line}/contacts", "The contacts imported on a line, in the order of import"), func(_ context.Context, in *OneLine) (*body[[]KnownContact], error) {
		id, err := s.line(in.Line)
		if err != nil {
			return nil, problem(err)
		}
		all, err := s.desk.Contacts(id)
		out := make([]KnownContact, len(all))
		for i, c := range all {
			out[i] = KnownContact{c.Values(), c.Imported}
		}
		return answer(out, err)
	})
}

// ImportContacts imports a file of contacts.
func (c *Client) ImportContacts(ctx context.Context, line, file string) (out Imported, err error) {
	return out, c.post(ctx, linePath(line)+"/contacts", ContactsFile{file}, &out)
}

// Contacts lists what was imported.
func (c *Client) Contacts(ctx context.Context, line string) (out []KnownContact, err error) {
	return out, c.get(ctx, linePath(line)+"/contacts", nil, &out)
}

// Brief makes a brief.
func (c *Client) Brief(ctx context.Context, line string, q BriefQuery) (out BriefPage, err error) {
	v := url.Values{}
	for name, s := range map[string]string{"peer": q.Peer, "lang": q.Lang, "at": q.At, "since": q.Since, "form": q.Form} {
		if s != "" {
			v.Set(name, s)
		}
	}
	if q.Full {
		v.Set("full", "true")
	}
	return out, c.get(ctx, linePath(line)+"/brief", v, &out)
}
