// SPDX-License-Identifier: Apache-2.0

package api

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"openline/agreement"
	"openline/identity"
	"openline/internal/desk/attachment"
	"openline/internal/host"
	"openline/internal/station"
	"openline/record"
)

// Attachment names a file that was taken in, for a draft.
type Attachment struct {
	Digest string `json:"digest" minLength:"64" maxLength:"64" doc:"SHA-256, hex"`
	Size   uint64 `json:"size" minimum:"1"`
	Type   string `json:"type" enum:"text/plain,image/png,image/jpeg,application/pdf"`
	Name   string `json:"name" minLength:"1" maxLength:"255"`
}

// AttachmentShown is one attachment of a record as it stands here.
type AttachmentShown struct {
	N          int    `json:"n" doc:"From 1"`
	Digest     string `json:"digest" doc:"SHA-256, hex"`
	Size       uint64 `json:"size"`
	Held       uint64 `json:"held" doc:"Bytes of it that are here"`
	Complete   bool   `json:"complete" doc:"It is here whole and has its digest"`
	Type       string `json:"type"`
	Name       string `json:"name" doc:"As its author wrote it"`
	FileName   string `json:"file_name" doc:"A name it may be kept under"`
	NotCarried string `json:"not_carried,omitempty" doc:"Why this line does not carry it; it is not asked for"`
}

// CompleteThere is a party's word (AT01) that all attachments of a record are
// complete at its station.
type CompleteThere struct {
	By  string     `json:"by"`
	Ref string     `json:"ref"`
	At  *time.Time `json:"at,omitempty"`
}

func (s *Server) attachmentRoutes() {
	op := post("attach", "/v1/lines/{line}/attachments", "Take in a file that a draft is to name")
	op.Description = "The body is the file. Its type follows from its content and must fit its name; images are encoded anew, so that digest and size may differ from those of the file. Nothing of it leaves before a record names it, and a file that no record comes to name is forgotten."
	op.MaxBodyBytes = agreement.MaxAttachments + 1
	op.BodyReadTimeout = 5 * time.Minute
	huma.Register(s.api, op, func(ctx context.Context, in *struct {
		OneLine
		Name    string `query:"name" required:"true" minLength:"1" maxLength:"1024"`
		RawBody []byte `contentType:"application/octet-stream"`
	}) (*body[Attachment], error) {
		id, err := s.line(in.Line)
		if err != nil {
			return nil, problem(err)
		}
		return answer(s.attach(ctx, id, in.Name, in.RawBody))
	})
	read := get("attachment", "/v1/lines/{line}/records/{party}/{number}/attachments/{n}", "The bytes of an attachment, as they came")
	read.Description = "They have the digest the record names, and nothing else is known of them: they are the other side's."
	read.Responses = map[string]*huma.Response{"200": {Description: "The file", Content: map[string]*huma.MediaType{"application/octet-stream": {}}}}
	huma.Register(s.api, read, func(_ context.Context, in *struct {
		OneLine
		Party  string `path:"party" maxLength:"80"`
		Number string `path:"number" maxLength:"80"`
		N      int    `path:"n" minimum:"1" maximum:"16"`
	}) (*fileAnswer, error) {
		id, err := s.line(in.Line)
		if err != nil {
			return nil, problem(err)
		}
		a, b, err := s.readAttachment(id, in.Party+"/"+in.Number, in.N)
		if err != nil {
			return nil, problem(err)
		}
		return &fileAnswer{"application/octet-stream", fmt.Sprintf("attachment; filename*=UTF-8''%s", url.PathEscape(attachment.FileName(a.Name, a.Type))), b}, nil
	})
}

// fileAnswer is a file as it is.
type fileAnswer struct {
	ContentType string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Body        []byte
}

func (s *Server) attach(ctx context.Context, id identity.LineID, name string, b []byte) (Attachment, error) {
	most, err := s.cfg.Host.MostAttached(id)
	if err != nil {
		return Attachment{}, err
	}
	if most == 0 {
		return Attachment{}, station.ErrNoAttachments
	}
	f, err := attachment.Prepare(name, "", b, most)
	if err != nil {
		return Attachment{}, err
	}
	digest, err := s.cfg.Host.Attach(ctx, id, f.Bytes)
	return Attachment{hex.EncodeToString(digest[:]), uint64(len(f.Bytes)), f.Type, f.Name}, err
}

func (s *Server) readAttachment(id identity.LineID, name string, n int) (host.Attachment, []byte, error) {
	env, err := s.cfg.Host.Env(id)
	if err != nil {
		return host.Attachment{}, nil, err
	}
	ref, err := env.ParseRef(name)
	if err != nil {
		return host.Attachment{}, nil, err
	}
	r, err := s.cfg.Host.Record(id, ref)
	if err != nil {
		return host.Attachment{}, nil, err
	}
	return s.cfg.Host.ReadAttachment(id, r, n)
}

// attached shows what is attached to a record.
func (s *Server) attached(id identity.LineID, env host.Env, r host.Record, out *Record) error {
	list, err := s.cfg.Host.Attachments(id, r)
	if err != nil || len(list) == 0 {
		return err
	}
	for i, a := range list {
		shown := AttachmentShown{N: i + 1, Digest: hex.EncodeToString(a.Digest[:]), Size: a.Size, Held: a.Held, Complete: a.Whole(),
			Type: a.Type, Name: a.Name, FileName: attachment.FileName(a.Name, a.Type)}
		if a.NotCarried != nil {
			shown.NotCarried = a.NotCarried.Error()
		}
		out.Attachments = append(out.Attachments, shown)
	}
	there, err := s.cfg.Host.CompleteAt(id, r)
	for _, c := range there {
		out.CompleteAt = append(out.CompleteAt, CompleteThere{env.PartyName(c.By), env.RefName(c.Ref), stamp(c.At)})
	}
	return err
}

// readAttachments turns the attachments of a draft into a record's.
func readAttachments(in []Attachment) (out []record.Attachment, err error) {
	for i, a := range in {
		one := record.Attachment{Size: a.Size, Type: a.Type, Name: a.Name}
		if err := readHex(one.Digest[:], a.Digest, fmt.Sprintf("attachment %d", i+1)); err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

// Attach takes in a file that a draft is to name.
func (c *Client) Attach(ctx context.Context, line, name string, b []byte) (out Attachment, err error) {
	resp, err := c.send(ctx, http.MethodPost, linePath(line)+"/attachments?"+url.Values{"name": {name}}.Encode(), "application/octet-stream", bytes.NewReader(b))
	if err != nil {
		return out, err
	}
	defer resp.Body.Close()
	return out, decodeAnswer(resp.Body, &out)
}

// ReadAttachment reads the bytes of a record's nth attachment, from 1.
func (c *Client) ReadAttachment(ctx context.Context, line, ref string, n int) ([]byte, error) {
	party, number, ok := strings.Cut(ref, "/")
	if !ok {
		return nil, fmt.Errorf("%q is no record's name; write party/number, like blue/412", ref)
	}
	resp, err := c.do(ctx, http.MethodGet, linePath(line)+"/records/"+url.PathEscape(party)+"/"+url.PathEscape(number)+"/attachments/"+strconv.Itoa(n), nil)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, agreement.MaxAttachments+1))
	if err == nil && len(b) > agreement.MaxAttachments {
		err = errors.New("the station gives more than an attachment can have")
	}
	return b, err
}
