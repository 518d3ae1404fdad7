// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"openline/internal/api"
	"openline/internal/desk/draft"
	"openline/internal/host"
	"openline/internal/host/hosttest"
	"openline/internal/host/shelf"
	"openline/internal/station"
)

// What is written at a console is read here, and dropped by whoever read the
// newest version.
func TestDrafts(t *testing.T) {
	w := hosttest.New(t, hosttest.Options{}, "blue", "red")
	dir := t.TempDir()
	db := hosttest.Disk(t, dir)
	h, err := host.New(w.Config("blue", host.StoreOf(db)))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 2)
	path, desk := filepath.Join(dir, api.SocketFile), shelf.New(h)
	go func() { ended <- h.Run(ctx) }()
	go func() { ended <- api.New(api.Config{Host: h, Store: db, Desk: desk}).Serve(ctx, path) }()
	t.Cleanup(func() {
		cancel()
		if err := errors.Join(<-ended, <-ended, db.Close()); err != nil {
			t.Error(err)
		}
	})
	c, line := api.NewClient(path), string(w.Line())
	for {
		if _, err := c.Health(t.Context()); err == nil {
			break
		} else if !errors.Is(err, api.ErrNotRunning) {
			t.Fatal(err)
		}
	}
	for i, text := range []string{"one wording", "another wording"} {
		n := draft.Note{Do: draft.DoWrite, By: "anna"}
		if i > 0 {
			n = draft.Note{Do: draft.DoChange, By: "ben", On: 1, Version: 1}
		}
		if n, err = desk.Wording(t.Context(), w.Line(), station.Draft{Code: "TX01", Text: text}, n); err == nil {
			_, err = desk.Write(t.Context(), w.Line(), n)
		}
		if err == nil && i == 0 {
			d, e := desk.Draft(w.Line(), 1)
			_, err = desk.Write(t.Context(), w.Line(), draft.Note{Do: draft.DoSign, On: 1, Version: 1, Person: "anna", Digest: d.Newest().Digest[:], Signature: []byte("x")})
			err = errors.Join(err, e)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	list, err := c.Drafts(t.Context(), line, "en", false)
	if err != nil || len(list) != 1 || list[0].Version != 2 || list[0].By != "anna" || !strings.Contains(list[0].Says, "another wording") {
		t.Fatalf("%+v, %v", list, err)
	}
	if !slices.Equal(list[0].Void, []api.VoidSigned{{Person: "anna", Version: 1}}) || len(list[0].Signed) != 0 || list[0].State != "open" {
		t.Errorf("%+v", list[0])
	}
	if _, err := c.DropDraft(t.Context(), line, 1, api.DropDraft{Version: 1}); err == nil || !strings.Contains(err.Error(), "has changed since it was read") {
		t.Errorf("dropped unread: %v", err)
	}
	if d, err := c.DropDraft(t.Context(), line, 1, api.DropDraft{Version: 2, By: "ben"}); err != nil || d.State != "dropped" {
		t.Errorf("%+v, %v", d, err)
	}
	if _, err := c.Draft(t.Context(), line, 2, "en"); err == nil || !strings.Contains(err.Error(), "no such draft") {
		t.Errorf("one there is not: %v", err)
	}
	if list, err = c.Drafts(t.Context(), line, "en", true); err != nil || len(list) != 1 {
		t.Errorf("with those that ended: %+v, %v", list, err)
	}
}
