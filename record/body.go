// SPDX-License-Identifier: Apache-2.0

package record

import (
	"cmp"
	"maps"
	"slices"
)

// Attachment is a file sent behind the words, by its digest. Receipts do not
// cover it.
type Attachment struct {
	Digest [32]byte
	Size   uint64
	Type   string
	Name   string
}

// Body is what is said: parameters, the author's own words, which alone are
// authoritative, courtesy translations, attachments by digest. The salt
// makes its digest one that nobody can guess.
type Body struct {
	Salt         [16]byte
	Params       map[string]Value
	Text         string
	Translations map[string]string
	Attachments  []Attachment
}

const (
	bodySalt = iota + 1
	bodyParams
	bodyText
	bodyTranslations
	bodyAttachments
)

// byEncoding orders text keys as their encodings sort: shorter first.
func byEncoding(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
}

// keys are those of m that have something to say, as they are written.
func keys[V any](m map[string]V, says func(V) bool) []string {
	list := slices.SortedFunc(maps.Keys(m), byEncoding)
	return slices.DeleteFunc(list, func(k string) bool { return !says(m[k]) })
}

// Encode writes the body. What is empty is left out.
func (b *Body) Encode() []byte {
	w := NewWriter()
	params := keys(b.Params, func(v Value) bool { return v.kind != KindNone })
	trans := keys(b.Translations, func(s string) bool { return s != "" })
	n := 1
	for _, present := range []bool{len(params) > 0, b.Text != "", len(trans) > 0, len(b.Attachments) > 0} {
		if present {
			n++
		}
	}
	w.Map(n)
	w.Uint(bodySalt)
	w.Bytes(b.Salt[:])
	if len(params) > 0 {
		w.Uint(bodyParams)
		w.Map(len(params))
		for _, k := range params {
			w.Text(k)
			b.Params[k].encode(w)
		}
	}
	if b.Text != "" {
		w.Uint(bodyText)
		w.Text(b.Text)
	}
	if len(trans) > 0 {
		w.Uint(bodyTranslations)
		w.Map(len(trans))
		for _, k := range trans {
			w.Text(k)
			w.Text(b.Translations[k])
		}
	}
	b.encodeAttachments(w)
	return w.Finish()
}

func (b *Body) encodeAttachments(w *Writer) {
	if len(b.Attachments) == 0 {
		return
	}
	w.Uint(bodyAttachments)
	w.Array(len(b.Attachments))
	for _, a := range b.Attachments {
		w.Array(4)
		w.Bytes(a.Digest[:])
		w.Uint(a.Size)
		w.Text(a.Type)
		w.Text(a.Name)
	}
}

// DecodeBody reads a body and refuses any other spelling than Encode's. Its
// length is bounded by whoever stores it ([Limits]).
func DecodeBody(in []byte) (*Body, error) {
	r := NewReader(in)
	b := &Body{}
	err := r.fields(mask(bodySalt), bodyAttachments, func(key uint64) error { return b.field(r, key) })
	if err != nil {
		return nil, err
	}
	return b, nil
}

func (b *Body) field(r *Reader, key uint64) (err error) {
	switch key {
	case bodySalt:
		var s []byte
		if s, err = r.Bytes(16); err == nil {
			if len(s) != 16 {
				return r.fail("the salt has 16 bytes")
			}
			b.Salt = [16]byte(s)
		}
	case bodyParams:
		b.Params = map[string]Value{}
		err = r.textMap(maxParams, maxKey, func(k string) error {
			v, err := decodeValue(r, 0)
			b.Params[k] = v
			return err
		})
	case bodyText:
		if b.Text, err = r.Text(maxFreeTxt); err == nil && b.Text == "" {
			err = r.fail("an empty text is left out")
		}
	case bodyTranslations:
		b.Translations = map[string]string{}
		err = r.textMap(maxTrans, maxLang, func(k string) error {
			s, err := r.Text(maxFreeTxt)
			if err == nil && s == "" {
				err = r.fail("an empty translation is left out")
			}
			b.Translations[k] = s
			return err
		})
	case bodyAttachments:
		b.Attachments, err = several(r, maxAttach, "attachments", decodeAttachment)
	}
	return err
}

// textMap walks a map with text keys in the order of their encodings.
func (r *Reader) textMap(max, maxKey int, field func(key string) error) error {
	n, err := r.MapLen(max)
	if err != nil {
		return err
	}
	if n == 0 {
		return r.fail("an empty map is left out")
	}
	prev := ""
	for i := range n {
		k, err := r.name(maxKey)
		if err != nil {
			return err
		}
		if i > 0 && byEncoding(k, prev) <= 0 {
			return r.fail("key %q after key %q", k, prev)
		}
		prev = k
		if err := field(k); err != nil {
			return err
		}
	}
	return nil
}

func decodeAttachment(r *Reader) (a Attachment, err error) {
	if err = r.Tuple(4, "an attachment"); err != nil {
		return a, err
	}
	if a.Digest, err = decodeHash(r); err != nil {
		return a, err
	}
	if a.Size, err = r.Uint(); err != nil {
		return a, err
	}
	if a.Type, err = r.name(maxName); err != nil {
		return a, err
	}
	a.Name, err = r.name(maxName)
	return a, err
}
