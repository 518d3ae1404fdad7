// SPDX-License-Identifier: Apache-2.0

package draft

import (
	"slices"
	"time"

	"openline/record"
)

// Kind is the kind of the journal's entries that this room folds.
const Kind = "draft"

// Draft is something written that is not said yet, or was.
type Draft struct {
	No       int
	At       time.Time // when it was first written
	By       string
	Versions []Version // oldest first; of what ended only the last that counted
	Sending  int       // the version on its way to the line; 0: none
	Under    string    // the token it is said under: said again, it is the same record
	Released *Outcome
	Dropped  *Outcome
}

// Version is one wording.
type Version struct {
	No     int
	At     time.Time
	By     string
	Header []byte // as it would be recorded
	Body   []byte
	Digest [32]byte // of the header, which holds that of the body
	About  string   // the thing, as the act two persons sign names it
	Cut    [32]byte // the state of that thing when it was written
	Knew   map[string]uint64
	Typed  map[string]string // parameters as they were typed, to go on from
	Signed []Signature
	Back   *Outcome // it was given back: nothing was said by it
}

// Signature is one person's over a version.
type Signature struct {
	Person string
	At     time.Time
	Bytes  []byte
}

// Outcome is what became of a draft, or of a version that was given back.
type Outcome struct {
	At      time.Time
	By      string
	Version int
	Record  string // as party/number
	Words   string
}

// Newest is the version that counts.
func (d *Draft) Newest() *Version { return &d.Versions[len(d.Versions)-1] }

// Version gives one by its number; nil: it is not kept.
func (d *Draft) Version(no int) *Version {
	for i := range d.Versions {
		if d.Versions[i].No == no {
			return &d.Versions[i]
		}
	}
	return nil
}

// Ended reports whether it was said or dropped.
func (d *Draft) Ended() bool { return d.Released != nil || d.Dropped != nil }

// Void are signatures over earlier versions, each person's newest, oldest
// first. They count no more; they say what that person last agreed to.
func (d *Draft) Void() (out []VoidSignature) {
	now := d.Newest()
	if now.Back != nil { // what was signed of it counts no more either
		return out
	}
	for i := len(d.Versions) - 2; i >= 0; i-- {
		v := &d.Versions[i]
		for _, s := range v.Signed {
			if !now.signed(s.Person) && !slices.ContainsFunc(out, func(x VoidSignature) bool { return x.Person == s.Person }) {
				out = append(out, VoidSignature{s.Person, s.At, v.No})
			}
		}
	}
	slices.Reverse(out)
	return out
}

// VoidSignature is one over a version that is not the newest.
type VoidSignature struct {
	Person  string
	At      time.Time
	Version int
}

func (v *Version) signed(person string) bool {
	return slices.ContainsFunc(v.Signed, func(s Signature) bool { return s.Person == person })
}

// Decode reads the header and body of a version.
func (v *Version) Decode() (*record.Header, *record.Body, error) { return decode(v.Header, v.Body) }
