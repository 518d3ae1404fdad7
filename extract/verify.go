// SPDX-License-Identifier: Apache-2.0

package extract

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"openline/agreement"
	"openline/catalogue"
	"openline/extract/layout"
	"openline/identity"
	"openline/record"
	"openline/tlog"
)

// Options is what the reader of an extract knows from elsewhere.
type Options struct {
	// Fingerprints the reader had from the parties themselves. A party
	// without one is reported as unvouched.
	Fingerprints map[identity.Party]identity.Fingerprint
	Language     string // of renderings; empty: en
	MaxRecords   int    // records to report one by one; 0: 1000
}

// Verify checks an extract in memory. See [VerifyFrom].
func Verify(zip []byte, o Options) (*Report, error) {
	return VerifyFrom(bytes.NewReader(zip), int64(len(zip)), o)
}

// VerifyFrom checks an extract and reports what holds; memory does not grow
// with its size. What does not hold is a [*Fault]; any other error is one of
// reading. A no-reply extract that holds and does not carry its sentence
// says so in [Report.NoReply].
func VerifyFrom(r io.ReaderAt, size int64, o Options) (*Report, error) {
	if o.Language == "" {
		o.Language = "en"
	}
	if o.MaxRecords == 0 {
		o.MaxRecords = 1000
	}
	a, err := layout.Open(r, size)
	if err != nil {
		return nil, err
	}
	v := &verifier{o: o, a: a, files: map[string]layout.File{}, logs: map[LogID]*log{}, agreements: map[uint32]*agreement.Agreement{},
		catalogues: map[[32]byte]*catalogue.Catalogue{}, report: &Report{}}
	for _, step := range []func() error{v.digests, v.title, v.agreed, v.phrases, v.cards, v.heads, v.unknown, v.judge} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return v.report, nil
}

// verifier is an extract being taken apart.
type verifier struct {
	o          Options
	a          *layout.Archive
	files      map[string]layout.File // those not read yet
	taken      int64                  // bytes of files read whole
	signed     int                    // cosignatures read
	t          layout.Title
	agreements map[uint32]*agreement.Agreement
	oldest     *agreement.Agreement
	catalogues map[[32]byte]*catalogue.Catalogue
	logs       map[LogID]*log
	order      []*log // by party and generation
	report     *Report
}

// log is one generation being verified.
type log struct {
	id         LogID
	card       *identity.StationCard
	keys       tlog.Keys
	size       uint64 // of what is shown
	shown      bool   // there is a file of entries
	walked     bool
	heads      []head
	statements []Statement
	roots      map[uint64][32]byte // wanted sizes; filled by the walk
	pending    uint64              // size of a later head, 0 if none is shown
	summary    LogReport
}

// digests holds every file to the list, which names them all.
func (v *verifier) digests() error {
	for _, f := range v.a.Files {
		v.files[f.Name] = f
	}
	list := v.files[layout.DigestsName]
	b, err := v.take(layout.DigestsName, maxDigests, 1)
	if err != nil {
		return err
	}
	sum := sha256.New()
	if err := v.a.Sums(list, sum); err != nil { // first, so that a change in the list is not laid at another file's door
		return err
	}
	for _, f := range v.a.Files {
		sum.Reset()
		if err := v.a.Sums(f, sum); err != nil {
			return err
		}
		if f.Name == layout.DigestsName {
			continue
		}
		if want := hex.EncodeToString(sum.Sum(nil)) + "  " + f.Name + "\n"; !bytes.HasPrefix(b, []byte(want)) {
			return layout.Faultf(f.Name, 1, "it is not the file that %s lists in its place", layout.DigestsName)
		}
		_, after, _ := bytes.Cut(b, []byte("\n"))
		b = after
	}
	if len(b) > 0 {
		return layout.Faultf(layout.DigestsName, 1, "it lists a file that is not there: %.80q", b)
	}
	return nil
}

// take reads a file whole, once.
func (v *verifier) take(name string, bound int64, step int) ([]byte, error) {
	f, ok := v.files[name]
	if !ok {
		return nil, layout.Faultf(name, step, "the file is missing")
	}
	if f.Size > bound {
		return nil, layout.Faultf(name, step, "%d bytes are more than %d", f.Size, bound)
	}
	if v.taken += f.Size; v.taken > maxTaken {
		return nil, layout.Faultf(name, step, "the files that hold no entries are together larger than %d bytes", maxTaken)
	}
	delete(v.files, name)
	return v.a.Bytes(f)
}

// named lists the files not read yet that begin with a prefix, in order.
func (v *verifier) named(prefix string) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(v.files)), func(n string) bool { return !strings.HasPrefix(n, prefix) })
}

func (v *verifier) title() error {
	b, err := v.take(layout.TitleName, maxTitle, 1)
	if err != nil {
		return err
	}
	if v.t, err = layout.ParseTitle(b); err != nil {
		return err
	}
	summary, err := v.take(layout.SummaryName, maxSummary, 1)
	if err != nil {
		return err
	}
	if !printable(string(summary)) {
		return layout.Faultf(layout.SummaryName, 1, "it holds control characters or is not UTF-8")
	}
	v.report.Kind, v.report.Line = v.t.Kind, v.t.Line
	return nil
}

// agreed opens the versions of the agreement, which follow each other.
func (v *verifier) agreed() error {
	var last *agreement.Agreement
	names := v.named("agreement/")
	if len(names) > maxVersions {
		return layout.Faultf("", 2, "%d versions of the agreement are more than %d", len(names), maxVersions)
	}
	for _, name := range names {
		b, err := v.take(name, maxAgreement, 2)
		if err != nil {
			return err
		}
		a, err := agreement.Open(b)
		if err != nil {
			return layout.Faultf(name, 2, "%v", err)
		}
		if name != layout.AgreementName(a.Version) || a.Line != v.t.Line {
			return layout.Faultf(name, 2, "it is version %d of the agreement of %s", a.Version, a.Line)
		}
		if last != nil {
			if err := a.Amends(last); err != nil {
				return layout.Faultf(name, 2, "%v", err)
			}
		} else {
			v.oldest = a
		}
		v.agreements[a.Version], last = a, a
	}
	if last == nil {
		return layout.Faultf(layout.AgreementName(1), 2, "no version of the agreement is here")
	}
	if _, ok := last.Party(v.t.Exporter); !ok {
		return layout.Faultf(layout.TitleName, 2, "the exporter, number %d, is not a party of the line", v.t.Exporter)
	}
	v.report.Exercise = last.Standing == record.Exercise
	return v.vouch(last)
}

// vouch compares the parties' keys with what the reader had from elsewhere.
func (v *verifier) vouch(a *agreement.Agreement) error {
	for _, p := range a.Parties {
		own := p.Key.Fingerprint(p.Name)
		known, ok := v.o.Fingerprints[p.Name]
		if ok && known != own {
			return layout.Faultf(layout.AgreementName(a.Version), 2, "the key of %s has the fingerprint %s, not the one you gave", p.Name, own)
		}
		v.report.Parties = append(v.report.Parties, PartyReport{p.Number, p.Name, p.Short, p.Title, own, ok})
	}
	return nil
}

// phrases opens the catalogues that the versions of the agreement name. All
// files of phrases are there; of the languages, those the exporter chose.
func (v *verifier) phrases() error {
	for _, version := range slices.Sorted(maps.Keys(v.agreements)) {
		digest := v.agreements[version].Catalogue
		if v.catalogues[digest] != nil {
			continue
		}
		name := layout.CatalogueName(digest, "manifest.txt")
		manifest, err := v.take(name, maxManifest, 2)
		if err != nil {
			return err
		}
		if sha256.Sum256(manifest) != digest {
			return layout.Faultf(name, 2, "it is not the manifest that version %d of the agreement names", version)
		}
		listed, err := layout.ParseDigests(name, 2, manifest)
		if err != nil {
			return err
		}
		if v.catalogues[digest], err = v.catalogue(digest, listed); err != nil {
			return err
		}
	}
	return nil
}

func (v *verifier) catalogue(digest [32]byte, listed map[string][32]byte) (*catalogue.Catalogue, error) {
	files := map[string][]byte{}
	for _, n := range slices.Sorted(maps.Keys(listed)) {
		name := layout.CatalogueName(digest, n)
		if _, ok := v.files[name]; !ok && !strings.HasPrefix(n, "phrases") {
			continue
		}
		b, err := v.take(name, maxCatalogue, 2)
		if err != nil {
			return nil, err
		}
		if sha256.Sum256(b) != listed[n] {
			return nil, layout.Faultf(name, 2, "it is not the file that the manifest names")
		}
		files[n] = b
	}
	c, err := catalogue.Load(files)
	if err != nil {
		return nil, layout.Faultf(layout.CatalogueName(digest, "manifest.txt"), 2, "%v", err)
	}
	return c, nil
}

// cards opens the station cards; each chains to its party's key.
func (v *verifier) cards() error {
	newest := v.newestAgreement()
	for _, name := range v.named("log/") {
		dir, base, _ := strings.Cut(strings.TrimPrefix(name, "log/"), "/")
		if base != "card.txt" {
			continue
		}
		id, ok := parseLogDir(dir)
		party, known := newest.Party(id.Party)
		if !ok || !known {
			return layout.Faultf(name, 2, "it is of no party of the line")
		}
		b, err := v.take(name, maxCard, 2)
		if err != nil {
			return err
		}
		card, err := identity.OpenStationCard(b, party.Key)
		if err != nil {
			return layout.Faultf(name, 2, "%v", err)
		}
		if card.Party != party.Name || card.Line != v.t.Line || card.Generation != id.Generation {
			return layout.Faultf(name, 2, "it is the card of %s, generation %d, on %s", card.Party, card.Generation, card.Line)
		}
		keys, err := tlog.KeysOf(card)
		if err != nil {
			return layout.Faultf(name, 2, "%v", err)
		}
		if len(v.logs) == maxLogs {
			return layout.Faultf(name, 2, "more than %d station cards", maxLogs)
		}
		v.logs[id] = &log{id: id, card: card, keys: keys, roots: map[uint64][32]byte{}}
	}
	v.order = slices.SortedFunc(maps.Values(v.logs), func(a, b *log) int { return a.id.Compare(b.id) })
	return nil
}

func (v *verifier) newestAgreement() *agreement.Agreement {
	return v.agreements[slices.Max(slices.Collect(maps.Keys(v.agreements)))]
}

// parseLogDir reads the part of a name that tells the log.
func parseLogDir(dir string) (LogID, bool) {
	a, b, ok := strings.Cut(dir, "-")
	party, err1 := strconv.ParseUint(a, 10, 16)
	generation, err2 := strconv.ParseUint(b, 10, 32)
	id := LogID{Party: record.PartyNo(party), Generation: uint32(generation)}
	return id, ok && err1 == nil && err2 == nil && layout.LogName(id, "") == "log/"+dir+"/"
}

// unknown refuses files that no step has read.
func (v *verifier) unknown() error {
	for _, name := range slices.Sorted(maps.Keys(v.files)) {
		return layout.Faultf(name, 1, "no step of the verification knows this file")
	}
	return nil
}

// short names a party as its records are named.
func (v *verifier) short(no record.PartyNo) string {
	if p, ok := v.newestAgreement().Party(no); ok {
		return p.Short
	}
	return fmt.Sprintf("party %d", no)
}

// of gives the catalogue of a version of the agreement, nil if it is not
// shown.
func (v *verifier) of(version uint32) *catalogue.Catalogue {
	if a := v.agreements[version]; a != nil {
		return v.catalogues[a.Catalogue]
	}
	return nil
}
