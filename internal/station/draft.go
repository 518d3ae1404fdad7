// SPDX-License-Identifier: Apache-2.0

package station

import "openline/record"

// Draft is one thing a person or the machine wants to say.
type Draft struct {
	Code         string
	Status       record.Status     // zero: the line's own (exercise on an exercise line, else actual)
	Precedence   record.Precedence // zero: the phrase's
	From         string            // post speaking, e.g. "watch"
	To           []record.Address  // empty: the watch of every other party
	Re           []record.Ref
	About        record.Ref // zero: opens a thing, or follows from Re
	Written      record.Stamp
	Wished       record.Stamp
	Clocks       record.Ref // set by Prepare; zero: the newest declaration seen
	Language     string
	Params       map[string]record.Value
	Text         string
	Translations map[string]string
	Salt         [16]byte
	Attachments  []record.Attachment // taken in before by [Attach]

	People []Signature // two, where two are needed; else whoever sends it alone, with or without a signature
	Cut    [32]byte    // the state the persons were shown
}

// Signature is one person's over an [identity.Act]; without bytes a person
// is only named, by the desk they sat at.
type Signature struct {
	Person string
	Bytes  []byte
}
