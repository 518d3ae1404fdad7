// SPDX-License-Identifier: Apache-2.0

package boot

import (
	"bufio"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"openline/extract"
	"openline/extract/gather"
	"openline/identity"
	"openline/internal/home"
	"openline/internal/host/exporting"
	"openline/internal/store/sqlite"
	"openline/record"
)

// Certified is an extract that is wished for.
type Certified struct {
	Line    identity.LineID
	Records []record.Ref
	Thing   record.Ref     // everything about this thing; zero: an extract of records
	NoReply record.Ref     // a request of ours; zero: none
	Asked   record.PartyNo // of a no-reply extract: who was asked
	Depth   extract.Depth
}

// Certify gathers an extract from a copy of the store and writes it to w in
// pieces. It is not judged here: [CertifyFile] verifies it.
func Certify(h *home.Home, db *sqlite.DB, c Certified, w io.Writer) error {
	wish, err := wishFor(h, c)
	if err != nil {
		return err
	}
	src := (&exporting.Exporter{Line: c.Line, Me: wish.Exporter, Store: db, Reader: db.Line(c.Line)}).Source()
	var contents *gather.Contents
	if c.NoReply == (record.Ref{}) {
		contents, err = gather.Choose(src, wish)
	} else {
		contents, err = gather.NoReplyTo(src, wish, c.NoReply, c.Asked)
	}
	if err != nil {
		return err
	}
	return contents.Stream(w)
}

// wishFor adds what the directory holds: agreements and catalogues.
func wishFor(h *home.Home, c Certified) (gather.Wish, error) {
	l, err := h.Line(c.Line)
	if err != nil {
		return gather.Wish{}, err
	}
	me, ok := l.Agreements.Newest().ByName(h.Party())
	if !ok {
		return gather.Wish{}, fmt.Errorf("%s is not a party of line %s", h.Party(), c.Line)
	}
	w := gather.Wish{Line: c.Line, Exporter: me.Number, Records: c.Records, Thing: c.Thing, Depth: c.Depth}
	if w.Agreements, err = h.Bundles(c.Line); err != nil {
		return w, err
	}
	digests := map[[32]byte]bool{}
	for _, v := range l.Agreements.All() {
		if cat := l.Catalogue(v.Version); !digests[cat.Digest()] {
			digests[cat.Digest()] = true
			w.Catalogues = append(w.Catalogues, gather.Catalogue{Manifest: cat.Manifest(), Files: cat.Files()})
		}
	}
	return w, nil
}

// CertifyFile writes an extract into a file, which must not be there yet,
// after verifying it as its reader will. One that does not carry its sentence
// is not put there.
func CertifyFile(h *home.Home, database, to string, c Certified) (report *extract.Report, err error) {
	if _, err := os.Lstat(to); !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%s is there already; choose another name", to)
	}
	f, err := os.CreateTemp(filepath.Dir(to), ".extract-*")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(f.Name())) }()
	db, err := sqlite.Open(database)
	if err != nil {
		return nil, err
	}
	out := bufio.NewWriterSize(f, 1<<20)
	if err := errors.Join(Certify(h, db, c, out), db.Close()); err != nil {
		return nil, err
	}
	if err := errors.Join(out.Flush(), f.Sync()); err != nil {
		return nil, err
	}
	if report, err = verified(f, h.Settings.Language); err != nil {
		return report, err
	}
	if err := os.Link(f.Name(), to); err != nil {
		return report, err
	}
	return report, home.Flush(filepath.Dir(to))
}

// ProofFile writes the C2SP tlog-proof of one record into a file, which must
// not be there yet: its inclusion in the newest signed head, with every
// cosignature held over that head. It shows nothing of the record but its
// place.
func ProofFile(h *home.Home, database, to string, line identity.LineID, ref record.Ref) error {
	db, err := sqlite.Open(database)
	if err != nil {
		return err
	}
	src := (&exporting.Exporter{Line: line, Store: db, Reader: db.Line(line)}).Source()
	proof, err := gather.Proof(src, ref)
	if err = errors.Join(err, db.Close()); err != nil {
		return err
	}
	f, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%s is there already; choose another name", to)
	} else if err != nil {
		return err
	}
	_, err = f.Write(proof)
	return errors.Join(err, f.Sync(), f.Close())
}

func verified(f *os.File, language string) (*extract.Report, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	report, err := extract.VerifyFrom(f, info.Size(), extract.Options{Language: language})
	if err != nil {
		return nil, fmt.Errorf("nothing was written: %w", err)
	}
	if !report.Holds() {
		return report, fmt.Errorf("nothing was written: the sentence cannot stand (step %d: %s)", report.NoReply.Step, report.NoReply.Reason)
	}
	return report, nil
}

// Release keeps in the journal that two persons decided to export, where the
// station does not run and so cannot keep it itself.
func Release(h *home.Home, r Renewal, about []string) (err error) {
	db, err := sqlite.Open(h.Database())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	saved, err := db.Load(r.Line)
	if err != nil {
		return err
	}
	act := identity.Act{Line: r.Line, Party: h.Party(), Kind: "export", Header: sha256.Sum256([]byte(strings.Join(about, "\n")))}
	if len(about) > 0 {
		act.About = about[0]
	}
	people, err := twoPersons(h, act, r)
	if err != nil {
		return err
	}
	if r.Now.IsZero() {
		r.Now = time.Now()
	}
	return journal(db, saved.Row, r, act, people)
}
