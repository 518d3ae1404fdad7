// SPDX-License-Identifier: Apache-2.0

package attachment

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"
)

func picture(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.Set(x, y, color.RGBA{uint8(40 * x), uint8(40 * y), 7, 255})
		}
	}
	return img
}

func asPNG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asJPEG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// bomb is a small PNG that says, and holds, very many pixels.
func bomb(t testing.TB, side uint32) []byte {
	t.Helper()
	var z bytes.Buffer
	w := zlib.NewWriter(&z)
	w.Write(make([]byte, 1<<20))
	w.Close()
	out := []byte("\x89PNG\r\n\x1a\n")
	chunk := func(kind string, data []byte) {
		out = binary.BigEndian.AppendUint32(out, uint32(len(data)))
		body := append([]byte(kind), data...)
		out = binary.BigEndian.AppendUint32(append(out, body...), crc32.ChecksumIEEE(body))
	}
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, side), side)
	chunk("IHDR", append(head, 8, 2, 0, 0, 0))
	chunk("IDAT", z.Bytes())
	chunk("IEND", nil)
	return out
}

// withExif puts a note of who, where and how turned into a JPEG.
func withExif(b []byte, orientation uint16) []byte {
	tiff := []byte("MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01")
	tiff = append(binary.BigEndian.AppendUint16(tiff, orientation), 0, 0, 0, 0, 0, 0)
	part := append([]byte("Exif\x00\x00"), append(tiff, "taken by J. Doe at 38.87 N 77.05 W"...)...)
	out := append([]byte{0xff, 0xd8, 0xff, 0xe1}, byte((len(part)+2)>>8), byte(len(part)+2))
	return append(append(out, part...), b[2:]...)
}

func TestPrepare(t *testing.T) {
	img := picture(5, 3)
	page := []byte("<!doctype html><script>alert(1)</script>")
	for _, c := range []struct {
		name, declared string
		b              []byte
		kind, as       string
		err            error
	}{
		{"note.txt", "text/plain", []byte("hello\r\n\tworld"), Text, "note.txt", nil},
		{"note", "", []byte("héllo"), Text, "note.txt", nil},
		{"list.csv", "text/csv", []byte("a,b"), Text, "list.csv", nil},
		{"p.png", "image/png", asPNG(t, img), PNG, "p.png", nil},
		{"p.JPG", "image/jpeg", asJPEG(t, img), JPEG, "p.jpg", nil},
		{"../../etc/passwd.pdf", "application/pdf", []byte("%PDF-1.7 …"), PDF, "passwd.pdf", nil},
		{"page.txt", "text/plain", page, Text, "page.txt", nil}, // shown as the text it is
		{"page.html", "text/html", page, "", "", ErrType},
		{"page.html", "text/plain", page, "", "", ErrType},
		{"page.png", "image/png", page, "", "", ErrMatch},
		{"page.png", "", page, "", "", ErrMatch},
		{"p.txt", "", asPNG(t, img), "", "", ErrMatch},
		{"p.png", "image/jpeg", asPNG(t, img), "", "", ErrMatch},
		{"x.svg", "image/svg+xml", []byte("<svg/>"), "", "", ErrType},
		{"x.exe", "", []byte("MZ"), "", "", ErrType},
		{"x.txt", "", []byte("a\x00b"), "", "", ErrText},
		{"x.txt", "", []byte("a\xffb"), "", "", ErrText},
		{"x.txt", "", []byte("invoice\u202etxt.exe"), "", "", ErrText},
		{"bomb.png", "", bomb(t, 60_000), "", "", ErrLarge},
		{"bomb.png", "", bomb(t, 11_000), "", "", ErrLarge},
		{"torn.png", "", asPNG(t, img)[:40], "", "", ErrImage},
		{"torn.jpg", "", asJPEG(t, img)[:200], "", "", ErrImage},
		{"large.txt", "", bytes.Repeat([]byte("x"), 100_001), "", "", ErrSize},
	} {
		f, err := Prepare(c.name, c.declared, c.b, 100_000)
		if !errors.Is(err, c.err) || err == nil && (f.Type != c.kind || f.Name != c.as) {
			t.Errorf("%s as %q: %s %q, %v; want %v", c.name, c.declared, f.Type, f.Name, err, c.err)
		}
		if err != nil && !strings.Contains(err.Error(), "is not attached") {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if _, err := Prepare("e.txt", "", nil, 10); err == nil {
		t.Error("an empty file")
	}
}

func TestImagesLoseWhatIsNotPicture(t *testing.T) {
	img := picture(6, 4)
	for _, c := range []struct {
		name string
		b    []byte
	}{
		{"p.jpg", withExif(asJPEG(t, img), 1)},
		{"p.png", append(asPNG(t, img), "taken by J. Doe<script>alert(1)</script>"...)},
	} {
		f, err := Prepare(c.name, "", c.b, 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(f.Bytes, []byte("J. Doe")) || bytes.Contains(f.Bytes, []byte("Exif")) {
			t.Errorf("%s keeps what is not picture", c.name)
		}
		shown, err := Shown(f.Type, c.b)
		if err != nil || bytes.Contains(shown, []byte("J. Doe")) {
			t.Errorf("%s is shown with it: %v", c.name, err)
		}
	}
}

func TestAPhotographIsTurned(t *testing.T) {
	wide := asJPEG(t, picture(32, 16))
	for o, upright := range map[uint16]bool{1: false, 3: false, 6: true, 8: true, 9: false} {
		f, err := Prepare("p.jpg", "", withExif(wide, o), 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		c, err := jpeg.DecodeConfig(bytes.NewReader(f.Bytes))
		if err != nil || (c.Height > c.Width) != upright {
			t.Errorf("orientation %d: %d × %d, %v", o, c.Width, c.Height, err)
		}
	}
	img := picture(3, 2)
	for o, want := range map[int][2]int{2: {2, 0}, 3: {2, 1}, 4: {0, 1}, 5: {0, 0}, 6: {1, 0}, 7: {1, 2}, 8: {0, 2}} {
		if got := turned(img, o).At(want[0], want[1]); got != img.At(0, 0) {
			t.Errorf("orientation %d: the first point is not at %v", o, want)
		}
	}
}

func TestShown(t *testing.T) {
	img := picture(4, 4)
	for _, c := range []struct {
		kind string
		b    []byte
		err  error
	}{
		{Text, []byte("<b>as it is</b>"), nil}, {PNG, asPNG(t, img), nil}, {JPEG, asJPEG(t, img), nil},
		{Text, []byte("a\x1b[31m"), ErrText}, {PNG, []byte("<svg/>"), ErrMatch}, {JPEG, asPNG(t, img), ErrMatch},
		{PDF, []byte("%PDF-1.7"), ErrType}, {PNG, bomb(t, 40_000), ErrLarge}, {"text/html", []byte("<b>"), ErrMatch},
	} {
		if _, err := Shown(c.kind, c.b); !errors.Is(err, c.err) {
			t.Errorf("%s: %v, want %v", c.kind, err, c.err)
		}
	}
}

func TestFileName(t *testing.T) {
	for _, c := range [][3]string{
		{"a.txt", Text, "a.txt"}, {"a.exe", PDF, "a.exe.pdf"}, {"../../a.pdf", PDF, "a.pdf"}, {`C:\x\a.png`, PNG, "a.png"},
		{"", Text, "attachment.txt"}, {"...", PNG, "attachment.png"}, {".bashrc", Text, "bashrc.txt"}, {"con.txt", Text, "attachmentcon.txt"},
		{"a\x00b\u202e.txt", Text, "ab.txt"}, {"a;rm -rf $HOME`.txt", Text, "a_rm -rf _HOME_.txt"}, {"-rf.txt", Text, "rf.txt"},
		{"报告.pdf", PDF, "报告.pdf"}, {"x", "text/html", "x.bin"}, {strings.Repeat("é", 200) + ".txt", Text, strings.Repeat("é", 60) + ".txt"},
	} {
		if got := FileName(c[0], c[1]); got != c[2] {
			t.Errorf("%q as %s: %q, want %q", c[0], c[1], got, c[2])
		}
	}
}

func FuzzPrepare(f *testing.F) {
	f.Add("a.png", "image/png", asPNG(f, picture(3, 3)))
	f.Add("a.jpg", "", withExif(asJPEG(f, picture(3, 3)), 6))
	f.Add("a.txt", "text/plain", []byte("words"))
	f.Fuzz(func(t *testing.T, name, declared string, b []byte) {
		got, err := Prepare(name, declared, b, 1<<20)
		if err != nil {
			return
		}
		if got.Name == "" || strings.ContainsAny(got.Name, "/\\\x00") || got.Name[0] == '.' || len(got.Name) > 255 {
			t.Errorf("name %q", got.Name)
		}
		if again, err := Prepare(got.Name, got.Type, got.Bytes, 4<<20); err != nil || again.Type != got.Type || again.Name != got.Name {
			t.Errorf("what was taken is not taken again: %q %s, %v", again.Name, again.Type, err)
		}
	})
}
