// SPDX-License-Identifier: Apache-2.0

package link

import (
	"errors"
	"time"

	"openline/record"
)

// Part is a place in an attachment: the bytes of a digest from an offset on.
type Part struct {
	Digest [32]byte
	Offset uint64
}

// wantRate is how many wants a second a peer may send; a burst of four times
// that is let through. What is asked for faster is left unanswered.
const wantRate = 1000

var (
	errDigest = errors.New("a digest has 32 bytes")
	errOffset = errors.New("an offset is beyond the largest attachment")
)

// asking is the one piece a session waits for.
type asking struct {
	part Part
	most int
	at   time.Duration
}

// SendWant asks for at most most bytes of a part. It reports false, and asks
// nothing, while another piece is waited for, and before the session is up.
func (s *Session) SendWant(p Part, most int, now time.Duration) bool {
	most = min(most, MaxPiece)
	if !s.IsUp() || s.Asking() || most < 1 || p.Offset > MaxOffset {
		return false
	}
	s.asking = asking{p, most, now}
	s.queue(frame{kind: frameWant, part: p, n: uint64(most)})
	return true
}

// Asking reports whether a piece is waited for.
func (s *Session) Asking() bool { return s.asking.most > 0 }

// SendPiece answers a want. It leaves behind every other frame, and only one
// waits: of two wants the later is answered.
func (s *Session) SendPiece(p Part, payload []byte) {
	if s.IsUp() && len(payload) > 0 && len(payload) <= MaxPiece {
		s.pieces = [][]byte{frame{kind: framePiece, part: p, payload: payload}.encode()}
	}
}

func (s *Session) takeWant(f frame, now time.Duration) ([]Event, error) {
	if !s.answers.spend(1, now) {
		s.answers.giveBack(1)
		return nil, nil
	}
	return []Event{{Kind: Want, Part: f.part, Most: int(f.n)}}, nil
}

// takePiece gives what was asked for. Any other piece may be one that came
// twice or late: nothing is told of it, and it costs what a package costs.
func (s *Session) takePiece(f frame, now time.Duration) ([]Event, error) {
	a := s.asking
	if !s.Asking() || f.part != a.part || len(f.payload) > a.most {
		if !s.bytes.spend(float64(charge(f.payload)), now) {
			return nil, s.end(CodeRate, "pieces that nobody asked for")
		}
		return nil, nil
	}
	s.asking = asking{}
	return []Event{{Kind: Piece, Part: f.part, Payload: f.payload}}, nil
}

// unanswered gives up what does not come: it may be asked for elsewhere.
func (s *Session) unanswered(now time.Duration) []Event {
	a := s.asking
	if !s.Asking() || now-a.at < s.cfg.StallAfter {
		return nil
	}
	s.asking = asking{}
	return []Event{{Kind: Unanswered, Part: a.part}}
}

func (p Part) encode(w *record.Writer) {
	w.Bytes(p.Digest[:])
	w.Uint(p.Offset)
}

func decodePart(r *record.Reader) (p Part, err error) {
	digest, err := r.Bytes(len(p.Digest))
	if err != nil {
		return p, err
	}
	if len(digest) != len(p.Digest) {
		return p, errDigest
	}
	p.Digest = [32]byte(digest)
	if p.Offset, err = r.Uint(); err == nil && p.Offset > MaxOffset {
		err = errOffset
	}
	return p, err
}
