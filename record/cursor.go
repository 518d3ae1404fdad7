// SPDX-License-Identifier: Apache-2.0

package record

import (
	"encoding/binary"
	"fmt"
	"unicode/utf8"
)

// Major types of RFC 8949 section 3.1.
const (
	majorUint  = 0
	majorNint  = 1
	majorBytes = 2
	majorText  = 3
	majorArray = 4
	majorMap   = 5
	majorTag   = 6
	majorOther = 7

	simpleFalse = 20
	simpleTrue  = 21
)

var majorNames = [...]string{"an unsigned number", "a negative number", "a byte string", "a text", "an array", "a map", "a tag", "true or false"}

// SyntaxError is input that is not the one spelling, and where: Offset is
// that of the first byte of the item that is wrong.
type SyntaxError struct {
	Offset int
	Msg    string
}

func (e *SyntaxError) Error() string { return fmt.Sprintf("byte %d: %s", e.Offset, e.Msg) }

// Reader walks over deterministic CBOR and refuses any other spelling. After
// an error it must not be used further.
type Reader struct {
	b      []byte
	off    int
	at     int // where the item read last begins
	values int // parameter values read so far
}

// NewReader reads b, which it does not copy: byte strings it gives alias b.
func NewReader(b []byte) *Reader { return &Reader{b: b} }

// fail refuses the item read last.
func (r *Reader) fail(format string, args ...any) error {
	return &SyntaxError{r.at, fmt.Sprintf(format, args...)}
}

// head reads the initial byte and its argument, in shortest form only. Tags,
// floats and simple values other than true and false end here.
func (r *Reader) head() (major byte, arg uint64, err error) {
	r.at = r.off
	if r.off >= len(r.b) {
		return 0, 0, r.fail("input ends")
	}
	first := r.b[r.off]
	major, info := first>>5, first&31
	if major >= majorTag {
		if info != simpleFalse && info != simpleTrue || major == majorTag {
			return 0, 0, r.fail("%s is not used here", nameOfOther(first))
		}
	}
	if info < 24 {
		r.off++
		return major, uint64(info), nil
	}
	if info > 27 {
		return 0, 0, r.fail("indefinite length or reserved head 0x%02x", first)
	}
	n := 1 << (info - 24)
	if len(r.b)-r.off < 1+n {
		return 0, 0, r.fail("input ends within a number")
	}
	var buf [8]byte
	copy(buf[8-n:], r.b[r.off+1:r.off+1+n])
	arg = binary.BigEndian.Uint64(buf[:])
	if headLen(arg) != 1+n {
		return 0, 0, r.fail("number %d is not in its shortest form", arg)
	}
	r.off += 1 + n
	return major, arg, nil
}

// nameOfOther names what a refused initial byte begins.
func nameOfOther(first byte) string {
	switch {
	case first>>5 == majorTag:
		return "a tag"
	case first == 0xf6:
		return "null"
	case first == 0xf7:
		return "undefined"
	case first >= 0xf9 && first <= 0xfb:
		return "a float"
	case first == 0xff:
		return "the end of an indefinite length"
	}
	return "a simple value"
}

func headLen(arg uint64) int {
	switch {
	case arg < 24:
		return 1
	case arg <= 0xff:
		return 2
	case arg <= 0xffff:
		return 3
	case arg <= 0xffffffff:
		return 5
	}
	return 9
}

func (r *Reader) expect(major byte, what string) (uint64, error) {
	m, arg, err := r.head()
	if err != nil {
		return 0, err
	}
	if m != major {
		return 0, r.fail("expected %s, found %s", what, majorNames[m])
	}
	return arg, nil
}

// Uint reads an unsigned integer.
func (r *Reader) Uint() (uint64, error) { return r.expect(majorUint, "an unsigned number") }

// Int reads an integer that fits int64.
func (r *Reader) Int() (int64, error) {
	m, arg, err := r.head()
	if err != nil {
		return 0, err
	}
	if m > majorNint || arg > 1<<63-1 {
		return 0, r.fail("expected a number of 63 bits")
	}
	if m == majorNint {
		return -1 - int64(arg), nil
	}
	return int64(arg), nil
}

// Bytes reads a byte string of at most max bytes. It aliases the input.
func (r *Reader) Bytes(max int) ([]byte, error) { return r.str(majorBytes, "a byte string", max) }

func (r *Reader) str(major byte, what string, max int) ([]byte, error) {
	n, err := r.expect(major, what)
	if err != nil {
		return nil, err
	}
	if n > uint64(max) {
		return nil, r.fail("%s of %d bytes, at most %d", what, n, max)
	}
	if n > uint64(len(r.b)-r.off) {
		return nil, r.fail("input ends within %s", what)
	}
	b := r.b[r.off : r.off+int(n) : r.off+int(n)]
	r.off += int(n)
	return b, nil
}

// Text reads a text string of at most max bytes: UTF-8, no control
// characters but the line feed.
func (r *Reader) Text(max int) (string, error) {
	b, err := r.str(majorText, "a text", max)
	if err != nil {
		return "", err
	}
	s := string(b)
	if fault := textFault(s); fault != "" {
		return "", r.fail("%s", fault)
	}
	return s, nil
}

// textFault says what is wrong with a text; empty: nothing.
func textFault(s string) string {
	for i := 0; i < len(s); {
		if c := s[i]; c >= 0x20 && c < 0x7f || c == '\n' {
			i++
			continue
		}
		c, n := utf8.DecodeRuneInString(s[i:])
		if c == utf8.RuneError && n == 1 {
			return "text is not UTF-8"
		}
		if c < 0x20 || c >= 0x7f && c < 0xa0 {
			return fmt.Sprintf("text holds control character U+%04X", c)
		}
		i += n
	}
	return ""
}

// ArrayLen reads the head of an array of at most max elements.
func (r *Reader) ArrayLen(max int) (int, error) { return r.count(majorArray, "an array", max, 1) }

// Tuple reads the head of an array of just n elements; what names it in an
// error.
func (r *Reader) Tuple(n int, what string) error {
	k, err := r.ArrayLen(n)
	if err == nil && k != n {
		err = r.fail("%s has %d elements, not %d", what, n, k)
	}
	return err
}

// several reads a list that is left out where it is empty.
func several[T any](r *Reader, max int, what string, one func(*Reader) (T, error)) ([]T, error) {
	n, err := r.ArrayLen(max)
	if err == nil && n == 0 {
		err = r.fail("an empty list of %s is left out", what)
	}
	if err != nil {
		return nil, err
	}
	list := make([]T, n)
	for i := range list {
		if list[i], err = one(r); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// MapLen reads the head of a map of at most max pairs.
func (r *Reader) MapLen(max int) (int, error) { return r.count(majorMap, "a map", max, 2) }

// count reads a head and refuses a number of elements, each of at least
// least bytes, that the rest of the input cannot hold.
func (r *Reader) count(major byte, what string, max, least int) (int, error) {
	n, err := r.expect(major, what)
	if err != nil {
		return 0, err
	}
	if n > uint64(max) {
		return 0, r.fail("%s of %d elements, at most %d", what, n, max)
	}
	if n > uint64((len(r.b)-r.off)/least) {
		return 0, r.fail("input ends within %s", what)
	}
	return int(n), nil
}

// Bool reads true or false.
func (r *Reader) Bool() (bool, error) {
	v, err := r.expect(majorOther, "true or false")
	return v == simpleTrue, err
}

// Offset is how many bytes were read.
func (r *Reader) Offset() int { return r.off }

// Done reports whether all of the input was read; more is an error.
func (r *Reader) Done() error {
	if r.off != len(r.b) {
		r.at = r.off
		return r.fail("%d bytes after the end", len(r.b)-r.off)
	}
	return nil
}

// peek is the major type that comes next.
func (r *Reader) peek() (byte, error) {
	r.at = r.off
	if r.off >= len(r.b) {
		return 0, r.fail("input ends")
	}
	return r.b[r.off] >> 5, nil
}

// Writer writes deterministic CBOR. The caller keeps map keys in order.
type Writer struct{ b []byte }

// NewWriter makes an empty writer.
func NewWriter() *Writer { return &Writer{b: make([]byte, 0, 256)} }

func (w *Writer) head(major byte, arg uint64) {
	first := major << 5
	switch headLen(arg) {
	case 1:
		w.b = append(w.b, first|byte(arg))
	case 2:
		w.b = append(w.b, first|24, byte(arg))
	case 3:
		w.b = binary.BigEndian.AppendUint16(append(w.b, first|25), uint16(arg))
	case 5:
		w.b = binary.BigEndian.AppendUint32(append(w.b, first|26), uint32(arg))
	default:
		w.b = binary.BigEndian.AppendUint64(append(w.b, first|27), arg)
	}
}

// Uint writes an unsigned integer.
func (w *Writer) Uint(v uint64) { w.head(majorUint, v) }

// Int writes a signed integer.
func (w *Writer) Int(v int64) {
	if v < 0 {
		w.head(majorNint, uint64(-1-v))
	} else {
		w.head(majorUint, uint64(v))
	}
}

// Bytes writes a byte string.
func (w *Writer) Bytes(b []byte) { w.head(majorBytes, uint64(len(b))); w.b = append(w.b, b...) }

// Text writes a text string.
func (w *Writer) Text(s string) { w.head(majorText, uint64(len(s))); w.b = append(w.b, s...) }

// Array writes the head of an array of n elements.
func (w *Writer) Array(n int) { w.head(majorArray, uint64(n)) }

// Map writes the head of a map of n pairs.
func (w *Writer) Map(n int) { w.head(majorMap, uint64(n)) }

// Bool writes true or false.
func (w *Writer) Bool(v bool) {
	if v {
		w.head(majorOther, simpleTrue)
	} else {
		w.head(majorOther, simpleFalse)
	}
}

// Finish gives what was written.
func (w *Writer) Finish() []byte { return w.b }
