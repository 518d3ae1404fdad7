// SPDX-License-Identifier: Apache-2.0

package link

import (
	"bytes"
	"errors"
	"testing"
	"time"
)

func TestOnePieceAtATime(t *testing.T) {
	b, r := meet(t, 0)
	p := vectorPart()
	if !b.SendWant(p, 1<<20, 0) || b.SendWant(p, 5, 0) {
		t.Fatal("a second want while the first is not answered")
	}
	got := carry(t, b, r, 0)
	if len(got) != 1 || got[0].Kind != Want || got[0].Part != p || got[0].Most != MaxPiece {
		t.Fatalf("%+v", got)
	}
	r.SendPiece(p, []byte("bytes"))
	got = carry(t, r, b, 0)
	if len(got) != 1 || got[0].Kind != Piece || string(got[0].Payload) != "bytes" || b.Asking() {
		t.Fatalf("%+v", got)
	}
	// The same piece once more is told to nobody.
	r.SendPiece(p, []byte("bytes"))
	if got = carry(t, r, b, 0); len(got) > 0 {
		t.Fatalf("%+v", got)
	}
}

func TestAWantThatIsNotAnswered(t *testing.T) {
	b, _ := meet(t, 0)
	b.SendWant(vectorPart(), 100, 0)
	if at := b.Next(); at > 10*time.Second {
		t.Errorf("next at %v", at)
	}
	if _, err := b.Receive(ping(1), 10*time.Second); err != nil {
		t.Fatal(err)
	}
	events, err := b.Tick(10 * time.Second)
	if err != nil || len(events) != 1 || events[0].Kind != Unanswered || events[0].Part != vectorPart() || b.Asking() {
		t.Fatalf("%+v, %v", events, err)
	}
}

func TestPiecesLeaveLast(t *testing.T) {
	b, _ := meet(t, 0)
	b.SendPiece(vectorPart(), []byte("piece"))
	b.SendPiece(vectorPart(), []byte("later piece"))
	b.SendPackage(Have{blue, 1, 1}, []byte("package"), 0)
	b.SendAhead([]byte("flash"))
	out := b.Out()
	if len(out) != 3 || !bytes.Contains(out[0], []byte("flash")) || !bytes.Contains(out[1], []byte("package")) || !bytes.Contains(out[2], []byte("later piece")) {
		t.Errorf("%d frames: %q", len(out), out)
	}
}

func TestAPieceLongerThanAsked(t *testing.T) {
	b, r := meet(t, 0)
	b.SendWant(vectorPart(), 5, 0)
	carry(t, b, r, 0)
	r.SendPiece(vectorPart(), []byte("longer"))
	if got := carry(t, r, b, 0); len(got) > 0 || !b.Asking() {
		t.Errorf("%+v", got)
	}
}

func TestPiecesNobodyAskedForEndTheSession(t *testing.T) {
	b, _ := meet(t, 0)
	piece := frame{kind: framePiece, part: vectorPart(), payload: make([]byte, MaxPiece)}.encode()
	for range 2*MaxWindow/MaxPiece + 1 {
		if _, err := b.Receive(piece, 0); err != nil {
			if e := (*Error)(nil); !errors.As(err, &e) || e.Code != CodeRate {
				t.Fatal(err)
			}
			return
		}
	}
	t.Fatal("the session goes on")
}

func TestWantsWithoutEnd(t *testing.T) {
	b, _ := meet(t, 0)
	want := frame{kind: frameWant, part: vectorPart(), n: 5}.encode()
	told := 0
	for range 6 * wantRate {
		events, err := b.Receive(want, 0)
		if err != nil {
			t.Fatal(err)
		}
		told += len(events)
	}
	if told != 4*wantRate {
		t.Errorf("%d wants told", told)
	}
}
