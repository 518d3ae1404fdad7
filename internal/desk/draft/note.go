// SPDX-License-Identifier: Apache-2.0

package draft

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"

	"openline/internal/desk"
	"openline/record"
)

// What a note does.
const (
	DoWrite   = "write"
	DoChange  = "change"
	DoSign    = "sign"
	DoSend    = "send"
	DoBack    = "back"
	DoRelease = "release"
	DoDrop    = "drop"
)

// Note is one entry as it is written: JSON, one object.
type Note struct {
	V       int    `json:"v"`
	Token   string `json:"token"`
	Do      string `json:"do"`
	By      string `json:"by,omitempty"`
	On      int    `json:"on,omitempty"`      // number of the draft; absent where it is written first
	Version int    `json:"version,omitempty"` // the version that was read

	Header []byte            `json:"header,omitempty"`
	Body   []byte            `json:"body,omitempty"`
	About  string            `json:"about,omitempty"`
	Cut    []byte            `json:"cut,omitempty"`
	Knew   map[string]uint64 `json:"knew,omitempty"`
	Typed  map[string]string `json:"typed,omitempty"`

	Digest    []byte `json:"digest,omitempty"`
	Person    string `json:"person,omitempty"`
	Signature []byte `json:"signature,omitempty"`

	Record string `json:"record,omitempty"`
	Words  string `json:"words,omitempty"`
}

// Bounds of drafts.
const (
	MaxOpen     = 200     // drafts of a line that are neither said nor dropped
	maxVersions = 64      // of one draft
	maxBytes    = 2 << 20 // of all versions of one draft
	maxSigned   = 16      // of one version
	maxEnded    = 200     // that are kept at hand; the others are in the journal only
	maxName     = 64
	maxLine     = 400
	maxWords    = 4 << 10
	maxTyped    = 64
	maxKnew     = 64
)

// Errors a person can act on.
var (
	ErrNone    = errors.New("there is no such draft on this line; openline drafts list LINE shows those there are")
	ErrMoved   = errors.New("the draft has changed since it was read; look again")
	ErrEnded   = errors.New("this draft was said or dropped already")
	ErrSending = errors.New("this draft is on its way to the line")
	ErrBack    = errors.New("this version was given back; prepare it anew")
	ErrSame    = errors.New("the same person signs once; a second person is needed")
	ErrFull    = fmt.Errorf("a line has at most %d open drafts; finish or drop some first", MaxOpen)
)

var refForm = regexp.MustCompile(`^[a-z0-9-]{1,63}/[1-9][0-9]{0,18}$`)

// Head is the note's version and token.
func (n Note) Head() (version int, token string) { return n.V, n.Token }

// Check holds a note to what the book knows.
func (b *Book) Check(n Note) error {
	if err := desk.CheckHead(n); err != nil {
		return err
	}
	if err := errors.Join(desk.Plain("who wrote it", n.By, maxName), desk.Plain("the words", n.Words, maxWords)); err != nil {
		return err
	}
	if n.Do == DoWrite {
		if b.open >= MaxOpen {
			return ErrFull
		}
		return n.wording()
	}
	d, err := b.Get(n.On)
	if err != nil {
		return err
	}
	return n.on(&d)
}

// wording holds what is written to the form of a record.
func (n *Note) wording() error {
	if len(n.Cut) != 0 && len(n.Cut) != 32 {
		return fmt.Errorf("its cut has %d bytes", len(n.Cut))
	}
	if _, _, err := decode(n.Header, n.Body); err != nil {
		return err
	}
	if len(n.Typed) > maxTyped || len(n.Knew) > maxKnew {
		return errors.New("it has more parameters, or names more logs, than a record can")
	}
	for _, k := range slices.Sorted(maps.Keys(n.Typed)) {
		if err := errors.Join(desk.Plain("a parameter's name", k, maxName), desk.Plain(k, n.Typed[k], maxBytes)); err != nil {
			return err
		}
	}
	if len(n.Header)+len(n.Body) > maxBytes {
		return errors.New("it is larger than a draft can be")
	}
	return desk.Plain("what it is about", n.About, maxLine)
}

func decode(header, body []byte) (*record.Header, *record.Body, error) {
	h, err := record.DecodeHeader(header)
	if err != nil {
		return nil, nil, fmt.Errorf("its header: %w", err)
	}
	b, err := record.DecodeBody(body)
	if err != nil {
		return nil, nil, fmt.Errorf("its body: %w", err)
	}
	if h.Body != record.BodyDigest(body) {
		return nil, nil, errors.New("its header is of another body")
	}
	return h, b, nil
}

// on holds a note to the draft it is on.
func (n *Note) on(d *Draft) error {
	if d.Ended() {
		return ErrEnded
	}
	now := d.Newest()
	switch n.Do {
	case DoRelease, DoBack:
		if d.Sending == 0 || n.Version != d.Sending {
			return errors.New("this version is not on its way to the line")
		}
		if n.Do == DoRelease && !refForm.MatchString(n.Record) {
			return fmt.Errorf("%.40q is no record's name; write party/number, like blue/412", n.Record)
		}
		return nil
	case DoChange, DoSign, DoSend, DoDrop:
	default:
		return fmt.Errorf("%.40q is nothing a draft does", n.Do)
	}
	if d.Sending > 0 {
		return ErrSending
	}
	if n.Version != now.No {
		return ErrMoved
	}
	switch n.Do {
	case DoChange:
		return n.changes(d)
	case DoSign:
		return n.signs(now)
	case DoSend:
		if now.Back != nil {
			return ErrBack
		}
	}
	return nil
}

func (n *Note) changes(d *Draft) error {
	if len(d.Versions) >= maxVersions || d.bytes()+len(n.Header)+len(n.Body) > maxBytes {
		return errors.New("this draft was changed as often as one can be; write another and drop this one")
	}
	if err := n.wording(); err != nil {
		return err
	}
	digest := record.HeaderDigest(n.Header)
	if slices.ContainsFunc(d.Versions, func(v Version) bool { return v.Digest == digest }) {
		return errors.New("it is one of its own versions; nothing has changed")
	}
	return nil
}

func (n *Note) signs(v *Version) error {
	if err := desk.Line("who signs", n.Person, maxName); err != nil {
		return err
	}
	switch {
	case string(n.Digest) != string(v.Digest[:]):
		return ErrMoved
	case v.Back != nil:
		return ErrBack
	case v.signed(n.Person):
		return ErrSame
	case len(n.Signature) == 0 || len(n.Signature) > 128:
		return errors.New("it holds no signature")
	case len(v.Signed) >= maxSigned:
		return fmt.Errorf("at most %d persons sign one draft", maxSigned)
	}
	return nil
}

func (d *Draft) bytes() (n int) {
	for _, v := range d.Versions {
		n += len(v.Header) + len(v.Body)
	}
	return n
}
