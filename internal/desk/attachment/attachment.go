// SPDX-License-Identifier: Apache-2.0

package attachment

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"openline/agreement"
)

// The media types a line carries.
const (
	Text = "text/plain"
	PNG  = "image/png"
	JPEG = "image/jpeg"
	PDF  = "application/pdf"
)

// File is a file as it is sent.
type File struct {
	Name  string
	Type  string
	Bytes []byte
}

// Errors of what is turned away.
var (
	ErrType  = errors.New("a line carries plain text, PNG, JPEG and PDF")
	ErrMatch = errors.New("its content is not what its name or type says")
	ErrText  = errors.New("it is not plain text in UTF-8 without control characters")
	ErrImage = errors.New("the image cannot be read")
	ErrLarge = errors.New("the image has too many pixels")
	ErrSize  = errors.New("it is larger than this line carries")
)

var extensions = map[string][]string{
	Text: {".txt", ".text", ".log", ".md", ".csv"},
	PNG:  {".png"}, JPEG: {".jpg", ".jpeg"}, PDF: {".pdf"},
}

// Prepare makes a file ready to be sent: its type found and held against its
// name and what was declared, images encoded anew. declared may be empty;
// most is the ceiling of the line.
func Prepare(name, declared string, b []byte, most int64) (File, error) {
	f := File{Type: sniff(b), Bytes: b}
	f.Name = FileName(name, f.Type)
	bad := func(err error) (File, error) { return File{}, fmt.Errorf("%q is not attached: %w", clean(name), err) }
	if len(b) == 0 {
		return bad(errors.New("it is empty"))
	}
	if int64(len(b)) > most {
		return bad(fmt.Errorf("%w: %d bytes, at most %d", ErrSize, len(b), most))
	}
	if err := matches(name, declared, f.Type); err != nil {
		return bad(err)
	}
	var err error
	switch f.Type {
	case Text:
		f.Bytes = bytes.TrimPrefix(b, []byte("\ufeff"))
		err = checkText(f.Bytes)
	case PNG, JPEG:
		f.Bytes, err = again(f.Type, b, true)
	}
	switch {
	case err != nil:
		return bad(err)
	case int64(len(f.Bytes)) > most:
		return bad(fmt.Errorf("%w: encoded anew the image has %d bytes, at most %d", ErrSize, len(f.Bytes), most))
	case len(f.Bytes) == 0:
		return bad(errors.New("it is empty"))
	}
	return f, nil
}

// Shown gives what a reader may be shown of a file that came as a type: text
// as it is, an image encoded anew. A PDF is not shown.
func Shown(kind string, b []byte) ([]byte, error) {
	if got := sniff(b); got != kind {
		return nil, ErrMatch
	}
	switch kind {
	case Text:
		return b, checkText(b)
	case PNG, JPEG:
		return again(kind, b, false)
	}
	return nil, ErrType
}

// sniff finds a type by content. What is none of the others is text, or
// nothing.
func sniff(b []byte) string {
	switch {
	case bytes.HasPrefix(b, []byte("\x89PNG\r\n\x1a\n")):
		return PNG
	case bytes.HasPrefix(b, []byte("\xff\xd8\xff")):
		return JPEG
	case bytes.HasPrefix(b, []byte("%PDF-")):
		return PDF
	}
	return Text
}

// matches holds a type against the ending of a name and a declared type. A
// page or a script is text, and named as what it is it is turned away: nobody
// at the other end should be led to open it as one.
func matches(name, declared, kind string) error {
	declared, _, _ = strings.Cut(declared, ";")
	declared = strings.TrimSpace(declared)
	known := declared == "" || declared == "application/octet-stream"
	if !known && !slices.Contains(agreement.Carried, declared) && !(kind == Text && (declared == "text/csv" || declared == "text/markdown")) {
		return ErrType
	}
	if !known && slices.Contains(agreement.Carried, declared) && declared != kind {
		return ErrMatch
	}
	ext := strings.ToLower(path.Ext(base(name)))
	if ext == "" || slices.Contains(extensions[kind], ext) {
		return nil
	}
	for _, list := range extensions {
		if slices.Contains(list, ext) {
			return ErrMatch
		}
	}
	return ErrType
}

// checkText holds text to UTF-8 without control characters but the ends of
// lines and tabs, and without marks that turn its order round.
func checkText(b []byte) error {
	if !utf8.Valid(b) {
		return ErrText
	}
	for _, c := range string(b) {
		if unicode.IsControl(c) && c != '\n' && c != '\r' && c != '\t' || unicode.Is(unicode.Bidi_Control, c) && c != '\u200e' && c != '\u200f' && c != '\u061c' {
			return ErrText
		}
	}
	return nil
}

func base(name string) string {
	return name[strings.LastIndexAny(name, `/\:`)+1:]
}

const maxName = 120

// clean takes out of a name what names a folder, what nobody sees, and what a
// file system or a shell reads in its own way.
func clean(name string) string {
	if !utf8.ValidString(name) {
		name = strings.ToValidUTF8(name, "")
	}
	name = strings.Map(func(c rune) rune {
		switch {
		case !unicode.IsGraphic(c):
			return -1
		case strings.ContainsRune("<>\"|?*$`';&%", c), unicode.IsSpace(c) && c != ' ':
			return '_'
		}
		return c
	}, base(name))
	name = strings.Trim(name, ". -~")
	for len(name) > maxName {
		_, n := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-n]
	}
	return strings.TrimRight(name, ". ")
}

// FileName is a name under which a file of a type may be kept.
func FileName(name, kind string) string {
	list := extensions[kind]
	stem := clean(name)
	ext := strings.ToLower(path.Ext(stem))
	if slices.Contains(list, ext) {
		stem = strings.TrimRight(stem[:len(stem)-len(ext)], ". ")
	} else if ext = ".bin"; len(list) > 0 {
		ext = list[0]
	}
	if stem == "" || reserved(stem) {
		stem = "attachment" + stem
	}
	return stem + ext
}

// reserved are names that are devices on some systems, whatever ending they
// have.
func reserved(stem string) bool {
	first, _, _ := strings.Cut(strings.ToLower(stem), ".")
	switch first = strings.TrimSpace(first); first {
	case "con", "prn", "aux", "nul":
		return true
	}
	return len(first) == 4 && (first[:3] == "com" || first[:3] == "lpt") && first[3] >= '0' && first[3] <= '9'
}
