// SPDX-License-Identifier: Apache-2.0

package station_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"
	"time"

	"openline/internal/station"
	"openline/internal/station/stationtest"
	"openline/internal/store"
	"openline/link"
	"openline/record"
)

const ceiling = 300_000

var carrying = stationtest.Terms{Attachments: ceiling}

// file is some bytes that are not all alike.
func file(n, seed int) []byte {
	b := make([]byte, 0, n+32)
	for len(b) < n {
		h := sha256.Sum256(fmt.Appendf(nil, "%d %d", seed, len(b)))
		b = append(b, h[:]...)
	}
	return b[:n]
}

func named(b []byte, name string) record.Attachment {
	return record.Attachment{Digest: sha256.Sum256(b), Size: uint64(len(b)), Type: "application/pdf", Name: name}
}

func with(words string, list ...record.Attachment) station.Draft {
	d := text(words)
	d.Attachments = list
	return d
}

// attach takes a file in at a side and says a record that names it.
func (s *side) attach(t *testing.T, token string, files ...[]byte) {
	t.Helper()
	var list []record.Attachment
	for i, b := range files {
		s.step(station.Attach{Token: token, Bytes: b})
		list = append(list, named(b, fmt.Sprintf("%s-%d.pdf", token, i)))
	}
	s.b.settle()
	s.say(token, with("see what is attached", list...))
	s.b.settle()
	if told := s.lastTold(token); told.Err != nil {
		t.Fatal(told.Err)
	}
}

// said counts the records of a code in a side's own log.
func (s *side) said(code string) (out []*record.Header) {
	_, entries := s.disk.Log(s.log())
	for _, e := range entries {
		if d := e.Decode(); d.Header != nil && d.Header.Code == code {
			out = append(out, d.Header)
		}
	}
	return out
}

func (s *side) hasWhole(t *testing.T, b []byte) bool {
	t.Helper()
	digest := sha256.Sum256(b)
	held, _, err := s.disk.Blob(digest)
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.disk.Piece(digest, 0, len(b)+1)
	return err == nil && held.Whole() && bytes.Equal(got, b)
}

func TestAttachmentsArriveAndAreSaidComplete(t *testing.T) {
	b := opened(t, carrying)
	blue, red := b.sides[0], b.sides[1]
	one, two := file(100_000, 1), file(77, 2)
	blue.attach(t, "a", one, two)
	if !red.hasWhole(t, one) || !red.hasWhole(t, two) {
		t.Fatal("the files are not whole at red")
	}
	at := red.said("AT01")
	if len(at) != 1 || len(at[0].Re) != 1 || at[0].Re[0] != blue.lastRef("a") || at[0].From != "station" {
		t.Fatalf("red says complete: %+v", at)
	}
	// The same file behind another record is there at once, and said again.
	blue.attach(t, "b", one)
	if n := len(red.said("AT01")); n != 2 {
		t.Errorf("%d AT01 after the second record", n)
	}
	if got, err := red.disk.Attached(blue.log(), 0, 10); err != nil || len(got) > 0 {
		t.Errorf("open at red: %v, %v", got, err)
	}
	if n := len(blue.said("AT01")); n != 0 {
		t.Errorf("blue says %d AT01 about its own", n)
	}
}

func (s *side) lastRef(token string) record.Ref {
	r := s.lastTold(token).Results[0]
	return record.ByNumber(r.Party, r.Number)
}

func TestWhatADraftMayNotAttach(t *testing.T) {
	b := opened(t, carrying)
	blue := b.sides[0]
	here := file(1000, 3)
	blue.step(station.Attach{Token: "x", Bytes: here})
	b.settle()
	good := named(here, "a.pdf")
	change := func(f func(*record.Attachment)) record.Attachment {
		a := good
		f(&a)
		return a
	}
	for name, c := range map[string]struct {
		list []record.Attachment
		says string
	}{
		"another type":    {[]record.Attachment{change(func(a *record.Attachment) { a.Type = "text/html" })}, "of type"},
		"an empty file":   {[]record.Attachment{change(func(a *record.Attachment) { a.Size = 0 })}, "is empty"},
		"another size":    {[]record.Attachment{change(func(a *record.Attachment) { a.Size++ })}, "not at this station"},
		"not taken in":    {[]record.Attachment{change(func(a *record.Attachment) { a.Digest[0] ^= 1 })}, "not at this station"},
		"too much":        {[]record.Attachment{change(func(a *record.Attachment) { a.Size = ceiling + 1 })}, "more than the"},
		"a name too long": {[]record.Attachment{change(func(a *record.Attachment) { a.Name = strings.Repeat("n", 256) })}, "255"},
		"too many":        {slicesRepeat(good, 17), "16"},
	} {
		blue.say(name, with("words", c.list...))
		b.settle()
		if err := blue.lastTold(name).Err; err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want …%s…", name, err, c.says)
		}
	}
	for name, c := range map[string]struct {
		b    []byte
		says string
	}{"empty": {nil, "empty"}, "above the ceiling": {file(ceiling+1, 1), "carries"}} {
		blue.step(station.Attach{Token: name, Bytes: c.b})
		if err := blue.attachDone(t, name).Err; err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want …%s…", name, err, c.says)
		}
	}
	none := opened(t, stationtest.Terms{}).sides[0]
	none.step(station.Attach{Token: "y", Bytes: here})
	if err := none.attachDone(t, "y").Err; err != station.ErrNoAttachments {
		t.Errorf("on a line without: %v", err)
	}
}

func slicesRepeat(a record.Attachment, n int) (out []record.Attachment) {
	for range n {
		out = append(out, a)
	}
	return out
}

func (s *side) attachDone(t *testing.T, token string) station.AttachDone {
	t.Helper()
	s.b.settle()
	for _, d := range s.attached {
		if d.Token == token {
			return d
		}
	}
	t.Fatalf("%s was told nothing of %q", s.party.Short, token)
	return station.AttachDone{}
}

// A cable that is cut in the middle, and a process that ends in the middle,
// cost what was not saved and no more.
func TestFetchingGoesOnAfterACutAndARestart(t *testing.T) {
	b := opened(t, carrying)
	blue, red := b.sides[0], b.sides[1]
	whole := file(250_000, 4)
	pieces := 0
	b.filter = func(from int, f []byte) [][]byte {
		if from == 0 && isPiece(f) {
			if pieces++; pieces == 4 {
				return nil // lost, and the cable is cut
			}
		}
		return [][]byte{f}
	}
	blue.attach(t, "a", whole)
	held, _, _ := red.disk.Blob(sha256.Sum256(whole))
	if pieces != 4 || held.Held == 0 || held.Whole() {
		t.Fatalf("%d pieces, %d bytes held", pieces, held.Held)
	}
	b.cut()
	red.start()
	b.connect()
	b.settle()
	if !red.hasWhole(t, whole) {
		t.Fatal("not whole after the restart")
	}
	if n := len(red.said("AT01")); n != 1 {
		t.Errorf("%d AT01", n)
	}
	if want := 3 + 5; pieces-1 > want+1 {
		t.Errorf("%d pieces sent, %d are needed", pieces, want)
	}
}

func isPiece(f []byte) bool { return len(f) > 2 && f[0] == 0x84 && f[1] == 0x0c }

// A restart between the last piece and what is said of it says it once.
func TestCompleteIsSaidOnce(t *testing.T) {
	b := opened(t, carrying)
	blue, red := b.sides[0], b.sides[1]
	whole := file(50_000, 5)
	blue.attach(t, "a", whole)
	for range 3 {
		b.cut()
		red.start()
		b.connect()
		b.settle()
	}
	if n := len(red.said("AT01")); n != 1 {
		t.Errorf("%d AT01", n)
	}
}

// Two bearers fetch side by side; when one goes, the other goes on.
func TestAPieceThatDoesNotComeIsAskedForAgain(t *testing.T) {
	b := opened(t, carrying)
	blue, red := b.sides[0], b.sides[1]
	lose := true
	b.filter = func(from int, f []byte) [][]byte {
		if from == 0 && isPiece(f) {
			if lose {
				return nil
			}
			return [][]byte{f, f} // and each comes twice
		}
		return [][]byte{f}
	}
	whole := file(90_000, 6)
	blue.attach(t, "a", whole)
	if held, _, _ := red.disk.Blob(sha256.Sum256(whole)); held.Held != 0 {
		t.Fatalf("%d bytes held of what never came", held.Held)
	}
	lose = false
	b.pass(time.Minute)
	if !red.hasWhole(t, whole) {
		t.Fatal("not whole")
	}
}

// attacked is blue with red's keys in the test's hands, and a record of red's
// that names attachments.
func attacked(t *testing.T, list ...record.Attachment) (*bench, *fake, *wants) {
	t.Helper()
	b := newBench(t, carrying)
	b.sides[0].start()
	b.settle()
	f := newFake(b, 1)
	w := &wants{}
	f.heard = w.take
	f.greet(t, nil)
	f.name(t, list...)
	return b, f, w
}

type wants struct{ parts []link.Part }

func (w *wants) take(e link.Event) {
	if e.Kind == link.Want {
		w.parts = append(w.parts, e.Part)
	}
}

// name sends one record that names attachments.
func (f *fake) name(t *testing.T, list ...record.Attachment) {
	t.Helper()
	e := f.entry(epoch, "attached")
	h, body := e.Decode().Header, e.Decode().Body
	body.Attachments = list
	e.Body = body.Encode()
	h.Body = record.BodyDigest(e.Body)
	e.Header = h.Encode()
	l := e.Decode().Leaf
	l.Header = record.HeaderDigest(e.Header)
	e.Leaf = l.Encode()
	f.add(e)
	f.pack(t, len(f.sent)-1)
}

func TestAForgedDigestIsThrownAway(t *testing.T) {
	truth := file(1000, 7)
	b, f, w := attacked(t, named(truth, "a.pdf"))
	if len(w.parts) != 1 {
		t.Fatalf("asked for %d pieces", len(w.parts))
	}
	f.sess.SendPiece(w.parts[0], file(1000, 8))
	f.exchange(t)
	blue := b.sides[0]
	held, ok, _ := blue.disk.Blob(w.parts[0].Digest)
	if ok || len(blue.said("AT01")) > 0 {
		t.Errorf("kept %+v, %d AT01", held, len(blue.said("AT01")))
	}
	if n := len(blue.happened("alarm")); n != 1 {
		t.Errorf("%d alarms", n)
	}
	f.name(t, named(truth, "again.pdf"))
	if b.pass(time.Hour); len(w.parts) != 1 {
		t.Errorf("asked for again %d times", len(w.parts)-1)
	}
}

func TestAPieceLongerThanTheRecordSays(t *testing.T) {
	truth := file(1000, 9)
	a := named(truth, "a.pdf")
	a.Size = 999
	b, f, w := attacked(t, a)
	f.sess.SendPiece(w.parts[0], truth)
	f.exchange(t)
	if _, ok, _ := b.sides[0].disk.Blob(a.Digest); ok {
		t.Error("it is kept")
	}
}

func TestWhatNobodyAskedForIsNotStored(t *testing.T) {
	truth := file(1000, 10)
	b, f, w := attacked(t, named(truth, "a.pdf"))
	blue := b.sides[0]
	other := file(1000, 11)
	for _, p := range []link.Part{{Digest: sha256.Sum256(other)}, {Digest: w.parts[0].Digest, Offset: 5}} {
		f.sess.SendPiece(p, other)
		f.exchange(t)
		if held, ok, _ := blue.disk.Blob(p.Digest); ok {
			t.Errorf("kept %+v", held)
		}
	}
	// Enough of it ends the session.
	for range 1000 {
		f.sess.SendPiece(link.Part{Digest: sha256.Sum256(other)}, file(32<<10, 1))
		if f.exchange(t); len(f.codes) > 0 {
			break
		}
	}
	if len(f.codes) == 0 || f.codes[0] != link.CodeRate {
		t.Errorf("codes %v", f.codes)
	}
}

func TestAPeerThatNeverSends(t *testing.T) {
	var list [][]record.Attachment
	for i := range 100 {
		list = append(list, []record.Attachment{named(file(1000, 100+i), "x.pdf")})
	}
	b, f, w := attacked(t, list[0]...)
	for _, l := range list[1:] {
		f.name(t, l...)
	}
	for range 150 {
		b.now += 4 * time.Second
		f.sess.Tick(b.now)
		b.sides[0].step(station.Tick{})
		f.exchange(t)
	}
	if len(w.parts) < 3 || len(w.parts) > 60 {
		t.Errorf("asked %d times in ten minutes", len(w.parts))
	}
	blue := b.sides[0]
	if open, _ := blue.disk.Attached(f.side.log(), 0, 1000); len(open) != 100 {
		t.Errorf("%d records open, 100 are", len(open))
	}
	if blue.stop != nil || len(blue.said("AT01")) > 0 {
		t.Errorf("stop %v", blue.stop)
	}
}

// Words go through whatever is attached, and what a line does not carry is
// not asked for.
func TestWhatIsNotCarriedIsNotAskedFor(t *testing.T) {
	big, html := named(file(10, 1), "a.pdf"), named(file(10, 2), "a.html")
	big.Size, html.Type = ceiling+1, "text/html"
	b, _, w := attacked(t, big)
	if len(w.parts) > 0 || b.sides[0].holdsOf(b.sides[1]) != 1 {
		t.Errorf("asked for %d pieces", len(w.parts))
	}
	if _, _, w := attacked(t, html); len(w.parts) > 0 {
		t.Errorf("asked for %d pieces of a page", len(w.parts))
	}
}

// Nothing is answered but what a record of ours names.
func TestNothingElseIsGivenAway(t *testing.T) {
	b, f, _ := attacked(t)
	blue := b.sides[0]
	secret, told := file(1000, 12), file(1000, 13)
	blue.step(station.Attach{Token: "s", Bytes: secret})
	b.settle()
	var got []link.Event
	f.heard = func(e link.Event) {
		if e.Kind == link.Piece {
			got = append(got, e)
		}
	}
	for range 3 {
		f.sess.SendWant(link.Part{Digest: sha256.Sum256(secret)}, 1000, b.now)
		f.exchange(t)
		if b.now += 4 * time.Second; len(got) > 0 {
			t.Fatal("a file that no record names was given away")
		}
		f.sess.Tick(b.now)
	}
	blue.step(station.Attach{Token: "t", Bytes: told})
	f.exchange(t)
	blue.say("t", with("see this", named(told, "t.pdf")))
	f.exchange(t)
	f.sess.SendWant(link.Part{Digest: sha256.Sum256(told), Offset: 10}, 100, b.now)
	f.exchange(t)
	if len(got) != 1 || !bytes.Equal(got[0].Payload, told[10:110]) {
		t.Errorf("got %d pieces", len(got))
	}
}

// Files that no record comes to name make room for others.
func TestForgottenUploads(t *testing.T) {
	b := opened(t, carrying)
	blue := b.sides[0]
	for i := range 20 {
		blue.step(station.Attach{Token: "u", Bytes: file(ceiling/2, 200+i)})
		b.settle()
	}
	total, list := uint64(0), blue.disk.Load().Uploads
	for _, u := range list {
		total += u.Size
	}
	if total > 8*ceiling || len(list) < 10 {
		t.Errorf("%d files of %d bytes kept", len(list), total)
	}
	if !blue.hasWhole(t, file(ceiling/2, 219)) {
		t.Error("the newest is gone")
	}
	blue.start()
	b.connect()
	b.settle()
	if n := len(blue.disk.Load().Uploads); n != len(list) {
		t.Errorf("%d after a restart, %d before", n, len(list))
	}
}

// A file half taken in when the process ended is begun anew.
func TestAnUploadCutShort(t *testing.T) {
	b := newBench(t, stationtest.Terms{Attachments: 4 << 20})
	b.start()
	blue := b.sides[0]
	whole := file(3<<20, 14)
	blue.step(station.Attach{Token: "u", Bytes: whole})
	for !slicesHasHalf(blue.disk.Load().Uploads) {
		blue.next()
	}
	b.up = false
	b.sides[1].step(station.BearerDown{ID: b.conn + 1, Why: "cut"})
	blue.start() // what was not on the disk is gone
	b.connect()
	b.settle()
	if n := len(blue.disk.Load().Uploads); n != 0 {
		t.Errorf("%d half files after the restart", n)
	}
	blue.attach(t, "v", whole)
	if !b.sides[1].hasWhole(t, whole) {
		t.Error("not whole at red")
	}
}

func slicesHasHalf(list []store.Blob) bool {
	return len(list) == 1 && list[0].Held > 0 && !list[0].Whole()
}

// Two bearers fetch side by side, each something else; what was asked for
// over one that ends is asked for over the other.
func TestTwoBearers(t *testing.T) {
	one, two := file(40_000, 15), file(50_000, 16)
	b, f, w := attacked(t, named(one, "1.pdf"), named(two, "2.pdf"))
	if len(w.parts) != 1 || w.parts[0].Digest != sha256.Sum256(one) {
		t.Fatalf("asked for %d pieces on one bearer", len(w.parts))
	}
	first := f.id
	f.greet(t, nil)
	if len(w.parts) != 2 || w.parts[1].Digest != sha256.Sum256(two) {
		t.Fatalf("on the second bearer it asks for %d pieces", len(w.parts)-1)
	}
	give := func(whole []byte) {
		for len(w.parts) > 0 && w.parts[len(w.parts)-1].Digest == sha256.Sum256(whole) {
			p := w.parts[len(w.parts)-1]
			w.parts = w.parts[:0]
			f.sess.SendPiece(p, whole[p.Offset:min(int(p.Offset)+link.MaxPiece, len(whole))])
			f.exchange(t)
		}
	}
	give(two)
	blue := b.sides[0]
	if !blue.hasWhole(t, two) || blue.hasWhole(t, one) {
		t.Fatal("the second file is not whole")
	}
	blue.step(station.BearerDown{ID: first, Why: "cut"})
	f.exchange(t)
	give(one)
	if !blue.hasWhole(t, one) || len(blue.said("AT01")) != 1 {
		t.Errorf("not whole over the other bearer, %d AT01", len(blue.said("AT01")))
	}
}
