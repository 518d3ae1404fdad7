// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"openline/internal/api"
	"openline/internal/home"
	"openline/internal/store"
	"openline/internal/store/sqlite"
)

func (a *app) backupCommand() *cobra.Command {
	var out string
	c := &cobra.Command{
		Use:   "backup [DIR] -o FILE",
		Short: "Write a backup: the store, the settings, what was signed; no key of the party or the station",
		Long: `Write a backup, also while the station runs: the store, the settings, the cards
and agreements, and the sealed keys of persons. It holds neither the party's key
nor the station's: a restore opens a new generation, with keys of its own.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usageError("name one directory: openline backup DIR -o FILE")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if out == "" {
				return usageError("say where the backup goes: -o FILE")
			}
			h, err := a.home(args...)
			if err != nil {
				return err
			}
			if _, err := os.Lstat(out); !errors.Is(err, os.ErrNotExist) {
				return fmt.Errorf("%s is there already; choose another name", out)
			}
			size, err := backup(cmd.Context(), h, out)
			if err != nil {
				return err
			}
			v := struct {
				File  string `json:"file"`
				Bytes int64  `json:"bytes"`
			}{out, size}
			return a.print(v, fmt.Sprintf("The backup is in %s (%d bytes). Keep the party's key apart from it.\n", out, size))
		},
	}
	c.Flags().StringVarP(&out, "output", "o", "", "write the backup to this file")
	return a.jsonFlag(c)
}

// copyStore makes a copy of the store at a path of the caller's choice: the
// running station's own, or else of the file.
func copyStore(ctx context.Context, h *home.Home, to string) (err error) {
	err = api.NewClient(h.Socket()).Backup(ctx, to)
	if !errors.Is(err, api.ErrNotRunning) {
		return err
	}
	db, err := sqlite.Open(h.Database())
	if errors.Is(err, store.ErrLocked) {
		return errors.New("another process has the station open; wait until it has ended")
	} else if err != nil {
		return err
	}
	return errors.Join(db.Backup(to), db.Close())
}

func backup(ctx context.Context, h *home.Home, out string) (size int64, err error) {
	out, err = filepath.Abs(out)
	if err != nil {
		return 0, err
	}
	tmp, err := os.MkdirTemp(filepath.Dir(out), ".openline-backup-")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(tmp)) }()
	database, whole := filepath.Join(tmp, "store"), filepath.Join(tmp, "whole")
	if err := copyStore(ctx, h, database); err != nil {
		return 0, err
	}
	f, err := os.OpenFile(whole, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return 0, err
	}
	if err = errors.Join(h.Backup(f, database), f.Sync(), f.Close()); err != nil {
		return 0, err
	}
	info, err := os.Stat(whole)
	if err != nil {
		return 0, err
	}
	if err := os.Link(whole, out); err != nil {
		return 0, err
	}
	return info.Size(), home.Flush(filepath.Dir(out))
}
