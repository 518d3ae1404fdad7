// SPDX-License-Identifier: Apache-2.0

package extract_test

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"openline/agreement"
	"openline/agreement/draft"
	"openline/catalogue"
	"openline/extract"
	"openline/extract/gather"
	"openline/identity"
	"openline/identity/secret"
	"openline/record"
	"openline/tlog"
)

// The parties of every fixture, by their numbers on the line.
const (
	blue record.PartyNo = 1
	red  record.PartyNo = 2
)

var names = map[record.PartyNo]identity.Party{blue: "blue.example", red: "red.example"}

// world is two parties' real keys, cards, logs and statements, made by hand,
// so that anything can be made wrong.
type world struct {
	t         testing.TB
	now       record.Stamp
	salt      byte
	secrets   map[record.PartyNo]*secret.Party
	bundle    []byte
	agreement *agreement.Agreement
	catalogue *catalogue.Catalogue
	logs      map[extract.LogID]*genLog
	newest    map[record.PartyNo]uint32
	holds     map[record.PartyNo]map[extract.LogID]uint64 // of the other's logs
	signed    []extract.Statement
	said      map[record.Ref]string // the phrase of every record, whatever became of its content
}

// genLog is one generation: everything its author ever put in it.
type genLog struct {
	id      extract.LogID
	secret  *secret.Station
	card    *identity.StationCard
	note    []byte
	entries []record.Entry
	tree    *tlog.Tree
	stored  [][32]byte
}

func seed(parts ...any) [32]byte { return sha256.Sum256(fmt.Append(nil, parts...)) }

// cheap: keys and catalogue are the same in every world and slow to make.
var (
	loadCatalogue = sync.OnceValues(catalogue.Default)
	loadAffairs   = sync.OnceValues(func() (*catalogue.Catalogue, error) {
		base, err := loadCatalogue()
		if err != nil {
			return nil, err
		}
		files, err := catalogue.AffairsFiles()
		if err != nil {
			return nil, err
		}
		return catalogue.Extend(base, files)
	})
	stationKeys sync.Map
)

func stationSecret(t testing.TB, id extract.LogID) *secret.Station {
	t.Helper()
	if s, ok := stationKeys.Load(id); ok {
		return s.(*secret.Station)
	}
	var b [secret.StationSeed]byte
	for i := range secret.StationSeed / 32 {
		part := seed("station", id, i)
		copy(b[32*i:], part[:])
	}
	s := must(secret.NewStation(b))(t)
	stationKeys.Store(id, s)
	return s
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// newWorld opens a line between blue and red, generation 1 each.
func newWorld(t testing.TB, exercise bool) *world {
	t.Helper()
	return newWorldOf(t, exercise, must(loadCatalogue())(t))
}

func newWorldOf(t testing.TB, exercise bool, cat *catalogue.Catalogue) *world {
	t.Helper()
	w := &world{t: t, now: 1_621_500_000, secrets: map[record.PartyNo]*secret.Party{}, logs: map[extract.LogID]*genLog{},
		newest: map[record.PartyNo]uint32{}, holds: map[record.PartyNo]map[extract.LogID]uint64{blue: {}, red: {}}, said: map[record.Ref]string{}}
	w.catalogue = cat
	var parties []agreement.Party
	for _, no := range []record.PartyNo{blue, red} {
		a, b := seed("ed", no), seed("ml", no)
		w.secrets[no] = secret.NewParty([64]byte(slices.Concat(a[:], b[:])))
		parties = append(parties, agreement.Party{Number: no, Name: names[no], Short: names[no].Short(), Title: "Ministry of " + names[no].Short(), Key: w.secrets[no].Public()})
	}
	text := must(draft.Text(draft.Options{Slug: "dtl", Exercise: exercise, Parties: parties, Languages: []string{"en"}, Catalogue: w.catalogue.Digest()}))(t)
	w.bundle = w.signAll(text)
	w.agreement = must(agreement.Open(w.bundle))(t)
	w.open(blue, 1, nil)
	w.open(red, 1, nil)
	return w
}

func (w *world) signAll(text string) []byte {
	w.t.Helper()
	var notes [][]byte
	for _, no := range []record.PartyNo{blue, red} {
		notes = append(notes, must(draft.Sign(text, names[no], w.secrets[no]))(w.t))
	}
	return must(agreement.Join(notes...))(w.t)
}

// open opens the next generation of a party, which continues what previous
// says; the other side holds its card from then on.
func (w *world) open(no record.PartyNo, base uint64, previous *identity.Held) *genLog {
	w.t.Helper()
	w.newest[no]++
	id := extract.LogID{Party: no, Generation: w.newest[no]}
	s := stationSecret(w.t, id)
	l := &genLog{id: id, secret: s, tree: must(tlog.OpenTree(0, nil))(w.t)}
	l.card = &identity.StationCard{Party: names[no], Line: w.agreement.Line, Generation: id.Generation, Base: base, Issued: uint64(w.now), Previous: previous, Keys: s.Keys()}
	l.note = must(w.secrets[no].SignStationCard(l.card))(w.t)
	w.logs[id] = l
	w.holds[other(no)][id] = 0
	return l
}

func other(no record.PartyNo) record.PartyNo { return blue + red - no }

func (w *world) own(no record.PartyNo) *genLog {
	return w.logs[extract.LogID{Party: no, Generation: w.newest[no]}]
}

// held is a card's word about a generation at a size.
func (l *genLog) held(size uint64) *identity.Held {
	return &identity.Held{Generation: l.id.Generation, Size: size, Root: l.root(size)}
}

func (l *genLog) root(size uint64) [32]byte {
	r, err := tlog.RootAt(size, l.hashes())
	if err != nil {
		panic(err)
	}
	return r
}

func (l *genLog) hashes() tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) (out [][32]byte, err error) {
		for _, i := range indexes {
			if i >= int64(len(l.stored)) {
				return nil, fmt.Errorf("hash %d is not stored", i)
			}
			out = append(out, l.stored[i])
		}
		return out, nil
	})
}

// say is one thing said; the zero value of a field takes what an honest
// station would write.
type say struct {
	code   string
	about  record.Ref
	re     []record.Ref
	params map[string]record.Value
	text   string
	seen   func([]record.Seen) []record.Seen
	leaf   func(*record.Leaf)
	raw    []byte // a leaf as it is, with nothing beneath
	clocks record.Ref
	to     []record.Address
}

// put appends a record to a party's newest log and names it.
func (w *world) put(no record.PartyNo, s say) record.Ref {
	w.t.Helper()
	l := w.own(no)
	w.salt++
	body := record.Body{Salt: [16]byte{w.salt, byte(no)}, Params: s.params, Text: s.text}
	e := record.Entry{Body: body.Encode()}
	status := record.Actual
	if w.agreement.Standing == record.Exercise {
		status = record.Exercise
	}
	if s.to == nil {
		s.to = []record.Address{{Party: other(no), Post: "watch"}}
	}
	h := record.Header{Code: s.code, Status: status, Precedence: record.Routine, From: "watch", To: s.to,
		Re: s.re, Written: w.now, Clocks: s.clocks, Language: "en", Body: record.BodyDigest(e.Body)}
	e.Header = h.Encode()
	leaf := record.Leaf{Format: record.FormatVersion, Agreement: 1, Author: no, Generation: l.id.Generation, Time: w.now, About: s.about, Seen: w.seen(no), Header: record.HeaderDigest(e.Header)}
	if s.seen != nil {
		leaf.Seen = s.seen(leaf.Seen)
	}
	if s.leaf != nil {
		s.leaf(&leaf)
	}
	if e.Leaf = leaf.Encode(); s.raw != nil {
		e = record.Entry{Leaf: s.raw}
	}
	l.entries = append(l.entries, e)
	l.stored = append(l.stored, l.tree.Append(record.LeafHash(e.Leaf))...)
	ref := record.ByNumber(no, l.card.Base+uint64(len(l.entries))-1)
	w.said[ref] = s.code
	return ref
}

// seen lists every log of the other side as it is held.
func (w *world) seen(no record.PartyNo) (list []record.Seen) {
	for id, size := range w.holds[no] {
		list = append(list, record.Seen{Party: id.Party, Generation: id.Generation, Size: size, Root: w.logs[id].root(size)})
	}
	slices.SortFunc(list, record.Seen.Compare)
	return list
}

// meet lets a party take all of the other's logs, and receipt what is new.
func (w *world) meet(no record.PartyNo) {
	w.t.Helper()
	for id := range w.holds[no] {
		l := w.logs[id]
		if n := uint64(len(l.entries)); n > w.holds[no][id] || id.Generation == w.newest[id.Party] {
			w.holds[no][id] = n
			w.receipt(no, l, n)
		}
	}
}

// receipt signs a head of any log, with both keys, at the present time.
func (w *world) receipt(by record.PartyNo, l *genLog, size uint64) { w.sign(w.own(by), l, size) }

func (w *world) sign(signer, l *genLog, size uint64) {
	w.t.Helper()
	ed, ml := signer.secret.Cosigner()
	c := tlog.Checkpoint{Origin: l.card.Origin(), Size: size, Root: l.root(size)}
	for _, k := range []tlog.Cosigner{tlog.NewCosigner(signer.card.CosignerName(), ed), tlog.NewCosignerPQ(signer.card.CosignerName(), ml)} {
		line := must(k.Cosign(c, uint64(w.now)))(w.t)
		pq := len(line) > 1000
		w.signed = append(w.signed, extract.Statement{Log: l.id, By: signer.id, Size: size, Root: c.Root, At: w.now, PQ: pq, Line: line})
	}
}

// timed signs a party's own head.
func (w *world) timed(no record.PartyNo) {
	w.t.Helper()
	l := w.own(no)
	w.receipt(no, l, uint64(len(l.entries)))
}

// checkpoint is a log's own signature over a size.
func (w *world) checkpoint(l *genLog, size uint64) []byte {
	w.t.Helper()
	signer := must(l.secret.LogSigner(l.card.Origin()))(w.t)
	return must(tlog.SignCheckpoint(tlog.Checkpoint{Origin: l.card.Origin(), Size: size, Root: l.root(size)}, signer))(w.t)
}

// store is what one party holds: all of its own, of the other's as much as
// came.
type store struct {
	*world
	me record.PartyNo
}

func (s store) size(l *genLog) uint64 {
	if l.id.Party == s.me {
		return uint64(len(l.entries))
	}
	return s.holds[s.me][l.id]
}

func (s store) Logs() (out []gather.Held, err error) {
	for _, l := range s.logs {
		n := s.size(l)
		h := gather.Held{Log: l.id, Card: l.note, Base: l.card.Base, Size: n, Root: l.root(n), Checkpoint: s.checkpoint(l, n)}
		if all := uint64(len(l.entries)); all > n {
			h.Pending = s.checkpoint(l, all)
		}
		out = append(out, h)
	}
	return out, nil
}

func (s store) Entries(log extract.LogID, from uint64, max, _ int) ([]record.Entry, error) {
	l := s.logs[log]
	n := s.size(l)
	return l.entries[min(from, n):min(from+uint64(max), n)], nil
}

func (s store) Hashes(log extract.LogID) tlog.HashReader { return s.logs[log].hashes() }

func (s store) Statements(log, by extract.LogID, size uint64, pq bool, max int) (out []extract.Statement, err error) {
	for _, x := range s.signed {
		if x.Log == log && x.By == by && x.PQ == pq && x.Size >= size {
			out = append(out, x)
		}
	}
	slices.SortStableFunc(out, func(a, b extract.Statement) int { return cmp.Or(cmp.Compare(a.Size, b.Size), cmp.Compare(a.At, b.At)) })
	return out[:min(len(out), max)], nil
}

func (w *world) wish(no record.PartyNo) gather.Wish {
	files := map[string][]byte{}
	for n, b := range w.catalogue.Files() {
		if strings.HasPrefix(n, "en") || strings.HasPrefix(n, "phrases") {
			files[n] = b
		}
	}
	return gather.Wish{Line: w.agreement.Line, Exporter: no, Agreements: [][]byte{w.bundle}, Catalogues: []gather.Catalogue{{Manifest: w.catalogue.Manifest(), Files: files}}}
}

// export signs blue's words, as a station does, and gathers the extract.
func (w *world) export(request record.Ref) *gather.Contents {
	w.t.Helper()
	for id, size := range w.holds[blue] {
		w.receipt(blue, w.logs[id], size)
	}
	w.timed(blue)
	return must(gather.NoReplyTo(store{w, blue}, w.wish(blue), request, red))(w.t)
}

func (w *world) fingerprints() map[identity.Party]identity.Fingerprint {
	out := map[identity.Party]identity.Fingerprint{}
	for no, s := range w.secrets {
		out[names[no]] = s.Public().Fingerprint(names[no])
	}
	return out
}

func (w *world) verify(c *gather.Contents) *extract.Report {
	w.t.Helper()
	zip := must(c.Write())(w.t)
	return must(extract.Verify(zip, extract.Options{Fingerprints: w.fingerprints()}))(w.t)
}

// invite is the request of most tests.
func invite() say {
	post := func(no record.PartyNo) record.Value {
		return record.Array(record.Uint(uint64(no)), record.Text("principal"))
	}
	return say{code: "CR01", params: map[string]record.Value{"caller": post(blue), "called": post(red),
		"subject": record.Text("movements near the strait"), "urgency": record.Text("ordinary"), "medium": record.Text("voice")}}
}

// asked is a line on which blue asked and red holds the request and has said
// other things since.
func asked(t testing.TB) (*world, record.Ref) {
	t.Helper()
	return newWorld(t, false).ask()
}

func (w *world) ask() (*world, record.Ref) {
	w.put(red, say{code: "TX01", text: "earlier"})
	w.put(blue, say{code: "TX01", text: "earlier still"})
	w.meet(blue)
	w.now += 60
	q := w.put(blue, invite())
	w.now += 5
	w.meet(red)
	w.now += 3600
	w.put(red, say{code: "TX01", text: "about something else"})
	w.put(red, say{code: "RC01", about: q, re: []record.Ref{q}})
	w.put(blue, say{code: "RM01", about: q, re: []record.Ref{q}})
	w.now += 60
	w.timed(red)
	w.now += 60
	w.meet(blue)
	w.now += 60
	return w, q
}
