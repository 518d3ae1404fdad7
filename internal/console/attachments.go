// SPDX-License-Identifier: Apache-2.0

package console

import (
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"openline/identity"
	"openline/internal/desk/attachment"
	"openline/internal/host"
	"openline/record"
)

// attaching is what the console asks of a station about files behind words.
type attaching interface {
	Attach(context.Context, identity.LineID, []byte) ([32]byte, error)
	Attachments(identity.LineID, host.Record) ([]host.Attachment, error)
	ReadAttachment(identity.LineID, host.Record, int) (host.Attachment, []byte, error)
	CompleteAt(identity.LineID, host.Record) ([]host.Complete, error)
}

func (s *Server) attachmentHandlers() map[string]handler {
	return map[string]handler{
		"attach": s.attach, "attachment": s.attachment, "attachment-image": s.attachmentImage, "attachment-file": s.attachmentFile,
	}
}

const (
	maxFiles  = 16        // behind one record
	maxChosen = 512       // files whose names are remembered until they are said
	maxShown  = 256 << 10 // bytes of a text on a page
)

// chosen remembers the names and types of files taken in here, so that a form
// carries digests and nothing that it could change. Images are looked at one
// at a time: each takes as much memory as it has points.
type chosen struct {
	mu      sync.Mutex
	by      map[[32]byte]record.Attachment
	order   [][32]byte
	looking sync.Mutex
}

func newChosen() *chosen { return &chosen{by: map[[32]byte]record.Attachment{}} }

func (c *chosen) put(a record.Attachment) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.by[a.Digest]; !ok {
		c.order = append(c.order, a.Digest)
	}
	c.by[a.Digest] = a
	if len(c.order) > maxChosen {
		delete(c.by, c.order[0])
		c.order = c.order[1:]
	}
}

// list finds the files a form names.
func (c *chosen) list(digests []string) (out []record.Attachment, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(digests) > maxFiles {
		return nil, fault(http.StatusUnprocessableEntity, "files.many")
	}
	for _, d := range digests {
		var digest [32]byte
		b, err := hex.DecodeString(d)
		if err != nil || len(b) != 32 {
			return nil, fault(http.StatusUnprocessableEntity, "files.again")
		}
		copy(digest[:], b)
		a, ok := c.by[digest]
		if !ok {
			return nil, fault(http.StatusUnprocessableEntity, "files.again")
		}
		out = append(out, a)
	}
	return out, nil
}

// most is how many bytes a form may have: one that brings files as many as
// its line carries.
func (s *Server) most(r *http.Request) int64 {
	if path, ok := strings.CutSuffix(r.URL.Path, "/attach"); ok && r.Method == http.MethodPost {
		for _, l := range s.lines {
			if path == "/line/"+string(l.ID) || path == "/line/"+l.ID.Slug() {
				return maxForm + l.ceiling()
			}
		}
	}
	return maxForm
}

func (l *lineDesk) ceiling() int64 { return l.Agreements.Newest().Ceilings.Attachments }

// attach takes in files and gives the page of the draft back with them.
func (s *Server) attach(w http.ResponseWriter, r *http.Request, who *seat) error {
	l, err := s.line(r)
	if err != nil {
		return err
	}
	if l.ceiling() == 0 {
		return fault(http.StatusUnprocessableEntity, "files.none")
	}
	// All of it stays in memory: the guard has bounded it.
	if err := r.ParseMultipartForm(maxForm + l.ceiling()); err != nil {
		return err
	}
	p := s.page(r, who, "compose", "title.compose")
	n, err := s.snap(r.Context(), l, p.Words)
	if err != nil {
		return err
	}
	f := readForm(r)
	why := s.takeIn(r.Context(), l, &f, r.MultipartForm.File["attach"])
	if status, _ := statusOf(why); why != nil && status >= http.StatusInternalServerError {
		return why
	}
	v, err := n.composing(f, "", who)
	if err != nil {
		return err
	}
	if why != nil {
		status, key := statusOf(why)
		p.Status, v.Why = status, why.Error()
		if key == "files.many" || key == "files.again" {
			v.Why = n.T(key)
		}
	}
	p.X = v
	s.write(w, p, "compose")
	return nil
}

// takeIn looks at files and keeps them at the station; the form then names
// them. It stops at the first that is turned away.
func (s *Server) takeIn(ctx context.Context, l *lineDesk, f *draftForm, files []*multipart.FileHeader) error {
	for _, h := range files {
		if h.Size == 0 && h.Filename == "" {
			continue
		}
		if len(f.Files) >= maxFiles {
			return fault(http.StatusUnprocessableEntity, "files.many")
		}
		a, err := s.takeOne(ctx, l, h)
		if err != nil {
			return err
		}
		if d := hex.EncodeToString(a.Digest[:]); !slices.Contains(f.Files, d) {
			f.Files = append(f.Files, d)
		}
	}
	return nil
}

func (s *Server) takeOne(ctx context.Context, l *lineDesk, h *multipart.FileHeader) (a record.Attachment, err error) {
	body, err := h.Open()
	if err != nil {
		return a, err
	}
	defer body.Close()
	b, err := io.ReadAll(body)
	if err != nil {
		return a, err
	}
	s.chosen.looking.Lock()
	file, err := attachment.Prepare(h.Filename, h.Header.Get("Content-Type"), b, l.ceiling())
	s.chosen.looking.Unlock()
	if err != nil {
		return a, err
	}
	a = record.Attachment{Size: uint64(len(file.Bytes)), Type: file.Type, Name: file.Name}
	if a.Digest, err = s.cfg.Station.Attach(ctx, l.ID, file.Bytes); err == nil {
		s.chosen.put(a)
	}
	return a, err
}

// fileView is an attachment on a page.
type fileView struct {
	N                        int
	Digest, Name, Type, Size string
	State                    string // key of the words
	Whole                    bool
}

func filesOf(list []record.Attachment) (out []fileView) {
	for i, a := range list {
		out = append(out, fileView{N: i + 1, Digest: hex.EncodeToString(a.Digest[:]), Name: a.Name, Type: a.Type, Size: sized(a.Size)})
	}
	return out
}

// sized writes a number of bytes for a person.
func sized(n uint64) string {
	switch {
	case n < 1<<10:
		return fmt.Sprintf("%d B", n)
	case n < 1<<20:
		return fmt.Sprintf("%d KiB", (n+1023)>>10)
	}
	return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
}

// thereView is a party's word that the attachments are complete there, or
// that it has not said so.
type thereView struct {
	Party string
	At    record.Stamp
	Ref   string
}

// attached shows what is attached to a record.
func (n *snap) attached(v *recordView, rec host.Record) error {
	list, err := n.s.cfg.Station.Attachments(n.ID, rec)
	if err != nil || len(list) == 0 {
		return err
	}
	for i, a := range list {
		f := fileView{N: i + 1, Digest: hex.EncodeToString(a.Digest[:]), Name: attachment.FileName(a.Name, a.Type), Type: a.Type, Size: sized(a.Size), State: "files.coming", Whole: a.Whole()}
		switch {
		case a.NotCarried != nil:
			f.State = "files.away"
		case f.Whole:
			f.State = "files.here"
		}
		v.Files = append(v.Files, f)
	}
	said, err := n.s.cfg.Station.CompleteAt(n.ID, rec)
	if err != nil {
		return err
	}
	for _, p := range n.Agreements.Newest().Parties {
		if p.Number == rec.Log.Party {
			continue
		}
		t := thereView{Party: n.party(p.Number).Title}
		if i := slices.IndexFunc(said, func(c host.Complete) bool { return c.By == p.Number }); i >= 0 {
			t.At, t.Ref = said[i].At, n.env.RefName(said[i].Ref)
		}
		v.There = append(v.There, t)
	}
	return nil
}

// attachmentAt reads the attachment a path names.
func (s *Server) attachmentAt(r *http.Request, n *snap) (a host.Attachment, b []byte, err error) {
	no, ok := n.env.PartyNo(r.PathValue("party"))
	number, err1 := strconv.ParseUint(r.PathValue("number"), 10, 62)
	which, err2 := strconv.Atoi(r.PathValue("n"))
	if !ok || err1 != nil || err2 != nil {
		return a, nil, host.ErrNoRecord
	}
	rec, err := s.cfg.Station.Record(n.ID, record.ByNumber(no, number))
	if err != nil {
		return a, nil, err
	}
	a, b, err = s.cfg.Station.ReadAttachment(n.ID, rec, which)
	if err != nil && cmp.Or(which < 1, which > maxFiles, a.Type == "") {
		err = host.ErrNoRecord
	}
	return a, b, err
}

// attachmentView is the page of one attachment.
type attachmentView struct {
	Line, Slug, Ref, Path string
	File                  fileView
	Text                  string
	Image, Cut            bool
	Why                   string // key of the words: why it is not shown
}

func (s *Server) attachment(w http.ResponseWriter, r *http.Request, who *seat) error {
	n, p, err := s.lookAt(r, who)
	if err != nil {
		return err
	}
	a, b, err := s.attachmentAt(r, n)
	if err != nil {
		return err
	}
	v := attachmentView{Line: string(n.ID), Slug: n.ID.Slug(), Ref: r.PathValue("party") + "/" + r.PathValue("number"), Path: r.URL.Path,
		File: fileView{Name: attachment.FileName(a.Name, a.Type), Type: a.Type, Size: sized(a.Size), Digest: hex.EncodeToString(a.Digest[:])}}
	switch {
	case a.Type == attachment.PDF:
		v.Why = "files.pdf"
	case a.Type == attachment.Text:
		if shown, err := s.lookThrough(a.Type, b); err != nil {
			v.Why = "files.unfit"
		} else {
			v.Cut = len(shown) > maxShown
			v.Text = strings.ToValidUTF8(string(shown[:min(len(shown), maxShown)]), "")
		}
	default:
		if _, err := s.lookThrough(a.Type, b); err != nil {
			v.Why = "files.unfit"
		} else {
			v.Image = true
		}
	}
	p.Title, p.X = v.File.Name, v
	s.write(w, p, "attachment")
	return nil
}

func (s *Server) lookAt(r *http.Request, who *seat) (*snap, *page, error) {
	l, err := s.line(r)
	if err != nil {
		return nil, nil, err
	}
	p := s.page(r, who, "transcript", "title.attachment")
	n, err := s.snap(r.Context(), l, p.Words)
	return n, p, err
}

func (s *Server) lookThrough(kind string, b []byte) ([]byte, error) {
	s.chosen.looking.Lock()
	defer s.chosen.looking.Unlock()
	return attachment.Shown(kind, b)
}

// sealed is the policy of what came from the other side: it runs nothing,
// asks for nothing and belongs to nobody.
const sealed = "default-src 'none'; sandbox"

// attachmentImage gives an image encoded anew here.
func (s *Server) attachmentImage(w http.ResponseWriter, r *http.Request, who *seat) error {
	n, _, err := s.lookAt(r, who)
	if err != nil {
		return err
	}
	a, b, err := s.attachmentAt(r, n)
	if err != nil {
		return err
	}
	if a.Type != attachment.PNG && a.Type != attachment.JPEG {
		return fault(http.StatusUnsupportedMediaType, "files.unfit")
	}
	if b, err = s.lookThrough(a.Type, b); err != nil {
		return &problem{http.StatusUnsupportedMediaType, "files.unfit", err}
	}
	h := w.Header()
	h.Set("Content-Type", a.Type)
	h.Set("Content-Security-Policy", sealed)
	_, err = w.Write(b)
	return err
}

// attachmentFile gives the bytes as they came, to be kept and never shown.
func (s *Server) attachmentFile(w http.ResponseWriter, r *http.Request, who *seat) error {
	n, _, err := s.lookAt(r, who)
	if err != nil {
		return err
	}
	a, b, err := s.attachmentAt(r, n)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Security-Policy", sealed)
	h.Set("Content-Disposition", "attachment; filename*=UTF-8''"+url.PathEscape(attachment.FileName(a.Name, a.Type)))
	_, err = w.Write(b)
	return err
}
