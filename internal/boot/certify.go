// SPDX-License-Identifier: Apache-2.0

package boot

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"openline/extract"
	"openline/identity"
	"openline/internal/home"
	"openline/internal/keys"
	"openline/internal/store/sqlite"
	"openline/record"
)

// Certified is an extract that is wished for.
type Certified struct {
	Line    identity.LineID
	Records []record.Ref
	NoReply record.Ref     // a request of ours; zero: an extract of records
	Asked   record.PartyNo // of a no-reply extract: who was asked
	Depth   extract.Depth
}

// Certify gathers an extract from a copy of the store, verifies it as its
// reader will, and gives it with what that verification found.
func Certify(h *home.Home, db *sqlite.DB, c Certified) ([]byte, *extract.Report, error) {
	l, err := h.Line(c.Line)
	if err != nil {
		return nil, nil, err
	}
	me, ok := l.Agreements.Newest().ByName(h.Party())
	if !ok {
		return nil, nil, fmt.Errorf("%s is not a party of line %s", h.Party(), c.Line)
	}
	w := extract.Wish{Line: c.Line, Exporter: me.Number, Records: c.Records, Depth: c.Depth}
	if w.Agreements, err = h.Bundles(c.Line); err != nil {
		return nil, nil, err
	}
	digests := map[[32]byte]bool{}
	for _, v := range l.Agreements.All() {
		cat := l.Catalogue(v.Version)
		if !digests[cat.Digest()] {
			digests[cat.Digest()] = true
			w.Catalogues = append(w.Catalogues, extract.Catalogue{Manifest: cat.Manifest(), Files: cat.Files()})
		}
	}
	var contents *extract.Contents
	if c.NoReply == (record.Ref{}) {
		contents, err = extract.Choose(Source(db, c.Line), w)
	} else {
		contents, err = extract.NoReplyTo(Source(db, c.Line), w, c.NoReply, c.Asked)
	}
	if err != nil {
		return nil, nil, err
	}
	var b bytes.Buffer
	if err := contents.Stream(&b); err != nil {
		return nil, nil, err
	}
	report, err := extract.Verify(b.Bytes(), extract.Options{Language: h.Settings.Language})
	return b.Bytes(), report, err
}

// CertifyFile is [Certify] into a file, which must not be there yet. An
// extract that does not carry its sentence is not written.
func CertifyFile(h *home.Home, database, to string, c Certified) (report *extract.Report, err error) {
	if _, err := os.Lstat(to); !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%s is there already; choose another name", to)
	}
	db, err := sqlite.Open(database)
	if err != nil {
		return nil, err
	}
	zip, report, err := Certify(h, db, c)
	if err = errors.Join(err, db.Close()); err != nil {
		return nil, err
	}
	if !report.Holds() {
		return report, fmt.Errorf("nothing was written: the sentence cannot stand (step %d: %s)", report.NoReply.Step, report.NoReply.Reason)
	}
	return report, keys.WriteFile(to, zip)
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
