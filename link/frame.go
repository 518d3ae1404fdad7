// SPDX-License-Identifier: Apache-2.0

package link

import (
	"errors"
	"fmt"

	"openline/identity"
	"openline/record"
)

// Version is the link protocol this package speaks (spec/link.md section 2).
const Version = 1

// Specification limits (spec/link.md section 3). A larger frame, list or
// string ends the session before it is parsed.
const (
	MaxFrame     = 1 << 20       // bytes of one frame
	MaxPayload   = MaxFrame - 64 // bytes of one package or entry ahead of its place
	MaxStatement = 16 << 10      // bytes of one statement
	MaxCard      = 32 << 10      // bytes of one station card
	MaxHolds     = 512           // logs named in one hello or have
	MaxNote      = 16 << 10      // bytes of a signed note carried in a hello
	MaxSignature = 4 << 10       // bytes of a session signature
	BootLen      = 16            // bytes of a boot id
	MaxWindow    = 4 << 20       // bytes of packages on their way to one side
	MinCharge    = 1 << 10       // what the smallest package counts for in the window
	MaxPiece     = 32 << 10      // bytes of one piece of an attachment
	MaxOffset    = 64<<20 - 1    // of a piece within an attachment
)

// What a bearer session exports for the first frame (spec/link.md section 4):
// RFC 8446 section 7.5 with this label, no context and so many bytes.
const (
	ExporterLabel = "EXPORTER-openline/session/v1"
	ExporterLen   = 32
)

type frameType uint64

const (
	frameHello     frameType = 1
	frameHave      frameType = 2
	framePackage   frameType = 3
	frameStatement frameType = 4
	frameAhead     frameType = 5
	frameCard      frameType = 6
	framePing      frameType = 7
	framePong      frameType = 8
	frameAskPQ     frameType = 9
	frameBye       frameType = 10
	frameWant      frameType = 11
	framePiece     frameType = 12
)

// fields is the number of elements of each frame's array, the type included.
var fields = map[frameType]int{
	frameHello: 12, frameHave: 2, framePackage: 5, frameStatement: 2,
	frameAhead: 2, frameCard: 2, framePing: 3, framePong: 3, frameAskPQ: 1, frameBye: 2,
	frameWant: 4, framePiece: 4,
}

var maxPayload = map[frameType]int{frameStatement: MaxStatement, frameAhead: MaxPayload, frameCard: MaxCard}

// Boot identifies one start of one station process. The zero value means
// none seen.
type Boot [BootLen]byte

// Have says how many entries of one generation of one party's log a station
// holds, whole and durably. It is a claim: it moves packages and proves
// nothing.
type Have struct {
	Party      record.PartyNo
	Generation uint32
	Size       uint64
}

// Hello is the first frame each way.
type Hello struct {
	Line       identity.LineID
	From, To   record.PartyNo
	Role       byte // RoleDialer or RoleListener
	Generation uint32
	Boot       Boot
	Echo       Boot   // the newest boot of the addressee the sender has seen
	Yours      []byte // the newest checkpoint note of the addressee's own log the sender holds, signed by the addressee
	Holds      []Have
	Signature  []byte // ML-DSA over line, role and exporter
}

// Roles are bound into the session signature, so that one side's hello can
// never stand for the other's.
const (
	RoleDialer   byte = 1
	RoleListener byte = 2
)

var errFields = errors.New("wrong number of fields")

type frame struct {
	kind    frameType
	hello   Hello
	holds   []Have
	through Have
	payload []byte
	n       uint64 // of a ping or pong; the code of a bye
	echo    Boot
	part    Part // of a want or piece; n is then the most bytes wanted
}

func (f frame) encode() []byte {
	w := record.NewWriter()
	w.Array(fields[f.kind])
	w.Uint(uint64(f.kind))
	switch f.kind {
	case frameHello:
		f.hello.encode(w)
	case frameHave:
		encodeHolds(w, f.holds)
	case framePackage:
		w.Uint(uint64(f.through.Party))
		w.Uint(uint64(f.through.Generation))
		w.Uint(f.through.Size)
		w.Bytes(f.payload)
	case frameStatement, frameAhead, frameCard:
		w.Bytes(f.payload)
	case framePing, framePong:
		w.Uint(f.n)
		w.Bytes(f.echo[:])
	case frameBye:
		w.Uint(f.n)
	case frameWant:
		f.part.encode(w)
		w.Uint(f.n)
	case framePiece:
		f.part.encode(w)
		w.Bytes(f.payload)
	}
	return w.Finish()
}

func (h Hello) encode(w *record.Writer) {
	w.Uint(Version)
	w.Text(string(h.Line))
	w.Uint(uint64(h.From))
	w.Uint(uint64(h.To))
	w.Uint(uint64(h.Role))
	w.Uint(uint64(h.Generation))
	w.Bytes(h.Boot[:])
	w.Bytes(h.Echo[:])
	w.Bytes(h.Yours)
	encodeHolds(w, h.Holds)
	w.Bytes(h.Signature)
}

func encodeHolds(w *record.Writer, holds []Have) {
	w.Array(len(holds))
	for _, h := range holds {
		w.Array(3)
		w.Uint(uint64(h.Party))
		w.Uint(uint64(h.Generation))
		w.Uint(h.Size)
	}
}

// decodeFrame reads one frame. Its errors say what is wrong and where; the
// session answers every one of them with CodeMalformed.
func decodeFrame(b []byte) (frame, error) {
	if len(b) > MaxFrame {
		return frame{}, fmt.Errorf("frame of %d bytes is larger than %d", len(b), MaxFrame)
	}
	r := record.NewReader(b)
	n, err := r.ArrayLen(12)
	if err != nil {
		return frame{}, err
	}
	kind, err := r.Uint()
	if err != nil {
		return frame{}, err
	}
	f := frame{kind: frameType(kind)}
	want, known := fields[f.kind]
	if !known {
		return frame{}, fmt.Errorf("unknown frame type %d", kind)
	}
	if n != want {
		return frame{}, fmt.Errorf("frame type %d: %w", kind, errFields)
	}
	if err := f.decode(r); err != nil {
		return frame{}, fmt.Errorf("frame type %d: %w", kind, err)
	}
	return f, r.Done()
}

func (f *frame) decode(r *record.Reader) (err error) {
	switch f.kind {
	case frameHello:
		f.hello, err = decodeHello(r)
	case frameHave:
		f.holds, err = decodeHolds(r)
	case framePackage:
		if f.through, err = decodeHave(r); err == nil {
			f.payload, err = r.Bytes(MaxPayload)
		}
	case frameStatement, frameAhead, frameCard:
		f.payload, err = r.Bytes(maxPayload[f.kind])
	case framePing, framePong:
		if f.n, err = r.Uint(); err == nil {
			f.echo, err = decodeBoot(r)
		}
	case frameBye:
		f.n, err = r.Uint()
	case frameWant:
		if f.part, err = decodePart(r); err == nil {
			f.n, err = uintFrom1(r, MaxPiece)
		}
	case framePiece:
		if f.part, err = decodePart(r); err == nil {
			f.payload, err = r.Bytes(MaxPiece)
		}
		if err == nil && len(f.payload) == 0 {
			err = errors.New("a piece without bytes")
		}
	}
	return err
}

func decodeHello(r *record.Reader) (h Hello, err error) {
	version, err := r.Uint()
	if err != nil {
		return h, err
	}
	if version != Version {
		return h, fmt.Errorf("link version %d, this station speaks %d", version, Version)
	}
	line, err := r.Text(255)
	if err != nil {
		return h, err
	}
	h.Line = identity.LineID(line)
	var nums [4]uint64
	for i, limit := range []uint64{1<<16 - 1, 1<<16 - 1, 2, 1<<32 - 1} {
		if nums[i], err = uintFrom1(r, limit); err != nil {
			return h, err
		}
	}
	h.From, h.To = record.PartyNo(nums[0]), record.PartyNo(nums[1])
	h.Role, h.Generation = byte(nums[2]), uint32(nums[3])
	if h.Boot, err = decodeBoot(r); err != nil {
		return h, err
	}
	if h.Echo, err = decodeBoot(r); err != nil {
		return h, err
	}
	if h.Yours, err = r.Bytes(MaxNote); err != nil {
		return h, err
	}
	if h.Holds, err = decodeHolds(r); err != nil {
		return h, err
	}
	h.Signature, err = r.Bytes(MaxSignature)
	return h, err
}

func decodeBoot(r *record.Reader) (b Boot, err error) {
	raw, err := r.Bytes(BootLen)
	if err != nil {
		return b, err
	}
	if len(raw) != BootLen {
		return b, errors.New("boot id is not 16 bytes")
	}
	return Boot(raw), nil
}

func decodeHolds(r *record.Reader) ([]Have, error) {
	n, err := r.ArrayLen(MaxHolds)
	if err != nil {
		return nil, err
	}
	holds := make([]Have, 0, n)
	for range n {
		if k, err := r.ArrayLen(3); err != nil {
			return nil, err
		} else if k != 3 {
			return nil, errFields
		}
		h, err := decodeHave(r)
		if err != nil {
			return nil, err
		}
		holds = append(holds, h)
	}
	return holds, nil
}

func decodeHave(r *record.Reader) (h Have, err error) {
	party, err := uintFrom1(r, 1<<16-1)
	if err != nil {
		return h, err
	}
	generation, err := uintFrom1(r, 1<<32-1)
	if err != nil {
		return h, err
	}
	size, err := r.Uint()
	return Have{record.PartyNo(party), uint32(generation), size}, err
}

func uintFrom1(r *record.Reader, limit uint64) (uint64, error) {
	v, err := r.Uint()
	if err == nil && (v == 0 || v > limit) {
		err = fmt.Errorf("number %d is not between 1 and %d", v, limit)
	}
	return v, err
}
